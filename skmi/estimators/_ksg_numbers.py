"""The numbers of neighbours k whose estimates are averaged."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from numbers import Integral

import numpy as np
from numpy.typing import NDArray

__all__ = ["Numbers"]


@dataclass(frozen=True)
class Numbers:
    """Numbers of neighbours k, ascending, and whether to correct the bias for each."""

    ks: tuple[int, ...]
    corrected: bool

    @classmethod
    def of(cls, n_neighbors: int | Sequence[int], corrected: bool = False) -> "Numbers":
        """Read a number, or a sequence of different numbers.

        Raises
        ------
        ValueError
            If the sequence is empty, repeats a number, or has one that is not positive.
        """
        if isinstance(n_neighbors, Integral):
            return cls((int(n_neighbors),), corrected)
        assert isinstance(n_neighbors, Iterable)
        numbers = list(n_neighbors)
        if (
            not numbers
            or len(set(numbers)) < len(numbers)
            or not all(isinstance(k, Integral) and k >= 1 for k in numbers)
        ):
            raise ValueError(
                f"n_neighbors={n_neighbors} must be a positive integer, or a sequence "
                "of different ones, such as (1, 2, 4, 6)."
            )
        return cls(tuple(sorted(map(int, numbers))), corrected)

    @property
    def most(self) -> int:
        """The largest of them."""
        return self.ks[-1]

    def below(self, n_samples: int) -> NDArray[np.int32]:
        """Return the numbers as the kernels read them, n_samples - 1 at most."""
        return np.minimum(self.ks, n_samples - 1).astype(np.intc)

    def mean(self, estimates: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the mean over k, weighted by k, of (n_columns, n_numbers)."""
        if len(self.ks) == 1:
            return estimates[:, 0]
        mean = np.zeros(len(estimates))
        for k, estimate in zip(self.ks, estimates.T, strict=True):
            mean += k * estimate  # in this order whatever the other columns are
        return mean / sum(self.ks)
