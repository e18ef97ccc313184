"""How often "auto" selects, and `compare_correlation` flags, what it should not."""

from collections.abc import Callable

import numpy as np
from contest import NONE, bold_if, run_all, table

from skmi import MISelector, compare_correlation, mutual_info

N_PERMUTATIONS = 99
ALPHA = 0.05


def independent(kind: str, rng, n: int, n_columns: int):
    """Columns that tell nothing of a target, and how they are."""
    if kind == "discrete":
        X = rng.integers(0, 4, (n, n_columns))
    else:
        X = rng.standard_normal((n, n_columns))
    y = rng.standard_normal(n) if kind == "continuous" else rng.integers(0, 2, n)
    return X, y


def told_by_first(kind: str, rng, n: int, n_columns: int):
    """A target that the first column alone tells of."""
    X, _ = independent(kind, rng, n, n_columns)
    if kind == "discrete":
        return X, (X[:, 0] >= 2) ^ (rng.random(n) < 0.1)
    y = X[:, 0] + 0.5 * rng.standard_normal(n)
    return X, y if kind == "continuous" else y > 0


CALIBRATED = ["mim", "mrmr", "jmi", "jmim", "cmim", "cmi", "disr"]
KINDS = {
    "classes": "continuous columns, two classes",
    "continuous": "continuous columns and target",
    "discrete": "columns of four levels, two classes",
}
OF_KINDS = [
    ("plugin", "discrete"), ("plugin", "classes"),
    ("copula", "continuous"), ("copula", "classes"),
    ("ksg", "continuous"), ("ksg", "classes"),
]  # fmt: skip
N_OF_CALIBRATION, P_OF_CALIBRATION = 100, 10
FEWEST = round(1 / ALPHA) - 1  # permutations that can reject at all: exact, and quick


def selected_by_chance(
    sampler: Callable, kind: str, seeds: range, criterion: str, options: dict
) -> list[tuple[bool, bool]] | None:
    """Whether the first column is selected, and whether another is, of each seed."""
    found = []
    for seed in seeds:
        rng = np.random.default_rng([seed, 3])
        X, y = sampler(kind, rng, N_OF_CALIBRATION, P_OF_CALIBRATION)
        selector = MISelector(
            "auto", criterion=criterion, alpha=ALPHA, random_state=seed,
            discrete_features=kind == "discrete", discrete_target=kind != "continuous",
            **options,
        )  # fmt: skip
        try:
            path = selector.fit(X, y).path_
        except ValueError as refusal:
            if "provide" not in str(refusal):
                raise
            return None
        found.append((0 in path, any(path != 0)))
    return found


def calibration(n_runs: int, start: float) -> list[str]:
    columns = {name: (name, {}) for name in CALIBRATED}
    columns["cmi, G test"] = "cmi", {"p_value": "analytic"}
    at_once = 50
    n_runs_of = {independent: n_runs, told_by_first: n_runs * 2 // 5}
    n_permutations = {independent: N_PERMUTATIONS, told_by_first: FEWEST}
    keys, tasks = [], []
    for sampler in n_runs_of:
        for estimator, kind in OF_KINDS:
            for column, (criterion, options) in columns.items():
                if estimator != "plugin" and "p_value" in options:
                    continue
                options = options | {
                    "estimator": estimator,
                    "n_permutations": n_permutations[sampler],
                }
                for first in range(0, n_runs_of[sampler], at_once):
                    seeds = range(first, min(first + at_once, n_runs_of[sampler]))
                    keys.append((sampler, estimator, kind, column))
                    tasks.append(
                        (selected_by_chance, sampler, kind, seeds, criterion, options)
                    )
    found: dict = {}
    for key, result in zip(keys, run_all("calibration", tasks, start), strict=True):
        found.setdefault(key, []).extend(result or [])
    lines = [
        "## Calibration",
        "",
        f'How often `MISelector("auto", alpha={ALPHA:g})` selects what it should not, '
        f"in percent of tables of {N_OF_CALIBRATION} rows and {P_OF_CALIBRATION} "
        f"columns. Bold where it is more than two standard errors of a share of "
        f"{ALPHA:.0%} above it.",
    ]
    headings = {
        independent: "No column matters: tables of which anything is selected (the "
        "first pick is the most relevant column under every criterion)",
        told_by_first: "The first column alone matters: tables of which another is "
        "selected, and, at the end, of which the first is, under the criterion that "
        "finds it least often",
    }
    for sampler, heading in headings.items():
        rows = []
        error = np.sqrt(ALPHA * (1 - ALPHA) / n_runs_of[sampler])
        heading += (
            f". {n_runs_of[sampler]:,} tables, {n_permutations[sampler]} permutations; "
            f"the standard error of {ALPHA:.0%} is {100 * error:.1f}."
        )
        for estimator, kind in OF_KINDS:
            rows.append([estimator, KINDS[kind]])
            power = []
            for column in columns:
                chosen = found.get((sampler, estimator, kind, column))
                if not chosen:
                    rows[-1].append(NONE)
                    continue
                first, other = np.array(chosen).T
                wrong = other if sampler is told_by_first else first | other
                power.append(first.mean())
                share = wrong.mean()
                rows[-1].append(
                    bold_if(share > ALPHA + 2 * error, f"{100 * share:.1f}")
                )
            if sampler is told_by_first:
                rows[-1].append(f"{100 * min(power):.1f}")
        head = ["estimator", "tables", *columns]
        head += ["the first"] if sampler is told_by_first else []
        lines += ["", heading, "", *table(head, rows, n_left=2)]
    return lines


# --- beside correlation

NOISE = {
    "normal": lambda rng, n: rng.standard_normal(n),
    "uniform": lambda rng, n: rng.uniform(-1, 1, n),
    "Student, 3 degrees": lambda rng, n: rng.standard_t(3, n),
    "exponential": lambda rng, n: rng.exponential(size=n),
}
SHARES = {"r=.5": 0.5, "r=.9": 0.9}
SIZES = (200, 1_000)
WAVE_TRUTH = 100_000  # samples that tell the true gap


def line(noise: str, share: float, rng, n: int):
    """A feature, and a target that is a line in it, with noise of unit variance."""
    x, e = rng.standard_normal(n), NOISE[noise](rng, n)
    return x, share * x + np.sqrt(1 - share**2) * (e - e.mean()) / e.std()


def five_means(noise: str, share: float, rng, n: int):
    """A feature whose mean depends on which of five classes the target is."""
    y, e = rng.integers(0, 5, n), NOISE[noise](rng, n)
    return share * y / np.sqrt(2) + np.sqrt(1 - share**2) * e / e.std(), y


def wave(noise: str, share: float, rng, n: int):
    x = rng.uniform(0, 10, n)
    return x, np.sin(x) + NOISE[noise](rng, n) / 2


def flags_and_intervals(sampler, noise, share, seeds: range, n: int) -> list[tuple]:
    """Whether the flag is up, and the interval, of each seed."""
    found = []
    for seed in seeds:
        x, y = sampler(noise, share, np.random.default_rng([seed, 4]), n)
        row = compare_correlation(x[:, None], y, random_state=seed).iloc[0]
        found.append((row.nonlinear, row.gap_low, row.gap_high))
    return found


def beside_correlation(n_runs: int, start: float) -> list[str]:
    cases = [(line, noise, share) for noise in NOISE for share in SHARES]
    cases += [(five_means, noise, "r=.5") for noise in ("normal", "exponential")]
    cases.append((wave, "normal", "r=.5"))
    keys = [
        (sampler, noise, share, range(i, min(i + 25, n_runs)), n)
        for n in reversed(SIZES)
        for sampler, noise, share in cases
        for i in range(0, n_runs, 25)
    ]
    tasks = [
        (flags_and_intervals, sampler, noise, SHARES[share], seeds, n)
        for sampler, noise, share, seeds, n in keys
    ]
    found: dict = {}
    for key, part in zip(keys, run_all("correlation", tasks, start), strict=True):
        found.setdefault((*key[:3], key[4]), []).extend(part)
    x, y = wave("normal", 0, np.random.default_rng(0), WAVE_TRUTH)
    of_wave = mutual_info(x, y, estimator="ksg", normalize="correlation")
    of_wave -= abs(np.corrcoef(x, y)[0, 1])
    truth = {(line, "normal"): 0.0, (wave, "normal"): of_wave}
    rows = []
    for sampler, noise, share in cases:
        row = [f"{sampler.__name__.replace('_', ' ')}, {noise}, {share}"]
        for n in SIZES:
            up, low, high = np.array(found[sampler, noise, share, n], float).T
            gap = truth.get((sampler, noise))
            held = (
                NONE if gap is None else f"{np.mean((low <= gap) & (gap <= high)):.0%}"
            )
            row += [f"{up.mean():.1%}", held]
        rows.append(row)
    head = [f"{what}, n={n:,}" for n in SIZES for what in ("flag", "interval")]
    error = np.sqrt(ALPHA * (1 - ALPHA) / n_runs)
    return [
        "## Beside correlation",
        "",
        f"`compare_correlation` of one feature, {n_runs} tables each: how often "
        f"`nonlinear` is up, at alpha = {ALPHA:g}, and how often the 95 % interval "
        "holds the true gap, where that is known. The standard error of 5 % is "
        f"{error:.1%}. Where the relation is a line or the classes differ by their "
        "means, no flag should be up; of a wave all should.",
        "",
        *table(["", *head], rows),
    ]
