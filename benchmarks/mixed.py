"""Select from mixed tables, with a rare class and among copies.

`python benchmarks/mixed.py --tables 60` prints these sections of SELECTION.md, and
writes nothing. `--only NAME` prints one of them, and `--ours` omits other packages.
"""

import argparse
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from importlib import import_module
from importlib.metadata import version

import numpy as np
import pandas as pd
from classical import encode_table, select_by_tests
from contest import NONE, log, run_all, seeds_note, table
from tables import (
    KINDS,
    N_COPIES,
    ORIGINALS,
    TARGETS,
    copies_table,
    flag_beside_town,
    imbalanced_table,
    kind_of,
    mixed_table,
)

from skmi import FCBF, MISelector
from skmi.estimators import PlugIn

# --- methods

FEW = 5  # tables for a method that takes seconds


@dataclass(frozen=True)
class Method:
    """Select columns with `call(X, y, k)`, which returns positions, best first."""

    call: Callable
    given_k: bool = False  # whether it selects k columns, the true number
    max_tables: int | None = None


def by_tests(X, y, k):
    return select_by_tests(X, y)


def by_skmi(X, y, k, *, auto=True, **options):
    selector = MISelector("auto" if auto else k, random_state=0, **options)
    return selector.fit(X, y).path_


def by_fcbf(X, y, k, **options):
    return FCBF(**options).fit(X, y).path_


def as_codes(X, y) -> tuple[pd.DataFrame, pd.Series, np.ndarray]:
    """Return labels as codes, for packages that read numbers only."""
    codes, discrete = encode_table(X)
    return pd.DataFrame(codes, columns=X.columns), pd.Series(y), discrete


def by_feature_engine(X, y, k, *, method):
    frame, target, discrete = as_codes(X, y)
    selector = import_module("feature_engine.selection").MRMR(
        method=method, max_features=k, random_state=0,
        regression=y.dtype == float, discrete_features=discrete,
    ).fit(frame, target)  # fmt: skip
    return X.columns.get_indexer(selector.get_feature_names_out())


def by_mrmr_selection(X, y, k):
    mrmr = import_module("mrmr")
    select = mrmr.mrmr_regression if y.dtype == float else mrmr.mrmr_classif
    frame, target, _ = as_codes(X, y)
    names = select(frame, target, K=k, n_jobs=1, show_progress=False)
    return X.columns.get_indexer(names)


def by_boruta(X, y, k):
    ensemble = import_module("sklearn.ensemble")
    forest = (
        ensemble.RandomForestRegressor
        if y.dtype == float
        else ensemble.RandomForestClassifier
    )
    selector = import_module("boruta").BorutaPy(
        forest(max_depth=5, random_state=0), n_estimators=50, max_iter=30,
        random_state=0,
    )  # fmt: skip
    frame, target, _ = as_codes(X, y)
    selector.fit(frame.to_numpy(), target.to_numpy())
    best = np.argsort(-selector.importance_history_[1:].mean(axis=0), kind="stable")
    return best[selector.support_[best]]


def ours() -> dict[str, Method]:
    """Return the methods of this package."""
    found = {"default (cmim)": Method(by_skmi)}
    corrections = {
        f"cmim, correction={name!r}": PlugIn(correction=name)
        for name in (None, "miller-madow")
    }
    for label, estimator in corrections.items():
        found[label] = Method(partial(by_skmi, estimator=estimator))
    for name, max_tables in {"plugin": None, "ksg": 8, "kde": 8}.items():
        call = partial(by_skmi, estimator=name)
        found[f"cmim, {name}"] = Method(call, max_tables=max_tables)
    for criterion in ("mim", "jmi", "mrmr", "cmi"):
        call = partial(by_skmi, criterion=criterion, estimator="plugin")
        found[f"{criterion}, plugin"] = Method(call)
    g_test = partial(by_skmi, criterion="cmi", p_value="analytic", backward=True)
    found["cmi, G test, backward"] = Method(g_test)
    found["FCBF"] = Method(by_fcbf)
    found["FCBF, alpha=None"] = Method(partial(by_fcbf, alpha=None))
    found["default, given k"] = Method(partial(by_skmi, auto=False), given_k=True)
    for label, estimator in corrections.items():
        call = partial(by_skmi, auto=False, estimator=estimator)
        found[f"{label}, given k"] = Method(call, given_k=True)
    return found


PEERS = {
    "feature-engine": ("feature_engine.selection", {
        f"MRMR, {method}, given k": Method(
            partial(by_feature_engine, method=method), given_k=True, max_tables=10
        )
        for method in ("MIQ", "MID")
    }),
    "mrmr-selection": ("mrmr", {
        "mrmr, given k": Method(by_mrmr_selection, given_k=True)
    }),
    "boruta": ("boruta", {"BorutaPy": Method(by_boruta, max_tables=FEW)}),
}  # fmt: skip


def all_methods(omit_peers: bool) -> tuple[dict[str, Method], list[str]]:
    """Return the methods, and a line for each package that cannot be imported."""
    found = {"tests, Bonferroni": Method(by_tests)} | ours()
    missing = []
    for package, (module, methods) in {} if omit_peers else PEERS.items():
        try:
            with warnings.catch_warnings(action="ignore"):
                import_module(module)
        except Exception as error:
            missing.append(f"* {package} cannot be imported: {error}".splitlines()[0])
            continue
        label = f"{package} {version(package)}"
        found |= {f"{label}: {name}": method for name, method in methods.items()}
    return found, missing


# --- selecting


@dataclass(frozen=True)
class Outcome:
    """The picks of a method from a table, the correct columns, and the time."""

    picks: tuple[str, ...]
    informative: frozenset[str]
    seconds: float

    @property
    def first_correct(self) -> bool:
        return bool(self.picks) and self.picks[0] in self.informative

    @property
    def n_found(self) -> int:
        return len(self.informative.intersection(self.picks))

    @property
    def false(self) -> list[str]:
        return [name for name in self.picks if name not in self.informative]


def try_method(method: Method, draw: Callable, seed: int, k: int) -> Outcome | str:
    """Return the outcome of a method, or the message of the error."""
    X, y, informative = draw(seed)
    start = time.perf_counter()
    try:
        with warnings.catch_warnings(action="ignore"):
            positions = method.call(X, y, k)
    except (TypeError, ValueError) as error:
        return str(error)
    seconds = time.perf_counter() - start
    picks = tuple(str(X.columns[int(f)]) for f in positions)
    return Outcome(picks, informative, seconds)


def run_methods(
    label: str,
    methods: dict[str, Method],
    draw: Callable,
    n_tables: int,
    k: int,
    start: float,
) -> dict[str, list[Outcome]]:
    """Return the outcomes of each method on the tables of seeds 0, 1, ..."""
    keys = [
        (name, seed)
        for name, method in methods.items()
        for seed in range(min(n_tables, method.max_tables or n_tables))
    ]
    tasks = [(try_method, methods[name], draw, seed, k) for name, seed in keys]
    found: dict[str, list[Outcome]] = {}
    for (name, seed), result in zip(keys, run_all(label, tasks, start), strict=True):
        if isinstance(result, str):
            log(f"{name} cannot select from table {seed}: {result}")
        else:
            found.setdefault(name, []).append(result)
    return found


def rows_of(found: dict, methods: dict, n_tables: int, cells: Callable) -> list:
    """Return a row for each method: its name and number of tables, and its cells."""
    rows = []
    for name in methods:
        outcomes = found.get(name, [])
        n_cells = len(cells([Outcome((), frozenset(), 0.0)]))
        rows.append(
            [name + seeds_note(outcomes, n_tables)]
            + (cells(outcomes) if outcomes else [NONE] * n_cells)
        )
    return rows


def mean(values) -> float:
    return float(np.mean(list(values)))


def milliseconds(outcomes: list[Outcome]) -> str:
    return f"{1000 * np.median([o.seconds for o in outcomes]):,.0f}"


# --- sections


def cells_of_mixed(outcomes: list[Outcome]) -> list[str]:
    false = [kind_of(name) for o in outcomes for name in o.false]
    return [
        f"{mean(o.first_correct for o in outcomes):.0%}",
        f"{mean(o.n_found for o in outcomes):.2f}",
        f"{len(false) / len(outcomes):.2f}",
        *(f"{false.count(kind) / len(false):.0%}" if false else NONE for kind in KINDS),
        milliseconds(outcomes),
    ]


def mixed_section(methods: dict, missing: list, n_tables: int, start: float) -> list:
    head = ["", "first", "found", "false", *KINDS, "ms"]
    lines = [
        "## Mixed tables",
        "",
        "300 rows of 20 columns: 5 flags, lists of 3, 3, 4, 5, 8, 12, 20, 30, 40 and "
        "50 levels, and 6 numbers; bool, category, str and numeric dtypes. A flag, a "
        "list of three levels and a number are informative. Their effects are set so "
        f"that the tests below find about 2.88 of the three. {n_tables} tables; a "
        "number in brackets is the number of tables, if it is smaller.",
        "",
        "*First*: how often the first pick is informative. *Found*: mean number of "
        "informative columns selected, of 3. *False*: mean number of other columns "
        "selected, and below each kind of column its share of them. *ms*: median time "
        "in milliseconds, while other methods run on the other cores.",
        *ABOUT_METHODS.splitlines(),
        *missing,
    ]
    for target, about in TARGETS.items():
        draw = partial(mixed_table, target=target)
        found = run_methods(f"mixed, {target}", methods, draw, n_tables, 3, start)
        rows = rows_of(found, methods, n_tables, cells_of_mixed)
        lines += ["", f"{about.capitalize()}:", "", *table(head, rows)]
    return lines


ABOUT_METHODS = """
* tests: chi-square of two discrete variables, F of a discrete and a continuous one,
  Pearson's correlation of two continuous ones; p-values times the number of columns
  are at most .05. The first pick has the smallest p-value.
* `MISelector("auto")` with the options in the row, and `FCBF()`. "Given k": it selects
  the true number of columns.
* feature-engine, mrmr-selection: they select the true number of columns. boruta: a
  forest of 50 trees, 30 rounds. These packages receive labels as codes in alphabetical
  order; feature-engine also receives the mask of discrete columns."""


def cells_of_null(outcomes: list[Outcome]) -> list[str]:
    first = [kind_of(o.picks[0]) for o in outcomes if o.picks]
    n = len(outcomes)
    return [
        f"{len(first) / n:.1%}",
        *(f"{first.count(kind) / n:.1%}" for kind in KINDS),
    ]


def null_section(methods: dict, missing: list, n_tables: int, start: float) -> list:
    free = {
        name: method
        for name, method in methods.items()
        if not method.given_k and method.max_tables != FEW
    }
    head = ["", "any pick", *KINDS]
    error = np.sqrt(0.05 * 0.95 / n_tables)
    lines = [
        "## Mixed tables without information",
        "",
        "The same columns, but none is informative: percentage of tables with any "
        "pick, and with a first pick of each kind. Methods that select a given number, "
        f"or take seconds, are omitted. {n_tables} tables; the standard error of 5% is "
        f"{error:.1%}.",
    ]
    for target, about in TARGETS.items():
        draw = partial(mixed_table, target=target, null=True)
        found = run_methods(f"null, {target}", free, draw, n_tables, 3, start)
        rows = rows_of(found, free, n_tables, cells_of_null)
        lines += ["", f"{about.capitalize()}:", "", *table(head, rows)]
    return lines


def town_section(methods: dict, missing: list, n_tables: int, start: float) -> list:
    found = run_methods("flag and town", methods, flag_beside_town, n_tables, 1, start)

    def cells(outcomes):
        return [
            " ".join(outcomes[0].picks) or "nothing",
            f"{mean(o.first_correct for o in outcomes):.0%}",
            f"{mean('town' in o.picks for o in outcomes):.0%}",
        ]

    head = ["", "seed 0", "flag first", "town selected"]
    return [
        "## A flag beside a town",
        "",
        "300 rows of two classes: a flag that equals the class in two of three rows, "
        f"and a town of 50 levels that is independent of it. {n_tables} tables.",
        "",
        *table(head, rows_of(found, methods, n_tables, cells)),
    ]


def cells_of_imbalanced(outcomes: list[Outcome]) -> list[str]:
    return [
        f"{mean(o.first_correct for o in outcomes):.0%}",
        f"{mean(o.n_found for o in outcomes):.2f}",
        f"{mean(len(o.false) for o in outcomes):.2f}",
        milliseconds(outcomes),
    ]


def imbalance_section(
    methods: dict, missing: list, n_tables: int, start: float
) -> list:
    few = {
        name: method if method.max_tables is None else replace(method, max_tables=FEW)
        for name, method in methods.items()
    }
    found = run_methods("imbalance", few, imbalanced_table, n_tables, 3, start)
    head = ["", "first", "found", "false", "ms"]
    return [
        "## Imbalance",
        "",
        "1,000 rows of 20 normal columns. Of the rows, 5 % are positive, and three "
        "columns are shifted by one standard deviation in these rows. The columns are "
        f"as in the section on mixed tables. {n_tables} tables.",
        "",
        *table(head, rows_of(found, methods, n_tables, cells_of_imbalanced)),
    ]


def cells_of_copies(outcomes: list[Outcome]) -> list[str]:
    found, extra, false = [], [], []
    for o in outcomes:
        originals = [name.split(".")[0] for name in o.picks]
        groups = set(originals) & set(ORIGINALS)
        n_from_groups = sum(name in ORIGINALS for name in originals)
        found.append(len(groups))
        extra.append(n_from_groups - len(groups))
        false.append(len(originals) - n_from_groups)
    return [f"{mean(found):.2f} + {mean(extra):.2f} + {mean(false):.2f}"]


def copies_section(methods: dict, missing: list, n_tables: int, start: float) -> list:
    methods = {name: m for name, m in methods.items() if m.max_tables is None}
    kinds = [(target, exact) for target in TARGETS for exact in (False, True)]
    rows = [[name] for name in methods]
    head = [""]
    for target, exact in kinds:
        kind = "exact" if exact else "noisy"
        head.append(f"{kind}, {TARGETS[target]}")
        draw = partial(copies_table, target=target, exact=exact)
        label = f"{kind} copies, {target}"
        found = run_methods(label, methods, draw, n_tables, len(ORIGINALS), start)
        for row, cells in zip(
            rows, rows_of(found, methods, n_tables, cells_of_copies), strict=True
        ):
            note = seeds_note(found.get(row[0], []), n_tables)
            row.append(cells[1] + note * (cells[1] != NONE))
    return [
        "## Copies",
        "",
        "300 rows: a flag, a list of three levels and two numbers are relevant, and of "
        f"each there are {N_COPIES} copies. Of a noisy copy, one of ten labels is "
        "drawn anew, and a number has a correlation of .95 with the original. There "
        "are also ten columns of noise. In each cell: mean number of the four groups "
        "from which a column is selected + further columns of these groups + columns "
        f"of noise. Slow methods are omitted. {n_tables} tables.",
        "",
        *table(head, rows),
    ]


SECTIONS = {
    "mixed": (mixed_section, 1.0),
    "null": (null_section, 5 / 3),
    "town": (town_section, 0.5),
    "imbalance": (imbalance_section, 1 / 3),
    "copies": (copies_section, 0.1),
}


def mixed_sections(
    n_tables: int, start: float, omit_peers: bool = False, only: str | None = None
) -> list[str]:
    """Return the lines of all sections; each has a share of n_tables tables."""
    methods, missing = all_methods(omit_peers)
    lines: list[str] = []
    for name, (section, share) in SECTIONS.items():
        if only in (None, name):
            n = max(1, round(n_tables * share))
            lines += ["", *section(methods, missing, n, start)]
    return lines[1:]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tables", type=int, default=60, help="number of tables")
    parser.add_argument("--only", choices=SECTIONS, help="print this section only")
    parser.add_argument("--ours", action="store_true", help="omit other packages")
    arguments = parser.parse_args()
    start = time.perf_counter()
    lines = mixed_sections(arguments.tables, start, arguments.ours, only=arguments.only)
    log(f"{time.perf_counter() - start:.0f} s in all")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
