"""Select from tables whose right features are known and write SELECTION.md.

Everyone selects from the same tables. `python benchmarks/selection.py --quick` is a
trial run on few seeds, `--ours` leaves the peers out; neither writes.
"""

import argparse
import os
import platform
import sys
import time
import warnings
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from importlib.metadata import version
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("NUMBA_NUM_THREADS", "1")
sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

import numpy as np
import pandas as pd
from generators import GENERATORS, Generator
from joblib import Parallel, delayed
from sklearn.feature_selection import mutual_info_classif, mutual_info_regression

from skmi import MISelector
from skmi.criteria import CRITERIA
from skmi.estimators import PlugIn

NONE = "-"
RESULTS = Path(__file__).with_name("SELECTION.md")
N_PERMUTATIONS = 99
ALPHA = 0.05
ROUNDING = 1e-9
MADELON, MANY = "Madelon", 200  # columns: of more, some take fewer seeds


# --- what to select from


@dataclass(frozen=True)
class Task:
    """A table, its columns in an order drawn for the seed, and the right ones."""

    X: np.ndarray
    y: np.ndarray
    answer: frozenset[int]
    generator: Generator
    seed: int

    @property
    def n_picks(self) -> int:
        return len(self.answer)

    @property
    def kinds(self) -> dict:
        return {
            "discrete_features": self.generator.discrete,
            "discrete_target": self.generator.discrete_target,
        }


def draw(name: str, seed: int) -> Task:
    generator = GENERATORS[name]
    X, y = generator.sample(seed)
    order = np.random.default_rng([seed, 2]).permutation(X.shape[1])
    answer = np.flatnonzero(np.isin(order, generator.answer))
    return Task(X[:, order], y, frozenset(answer.tolist()), generator, seed)


N_COLUMNS = {name: draw(name, 0).X.shape[1] for name in GENERATORS}


# --- who selects


@dataclass(frozen=True)
class Contender:
    """Select with `call(task)`, which returns indices of columns."""

    call: Callable
    seeds_of_many: int | None = None  # so many of `MADELON` only; None: all
    continuous_only: bool = False

    def n_seeds(self, name: str, n_seeds: int) -> int:
        if self.continuous_only and GENERATORS[name].discrete:
            return 0
        if N_COLUMNS[name] <= MANY or self.seeds_of_many is None:
            return n_seeds
        return min(n_seeds, self.seeds_of_many) if name == MADELON else 0


def select(task: Task, criterion: str, estimator="plugin", **options):
    selector = MISelector(
        task.n_picks, criterion=criterion, estimator=estimator, **task.kinds, **options
    )
    return selector.fit(task.X, task.y).path_


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


# --- praznik's rules, from its documentation and the papers it cites


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


# --- the peers


def frame_of(task: Task) -> tuple[pd.DataFrame, pd.Series]:
    return pd.DataFrame(task.X).add_prefix("f"), pd.Series(task.y)


def indices_of(names: Iterable[str]) -> list[int]:
    return [int(name[1:]) for name in names]


def select_by_scikit_learn(task: Task):
    score = (
        mutual_info_classif
        if task.generator.discrete_target
        else mutual_info_regression
    )
    scores = score(
        task.X, task.y, discrete_features=task.generator.discrete, random_state=0
    )
    return np.argsort(-scores, kind="stable")[: task.n_picks]


def select_by_feature_engine(task: Task, method: str):
    selection = import_module("feature_engine.selection")
    selector = selection.MRMR(
        method=method, max_features=task.n_picks, random_state=0,
        regression=not task.generator.discrete_target,
        discrete_features=task.generator.discrete,
    )  # fmt: skip
    return indices_of(selector.fit(*frame_of(task)).get_feature_names_out())


def select_by_mrmr_selection(task: Task):
    mrmr = import_module("mrmr")
    select = (
        mrmr.mrmr_classif if task.generator.discrete_target else mrmr.mrmr_regression
    )
    names = select(*frame_of(task), K=task.n_picks, n_jobs=1, show_progress=False)
    return indices_of(names)


def select_by_fast_select(task: Task, method: str):
    rows, y = coded(task)
    mRMR = import_module("fast_select").mRMR
    return mRMR(task.n_picks, method=method, backend="cpu").fit(rows.T, y).top_features_


def scikit_feature(rule: str) -> Callable:
    folder = "skfeature.function.information_theoretical_based"
    return getattr(import_module(f"{folder}.{rule}"), rule.lower())


def select_by_scikit_feature(task: Task, rule: str, **parameters):
    rows, y = coded(task)
    found = scikit_feature(rule)(
        rows.T, y, mode="index", n_selected_features=task.n_picks, **parameters
    )
    return found[: task.n_picks]


def select_by_itmo_fs(task: Task, measure: str):
    rows, y = coded(task)
    selector = import_module("ITMO_FS").MultivariateFilter(measure, task.n_picks)
    selector.fit(rows.T, y)
    return selector.selected_features


def engine(method: str) -> Contender:
    return Contender(partial(select_by_feature_engine, method=method), 1)


def feature(rule: str, seeds_of_many: int = 0, **parameters) -> Contender:
    call = partial(select_by_scikit_feature, rule=rule, **parameters)
    return Contender(call, seeds_of_many)


PEERS = {
    "scikit-learn": {"SelectKBest": Contender(select_by_scikit_learn, 10)},
    "feature-engine": {"MRMR, MIQ": engine("MIQ"), "MRMR, MID": engine("MID")},
    "mrmr-selection": {"mrmr": Contender(select_by_mrmr_selection, 5)},
    "fast-select": {
        f"mRMR, {method}": Contender(partial(select_by_fast_select, method=method), 10)
        for method in ("MID", "MIQ")
    },
    "skfeature-chappers": {
        "mrmr": feature("MRMR"),
        "lcsi, gamma=0": feature("LCSI", 1, gamma=0),
        "jmi": feature("JMI"),
        "lcsi": feature("LCSI", 1),
        "cmim": feature("CMIM", 1),
        "disr": feature("DISR"),
    },
    "ITMO-FS": {
        measure: Contender(
            partial(select_by_itmo_fs, measure=measure), 1 if measure == "MIM" else 0
        )
        for measure in ("MIM", "MRMR", "JMI", "CMIM", "CIFE", "ICAP", "MRI")
    },
}  # fmt: skip
MODULES = {
    "scikit-learn": "sklearn",
    "feature-engine": "feature_engine.selection",
    "mrmr-selection": "mrmr",
    "fast-select": "fast_select",
    "skfeature-chappers": "skfeature.function.information_theoretical_based.LCSI",
    "ITMO-FS": "ITMO_FS",
}
ABOUT_PEERS = """
* scikit-learn: `SelectKBest` of `mutual_info_classif` or `mutual_info_regression`, its
  `discrete_features` as the table is, `random_state=0`.
* feature-engine: `MRMR(max_features=k)`, `discrete_features` as the table is: "MIQ" is
  its default, "MID" the difference. k-NN information among columns, discrete or not.
* mrmr-selection: `mrmr_classif` or `mrmr_regression`: F statistics over correlations.
* fast-select: `mRMR`, for discrete columns: "MID" is its default, "MIQ" the quotient.
* skfeature-chappers, the build of scikit-feature that PyPI has, for discrete columns:
  `mrmr` and `jmi` with `mode="index"` return not the columns picked but the ranks of
  their numbers, a permutation of 0 to k - 1; what they pick is what `lcsi` with the
  same parameters does, which is MIFS with a beta of .8, and with a gamma of .5 besides.
* ITMO-FS: `MultivariateFilter`, for discrete columns.

Those for discrete columns are given the codes that praznik's rules are given. A peer in
pure Python takes minutes for 500 columns, and is asked once or not at all there."""


# --- selecting


def log(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


@dataclass(frozen=True)
class Choice:
    """What was picked from a table."""

    right: int
    wrong: int
    exact: bool


def choose(call: Callable, name: str, seed: int) -> Choice | str:
    """Pick, or say why not."""
    task = draw(name, seed)
    try:
        with warnings.catch_warnings(action="ignore"):
            picked = {int(f) for f in call(task)}
    except (TypeError, ValueError) as refusal:
        return str(refusal)
    right = len(picked & task.answer)
    return Choice(right, len(picked) - right, picked == task.answer)


def run_all(what: str, tasks: list, start: float) -> list:
    """Call (function, *arguments) of each, several at once."""
    running = Parallel(n_jobs=-1, return_as="generator")(
        delayed(function)(*arguments) for function, *arguments in tasks
    )
    found = []
    for result in running:
        found.append(result)
        if len(found) * 10 // len(tasks) > (len(found) - 1) * 10 // len(tasks):
            done = f"{len(found):,} of {len(tasks):,}"
            log(f"{time.perf_counter() - start:.0f} s: {what}, {done}")
    return found


def choices(
    what: str, contenders: dict[str, Contender], n_seeds: int, start: float
) -> dict:
    """Lists of what was chosen, one of a seed each, of (label, name)."""
    names = sorted(GENERATORS, key=N_COLUMNS.get, reverse=True)  # the slow ones first
    keys = [
        (label, name, seed)
        for name in names
        for label, contender in contenders.items()
        for seed in range(contender.n_seeds(name, n_seeds))
    ]
    results = run_all(
        what,
        [(choose, contenders[label].call, name, seed) for label, name, seed in keys],
        start,
    )
    found: dict = {}
    for (label, name, _), result in zip(keys, results, strict=True):
        if isinstance(result, str):
            log(f"{label} refuses {name}: {result}")
        else:
            found.setdefault((label, name), []).append(result)
    return found


# --- saying it


def table(head: list[str], rows: Iterable[list[str]], n_left: int = 1) -> list[str]:
    """A table in Markdown, its first n_left columns flush left."""
    rule = ["---"] * n_left + ["---:"] * (len(head) - n_left)
    return [f"| {' | '.join(row)} |" for row in (head, rule, *rows)]


def bold_if(condition, text: str) -> str:
    return f"**{text}**" if condition else text


def headers() -> list[str]:
    return [f"{name} ({len(g.answer)})" for name, g in GENERATORS.items()]


def mean_right(found: list[Choice], name: str, n_seeds: int) -> str:
    if not found:
        return NONE
    mean = np.mean([choice.right for choice in found])
    all_right = mean == len(GENERATORS[name].answer)
    return bold_if(all_right, f"{mean:.1f}") + few(found, n_seeds)


def few(found: list, n_seeds: int) -> str:
    """How many seeds, where these are fewer than said."""
    return f" ({len(found)})" if len(found) < n_seeds else ""


def rows_of_right(found: dict, labels: Iterable[str], n_seeds: int) -> list[list[str]]:
    return [
        [label]
        + [
            mean_right(found.get((label, name), []), name, n_seeds)
            for name in GENERATORS
        ]
        for label in labels
    ]


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


def of_peers(n_seeds: int, start: float) -> list[str]:
    contenders, missing = {}, []
    for package, rules in PEERS.items():
        try:
            with warnings.catch_warnings(action="ignore"):
                import_module(MODULES[package])
        except Exception as error:
            said = str(error).splitlines()[0]
            missing.append(f"* {package} does not import: {said}")
            continue
        label = f"{package} {version(package)}"
        contenders |= {f"{label}: {rule}": who for rule, who in rules.items()}
    found = choices("peers", contenders, n_seeds, start)
    return [
        "## Peers",
        "",
        f"The same of what PyPI has, beside scikit-learn {version('scikit-learn')} and "
        f"NumPy {version('numpy')}.",
        *ABOUT_PEERS.splitlines(),
        "",
        *missing,
        *([""] if missing else []),
        *table(["", *headers()], rows_of_right(found, contenders, n_seeds)),
    ]


# --- calibration


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
    lines += ["", *of_praznik(n_seeds, start)]
    if not arguments.ours:
        lines += ["", *of_peers(n_seeds, start)]
    log(f"{time.perf_counter() - start:.0f} s in all")
    print("\n".join(lines))
    if not (arguments.quick or arguments.ours):
        RESULTS.write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
