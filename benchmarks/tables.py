"""Tables of mixed columns, of a rare class and of copies, with known answers.

Each function draws X (a DataFrame), y and the set of names of the informative columns.
"""

import numpy as np
import pandas as pd

TARGETS = {"classes": "two classes", "continuous": "continuous target"}

# --- mixed tables

N_ROWS = 300
N_LEVELS = {
    "flag": 2, "group": 3,
    "flag1": 2, "flag2": 2, "flag3": 2,
    "list3": 3, "list4": 4, "list5": 5, "list8": 8, "list12": 12,
    "list20": 20, "list30": 30, "list40": 40, "list50": 50,
}  # fmt: skip
NUMBERS = {
    "number": lambda rng, n: rng.standard_normal(n),
    "number1": lambda rng, n: rng.standard_normal(n),
    "number2": lambda rng, n: rng.uniform(size=n),
    "number3": lambda rng, n: rng.exponential(size=n),
    "number4": lambda rng, n: rng.lognormal(size=n),
    "number5": lambda rng, n: rng.standard_t(3, n),
}
INFORMATIVE = frozenset({"flag", "group", "number"})
# With these, tests of single columns find about 2.88 of the three informative columns.
EFFECTS = {"classes": (1.38, 0.88, 0.7), "continuous": (0.61, 0.395, 0.305)}


def kind_of(name: str) -> str:
    """Return the kind of a column of a mixed table."""
    if name in NUMBERS:
        return "numbers"
    kinds = {2: "flags", 5: "lists of 3-5", 12: "lists of 8-12", 50: "lists of 20-50"}
    return next(kind for most, kind in kinds.items() if N_LEVELS[name] <= most)


KINDS = list(dict.fromkeys(kind_of(name) for name in [*N_LEVELS, *NUMBERS]))


def mixed_table(
    seed: int, target: str = "classes", null: bool = False
) -> tuple[pd.DataFrame, np.ndarray, frozenset[str]]:
    """Draw flags, lists of 3 to 50 levels and numbers; three of them are informative.

    Parameters
    ----------
    seed : int
    target : {"classes", "continuous"}
    null : bool
        Whether no column is informative.
    """
    rng = np.random.default_rng([seed, 5])
    codes = {name: _draw_codes(rng, name) for name in N_LEVELS}
    numbers = {name: draw(rng, N_ROWS) for name, draw in NUMBERS.items()}
    of_flag, of_group, of_number = EFFECTS[target]
    effect = of_flag * (codes["flag"] - 0.5) + of_group * (codes["group"] - 1)
    effect = (effect + of_number * numbers["number"]) * (not null)
    if target == "classes":
        y = (rng.random(N_ROWS) < 1 / (1 + np.exp(-effect))).astype(int)
    else:
        y = effect + rng.standard_normal(N_ROWS)
    columns = {name: _as_labels(name, c) for name, c in codes.items()} | numbers
    order = rng.permutation(list(columns))
    X = pd.DataFrame({name: columns[name] for name in order})
    return X, y, frozenset() if null else INFORMATIVE


def _draw_codes(rng: np.random.Generator, name: str) -> np.ndarray:
    """Draw codes: levels of an informative column, and of flags, are equally likely."""
    n_levels = N_LEVELS[name]
    weights = np.ones(n_levels)
    if name not in INFORMATIVE and n_levels > 2:
        weights = rng.uniform(1, 3, n_levels)
    return rng.choice(n_levels, N_ROWS, p=weights / weights.sum())


def _as_labels(name: str, codes: np.ndarray):
    """Return codes as bool, as category or as str: every dtype of discrete columns."""
    if name in ("flag", "flag1"):
        return codes.astype(bool)
    if name == "flag2":
        return codes  # of an integer dtype
    labels = np.array([f"level {code:02}" for code in range(N_LEVELS[name])])[codes]
    return labels if name in ("list4", "list12", "list40") else pd.Categorical(labels)


def flag_beside_town(
    seed: int = 0,
) -> tuple[pd.DataFrame, np.ndarray, frozenset[str]]:
    """Draw an informative flag, and a town of 50 levels that is not informative."""
    rng = np.random.default_rng(seed)
    y = rng.integers(0, 2, N_ROWS)
    flag = (y ^ (rng.random(N_ROWS) < 0.33)).astype(bool)
    town = pd.Categorical(rng.integers(0, 50, N_ROWS).astype(str))
    return pd.DataFrame({"flag": flag, "town": town}), y, frozenset({"flag"})


# --- a rare class, and copies


def imbalanced_table(
    seed: int,
) -> tuple[pd.DataFrame, np.ndarray, frozenset[str]]:
    """Draw 20 normal columns and a class of 5 %, which shifts three of them by one."""
    rng = np.random.default_rng([seed, 6])
    n = 1_000
    y = rng.permutation(np.arange(n) < n // 20).astype(int)
    X = pd.DataFrame(rng.standard_normal((n, 20))).add_prefix("f")
    informative = [f"f{i}" for i in rng.choice(20, 3, replace=False)]
    X[informative] += y[:, None]
    return X, y, frozenset(informative)


ORIGINALS = ("flag", "group", "number", "other")
N_COPIES = 3


def copies_table(
    seed: int, target: str = "classes", exact: bool = False
) -> tuple[pd.DataFrame, np.ndarray, frozenset[str]]:
    """Draw four relevant columns, three copies of each, and ten columns of noise.

    The name of a copy is that of the column, a dot and a number. Of a noisy copy, one
    of ten labels is drawn anew, and numbers have a correlation of .95 with the
    original.
    """
    rng = np.random.default_rng([seed, 7])
    flag, group = rng.integers(0, 2, N_ROWS), rng.integers(0, 3, N_ROWS)
    number, other = rng.standard_normal((2, N_ROWS))
    effect = flag - 0.5 + 0.6 * (group - 1) + 0.5 * (number + other)
    if target == "classes":
        y = (rng.random(N_ROWS) < 1 / (1 + np.exp(-2 * effect))).astype(int)
    else:
        y = effect + rng.standard_normal(N_ROWS)
    columns = {}
    for name, x in zip(ORIGINALS, (flag, group, number, other), strict=True):
        columns[name] = x
        for i in range(N_COPIES):
            copy = x
            if not exact and x.dtype == float:
                copy = 0.95 * x + np.sqrt(1 - 0.95**2) * rng.standard_normal(N_ROWS)
            elif not exact:
                wrong = rng.random(N_ROWS) < 0.1
                copy = np.where(wrong, rng.integers(0, x.max() + 1, N_ROWS), x)
            columns[f"{name}.{i}"] = copy
    for i in range(5):
        columns[f"list{i}"] = rng.integers(0, 2 + 2 * i, N_ROWS)
        columns[f"noise{i}"] = rng.standard_normal(N_ROWS)
    labels = {
        name: x if x.dtype == float else pd.Categorical(x.astype(str))
        for name, x in columns.items()
    }
    order = rng.permutation(list(labels))
    X = pd.DataFrame({name: labels[name] for name in order})
    return X, y, frozenset(ORIGINALS)
