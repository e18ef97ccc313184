"""False discoveries among 200 columns, and selections from 2,000 columns."""

from collections.abc import Callable
from functools import partial

import numpy as np
from contest import run_all, table
from scipy.stats import t as student
from sklearn.feature_selection import SelectFdr, f_regression

from skmi import MIScorer, MISelector
from skmi.estimators import GaussianCopula

# --- false discoveries

FDR = 0.1
N_ROWS, N_COLUMNS, N_LINES = 300, 200, 5
CURVES: list[Callable] = [
    np.square,
    np.abs,
    lambda x: np.cos(2 * x),
    lambda x: np.sin(4 * x),
    lambda x: np.abs(x) > 1,
]
EFFECT = 0.3  # standard deviation of what a column adds to y


def table_of_curves(seed: int):
    """Draw columns of which the first five have lines, and the next five curves."""
    rng = np.random.default_rng([seed, 26])
    X = rng.standard_normal((N_ROWS, N_COLUMNS))
    y = EFFECT * X[:, :N_LINES].sum(axis=1) + rng.standard_normal(N_ROWS)
    for x, curve in zip(X[:, N_LINES:].T, CURVES, strict=False):
        values = curve(x)
        y += EFFECT * (values - values.mean()) / values.std()
    return X, y


SCORES = {
    'MIScorer(p_value="permutation")': MIScorer(p_value="permutation", random_state=0),
    "f_regression": f_regression,
}


def discoveries(name: str, seed: int) -> tuple[int, int, int]:
    """Return the numbers of lines, of curves and of other columns that are found."""
    X, y = table_of_curves(seed)
    found = SelectFdr(SCORES[name], alpha=FDR).fit(X, y).get_support()
    lines, curves = found[:N_LINES], found[N_LINES:][: len(CURVES)]
    return lines.sum(), curves.sum(), found[N_LINES + len(CURVES) :].sum()


def mean_and_error(values: np.ndarray, digits: int = 2) -> str:
    error = values.std(ddof=1) / np.sqrt(len(values))
    return f"{values.mean():.{digits}f} ± {error:.{digits}f}"


def fdr_section(n_tables: int, start: float) -> list[str]:
    keys = [(name, seed) for name in SCORES for seed in range(n_tables)]
    results = run_all("discoveries", [(discoveries, *key) for key in keys], start)
    rows = []
    for i, name in enumerate(SCORES):
        found = np.array(results[i * n_tables :][:n_tables])
        shares = found[:, 2] / np.maximum(found.sum(axis=1), 1)
        rows.append(
            [f"`{name}`", mean_and_error(shares, 3), *map(mean_and_error, found.T)]
        )
    head = ["", "share of false ones", "lines, of 5", "curves, of 5", "false"]
    return [
        "## False discoveries",
        "",
        f"`SelectFdr(..., alpha={FDR:g})` of {N_COLUMNS} normal columns and {N_ROWS} "
        "rows. y is the sum of five columns, of five curves of other columns (square, "
        "absolute value, cos 2x, sin 4x, whether the absolute value exceeds 1) and of "
        f"normal noise; each term has a standard deviation of {EFFECT:g}, and the "
        f"noise of 1. {n_tables} tables; mean ± standard error. The share of false "
        f"ones should be at most {FDR * (1 - 10 / N_COLUMNS):.3f}.",
        "",
        *table(head, rows),
    ]


# --- wide tables

N_WIDE_ROWS, N_WIDE_COLUMNS, N_SUMMED = 100, 2_000, 5
ALPHA = 0.05
TARGETS = {"continuous": "continuous target", "classes": "two classes"}


def wide_table(target: str, seed: int):
    """Draw normal columns, and the sum of five of them plus noise, or its sign."""
    rng = np.random.default_rng([seed, 28])
    X = rng.standard_normal((N_WIDE_ROWS, N_WIDE_COLUMNS))
    informative = rng.choice(N_WIDE_COLUMNS, N_SUMMED, replace=False)
    y = X[:, informative].sum(axis=1) + rng.standard_normal(N_WIDE_ROWS)
    return X, y if target == "continuous" else (y > 0).astype(int), informative


def correlation_pvalues(X, y, n_given: int = 0):
    """Return the p-values of columns with mean 0; two classes are the t test."""
    squares = np.einsum("ij,ij->j", X, X) * (y @ y)
    r = y @ X / np.sqrt(np.where(squares > 0, squares, 1))
    n_free = len(y) - 2 - n_given
    return 2 * student.sf(np.abs(r) * np.sqrt(n_free / (1 - r**2)), n_free)


def by_correlation(X, y):
    return np.flatnonzero(
        correlation_pvalues(X - X.mean(0), y - y.mean()) <= ALPHA / X.shape[1]
    )


def stepwise(X, y) -> list[int]:
    """Add the column of the smallest p-value given the picks, while it is small."""
    X, y, picks = X - X.mean(axis=0), y - y.mean(), []
    while len(picks) < len(y) - 3:
        pvalues = correlation_pvalues(X, y, len(picks))
        pvalues[picks] = 1
        best = int(pvalues.argmin())
        if pvalues[best] > ALPHA / (X.shape[1] - len(picks)):
            break
        picks.append(best)
        axis = X[:, best] / np.linalg.norm(X[:, best])
        X, y = X - np.outer(axis, axis @ X), y - axis * (axis @ y)
    return picks


def by_selector(X, y, **options):
    return MISelector("auto", random_state=0, **options).fit(X, y).path_


SELECTIONS: dict[str, Callable] = {
    'MISelector("auto")': by_selector,
    'criterion="cmi"': partial(by_selector, criterion="cmi"),
    "GaussianCopula, jmi": partial(
        by_selector, criterion="jmi", estimator=GaussianCopula()
    ),
    "GaussianCopula, cmi": partial(
        by_selector, criterion="cmi", estimator=GaussianCopula()
    ),
    "Pearson or t tests, Bonferroni": by_correlation,
    "stepwise partial correlation": stepwise,
}


def picks_of(name: str, target: str, seed: int) -> tuple[int, int]:
    """Return the numbers of informative and of other picks."""
    X, y, informative = wide_table(target, seed)
    picks = set(map(int, SELECTIONS[name](X, y)))
    n_found = len(picks.intersection(informative.tolist()))
    return n_found, len(picks) - n_found


def wide_section(n_tables: int, start: float) -> list[str]:
    keys = [
        (name, target, seed)
        for name in SELECTIONS
        for target in TARGETS
        for seed in range(n_tables)
    ]
    found: dict = {}
    results = run_all("wide tables", [(picks_of, *key) for key in keys], start)
    for (name, target, _), result in zip(keys, results, strict=True):
        found.setdefault((name, target), []).append(result)
    rows = [
        [name]
        + [
            mean_and_error(values)
            for target in TARGETS
            for values in np.array(found[name, target]).T
        ]
        for name in SELECTIONS
    ]
    head = [
        f"{about}, {what}" for about in TARGETS.values() for what in ("found", "false")
    ]
    return [
        "## Wide tables",
        "",
        f"{N_WIDE_ROWS} rows and {N_WIDE_COLUMNS:,} normal columns. y is the sum of "
        f"{N_SUMMED} of them and of standard normal noise, or whether this is "
        "positive: mean number of these columns found ± standard error, and of false "
        f"ones, over {n_tables} tables. All methods test at {ALPHA:g}: each pick, or "
        "all columns together. *Stepwise*: the column of largest partial correlation "
        "given the picks, while its p-value times the number of columns that are left "
        f"is at most {ALPHA:g}.",
        "",
        *table(["", *head], rows),
    ]
