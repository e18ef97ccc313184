"""The information that discrete columns have by chance, tabulated by their counts."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Chance"]


@dataclass(frozen=True, eq=False)
class Chance:
    """The mean information with y over all permutations of y within the strata of s.

    It is a sum over the levels of a column in each stratum, and each depends only on
    the number of its samples there and on the sizes of the levels of y. So it is
    tabulated. Every code of s is a stratum, also one that does not occur.

    Parameters
    ----------
    first : ndarray of shape (n_strata + 1,)
        Where each stratum begins in a table, which has an entry for every number of
        samples from 0 to that of the stratum.
    starts : ndarray of shape (n_strata + 1,)
        Where the sizes of each stratum begin.
    sizes, n_of_size : ndarray of dtype int32
        The distinct sizes of the levels of y in each stratum, and the number of levels
        of that size.
    """

    first: NDArray[np.intp]
    starts: NDArray[np.intp]
    sizes: NDArray[np.int32]
    n_of_size: NDArray[np.int32]

    @classmethod
    def of(
        cls, z: NDArray[np.int32], n_z: int, s: NDArray[np.int32], n_s: int
    ) -> "Chance":
        """Count the levels of y; codes z below n_z stand for (s, y)."""
        counts, n = np.bincount(z, minlength=n_z), len(z)
        s_of_z = np.zeros(n_z, np.intp)
        s_of_z[z] = s
        occurring = np.flatnonzero(counts)
        keys, n_of_size = np.unique(
            s_of_z[occurring] * (n + 1) + counts[occurring], return_counts=True
        )
        return cls(
            np.append(0, np.cumsum(np.bincount(s, minlength=n_s) + 1)),
            np.searchsorted(keys, np.arange(n_s + 1) * (n + 1)),
            (keys % (n + 1)).astype(np.int32),
            n_of_size.astype(np.int32),
        )

    @cached_property
    def expected(self) -> NDArray[np.float64]:
        """The table of the mean, times the number of samples.

        Kernels replace the entries that are NaN when they need them.
        """
        return np.full(self.first[-1], np.nan)

    @cached_property
    def freedom(self) -> NDArray[np.float64]:
        """A table of the levels of y in each stratum less 1, for every entry."""
        n_before = np.append(0, np.cumsum(self.n_of_size))
        n_levels = np.diff(n_before[self.starts])
        return np.repeat(np.maximum(n_levels - 1.0, 0), np.diff(self.first))

    def __getstate__(self) -> dict[str, Any]:
        """Leave out the tables, which another process could not write to."""
        state = self.__dict__.copy()
        for name in ("expected", "freedom"):
            state.pop(name, None)
        return state
