"""Select from tables whose informative features are known, and write SELECTION.md.

All packages select from the same tables. `python benchmarks/selection.py --quick` uses
few seeds, and `--ours` omits the other packages. Neither option writes SELECTION.md.
`--only NAME` replaces one section, or the sections of a few names.
"""

import argparse
import platform
import time
from collections.abc import Callable
from functools import partial
from importlib.metadata import version
from pathlib import Path

import numpy as np
from blankets import N_NODES, blankets_section
from calibration import (
    ALPHA,
    N_PERMUTATIONS,
    calibration_section,
    correlation_section,
    pvalue_section,
)
from contest import (
    GENERATORS,
    NONE,
    Contender,
    Task,
    bold_if,
    headers,
    log,
    rows_of_correct,
    seeds_note,
    select,
    select_all,
    table,
    write_sections,
)
from defaults import N_TABLES, defaults_section
from mixed import mixed_sections
from peers import peers_section
from praznik import praznik_section

from skmi import MISelector
from skmi.criteria import CRITERIA
from skmi.estimators import PlugIn

RESULTS = Path(__file__).with_name("SELECTION.md")


def select_auto(task: Task, criterion: str, estimator="plugin", **options):
    """Select as many features as the stopping test accepts."""
    defaults = {"alpha": ALPHA, "n_permutations": N_PERMUTATIONS}
    selector = MISelector(
        "auto", criterion=criterion, estimator=estimator, random_state=task.seed,
        **task.column_types, **(defaults | options),
    )  # fmt: skip
    return selector.fit(task.X, task.y).path_


def criteria_contenders() -> dict[str, Contender]:
    found = {name: Contender(partial(select, criterion=name)) for name in CRITERIA}
    four_bins = partial(select, criterion="jmi3", estimator=PlugIn(n_bins=4))
    found["jmi3"] = Contender(found["jmi3"].call, 10)
    found["jmi3, n_bins=4"] = Contender(four_bins, 10)
    for criterion in ("jmi", "cmi"):
        found[f"{criterion}, pairs_first"] = Contender(
            partial(select, criterion=criterion, pairs_first=True), max_seeds_wide=5
        )
    for estimator, max_seeds_wide in {"copula": None, "ksg": 2, "kde": 5}.items():
        for criterion in ("mrmr", "jmi"):
            found[f"{criterion}, {estimator}"] = Contender(
                partial(select, criterion=criterion, estimator=estimator),
                max_seeds_wide, continuous_only=True,
            )  # fmt: skip
    return found


def auto_contenders() -> dict[str, Contender]:
    def contender(criterion, max_seeds_wide=3, continuous_only=False, **options):
        call = partial(select_auto, criterion=criterion, **options)
        return Contender(call, max_seeds_wide, continuous_only)

    analytic = {"p_value": "analytic"}
    found = {name: contender(name, 0 if name == "jmi3" else 3) for name in CRITERIA}
    found |= {
        "cmi, G test": contender("cmi", **analytic),
        "cmi, G test, backward": contender("cmi", backward=True, **analytic),
        "jmi, pairs_first": contender("jmi", 0, pairs_first=True),
        "cmi, pairs_first": contender("cmi", 0, pairs_first=True),
    }
    for estimator in ("copula", "ksg"):
        found[f"jmi, {estimator}"] = contender(
            "jmi", 0, continuous_only=True, estimator=estimator
        )
    return found


def criteria_section(n_seeds: int, start: float) -> list[str]:
    contenders = criteria_contenders()
    found = select_all("criteria", contenders, n_seeds, start)
    return [
        "## Criteria",
        "",
        "Mean number of correct features over the seeds. Every criterion selects as "
        "many features as the table has informative ones. The estimator is `PlugIn()` "
        "unless the row names another one. `pairs_first`: the first two picks are the "
        "pair of highest joint relevance.",
        "",
        *table(["", *headers()], rows_of_correct(found, contenders, n_seeds)),
    ]


def auto_section(n_seeds: int, start: float) -> list[str]:
    contenders = auto_contenders()
    found = select_all("auto", contenders, n_seeds, start)
    rows = []
    for label in contenders:
        rows.append([label])
        for name in GENERATORS:
            selections = found.get((label, name))
            if not selections:
                rows[-1].append(NONE)
                continue
            n_correct, n_wrong, exact = np.mean(
                [(s.n_correct, s.n_wrong, s.exact) for s in selections], axis=0
            )
            cell = f"{n_correct:.1f} + {n_wrong:.1f}, {exact:.0%}"
            rows[-1].append(bold_if(exact == 1, cell) + seeds_note(selections, n_seeds))
    return [
        "## Automatic number of features",
        "",
        f'`MISelector("auto", alpha={ALPHA:g}, n_permutations={N_PERMUTATIONS})`: mean '
        "number of correct features + mean number of other selected features, and the "
        "percentage of seeds in which the selection is exactly the correct features. G "
        'test: `p_value="analytic"`. Backward: at the end, features that the others '
        "make redundant are removed.",
        "",
        *table(["", *headers()], rows),
    ]


def introduction(n_seeds: int) -> list[str]:
    packages = ["skmi", "numpy", "scipy", "scikit-learn"]
    versions = ", ".join(f"{package} {version(package)}" for package in packages)
    return [
        "# Selection from tables with known answers",
        "",
        f"Written by `make bench-selection`. CPython {platform.python_version()}, "
        f"{versions}.",
        "",
        "The informative features of these tables are known. The generators in "
        f"`tests/generators.py` draw the tables with seeds 0 to {n_seeds - 1}, the "
        "same for all packages. Each seed shuffles the columns, so that a method "
        "cannot be correct only because it prefers the first columns. The head of a "
        "table shows the number of correct features in brackets. Bold: all are found "
        "in all seeds. A number in brackets in a cell is the number of seeds, if it "
        f"is not {n_seeds}. `{NONE}`: does not apply, or was not run.",
        "",
        *(f"* {name}: {generator.about}" for name, generator in GENERATORS.items()),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--quick", action="store_true", help="use few seeds, write nothing"
    )
    parser.add_argument(
        "--ours", action="store_true", help="omit other packages, write nothing"
    )
    parser.add_argument("--only", nargs="+", help="replace these sections")
    arguments = parser.parse_args()
    quick, ours = arguments.quick, arguments.ours
    n_seeds, n_runs = (2, 20) if quick else (30, 1_000)

    start = time.perf_counter()
    sections: dict[str, Callable] = {
        "criteria": lambda: criteria_section(n_seeds, start),
        "auto": lambda: auto_section(n_seeds, start),
        "calibration": lambda: calibration_section(n_runs, start),
        "p-values": lambda: pvalue_section(n_runs, start),
        "correlation": lambda: correlation_section(n_runs // 5, start),
        "praznik": lambda: praznik_section(n_seeds, start),
        "peers": lambda: [] if ours else peers_section(n_seeds, start),
        "mixed": lambda: mixed_sections(2 * n_seeds, start, ours),
        "blankets": lambda: blankets_section(2 if quick else N_NODES, start),
        "defaults": lambda: defaults_section(2 if quick else N_TABLES, start),
    }
    unknown = set(arguments.only or ()) - sections.keys()
    if unknown:
        parser.error(f"--only takes {', '.join(sections)}; not {', '.join(unknown)}.")
    for name in arguments.only or sections:
        lines = sections[name]()
        print("\n".join(lines), flush=True)
        log(f"{time.perf_counter() - start:.0f} s: {name} done")
        if lines and not (quick or ours):
            write_sections(RESULTS, introduction(n_seeds), lines)


if __name__ == "__main__":
    main()
