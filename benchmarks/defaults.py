"""Compare criteria and corrections of bias, to choose the defaults.

`python benchmarks/defaults.py` prints this section of SELECTION.md, and writes nothing.
`--only NAME` prints one of its tables; `--tables N` sets the number of tables drawn.
"""

import argparse
import time
import warnings
from functools import cache, partial

import numpy as np
import pandas as pd
from contest import log, run_all, table
from sklearn.datasets import (
    load_breast_cancer,
    load_digits,
    load_iris,
    load_wine,
    make_classification,
    make_friedman1,
)
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from tables import ORIGINALS, TARGETS, copies_table, mixed_table

from skmi import MISelector
from skmi.estimators import PlugIn

CRITERIA = ("jmi", "cmim", "mrmr", "jmim", "mri", "cmi")
CORRECTIONS = (None, "miller-madow", "chance")
CHOICES = [(criterion, of) for criterion in CRITERIA for of in CORRECTIONS]
N_TABLES = 10


def path_of(X, y, n_picks, criterion="jmi", correction=None) -> list[int]:
    selector = MISelector(
        n_picks, criterion=criterion, estimator=PlugIn(correction=correction),
        random_state=0,
    )  # fmt: skip
    with warnings.catch_warnings(action="ignore"):
        return [int(f) for f in selector.fit(X, y).path_]


def score_of(draw, seed: int, n_picks, choice) -> tuple[int, int, int]:
    """Return how many groups are found, how many more of them, and of the others.

    A group is an informative column and its copies.
    """
    X, y, informative = draw(seed)
    picks = [X.columns[f].split(".")[0] for f in path_of(X, y, n_picks, *choice)]
    correct = [name for name in picks if name in informative]
    n_groups = len(set(correct))
    return n_groups, len(correct) - n_groups, len(picks) - len(correct)


# --- tables of numbers


def as_frame(X: np.ndarray, order: np.ndarray) -> pd.DataFrame:
    names = [f"f{i}" for i in range(X.shape[1])]
    return pd.DataFrame(X, columns=names).iloc[:, order]


def friedman_table(seed: int):
    X, y = make_friedman1(500, 15, noise=1.0, random_state=seed)
    order = np.random.default_rng([seed, 10]).permutation(15)
    return as_frame(X, order), y, frozenset(f"f{i}" for i in range(5))


def clusters_table(seed: int):
    X, y = make_classification(
        500, 30, n_informative=5, n_redundant=5, n_clusters_per_class=2,
        shuffle=False, random_state=seed,
    )  # fmt: skip
    order = np.random.default_rng([seed, 11]).permutation(30)
    return as_frame(X, order), y, frozenset(f"f{i}" for i in range(10))


def genes_table(seed: int):
    """Draw 100 rows of 2,000 genes in groups of ten; three groups set the class."""
    rng = np.random.default_rng([seed, 12])
    n, n_groups = 100, 200
    factors = rng.standard_normal((n, n_groups))
    noise = rng.standard_normal((n, n_groups, 10))
    genes = (0.8 * factors[:, :, None] + 0.6 * noise).reshape(n, -1)
    sums = factors[:, :3].sum(axis=1) + 0.5 * rng.standard_normal(n)
    order = rng.permutation(genes.shape[1])
    informative = frozenset(f"f{i}" for i in range(30))
    return as_frame(genes, order), (sums > 0).astype(int), informative


DRAWN = {
    **{f"mixed, {TARGETS[t]}": (partial(mixed_table, target=t), 3) for t in TARGETS},
    **{
        f"{'exact' if exact else 'noisy'} copies, {TARGETS[t]}": (
            partial(copies_table, target=t, exact=exact), len(ORIGINALS)
        )
        for t in TARGETS
        for exact in (False, True)
    },
    "Friedman 1": (friedman_table, 5),
    "make_classification": (clusters_table, 10),
}  # fmt: skip

# --- accuracy of models


@cache
def load(name: str) -> tuple[np.ndarray, np.ndarray]:
    loaders = {
        "breast cancer": load_breast_cancer,
        "digits": load_digits,
        "wine": load_wine,
        "iris": load_iris,
    }
    if name in loaders:
        return loaders[name](return_X_y=True)
    X, y, _ = genes_table(int(name.split()[-1]))
    return X.to_numpy(), y


def sizes_of(name: str) -> tuple[int, ...]:
    return {"iris": (1, 2), "wine": (5, 10)}.get(name, (5, 10, 20))


def accuracies(name: str, seed: int, choice) -> np.ndarray:
    """Return the mean accuracy of two models over five folds, for each size."""
    X, y = load(name)
    sizes = sizes_of(name)
    models = (
        make_pipeline(StandardScaler(), LogisticRegression(max_iter=2_000)),
        GaussianNB(),
    )
    found = []
    folds = StratifiedKFold(5, shuffle=True, random_state=seed)
    for train, test in folds.split(X, y):
        path = path_of(X[train], y[train], max(sizes), *choice)
        for k in sizes:
            for model in models:
                model.fit(X[train][:, path[:k]], y[train])
                found.append(model.score(X[test][:, path[:k]], y[test]))
    return np.reshape(found, (5, len(sizes), 2)).mean(axis=(0, 2))


# --- tables of results


def name_of(choice) -> list[str]:
    criterion, correction = choice
    return [criterion, str(correction)]


def best_in_bold(values: np.ndarray, digits: int) -> np.ndarray:
    """Return the values as text, with the best of each column in bold."""
    text = np.array([[f"{v:.{digits}f}" for v in row] for row in values], dtype=object)
    best = text == np.array([f"{v:.{digits}f}" for v in values.max(axis=0)])
    return np.where(best, "**" + text + "**", text)


def first_pick_table(n_tables: int, start: float) -> list[str]:
    kinds = {name: value for name, value in DRAWN.items() if "exact" not in name}
    n_tables *= 5
    keys = [
        (correction, name, seed)
        for correction in CORRECTIONS
        for name in kinds
        for seed in range(n_tables)
    ]
    tasks = [(score_of, kinds[n][0], seed, 1, ("jmi", c)) for c, n, seed in keys]
    results = np.array(run_all("first picks", tasks, start))[:, 0]
    shares = 100 * results.reshape(len(CORRECTIONS), len(kinds), n_tables).mean(axis=2)
    rows = [
        [str(correction), *cells]
        for correction, cells in zip(CORRECTIONS, best_in_bold(shares, 0), strict=True)
    ]
    return [
        "How often the first pick is informative, in percent. It does not depend on "
        f"the criterion. {n_tables} tables.",
        "",
        *table(["correction", *kinds], rows),
    ]


def picks_table(auto: bool, n_tables: int, start: float) -> list[str]:
    kinds = {n: v for n, v in DRAWN.items() if not (auto and "exact" in n)}
    n_tables = max(1, n_tables // 3) if auto else n_tables  # the test takes long
    keys = [
        (choice, name, seed)
        for choice in CHOICES
        for name in kinds
        for seed in range(n_tables)
    ]
    tasks = [
        (score_of, kinds[name][0], seed, "auto" if auto else kinds[name][1], choice)
        for choice, name, seed in keys
    ]
    results = run_all("auto" if auto else "given k", tasks, start)
    means = np.reshape(results, (len(CHOICES), len(kinds), n_tables, 3)).mean(axis=2)
    rows = []
    for choice, of_choice in zip(CHOICES, means, strict=True):
        rows.append(name_of(choice))
        for name, (n_found, n_extra, n_false) in zip(kinds, of_choice, strict=True):
            extra = f" + {n_extra:.2f}" if "copies" in name else ""
            rows[-1].append(f"{n_found:.2f}{extra} + {n_false:.2f}")
    how = '"auto"' if auto else "the true number of columns"
    return [
        f"Selected with {how}: informative columns, with copies also further columns "
        f"of their groups, and other columns. {n_tables} tables.",
        "",
        *table(
            ["criterion", "correction", *(f"{n} ({k})" for n, (_, k) in kinds.items())],
            rows,
            n_left=2,
        ),
    ]


def accuracy_table(n_tables: int, start: float) -> list[str]:
    n_seeds, n_genes = max(1, n_tables // 7), n_tables
    data = {name: [name] for name in ("breast cancer", "digits", "wine", "iris")}
    data["genes"] = [f"genes {i}" for i in range(n_genes)]
    keys = [
        (choice, name, member, seed)
        for choice in CHOICES
        for name, members in data.items()
        for member in members
        for seed in range(1 if name == "genes" else n_seeds)
    ]
    tasks = [(accuracies, member, seed, choice) for choice, _, member, seed in keys]
    found: dict = {}
    for (choice, name, *_), result in zip(
        keys, run_all("accuracy", tasks, start), strict=True
    ):
        found.setdefault((choice, name), []).append(result)
    values = 100 * np.array(
        [
            np.concatenate([np.mean(found[choice, name], axis=0) for name in data])
            for choice in CHOICES
        ]
    )
    columns = [f"{name}, {k}" for name in data for k in sizes_of(name)]
    values = np.column_stack([values, values.mean(axis=1)])
    rows = [
        [*name_of(choice), *cells]
        for choice, cells in zip(CHOICES, best_in_bold(values, 1), strict=True)
    ]
    return [
        "Accuracy of models on k selected columns, in percent: the mean of a logistic "
        "regression and of Gaussian naive Bayes, in five folds; the columns are "
        f"selected in each fold. Divisions into folds: {n_seeds}. *genes*: {n_genes} "
        "tables of 100 rows and 2,000 columns in correlated groups of ten, of which "
        "three groups set the class. The last column is the mean of the others.",
        "",
        *table(["criterion", "correction", *columns, "mean"], rows, n_left=2),
    ]


PARTS = {
    "first": first_pick_table,
    "given": partial(picks_table, False),
    "accuracy": accuracy_table,
    "auto": partial(picks_table, True),
}


def defaults_section(n_tables: int, start: float, only: str | None = None) -> list[str]:
    lines = [
        "## Choice of the default",
        "",
        "Criteria, with `PlugIn(correction=...)`. The tables are those above. "
        "*Friedman 1*: 500 rows of 15 columns, of which 5 are informative. "
        "*make_classification*: 500 rows of 30 columns: 5 informative ones, 5 linear "
        "combinations of them and 20 of noise.",
    ]
    for name, part in PARTS.items():
        if only in (None, name):
            lines += ["", *part(n_tables, start)]
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tables", type=int, default=N_TABLES, help="number of tables")
    parser.add_argument("--only", choices=PARTS, help="print this table only")
    arguments = parser.parse_args()
    start = time.perf_counter()
    lines = defaults_section(arguments.tables, start, arguments.only)
    log(f"{time.perf_counter() - start:.0f} s in all")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
