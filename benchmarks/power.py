"""Compare the power of the test over scales with other tests, and write POWER.md.

All tests read the same tables. `python benchmarks/power.py --quick` uses few tables,
`--ours` omits the other packages; with one of these options, POWER.md is not written.
`--only NAME` replaces one section.
"""

import argparse
import platform
import time
import warnings
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial
from importlib.metadata import version
from pathlib import Path

# isort: off
from contest import NONE, bold_if, log, run_all, table, write_sections  # one thread

# isort: on
import numpy as np
from levels import (
    ALPHA,
    ROUNDING,
    conditional_section,
    level_section,
    percent,
    standard_error,
    tail_section,
)
from pair_tests import (
    ABOUT_TESTS,
    DISTANCE,
    N_PERMUTATIONS,
    OURS,
    PEARSON,
    SLOW_TESTS,
    TESTS,
    XI,
    Test,
    pvalues,
    versions_of,
    without_missing,
)
from relations import CURVES, INDEPENDENT, LEVELS, RELATIONS, draw_curve, line
from scipy.stats import norm
from timing import best_times
from wide import fdr_section, wide_section

from skmi import MIScorer, independence_test

RESULTS = Path(__file__).with_name("POWER.md")


def seeds_of(n_tables: int, *stream: int) -> list:
    """Return seeds of tables; the numbers of the stream tell relations apart."""
    return [(seed, *stream, 23) for seed in range(n_tables)]


def labels_of(tests: list[Test], n_tables: int) -> dict[str, str]:
    """Return for each label its text in a table, with the number of tables if lower."""
    return {
        label: label
        + (
            f" ({test.n_tables(n_tables)})"
            if test.n_tables(n_tables) < n_tables
            else ""
        )
        for test in tests
        for label in test.labels
    }


def rejected(found: np.ndarray) -> np.ndarray:
    """Return for each p-value whether it is at most ALPHA, or NaN if there is none."""
    return np.where(np.isnan(found), np.nan, found <= ALPHA + ROUNDING)


def run_tests(label: str, tests: list[Test], cells: dict, n_tables: int, start: float):
    """Return whether each table is rejected, for each (label of a test, cell).

    Parameters
    ----------
    cells : dict
        For each cell, the arguments of `pvalues` after the test but for the seeds, and
        the stream of its seeds.
    """
    keys, tasks = [], []
    for cell, (draw, n, classes, stream) in cells.items():
        for test in tests:
            seeds = seeds_of(test.n_tables(n_tables), *stream)
            keys.append(cell)
            tasks.append((pvalues, test, draw, n, classes, seeds))
    found = {}
    for cell, result in zip(keys, run_all(label, tasks, start), strict=True):
        for name, values in result.items():
            found[name, cell] = rejected(values)
    return found


def as_percent(share: float) -> str:
    return NONE if np.isnan(share) else f"{100 * share:.0f}"


def largest_error(n_tables: int) -> str:
    """Return the standard error of a power of one half, in points."""
    return f"{100 * standard_error(0.5, n_tables):.1f}"


def bold_largest(power: dict[str, float], labels: dict[str, str]) -> list[str]:
    """Return percentages, the largest of all tests with all tables in bold."""
    texts = {label: as_percent(value) for label, value in power.items()}
    complete = [label for label, text in labels.items() if label == text]
    best = as_percent(np.nanmax([power[label] for label in complete]))
    return [
        bold_if(label in complete and texts[label] == best, texts[label])
        for label in labels
    ]


def mean_power(power: dict, labels: Iterable[str], names: Iterable[str]) -> dict:
    """Return for each label the mean over relations, without those it cannot test."""
    return {
        label: float(np.nanmean([power[label, name] for name in names]))
        for label in labels
    }


# --- the eight relations


def curves_section(tests: list[Test], n_tables: int, start: float) -> list[str]:
    n = 320
    cells = {
        (name, level): (partial(draw_curve, name, level), n, False, (i, level))
        for i, name in enumerate(CURVES)
        for level in LEVELS
    }
    found = run_tests("curves", tests, cells, n_tables, start)
    labels = labels_of(tests, n_tables)
    power = {
        (label, name): np.mean([found[label, (name, level)].mean() for level in LEVELS])
        for label in labels
        for name in CURVES
    }
    columns = [
        bold_largest({label: power[label, name] for label in labels}, labels)
        for name in CURVES
    ]
    columns.append(bold_largest(mean_power(power, labels, CURVES), labels))
    rows = [
        [text, *row]
        for text, row in zip(labels.values(), zip(*columns, strict=True), strict=True)
    ]
    rivals = [label for label in (PEARSON, XI, DISTANCE) if label in labels]
    ratios = []
    for name in CURVES:
        best = max(rivals, key=lambda label: power[label, name])
        ours, theirs = power[OURS, name], power[best, name]
        ratios.append(
            [name, as_percent(ours), f"{as_percent(theirs)} {best}",
             bold_if(ours < theirs, f"{ours / theirs:.2f}" if theirs else NONE)]
        )  # fmt: skip
    fewest = min(test.n_tables(n_tables) for test in tests)
    return [
        "## Eight relations",
        "",
        "The relations of Simon and Tibshirani (arXiv 1401.7645): x is uniform, y is a "
        f"curve plus normal noise of {len(LEVELS)} levels, n={n}. Mean power in "
        f"percent over the levels of noise, for tests at {ALPHA:g}. {n_tables} tables "
        "for each relation and level, or as many as a bracket says. The standard error "
        f"of a cell is at most {largest_error(n_tables * len(LEVELS))} points for "
        f"{n_tables} tables, and {largest_error(fewest * len(LEVELS))} for {fewest}. "
        "Bold: the largest of a column among tests with all tables.",
        "",
        *table(["test", *CURVES, "mean"], rows),
        "",
        f"The test over scales beside the best of {', '.join(rivals)}, which is chosen "
        "for each relation with knowledge of the result. Bold: ours is lower.",
        "",
        *table(["relation", "ours", "best of these", "ratio"], ratios),
    ]


# --- other relations


def relations_section(
    tests: list[Test], n_tables: dict[int, int], start: float
) -> list[str]:
    lines = [
        "## Other relations",
        "",
        "Nothing in the test was chosen by these relations. The noise of each is such "
        f"that {DISTANCE} finds about half of the tables at {ALPHA:g}, for each n (a "
        "checkerboard of 100 rows it finds rarely with any noise). Power in percent. "
        "Bold: the largest of a row among tests with all tables. The mean leaves out "
        "what a test cannot test.",
    ]
    for n, number in n_tables.items():
        cells = {
            name: (partial(draw_relation, name), n, relation.classes, (i, n))
            for i, (name, relation) in enumerate(RELATIONS.items())
        }
        found = run_tests(f"relations, n={n:,}", tests, cells, number, start)
        labels = labels_of(tests, number)
        fewest = min(test.n_tables(number) for test in tests)
        power = {key: float(np.mean(values)) for key, values in found.items()}
        rows = []
        for name in RELATIONS:
            of_name = {label: power[label, name] for label in labels}
            rows.append([name, *bold_largest(of_name, labels)])
        means = mean_power(power, labels, RELATIONS)
        rows.append(["mean", *bold_largest(means, labels)])
        lines += [
            "",
            f"n={n:,}. {number} tables, or as many as a bracket says; the standard "
            f"error is at most {largest_error(number)} points for {number} tables, and "
            f"{largest_error(fewest)} for {fewest}.",
            "",
            *table(["relation", *labels.values()], rows),
        ]
    return lines


def draw_relation(name: str, rng, n: int):
    return RELATIONS[name].sample(rng, n)


# --- lines

LINE_SIZES = (30, 100, 300, 1_000, 3_000, 10_000)
POWERS = (0.5, 0.8)


def noise_for_power(power: float, n: int) -> float:
    """Return the noise with which Pearson's test has about this power."""
    r = np.tanh((norm.ppf(power) - norm.ppf(ALPHA / 2)) / np.sqrt(n - 3))
    return float(np.sqrt(1 / r**2 - 1))


def lines_section(n_tables: int, start: float) -> list[str]:
    tests = [test for test in TESTS if {OURS, PEARSON}.intersection(test.labels)]
    found: dict = {}
    for n in reversed(LINE_SIZES):
        number = max(2, min(n_tables, n_tables * 1_000 // n))
        cells = {
            (power, n): (
                partial(line, noise=noise_for_power(power, n)), n, False, (99, n)
            )
            for power in POWERS
        }  # fmt: skip
        found |= run_tests(f"lines, n={n:,}", tests, cells, number, start)
    rows = []
    for n in LINE_SIZES:
        rows.append([f"{n:,}", str(len(found[OURS, (POWERS[0], n)]))])
        for power in POWERS:
            ours, theirs = found[OURS, (power, n)], found[PEARSON, (power, n)]
            ratio = ours.mean() / max(theirs.mean(), 1e-9)
            error = (ours - ratio * theirs).std() / np.sqrt(len(ours))
            rows[-1] += [
                as_percent(theirs.mean()), as_percent(ours.mean()),
                f"{ratio:.2f} ± {error / max(theirs.mean(), 1e-9):.2f}",
            ]  # fmt: skip
    head = ["n", "tables"]
    for power in POWERS:
        head += [f"{PEARSON}, near {power:.0%}", "ours", "ratio"]
    return [
        "## Lines",
        "",
        "Normal lines whose correlation is such that Pearson's test has a power of "
        f"about {' and '.join(f'{power:.0%}' for power in POWERS)}: power in percent, "
        "and the ratio of both ± its standard error. Both tests read the same tables.",
        "",
        *table(head, rows, n_left=0),
    ]


# --- levels of the other tests

NULLS = ("two numbers", "number, 5 classes", "both rounded", "0 or 1 as a number")


def draw_independent(name: str, rng, n: int):
    pair = INDEPENDENT[name]
    return pair.x(rng, n), pair.y(rng, n)


def others_section(tests: list[Test], n_tables: int, start: float) -> list[str]:
    others = [replace(test, share=1) for test in tests if not test.ours]
    cells = {
        (name, n): (
            partial(draw_independent, name), n, INDEPENDENT[name].discrete_y, (i, n)
        )
        for i, name in enumerate(NULLS)
        for n in (100, 320)
    }  # fmt: skip
    found = run_tests("levels of others", others, cells, n_tables, start)
    labels = [label for test in others for label in test.labels]
    rows = [
        [label]
        + [
            NONE if np.isnan(share) else percent(share, ALPHA, n_tables)
            for share in (found[label, cell].mean() for cell in cells)
        ]
        for label in labels
    ]
    return [
        "## Level of the other tests",
        "",
        f"Percentage of p-values of at most {ALPHA:g} for independent variables of the "
        f"section above, y being the second one. {n_tables} tables; the standard error "
        f"of {ALPHA:.0%} is {100 * standard_error(ALPHA, n_tables):.1f} points. Bold: "
        "too large by more than two standard errors.",
        "",
        *table(["test", *(f"{name}, n={n}" for name, n in cells)], rows),
    ]


# --- seconds


def seconds_section(tests: list[Test], slow: list[Test], scale: int) -> list[str]:
    columns = []
    for n in (320 // scale, 1_000 // scale):
        x, y = line(np.random.default_rng(0), n, 3)

        def run(test, x=x, y=y):
            return lambda: test.call(x, y, False, 0)

        with warnings.catch_warnings(action="ignore"):
            seconds = best_times(*map(run, tests))
            for test in slow:
                seconds += best_times(run(test)) if n <= 320 else [np.nan]
        columns.append([f"{1000 * s:,.2f}" if s == s else NONE for s in seconds])
    names = [
        "each scale alone, all three" if len(test.labels) > 1 else test.labels[0]
        for test in [*tests, *slow]
    ]
    rows = [list(row) for row in zip(names, *columns, strict=True)]
    n = n_columns = 1_000 // scale
    rng = np.random.default_rng(1)
    X, y = rng.standard_normal((n, n_columns)), rng.standard_normal(n)
    start = time.perf_counter()
    MIScorer(p_value="permutation", random_state=0)(X, y)
    spent = time.perf_counter() - start
    x = X[:, 0].copy()
    (of_one,) = best_times(lambda: independence_test(x, y, random_state=0))
    return [
        "## Seconds",
        "",
        "Milliseconds of one test on one thread, the fastest run. The permutation "
        f"tests draw {N_PERMUTATIONS} permutations. `{NONE}`: not run.",
        "",
        *table(["test", *(f"n={m // scale:,}" for m in (320, 1_000))], rows),
        "",
        f'`MIScorer(p_value="permutation")` of {n:,} rows and {n_columns:,} columns '
        f"with 999 permutations takes {spent:.1f} s on one thread, and "
        f"`independence_test` of one of these columns {1000 * of_one:.0f} ms.",
    ]


def introduction(tests: list[Test], missing: list[str]) -> list[str]:
    packages = ["skmi", "numpy", "scipy", "scikit-learn"]
    versions = [f"{package} {version(package)}" for package in packages]
    return [
        "# Power of tests of independence",
        "",
        f"Written by `make bench-power`. CPython {platform.python_version()}, "
        f"{', '.join(versions + versions_of(tests))}.",
        "",
        "`benchmarks/relations.py` draws the tables, the same for all tests. Power is "
        "the share of tables of dependent variables whose p-value is at most "
        f"{ALPHA:g}, and the level is that share for independent ones. A number in "
        "brackets is the number of tables, if a test is slow and has fewer.",
        *ABOUT_TESTS.splitlines(),
        *missing,
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--quick", action="store_true", help="use few tables, write nothing"
    )
    parser.add_argument(
        "--ours", action="store_true", help="omit other packages, write nothing"
    )
    parser.add_argument("--only", help="replace one section")
    arguments = parser.parse_args()
    quick = arguments.quick
    tests, missing = without_missing(TESTS, arguments.ours)
    slow, _ = without_missing(SLOW_TESTS, arguments.ours)

    start = time.perf_counter()
    sections: dict[str, Callable] = {
        "curves": lambda: curves_section(tests, 5 if quick else 50, start),
        "relations": lambda: relations_section(
            tests, {100: 10, 1_000: 5} if quick else {100: 200, 1_000: 80}, start
        ),
        "lines": lambda: lines_section(20 if quick else 300, start),
        "level": lambda: level_section(40 if quick else 2_000, start),
        "others": lambda: others_section(tests, 20 if quick else 500, start),
        "given": lambda: conditional_section(10 if quick else 60, start),
        "fdr": lambda: fdr_section(3 if quick else 60, start),
        "wide": lambda: wide_section(3 if quick else 20, start),
        "tails": lambda: tail_section(5 if quick else 60, start),
        "seconds": lambda: seconds_section(tests, slow, 10 if quick else 1),
    }
    if arguments.only:
        if arguments.only not in sections:
            parser.error(f"--only must be one of {', '.join(sections)}.")
        sections = {arguments.only: sections[arguments.only]}
    for name, section in sections.items():
        lines = section()
        print("\n".join(lines), flush=True)
        log(f"{time.perf_counter() - start:.0f} s: {name} done")
        if not (quick or arguments.ours):
            write_sections(RESULTS, introduction(tests, missing), lines)


if __name__ == "__main__":
    main()
