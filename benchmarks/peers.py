"""Packages on PyPI that select features, and how the benchmark calls them."""

import warnings
from collections.abc import Callable, Iterable
from functools import partial
from importlib import import_module
from importlib.metadata import version

import numpy as np
import pandas as pd
from contest import Contender, Task, headers, rows_of_correct, select_all, table
from praznik import encode
from sklearn.feature_selection import mutual_info_classif, mutual_info_regression


def as_frame(task: Task) -> tuple[pd.DataFrame, pd.Series]:
    return pd.DataFrame(task.X).add_prefix("f"), pd.Series(task.y)


def column_indices(names: Iterable[str]) -> list[int]:
    return [int(name[1:]) for name in names]


def select_by_scikit_learn(task: Task):
    score = (
        mutual_info_classif
        if task.generator.discrete_target
        else mutual_info_regression
    )
    scores = score(
        task.X, task.y, discrete_features=task.generator.discrete, random_state=0
    )
    return np.argsort(-scores, kind="stable")[: task.n_picks]


def select_by_feature_engine(task: Task, method: str):
    selection = import_module("feature_engine.selection")
    selector = selection.MRMR(
        method=method, max_features=task.n_picks, random_state=0,
        regression=not task.generator.discrete_target,
        discrete_features=task.generator.discrete,
    )  # fmt: skip
    return column_indices(selector.fit(*as_frame(task)).get_feature_names_out())


def select_by_mrmr_selection(task: Task):
    mrmr = import_module("mrmr")
    select = (
        mrmr.mrmr_classif if task.generator.discrete_target else mrmr.mrmr_regression
    )
    names = select(*as_frame(task), K=task.n_picks, n_jobs=1, show_progress=False)
    return column_indices(names)


def select_by_fast_select(task: Task, method: str):
    rows, y = encode(task)
    mRMR = import_module("fast_select").mRMR
    return mRMR(task.n_picks, method=method, backend="cpu").fit(rows.T, y).top_features_


def scikit_feature(rule: str) -> Callable:
    folder = "skfeature.function.information_theoretical_based"
    return getattr(import_module(f"{folder}.{rule}"), rule.lower())


def select_by_scikit_feature(task: Task, rule: str, **parameters):
    rows, y = encode(task)
    selected = scikit_feature(rule)(
        rows.T, y, mode="index", n_selected_features=task.n_picks, **parameters
    )
    return selected[: task.n_picks]


def select_by_itmo_fs(task: Task, measure: str):
    rows, y = encode(task)
    selector = import_module("ITMO_FS").MultivariateFilter(measure, task.n_picks)
    selector.fit(rows.T, y)
    return selector.selected_features


def feature_engine_contender(method: str) -> Contender:
    return Contender(partial(select_by_feature_engine, method=method), 1)


def scikit_feature_contender(
    rule: str, max_seeds_wide: int = 0, **parameters
) -> Contender:
    call = partial(select_by_scikit_feature, rule=rule, **parameters)
    return Contender(call, max_seeds_wide)


PEERS = {
    "scikit-learn": {"SelectKBest": Contender(select_by_scikit_learn, 10)},
    "feature-engine": {
        f"MRMR, {method}": feature_engine_contender(method) for method in ("MIQ", "MID")
    },
    "mrmr-selection": {"mrmr": Contender(select_by_mrmr_selection, 5)},
    "fast-select": {
        f"mRMR, {method}": Contender(partial(select_by_fast_select, method=method), 10)
        for method in ("MID", "MIQ")
    },
    "skfeature-chappers": {
        "mrmr": scikit_feature_contender("MRMR"),
        "lcsi, gamma=0": scikit_feature_contender("LCSI", 1, gamma=0),
        "jmi": scikit_feature_contender("JMI"),
        "lcsi": scikit_feature_contender("LCSI", 1),
        "cmim": scikit_feature_contender("CMIM", 1),
        "disr": scikit_feature_contender("DISR"),
    },
    "ITMO-FS": {
        measure: Contender(
            partial(select_by_itmo_fs, measure=measure), 1 if measure == "MIM" else 0
        )
        for measure in ("MIM", "MRMR", "JMI", "CMIM", "CIFE", "ICAP", "MRI")
    },
}  # fmt: skip
MODULES = {
    "scikit-learn": "sklearn",
    "feature-engine": "feature_engine.selection",
    "mrmr-selection": "mrmr",
    "fast-select": "fast_select",
    "skfeature-chappers": "skfeature.function.information_theoretical_based.LCSI",
    "ITMO-FS": "ITMO_FS",
}
ABOUT_PEERS = """
* scikit-learn: `SelectKBest` with `mutual_info_classif` or `mutual_info_regression`,
  `discrete_features` as the table requires and `random_state=0`.
* feature-engine: `MRMR(max_features=k)`, `discrete_features` as the table requires.
  "MIQ" is its default, "MID" the difference. It estimates the information between
  columns from nearest neighbours, whether or not the columns are discrete.
* mrmr-selection: `mrmr_classif` or `mrmr_regression`: F statistics divided by
  correlations.
* fast-select: `mRMR`, for discrete columns. "MID" is its default, "MIQ" the quotient.
* skfeature-chappers, the build of scikit-feature on PyPI, for discrete columns. With
  `mode="index"`, `mrmr` and `jmi` do not return the selected columns but the ranks of
  their indices, a permutation of 0 to k - 1. They select the same columns as `lcsi`
  with the same parameters: MIFS with a beta of .8, without or with a gamma of .5.
* ITMO-FS: `MultivariateFilter`, for discrete columns.

Packages for discrete columns receive the same codes as the rules of praznik. Packages
in pure Python take minutes for 500 columns, so they select from such tables once or not
at all."""


def peers_section(n_seeds: int, start: float) -> list[str]:
    contenders, missing = {}, []
    for package, rules in PEERS.items():
        try:
            with warnings.catch_warnings(action="ignore"):
                import_module(MODULES[package])
        except Exception as error:
            message = str(error).splitlines()[0]
            missing.append(f"* {package} cannot be imported: {message}")
            continue
        label = f"{package} {version(package)}"
        contenders |= {
            f"{label}: {rule}": contender for rule, contender in rules.items()
        }
    found = select_all("peers", contenders, n_seeds, start)
    return [
        "## Other packages",
        "",
        "Mean number of correct features that packages on PyPI select, with "
        f"scikit-learn {version('scikit-learn')} and NumPy {version('numpy')}.",
        *ABOUT_PEERS.splitlines(),
        "",
        *missing,
        *([""] if missing else []),
        *table(["", *headers()], rows_of_correct(found, contenders, n_seeds)),
    ]
