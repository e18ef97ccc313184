"""The criteria: each is its formula."""

import numpy as np

from skmi.criteria._base import Criterion

__all__ = ["CMIM", "JMI", "MIM", "MRMR"]


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


class CMIM(Criterion):
    r"""J(f) = min(I(f; y), min over s of I(f; y | s)).

    Conditional mutual information maximisation [1]_, equation 11.

    References
    ----------
    .. [1] F. Fleuret, Fast binary feature selection with conditional mutual
       information, J. Mach. Learn. Res. 5, 1531 (2004).
    """

    needs = ("conditional_relevance",)
    fold = np.minimum

    def term(self, pair):
        """I(f; y | s)."""
        return pair.conditional_relevance

    def score(self, relevance, folded, n_selected):
        """Min of I(f; y) and the least I(f; y | s)."""
        return np.minimum(relevance, folded)
