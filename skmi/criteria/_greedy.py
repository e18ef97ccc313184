"""The criteria: each is its formula."""

from numbers import Real
from typing import ClassVar

import numpy as np

from skmi._sklearn import Interval
from skmi.criteria._base import Criterion

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

_WEIGHT = Interval(Real, 0, None, closed="left")


class MIM(Criterion):
    r"""J(f) = I(f; y).

    Mutual information maximisation: relevance alone, blind to redundancy [1]_.

    References
    ----------
    .. [1] D. D. Lewis, Feature selection and feature extraction for text
       categorization, Proc. Workshop Speech and Natural Language 1992.
    """

    def score(self, relevance, folded, n_selected):
        """I(f; y)."""
        return relevance


# --- relevance and redundancy


class MIFS(Criterion):
    r"""J(f) = I(f; y) - beta * sum over s of I(f; s).

    Mutual information feature selection [1]_. The sum outgrows the relevance as more
    is selected; `MRMR` has the mean.

    Parameters
    ----------
    beta : float, default=1.0
        Weight of the redundancy, 0 or more.

    References
    ----------
    .. [1] R. Battiti, Using mutual information for selecting features in supervised
       neural net learning, IEEE Trans. Neural Netw. 5, 537 (1994).
    """

    needs = ("redundancy",)
    _parameter_constraints: ClassVar[dict] = {"beta": [_WEIGHT]}

    def __init__(self, beta=1.0):
        self.beta = beta

    def term(self, pair):
        """I(f; s)."""
        return pair.redundancy

    def score(self, relevance, folded, n_selected):
        """I(f; y) - beta * sum I(f; s)."""
        return relevance - self.beta * folded


class NMIFS(Criterion):
    r"""J(f) = I(f; y) - mean over s of I(f; s) / min(H(f), H(s)).

    Normalised mutual information feature selection [1]_. A constant has no redundancy.
    For discrete columns and bins.

    References
    ----------
    .. [1] P. A. Estévez, M. Tesmer, C. A. Perez and J. M. Zurada, Normalized mutual
       information feature selection, IEEE Trans. Neural Netw. 20, 189 (2009).
    """

    needs = ("normalized_redundancy",)

    def term(self, pair):
        """I(f; s) / min(H(f), H(s))."""
        return pair.normalized_redundancy

    def score(self, relevance, folded, n_selected):
        """I(f; y) - mean I(f; s) / min(H(f), H(s))."""
        return relevance - folded / n_selected


class MRMR(Criterion):
    r"""J(f) = I(f; y) - mean over s of I(f; s).

    Minimal redundancy, maximal relevance, in the difference form [1]_, equation 6.

    References
    ----------
    .. [1] H. Peng, F. Long and C. Ding, Feature selection based on mutual information,
       IEEE Trans. Pattern Anal. Mach. Intell. 27, 1226 (2005).
    """

    needs = ("redundancy",)

    def term(self, pair):
        """I(f; s)."""
        return pair.redundancy

    def score(self, relevance, folded, n_selected):
        """I(f; y) - mean I(f; s)."""
        return relevance - folded / n_selected


class MIQ(Criterion):
    r"""J(f) = I(f; y) / max(mean over s of I(f; s), floor).

    Minimal redundancy, maximal relevance, in the quotient form [1]_. The floor keeps
    columns that are independent of all selected, whose estimated redundancy is about 0
    or below, from winning whatever they tell; a constant has 0.

    Parameters
    ----------
    floor : float, default=0.001
        The least redundancy, in nats, above 0. Below it, relevance alone decides.

    References
    ----------
    .. [1] C. Ding and H. Peng, Minimum redundancy feature selection from microarray
       gene expression data, J. Bioinform. Comput. Biol. 3, 185 (2005).
    """

    needs = ("redundancy",)
    _parameter_constraints: ClassVar[dict] = {
        "floor": [Interval(Real, 0, None, closed="neither")]
    }

    def __init__(self, floor=0.001):
        self.floor = floor

    def yardstick(self):
        """The difference: shuffled candidates are hardly redundant."""
        return MRMR()

    def term(self, pair):
        """I(f; s)."""
        return pair.redundancy

    def score(self, relevance, folded, n_selected):
        """I(f; y) / max(mean I(f; s), floor)."""
        return relevance / np.maximum(folded / n_selected, self.floor)


# --- joint relevance


class JMI(Criterion):
    r"""J(f) = mean over s of I(f, s; y).

    Joint mutual information [1]_; the literature has the sum, which orders alike.

    References
    ----------
    .. [1] H. H. Yang and J. Moody, Data visualization and feature selection: new
       algorithms for nongaussian data, NIPS 1999.
    """

    needs = ("joint_relevance",)

    def term(self, pair):
        """I(f, s; y)."""
        return pair.joint_relevance

    def score(self, relevance, folded, n_selected):
        """Mean I(f, s; y)."""
        return folded / n_selected


class JMI3(Criterion):
    r"""J(f) = mean over pairs s, t of I(f, s, t; y).

    Joint mutual information of the third order [1]_; I(f, s; y) where one is selected.
    Sees what three features tell together only, at a cost that grows with the square of
    their number.

    References
    ----------
    .. [1] K. Sechidis, L. Azzimonti, A. Pocock, G. Corani, J. Weatherall and G. Brown,
       Efficient feature selection using shrinkage estimators, Mach. Learn. 108, 1261
       (2019).
    """

    needs = ("joint_relevance_of_three",)

    def term(self, pair):
        """Sum over t before s of I(f, s, t; y)."""
        return pair.joint_relevance_of_three

    def fold(self, folded, term, n_selected):
        """Sum over pairs; what there is of one alone is left behind."""
        return folded + term if n_selected > 2 else term

    def score(self, relevance, folded, n_selected):
        """Mean I(f, s, t; y)."""
        n_pairs = n_selected * (n_selected - 1) / 2
        return folded / max(n_pairs, 1)


class DISR(Criterion):
    r"""J(f) = mean over s of I(f, s; y) / H(f, s, y).

    Double input symmetrical relevance [1]_; the literature has the sum, which orders
    alike. For discrete columns and bins.

    References
    ----------
    .. [1] P. E. Meyer and G. Bontempi, On the use of variable complementarity for
       feature selection in cancer classification, EvoWorkshops 2006.
    """

    needs = ("symmetrical_relevance",)

    def yardstick(self):
        """The numerators: a copy of s has the least H(f, s, y)."""
        return JMI()

    def term(self, pair):
        """I(f, s; y) / H(f, s, y)."""
        return pair.symmetrical_relevance

    def score(self, relevance, folded, n_selected):
        """Mean I(f, s; y) / H(f, s, y)."""
        return folded / n_selected


class _Least(Criterion):
    """A criterion that is the least of its terms."""

    falls = True

    def fold(self, folded, term, n_selected):
        """The lesser one."""
        return np.minimum(folded, term)

    def score(self, relevance, folded, n_selected):
        """The least term."""
        return folded


class JMIM(_Least):
    r"""J(f) = min over s of I(f, s; y).

    Joint mutual information maximisation [1]_.

    References
    ----------
    .. [1] M. Bennasar, Y. Hicks and R. Setchi, Feature selection using joint mutual
       information maximisation, Expert Syst. Appl. 42, 8520 (2015).
    """

    needs = ("joint_relevance",)

    def term(self, pair):
        """I(f, s; y)."""
        return pair.joint_relevance


class NJMIM(_Least):
    r"""J(f) = min over s of I(f, s; y) / H(f, s, y).

    Normalised joint mutual information maximisation [1]_. For discrete columns and
    bins.

    References
    ----------
    .. [1] M. Bennasar, Y. Hicks and R. Setchi, Feature selection using joint mutual
       information maximisation, Expert Syst. Appl. 42, 8520 (2015).
    """

    needs = ("symmetrical_relevance",)

    def yardstick(self):
        """The numerators: a copy of s has the least H(f, s, y)."""
        return JMIM()

    def term(self, pair):
        """I(f, s; y) / H(f, s, y)."""
        return pair.symmetrical_relevance


# --- conditional relevance


class CMIM(_Least):
    r"""J(f) = min(I(f; y), min over s of I(f; y | s)).

    Conditional mutual information maximisation [1]_, equation 11.

    References
    ----------
    .. [1] F. Fleuret, Fast binary feature selection with conditional mutual
       information, J. Mach. Learn. Res. 5, 1531 (2004).
    """

    needs = ("conditional_relevance",)

    def yardstick(self):
        """Without the cap, which the bias of I(f; y) sets too low for shuffled ones."""
        return _LeastGiven()

    def term(self, pair):
        """I(f; y | s)."""
        return pair.conditional_relevance

    def score(self, relevance, folded, n_selected):
        """Min of I(f; y) and the least I(f; y | s)."""
        return np.minimum(relevance, folded)


class _LeastGiven(_Least):
    """J(f) = min over s of I(f; y | s), which I(f; y) does not cap."""

    needs = ("conditional_relevance",)

    def term(self, pair):
        """I(f; y | s)."""
        return pair.conditional_relevance


class CMI(Criterion):
    r"""J(f) = I(f; y | S).

    Conditional mutual information, given all that is selected [1]_: the one that
    approximates nothing, and needs samples in numbers that grow exponentially with S.
    A selected column that others determine is not conditioned on again.

    References
    ----------
    .. [1] G. Brown, A. Pocock, M.-J. Zhao and M. Luján, Conditional likelihood
       maximisation: a unifying framework for information theoretic feature selection,
       J. Mach. Learn. Res. 13, 27 (2012).
    """

    needs = ("relevance_given_all",)

    def term(self, pair):
        """I(f; y | S)."""
        return pair.relevance_given_all

    def fold(self, folded, term, n_selected):
        """The newest."""
        return term

    def score(self, relevance, folded, n_selected):
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

    def term(self, pair):
        """I(f; s) - I(f; s | y)."""
        return pair.shared_relevance

    def score(self, relevance, folded, n_selected):
        """I(f; y) - sum (I(f; s) - I(f; s | y))."""
        return relevance - folded


class ICAP(Criterion):
    r"""J(f) = I(f; y) - sum over s of max(0, I(f; s) - I(f; s | y)).

    Interaction capping [1]_: as `CIFE`, but synergy counts for nothing.

    References
    ----------
    .. [1] A. Jakulin, Machine learning based on attribute interactions, PhD thesis,
       University of Ljubljana 2005.
    """

    needs = ("shared_relevance",)

    def yardstick(self):
        """Without the cap, which the bias of I(f; y) sets too low for shuffled ones."""
        return _LeastGiven()

    def term(self, pair):
        """Max(0, I(f; s) - I(f; s | y))."""
        return np.maximum(pair.shared_relevance, 0)

    def score(self, relevance, folded, n_selected):
        """I(f; y) - sum max(0, I(f; s) - I(f; s | y))."""
        return relevance - folded


class MRI(Criterion):
    r"""J(f) = I(f; y) - 2 / (n + 1) * sum over s of (I(f; s) - I(f; s | y)).

    Max-relevance and max-independence [1]_. The literature has I(f; y) + sum over s of
    (I(f; y | s) + I(s; y | f)), which is n + 1 times this and the relevance of all s,
    and orders alike.

    References
    ----------
    .. [1] J. Wang, J.-M. Wei, Z. Yang and S.-Q. Wang, Feature selection by maximizing
       independent classification information, IEEE Trans. Knowl. Data Eng. 29, 828
       (2017).
    """

    needs = ("shared_relevance",)

    def term(self, pair):
        """I(f; s) - I(f; s | y)."""
        return pair.shared_relevance

    def score(self, relevance, folded, n_selected):
        """I(f; y) - 2 / (n + 1) * sum (I(f; s) - I(f; s | y))."""
        return relevance - 2 / (n_selected + 1) * folded


class CondRed(Criterion):
    r"""J(f) = I(f; y) + sum over s of I(f; s | y).

    Conditional redundancy alone [1]_: redundancy within the classes is
    sought, that between them is not held against f.

    References
    ----------
    .. [1] G. Brown, A. Pocock, M.-J. Zhao and M. Luján, Conditional likelihood
       maximisation: a unifying framework for information theoretic feature selection,
       J. Mach. Learn. Res. 13, 27 (2012).
    """

    needs = ("conditional_redundancy",)

    def yardstick(self):
        """Redundancy between the classes counts: a copy of s has H(s | y)."""
        return CIFE()

    def term(self, pair):
        """I(f; s | y)."""
        return pair.conditional_redundancy

    def score(self, relevance, folded, n_selected):
        """I(f; y) + sum I(f; s | y)."""
        return relevance + folded


class BetaGamma(Criterion):
    r"""J(f) = I(f; y) - sum over s of (beta * I(f; s) - gamma * I(f; s | y)).

    The family of all that are linear in these [1]_: `MIM` has (0, 0),
    `MIFS` (beta, 0), `CIFE` (1, 1), `CondRed` (0, 1).

    Parameters
    ----------
    beta, gamma : float, default=1.0
        Weights of the redundancy and of that within the classes, 0 or more.

    References
    ----------
    .. [1] G. Brown, A. Pocock, M.-J. Zhao and M. Luján, Conditional likelihood
       maximisation: a unifying framework for information theoretic feature selection,
       J. Mach. Learn. Res. 13, 27 (2012).
    """

    needs = ("redundancy", "conditional_redundancy")
    _parameter_constraints: ClassVar[dict] = {"beta": [_WEIGHT], "gamma": [_WEIGHT]}

    def __init__(self, beta=1.0, gamma=1.0):
        self.beta = beta
        self.gamma = gamma

    def yardstick(self):
        """Redundancy counts at least as much as that within the classes."""
        return self if self.beta >= self.gamma else CIFE()

    def term(self, pair):
        """Beta * I(f; s) - gamma * I(f; s | y)."""
        return self.beta * pair.redundancy - self.gamma * pair.conditional_redundancy

    def score(self, relevance, folded, n_selected):
        """I(f; y) - sum (beta * I(f; s) - gamma * I(f; s | y))."""
        return relevance - folded
