"""Run functions in parallel. Only this module uses joblib."""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise
from typing import Any, Protocol, TypeVar

import joblib
from joblib import Memory, Parallel, delayed

from skmi._utils.messages import ParameterError, Setting

__all__ = [
    "Memory",
    "Runner",
    "hash_data",
    "open_memory",
    "run_serially",
    "split_columns",
    "split_evenly",
    "worker_pool",
]

Result = TypeVar("Result")

# The number of values in a chunk of columns: 8 MiB of float64. A chunk this small stays
# in the cache while it is prepared, and its kernels still take longer than the Python
# calls around them.
_VALUES_PER_CHUNK = 2**20


class Runner(Protocol):
    """Calls a function with each tuple of arguments, and returns results in order."""

    def __call__(
        self, function: Callable[..., Result], arguments: Sequence[tuple[Any, ...]], /
    ) -> list[Result]:
        """Call the function."""


def run_serially(
    function: Callable[..., Result], arguments: Sequence[tuple[Any, ...]], /
) -> list[Result]:
    """Call a function with each tuple of arguments, in this thread."""
    return [function(*each) for each in arguments]


@contextmanager
def worker_pool(n_jobs: int | None) -> Iterator[Runner]:
    """Open a pool of workers, and yield its runner.

    The workers are threads unless the caller chose another joblib backend.

    Raises
    ------
    ParameterError
        If n_jobs is 0.
    """
    if _count_workers(n_jobs) == 1:  # a pool takes as long as a short column
        yield run_serially
        return

    with Parallel(n_jobs=n_jobs, prefer="threads") as parallel:

        def run(
            function: Callable[..., Result], arguments: Sequence[tuple[Any, ...]], /
        ) -> list[Result]:
            if len(arguments) == 1:
                return run_serially(function, arguments)
            results: list[Result] = parallel(
                delayed(function)(*each) for each in arguments
            )
            return results

        yield run


def _count_workers(n_jobs: int | None) -> int:
    if n_jobs == 0:
        raise ParameterError(
            Setting("n_jobs", 0),
            " is not a number of jobs; give a positive number, or -1 to use all cores.",
        )
    return int(joblib.effective_n_jobs(n_jobs))


def split_columns(n_columns: int, n_samples: int, n_jobs: int | None) -> list[slice]:
    """Split columns into even chunks, whose number is a multiple of the workers."""
    n_workers = _count_workers(n_jobs)
    n_rounds = -(-n_columns * n_samples // (n_workers * _VALUES_PER_CHUNK))
    return split_evenly(n_columns, max(n_rounds, 1) * n_workers)


def split_evenly(n_columns: int, n_chunks: int) -> list[slice]:
    """Split columns into at most n_chunks of even size, none of them empty."""
    n_chunks = max(1, min(n_columns, n_chunks))
    edges = [i * n_columns // n_chunks for i in range(n_chunks + 1)]
    return [slice(*edge) for edge in pairwise(edges)]


def open_memory(memory: str | os.PathLike[str] | Memory) -> Memory:
    """Return a joblib cache for a folder; a `Memory` is returned as it is."""
    if isinstance(memory, Memory):
        return memory
    try:
        return Memory(os.fspath(memory), verbose=0)
    except OSError as error:
        raise OSError(
            f"memory={memory!r} cannot be written: {error}; give another folder."
        ) from error


def hash_data(*data: object) -> str:
    """Return a hash of data; SHA-1 is the faster of the two that joblib offers."""
    return str(joblib.hash(data, hash_name="sha1"))
