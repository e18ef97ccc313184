"""Levels of the test over scales, of conditional tests, and its smallest p-values."""

from dataclasses import dataclass

import numpy as np
from contest import bold_if, run_all, table
from relations import CAUSES, EFFECTS, INDEPENDENT, draw_effects
from scipy.stats import t as student

from skmi import MIScorer, independence_test

ALPHA = 0.05
ROUNDING = 1e-12  # p-values that exceed alpha by less are equal to it
N_PERMUTATIONS = 199
PROBABILITIES = (0.05, 0.01)
SMALL = (0.05, 0.01, 0.001, 0.0001)  # for all p-values together
SIZES = (20, 50, 200, 1_000)
N_COLUMNS = 20  # of each target


def standard_error(p: float, n_pvalues: int) -> float:
    return float(np.sqrt(p * (1 - p) / n_pvalues))


def percent(share: float, p: float, n_pvalues: int) -> str:
    """Return a share in percent, bold if it exceeds p by two standard errors."""
    too_many = share > p + 2 * standard_error(p, n_pvalues)
    digits = 1 if p >= 0.01 else 3
    return bold_if(too_many, f"{100 * share:.{digits}f}")


# --- two variables


def null_pvalues(kind: str, n: int, seeds: range) -> np.ndarray:
    """Return the p-values of columns that are independent of the target."""
    pair = INDEPENDENT[kind]
    found = []
    for seed in seeds:
        rng = np.random.default_rng([seed, n, 24])
        X, y = pair.x(rng, (n, N_COLUMNS)), pair.y(rng, n)
        scorer = MIScorer(
            p_value="permutation", n_permutations=N_PERMUTATIONS, random_state=seed,
            discrete_features=pair.discrete_x, discrete_target=pair.discrete_y,
        )  # fmt: skip
        found.append(scorer(X, y)[1])
    return np.concatenate(found)


def level_section(n_tables: int, start: float) -> list[str]:
    n_targets = max(1, n_tables // N_COLUMNS)
    n_pvalues = n_targets * N_COLUMNS
    keys = [(kind, n) for n in reversed(SIZES) for kind in INDEPENDENT]
    tasks = [(null_pvalues, kind, n, range(n_targets)) for kind, n in keys]
    results = run_all("levels", tasks, start)
    found = {
        key: [np.mean(result <= p + ROUNDING) for p in PROBABILITIES]
        for key, result in zip(keys, results, strict=True)
    }
    rows = [
        [kind]
        + [
            percent(share, p, n_pvalues)
            for n in SIZES
            for share, p in zip(found[kind, n], PROBABILITIES, strict=True)
        ]
        for kind in INDEPENDENT
    ]
    head = [f"n={n:,}, {p:.0%}" for n in SIZES for p in PROBABILITIES]
    errors = " and ".join(
        f"{100 * standard_error(p, n_pvalues):.2f} points" for p in PROBABILITIES
    )
    together = np.concatenate(results)
    shares = [float(np.mean(together <= p + ROUNDING)) for p in SMALL]
    of_all = [
        [f"{100 * p:g} %", percent(share, p, len(together)),
         f"{100 * standard_error(p, len(together)):.3f}"]
        for share, p in zip(shares, SMALL, strict=True)
    ]  # fmt: skip
    return [
        "## Level",
        "",
        "Percentage of p-values of at most .05 and .01, for independent variables, "
        f"with {N_PERMUTATIONS} permutations. {n_targets:,} targets, {N_COLUMNS} "
        f"columns for each. The standard errors of 5 % and 1 % are {errors}. Bold: too "
        "large by more than two standard errors, which happens by chance in one of 40 "
        "cells. *Small counts* are Poisson numbers of mean .3, three quarters of them "
        "0. The test takes all numbers as continuous.",
        "",
        *table(["", *head], rows),
        "",
        f"All {len(together):,} p-values together. Those below .005 come from the "
        "fitted tail.",
        "",
        *table(["p at most", "% of p-values", "standard error"], of_all, n_left=0),
    ]


# --- conditional tests

N_GIVEN_PERMUTATIONS = 99
GIVEN_SIZES = (100, 300)


def partial_correlation(x, y, z) -> float:
    """Return the p-value of the correlation of residuals of least squares."""
    is_discrete = z.dtype.kind == "i"
    columns = z[:, None] == np.unique(z)[1:] if is_discrete else z[:, None]
    A = np.column_stack([np.ones(len(x)), columns])
    x, y = (v - A @ np.linalg.lstsq(A, v)[0] for v in (x, y))
    r = x @ y / np.sqrt((x @ x) * (y @ y))
    n_free = len(x) - A.shape[1] - 1
    return float(2 * student.sf(abs(r) * np.sqrt(n_free / (1 - r**2)), n_free))


def conditional_pvalues(cause: str, effect: str, n: int, seeds: range) -> np.ndarray:
    """Return for each seed the p-values of our test and of partial correlation."""
    found = []
    for seed in seeds:
        rng = np.random.default_rng([seed, n, 25])
        x, y, z = draw_effects(cause, effect, rng, n)
        ours = independence_test(
            x, y, z, discrete_given=z.dtype.kind == "i", random_state=seed,
            n_permutations=N_GIVEN_PERMUTATIONS,
        )  # fmt: skip
        found.append((ours.pvalue, partial_correlation(x, y, z)))
    return np.array(found)


def conditional_section(n_tables: int, start: float) -> list[str]:
    n_drawn = {
        effect: n_tables if effect == "nothing" else max(2, n_tables * 3 // 20)
        for effect in EFFECTS
    }
    batch = 10
    keys = [
        (cause, effect, n, range(i, min(i + batch, n_drawn[effect])))
        for n in reversed(GIVEN_SIZES)
        for cause in CAUSES
        for effect in EFFECTS
        for i in range(0, n_drawn[effect], batch)
    ]
    tasks = [(conditional_pvalues, *key) for key in keys]
    found: dict = {}
    for key, result in zip(keys, run_all("conditional", tasks, start), strict=True):
        found.setdefault(key[:3], []).append(result)
    lines = [
        "## Level and power given a common cause",
        "",
        "Percentage of p-values of at most .05 of `independence_test(x, y, z)` with "
        f"{N_GIVEN_PERMUTATIONS} permutations, and of partial correlation, which is "
        "the correlation of residuals of least squares, with a column for each level "
        "of a discrete z. x and y are the cause, its square, or a number for each of "
        "its 4 levels, plus normal noise each. Additionally, y depends on the noise e "
        "of x by nothing, by a line, .3 e, or by a product, .4 e w, where w is the "
        "cause (of 4 levels: -1.5, -.5, .5, 1.5). *Nothing* shows the level, bold if "
        "above 5 % by more than two standard errors; the others show power. "
        + "; ".join(
            f"{effect}: {n:,} tables, standard error at most "
            f"{100 * standard_error(ALPHA if effect == 'nothing' else 0.5, n):.1f} "
            "points" + " at 5 %" * (effect == "nothing")
            for effect, n in n_drawn.items()
        ).capitalize()
        + ".",
    ]
    head = [f"{effect}, {test}" for effect in EFFECTS for test in ("ours", "partial r")]
    for n in GIVEN_SIZES:
        rows = []
        for cause in CAUSES:
            rows.append([cause])
            for effect in EFFECTS:
                shares = np.concatenate(found[cause, effect, n]) <= ALPHA + ROUNDING
                for share in shares.mean(axis=0):
                    is_level = effect == "nothing"
                    p = ALPHA if is_level else 1  # power cannot be too large
                    rows[-1].append(percent(share, p, n_drawn[effect]))
        lines += ["", f"n={n}:", "", *table(["cause", *head], rows)]
    return lines


# --- small p-values


@dataclass(frozen=True)
class Tail:
    """A normal line whose p-value by Pearson's test is given."""

    pvalue: float
    n: int = 300

    @property
    def r(self) -> float:
        t = student.isf(self.pvalue / 2, self.n - 2)
        return float(t / np.sqrt(self.n - 2 + t**2))

    def sample(self, seed: int):
        """Draw normal variables, changed so that their correlation is exactly r."""
        x, e = np.random.default_rng([seed, 27]).standard_normal((2, self.n))
        x = (x - x.mean()) / x.std()
        e -= e.mean() + (e @ x) / self.n * x
        return x, self.r * x + np.sqrt(1 - self.r**2) * e / e.std()

    def log10_pvalues(self, seeds: range) -> np.ndarray:
        found = [independence_test(*self.sample(i), random_state=i) for i in seeds]
        return np.log10([each.pvalue for each in found])


TAILS = [Tail(10.0**-k) for k in (2, 3, 4, 5, 6, 8, 10, 12)]


def tail_section(n_tables: int, start: float) -> list[str]:
    tasks = [(tail.log10_pvalues, range(n_tables)) for tail in TAILS]
    rows = []
    for tail, found in zip(TAILS, run_all("tails", tasks, start), strict=True):
        true = np.log10(tail.pvalue)
        rows.append(
            [f"{true:.0f}", f"{tail.r:.3f}", f"{np.median(found):.1f}",
             f"{found.mean():.1f}", f"{found.std(ddof=1) / np.sqrt(n_tables):.2f}",
             f"{found.min():.1f}", f"{np.mean(found < true):.0%}",
             f"{np.mean(found < true - 1):.0%}"]
        )  # fmt: skip
    head = ["Pearson", "r", "median", "mean", "standard error", "smallest"]
    head += ["smaller than Pearson's", "ten times smaller"]
    return [
        "## Small p-values",
        "",
        "log10 of the p-values of `independence_test` with 999 permutations, for "
        f"normal lines of n={TAILS[0].n} whose correlation has the p-value in the "
        f"first column. {n_tables} tables for each. p-values below .001 come from the "
        "fitted tail, and should be too large rather than too small.",
        "",
        *table(head, rows, n_left=0),
    ]
