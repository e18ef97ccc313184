"""How often tests reject what is true, and errors of compare_correlation."""

from collections.abc import Callable

import numpy as np
from contest import NONE, bold_if, run_all, table

from skmi import MISelector, compare_correlation, mutual_info
from skmi._data.columns import Columns
from skmi.estimators import PlugIn

N_PERMUTATIONS = 99
ALPHA = 0.05


def independent(column_type: str, rng, n: int, n_columns: int):
    """Return columns that are independent of the target, and the target."""
    if column_type == "discrete":
        X = rng.integers(0, 4, (n, n_columns))
    else:
        X = rng.standard_normal((n, n_columns))
    y = rng.standard_normal(n) if column_type == "continuous" else rng.integers(0, 2, n)
    return X, y


def first_relevant(column_type: str, rng, n: int, n_columns: int):
    """Return columns of which only the first is relevant, and the target."""
    X, _ = independent(column_type, rng, n, n_columns)
    if column_type == "discrete":
        return X, (X[:, 0] >= 2) ^ (rng.random(n) < 0.1)
    y = X[:, 0] + 0.5 * rng.standard_normal(n)
    return X, y if column_type == "continuous" else y > 0


CRITERIA = ["mim", "mrmr", "jmi", "jmim", "cmim", "cmi", "disr"]
COLUMN_TYPES = {
    "classes": "continuous columns, two classes",
    "continuous": "continuous columns and target",
    "discrete": "columns of four levels, two classes",
}
ESTIMATORS = [
    ("plugin", "discrete"), ("plugin", "classes"),
    ("copula", "continuous"), ("copula", "classes"),
    ("ksg", "continuous"), ("ksg", "classes"),
]  # fmt: skip
N_SAMPLES, N_COLUMNS = 100, 10
FEWEST_PERMUTATIONS = round(1 / ALPHA) - 1  # smallest number that can reject


def selected_by_chance(
    sampler: Callable, column_type: str, seeds: range, criterion: str, options: dict
) -> list[tuple[bool, bool]] | None:
    """Return for each seed whether the first column is selected, and whether others."""
    found = []
    for seed in seeds:
        rng = np.random.default_rng([seed, 3])
        X, y = sampler(column_type, rng, N_SAMPLES, N_COLUMNS)
        selector = MISelector(
            "auto", criterion=criterion, alpha=ALPHA, random_state=seed,
            discrete_features=column_type == "discrete",
            discrete_target=column_type != "continuous", **options,
        )  # fmt: skip
        try:
            path = selector.fit(X, y).path_
        except ValueError as error:
            if "provide" not in str(error):
                raise
            return None
        found.append((0 in path, any(path != 0)))
    return found


def calibration_section(n_runs: int, start: float) -> list[str]:
    g_test = {"cmi, G test": ("cmi", {"p_value": "analytic"})}
    columns = {
        independent: {"any criterion": ("mim", {}), **g_test},
        first_relevant: {name: (name, {}) for name in CRITERIA} | g_test,
    }
    batch_size = 50
    n_tables = {independent: n_runs, first_relevant: n_runs * 2 // 5}
    n_permutations = {independent: N_PERMUTATIONS, first_relevant: FEWEST_PERMUTATIONS}
    keys, tasks = [], []
    for sampler in n_tables:
        for estimator, column_type in ESTIMATORS:
            for column, (criterion, options) in columns[sampler].items():
                if estimator != "plugin" and "p_value" in options:
                    continue
                options = options | {
                    "estimator": estimator,
                    "n_permutations": n_permutations[sampler],
                }
                for first in range(0, n_tables[sampler], batch_size):
                    seeds = range(first, min(first + batch_size, n_tables[sampler]))
                    keys.append((sampler, estimator, column_type, column))
                    tasks.append(
                        (selected_by_chance, sampler, column_type, seeds, criterion,
                         options)
                    )  # fmt: skip
    found: dict = {}
    for key, result in zip(keys, run_all("calibration", tasks, start), strict=True):
        found.setdefault(key, []).extend(result or [])
    lines = [
        "## Calibration",
        "",
        f'How often `MISelector("auto", alpha={ALPHA:g})` selects an irrelevant '
        f"feature, in percent of tables with {N_SAMPLES} rows and {N_COLUMNS} "
        f"columns. Bold if the percentage exceeds {ALPHA:.0%} by more than two "
        "standard errors.",
    ]
    headings = {
        independent: "No column is relevant: percentage of tables with any selected "
        "column (the first pick is the most relevant column for every criterion)",
        first_relevant: "Only the first column is relevant: percentage of tables with "
        "another selected column. The last column of this table is the percentage in "
        "which the first column is selected, for the criterion with the smallest one",
    }
    for sampler, heading in headings.items():
        rows = []
        error = np.sqrt(ALPHA * (1 - ALPHA) / n_tables[sampler])
        heading += (
            f". {n_tables[sampler]:,} tables, {n_permutations[sampler]} permutations; "
            f"the standard error of {ALPHA:.0%} is {100 * error:.1f} points."
        )
        for estimator, column_type in ESTIMATORS:
            rows.append([estimator, COLUMN_TYPES[column_type]])
            power = []
            for column in columns[sampler]:
                results = found.get((sampler, estimator, column_type, column))
                if not results:
                    rows[-1].append(NONE)
                    continue
                first, other = np.array(results).T
                wrong = other if sampler is first_relevant else first | other
                power.append(first.mean())
                share = wrong.mean()
                rows[-1].append(
                    bold_if(share > ALPHA + 2 * error, f"{100 * share:.1f}")
                )
            if sampler is first_relevant:
                rows[-1].append(f"{100 * min(power):.1f}")
        head = ["estimator", "tables", *columns[sampler]]
        head += ["first column"] if sampler is first_relevant else []
        lines += ["", heading, "", *table(head, rows, n_left=2)]
    return lines


# --- analytic p-values

NUMBERS_OF_LEVELS = (2, 5, 20, 50)
TARGETS: dict[str, int | None] = {
    "2 classes": 2, "5 classes": 5, "20 classes": 20, "a number": None,
}  # fmt: skip
P_VALUE_SIZES = (100, 1_000)
N_STRATA, N_P_VALUES = 3, 20  # levels of the given column; p-values of a table


def small_pvalues(n: int, n_levels: int, n_classes: int | None, seeds: range):
    """Return how many p-values of independent columns are below alpha: I, I given s."""
    found, estimator = np.zeros(2), PlugIn()
    columns = np.arange(N_P_VALUES)
    for seed in seeds:
        rng = np.random.default_rng([seed, 5])
        X = rng.integers(0, n_levels, (n, N_P_VALUES)).astype(float)
        y = rng.standard_normal(n)
        if n_classes is not None:
            y = rng.integers(0, n_classes, n).astype(float)
        s = rng.integers(0, N_STRATA, n).astype(float)
        block = estimator.prepare(Columns(X, np.ones(N_P_VALUES, bool)), columns)
        other = Columns(np.stack([y, s], axis=1), np.array([n_classes is not None, 1]))
        others = estimator.prepare(other, np.arange(2))
        target, given = (estimator.as_target(others, column) for column in range(2))
        conditioned = estimator.condition(target, given)
        for i, pvalues in enumerate(
            [
                estimator.pvalues(block, columns, target),
                estimator.conditional_pvalues(block, columns, conditioned),
            ]
        ):
            found[i] += np.count_nonzero(pvalues < ALPHA)
    return found


def pvalue_section(n_runs: int, start: float) -> list[str]:
    keys = [
        (n, n_levels, target)
        for n in P_VALUE_SIZES
        for n_levels in NUMBERS_OF_LEVELS
        for target in TARGETS
    ]
    tasks = [
        (small_pvalues, n, n_levels, TARGETS[target], range(n_runs))
        for n, n_levels, target in keys
    ]
    results = run_all("analytic p-values", tasks, start)
    percents = {
        key: 100 * result / (n_runs * N_P_VALUES)
        for key, result in zip(keys, results, strict=True)
    }
    rows = []
    for n in P_VALUE_SIZES:
        for n_levels in NUMBERS_OF_LEVELS:
            row = [f"{n:,}", str(n_levels)]
            for i in range(2):
                for target in TARGETS:
                    percent = percents[n, n_levels, target][i]
                    row.append(bold_if(percent > 6, f"{percent:.1f}"))
            rows.append(row)
    head = [*TARGETS, *(f"{target}, given s" for target in TARGETS)]
    error = 100 * np.sqrt(ALPHA * (1 - ALPHA) / (n_runs * N_P_VALUES))
    return [
        "## Analytic p-values",
        "",
        f"Percentage of the p-values of `PlugIn` below {ALPHA:g}, for columns that are "
        "independent of the target, by the number of their levels; without a "
        f"condition, and given a column s of {N_STRATA} levels. {n_runs:,} targets, "
        f"{N_P_VALUES} columns for each; the standard error of {ALPHA:.0%} is "
        f"{error:.1f} points. Bold above 6 %. If the samples are fewer than about five "
        "for each combination of levels, the test is conservative.",
        "",
        *table(["n", "levels", *head], rows, n_left=0),
    ]


# --- comparison with correlation

NOISE = {
    "normal": lambda rng, n: rng.standard_normal(n),
    "uniform": lambda rng, n: rng.uniform(-1, 1, n),
    "Student, 3 degrees": lambda rng, n: rng.standard_t(3, n),
    "exponential": lambda rng, n: rng.exponential(size=n),
}
CORRELATIONS = {"r=.5": 0.5, "r=.9": 0.9}
SIZES = (200, 500)
N_TRUE_GAP = 100_000  # samples for the true gap of the wave


def line(noise: str, r: float, rng, n: int):
    """Return a feature, and a target that is linear in it plus noise."""
    x, e = rng.standard_normal(n), NOISE[noise](rng, n)
    return x, r * x + np.sqrt(1 - r**2) * (e - e.mean()) / e.std()


def five_means(noise: str, r: float, rng, n: int):
    """Return a feature whose mean depends on the class, and the five classes."""
    y, e = rng.integers(0, 5, n), NOISE[noise](rng, n)
    return r * y / np.sqrt(2) + np.sqrt(1 - r**2) * e / e.std(), y


def wave(noise: str, r: float, rng, n: int):
    """Return a feature, and a target that is its sine plus noise."""
    x = rng.uniform(0, 10, n)
    return x, np.sin(x) + NOISE[noise](rng, n) / 2


def weak_curve(noise: str, r: float, rng, n: int):
    """Return a feature, and a target that is quadratic in it, with little curvature."""
    x, y = line(noise, r, rng, n)
    return x, y + x**2 / 5


def growing_noise(noise: str, r: float, rng, n: int):
    """Return a feature, and a target that is linear in it with noise that grows."""
    x = rng.uniform(0, 2, n)
    return x, x + (0.5 + x) * NOISE[noise](rng, n)


def to_multiples(values, step: float):
    return step * np.round(values / step)


def coarse_line(noise: str, r: float, rng, n: int):
    """Return a line whose target is rounded to about five values."""
    x, y = line(noise, r, rng, n)
    return x, to_multiples(y, 1.2)


def fine_line(noise: str, r: float, rng, n: int):
    """Return a line whose target is rounded to about 25 values."""
    x, y = line(noise, r, rng, n)
    return x, to_multiples(y, 0.25)


def coarse_line_and_feature(noise: str, r: float, rng, n: int):
    """Return a line of which both columns are rounded to about ten values."""
    return tuple(to_multiples(values, 0.6) for values in line(noise, r, rng, n))


def coarse_weak_curve(noise: str, r: float, rng, n: int):
    """Return a weak curve whose target is rounded to about ten values."""
    x, y = weak_curve(noise, r, rng, n)
    return x, to_multiples(y, 0.6)


def flags_and_intervals(sampler, noise, r, seeds: range, n: int) -> list[tuple]:
    """Return for each seed the flag `nonlinear` and the interval of the gap."""
    found = []
    for seed in seeds:
        x, y = sampler(noise, r, np.random.default_rng([seed, 4]), n)
        row = compare_correlation(x[:, None], y, random_state=seed).iloc[0]
        found.append((row.nonlinear, row.gap_low, row.gap_high))
    return found


def correlation_section(n_runs: int, start: float) -> list[str]:
    cases = [(line, noise, r) for noise in NOISE for r in CORRELATIONS]
    cases += [(five_means, noise, "r=.5") for noise in ("normal", "exponential")]
    cases += [
        (sampler, noise, r)
        for sampler in (coarse_line, fine_line, coarse_line_and_feature)
        for noise in ("normal", "uniform", "Student, 3 degrees")
        for r in CORRELATIONS
    ]
    curves = (wave, weak_curve, coarse_weak_curve, growing_noise)
    cases += [(sampler, "normal", "r=.5") for sampler in curves]
    keys = [
        (sampler, noise, r, range(i, min(i + 25, n_runs)), n)
        for n in reversed(SIZES)
        for sampler, noise, r in cases
        for i in range(0, n_runs, 25)
    ]
    tasks = [
        (flags_and_intervals, sampler, noise, CORRELATIONS[r], seeds, n)
        for sampler, noise, r, seeds, n in keys
    ]
    found: dict = {}
    for key, result in zip(keys, run_all("correlation", tasks, start), strict=True):
        found.setdefault((*key[:3], key[4]), []).extend(result)
    x, y = wave("normal", 0, np.random.default_rng(0), N_TRUE_GAP)
    wave_gap = mutual_info(x, y, estimator="ksg", normalize="correlation")
    wave_gap -= abs(np.corrcoef(x, y)[0, 1])
    true_gaps = {(line, "normal"): 0.0, (wave, "normal"): wave_gap}
    rows = []
    for sampler, noise, r in cases:
        row = [f"{sampler.__name__.replace('_', ' ')}, {noise}, {r}"]
        for n in SIZES:
            flag, low, high = np.array(found[sampler, noise, r, n], float).T
            gap = true_gaps.get((sampler, noise))
            covered = NONE
            if gap is not None:
                covered = f"{np.mean((low <= gap) & (gap <= high)):.0%}"
            row += [f"{flag.mean():.1%}", covered]
        rows.append(row)
    head = [f"{name}, n={n:,}" for n in SIZES for name in ("flag", "interval")]
    error = np.sqrt(ALPHA * (1 - ALPHA) / n_runs)
    return [
        "## Comparison with correlation",
        "",
        f"`compare_correlation` of one feature, {n_runs} tables each. *Flag*: how "
        f"often `nonlinear` is true, at alpha = {ALPHA:g}. *Interval*: how often the "
        "95 % interval contains the true gap, if that is known. The standard error of "
        f"5 % is {error:.1%}. `nonlinear` should never be true for a line or for "
        "classes that differ only by their means, and always for a wave. The target of "
        "a coarse line is rounded to about five values, that of a fine line to about "
        "25, both columns of a coarse line and feature to about ten, and the target of "
        "a coarse weak curve to about ten. Growing noise has a variance that increases "
        "with the feature, which is a form of dependence that a line does not explain.",
        "",
        *table(["", *head], rows),
    ]
