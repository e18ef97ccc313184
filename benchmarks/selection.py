"""Select from tables whose right features are known and write SELECTION.md.

Everyone selects from the same tables. `python benchmarks/selection.py --quick` is a
trial run on few seeds, `--ours` leaves the peers out; neither writes.
"""

import argparse
import platform
import time
from functools import partial
from importlib.metadata import version
from pathlib import Path

import numpy as np
from calibration import ALPHA, N_PERMUTATIONS, beside_correlation, calibration
from contest import (
    GENERATORS,
    NONE,
    Contender,
    Task,
    bold_if,
    choices,
    few,
    headers,
    log,
    rows_of_right,
    select,
    table,
)
from peers import of_peers
from praznik import of_praznik

from skmi import MISelector
from skmi.criteria import CRITERIA
from skmi.estimators import PlugIn

RESULTS = Path(__file__).with_name("SELECTION.md")


def select_auto(task: Task, criterion: str, estimator="plugin", **options):
    """Without being told how many."""
    defaults = {"alpha": ALPHA, "n_permutations": N_PERMUTATIONS}
    selector = MISelector(
        "auto", criterion=criterion, estimator=estimator, random_state=task.seed,
        **task.kinds, **(defaults | options),
    )  # fmt: skip
    return selector.fit(task.X, task.y).path_


def our_contenders() -> dict[str, Contender]:
    found = {name: Contender(partial(select, criterion=name)) for name in CRITERIA}
    few_bins = partial(select, criterion="jmi3", estimator=PlugIn(n_bins=4))
    found["jmi3"] = Contender(found["jmi3"].call, 10)
    found["jmi3, n_bins=4"] = Contender(few_bins, 10)
    for criterion in ("jmi", "cmi"):
        found[f"{criterion}, pairs_first"] = Contender(
            partial(select, criterion=criterion, pairs_first=True), seeds_of_many=5
        )
    for estimator, seeds_of_many in {"copula": None, "ksg": 2, "kde": 5}.items():
        for criterion in ("mrmr", "jmi"):
            found[f"{criterion}, {estimator}"] = Contender(
                partial(select, criterion=criterion, estimator=estimator),
                seeds_of_many, continuous_only=True,
            )  # fmt: skip
    return found


def our_stops() -> dict[str, Contender]:
    def stop(criterion, seeds_of_many=3, continuous_only=False, **options):
        call = partial(select_auto, criterion=criterion, **options)
        return Contender(call, seeds_of_many, continuous_only)

    analytic = {"p_value": "analytic"}
    found = {name: stop(name, 0 if name == "jmi3" else 3) for name in CRITERIA}
    found |= {
        "cmi, G test": stop("cmi", **analytic),
        "cmi, G test, backward": stop("cmi", backward=True, **analytic),
        "jmi, pairs_first": stop("jmi", 0, pairs_first=True),
        "cmi, pairs_first": stop("cmi", 0, pairs_first=True),
    }
    for estimator in ("copula", "ksg"):
        found[f"jmi, {estimator}"] = stop(
            "jmi", 0, continuous_only=True, estimator=estimator
        )
    return found


def of_criteria(n_seeds: int, start: float) -> list[str]:
    contenders = our_contenders()
    found = choices("criteria", contenders, n_seeds, start)
    return [
        "## Criteria",
        "",
        "Of as many picks as there are right features, how many are right: the mean "
        "over the seeds. PlugIn() but where another estimator is named. `pairs_first`: "
        "the first two picks are the pair that tells most together.",
        "",
        *table(["", *headers()], rows_of_right(found, contenders, n_seeds)),
    ]


def of_auto(n_seeds: int, start: float) -> list[str]:
    contenders = our_stops()
    found = choices("auto", contenders, n_seeds, start)
    rows = []
    for label in contenders:
        rows.append([label])
        for name in GENERATORS:
            chosen = found.get((label, name))
            if not chosen:
                rows[-1].append(NONE)
                continue
            right, wrong, exact = np.mean(
                [(choice.right, choice.wrong, choice.exact) for choice in chosen],
                axis=0,
            )
            cell = f"{right:.1f} + {wrong:.1f}, {exact:.0%}"
            rows[-1].append(bold_if(exact == 1, cell) + few(chosen, n_seeds))
    return [
        "## Where it stops by itself",
        "",
        f'`MISelector("auto", alpha={ALPHA:g}, n_permutations={N_PERMUTATIONS})`: mean '
        "number of right features + of others that are selected, and the share of "
        "seeds whose selection is the answer exactly. G test: "
        '`p_value="analytic"`; backward: those that the rest makes needless are '
        "dropped at the end.",
        "",
        *table(["", *headers()], rows),
    ]


def introduction(n_seeds: int) -> list[str]:
    packages = ["skmi", "numpy", "scipy", "scikit-learn"]
    versions = ", ".join(f"{package} {version(package)}" for package in packages)
    return [
        "# Selection against known answers",
        "",
        f"Written by `make bench-selection`. CPython {platform.python_version()}, "
        f"{versions}.",
        "",
        "Tables of which it is known what columns tell the target, by the generators "
        f"in `tests/generators.py`, seeds 0 to {n_seeds - 1}, the same for everyone. "
        "The columns are shuffled for each seed: else who takes the first columns, "
        "whatever they tell, would be right. In the head of a table is how many right "
        "features there are; bold where all are found in all seeds; a number in "
        f"brackets says of how many seeds, if not of {n_seeds}; `{NONE}`: does not "
        "apply, or not run.",
        "",
        *(f"* {name}: {generator.about}" for name, generator in GENERATORS.items()),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a trial run")
    parser.add_argument("--ours", action="store_true", help="without the peers")
    arguments = parser.parse_args()
    n_seeds, n_runs = (2, 20) if arguments.quick else (30, 1_000)

    start = time.perf_counter()
    lines = introduction(n_seeds)
    lines += ["", *of_criteria(n_seeds, start)]
    lines += ["", *of_auto(n_seeds, start)]
    lines += ["", *calibration(n_runs, start)]
    lines += ["", *beside_correlation(n_runs // 5, start)]
    lines += ["", *of_praznik(n_seeds, start)]
    if not arguments.ours:
        lines += ["", *of_peers(n_seeds, start)]
    log(f"{time.perf_counter() - start:.0f} s in all")
    print("\n".join(lines))
    if not (arguments.quick or arguments.ours):
        RESULTS.write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
