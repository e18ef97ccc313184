"""The terms that criteria read, and what each term needs of an estimator."""

from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from skmi._estimation.table import View
from skmi._utils.parallel import Runner

__all__ = ["CandidateTerms", "needs_of"]

# Information below this, in nats, is 0 up to rounding.
_ROUNDING = 1e-12

# What each term needs of an estimator, besides the information of a pair.
_NEEDS: dict[str, frozenset[str]] = {
    "redundancy": frozenset(),
    "normalized_redundancy": frozenset({"entropy_bound"}),
    "conditional_relevance": frozenset({"conditional"}),
    "conditional_redundancy": frozenset({"conditional"}),
    "shared_relevance": frozenset({"conditional"}),
    "joint_relevance": frozenset({"conditional"}),
    "symmetrical_relevance": frozenset({"conditional", "joint_entropy"}),
    "joint_relevance_of_three": frozenset({"conditional", "join"}),
    "relevance_given_all": frozenset({"conditional", "join"}),
}


def needs_of(*terms: str) -> frozenset[str]:
    """Return what terms need of an estimator, as names in `Estimator.provides`."""
    for term in terms:
        if term not in _NEEDS:
            raise ValueError(
                f"needs contains {term!r}, which is not a term; use {[*_NEEDS]}."
            )
    return frozenset().union(*(_NEEDS[term] for term in terms))


class CandidateTerms:
    """Terms of candidates f with the last selected feature s, computed at first use.

    Some terms also depend on the features that were selected before s. A term has shape
    (n_candidates,), or (n_orders, n_candidates) if the view is permuted.

    Parameters
    ----------
    view : View
    candidates : ndarray of shape (n_candidates,)
        Ascending column numbers.
    selected : sequence of int
        The selected features, s last.
    run : callable
    """

    def __init__(
        self,
        view: View,
        candidates: NDArray[np.intp],
        selected: NDArray[np.intp],
        run: Runner,
    ):
        self._view, self._candidates, self._run = view, candidates, run
        *earlier, self._s = map(int, selected)
        self._earlier = tuple(earlier)

    def _relevance_given(self, *selected: int) -> NDArray[np.float64]:
        return self._view.relevance_given(self._candidates, selected, self._run)

    @property
    def _relevance(self) -> NDArray[np.float64]:
        return self._view.relevance[..., self._candidates]

    @property
    def _relevance_of_s(self) -> float:
        return self._view.relevance_of_selected(self._s)

    @cached_property
    def redundancy(self) -> NDArray[np.float64]:
        """I(f; s)."""
        return self._view.redundancy(self._candidates, self._s, self._run)

    @cached_property
    def normalized_redundancy(self) -> NDArray[np.float64]:
        """I(f; s) / min(H(f), H(s)); 0 where the denominator is 0."""
        entropy = self._view.table.entropies(self._run)
        return _divide(
            self.redundancy, np.minimum(entropy[self._candidates], entropy[self._s])
        )

    @cached_property
    def conditional_relevance(self) -> NDArray[np.float64]:
        """I(f; y | s)."""
        return self._relevance_given(self._s)

    @cached_property
    def conditional_redundancy(self) -> NDArray[np.float64]:
        """I(f; s | y) = I(f; s) + I(f; y | s) - I(f; y)."""
        return self.redundancy - self.shared_relevance

    @cached_property
    def shared_relevance(self) -> NDArray[np.float64]:
        """I(f; s) - I(f; s | y) = I(f; y) - I(f; y | s)."""
        return self._relevance - self.conditional_relevance

    @cached_property
    def joint_relevance(self) -> NDArray[np.float64]:
        """I(f, s; y) = I(s; y) + I(f; y | s)."""
        return self._relevance_of_s + self.conditional_relevance

    @cached_property
    def symmetrical_relevance(self) -> NDArray[np.float64]:
        """I(f, s; y) / H(f, s, y); 0 where the denominator is 0."""
        conditional, entropy = self._view.relevance_and_entropy_given(
            self._candidates, self._s, self._run
        )
        return _divide(self._relevance_of_s + conditional, entropy)

    @cached_property
    def joint_relevance_of_three(self) -> NDArray[np.float64]:
        """Sum of I(f, s, t; y) over t selected before s; I(f, s; y) if there is no t.

        I(f, s, t; y) = I(t; y) + I(s; y | t) + I(f; y | s, t).
        """
        if not self._earlier:
            return self.joint_relevance
        total = np.zeros(self._relevance.shape)
        for t in self._earlier:
            relevance_of_t = self._view.relevance_of_selected(t)
            relevance_of_s = self._view.relevance_of_selected(self._s, t)
            total += relevance_of_t + relevance_of_s + self._relevance_given(t, self._s)
        return total

    @cached_property
    def relevance_given_all(self) -> NDArray[np.float64]:
        """I(f; y | S); exactly 0 where it is 0 up to rounding."""
        given = self._relevance_given(*self._earlier, self._s)
        return np.where(np.abs(given) > _ROUNDING, given, 0)


def _divide(
    information: NDArray[np.float64], entropy: NDArray[np.float64]
) -> NDArray[np.float64]:
    quotient = np.zeros(information.shape)
    return np.divide(information, entropy, out=quotient, where=entropy > _ROUNDING)
