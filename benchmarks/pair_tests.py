"""Tests of independence of two variables, of this package and of others."""

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from importlib.metadata import version

import numpy as np
from scipy.stats import chatterjeexi, f_oneway, kruskal, pearsonr, spearmanr

from skmi import MIScorer, independence_test
from skmi._data.columns import Columns
from skmi._estimation.exchange import check_exchange
from skmi._estimation.permutation import permutation_pvalues
from skmi._estimation.scales import SCALES, _prepare

N_PERMUTATIONS = 199
OURS = "test over scales"
# The names of tests that other code reads.
PEARSON, XI, DISTANCE = "Pearson", "Chatterjee's xi", "distance correlation"


@dataclass(frozen=True)
class Test:
    """Tests with `call(x, y, classes, seed)`, which returns a p-value for each label.

    `classes` is whether y contains classes. If it does, y contains the numbers 0, 1,
    ..., and x is a number.
    """

    call: Callable
    labels: tuple[str, ...]
    share: float = 1  # of the tables of a section, for slow tests
    package: str | None = None  # which need not be installed
    ours: bool = False

    def n_tables(self, n_tables: int) -> int:
        return max(2, round(self.share * n_tables))


def over_scales(x, y, classes: bool, seed: int) -> list[float]:
    found = independence_test(
        x, y, discrete_y=classes, n_permutations=N_PERMUTATIONS, random_state=seed
    )
    return [found.pvalue]


def of_each_scale(x, y, classes: bool, seed: int) -> Sequence[float]:
    """Test by one scale alone."""
    columns = Columns(np.column_stack([x, y]).astype(float), np.array([False, classes]))
    one, other = (_prepare(columns, np.array([i]), seed, i) for i in range(2))
    own = one.statistics(other, np.arange(len(x))[None])
    orders = check_exchange("rows", None, len(x)).orders(seed, range(N_PERMUTATIONS))
    permuted = one.statistics(other, orders)
    return permutation_pvalues(own[0, :, 0], permuted[:, :, 0].T)


def of_score(x, y, classes: bool, seed: int, estimator: str) -> list[float]:
    """Test by an estimate."""
    scorer = MIScorer(
        estimator, p_value="permutation", test="score", discrete_target=classes,
        n_permutations=N_PERMUTATIONS, random_state=seed,
    )  # fmt: skip
    return list(scorer(x[:, None], y)[1])


def in_classes(x, y) -> list[np.ndarray]:
    return [x[y == label] for label in np.unique(y)]


def pearson(x, y, classes: bool, seed: int) -> list[float]:
    found = f_oneway(*in_classes(x, y)) if classes else pearsonr(x, y)
    return [found.pvalue]


def spearman(x, y, classes: bool, seed: int) -> list[float]:
    found = kruskal(*in_classes(x, y)) if classes else spearmanr(x, y)
    return [found.pvalue]


def xi(x, y, classes: bool, seed: int) -> list[float]:
    """Test as published: y as a function of x. Classes without order are left out."""
    many = classes and y.max() > 1
    return [np.nan if many else chatterjeexi(x, y).pvalue]


def by_hyppo(x, y, classes: bool, seed: int, name: str, **options) -> list[float]:
    """Test by a function of hyppo, which gets classes as columns of 0 and 1."""
    values = y == np.arange(y.max() + 1)[:, None] if classes else y[None]
    x, values = np.array(x, float)[:, None], values.astype(float).T
    test = getattr(import_module("hyppo.independence"), name)()
    return [test.test(x, np.ascontiguousarray(values), workers=1, **options).pvalue]


PERMUTED = {"reps": N_PERMUTATIONS, "auto": False}

TESTS = [
    Test(over_scales, (OURS,), ours=True),
    Test(of_each_scale, tuple(f"{name} scale alone" for name in SCALES), ours=True),
    Test(partial(of_score, estimator="ksg"), ("KSG",), 0.1, ours=True),
    Test(partial(of_score, estimator="copula"), ("GaussianCopula",), 0.1, ours=True),
    Test(pearson, (PEARSON,)),
    Test(spearman, ("Spearman",)),
    Test(xi, (XI,)),
    Test(partial(by_hyppo, name="Dcorr"), (DISTANCE,), package="hyppo"),
    Test(partial(by_hyppo, name="Hsic"), ("HSIC",), 0.3, "hyppo"),
]

# Tests of which only the time is measured.
SLOW_TESTS = [
    Test(partial(by_hyppo, name="Dcorr", **PERMUTED), ("Dcorr, permuted",),
         package="hyppo"),
    Test(partial(by_hyppo, name="Hsic", **PERMUTED), ("Hsic, permuted",),
         package="hyppo"),
    Test(partial(by_hyppo, name="MGC", reps=N_PERMUTATIONS), ("MGC, permuted",),
         package="hyppo"),
]  # fmt: skip

ABOUT_TESTS = f"""
* {OURS}: `independence_test` with {N_PERMUTATIONS} permutations. Below it, each of its
  three statistics alone, without a head start.
* KSG, GaussianCopula: permutation tests whose statistic is the estimate,
  `MIScorer(p_value="permutation", test="score")`, with as many permutations.
* {PEARSON}: the test of r, or F of the means if y contains classes. Spearman: the test
  of rho, or that of Kruskal and Wallis.
* {XI}: `scipy.stats.chatterjeexi`, y as a function of x.
* {DISTANCE}, HSIC: `Dcorr` and `Hsic` of hyppo, with its chi-square approximation,
  because permutations of them take seconds. Classes are columns of 0 and 1."""


def without_missing(tests: list[Test], omit_peers: bool) -> tuple[list[Test], list]:
    """Return the tests that can run, and a line for each package that is missing."""
    missing, found = {}, []
    for test in tests:
        if test.package is not None:
            if omit_peers:
                continue
            try:
                import_module(test.package)
            except ImportError as error:
                missing[test.package] = f"* {test.package} is missing: {error}"
                continue
        found.append(test)
    return found, list(missing.values())


def versions_of(tests: list[Test]) -> list[str]:
    packages = {test.package for test in tests if test.package is not None}
    return [f"{package} {version(package)}" for package in sorted(packages)]


def pvalues(test: Test, draw: Callable, n: int, classes: bool, seeds: Sequence) -> dict:
    """Return the p-values of each label, for pairs that `draw(rng, n)` returns."""
    found = []
    for seed in seeds:
        x, y = draw(np.random.default_rng(seed), n)
        with warnings.catch_warnings(action="ignore"):
            found.append(test.call(x, y, classes, seed[0]))
    return dict(zip(test.labels, np.array(found, float).T, strict=True))
