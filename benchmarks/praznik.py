"""The rules of praznik, an R package: from its documentation and papers it cites."""

from collections.abc import Iterable

import numpy as np
from contest import (
    GENERATORS,
    MANY,
    N_COLUMNS,
    Choice,
    Task,
    draw,
    headers,
    rows_of_right,
    run_all,
    select,
    table,
)

from skmi.estimators import PlugIn

ROUNDING = 1e-9


def cut(x: np.ndarray) -> np.ndarray:
    """Codes of a column: clamp(n / 3, 2, 10) bins of equal width, or few levels."""
    levels, codes = np.unique(x, return_inverse=True)
    n_bins = min(max(len(x) // 3, 2), 10)
    if len(levels) <= n_bins:
        return codes
    share = (x - x.min()) / (x.max() - x.min())
    return np.minimum((share * n_bins).astype(int), n_bins - 1)


def coded(task: Task) -> tuple[np.ndarray, np.ndarray]:
    """Columns as rows of codes, and the target; classes stay as they are."""
    y = np.unique(task.y, return_inverse=True)[1] if task.generator.discrete_target \
        else cut(task.y)  # fmt: skip
    return np.array([cut(x) for x in task.X.T]), y


class Counted:
    """Information of all columns with y and a variable s, from tables of counts."""

    def __init__(self, rows: np.ndarray, y: np.ndarray):
        self.rows, self.y = rows, y
        self.n_levels, self.n_classes = rows.max() + 1, y.max() + 1
        count = np.arange(len(y) + 1)
        self.log_sums = count * np.log(np.maximum(count, 1))
        self.of_pairs: dict[int, dict] = {}
        self.relevance = self.terms(np.zeros_like(y))["joint"]

    def entropies(self, tables, *summed) -> np.ndarray:
        """H of each table, summed over these axes."""
        counts = tables.sum(axis=summed)
        axes = tuple(range(1, counts.ndim))
        return np.log(len(self.y)) - self.log_sums[counts].sum(axis=axes) / len(self.y)

    def terms(self, s: np.ndarray) -> dict[str, np.ndarray]:
        """What is told with s or given s, each a vector over the columns."""
        shape = s.max() + 1, self.n_levels, self.n_classes
        n_cells = np.prod(shape)
        at_once = max(1, 2_000_000 // n_cells)
        code = s * self.n_levels * self.n_classes + self.y
        found = []
        for start in range(0, len(self.rows), at_once):
            rows = self.rows[start : start + at_once]
            which = np.arange(len(rows))[:, None] * n_cells
            flat = (which + code + rows * self.n_classes).ravel()
            tables = np.bincount(flat, minlength=len(rows) * n_cells)
            tables = tables.reshape(-1, *shape)  # of column, s, f, y
            fsy, fs = self.entropies(tables), self.entropies(tables, 3)
            sy, f = self.entropies(tables, 2), self.entropies(tables, 1, 3)
            alone, y = self.entropies(tables, 2, 3), self.entropies(tables, 1, 2)
            joint = fs + y - fsy
            found.append(
                {
                    "joint": joint,  # I(f, s; y)
                    "conditional": fs + sy - fsy - alone,  # I(f; y | s)
                    "redundancy": f + alone - fs,  # I(f; s)
                    "share": joint / np.maximum(fsy, 1e-12),  # I(f, s; y) / H(f, s, y)
                }
            )
        return {k: np.concatenate([part[k] for part in found]) for k in found[0]}

    def given(self, s: int) -> dict:
        if s not in self.of_pairs:
            self.of_pairs[s] = self.terms(self.rows[s])
        return self.of_pairs[s]

    def given_all(self, chosen: list[int]) -> dict:
        joined = np.unique(self.rows[chosen], axis=1, return_inverse=True)[1]
        return self.terms(joined.ravel())


def each(counted: Counted, chosen: list[int], term: str) -> np.ndarray:
    return np.array([counted.given(s)[term] for s in chosen])


PRAZNIK = {
    "MIM": lambda c, chosen: c.relevance,
    "MRMR": lambda c, chosen: c.relevance - each(c, chosen, "redundancy").mean(axis=0),
    "JMI": lambda c, chosen: each(c, chosen, "joint").sum(axis=0),
    "DISR": lambda c, chosen: each(c, chosen, "share").sum(axis=0),
    "JMIM": lambda c, chosen: each(c, chosen, "joint").min(axis=0),
    "NJMIM": lambda c, chosen: each(c, chosen, "share").min(axis=0),
    "CMIM": lambda c, chosen: np.minimum(
        c.relevance, each(c, chosen, "conditional").min(axis=0)
    ),
    "CMI": lambda c, chosen: c.given_all(chosen)["conditional"],
}


def praznik_paths(task: Task, rules: Iterable[str]) -> dict[str, list[int]]:
    """The path of each rule, which all read the same tables of counts.

    Equals are taken from the lowest column on; CMI ends where nothing is left to tell.
    """
    counted = Counted(*coded(task))
    paths = {}
    for rule in rules:
        path: list[int] = []
        while len(path) < task.n_picks:
            score = PRAZNIK[rule](counted, path) if path else counted.relevance
            score = np.where(np.isin(np.arange(len(score)), path), -np.inf, score)
            if rule == "CMI" and score.max() < ROUNDING:
                break
            path.append(int(np.argmax(score >= score.max() - ROUNDING)))
        paths[rule] = path
    return paths


def beside_praznik(name: str, seed: int, rules: list[str]) -> dict:
    """What each rule chose, and whether ours is the same path."""
    task = draw(name, seed)
    found = {}
    for rule, path in praznik_paths(task, rules).items():
        ours = select(task, rule.lower(), PlugIn(n_bins=10, binning="uniform"))
        right = len(task.answer.intersection(path))
        choice = Choice(right, len(path) - right, task.answer == set(path))
        found[rule] = choice, path == ours[: len(path)].tolist()
    return found


def of_praznik(n_seeds: int, start: float) -> list[str]:
    names = sorted(GENERATORS, key=N_COLUMNS.get, reverse=True)
    keys = [(name, seed) for name in names for seed in range(n_seeds)]
    rules_of = {
        seed: [rule for rule in PRAZNIK if rule != "CMI" or seed < 3]
        for seed in range(n_seeds)
    }
    results = run_all(
        "praznik's rules",
        [
            (beside_praznik, name, seed,
             rules_of[seed] if N_COLUMNS[name] > MANY else list(PRAZNIK))
            for name, seed in keys
        ],
        start,
    )  # fmt: skip
    found: dict = {}
    same: dict = {rule: [] for rule in PRAZNIK}
    for (name, _), result in zip(keys, results, strict=True):
        for rule, (choice, alike) in result.items():
            found.setdefault((rule, name), []).append(choice)
            same[rule].append(alike)
    rows = rows_of_right(found, PRAZNIK, n_seeds)
    for row in rows:
        alike = same[row[0]]
        row.append(f"{sum(alike)} of {len(alike)}")
    return [
        "## praznik's rules as published",
        "",
        "praznik is an R package; these are the rules that it documents, written anew "
        "in NumPy from its documentation and the papers it cites: sums and minima of "
        "the information in tables of counts. Numbers are cut as it documents, into n "
        "/ 3 bins of equal width, but no fewer than 2 nor more than 10; discrete "
        "columns are as they are. CMI ends where nothing is left to tell, so that "
        "there are fewer picks. As above, and at the end in how many of the tables "
        'the criterion of the same name, with `PlugIn(n_bins=10, binning="uniform")`, '
        "takes the same path.",
        "",
        *table(["", *headers(), "same path"], rows),
    ]
