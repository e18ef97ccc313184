"""Time selection: criteria, large tables, other packages, grids and p-values."""

from collections.abc import Callable
from functools import partial
from tempfile import TemporaryDirectory
from typing import ClassVar

import numpy as np
import pandas as pd
from sklearn.datasets import load_breast_cancer, load_digits, load_iris
from sklearn.model_selection import GridSearchCV
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import Pipeline
from timing import best_times, classes, correlated, genes, levels

from skmi import MIScorer, MISelector
from skmi._data.columns import Columns
from skmi.estimators import KSG, PlugIn, get_estimator

CRITERIA = ["mim", "mrmr", "jmi", "jmim", "disr", "cmim"]


class Prepared(PlugIn):
    """Estimator that prepares every chunk of a table only once."""

    blocks: ClassVar[dict] = {}

    def prepare(self, columns, indices):
        key = columns.name, indices.tobytes()
        if key not in self.blocks:
            self.blocks[key] = super().prepare(columns, indices)
        return self.blocks[key]


def binary_levels(n: int, p: int):
    """Return columns of ten levels, and a target of two classes."""
    X, y = levels(n, p)
    return X, (y > 4).astype(int)


def criteria(scale: int) -> list[str]:
    n, p, k = 100_000 // scale, 100, 10
    codes, y = binary_levels(n, p)
    X, X_target = classes(n, p)
    times = {}
    for criterion in CRITERIA:
        Prepared.blocks.clear()
        select = partial(MISelector, k, criterion=criterion)
        unprepared = select(discrete_features=True)
        prepared = select(discrete_features=True, estimator=Prepared())
        binned = select(estimator=PlugIn(n_bins=10))
        prepared.fit(codes, y)
        times[criterion] = np.array(
            best_times(
                partial(prepared.fit, codes, y),
                partial(unprepared.fit, codes, y),
                partial(binned.fit, X, X_target),
            )
        )
    Prepared.blocks.clear()
    estimator, columns = PlugIn(), np.arange(p)
    block = estimator.prepare(Columns(codes, np.ones(p, bool)), columns)
    target_block = estimator.prepare(Columns(y[:, None], np.ones(1, bool)), columns[:1])
    target = estimator.as_target(target_block, 0)
    (mi_seconds,) = best_times(partial(estimator.mi, block, columns, target))
    rows = []
    for criterion, seconds in times.items():
        n_picks = 1 if criterion == "mim" else k
        nanoseconds = [f"{t * 1e9 / (n * p * n_picks):.2f}" for t in seconds]
        relative_to_jmi = [f"{t:.2f}" for t in seconds[:2] / times["jmi"][:2]]
        rows.append(f"| {criterion} | {' | '.join(nanoseconds + relative_to_jmi)} |")
    return [
        "## Selection",
        "",
        f"`MISelector` with `PlugIn`, k={k}, n={n:,}, p={p}, 2 classes, one thread: "
        "nanoseconds per feature, pick and sample, but for MIM, which scores the "
        "features only once, per feature and sample. A whole `fit` reads X as float64 "
        "and encodes or bins it. For the prepared table, `fit` does not encode or bin: "
        "it only validates X. The estimator's `mi` alone takes "
        f"{mi_seconds * 1e9 / (n * p):.2f} ns.",
        "",
        "| criterion | 10 levels, prepared | 10 levels, whole `fit` | continuous, 10 "
        "bins, whole `fit` | ratio to JMI, prepared | ratio to JMI, whole `fit` |",
        "|---|---:|---:|---:|---:|---:|",
        *rows,
    ]


def wide_and_long(scale: int) -> list[str]:
    rows = []
    n, p, k = 200, 10_000 // scale, 50
    X, y = genes(n, p)
    for estimator in ("plugin", "copula"):
        select = MISelector(k, criterion="jmi", estimator=estimator)
        (seconds,) = best_times(partial(select.fit, X, y))
        rows.append(
            f"| {estimator}, 3 classes | {n:,} | {p:,} | {k} | {seconds:.3f} | | |"
        )
    n, p, k = 100_000 // scale, 1_000 // scale, 20
    X, y = correlated(n, p, 0.3)
    select = MISelector(k, criterion="jmi", estimator="copula")
    product, seconds = best_times(lambda: X.T @ X, partial(select.fit, X, y))
    rows.append(
        f"| copula, continuous target | {n:,} | {p:,} | {k} | {seconds:.3f} | "
        f"{product:.3f} | {seconds / product:.2f} |"
    )
    return [
        "Seconds of a whole `fit` of `MISelector` with JMI on one thread, compared "
        "with one `X.T @ X`.",
        "",
        "| estimator, target | n | p | k | seconds | `X.T @ X` | ratio |",
        "|---|---:|---:|---:|---:|---:|---:|",
        *rows,
    ]


def compare_with_packages(scale: int) -> list[str]:
    from fast_select import mRMR
    from feature_engine.selection import MRMR
    from mrmr import mrmr_classif
    from skfeature.function.information_theoretical_based import JMI

    rows, k = [], 10

    def compare(task: str, name: str, shape, other: Callable, own: Callable):
        theirs, ours = best_times(other, own)
        n, p = shape
        rows.append(
            f"| {task} | {name} | {n:,} | {p} | {theirs:.3f} | {ours:.4f} "
            f"| {theirs / ours:,.0f} |"
        )

    def as_frame(X, y):
        return pd.DataFrame(X).add_prefix("x"), pd.Series(y)

    def own_fit(X, y, criterion, estimator="plugin", **options):
        select = MISelector(k, criterion=criterion, estimator=estimator, **options)
        return partial(select.fit, X, y)

    X, y = binary_levels(5_000 // scale, 20)
    other = MRMR(method="MID", max_features=k, discrete_features=True, random_state=0)
    compare(
        "MRMR, 10 levels, `PlugIn()`", "feature-engine `MRMR`", X.shape,
        partial(other.fit, *as_frame(X, y)),
        own_fit(X, y, "mrmr", discrete_features=True),
    )  # fmt: skip
    compare(
        "JMI, 10 levels, `PlugIn()`", "scikit-feature `jmi`", X.shape,
        partial(JMI.jmi, X, y, mode="index", n_selected_features=k),
        own_fit(X, y, "jmi", discrete_features=True),
    )  # fmt: skip
    X, y = classes(5_000 // scale, 20)
    other = MRMR(method="MID", max_features=k, random_state=0)
    for estimator in (PlugIn(), KSG()):
        compare(
            f"MRMR, continuous, `{estimator}`", "feature-engine `MRMR`", X.shape,
            partial(other.fit, *as_frame(X, y)), own_fit(X, y, "mrmr", estimator),
        )  # fmt: skip
    X, y = binary_levels(100_000 // scale, 100)
    other = mRMR(k, backend="cpu")
    other.fit(X[:100], y[:100])  # compile it before the timing
    compare(
        "MRMR, 10 levels, `PlugIn()`", "fast-select `mRMR`", X.shape,
        partial(other.fit, X, y), own_fit(X, y, "mrmr", discrete_features=True),
    )  # fmt: skip
    X, y = classes(100_000 // scale, 100)
    compare(
        "MRMR, continuous, `GaussianCopula()`", "mrmr-selection `mrmr_classif`",
        X.shape,
        partial(mrmr_classif, *as_frame(X, y), k, n_jobs=1, show_progress=False),
        own_fit(X, y, "mrmr", "copula"),
    )  # fmt: skip
    return [
        "### Comparison with other packages",
        "",
        f"Seconds for {k} picks from the same data, with 2 classes and one thread. "
        "feature-engine estimates redundancy from nearest neighbours, as `KSG` does. "
        "mrmr-selection uses F-tests and correlations.",
        "",
        "| task | compared with | n | p | its time | skmi | ratio |",
        "|---|---|---:|---:|---:|---:|---:|",
        *rows,
    ]


def grid_search(X, y, numbers: list[int], **options) -> None:
    """Search over the number of selected features, with a new memory."""
    with TemporaryDirectory() as folder:
        select = MISelector(
            criterion="jmi", estimator="plugin", memory=folder, **options
        )
        model = Pipeline([("select", select), ("model", GaussianNB())])
        grid = {"select__n_features_to_select": numbers}
        GridSearchCV(model, grid).fit(X, y)


def grids(scale: int) -> list[str]:
    rows = []
    tables = {
        "10 levels": (*binary_levels(100_000 // scale, 100), 1, True),
        "3 classes": (*genes(200, 10_000 // scale), 5, False),
    }
    for task, (X, y, step, discrete) in tables.items():
        numbers = list(range(step, 10 * step + 1, step))
        search = partial(grid_search, X, y, discrete_features=discrete)
        one, ten = best_times(
            partial(search, numbers=numbers[-1:]), partial(search, numbers=numbers)
        )
        n, p = X.shape
        rows.append(
            f"| {task} | {n:,} | {p:,} | {step}, ..., {numbers[-1]} "
            f"| {one:.2f} | {ten:.2f} | {ten / one:.2f} |"
        )
    return [
        "Seconds of `GridSearchCV` over ten values of k, compared with the greatest of "
        "them alone: `MISelector` with JMI and a new `memory`, and `GaussianNB`, five "
        "folds.",
        "",
        "| table | n | p | k | one k | ten k | ratio |",
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
            estimator, columns = get_estimator(name), np.arange(p)
            block = estimator.prepare(Columns(X, np.zeros(p, bool)), columns)
            y_column = Columns(y[:, None], np.array([y.dtype.kind == "i"]))

            def evaluate(
                estimator=estimator, block=block, columns=columns, y_column=y_column
            ):
                for _ in range(n_permutations):
                    target = estimator.as_target(estimator.prepare(y_column, first), 0)
                    estimator.mi(block, columns, target)

            score = MIScorer(
                estimator,
                p_value="permutation",
                test="score",
                n_permutations=n_permutations - 1,
                random_state=0,
            )
            evaluations, permuted = best_times(evaluate, partial(score, X, y))
            rows.append(
                f"| {name} | {kind} | {p} | {evaluations:.3f} | {permuted:.3f} "
                f"| {permuted / evaluations:.2f} |"
            )
    return [
        f'Seconds of a whole call of `MIScorer` with `test="score"` and '
        f"{n_permutations - 1} permutations, compared with {n_permutations:,} "
        f"evaluations of a prepared block. Each evaluation prepares y. n={n:,}.",
        "",
        "| estimator | target | p | evaluations | permutations | ratio |",
        "|---|---|---:|---:|---:|---:|",
        *rows,
    ]


def automatic(scale: int) -> list[str]:
    loaders = {"iris": load_iris, "breast cancer": load_breast_cancer}
    loaders |= {"digits": load_digits}
    rows = []
    for table, load in loaders.items():
        X, y = load(return_X_y=True)
        for criterion in ("cmim", "jmi", "mrmr"):
            auto = MISelector("auto", criterion=criterion, random_state=0)
            n_picks = max(1, len(auto.fit(X, y).path_))
            given = MISelector(n_picks, criterion=criterion)
            one, automatic = best_times(
                partial(given.fit, X, y), partial(auto.fit, X, y)
            )
            rows.append(
                f"| {table} | {criterion} | {n_picks} | {1e3 * one:.1f} "
                f"| {1e3 * automatic:.0f} | {automatic / one:.0f} |"
            )
    return [
        'Milliseconds of a `fit` of `MISelector("auto")`, of a `fit` of as many picks, '
        "and their ratio, one thread.",
        "",
        "| table | criterion | picks | given number | auto | ratio |",
        "|---|---|---:|---:|---:|---:|",
        *rows,
    ]


def by_chance(scale: int) -> list[str]:
    rng = np.random.default_rng(0)
    digits, digit = load_digits(return_X_y=True)
    tables = {
        "genes": (rng.standard_normal((100, 2_000)), rng.integers(0, 2, 100), 10),
        "more genes": (
            rng.standard_normal((200, 10_000)), rng.integers(0, 4, 200), 50 // scale
        ),
        "digits": (digits, digit, 20),
        "long": (*classes(100_000 // scale, 50), 10),
    }  # fmt: skip
    rows = []
    for table, (X, y, k) in tables.items():
        fits = [
            partial(
                MISelector(
                    k, criterion="jmi", estimator=PlugIn(correction=correction)
                ).fit,
                X,
                y,
            )
            for correction in (None, "chance")
        ]
        plain, chance = best_times(*fits)
        n, p = X.shape
        rows.append(
            f"| {table} | {n:,} | {p:,} | {k} | {1e3 * plain:.1f} | {1e3 * chance:.1f} "
            f"| {chance / plain:.2f} |"
        )
    return [
        "Milliseconds of a `fit` of `MISelector`, JMI and `PlugIn(correction=...)`.",
        "",
        "| table | n | p | picks | None | chance | ratio |",
        "|---|---:|---:|---:|---:|---:|---:|",
        *rows,
    ]


def selection(scale: int) -> list[str]:
    benchmarks = (
        criteria, wide_and_long, automatic, by_chance, grids, permutations,
        compare_with_packages,
    )  # fmt: skip
    return [line for benchmark in benchmarks for line in (*benchmark(scale), "")][:-1]
