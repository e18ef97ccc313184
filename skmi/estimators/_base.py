"""What an estimator is."""

from abc import ABC, abstractmethod
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator

from skmi._columns import Columns

__all__ = ["Estimator"]


class Estimator(BaseEstimator, ABC):
    """Parameters of an estimate of information, and the verbs that compute it.

    Columns are prepared once, then combined often. Every verb takes a prepared block
    and returns one value for each of the columns asked for: in nats, not clipped.

    Attributes
    ----------
    provides : frozenset of str
        What the estimator has beside the information of a pair: "redundancy" I(f; s),
        "conditional_relevance" I(f; y | s), "joint_relevance" I(f, s; y), "entropy"
        H(f), and, where entropies bound information, "discrete_entropy" H(f) and
        "joint_entropy" H(f, s, y).
    """

    provides: ClassVar[frozenset[str]] = frozenset()
    _parameter_constraints: ClassVar[dict] = {}

    def check(self, n_samples: int) -> None:
        """Raise ValueError if a parameter does not fit a table of n_samples."""

    @abstractmethod
    def prepare(self, columns: Columns, which: NDArray[np.intp]) -> Any:
        """Turn columns into a block."""

    def join(self, block: Any) -> Any:
        """Turn all columns of a block into one of several dimensions."""
        raise self.lacks("variables of several dimensions")

    @abstractmethod
    def as_target(self, block: Any, column: int) -> Any:
        """Turn one column of a block into what other columns are held against."""

    def shuffled_targets(self, column: Columns, orders: NDArray[np.intp]) -> list:
        """Turn one column, an array, into targets: its samples in each of the orders.

        They are those of the values in these orders. An estimator that can put what is
        prepared in another order does so, and prepares but once.
        """
        values = column.source[:, 0].take(orders)
        shuffled = Columns(values.T, column.discrete.repeat(len(values)), column.name)
        block = self.prepare(shuffled, np.arange(len(values)))
        return [self.as_target(block, j) for j in range(len(values))]

    @abstractmethod
    def mi(
        self, block: Any, columns: NDArray[np.intp], target: Any
    ) -> NDArray[np.float64]:
        """Estimate I(f; target) for the given columns of a block."""

    def matrix(
        self,
        block: Any,
        columns: NDArray[np.intp],
        other: Any,
        others: NDArray[np.intp],
    ) -> NDArray[np.float64]:
        """Estimate I(f; g) for columns f of one block and columns g of another."""
        targets = [self.as_target(other, column) for column in others]
        return np.stack([self.mi(block, columns, target) for target in targets], axis=1)

    def condition(self, target: Any, given: Any) -> Any:
        """Join two targets to one that `cmi` takes."""
        raise self.lacks("conditional information", "conditional_relevance")

    def cmi(
        self, block: Any, columns: NDArray[np.intp], conditioned: Any
    ) -> NDArray[np.float64]:
        """Estimate I(f; target | given) for the given columns of a block."""
        raise self.lacks("conditional information", "conditional_relevance")

    def joint(
        self,
        block: Any,
        columns: NDArray[np.intp],
        conditioned: Any,
        of_given: float,
    ) -> NDArray[np.float64]:
        """I(f, given; target) = I(given; target) + I(f; target | given)."""
        return of_given + self.cmi(block, columns, conditioned)

    def entropy(self, block: Any, columns: NDArray[np.intp]) -> NDArray[np.float64]:
        """Estimate H(f) for the given columns of a block."""
        raise self.lacks("entropy", "entropy")

    def lacks(self, what: str, term: str = "") -> TypeError:
        """Make the error that says what the estimator cannot do, and which ones can.

        They are those of the registry that provide the term.
        """
        from skmi.estimators import ESTIMATORS  # which imports this file

        able = [
            other.__name__ for other in ESTIMATORS.values() if term in other.provides
        ]
        instead = f"; use {' or '.join(able)}" if able else ""
        return TypeError(f"{type(self).__name__} has no {what}{instead}.")
