"""The criteria of greedy selection, each given by its formula."""

from numbers import Real
from typing import ClassVar

import numpy as np

from skmi._utils.sklearn import Interval
from skmi.criteria._base import Constraints, Criterion, Terms, Vector

__all__ = [
    "CIFE",
    "CMI",
    "CMIM",
    "DISR",
    "ICAP",
    "JMI",
    "JMI3",
    "JMIM",
    "MIFS",
    "MIM",
    "MIQ",
    "MRI",
    "MRMR",
    "NJMIM",
    "NMIFS",
    "BetaGamma",
    "CondRed",
]

_NON_NEGATIVE = Interval(Real, 0, None, closed="left")


class MIM(Criterion):
    r"""J(f) = I(f; y).

    Mutual information maximisation [1]_. It scores by relevance alone and ignores
    redundancy.

    References
    ----------
    .. [1] D. D. Lewis, Feature selection and feature extraction for text
       categorization, Proc. Workshop Speech and Natural Language 1992.
    """

    def score(self, relevance: Vector, folded: Vector, n_selected: int) -> Vector:
        """I(f; y)."""
        return relevance


# --- relevance and redundancy


class MIFS(Criterion):
    r"""J(f) = I(f; y) - beta * sum over s of I(f; s).

    Mutual information feature selection [1]_. The sum grows with the number of selected
    features, until it outweighs the relevance. `MRMR` uses the mean instead.

    Parameters
    ----------
    beta : float, default=1.0
        Weight of the redundancy, at least 0.

    References
    ----------
    .. [1] R. Battiti, Using mutual information for selecting features in supervised
       neural net learning, IEEE Trans. Neural Netw. 5, 537 (1994).
    """

    needs = ("redundancy",)
    _parameter_constraints: ClassVar[Constraints] = {"beta": [_NON_NEGATIVE]}

    def __init__(self, beta: float = 1.0) -> None:
        self.beta = beta

    def term(self, pair: Terms) -> Vector:
        """I(f; s)."""
        return pair.redundancy

    def score(self, relevance: Vector, folded: Vector, n_selected: int) -> Vector:
        """I(f; y) - beta * sum I(f; s)."""
        return relevance - self.beta * folded


class NMIFS(Criterion):
    r"""J(f) = I(f; y) - mean over s of I(f; s) / min(H(f), H(s)).

    Normalised mutual information feature selection [1]_. The redundancy of a constant
    feature is 0. The features must be discrete or binned.

    References
    ----------
    .. [1] P. A. Estévez, M. Tesmer, C. A. Perez and J. M. Zurada, Normalized mutual
       information feature selection, IEEE Trans. Neural Netw. 20, 189 (2009).
    """

    needs = ("normalized_redundancy",)

    def term(self, pair: Terms) -> Vector:
        """I(f; s) / min(H(f), H(s))."""
        return pair.normalized_redundancy

    def score(self, relevance: Vector, folded: Vector, n_selected: int) -> Vector:
        """I(f; y) - mean I(f; s) / min(H(f), H(s))."""
        return relevance - folded / n_selected


class MRMR(Criterion):
    r"""J(f) = I(f; y) - mean over s of I(f; s).

    Minimal redundancy and maximal relevance, in the difference form [1]_, equation 6.

    References
    ----------
    .. [1] H. Peng, F. Long and C. Ding, Feature selection based on mutual information,
       IEEE Trans. Pattern Anal. Mach. Intell. 27, 1226 (2005).
    """

    needs = ("redundancy",)

    def term(self, pair: Terms) -> Vector:
        """I(f; s)."""
        return pair.redundancy

    def score(self, relevance: Vector, folded: Vector, n_selected: int) -> Vector:
        """I(f; y) - mean I(f; s)."""
        return relevance - folded / n_selected


class MIQ(Criterion):
    r"""J(f) = I(f; y) / max(mean over s of I(f; s), floor).

    Minimal redundancy and maximal relevance, in the quotient form [1]_. The estimated
    redundancy of a feature that is independent of all selected features is near 0 or
    negative. Without the floor, such a feature would win even if its relevance were
    small. A constant feature scores 0.

    Parameters
    ----------
    floor : float, default=0.001
        Smallest mean redundancy to divide by, in nats; greater than 0. Features with a
        smaller mean redundancy are compared by relevance alone.

    References
    ----------
    .. [1] C. Ding and H. Peng, Minimum redundancy feature selection from microarray
       gene expression data, J. Bioinform. Comput. Biol. 3, 185 (2005).
    """

    needs = ("redundancy",)
    _parameter_constraints: ClassVar[Constraints] = {
        "floor": [Interval(Real, 0, None, closed="neither")]
    }

    def __init__(self, floor: float = 0.001) -> None:
        self.floor = floor

    def test_criterion(self) -> Criterion:
        """Return `MRMR`, the difference form.

        The redundancy of a permuted candidate is near 0, so its quotient is too large.
        """
        return MRMR()

    def term(self, pair: Terms) -> Vector:
        """I(f; s)."""
        return pair.redundancy

    def score(self, relevance: Vector, folded: Vector, n_selected: int) -> Vector:
        """I(f; y) / max(mean I(f; s), floor)."""
        return relevance / np.maximum(folded / n_selected, self.floor)


# --- joint relevance


class JMI(Criterion):
    r"""J(f) = mean over s of I(f, s; y).

    Joint mutual information [1]_. The literature uses the sum, which orders the
    candidates in the same way.

    References
    ----------
    .. [1] H. H. Yang and J. Moody, Data visualization and feature selection: new
       algorithms for nongaussian data, NIPS 1999.
    """

    needs = ("joint_relevance",)

    def term(self, pair: Terms) -> Vector:
        """I(f, s; y)."""
        return pair.joint_relevance

    def score(self, relevance: Vector, folded: Vector, n_selected: int) -> Vector:
        """Mean I(f, s; y)."""
        return folded / n_selected


class JMI3(Criterion):
    r"""J(f) = mean over pairs s, t of I(f, s, t; y).

    Joint mutual information of third order [1]_. While only one feature s is selected,
    J(f) = I(f, s; y). The criterion finds features that are informative only together
    with two others. Its cost grows with the square of the number of selected features.

    References
    ----------
    .. [1] K. Sechidis, L. Azzimonti, A. Pocock, G. Corani, J. Weatherall and G. Brown,
       Efficient feature selection using shrinkage estimators, Mach. Learn. 108, 1261
       (2019).
    """

    needs = ("joint_relevance_of_three",)

    def term(self, pair: Terms) -> Vector:
        """Sum of I(f, s, t; y) over the features t selected before s."""
        return pair.joint_relevance_of_three

    def fold(self, folded: Vector, term: Vector, n_selected: int) -> Vector:
        """Sum of I(f, s, t; y) over pairs s, t.

        At the second selected feature, this sum replaces I(f, s; y).
        """
        return folded + term if n_selected > 2 else term

    def score(self, relevance: Vector, folded: Vector, n_selected: int) -> Vector:
        """Mean I(f, s, t; y)."""
        n_pairs = n_selected * (n_selected - 1) / 2
        return folded / max(n_pairs, 1)


class DISR(Criterion):
    r"""J(f) = mean over s of I(f, s; y) / H(f, s, y).

    Double input symmetrical relevance [1]_. The literature uses the sum, which orders
    the candidates in the same way. The features must be discrete or binned.

    References
    ----------
    .. [1] P. E. Meyer and G. Bontempi, On the use of variable complementarity for
       feature selection in cancer classification, EvoWorkshops 2006.
    """

    needs = ("symmetrical_relevance",)

    def test_criterion(self) -> Criterion:
        """Return `JMI`, which does not divide by H(f, s, y).

        This entropy is smallest for a copy of s, so the ratio favours redundancy.
        """
        return JMI()

    def term(self, pair: Terms) -> Vector:
        """I(f, s; y) / H(f, s, y)."""
        return pair.symmetrical_relevance

    def score(self, relevance: Vector, folded: Vector, n_selected: int) -> Vector:
        """Mean I(f, s; y) / H(f, s, y)."""
        return folded / n_selected


class _Minimum(Criterion):
    """A criterion that is the minimum of its terms."""

    is_non_increasing = True

    def fold(self, folded: Vector, term: Vector, n_selected: int) -> Vector:
        """Minimum of the terms."""
        return np.minimum(folded, term)

    def score(self, relevance: Vector, folded: Vector, n_selected: int) -> Vector:
        """Minimum of the terms."""
        return folded


class JMIM(_Minimum):
    r"""J(f) = min over s of I(f, s; y).

    Joint mutual information maximisation [1]_.

    References
    ----------
    .. [1] M. Bennasar, Y. Hicks and R. Setchi, Feature selection using joint mutual
       information maximisation, Expert Syst. Appl. 42, 8520 (2015).
    """

    needs = ("joint_relevance",)

    def term(self, pair: Terms) -> Vector:
        """I(f, s; y)."""
        return pair.joint_relevance


class NJMIM(_Minimum):
    r"""J(f) = min over s of I(f, s; y) / H(f, s, y).

    Normalised joint mutual information maximisation [1]_. The features must be discrete
    or binned.

    References
    ----------
    .. [1] M. Bennasar, Y. Hicks and R. Setchi, Feature selection using joint mutual
       information maximisation, Expert Syst. Appl. 42, 8520 (2015).
    """

    needs = ("symmetrical_relevance",)

    def test_criterion(self) -> Criterion:
        """Return `JMIM`, which does not divide by H(f, s, y).

        This entropy is smallest for a copy of s, so the ratio favours redundancy.
        """
        return JMIM()

    def term(self, pair: Terms) -> Vector:
        """I(f, s; y) / H(f, s, y)."""
        return pair.symmetrical_relevance


# --- conditional relevance


class CMIM(_Minimum):
    r"""J(f) = min(I(f; y), min over s of I(f; y | s)).

    Conditional mutual information maximisation [1]_, equation 11.

    References
    ----------
    .. [1] F. Fleuret, Fast binary feature selection with conditional mutual
       information, J. Mach. Learn. Res. 5, 1531 (2004).
    """

    needs = ("conditional_relevance",)

    def test_criterion(self) -> Criterion:
        """Return the minimum of I(f; y | s) over s, without the cap at I(f; y).

        The estimate of I(f; y) has a smaller bias than that of I(f; y | s), so the cap
        lowers the scores of permuted candidates, but not that of a redundant one.
        """
        return _UncappedCMIM()

    def term(self, pair: Terms) -> Vector:
        """I(f; y | s)."""
        return pair.conditional_relevance

    def score(self, relevance: Vector, folded: Vector, n_selected: int) -> Vector:
        """Min(I(f; y), min I(f; y | s))."""
        return np.minimum(relevance, folded)


class _UncappedCMIM(_Minimum):
    """J(f) = min over s of I(f; y | s), without the cap at I(f; y)."""

    needs = ("conditional_relevance",)

    def term(self, pair: Terms) -> Vector:
        """I(f; y | s)."""
        return pair.conditional_relevance


class CMI(Criterion):
    r"""J(f) = I(f; y | S).

    Conditional mutual information given all selected features [1]_. The other criteria
    approximate this one. It needs a number of samples that grows exponentially with the
    number of selected features. If a selected feature is determined by the others, it
    is left out of S.

    References
    ----------
    .. [1] G. Brown, A. Pocock, M.-J. Zhao and M. Luján, Conditional likelihood
       maximisation: a unifying framework for information theoretic feature selection,
       J. Mach. Learn. Res. 13, 27 (2012).
    """

    needs = ("relevance_given_all",)

    def term(self, pair: Terms) -> Vector:
        """I(f; y | S)."""
        return pair.relevance_given_all

    def fold(self, folded: Vector, term: Vector, n_selected: int) -> Vector:
        """I(f; y | S), the newest term."""
        return term

    def score(self, relevance: Vector, folded: Vector, n_selected: int) -> Vector:
        """I(f; y | S)."""
        return folded


class CIFE(Criterion):
    r"""J(f) = I(f; y) - sum over s of (I(f; s) - I(f; s | y)).

    Conditional infomax feature extraction [1]_.

    References
    ----------
    .. [1] D. Lin and X. Tang, Conditional infomax learning: an integrated framework
       for feature extraction and fusion, ECCV 2006.
    """

    needs = ("shared_relevance",)

    def term(self, pair: Terms) -> Vector:
        """I(f; s) - I(f; s | y)."""
        return pair.shared_relevance

    def score(self, relevance: Vector, folded: Vector, n_selected: int) -> Vector:
        """I(f; y) - sum (I(f; s) - I(f; s | y))."""
        return relevance - folded


class ICAP(Criterion):
    r"""J(f) = I(f; y) - sum over s of max(0, I(f; s) - I(f; s | y)).

    Interaction capping [1]_. It is `CIFE` without a reward for synergy: negative terms
    count as 0.

    References
    ----------
    .. [1] A. Jakulin, Machine learning based on attribute interactions, PhD thesis,
       University of Ljubljana 2005.
    """

    needs = ("shared_relevance",)

    def test_criterion(self) -> Criterion:
        """Return the minimum of I(f; y | s) over s, as `CMIM` does.

        `ICAP` has the same cap: its terms never raise J(f) above I(f; y).
        """
        return _UncappedCMIM()

    def term(self, pair: Terms) -> Vector:
        """Max(0, I(f; s) - I(f; s | y))."""
        return np.maximum(pair.shared_relevance, 0)

    def score(self, relevance: Vector, folded: Vector, n_selected: int) -> Vector:
        """I(f; y) - sum max(0, I(f; s) - I(f; s | y))."""
        return relevance - folded


class MRI(Criterion):
    r"""J(f) = I(f; y) - 2 / (n + 1) * sum over s of (I(f; s) - I(f; s | y)).

    Max-relevance and max-independence [1]_. The literature uses I(f; y) + sum over s of
    (I(f; y | s) + I(s; y | f)). This equals (n + 1) * J(f) + sum over s of I(s; y), and
    orders the candidates in the same way.

    References
    ----------
    .. [1] J. Wang, J.-M. Wei, Z. Yang and S.-Q. Wang, Feature selection by maximizing
       independent classification information, IEEE Trans. Knowl. Data Eng. 29, 828
       (2017).
    """

    needs = ("shared_relevance",)

    def term(self, pair: Terms) -> Vector:
        """I(f; s) - I(f; s | y)."""
        return pair.shared_relevance

    def score(self, relevance: Vector, folded: Vector, n_selected: int) -> Vector:
        """I(f; y) - 2 / (n + 1) * sum (I(f; s) - I(f; s | y))."""
        return relevance - 2 / (n_selected + 1) * folded


class CondRed(Criterion):
    r"""J(f) = I(f; y) + sum over s of I(f; s | y).

    Relevance plus conditional redundancy [1]_. Redundancy within the classes raises the
    score, and the redundancy I(f; s) does not lower it.

    References
    ----------
    .. [1] G. Brown, A. Pocock, M.-J. Zhao and M. Luján, Conditional likelihood
       maximisation: a unifying framework for information theoretic feature selection,
       J. Mach. Learn. Res. 13, 27 (2012).
    """

    needs = ("conditional_redundancy",)

    def test_criterion(self) -> Criterion:
        """Return `CIFE`, which also subtracts I(f; s).

        I(f; s | y) is largest for a copy of s, so it alone favours redundant features.
        """
        return CIFE()

    def term(self, pair: Terms) -> Vector:
        """I(f; s | y)."""
        return pair.conditional_redundancy

    def score(self, relevance: Vector, folded: Vector, n_selected: int) -> Vector:
        """I(f; y) + sum I(f; s | y)."""
        return relevance + folded


class BetaGamma(Criterion):
    r"""J(f) = I(f; y) - sum over s of (beta * I(f; s) - gamma * I(f; s | y)).

    All criteria that are linear in redundancy and conditional redundancy [1]_. The
    weights (beta, gamma) are (0, 0) for `MIM`, (beta, 0) for `MIFS`, (1, 1) for `CIFE`
    and (0, 1) for `CondRed`.

    Parameters
    ----------
    beta, gamma : float, default=1.0
        Weights of the redundancy and of the conditional redundancy, at least 0.

    References
    ----------
    .. [1] G. Brown, A. Pocock, M.-J. Zhao and M. Luján, Conditional likelihood
       maximisation: a unifying framework for information theoretic feature selection,
       J. Mach. Learn. Res. 13, 27 (2012).
    """

    needs = ("redundancy", "conditional_redundancy")
    _parameter_constraints: ClassVar[Constraints] = {
        "beta": [_NON_NEGATIVE],
        "gamma": [_NON_NEGATIVE],
    }

    def __init__(self, beta: float = 1.0, gamma: float = 1.0) -> None:
        self.beta = beta
        self.gamma = gamma

    def test_criterion(self) -> Criterion:
        """Return the criterion itself if beta >= gamma, else `CIFE`.

        With beta < gamma, the score increases with redundancy.
        """
        return self if self.beta >= self.gamma else CIFE()

    def term(self, pair: Terms) -> Vector:
        """Beta * I(f; s) - gamma * I(f; s | y)."""
        return self.beta * pair.redundancy - self.gamma * pair.conditional_redundancy

    def score(self, relevance: Vector, folded: Vector, n_selected: int) -> Vector:
        """I(f; y) - sum (beta * I(f; s) - gamma * I(f; s | y))."""
        return relevance - folded
