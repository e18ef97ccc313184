"""scikit-learn's estimator checks, and its own tests run with our functions."""

import ast
import inspect
from importlib.util import find_spec, module_from_spec
from unittest import mock

import pytest
from served import SERVED
from sklearn.utils.estimator_checks import parametrize_with_checks

import skmi
from skmi.criteria import CRITERIA
from skmi.estimators import ESTIMATORS, KSG, PlugIn

SELECTORS = [
    skmi.MISelector(1, criterion=criterion, estimator=estimator)
    for criterion, estimator in SERVED
]


AUTO_SELECTORS = [
    skmi.MISelector("auto", n_permutations=19, random_state=0),
    skmi.MISelector("auto", pairs_first=True, n_permutations=19, random_state=0),
    skmi.MISelector("auto", criterion="cmi", p_value="analytic", backward=True),
]


@pytest.mark.filterwarnings("ignore:No features were selected")  # some checks fit noise
@parametrize_with_checks([*SELECTORS, *AUTO_SELECTORS, skmi.FCBF()])
def test_estimator_checks(estimator, check):
    check(estimator)


def test_every_criterion_and_estimator_is_checked():
    assert {s.criterion for s in SELECTORS} == set(CRITERIA)
    assert {s.estimator for s in SELECTORS} == set(ESTIMATORS)


def compute_mi(x, y, x_discrete, y_discrete, n_neighbors=3):
    """Replace a private function of scikit-learn that its tests call."""
    estimator = KSG(n_neighbors, marginals="raw")
    if x_discrete and y_discrete:
        estimator = PlugIn(correction=None)
    return max(
        0,
        skmi.mutual_info(
            x, y, estimator=estimator, discrete_x=x_discrete, discrete_y=y_discrete
        ),
    )


def load_sklearn_tests():
    """Import scikit-learn's tests with our functions in place of its own."""
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


SKLEARN_MODULE = load_sklearn_tests()
SKLEARN_TESTS = {
    name: test for name, test in vars(SKLEARN_MODULE).items() if name[:5] == "test_"
}
globals().update(SKLEARN_TESTS)  # pytest collects tests from globals


def test_all_sklearn_tests_run_with_our_functions():
    defined = {
        node.name
        for node in ast.parse(inspect.getsource(SKLEARN_MODULE)).body
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    }
    assert set(SKLEARN_TESTS) == defined
    assert len(defined) >= 10
    assert SKLEARN_MODULE.mutual_info_classif is skmi.mutual_info_classif
    assert SKLEARN_MODULE.mutual_info_regression is skmi.mutual_info_regression
    assert SKLEARN_MODULE._compute_mi is compute_mi
