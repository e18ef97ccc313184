"""What PyPI has to select features with, and how it is asked."""

import warnings
from collections.abc import Callable, Iterable
from functools import partial
from importlib import import_module
from importlib.metadata import version

import numpy as np
import pandas as pd
from contest import Contender, Task, choices, headers, rows_of_right, table
from praznik import coded
from sklearn.feature_selection import mutual_info_classif, mutual_info_regression


def frame_of(task: Task) -> tuple[pd.DataFrame, pd.Series]:
    return pd.DataFrame(task.X).add_prefix("f"), pd.Series(task.y)


def indices_of(names: Iterable[str]) -> list[int]:
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
    return indices_of(selector.fit(*frame_of(task)).get_feature_names_out())


def select_by_mrmr_selection(task: Task):
    mrmr = import_module("mrmr")
    select = (
        mrmr.mrmr_classif if task.generator.discrete_target else mrmr.mrmr_regression
    )
    names = select(*frame_of(task), K=task.n_picks, n_jobs=1, show_progress=False)
    return indices_of(names)


def select_by_fast_select(task: Task, method: str):
    rows, y = coded(task)
    mRMR = import_module("fast_select").mRMR
    return mRMR(task.n_picks, method=method, backend="cpu").fit(rows.T, y).top_features_


def scikit_feature(rule: str) -> Callable:
    folder = "skfeature.function.information_theoretical_based"
    return getattr(import_module(f"{folder}.{rule}"), rule.lower())


def select_by_scikit_feature(task: Task, rule: str, **parameters):
    rows, y = coded(task)
    found = scikit_feature(rule)(
        rows.T, y, mode="index", n_selected_features=task.n_picks, **parameters
    )
    return found[: task.n_picks]


def select_by_itmo_fs(task: Task, measure: str):
    rows, y = coded(task)
    selector = import_module("ITMO_FS").MultivariateFilter(measure, task.n_picks)
    selector.fit(rows.T, y)
    return selector.selected_features


def engine(method: str) -> Contender:
    return Contender(partial(select_by_feature_engine, method=method), 1)


def feature(rule: str, seeds_of_many: int = 0, **parameters) -> Contender:
    call = partial(select_by_scikit_feature, rule=rule, **parameters)
    return Contender(call, seeds_of_many)


PEERS = {
    "scikit-learn": {"SelectKBest": Contender(select_by_scikit_learn, 10)},
    "feature-engine": {"MRMR, MIQ": engine("MIQ"), "MRMR, MID": engine("MID")},
    "mrmr-selection": {"mrmr": Contender(select_by_mrmr_selection, 5)},
    "fast-select": {
        f"mRMR, {method}": Contender(partial(select_by_fast_select, method=method), 10)
        for method in ("MID", "MIQ")
    },
    "skfeature-chappers": {
        "mrmr": feature("MRMR"),
        "lcsi, gamma=0": feature("LCSI", 1, gamma=0),
        "jmi": feature("JMI"),
        "lcsi": feature("LCSI", 1),
        "cmim": feature("CMIM", 1),
        "disr": feature("DISR"),
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
* scikit-learn: `SelectKBest` of `mutual_info_classif` or `mutual_info_regression`, its
  `discrete_features` as the table is, `random_state=0`.
* feature-engine: `MRMR(max_features=k)`, `discrete_features` as the table is: "MIQ" is
  its default, "MID" the difference. k-NN information among columns, discrete or not.
* mrmr-selection: `mrmr_classif` or `mrmr_regression`: F statistics over correlations.
* fast-select: `mRMR`, for discrete columns: "MID" is its default, "MIQ" the quotient.
* skfeature-chappers, the build of scikit-feature that PyPI has, for discrete columns:
  `mrmr` and `jmi` with `mode="index"` return not the columns picked but the ranks of
  their numbers, a permutation of 0 to k - 1; what they pick is what `lcsi` with the
  same parameters does, which is MIFS with a beta of .8, and with a gamma of .5 besides.
* ITMO-FS: `MultivariateFilter`, for discrete columns.

Those for discrete columns are given the codes that praznik's rules are given. A peer in
pure Python takes minutes for 500 columns, and is asked once or not at all there."""


def of_peers(n_seeds: int, start: float) -> list[str]:
    contenders, missing = {}, []
    for package, rules in PEERS.items():
        try:
            with warnings.catch_warnings(action="ignore"):
                import_module(MODULES[package])
        except Exception as error:
            said = str(error).splitlines()[0]
            missing.append(f"* {package} does not import: {said}")
            continue
        label = f"{package} {version(package)}"
        contenders |= {f"{label}: {rule}": who for rule, who in rules.items()}
    found = choices("peers", contenders, n_seeds, start)
    return [
        "## Peers",
        "",
        f"The same of what PyPI has, beside scikit-learn {version('scikit-learn')} and "
        f"NumPy {version('numpy')}.",
        *ABOUT_PEERS.splitlines(),
        "",
        *missing,
        *([""] if missing else []),
        *table(["", *headers()], rows_of_right(found, contenders, n_seeds)),
    ]
