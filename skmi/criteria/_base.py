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
    candidates.

    Attributes
    ----------
    needs : tuple of str
        The terms of f and the newest s that `term` reads, out of

        * "redundancy" I(f; s), and "normalized_redundancy", divided by the lesser of
          H(f) and H(s);
        * "conditional_relevance" I(f; y | s);
        * "conditional_redundancy" I(f; s | y);
        * "shared_relevance" I(f; s) - I(f; s | y) = I(f; y) - I(f; y | s);
        * "joint_relevance" I(f, s; y), and "symmetrical_relevance", divided by
          H(f, s, y);
        * "joint_relevance_of_three", the sum of I(f, s, t; y) over those t that were
          selected before s; I(f, s; y), if there are none;
        * "relevance_given_all" I(f; y | S).

        None: `term` is not asked for.
    falls : bool
        Whether what `score` makes of a part of S is never less than what it makes of
        all of it: the search then leaves out candidates that cannot win any more. The
        first part has infinity folded.
    """

    needs: ClassVar[tuple[str, ...]] = ()
    falls: ClassVar[bool] = False
    _parameter_constraints: ClassVar[dict] = {}

    def term(self, pair: Any) -> Vector:
        """The part of J that f and one selected feature s contribute."""
        raise TypeError(f"{type(self).__name__} has no pair terms.")

    def fold(self, folded: Vector, term: Vector, n_selected: int) -> Vector:
        """Add the term of the newest of n_selected >= 2 features: here, a sum."""
        return folded + term

    def yardstick(self) -> "Criterion | None":
        """By whose J a pick is held against shuffled candidates: here, its own.

        Shuffled candidates share nothing with what is selected. Where J is also the
        greater the more f shares with S, whatever it tells of y, even a copy of s would
        seem better than chance: such a criterion needs another yardstick, or has None
        and cannot be tested.
        """
        return self

    @abstractmethod
    def score(self, relevance: Vector, folded: Vector, n_selected: int) -> Vector:
        """J from the relevance and the folded terms of n_selected >= 1 features."""
