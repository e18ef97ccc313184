"""How often p-values of independent columns are below .05 if rows are not independent.

`python benchmarks/dependence.py` prints the percentages of `docs/independence.rst`, and
writes nothing. It takes some minutes; `--tables` is the number of tables of a cell, and
`--tests scales copula` leaves out the slow one.
"""

import argparse
from collections.abc import Callable

import numpy as np
from scipy.signal import lfilter

from skmi import MIScorer

N_COLUMNS, N_PERMUTATIONS = 10, 99
SCALES = "scales"  # the default test; the others use the score of an estimator


def series(rng: np.random.Generator, n: int):
    """Return independent series, each value of which has r = .9 with the next."""
    noise = rng.standard_normal((n + 100, N_COLUMNS + 1))
    rows = lfilter([1], [1, -0.9], noise, axis=0)[100:]
    return rows[:, 1:], rows[:, 0], None


def unequal_groups(rng: np.random.Generator, n_groups: int):
    """Return columns and a class that are constant in groups of 3 to 14 rows."""
    groups = np.repeat(np.arange(n_groups), rng.integers(3, 15, n_groups))
    X = rng.standard_normal((n_groups, N_COLUMNS))
    return X[groups], rng.integers(0, 2, n_groups)[groups], groups


def percentage(
    make: Callable, size: int, statistic: str, exchange: str | int, n_tables: int
) -> float:
    """Return the percentage of p-values of at most .05."""
    found = []
    for seed in range(n_tables):
        X, y, groups = make(np.random.default_rng([seed, 9]), size)
        test = {"test": "score", "estimator": statistic}
        scorer = MIScorer(
            p_value="permutation", exchange=exchange, n_permutations=N_PERMUTATIONS,
            random_state=seed, **({} if statistic == SCALES else test),
        )  # fmt: skip
        found.append(scorer(X, y, groups if isinstance(exchange, str) else None)[1])
    return 100 * float(np.mean(np.concatenate(found) <= 0.05))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tables", type=int, default=40)
    parser.add_argument("--tests", nargs="+", default=[SCALES, "copula", "ksg"])
    arguments = parser.parse_args()
    lines = ["| rows | exchange | test | % |", "|---|---|---|---:|"]
    for statistic in arguments.tests:
        for n in (500, 2_000):
            for length in ("rows", 20, 50, 100):
                found = percentage(series, n, statistic, length, arguments.tables)
                lines.append(
                    f"| series of {n:,} | {length} | {statistic} | {found:.0f} |"
                )
        for n_groups in (40, 100):
            found = percentage(
                unequal_groups, n_groups, statistic, "groups", arguments.tables
            )
            lines.append(f"| {n_groups} groups | groups | {statistic} | {found:.0f} |")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
