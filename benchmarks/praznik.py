"""Rules of the R package praznik, from its documentation and the papers it cites."""

from collections.abc import Iterable

import numpy as np
from contest import (
    GENERATORS,
    MANY_COLUMNS,
    N_COLUMNS,
    Task,
    compare_with_answer,
    draw,
    headers,
    rows_of_correct,
    run_all,
    select,
    table,
)

from skmi.estimators import PlugIn

ROUNDING = 1e-9


def bin_column(x: np.ndarray) -> np.ndarray:
    """Return codes: the levels if these are few, else 2 to 10 bins of equal width."""
    levels, codes = np.unique(x, return_inverse=True)
    n_bins = min(max(len(x) // 3, 2), 10)
    if len(levels) <= n_bins:
        return codes
    share = (x - x.min()) / (x.max() - x.min())
    return np.minimum((share * n_bins).astype(int), n_bins - 1)


def encode(task: Task) -> tuple[np.ndarray, np.ndarray]:
    """Return columns as rows of codes, and codes of the target."""
    y = np.unique(task.y, return_inverse=True)[1] if task.generator.discrete_target \
        else bin_column(task.y)  # fmt: skip
    return np.array([bin_column(x) for x in task.X.T]), y


class CountedTerms:
    """Information of all columns with y and a variable s, from tables of counts."""

    def __init__(self, rows: np.ndarray, y: np.ndarray):
        self.rows, self.y = rows, y
        self.n_levels, self.n_classes = rows.max() + 1, y.max() + 1
        count = np.arange(len(y) + 1)
        self.log_sums = count * np.log(np.maximum(count, 1))
        self.cache: dict[int, dict] = {}
        self.relevance = self.terms(np.zeros_like(y))["joint"]

    def entropies(self, tables, *summed) -> np.ndarray:
        """Return the entropy of each table after it is summed over these axes."""
        counts = tables.sum(axis=summed)
        axes = tuple(range(1, counts.ndim))
        return np.log(len(self.y)) - self.log_sums[counts].sum(axis=axes) / len(self.y)

    def terms(self, s: np.ndarray) -> dict[str, np.ndarray]:
        """Return the terms with a variable s, each as a vector over the columns."""
        shape = s.max() + 1, self.n_levels, self.n_classes
        n_cells = np.prod(shape)
        batch_size = max(1, 2_000_000 // n_cells)
        code = s * self.n_levels * self.n_classes + self.y
        found = []
        for start in range(0, len(self.rows), batch_size):
            rows = self.rows[start : start + batch_size]
            first_cell = np.arange(len(rows))[:, None] * n_cells
            flat = (first_cell + code + rows * self.n_classes).ravel()
            tables = np.bincount(flat, minlength=len(rows) * n_cells)
            tables = tables.reshape(-1, *shape)  # axes: column, s, f, y
            fsy, fs = self.entropies(tables), self.entropies(tables, 3)
            sy, f = self.entropies(tables, 2), self.entropies(tables, 1, 3)
            s_alone, y = self.entropies(tables, 2, 3), self.entropies(tables, 1, 2)
            joint = fs + y - fsy
            found.append(
                {
                    "joint": joint,  # I(f, s; y)
                    "conditional": fs + sy - fsy - s_alone,  # I(f; y | s)
                    "redundancy": f + s_alone - fs,  # I(f; s)
                    "ratio": joint / np.maximum(fsy, 1e-12),  # I(f, s; y) / H(f, s, y)
                }
            )
        return {k: np.concatenate([terms[k] for terms in found]) for k in found[0]}

    def given(self, s: int) -> dict:
        if s not in self.cache:
            self.cache[s] = self.terms(self.rows[s])
        return self.cache[s]

    def given_all(self, selected: list[int]) -> dict:
        joined = np.unique(self.rows[selected], axis=1, return_inverse=True)[1]
        return self.terms(joined.ravel())


def each_term(counted: CountedTerms, selected: list[int], term: str) -> np.ndarray:
    return np.array([counted.given(s)[term] for s in selected])


PRAZNIK = {
    "MIM": lambda c, selected: c.relevance,
    "MRMR": lambda c, selected: (
        c.relevance - each_term(c, selected, "redundancy").mean(axis=0)
    ),
    "JMI": lambda c, selected: each_term(c, selected, "joint").sum(axis=0),
    "DISR": lambda c, selected: each_term(c, selected, "ratio").sum(axis=0),
    "JMIM": lambda c, selected: each_term(c, selected, "joint").min(axis=0),
    "NJMIM": lambda c, selected: each_term(c, selected, "ratio").min(axis=0),
    "CMIM": lambda c, selected: np.minimum(
        c.relevance, each_term(c, selected, "conditional").min(axis=0)
    ),
    "CMI": lambda c, selected: c.given_all(selected)["conditional"],
}


def praznik_paths(task: Task, rules: Iterable[str]) -> dict[str, list[int]]:
    """Return the path of each rule; all rules read the same tables of counts.

    Among equal scores, the first column is selected. CMI ends when no column has
    conditional information about the target.
    """
    counted = CountedTerms(*encode(task))
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


def compare_with_praznik(name: str, seed: int, rules: list[str]) -> dict:
    """Return the selection of each rule, and whether the path of skmi is the same."""
    task = draw(name, seed)
    found = {}
    for rule, path in praznik_paths(task, rules).items():
        plain = PlugIn(n_bins=10, binning="uniform", correction=None)
        ours = select(task, rule.lower(), plain)
        selection = compare_with_answer(set(path), task)
        found[rule] = selection, path == ours[: len(path)].tolist()
    return found


def praznik_section(n_seeds: int, start: float) -> list[str]:
    names = sorted(GENERATORS, key=N_COLUMNS.get, reverse=True)
    keys = [(name, seed) for name in names for seed in range(n_seeds)]
    rules_of = {
        seed: [rule for rule in PRAZNIK if rule != "CMI" or seed < 3]
        for seed in range(n_seeds)
    }
    results = run_all(
        "praznik's rules",
        [
            (compare_with_praznik, name, seed,
             rules_of[seed] if N_COLUMNS[name] > MANY_COLUMNS else list(PRAZNIK))
            for name, seed in keys
        ],
        start,
    )  # fmt: skip
    found: dict = {}
    same: dict = {rule: [] for rule in PRAZNIK}
    for (name, _), result in zip(keys, results, strict=True):
        for rule, (selection, is_same) in result.items():
            found.setdefault((rule, name), []).append(selection)
            same[rule].append(is_same)
    rows = rows_of_correct(found, PRAZNIK, n_seeds)
    for row in rows:
        row.append(f"{sum(same[row[0]])} of {len(same[row[0]])}")
    return [
        "## Published rules of praznik",
        "",
        "praznik is an R package. We wrote its rules in NumPy, from its documentation "
        "and the papers that it cites: sums and minima of the information in tables of "
        "counts. As documented, continuous columns are cut into n / 3 bins of equal "
        "width, but at least 2 and at most 10; discrete columns are not cut. CMI ends "
        "when no column has conditional information about the target, so it can select "
        "fewer features. The table shows the mean number of correct features. Its last "
        "column is the number of tables on which the criterion of the same name, with "
        '`PlugIn(n_bins=10, binning="uniform", correction=None)`, has the same path.',
        "",
        *table(["", *headers(), "same path"], rows),
    ]
