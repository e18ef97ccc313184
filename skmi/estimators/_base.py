"""What an estimator is, and the prepared blocks it works on."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator

from skmi._columns import Columns

__all__ = ["DiscreteBlock", "Estimator", "code_block"]


@dataclass(frozen=True)
class DiscreteBlock:
    """Discrete columns as rows of codes, each below its number of levels."""

    codes: NDArray  # (n_columns, n_samples), the smallest integers that do
    n_levels: NDArray[np.intp]

    def column(self, j: int) -> "DiscreteBlock":
        """One column, as a block."""
        return DiscreteBlock(self.codes[j : j + 1], self.n_levels[j : j + 1])


def code_block(codes: NDArray[np.int32], n_levels: NDArray[np.intp]) -> DiscreteBlock:
    """Store codes in as few bytes as the largest number of levels allows."""
    most = n_levels.max(initial=1)
    dtype = np.uint8 if most <= 2**8 else np.uint16 if most <= 2**16 else np.int32
    return DiscreteBlock(np.ascontiguousarray(codes, dtype=dtype), n_levels)


class Estimator(BaseEstimator, ABC):
    """Parameters of an estimate of information, and the verbs that compute it.

    Columns are prepared once, then combined often. Every verb takes a prepared block
    and returns one value for each of the columns asked for: in nats, not clipped.

    Attributes
    ----------
    provides : frozenset of str
        The pair terms that the estimator has beside the relevance I(f; y):
        "redundancy" I(f; s), "conditional_relevance" I(f; y | s), "joint_relevance"
        I(f, s; y).
    """

    provides: ClassVar[frozenset[str]] = frozenset()
    _parameter_constraints: ClassVar[dict] = {}

    def check(self, n_samples: int) -> None:
        """Raise ValueError if a parameter does not fit a table of n_samples."""

    @abstractmethod
    def prepare(self, columns: Columns, which: NDArray[np.intp]) -> Any:
        """Turn columns into a block."""

    @abstractmethod
    def as_target(self, block: Any, column: int) -> Any:
        """Turn one column of a block into what other columns are held against."""

    @abstractmethod
    def mi(
        self, block: Any, columns: NDArray[np.intp], target: Any
    ) -> NDArray[np.float64]:
        """Estimate I(f; target) for the given columns of a block."""

    def condition(self, target: Any, given: Any) -> Any:
        """Join two targets to one that `cmi` takes."""
        raise TypeError(f"{type(self).__name__} has no conditional information.")

    def cmi(
        self, block: Any, columns: NDArray[np.intp], conditioned: Any
    ) -> NDArray[np.float64]:
        """Estimate I(f; target | given) for the given columns of a block."""
        raise TypeError(f"{type(self).__name__} has no conditional information.")
