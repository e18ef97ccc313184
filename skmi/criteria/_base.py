"""The base class of the criteria, and the terms that criteria read."""

from abc import ABC, abstractmethod
from typing import ClassVar, Protocol

import numpy as np
from numpy.typing import NDArray

from skmi._utils.sklearn import Configurable

__all__ = ["Constraints", "Criterion", "Terms", "Vector"]

Vector = NDArray[np.float64]
Constraints = dict[str, list[object]]


class Terms(Protocol):
    """Terms of the candidates f with the newest selected feature s.

    Every term has one value for each candidate, in nats unless it is a ratio. In a
    permutation test it has shape (n_permutations, n_candidates).
    """

    @property
    def redundancy(self) -> Vector:
        """I(f; s)."""

    @property
    def normalized_redundancy(self) -> Vector:
        """I(f; s) / min(H(f), H(s)); 0 where the denominator is 0."""

    @property
    def conditional_relevance(self) -> Vector:
        """I(f; y | s)."""

    @property
    def conditional_redundancy(self) -> Vector:
        """I(f; s | y)."""

    @property
    def shared_relevance(self) -> Vector:
        """I(f; s) - I(f; s | y), which equals I(f; y) - I(f; y | s)."""

    @property
    def joint_relevance(self) -> Vector:
        """I(f, s; y)."""

    @property
    def symmetrical_relevance(self) -> Vector:
        """I(f, s; y) / H(f, s, y); 0 where the denominator is 0."""

    @property
    def joint_relevance_of_three(self) -> Vector:
        """Sum of I(f, s, t; y) over the features t selected before s.

        If s is the only selected feature, the term is I(f, s; y).
        """

    @property
    def relevance_given_all(self) -> Vector:
        """I(f; y | S), given all selected features S."""


class Criterion(Configurable, ABC):
    """A greedy criterion: J(f) = score(I(f; y), fold over s in S of term(f, s), n).

    Here f is a candidate, S the set of the n selected features and s one of them. The
    first pick is the candidate of highest relevance I(f; y). All values are vectors
    over the candidates.

    Attributes
    ----------
    needs : tuple of str
        The terms that `term` reads. Each is a property of `Terms`. If `needs` is empty,
        the search does not call `term`.
    is_non_increasing : bool
        Whether J(f) can only decrease or stay the same when another feature is
        selected. The search then skips candidates that cannot win, and folds the first
        term with infinity.
    """

    needs: ClassVar[tuple[str, ...]] = ()
    is_non_increasing: ClassVar[bool] = False
    _parameter_constraints: ClassVar[Constraints] = {}

    def term(self, pair: Terms) -> Vector:
        """Compute the contribution of the newest selected feature s to J(f)."""
        raise TypeError(
            f"{type(self).__name__} has no pair terms, because its `needs` is empty."
        )

    def fold(self, folded: Vector, term: Vector, n_selected: int) -> Vector:
        """Combine the term of the newest selected feature with those folded before.

        By default, the terms are added. The search calls this from the second selected
        feature on, or from the first if `is_non_increasing`.
        """
        return folded + term

    def test_criterion(self) -> "Criterion | None":
        """Return the criterion whose score the permutation test uses.

        By default, this is the criterion itself. The test compares the candidates with
        permuted candidates, which share no information with the selected features.
        If J increases with redundancy, even a copy of a selected feature scores higher
        than the permuted candidates. Such a criterion returns another one here, or None
        if the test cannot be used with it.
        """
        return self

    @abstractmethod
    def score(self, relevance: Vector, folded: Vector, n_selected: int) -> Vector:
        """Compute J from the relevance and the folded terms of n_selected features.

        At least one feature is selected. If `needs` is empty, `folded` has no meaning.
        """
