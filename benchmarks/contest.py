"""Tables whose informative features are known, contenders that select, and scores.

Import this module before any module that starts threads.
"""

import os
import re
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
MADELON = "Madelon"
MANY_COLUMNS = 200  # on tables with more columns, slow contenders use fewer seeds


@dataclass(frozen=True)
class Task:
    """A table with its columns in random order, and the correct features."""

    X: np.ndarray
    y: np.ndarray
    answer: frozenset[int]
    generator: Generator
    seed: int

    @property
    def n_picks(self) -> int:
        return len(self.answer)

    @property
    def column_types(self) -> dict:
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
    """Select features with `call(task)`, which returns indices of columns."""

    call: Callable
    max_seeds_wide: int | None = None  # on wide tables: this many for `MADELON` only
    continuous_only: bool = False

    def n_seeds(self, name: str, n_seeds: int) -> int:
        if self.continuous_only and GENERATORS[name].discrete:
            return 0
        if N_COLUMNS[name] <= MANY_COLUMNS or self.max_seeds_wide is None:
            return n_seeds
        return min(n_seeds, self.max_seeds_wide) if name == MADELON else 0


def select(task: Task, criterion: str, estimator="plugin", **options):
    selector = MISelector(
        task.n_picks,
        criterion=criterion,
        estimator=estimator,
        **task.column_types,
        **options,
    )
    return selector.fit(task.X, task.y).path_


# --- selecting


def log(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


@dataclass(frozen=True)
class Selection:
    """Numbers of correct and wrong features selected from a table."""

    n_correct: int
    n_wrong: int
    exact: bool


def try_to_select(call: Callable, name: str, seed: int) -> Selection | str:
    """Return the selection from a table, or the message of the error."""
    task = draw(name, seed)
    try:
        with warnings.catch_warnings(action="ignore"):
            selected = {int(f) for f in call(task)}
    except (TypeError, ValueError) as error:
        return str(error)
    return compare_with_answer(selected, task)


def compare_with_answer(selected: set[int], task: Task) -> Selection:
    n_correct = len(selected & task.answer)
    return Selection(n_correct, len(selected) - n_correct, selected == task.answer)


def run_all(label: str, tasks: list, start: float) -> list:
    """Call the (function, *arguments) of each task, several in parallel."""
    running = Parallel(n_jobs=-1, return_as="generator")(
        delayed(function)(*arguments) for function, *arguments in tasks
    )
    found = []
    for result in running:
        found.append(result)
        if len(found) * 10 // len(tasks) > (len(found) - 1) * 10 // len(tasks):
            done = f"{len(found):,} of {len(tasks):,}"
            log(f"{time.perf_counter() - start:.0f} s: {label}, {done}")
    return found


def select_all(
    label: str, contenders: dict[str, Contender], n_seeds: int, start: float
) -> dict:
    """Return a list of selections, one per seed, for each (contender, table)."""
    names = sorted(GENERATORS, key=N_COLUMNS.get, reverse=True)  # slow tables first
    keys = [
        (contender_name, name, seed)
        for name in names
        for contender_name, contender in contenders.items()
        for seed in range(contender.n_seeds(name, n_seeds))
    ]
    results = run_all(
        label,
        [
            (try_to_select, contenders[contender_name].call, name, seed)
            for contender_name, name, seed in keys
        ],
        start,
    )
    found: dict = {}
    for (contender_name, name, _), result in zip(keys, results, strict=True):
        if isinstance(result, str):
            log(f"{contender_name} cannot select from {name}: {result}")
        else:
            found.setdefault((contender_name, name), []).append(result)
    return found


# --- writing the results


def table(head: list[str], rows: Iterable[list[str]], n_left: int = 1) -> list[str]:
    """Return the lines of a Markdown table whose first n_left columns align left."""
    rule = ["---"] * n_left + ["---:"] * (len(head) - n_left)
    return [f"| {' | '.join(row)} |" for row in (head, rule, *rows)]


def bold_if(condition, text: str) -> str:
    return f"**{text}**" if condition else text


def headers() -> list[str]:
    return [f"{name} ({len(g.answer)})" for name, g in GENERATORS.items()]


def mean_correct(found: list[Selection], name: str, n_seeds: int) -> str:
    if not found:
        return NONE
    mean = np.mean([selection.n_correct for selection in found])
    all_correct = mean == len(GENERATORS[name].answer)
    return bold_if(all_correct, f"{mean:.1f}") + seeds_note(found, n_seeds)


def seeds_note(found: list, n_seeds: int) -> str:
    """Return the number of seeds in brackets if it is smaller than n_seeds."""
    return f" ({len(found)})" if len(found) < n_seeds else ""


def rows_of_correct(
    found: dict, labels: Iterable[str], n_seeds: int
) -> list[list[str]]:
    return [
        [label]
        + [
            mean_correct(found.get((label, name), []), name, n_seeds)
            for name in GENERATORS
        ]
        for label in labels
    ]


# --- writing


def write_sections(path: Path, introduction: list[str], lines: list[str]) -> None:
    """Write sections into a file, in place of those with the same headings.

    The lines of a section begin with its heading. New sections are the last ones.
    """
    known = path.read_text() if path.exists() else ""
    sections: dict[str, str] = {}
    for text in (known, "\n".join(lines)):
        for part in re.split(r"^(?=## )", text, flags=re.MULTILINE):
            if part.startswith("## "):
                sections[part.splitlines()[0]] = part.strip()
    parts = ["\n".join(introduction).strip(), *sections.values()]
    path.write_text("\n\n".join(parts) + "\n")
