"""What a criterion is."""

from abc import ABC, abstractmethod
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator

__all__ = ["Criterion"]

Vector = NDArray[np.float64]


class Criterion(BaseEstimator, ABC):
    """A greedy criterion: J(f) = score(I(f; y), fold over s in S of term(f, s), n).

    S is what has been selected, n features; s is one of them, f a candidate. The first
    pick is the candidate of highest relevance I(f; y). Values are vectors over the
    candidates. `fold` is `numpy.add` or `numpy.minimum`.

    Attributes
    ----------
    needs : tuple of str
        The pair terms that `term` reads: "redundancy" I(f; s), "conditional_relevance"
        I(f; y | s), "joint_relevance" I(f, s; y). None: `term` is not asked for.
    """

    needs: ClassVar[tuple[str, ...]] = ()
    _parameter_constraints: ClassVar[dict] = {}
    fold: ClassVar[np.ufunc] = np.add

    def term(self, pair: Any) -> Vector:
        """The part of J that f and one selected feature s contribute."""
        raise TypeError(f"{type(self).__name__} has no pair terms.")

    @abstractmethod
    def score(self, relevance: Vector, folded: Vector, n_selected: int) -> Vector:
        """J from the relevance and the folded terms of n_selected >= 1 features."""
