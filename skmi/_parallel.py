"""The only user of joblib."""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise
from typing import Any

from joblib import Memory, Parallel, delayed, effective_n_jobs, hash

__all__ = [
    "Memory",
    "chunk_columns",
    "cut_evenly",
    "digest",
    "open_memory",
    "run_here",
    "worker_pool",
]

# What a chunk may hold: 8 MiB of doubles. Few enough that it stays in the cache while
# it is prepared, many enough that its kernels outlast the Python calls around them.
_CHUNK_VALUES = 2**20


def run_here(function: Callable, arguments: Sequence[tuple]) -> list[Any]:
    """Map a function over argument tuples, in this thread."""
    return [function(*each) for each in arguments]


@contextmanager
def worker_pool(
    n_jobs: int | None,
) -> Iterator[Callable[[Callable, Sequence[tuple]], list]]:
    """Open a pool; within, `run(function, arguments)` maps over argument tuples.

    Threads unless the caller chose another joblib backend; results come in order.
    """

    if effective_n_jobs(n_jobs) == 1:  # a pool costs as much as a short column
        yield run_here
        return

    with Parallel(n_jobs=n_jobs, prefer="threads") as parallel:

        def run(function: Callable, arguments: Sequence[tuple]) -> list[Any]:
            if len(arguments) == 1:
                return run_here(function, arguments)
            return parallel(delayed(function)(*each) for each in arguments)

        yield run


def chunk_columns(n_columns: int, n_samples: int, n_jobs: int | None) -> list[slice]:
    """Cut a range of columns into chunks of even size, a multiple of the jobs."""
    n_workers = effective_n_jobs(n_jobs)
    n_rounds = -(-n_columns * n_samples // (n_workers * _CHUNK_VALUES))
    return cut_evenly(n_columns, max(n_rounds, 1) * n_workers)


def cut_evenly(n_columns: int, n_chunks: int) -> list[slice]:
    """Cut a range of columns into so many chunks of even size, none of them empty."""
    n_chunks = max(1, min(n_columns, n_chunks))
    edges = [i * n_columns // n_chunks for i in range(n_chunks + 1)]
    return [slice(*edge) for edge in pairwise(edges)]


def open_memory(memory: str | os.PathLike | Memory) -> Memory:
    """Make a folder a cache."""
    if isinstance(memory, Memory):
        return memory
    try:
        return Memory(os.fspath(memory), verbose=0)
    except OSError as error:
        raise OSError(
            f"memory={memory!r} cannot be written: {error}; give another folder."
        ) from error


def digest(*data: Any) -> str:
    """A number by which data are known again; of the two joblib has, the fast one."""
    return hash(data, hash_name="sha1")
