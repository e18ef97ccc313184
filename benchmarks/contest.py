"""Tables whose right features are known, those who select from them, and the scores.

Import it before anything that starts threads.
"""

import os
import sys
import time
import warnings
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("NUMBA_NUM_THREADS", "1")
sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

import numpy as np
from generators import GENERATORS, Generator
from joblib import Parallel, delayed

from skmi import MISelector

NONE = "-"
MADELON, MANY = "Madelon", 200  # columns: of more, some take fewer seeds


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
