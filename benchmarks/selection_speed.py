"""Time selection: criteria, wide and long tables, other packages, grids, p-values."""

from collections.abc import Callable
from functools import partial
from tempfile import TemporaryDirectory
from typing import ClassVar

import numpy as np
import pandas as pd
from sklearn.model_selection import GridSearchCV
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import Pipeline
from timing import best_times, classes, correlated, genes, levels

from skmi import MIScorer, MISelector
from skmi._data.columns import Columns
from skmi.estimators import KSG, PlugIn, get_estimator

CRITERIA = ["mim", "mrmr", "jmi", "jmim", "disr", "cmim"]


class Prepared(PlugIn):
    """Prepares every chunk of a table once, so that fits are timed without."""

    blocks: ClassVar[dict] = {}

    def prepare(self, columns, which):
        key = columns.name, which.tobytes()
        if key not in self.blocks:
            self.blocks[key] = super().prepare(columns, which)
        return self.blocks[key]


def binary_levels(n: int, p: int):
    """Columns of ten levels, and a target of two."""
    X, y = levels(n, p)
    return X, (y > 4).astype(int)


def criteria(scale: int) -> list[str]:
    n, p, k = 100_000 // scale, 100, 10
    codes, y = binary_levels(n, p)
    numbers, classes_of_numbers = classes(n, p)
    times = {}
    for criterion in CRITERIA:
        Prepared.blocks.clear()
        select = partial(MISelector, k, criterion=criterion)
        whole = select(discrete_features=True)
        prepared = select(discrete_features=True, estimator=Prepared())
        cut = select(estimator=PlugIn(n_bins=10))
        prepared.fit(codes, y)
        times[criterion] = np.array(
            best_times(
                partial(prepared.fit, codes, y),
                partial(whole.fit, codes, y),
                partial(cut.fit, numbers, classes_of_numbers),
            )
        )
    Prepared.blocks.clear()
    estimator, every = PlugIn(), np.arange(p)
    block = estimator.prepare(Columns(codes, np.ones(p, bool)), every)
    of_y = estimator.prepare(Columns(y[:, None], np.ones(1, bool)), every[:1])
    target = estimator.as_target(of_y, 0)
    (of_mim,) = best_times(partial(estimator.mi, block, every, target))
    rows = []
    for criterion, seconds in times.items():
        n_picks = 1 if criterion == "mim" else k
        per = [f"{t * 1e9 / (n * p * n_picks):.2f}" for t in seconds]
        beside_jmi = [f"{t:.2f}" for t in seconds[:2] / times["jmi"][:2]]
        rows.append(f"| {criterion} | {' | '.join(per + beside_jmi)} |")
    return [
        "## Selection",
        "",
        f"`MISelector`, `PlugIn`, k={k}, n={n:,}, p={p}, 2 classes, one thread: "
        "nanoseconds for a feature, pick and sample, but of MIM, which takes all picks "
        "at once, for a feature and sample. The whole `fit` reads X, of float64, and "
        "codes it or cuts it into bins; of a table that is prepared, a `fit` without "
        "that is timed, which checks X and keeps a copy of what it selects. The "
        f"estimator's `mi` alone takes {of_mim * 1e9 / (n * p):.2f} ns.",
        "",
        "| criterion | 10 levels, prepared | whole `fit` | continuous, 10 bins, whole "
        "`fit` | to JMI, prepared | to JMI, whole `fit` |",
        "|---|---:|---:|---:|---:|---:|",
        *rows,
    ]


def wide_and_long(scale: int) -> list[str]:
    rows = []
    n, p, k = 200, 10_000 // scale, 50
    X, y = genes(n, p)
    for estimator in ("plugin", "copula"):
        select = MISelector(k, estimator=estimator)
        (seconds,) = best_times(partial(select.fit, X, y))
        rows.append(
            f"| {estimator}, 3 classes | {n:,} | {p:,} | {k} | {seconds:.3f} | | |"
        )
    n, p, k = 100_000 // scale, 1_000 // scale, 20
    X, y = correlated(n, p, 0.3)
    select = MISelector(k, estimator="copula")
    product, seconds = best_times(lambda: X.T @ X, partial(select.fit, X, y))
    rows.append(
        f"| copula, continuous target | {n:,} | {p:,} | {k} | {seconds:.3f} | "
        f"{product:.3f} | {seconds / product:.2f} |"
    )
    return [
        "`MISelector`, JMI, one thread, the whole `fit`: seconds, and beside them "
        "those of one `X.T @ X`.",
        "",
        "| estimator, target | n | p | k | seconds | `X.T @ X` | ratio |",
        "|---|---:|---:|---:|---:|---:|---:|",
        *rows,
    ]


def beside_others(scale: int) -> list[str]:
    from fast_select import mRMR
    from feature_engine.selection import MRMR
    from mrmr import mrmr_classif
    from skfeature.function.information_theoretical_based import JMI

    rows, k = [], 10

    def compare(work: str, name: str, shape, slow: Callable, fast: Callable):
        slow, fast = best_times(slow, fast)
        n, p = shape
        rows.append(
            f"| {work} | {name} | {n:,} | {p} | {slow:.3f} | {fast:.4f} "
            f"| {slow / fast:,.0f} |"
        )

    def as_frame(X, y):
        return pd.DataFrame(X).add_prefix("x"), pd.Series(y)

    def ours(X, y, criterion, estimator="plugin", **options):
        select = MISelector(k, criterion=criterion, estimator=estimator, **options)
        return partial(select.fit, X, y)

    X, y = binary_levels(5_000 // scale, 20)
    theirs = MRMR(method="MID", max_features=k, discrete_features=True, random_state=0)
    compare(
        "MRMR, 10 levels, `PlugIn()`", "feature-engine `MRMR`", X.shape,
        partial(theirs.fit, *as_frame(X, y)),
        ours(X, y, "mrmr", discrete_features=True),
    )  # fmt: skip
    compare(
        "JMI, 10 levels, `PlugIn()`", "scikit-feature `jmi`", X.shape,
        partial(JMI.jmi, X, y, mode="index", n_selected_features=k),
        ours(X, y, "jmi", discrete_features=True),
    )  # fmt: skip
    X, y = classes(5_000 // scale, 20)
    theirs = MRMR(method="MID", max_features=k, random_state=0)
    for estimator in (PlugIn(), KSG()):
        compare(
            f"MRMR, continuous, `{estimator}`", "feature-engine `MRMR`", X.shape,
            partial(theirs.fit, *as_frame(X, y)), ours(X, y, "mrmr", estimator),
        )  # fmt: skip
    X, y = binary_levels(100_000 // scale, 100)
    theirs = mRMR(k, backend="cpu")
    theirs.fit(X[:100], y[:100])  # compiles
    compare(
        "MRMR, 10 levels, `PlugIn()`", "fast-select `mRMR`", X.shape,
        partial(theirs.fit, X, y), ours(X, y, "mrmr", discrete_features=True),
    )  # fmt: skip
    X, y = classes(100_000 // scale, 100)
    compare(
        "MRMR, continuous, `GaussianCopula()`", "mrmr-selection `mrmr_classif`",
        X.shape,
        partial(mrmr_classif, *as_frame(X, y), k, n_jobs=1, show_progress=False),
        ours(X, y, "mrmr", "copula"),
    )  # fmt: skip
    return [
        "### Beside other packages",
        "",
        f"{k} picks, 2 classes, the same data, one thread: seconds. The k-NN estimate "
        "of feature-engine's redundancy is `KSG`'s; mrmr-selection has F-tests and "
        "correlations.",
        "",
        "| work | beside | n | p | theirs | skmi | ratio |",
        "|---|---|---:|---:|---:|---:|---:|",
        *rows,
    ]


def grid_search(X, y, numbers: list[int], **options) -> None:
    """Search over how many to select, with a memory that is new."""
    with TemporaryDirectory() as folder:
        select = MISelector(memory=folder, **options)
        model = Pipeline([("select", select), ("model", GaussianNB())])
        grid = {"select__n_features_to_select": numbers}
        GridSearchCV(model, grid).fit(X, y)


def grids(scale: int) -> list[str]:
    rows = []
    tables = {
        "10 levels": (*binary_levels(100_000 // scale, 100), 1, True),
        "3 classes": (*genes(200, 10_000 // scale), 5, False),
    }
    for work, (X, y, step, discrete) in tables.items():
        numbers = list(range(step, 10 * step + 1, step))
        search = partial(grid_search, X, y, discrete_features=discrete)
        one, ten = best_times(
            partial(search, numbers=numbers[-1:]), partial(search, numbers=numbers)
        )
        n, p = X.shape
        rows.append(
            f"| {work} | {n:,} | {p:,} | {step}, ..., {numbers[-1]} "
            f"| {one:.2f} | {ten:.2f} | {ten / one:.2f} |"
        )
    return [
        "`GridSearchCV` over ten values of k beside one, the greatest: `MISelector`, "
        "JMI, with a new `memory`, and `GaussianNB`, five folds. Seconds.",
        "",
        "| table | n | p | k | one | ten | ratio |",
        "|---|---:|---:|---:|---:|---:|---:|",
        *rows,
    ]


def permutations(scale: int) -> list[str]:
    n, n_permutations, first = 1_000, 1_000 // scale, np.zeros(1, np.intp)
    rows = []
    for name, p in {"plugin": 100, "copula": 100, "ksg": 20}.items():
        for kind, (X, y) in {
            "2 classes": classes(n, p),
            "continuous": correlated(n, p, 0.3),
        }.items():
            estimator, every = get_estimator(name), np.arange(p)
            block = estimator.prepare(Columns(X, np.zeros(p, bool)), every)
            target = Columns(y[:, None], np.array([y.dtype.kind == "i"]))

            def evaluate(estimator=estimator, block=block, every=every, target=target):
                for _ in range(n_permutations):
                    of_y = estimator.as_target(estimator.prepare(target, first), 0)
                    estimator.mi(block, every, of_y)

            score = MIScorer(
                estimator,
                p_value="permutation",
                n_permutations=n_permutations - 1,
                random_state=0,
            )
            single, permuted = best_times(evaluate, partial(score, X, y))
            rows.append(
                f"| {name} | {kind} | {p} | {single:.3f} | {permuted:.3f} "
                f"| {permuted / single:.2f} |"
            )
    return [
        f'`MIScorer` with `p_value="permutation"` of {n_permutations - 1} '
        f"permutations, the whole call, beside {n_permutations:,} evaluations of a "
        f"prepared block, each of which prepares y: n={n:,}. Seconds.",
        "",
        "| estimator | target | p | evaluations | permutations | ratio |",
        "|---|---|---:|---:|---:|---:|",
        *rows,
    ]


def selection(scale: int) -> list[str]:
    parts = (criteria, wide_and_long, grids, permutations, beside_others)
    return [line for part in parts for line in (*part(scale), "")][:-1]
