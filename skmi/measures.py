"""Information measures of probability tables.

A table has one axis for each variable and contains the probability of each outcome.
Probabilities must sum to 1, up to the square root of the precision of their dtype. With
``counts=True``, the table contains counts or weights instead, and the functions divide
it by its sum. By convention, 0 log 0 = 0, and D(p||q) is infinite if q is 0 for an
outcome that is possible under p. Results are in nats; ``base=2`` gives bits and
``base=10`` hartleys.

Nothing is estimated here: counts of samples give the plug-in estimate. To estimate the
information of variables from samples, use `skmi.mutual_info` and related functions.
"""

import math
import operator
from collections.abc import Callable
from itertools import combinations
from numbers import Real
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from skmi._utils.independence import g_test

__all__ = [
    "ContingencyInformation",
    "conditional_entropy",
    "conditional_mutual_information",
    "contingency_mutual_information",
    "cross_entropy",
    "entropy",
    "interaction_information",
    "joint_entropy",
    "js_divergence",
    "kl_divergence",
    "mutual_information",
    "pointwise_mutual_information",
    "self_information",
    "total_correlation",
]

Axes = int | tuple[int, ...]
Array = NDArray[np.float64]


def self_information(
    p: ArrayLike, *, base: float = math.e, counts: bool = False
) -> float | Array:
    r"""Self-information of an event: :math:`-\log p`.

    Parameters
    ----------
    p : float or array-like
        Probability of each event. The events may overlap, so the probabilities need not
        sum to 1.
    base : float, default=e
        Base of the logarithm; 2 gives bits.
    counts : bool, default=False
        Whether p contains counts, which are divided by their sum.

    Returns
    -------
    float or ndarray of the shape of p
        Self-information of each event, infinite where p is 0.

    Raises
    ------
    ValueError
        If p is empty or contains a value that is negative, above 1, NaN or infinite, or
        if base is not a positive number other than 1.

    References
    ----------
    .. [1] R. M. Fano, Transmission of Information, MIT Press 1961.

    Examples
    --------
    >>> from skmi.measures import self_information
    >>> self_information([1, 0.5, 0.125], base=2)
    array([0., 1., 3.])
    """
    nats = _nats_per_unit(base)
    if counts:
        events = _read_table(p, "p", counts)
    else:
        events = _read_numbers(p, "p")
        if events.max() > 1 + _tolerance(p):
            raise ValueError(
                f"p contains {events.max():.10g}, but no probability exceeds 1; "
                "pass counts=True if p contains counts."
            )
    information = -_log(np.minimum(events, 1)) / nats + 0.0  # no -0.0
    return information if information.ndim else float(information)


def entropy(p: ArrayLike, *, base: float = math.e, counts: bool = False) -> float:
    r"""Entropy: :math:`H(p) = -\sum_x p(x) \log p(x)`.

    Parameters
    ----------
    p : array-like of any shape
        Probability of each outcome.
    base : float, default=e
        Base of the logarithm; 2 gives bits.
    counts : bool, default=False
        Whether p contains counts, which are divided by their sum.

    Returns
    -------
    float
        Entropy, from 0 to the logarithm of the number of outcomes.

    Raises
    ------
    ValueError
        If p is empty, contains a negative value, NaN or infinity, or does not sum to 1,
        or if base is not a positive number other than 1.

    See Also
    --------
    skmi.entropy : Estimate the entropy of variables from samples.

    References
    ----------
    .. [1] T. M. Cover and J. A. Thomas, Elements of Information Theory, 2nd edition,
       Wiley 2006, equation 2.1.

    Examples
    --------
    >>> from skmi.measures import entropy
    >>> entropy([0.5, 0.25, 0.25], base=2)
    1.5
    >>> entropy([8, 4, 4], base=2, counts=True)
    1.5
    """
    nats = _nats_per_unit(base)
    return _positive(special.entr(_read_table(p, "p", counts)).sum()) / nats


def joint_entropy(
    p: ArrayLike,
    *,
    axis: Axes | None = None,
    base: float = math.e,
    counts: bool = False,
) -> float:
    r"""Joint entropy: :math:`H(X, Y) = -\sum p(x, y) \log p(x, y)`.

    Parameters
    ----------
    p : array-like
        Joint probabilities, one axis for each variable.
    axis : int, tuple of int or None, default=None
        Axes of the variables. The table is summed over all other axes. None uses every
        axis.
    base : float, default=e
        Base of the logarithm; 2 gives bits.
    counts : bool, default=False
        Whether p contains counts, which are divided by their sum.

    Returns
    -------
    float
        Joint entropy, at least the entropy of each variable and at most their sum.

    Raises
    ------
    ValueError
        As for `entropy`, or if p does not have such an axis.

    References
    ----------
    .. [1] T. M. Cover and J. A. Thomas, Elements of Information Theory, 2nd edition,
       Wiley 2006, equation 2.8.

    Examples
    --------
    >>> from skmi.measures import joint_entropy
    >>> p = [[0.5, 0.25], [0, 0.25]]
    >>> joint_entropy(p, base=2)
    1.5
    >>> joint_entropy(p, axis=1, base=2)
    1.0
    """
    nats = _nats_per_unit(base)
    table = _read_joint(p, counts, axis)
    return _positive(special.entr(table).sum()) / nats


def conditional_entropy(
    p: ArrayLike,
    *,
    x: Axes = 0,
    y: Axes = 1,
    base: float = math.e,
    counts: bool = False,
) -> float:
    r"""Conditional entropy: :math:`H(X | Y) = -\sum p(x, y) \log p(x | y)`.

    It equals :math:`H(X, Y) - H(Y)`.

    Parameters
    ----------
    p : array-like
        Joint probabilities, one axis for each variable.
    x, y : int or tuple of int, default=0 and 1
        Axes of X and of Y. Several axes act as one variable. The table is summed over
        all other axes.
    base : float, default=e
        Base of the logarithm; 2 gives bits.
    counts : bool, default=False
        Whether p contains counts, which are divided by their sum.

    Returns
    -------
    float
        Conditional entropy, 0 if Y determines X, and H(X) if X and Y are independent.

    Raises
    ------
    ValueError
        As for `entropy`, or if p does not have such an axis or an axis is repeated.

    References
    ----------
    .. [1] T. M. Cover and J. A. Thomas, Elements of Information Theory, 2nd edition,
       Wiley 2006, equation 2.10 and theorem 2.2.1.

    Examples
    --------
    >>> from skmi.measures import conditional_entropy
    >>> p = [[0.5, 0.25], [0, 0.25]]
    >>> conditional_entropy(p, base=2)
    0.5
    >>> round(conditional_entropy(p, x=1, y=0, base=2), 4)
    0.6887
    """
    nats = _nats_per_unit(base)
    table = _read_groups(p, counts, x=x, y=y)
    return _positive(_mean_log_ratio(table, [(1,)], [(0, 1)])) / nats


def cross_entropy(
    p: ArrayLike, q: ArrayLike, *, base: float = math.e, counts: bool = False
) -> float:
    r"""Cross-entropy: :math:`H(p, q) = -\sum_x p(x) \log q(x)`.

    This is the mean length of a message about outcomes of p, in a code that is optimal
    for q. It equals :math:`H(p) + D(p \| q)` and is smallest for q = p. If p contains
    observed frequencies, it is the mean negative log-likelihood of q. For two classes,
    it is known as binary cross-entropy.

    Parameters
    ----------
    p, q : array-like of the same shape
        Probability of each outcome: p is the true distribution, q the assumed one.
    base : float, default=e
        Base of the logarithm; 2 gives bits.
    counts : bool, default=False
        Whether p and q contain counts, which are divided by their sums.

    Returns
    -------
    float
        Cross-entropy, infinite if q is 0 for an outcome that is possible under p.

    Raises
    ------
    ValueError
        As for `entropy`, or if the shapes differ.

    References
    ----------
    .. [1] T. M. Cover and J. A. Thomas, Elements of Information Theory, 2nd edition,
       Wiley 2006, theorem 5.4.3 (the cost of a wrong code).

    Examples
    --------
    >>> from skmi.measures import cross_entropy
    >>> round(cross_entropy([0.5, 0.5], [0.2, 0.8], base=2), 4)
    1.3219
    """
    nats = _nats_per_unit(base)
    p, q = _read_pair(p, q, counts)
    return _positive(-special.xlogy(p, q).sum()) / nats


def kl_divergence(
    p: ArrayLike, q: ArrayLike, *, base: float = math.e, counts: bool = False
) -> float:
    r"""KL divergence: :math:`D(p \| q) = \sum_x p(x) \log (p(x) / q(x))`.

    It is named after Kullback and Leibler, and also called relative entropy.

    Parameters
    ----------
    p, q : array-like of the same shape
        Probability of each outcome.
    base : float, default=e
        Base of the logarithm; 2 gives bits.
    counts : bool, default=False
        Whether p and q contain counts, which are divided by their sums.

    Returns
    -------
    float
        Divergence. It is 0 if and only if p = q, and infinite if q is 0 for an outcome
        that is possible under p.

    Raises
    ------
    ValueError
        As for `entropy`, or if the shapes differ.

    References
    ----------
    .. [1] T. M. Cover and J. A. Thomas, Elements of Information Theory, 2nd edition,
       Wiley 2006, equation 2.26.

    Examples
    --------
    >>> from skmi.measures import kl_divergence
    >>> round(kl_divergence([0.5, 0.5], [0.2, 0.8], base=2), 4)
    0.3219
    >>> kl_divergence([0.5, 0.5], [1, 0])
    inf
    """
    nats = _nats_per_unit(base)
    p, q = _read_pair(p, q, counts)
    return _positive(special.rel_entr(p, q).sum()) / nats


def js_divergence(
    p: ArrayLike, q: ArrayLike, *, base: float = math.e, counts: bool = False
) -> float:
    r"""Jensen-Shannon divergence: :math:`[D(p \| m) + D(q \| m)] / 2`.

    Here :math:`m = (p + q) / 2`. The square root of the divergence is a metric, which
    `scipy.spatial.distance.jensenshannon` computes.

    Parameters
    ----------
    p, q : array-like of the same shape
        Probability of each outcome.
    base : float, default=e
        Base of the logarithm; 2 gives bits.
    counts : bool, default=False
        Whether p and q contain counts, which are divided by their sums.

    Returns
    -------
    float
        Divergence, 0 if p = q, and log 2 if p and q share no possible outcome.

    Raises
    ------
    ValueError
        As for `entropy`, or if the shapes differ.

    References
    ----------
    .. [1] J. Lin, Divergence measures based on the Shannon entropy, IEEE Trans. Inf.
       Theory 37, 145-151 (1991).

    Examples
    --------
    >>> from skmi.measures import js_divergence
    >>> js_divergence([1, 0], [0, 1], base=2)
    1.0
    """
    nats = _nats_per_unit(base)
    p, q = _read_pair(p, q, counts)
    middle = (p + q) / 2
    divergences = special.rel_entr(p, middle) + special.rel_entr(q, middle)
    return _positive(divergences.sum() / 2) / nats


def mutual_information(
    p: ArrayLike,
    *,
    x: Axes = 0,
    y: Axes = 1,
    base: float = math.e,
    counts: bool = False,
) -> float:
    r"""Mutual information of two variables.

    :math:`I(X; Y) = \sum p(x, y) \log [p(x, y) / (p(x) p(y))]`.

    Parameters
    ----------
    p : array-like
        Joint probabilities, one axis for each variable.
    x, y : int or tuple of int, default=0 and 1
        Axes of X and of Y. Several axes act as one variable. The table is summed over
        all other axes.
    base : float, default=e
        Base of the logarithm; 2 gives bits.
    counts : bool, default=False
        Whether p contains counts, which are divided by their sum.

    Returns
    -------
    float
        Mutual information, 0 if X and Y are independent, and at most min(H(X), H(Y)).

    Raises
    ------
    ValueError
        As for `entropy`, or if p does not have such an axis or an axis is repeated.

    See Also
    --------
    contingency_mutual_information : Add a test of independence.
    skmi.mutual_info : Estimate the mutual information from samples.

    References
    ----------
    .. [1] T. M. Cover and J. A. Thomas, Elements of Information Theory, 2nd edition,
       Wiley 2006, equation 2.28.

    Examples
    --------
    >>> from skmi.measures import mutual_information
    >>> mutual_information([[0.5, 0], [0, 0.5]], base=2)
    1.0
    >>> round(mutual_information([[30, 10], [10, 30]], counts=True), 4)
    0.1308
    """
    nats = _nats_per_unit(base)
    table = _read_groups(p, counts, x=x, y=y)
    return _positive(_mean_log_ratio(table, [(0, 1)], [(0,), (1,)])) / nats


def conditional_mutual_information(
    p: ArrayLike,
    *,
    x: Axes = 0,
    y: Axes = 1,
    z: Axes = 2,
    base: float = math.e,
    counts: bool = False,
) -> float:
    r"""Mutual information of X and Y given Z.

    :math:`I(X; Y | Z) = H(X | Z) - H(X | Y, Z)`.
    This is the mean of :math:`\log [p(x, y | z) / (p(x | z) p(y | z))]`.

    Parameters
    ----------
    p : array-like
        Joint probabilities, one axis for each variable.
    x, y, z : int or tuple of int, default=0, 1 and 2
        Axes of X, Y and Z. Several axes act as one variable. The table is summed over
        all other axes.
    base : float, default=e
        Base of the logarithm; 2 gives bits.
    counts : bool, default=False
        Whether p contains counts, which are divided by their sum.

    Returns
    -------
    float
        Conditional mutual information, at least 0 and at most min(H(X|Z), H(Y|Z)). It
        can be larger or smaller than I(X; Y).

    Raises
    ------
    ValueError
        As for `entropy`, or if p does not have such an axis or an axis is repeated.

    References
    ----------
    .. [1] T. M. Cover and J. A. Thomas, Elements of Information Theory, 2nd edition,
       Wiley 2006, equation 2.60.

    Examples
    --------
    >>> from skmi.measures import conditional_mutual_information, mutual_information
    >>> xor = [[[1, 0], [0, 1]], [[0, 1], [1, 0]]]
    >>> mutual_information(xor, base=2, counts=True)
    0.0
    >>> round(conditional_mutual_information(xor, base=2, counts=True), 4)
    1.0
    """
    nats = _nats_per_unit(base)
    table = _read_groups(p, counts, x=x, y=y, z=z)
    information = _mean_log_ratio(table, [(0, 1, 2), (2,)], [(0, 2), (1, 2)])
    return _positive(information) / nats


def pointwise_mutual_information(
    p: ArrayLike, *, kind: str = "pmi", base: float = math.e, counts: bool = False
) -> Array:
    r"""Pointwise mutual information of each pair of values.

    :math:`i(x; y) = \log [p(x, y) / (p(x) p(y))]`. Its mean, weighted by
    p(x, y), is the mutual information.

    Parameters
    ----------
    p : array-like of shape (n_x, n_y)
        Joint probabilities.
    kind : {"pmi", "ppmi", "npmi"}, default="pmi"
        "pmi": i(x; y), minus infinity for a pair that never occurs. "ppmi":
        :math:`\max(0, i)`. "npmi": :math:`i / (-\log p(x, y))`. In any base, "npmi" is
        -1 if x and y never occur together, 0 if they are independent, and 1 if they
        always occur together.
    base : float, default=e
        Base of the logarithm; 2 gives bits.
    counts : bool, default=False
        Whether p contains counts, which are divided by their sum.

    Returns
    -------
    ndarray of shape (n_x, n_y)
        Value of each pair. It is 0 if x or y never occurs. It is also 0 for a pair that
        always occurs, because then p(x, y) = p(x) p(y).

    Raises
    ------
    ValueError
        As for `entropy`, or if p does not have two axes or kind is not known.

    References
    ----------
    .. [1] K. W. Church and P. Hanks, Word association norms, mutual information, and
       lexicography, Comput. Linguist. 16, 22-29 (1990).
    .. [2] G. Bouma, Normalized (pointwise) mutual information in collocation
       extraction, Proc. GSCL, 31-40 (2009).

    Examples
    --------
    >>> from skmi.measures import pointwise_mutual_information
    >>> p = [[0.25, 0.25], [0, 0.5]]
    >>> pointwise_mutual_information(p, base=2).round(3)
    array([[ 1.   , -0.585],
           [  -inf,  0.415]])
    >>> pointwise_mutual_information(p, kind="npmi").round(3)
    array([[ 0.5  , -0.292],
           [-1.   ,  0.415]])
    """
    if kind not in _POINTWISE:
        raise ValueError(
            f"kind={kind!r} is not known; choose one of {list(_POINTWISE)}."
        )
    nats = _nats_per_unit(base)
    table = _read_table(p, "p", counts)
    _check_two_axes(table, "p")
    p_x, p_y = table.sum(axis=1, keepdims=True), table.sum(axis=0, keepdims=True)
    possible = (p_x > 0) & (p_y > 0)
    log_p = np.where(possible, _log(table), 0)
    log_p_x, log_p_y = np.where(p_x > 0, _log(p_x), 0), np.where(p_y > 0, _log(p_y), 0)
    information = np.where(possible, log_p - log_p_x - log_p_y, 0)
    return _POINTWISE[kind](information, log_p, nats)


def interaction_information(
    p: ArrayLike,
    *,
    axis: Axes | None = None,
    base: float = math.e,
    counts: bool = False,
) -> float:
    r"""Interaction information: :math:`-\sum_T (-1)^{n - |T|} H(T)`.

    T runs over the subsets of the n variables. For three variables, this is
    :math:`I(X; Y | Z) - I(X; Y)`, and for two, it is :math:`I(X; Y)`. The sign is that
    of McGill [1]_: positive values indicate synergy, as in an exclusive or, and
    negative values redundancy, as in three copies. The co-information is this value
    times :math:`(-1)^n`.

    Parameters
    ----------
    p : array-like
        Joint probabilities, one axis for each variable.
    axis : tuple of int or None, default=None
        Axes of two or more variables. The table is summed over all other axes. None
        uses every axis.
    base : float, default=e
        Base of the logarithm; 2 gives bits.
    counts : bool, default=False
        Whether p contains counts, which are divided by their sum.

    Returns
    -------
    float
        Positive or negative. The order of the variables does not matter.

    Raises
    ------
    ValueError
        As for `entropy`, or if p does not have such an axis, an axis is repeated or
        only one axis is given.

    References
    ----------
    .. [1] W. J. McGill, Multivariate information transmission, Psychometrika 19,
       97-116 (1954).
    .. [2] A. Jakulin and I. Bratko, Quantifying and visualizing attribute interactions,
       arXiv:cs/0308002 (2003).

    Examples
    --------
    >>> from skmi.measures import interaction_information
    >>> xor = [[[1, 0], [0, 1]], [[0, 1], [1, 0]]]
    >>> round(interaction_information(xor, base=2, counts=True), 4)
    1.0
    >>> copies = [[[1, 0], [0, 0]], [[0, 0], [0, 1]]]
    >>> round(interaction_information(copies, base=2, counts=True), 4)
    -1.0
    """
    nats = _nats_per_unit(base)
    table = _read_joint(p, counts, axis, min_variables=2)
    n = table.ndim
    subsets = [t for size in range(1, n + 1) for t in combinations(range(n), size)]
    numerator = [subset for subset in subsets if (n - len(subset)) % 2 == 0]
    denominator = [subset for subset in subsets if (n - len(subset)) % 2 == 1]
    return _mean_log_ratio(table, numerator, denominator) / nats + 0.0  # no -0.0


def total_correlation(
    p: ArrayLike,
    *,
    axis: Axes | None = None,
    base: float = math.e,
    counts: bool = False,
) -> float:
    r"""Total correlation: :math:`\sum_i H(X_i) - H(X_1, \dots, X_n)`.

    This is the KL divergence of the joint distribution from the product of its
    marginals. For two variables it is the mutual information.

    Parameters
    ----------
    p : array-like
        Joint probabilities, one axis for each variable.
    axis : tuple of int or None, default=None
        Axes of two or more variables. The table is summed over all other axes. None
        uses every axis.
    base : float, default=e
        Base of the logarithm; 2 gives bits.
    counts : bool, default=False
        Whether p contains counts, which are divided by their sum.

    Returns
    -------
    float
        Total correlation, 0 if and only if all variables are independent.

    Raises
    ------
    ValueError
        As for `entropy`, or if p does not have such an axis, an axis is repeated or
        only one axis is given.

    References
    ----------
    .. [1] S. Watanabe, Information theoretical analysis of multivariate correlation,
       IBM J. Res. Dev. 4, 66-82 (1960).

    Examples
    --------
    >>> from skmi.measures import total_correlation
    >>> copies = [[[1, 0], [0, 0]], [[0, 0], [0, 1]]]
    >>> total_correlation(copies, base=2, counts=True)
    2.0
    """
    nats = _nats_per_unit(base)
    table = _read_joint(p, counts, axis, min_variables=2)
    axes = tuple(range(table.ndim))
    return _positive(_mean_log_ratio(table, [axes], [(i,) for i in axes])) / nats


class ContingencyInformation(NamedTuple):
    """Mutual information of a contingency table, with a test of independence.

    Attributes
    ----------
    mutual_information : float
        Mutual information I, in nats.
    statistic : float
        G = 2 n I, where n is the number of observations.
    dof : int
        Degrees of freedom.
    pvalue : float
        Probability of a statistic at least as large if the variables are independent.
    """

    mutual_information: float
    statistic: float
    dof: int
    pvalue: float


def contingency_mutual_information(table: ArrayLike) -> ContingencyInformation:
    r"""Mutual information of a contingency table, with its G test: :math:`G = 2 n I`.

    This relation is exact if I is in nats: :math:`G = 2 \sum O \ln (O / E)`, where O is
    the observed count and E = (row sum)(column sum)/n the expected count of a cell. If
    the variables are independent, G has approximately a chi-square distribution with
    (rows - 1)(columns - 1) degrees of freedom. The mean of this distribution is the
    degrees of freedom, so by chance alone, the mean of I is about
    (rows - 1)(columns - 1)/2n.

    Parameters
    ----------
    table : array-like of shape (n_rows, n_columns)
        Number of observations of each pair of values. Rows and columns without
        observations are ignored.

    Returns
    -------
    ContingencyInformation
        `mutual_information` in nats, `statistic` G, `dof` and `pvalue`.

    Raises
    ------
    ValueError
        If the table does not have two axes, contains a negative value, NaN or infinity,
        or has no observations.

    See Also
    --------
    mutual_information : Use other bases, or more than two variables.

    Notes
    -----
    Pearson's :math:`\chi^2` is the second-order approximation of G, so
    :math:`I \approx \chi^2 / 2n` nats :math:`= \chi^2 / (2 n \ln 2)` bits. Some texts
    give :math:`(\chi^2 / n) / \ln 2` bits, which omits the 2 of G = 2 n I and is too
    large by a factor of 2. To compare, call `scipy.stats.chi2_contingency` with
    ``correction=False``. Otherwise, it applies Yates' correction to a 2 x 2 table.

    References
    ----------
    .. [1] S. Kullback, Information Theory and Statistics, Wiley 1959.
    .. [2] S. S. Wilks, The large-sample distribution of the likelihood ratio for
       testing composite hypotheses, Ann. Math. Stat. 9, 60-62 (1938).

    Examples
    --------
    >>> from skmi.measures import contingency_mutual_information
    >>> result = contingency_mutual_information([[10, 20], [15, 25]])
    >>> result.mutual_information, result.statistic, result.dof, result.pvalue
    (0.000928..., 0.130009..., 1, 0.718...)
    """
    observed = _read_numbers(table, "table")
    _check_two_axes(observed, "table")
    information = mutual_information(_normalize(observed, "table"))
    n_rows, n_columns = (
        int(np.count_nonzero(observed.any(axis=axis))) for axis in (1, 0)
    )
    test = g_test(
        np.array([information]), observed.sum(), np.array([n_rows]), n_columns
    )
    return ContingencyInformation(
        information,
        float(test.statistic[0]),
        int(test.dof[0]),
        float(test.pvalues[0]),
    )


_POINTWISE: dict[str, Callable[[Array, Array, float], Array]] = {
    "pmi": lambda information, log_p, nats: information / nats,
    "ppmi": lambda information, log_p, nats: np.maximum(information, 0) / nats,
    "npmi": lambda information, log_p, nats: _normalize_pointwise(information, log_p),
}


def _normalize_pointwise(information: Array, log_p: Array) -> Array:
    """Return i / (-log p): -1, its limit, if p = 0, and 0 instead of 0 / 0 if p = 1."""
    normalized = np.where(np.isneginf(information), -1.0, 0.0)
    np.divide(
        information, -log_p, out=normalized, where=np.isfinite(log_p) & (log_p < 0)
    )
    return np.clip(normalized, -1, 1)


def _mean_log_ratio(
    p: Array,
    numerator: list[tuple[int, ...]],
    denominator: list[tuple[int, ...]],
) -> float:
    """Return the mean log of a ratio of products of marginals, each given by axes."""
    terms = np.zeros_like(p)
    for axes in numerator:
        terms += special.xlogy(p, _marginal(p, axes))
    for axes in denominator:
        terms -= special.xlogy(p, _marginal(p, axes))
    return float(terms.sum())


def _marginal(p: Array, axes: tuple[int, ...]) -> Array:
    """Return the sum over all other axes, and keep the number of dimensions."""
    others = tuple(axis for axis in range(p.ndim) if axis not in axes)
    marginal: Array = p.sum(axis=others, keepdims=True)
    return marginal


def _log(p: Array) -> Array:
    return np.log(p, out=np.full_like(p, -np.inf), where=p > 0)


def _positive(value: float) -> float:
    """Return the value, with negative rounding errors set to 0."""
    return max(0.0, float(value))


def _nats_per_unit(base: float) -> float:
    if not (isinstance(base, Real) and 0 < base < math.inf and base != 1):
        raise ValueError(
            f"base={base!r} is not a valid base of a logarithm; give a positive "
            "number other than 1, such as 2 for bits."
        )
    return math.log(base)


def _tolerance(p: ArrayLike) -> float:
    """Return how far the sum of p may be from 1: the root of the dtype's precision."""
    dtype = np.asarray(p).dtype
    precision = np.finfo(dtype if dtype.kind == "f" else np.float64).eps
    return math.sqrt(max(precision, np.finfo(np.float64).eps))


def _read_numbers(values: ArrayLike, name: str) -> Array:
    """Return a copy of the values, which must be finite and not negative."""
    try:
        given = np.asarray(values)
        if given.dtype.kind not in "biufO":
            raise TypeError(f"its dtype is {given.dtype}")
        numbers = np.array(given, dtype=np.float64)
    except (TypeError, ValueError, OverflowError) as error:
        raise ValueError(
            f"{name} must be a dense array of real numbers: {error}."
        ) from error
    if numbers.size == 0:
        raise ValueError(
            f"{name} is empty, of shape {numbers.shape}; at least one outcome is "
            "needed."
        )
    if not np.isfinite(numbers).all():
        raise ValueError(
            f"{name} contains NaN or infinity; give finite numbers, with 0 for "
            "outcomes that never occur."
        )
    if numbers.min() < 0:
        raise ValueError(
            f"{name} contains {numbers.min():.10g}, but probabilities and counts are "
            f"not negative; if this is a rounding error, pass np.maximum({name}, 0)."
        )
    return numbers


def _normalize(numbers: Array, name: str) -> Array:
    with np.errstate(over="ignore"):
        total = numbers.sum()
    if not 0 < total < math.inf:
        raise ValueError(
            f"{name} sums to {total:g}, so it cannot be divided by its sum; "
            + ("scale it down." if total else "at least one count must be above 0.")
        )
    normalized: Array = numbers / total
    return normalized


def _read_table(values: ArrayLike, name: str, counts: bool) -> Array:
    """Return probabilities, or normalised counts, as an array whose sum is 1."""
    numbers = _read_numbers(values, name)
    if numbers.ndim == 0:
        raise ValueError(
            f"{name} is a single number, {numbers:g}; give an array with the "
            "probability of each outcome."
        )
    if not counts:
        with np.errstate(over="ignore"):
            total = numbers.sum()
        if not abs(total - 1) <= _tolerance(values):
            raise ValueError(
                f"{name} sums to {total:.10g}, not to 1; pass counts=True to divide "
                "it by its sum."
            )
    return _normalize(numbers, name)


def _read_pair(p: ArrayLike, q: ArrayLike, counts: bool) -> tuple[Array, Array]:
    """Read two tables of the same shape."""
    p_table, q_table = _read_table(p, "p", counts), _read_table(q, "q", counts)
    if p_table.shape != q_table.shape:
        raise ValueError(
            f"p and q must have the same shape, got {p_table.shape} and "
            f"{q_table.shape}; give both for the same outcomes, with 0 for outcomes "
            "that never occur."
        )
    return p_table, q_table


def _read_joint(
    p: ArrayLike, counts: bool, axis: Axes | None, min_variables: int = 1
) -> Array:
    """Read a table, and sum it over all axes except the given ones."""
    table = _read_table(p, "p", counts)
    if axis is None:
        kept = tuple(range(table.ndim))
    else:
        kept = _read_axes(table, {"axis": axis})["axis"]
    if len(kept) < min_variables:
        raise ValueError(
            f"at least {min_variables} variables are needed, got {len(kept)}; give a "
            "table p with one axis for each variable, and name their axes."
        )
    others = tuple(axis for axis in range(table.ndim) if axis not in kept)
    summed: Array = table.sum(axis=others)
    return summed


def _read_groups(p: ArrayLike, counts: bool, **variables: Axes) -> Array:
    """Read a table, and merge each named group of axes into one axis."""
    table = _read_table(p, "p", counts)
    groups = _read_axes(table, variables)
    kept = [axis for group in groups.values() for axis in group]
    others = [axis for axis in range(table.ndim) if axis not in kept]
    shape = [math.prod(table.shape[a] for a in group) for group in groups.values()]
    summed: Array = table.transpose(kept + others).reshape([*shape, -1]).sum(axis=-1)
    return summed


def _read_axes(table: Array, variables: dict[str, Axes]) -> dict[str, tuple[int, ...]]:
    """Return valid axes of the table for each variable, none of them repeated."""
    seen: set[int] = set()
    groups = {}
    for name, given in variables.items():
        try:
            axes = tuple(
                operator.index(axis)
                for axis in (given if isinstance(given, tuple | list) else [given])
            )
        except TypeError as error:
            raise ValueError(
                f"{name}={given!r} is not an axis; give an int or a tuple of ints."
            ) from error
        if not axes:
            raise ValueError(f"{name} is empty; give at least one axis.")
        for axis in axes:
            if not -table.ndim <= axis < table.ndim:
                raise ValueError(
                    f"{name}={given!r} is not an axis of p, whose shape is "
                    f"{table.shape}; give a table with one axis for each variable."
                )
            if axis % table.ndim in seen:
                raise ValueError(
                    f"{name}={given!r} repeats axis {axis} of p; give each axis once."
                )
            seen.add(axis % table.ndim)
        groups[name] = tuple(axis % table.ndim for axis in axes)
    return groups


def _check_two_axes(table: Array, name: str) -> None:
    if table.ndim != 2:
        raise ValueError(
            f"{name} must have two axes, one for X and one for Y, but its shape is "
            f"{table.shape}; sum the table over any other axes."
        )
