"""scikit-learn's checks of estimators, and its own tests of the functions replaced."""

import ast
import inspect
from importlib.util import find_spec, module_from_spec
from unittest import mock

import pytest
from served import SERVED
from sklearn.utils.estimator_checks import parametrize_with_checks

import skmi
from skmi.criteria import CRITERIA
from skmi.estimators import ESTIMATORS, KSG

SELECTORS = [
    skmi.MISelector(1, criterion=criterion, estimator=estimator)
    for criterion, estimator in SERVED
]


BY_THEMSELVES = [
    skmi.MISelector("auto", n_permutations=19, random_state=0),
    skmi.MISelector("auto", pairs_first=True, n_permutations=19, random_state=0),
    skmi.MISelector("auto", criterion="cmi", p_value="analytic", backward=True),
]


@pytest.mark.filterwarnings("ignore:No features were selected")  # of noise
@parametrize_with_checks([*SELECTORS, *BY_THEMSELVES, skmi.FCBF()])
def test_estimator_checks(estimator, check):
    check(estimator)


def test_every_criterion_and_estimator_is_checked():
    assert {s.criterion for s in SELECTORS} == set(CRITERIA)
    assert {s.estimator for s in SELECTORS} == set(ESTIMATORS)


def compute_mi(x, y, x_discrete, y_discrete, n_neighbors=3):
    """What scikit-learn keeps private and tests nevertheless."""
    estimator = KSG(n_neighbors, marginals="raw")
    return max(
        0,
        skmi.mutual_info(
            x, y, estimator=estimator, discrete_x=x_discrete, discrete_y=y_discrete
        ),
    )


def load_their_tests():
    """Import scikit-learn's test module with our functions in the place of its own."""
    spec = find_spec("sklearn.feature_selection.tests.test_mutual_info")
    module = module_from_spec(spec)
    with (
        mock.patch.multiple(
            "sklearn.feature_selection",
            mutual_info_classif=skmi.mutual_info_classif,
            mutual_info_regression=skmi.mutual_info_regression,
        ),
        mock.patch("sklearn.feature_selection._mutual_info._compute_mi", compute_mi),
    ):
        spec.loader.exec_module(module)
    return module


THEIRS = load_their_tests()
THEIR_TESTS = {name: test for name, test in vars(THEIRS).items() if name[:5] == "test_"}
globals().update(THEIR_TESTS)  # from here pytest collects them


def test_all_of_their_tests_run_on_ours():
    written = {
        node.name
        for node in ast.parse(inspect.getsource(THEIRS)).body
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    }
    assert set(THEIR_TESTS) == written
    assert len(written) >= 10
    assert THEIRS.mutual_info_classif is skmi.mutual_info_classif
    assert THEIRS.mutual_info_regression is skmi.mutual_info_regression
    assert THEIRS._compute_mi is compute_mi
