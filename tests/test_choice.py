"""estimator="auto": which estimator suits a table."""

import numpy as np
import pandas as pd
import pytest

from skmi import MISelector
from skmi.cli import main
from skmi.estimators import GaussianCopula, PlugIn


def table(rng, n, p=10):
    return rng.standard_normal((n, p))


def chosen(X, y, **parameters):
    selector = MISelector(2, **parameters)
    assert selector.estimator == "auto"  # the default
    return type(selector.fit(X, y).estimator_)


@pytest.mark.parametrize(
    ("n", "classes", "expected"),
    [
        (20, True, GaussianCopula),
        (499, True, GaussianCopula),
        (500, True, PlugIn),
        (20, False, GaussianCopula),
        (999, False, GaussianCopula),
        (1000, False, PlugIn),
    ],
)
def test_few_samples_have_the_copula(rng, n, classes, expected):
    X = table(rng, n)
    y = X[:, 0] + rng.standard_normal(n)
    assert chosen(X, y > 0 if classes else y) is expected


CURVES = {
    "parabola": lambda x: x**2,
    "wave": lambda x: np.sin(3 * x),
    "edge": lambda x: np.abs(x) > 1,
    "hat": lambda x: np.exp(-(x**2)),
}
MONOTONE = {
    "line": lambda x: x,
    "exponential": np.exp,
    "cube": lambda x: x**3,
    "step": lambda x: x > 0.5,
    "logistic": lambda x: 1 / (1 + np.exp(-5 * x)),
    "nothing": lambda x: 0 * x,
}


@pytest.mark.parametrize("curve", CURVES)
@pytest.mark.parametrize("scale", [lambda x: x, np.exp])
def test_a_curve_has_bins(rng, curve, scale):
    X = table(rng, 200)
    y = CURVES[curve](X[:, 3]) + 0.3 * rng.standard_normal(200)
    assert chosen(scale(X), y) is PlugIn
    assert 3 in MISelector("auto", random_state=0).fit(X, y).path_


@pytest.mark.parametrize("wave", [4, 8])
def test_a_wave_of_classes_has_bins(rng, wave):
    X = rng.uniform(-1, 1, (300, 10))
    y = (np.sin(wave * X[:, 3]) > 0) ^ (rng.random(300) < 0.1)
    assert chosen(X, y) is PlugIn
    assert MISelector(1).fit(X, y).path_.tolist() == [3]


def test_classes_of_a_monotone_relation_or_a_hat_have_the_copula(rng):
    n_curved = 0
    for _ in range(20):
        X = table(rng, 200)
        noise = 0.3 * rng.standard_normal(200)
        for y in (X[:, 3] + noise > 0, np.abs(X[:, 3]) + noise > 1, noise > 0):
            n_curved += chosen(X, y) is PlugIn
    assert n_curved <= 6  # of 60


@pytest.mark.parametrize("relation", MONOTONE)
def test_a_monotone_relation_has_the_copula(rng, relation):
    for _ in range(20):
        X = table(rng, 150)
        y = MONOTONE[relation](X[:, 3]) + 0.3 * rng.standard_normal(150)
        assert chosen(X, y) is GaussianCopula


def test_curves_are_rarely_found_by_chance(rng):
    n_curved = sum(
        chosen(table(rng, 60, 20), rng.standard_normal(60)) is PlugIn
        for _ in range(300)
    )
    assert n_curved <= 10  # of 300, at the level .01; more than 10 in one of 1e4


def test_the_choice_is_that_of_the_kinds(rng):
    letters = pd.DataFrame(rng.choice(list("abc"), (100, 4))).add_prefix("x")
    assert chosen(letters, rng.random(100) < 0.5) is PlugIn
    assert chosen(letters, rng.standard_normal(100)) is GaussianCopula
    assert chosen(letters.assign(x=1.0), rng.random(100) < 0.5) is GaussianCopula


@pytest.mark.parametrize(
    "parameters",
    [
        {"criterion": "disr"},
        {"criterion": "nmifs"},
        {"pairs_first": True},
    ],
)
def test_what_the_copula_lacks_has_bins(rng, parameters):
    assert chosen(table(rng, 50), rng.random(50) < 0.5, **parameters) is PlugIn


def test_the_g_test_has_bins(rng):
    X, y = table(rng, 50), rng.random(50) < 0.5
    selector = MISelector("auto", criterion="cmi", p_value="analytic").fit(X, y)
    assert type(selector.estimator_) is PlugIn


def test_two_rows_and_constants(rng):
    assert chosen([[0.0, 1.0], [1.0, 3.0]], [0.5, 1.5]) is GaussianCopula
    X = np.ones((30, 3))
    assert chosen(X, rng.standard_normal(30)) is GaussianCopula


def test_an_unknown_name_lists_auto(rng):
    with pytest.raises(ValueError, match=r"give one of \['auto', 'copula', 'kde'"):
        MISelector(2, estimator="best").fit(table(rng, 20), rng.random(20))


def test_the_command_line_says_what_was_chosen(rng, tmp_path, capsys):
    X = pd.DataFrame(table(rng, 80)).add_prefix("x")
    X.assign(y=X["x1"] + 0.1 * rng.standard_normal(80)).to_csv(tmp_path / "t.csv")
    assert main(["select", str(tmp_path / "t.csv"), "--target", "y", "-k", "1"]) == 0
    assert "cmim, copula" in capsys.readouterr().out
    arguments = ["select", str(tmp_path / "t.csv"), "--target", "y", "-k", "1"]
    assert main([*arguments, "--correction", "miller-madow"]) == 0
    assert "cmim, plugin miller-madow" in capsys.readouterr().out
