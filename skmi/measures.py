"""Measures of information on arrays of probabilities or of counts.

A joint table has one axis for each variable. Throughout, 0 log 0 = 0, and
D(p||q) is infinite where q is 0 and p is not. Results are in nats; ``base=2`` gives
bits, ``base=10`` hartleys. Probabilities must sum to one, up to the square root of the
precision of their dtype; ``counts=True`` takes counts or weights and divides them by
their sum. Nothing is estimated here: of samples these are the plug-in values.
"""

import math
import operator
from itertools import combinations
from numbers import Real
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special, stats

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


def self_information(
    p: ArrayLike, *, base: float = math.e, counts: bool = False
) -> float | NDArray[np.float64]:
    r"""Surprise at an event: :math:`-\log p`.

    Parameters
    ----------
    p : float or array-like
        Probability of each event. The events need not exclude each other, so that the
        sum is free.
    base : float, default=e
        Base of the logarithm; 2 gives bits.
    counts : bool, default=False
        Whether p holds counts, to be divided by their sum.

    Returns
    -------
    float or ndarray of the shape of p
        Infinite where p is 0.

    Raises
    ------
    ValueError
        If a value is negative, above 1, NaN or infinite, p is empty, or base is not
        positive or is 1.

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
                f"p holds {events.max():.10g}, and no probability is above 1; pass "
                "counts=True if p holds counts."
            )
    information = -_log(np.minimum(events, 1)) / nats + 0.0  # no -0.0
    return information if information.ndim else float(information)


def entropy(p: ArrayLike, *, base: float = math.e, counts: bool = False) -> float:
    r"""Entropy, the mean surprise: :math:`H(p) = -\sum_x p(x) \log p(x)`.

    Parameters
    ----------
    p : array-like, of any shape
        Probability of each outcome.
    base : float, default=e
        Base of the logarithm; 2 gives bits.
    counts : bool, default=False
        Whether p holds counts, to be divided by their sum.

    Returns
    -------
    float
        From 0 to the logarithm of the number of outcomes.

    Raises
    ------
    ValueError
        If p is empty, holds a negative value, NaN or infinity or does not sum to one,
        or base is not positive or is 1.

    See Also
    --------
    skmi.entropy : That of samples, rather than of probabilities.

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
    r"""Entropy of several variables: :math:`H(X, Y) = -\sum p(x, y) \log p(x, y)`.

    Parameters
    ----------
    p : array-like
        Joint probabilities, one axis for each variable.
    axis : int, tuple of int or None, default=None
        Variables meant; the others are summed out. None: all.
    base : float, default=e
        Base of the logarithm; 2 gives bits.
    counts : bool, default=False
        Whether p holds counts, to be divided by their sum.

    Returns
    -------
    float
        At least the entropy of each variable, at most their sum.

    Raises
    ------
    ValueError
        As `entropy`, or if p has no such axis.

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
    r"""What is left of X when Y is known: :math:`-\sum p(x, y) \log p(x | y)`.

    This is :math:`H(X | Y) = H(X, Y) - H(Y)`.

    Parameters
    ----------
    p : array-like
        Joint probabilities, one axis for each variable.
    x, y : int or tuple of int, default=0 and 1
        Axes of X and of Y; the others are summed out. Several act as one variable.
    base : float, default=e
        Base of the logarithm; 2 gives bits.
    counts : bool, default=False
        Whether p holds counts, to be divided by their sum.

    Returns
    -------
    float
        From 0, where Y determines X, to H(X), where they are independent.

    Raises
    ------
    ValueError
        As `entropy`, or if p has no such axis or one is named twice.

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
    table = _read_blocks(p, counts, x=x, y=y)
    return _positive(_mean_log(table, over=[(1,)], under=[(0, 1)])) / nats


def cross_entropy(
    p: ArrayLike, q: ArrayLike, *, base: float = math.e, counts: bool = False
) -> float:
    r"""Mean cost of p in a code made for q: :math:`H(p, q) = -\sum_x p(x) \log q(x)`.

    It is :math:`H(p) + D(p \| q)`, least where q = p. For observed frequencies p it is
    the mean negative log-likelihood of q, for two classes the "binary cross-entropy".

    Parameters
    ----------
    p, q : array-like, of one shape
        Probability of each outcome: the true one, and the one believed in.
    base : float, default=e
        Base of the logarithm; 2 gives bits.
    counts : bool, default=False
        Whether p and q hold counts, each to be divided by its sum.

    Returns
    -------
    float
        Infinite if an outcome of p is impossible in q.

    Raises
    ------
    ValueError
        As `entropy`, or if the shapes differ.

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
    r"""Relative entropy: :math:`D(p \| q) = \sum_x p(x) \log (p(x) / q(x))`.

    Parameters
    ----------
    p, q : array-like, of one shape
        Probability of each outcome.
    base : float, default=e
        Base of the logarithm; 2 gives bits.
    counts : bool, default=False
        Whether p and q hold counts, each to be divided by its sum.

    Returns
    -------
    float
        0 if and only if p = q; infinite if an outcome of p is impossible in q.

    Raises
    ------
    ValueError
        As `entropy`, or if the shapes differ.

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
    r"""Mean divergence from the middle: :math:`[D(p \| m) + D(q \| m)] / 2`.

    Here :math:`m = (p + q) / 2`. The square root, which is a metric, is
    `scipy.spatial.distance.jensenshannon`.

    Parameters
    ----------
    p, q : array-like, of one shape
        Probability of each outcome.
    base : float, default=e
        Base of the logarithm; 2 gives bits.
    counts : bool, default=False
        Whether p and q hold counts, each to be divided by its sum.

    Returns
    -------
    float
        From 0, where p = q, to log 2, where they share no outcome.

    Raises
    ------
    ValueError
        As `entropy`, or if the shapes differ.

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
    r"""What X tells of Y: :math:`I(X; Y) = \sum p(x, y) \log [p(x, y) / (p(x) p(y))]`.

    Parameters
    ----------
    p : array-like
        Joint probabilities, one axis for each variable.
    x, y : int or tuple of int, default=0 and 1
        Axes of X and of Y; the others are summed out. Several act as one variable.
    base : float, default=e
        Base of the logarithm; 2 gives bits.
    counts : bool, default=False
        Whether p holds counts, to be divided by their sum.

    Returns
    -------
    float
        From 0, where they are independent, to the smaller of H(X) and H(Y).

    Raises
    ------
    ValueError
        As `entropy`, or if p has no such axis or one is named twice.

    See Also
    --------
    contingency_mutual_information : With a test of independence.
    skmi.mutual_info : An estimate from samples.

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
    table = _read_blocks(p, counts, x=x, y=y)
    return _positive(_mean_log(table, over=[(0, 1)], under=[(0,), (1,)])) / nats


def conditional_mutual_information(
    p: ArrayLike,
    *,
    x: Axes = 0,
    y: Axes = 1,
    z: Axes = 2,
    base: float = math.e,
    counts: bool = False,
) -> float:
    r"""What X tells of Y when Z is known: :math:`I(X; Y | Z) = H(X | Z) - H(X | Y, Z)`.

    It is the mean of :math:`\log [p(x, y | z) / (p(x | z) p(y | z))]`.

    Parameters
    ----------
    p : array-like
        Joint probabilities, one axis for each variable.
    x, y, z : int or tuple of int, default=0, 1 and 2
        Axes of X, Y and Z; the others are summed out. Several act as one variable.
    base : float, default=e
        Base of the logarithm; 2 gives bits.
    counts : bool, default=False
        Whether p holds counts, to be divided by their sum.

    Returns
    -------
    float
        From 0 to the smaller of H(X|Z) and H(Y|Z); above or below I(X; Y).

    Raises
    ------
    ValueError
        As `entropy`, or if p has no such axis or one is named twice.

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
    table = _read_blocks(p, counts, x=x, y=y, z=z)
    information = _mean_log(table, over=[(0, 1, 2), (2,)], under=[(0, 2), (1, 2)])
    return _positive(information) / nats


def pointwise_mutual_information(
    p: ArrayLike, *, kind: str = "pmi", base: float = math.e, counts: bool = False
) -> NDArray[np.float64]:
    r"""Association of each pair: :math:`i(x; y) = \log [p(x, y) / (p(x) p(y))]`.

    Its mean under p is the mutual information.

    Parameters
    ----------
    p : array-like of shape (n_x, n_y)
        Joint probabilities.
    kind : {"pmi", "ppmi", "npmi"}, default="pmi"
        "pmi": as above, minus infinity for a pair that never occurs. "ppmi":
        :math:`\max(0, i)`. "npmi": :math:`i / (-\log p(x, y))`, from -1 (never
        together) over 0 (independent) to 1 (never apart), whatever the base.
    base : float, default=e
        Base of the logarithm; 2 gives bits.
    counts : bool, default=False
        Whether p holds counts, to be divided by their sum.

    Returns
    -------
    ndarray of shape (n_x, n_y)
        0 where x or y itself never occurs, and for a pair that always does: such
        pairs are independent, as p(x, y) = p(x) p(y).

    Raises
    ------
    ValueError
        As `entropy`, or if p has not two axes or kind is not known.

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
        raise ValueError(f"kind={kind!r} is not known; give one of {list(_POINTWISE)}.")
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
    r"""What only all together tell: :math:`-\sum_T (-1)^{n - |T|} H(T)`.

    T runs over the subsets of the n variables. Of three it is
    :math:`I(X; Y | Z) - I(X; Y)`, of two :math:`I(X; Y)`. The sign is McGill's: above 0
    is synergy, as in an exclusive or, below 0 redundancy, as in three copies. Others
    use the co-information, which is this times :math:`(-1)^n`.

    Parameters
    ----------
    p : array-like
        Joint probabilities, one axis for each variable.
    axis : tuple of int or None, default=None
        Variables meant, at least two; the others are summed out. None: all.
    base : float, default=e
        Base of the logarithm; 2 gives bits.
    counts : bool, default=False
        Whether p holds counts, to be divided by their sum.

    Returns
    -------
    float
        Of either sign; the order of the variables does not matter.

    Raises
    ------
    ValueError
        As `entropy`, or if p has no such axis, one is named twice or there is only one.

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
    table = _read_joint(p, counts, axis, at_least=2)
    n = table.ndim
    subsets = [t for size in range(1, n + 1) for t in combinations(range(n), size)]
    over = [subset for subset in subsets if (n - len(subset)) % 2 == 0]
    under = [subset for subset in subsets if (n - len(subset)) % 2 == 1]
    return _mean_log(table, over, under) / nats + 0.0  # no -0.0


def total_correlation(
    p: ArrayLike,
    *,
    axis: Axes | None = None,
    base: float = math.e,
    counts: bool = False,
) -> float:
    r"""All dependence among variables: :math:`\sum_i H(X_i) - H(X_1, \dots, X_n)`.

    It is the divergence of the joint distribution from the product of its marginals;
    of two variables the mutual information.

    Parameters
    ----------
    p : array-like
        Joint probabilities, one axis for each variable.
    axis : tuple of int or None, default=None
        Variables meant, at least two; the others are summed out. None: all.
    base : float, default=e
        Base of the logarithm; 2 gives bits.
    counts : bool, default=False
        Whether p holds counts, to be divided by their sum.

    Returns
    -------
    float
        0 if and only if all are independent.

    Raises
    ------
    ValueError
        As `entropy`, or if p has no such axis, one is named twice or there is only one.

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
    table = _read_joint(p, counts, axis, at_least=2)
    axes = tuple(range(table.ndim))
    return _positive(_mean_log(table, over=[axes], under=[(i,) for i in axes])) / nats


class ContingencyInformation(NamedTuple):
    """Mutual information of a contingency table, and its test of independence.

    Attributes
    ----------
    mutual_information : float
        In nats.
    statistic : float
        G = 2 n I, of n observations.
    dof : int
        Degrees of freedom.
    pvalue : float
        Probability of a G as large, were the variables independent.
    """

    mutual_information: float
    statistic: float
    dof: int
    pvalue: float


def contingency_mutual_information(table: ArrayLike) -> ContingencyInformation:
    r"""Mutual information of a table of counts, with its G test: :math:`G = 2 n I`.

    With I in nats this is exact: :math:`G = 2 \sum O \ln (O / E)`, where O is observed
    and E = (row sum)(column sum)/n expected. Under independence G is about chi-square
    with (rows - 1)(columns - 1) degrees of freedom, so that I, never negative, is about
    (rows - 1)(columns - 1)/2n by chance alone.

    Parameters
    ----------
    table : array-like of shape (n_rows, n_columns)
        How often each pair of values was observed. Empty rows and columns do not count.

    Returns
    -------
    ContingencyInformation
        `mutual_information` in nats, `statistic` G, `dof` and `pvalue`.

    Raises
    ------
    ValueError
        If the table has not two axes, holds a negative value, NaN or infinity, or has
        no observation.

    See Also
    --------
    mutual_information : Other bases, more variables.

    Notes
    -----
    Pearson's :math:`\chi^2` is the second-order approximation of G, hence
    :math:`I \approx \chi^2 / 2n` nats :math:`= \chi^2 / (2 n \ln 2)` bits. The formula
    :math:`(\chi^2 / n) / \ln 2`, met in print, forgets the 2 of G = 2 n I and says
    twice too much. To compare, call `scipy.stats.chi2_contingency` with
    ``correction=False``: else it changes a 2 x 2 table by Yates' correction.

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
    g = float(2 * observed.sum() * information)
    n_rows, n_columns = (np.count_nonzero(observed.any(axis=axis)) for axis in (1, 0))
    dof = int((n_rows - 1) * (n_columns - 1))
    pvalue = float(stats.chi2.sf(g, dof)) if dof else 1.0
    return ContingencyInformation(information, g, dof, pvalue)


_POINTWISE = {
    "pmi": lambda information, log_p, nats: information / nats,
    "ppmi": lambda information, log_p, nats: np.maximum(information, 0) / nats,
    "npmi": lambda information, log_p, nats: _normalize_pointwise(information, log_p),
}


def _normalize_pointwise(information, log_p):
    """i / (-log p); -1 is the limit for p = 0, and certainty, 0 / 0, has 0."""
    normalized = np.where(np.isneginf(information), -1.0, 0.0)
    np.divide(
        information, -log_p, out=normalized, where=np.isfinite(log_p) & (log_p < 0)
    )
    return normalized.clip(-1, 1)


def _mean_log(
    p: NDArray[np.float64], over: list[tuple[int, ...]], under: list[tuple[int, ...]]
) -> float:
    """Mean of the log of a fraction: marginals on `over`, by those on `under`."""
    terms = np.zeros_like(p)
    for axes in over:
        terms += special.xlogy(p, _marginal(p, axes))
    for axes in under:
        terms -= special.xlogy(p, _marginal(p, axes))
    return float(terms.sum())


def _marginal(p: NDArray[np.float64], axes: tuple[int, ...]) -> NDArray[np.float64]:
    """Sum all but these axes out, and keep the number of dimensions."""
    others = tuple(axis for axis in range(p.ndim) if axis not in axes)
    return p.sum(axis=others, keepdims=True)


def _log(p: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.log(p, out=np.full_like(p, -np.inf), where=p > 0)


def _positive(value: float) -> float:
    """What cannot be negative, without the rounding that makes it so."""
    return max(0.0, float(value))


def _nats_per_unit(base: float) -> float:
    if not (isinstance(base, Real) and 0 < base < math.inf and base != 1):
        raise ValueError(
            f"base={base!r} is no base of a logarithm; give a positive number other "
            "than 1, such as 2 for bits."
        )
    return math.log(base)


def _tolerance(p: ArrayLike) -> float:
    """How far a sum may be from 1: the root of the precision in which p was given."""
    dtype = np.asarray(p).dtype
    precision = np.finfo(dtype if dtype.kind == "f" else np.float64).eps
    return math.sqrt(max(precision, np.finfo(np.float64).eps))


def _read_numbers(values: ArrayLike, name: str) -> NDArray[np.float64]:
    """Copy finite numbers that are not negative."""
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
            f"{name} contains NaN or infinity; give finite numbers, 0 for what never "
            "occurs."
        )
    if numbers.min() < 0:
        raise ValueError(
            f"{name} holds {numbers.min():.10g}, and neither probabilities nor counts "
            f"are negative; if it is a rounding error, pass np.maximum({name}, 0)."
        )
    return numbers


def _normalize(numbers: NDArray[np.float64], name: str) -> NDArray[np.float64]:
    with np.errstate(over="ignore"):
        total = numbers.sum()
    if not 0 < total < math.inf:
        raise ValueError(
            f"{name} sums to {total:g}, by which nothing can be divided; "
            + ("scale it down." if total else "at least one count must be above 0.")
        )
    return numbers / total


def _read_table(values: ArrayLike, name: str, counts: bool) -> NDArray[np.float64]:
    """Read probabilities, or counts, into an array whose sum is 1."""
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


def _read_pair(
    p: ArrayLike, q: ArrayLike, counts: bool
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    of_p, of_q = _read_table(p, "p", counts), _read_table(q, "q", counts)
    if of_p.shape != of_q.shape:
        raise ValueError(
            f"p and q must have one shape, got {of_p.shape} and {of_q.shape}; give "
            "both for the same outcomes, 0 for what never occurs."
        )
    return of_p, of_q


def _read_joint(
    p: ArrayLike, counts: bool, axis: Axes | None, at_least: int = 1
) -> NDArray[np.float64]:
    """Read a table, and sum all but these axes out."""
    table = _read_table(p, "p", counts)
    if axis is None:
        chosen = tuple(range(table.ndim))
    else:
        chosen = _read_axes(table, {"axis": axis})["axis"]
    if len(chosen) < at_least:
        raise ValueError(
            f"{len(chosen)} variable is given, and at least {at_least} are needed; "
            "give a table with one axis for each."
        )
    others = tuple(axis for axis in range(table.ndim) if axis not in chosen)
    return table.sum(axis=others)


def _read_blocks(p: ArrayLike, counts: bool, **named: Axes) -> NDArray[np.float64]:
    """Read a table, and make one axis of each named block of axes."""
    table = _read_table(p, "p", counts)
    blocks = _read_axes(table, named)
    kept = [axis for block in blocks.values() for axis in block]
    others = [axis for axis in range(table.ndim) if axis not in kept]
    shape = [math.prod(table.shape[a] for a in block) for block in blocks.values()]
    return table.transpose(kept + others).reshape([*shape, -1]).sum(axis=-1)


def _read_axes(
    table: NDArray[np.float64], named: dict[str, Axes]
) -> dict[str, tuple[int, ...]]:
    """Check axes: each is one of the table's, and named once."""
    seen: set[int] = set()
    blocks = {}
    for name, given in named.items():
        try:
            axes = tuple(
                operator.index(axis)
                for axis in (given if isinstance(given, tuple | list) else [given])
            )
        except TypeError as error:
            raise ValueError(
                f"{name}={given!r} is no axis; give an int or a tuple of ints."
            ) from error
        if not axes:
            raise ValueError(f"{name} names no axis; give at least one.")
        for axis in axes:
            if not -table.ndim <= axis < table.ndim:
                raise ValueError(
                    f"{name}={given!r} is no axis of p, whose shape is {table.shape}; "
                    "give a table with one axis for each variable."
                )
            if axis % table.ndim in seen:
                raise ValueError(
                    f"{name}={given!r} names axis {axis} of p a second time; name each "
                    "axis once."
                )
            seen.add(axis % table.ndim)
        blocks[name] = tuple(axis % table.ndim for axis in axes)
    return blocks


def _check_two_axes(table: NDArray[np.float64], name: str) -> None:
    if table.ndim != 2:
        raise ValueError(
            f"{name} must have two axes, for X and for Y, but its shape is "
            f"{table.shape}; sum the others out."
        )
