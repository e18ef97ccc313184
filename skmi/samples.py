"""Information of variables that are given by their samples: arrays in, a number out."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from skmi._columns import (
    Columns,
    check_lengths,
    encode_features,
    encode_variable,
    name_of,
    read_table,
)
from skmi._information import PER_NAT, Variable, estimate_matrix, to_correlation
from skmi.estimators import ESTIMATORS, Estimator, PlugIn, get_estimator

__all__ = [
    "conditional_mutual_info",
    "entropy",
    "mutual_info",
    "mutual_info_matrix",
]

# What information is divided by, of the entropies of both variables.
_DENOMINATORS: dict[str, Callable] = {
    "symmetric": lambda of_x, of_y: (of_x + of_y) / 2,
    "min": np.minimum,
    "sqrt": lambda of_x, of_y: np.sqrt(np.maximum(of_x * of_y, 0)),
}
_NORMALIZE = (None, "correlation", *_DENOMINATORS)

# Entropies below are rounding errors: that of a variable that varies is ln(n) / n or
# more.
_LEAST_ENTROPY = 1e-12


def mutual_info(
    x,
    y,
    *,
    estimator: str | Estimator = "ksg",
    discrete_x="auto",
    discrete_y="auto",
    units: str = "nats",
    normalize: str | None = None,
) -> float:
    r"""Estimate the mutual information of two variables.

    :math:`I(X; Y) = D_{KL}(p(x, y) \| p(x) p(y))` is 0 if and only if X and Y are
    independent. The estimate is not clipped: near 0 it may be below.

    Parameters
    ----------
    x, y : array-like of shape (n_samples,) or (n_samples, n_dimensions)
        Numbers, or labels of any kind; a table, such as a DataFrame, is one variable of
        several dimensions. Never written to.
    estimator : str or Estimator, default="ksg"
        How to estimate: a name such as "ksg" or "plugin", or an object of
        `skmi.estimators`, which sets its parameters.
    discrete_x, discrete_y : "auto", bool or array-like, default="auto"
        Whether the variable is discrete. "auto": bool, category, string and object are,
        numbers are not. Of a variable of several dimensions also a mask, indices or
        names of the discrete ones.
    units : {"nats", "bits", "hartleys"}, default="nats"
        Unit of the result. What is normalised has none, and `units` is not used.
    normalize : {None, "correlation", "symmetric", "min", "sqrt"}, default=None
        What to make of I.

        * "correlation": :math:`\sqrt{1 - e^{-2 \max(I, 0)}}`, the correlation
          :math:`|r|` of two normal variables with that much information [2]_.
        * "symmetric": :math:`2 I / (H(X) + H(Y))`, the symmetrical uncertainty [3]_.
        * "min": :math:`I / \min(H(X), H(Y))`.
        * "sqrt": :math:`I / \sqrt{H(X) H(Y)}` [4]_.

        The last three need entropies that bound I: of discrete variables, or of any
        that `PlugIn` cuts into bins. H(X) is taken as I(X; X), which it is, by the same
        estimator; a constant has 0.

    Returns
    -------
    float
        The estimate.

    Raises
    ------
    ValueError
        If the lengths differ, a value is missing or infinite, a parameter is not known,
        or `normalize` divides by the entropy of a continuous variable.

    See Also
    --------
    mutual_info_matrix : The same for all pairs of columns of a table.
    MIScorer : The same for all features and a target.
    skmi.measures.mutual_information : The same of a table of probabilities or counts.

    References
    ----------
    .. [1] T. M. Cover and J. A. Thomas, Elements of Information Theory, 2nd edition,
       Wiley 2006, equation 2.28.
    .. [2] E. H. Linfoot, An informational measure of correlation, Information and
       Control 1, 85 (1957).
    .. [3] I. H. Witten, E. Frank and M. A. Hall, Data Mining, 3rd edition, Morgan
       Kaufmann 2011, section 7.1.
    .. [4] A. Strehl and J. Ghosh, Cluster ensembles, J. Mach. Learn. Res. 3, 583
       (2002), equation 2.

    Examples
    --------
    >>> import numpy as np
    >>> import skmi
    >>> x = np.linspace(0, 10, 500)
    >>> round(skmi.mutual_info(x, np.sin(x), units="bits"), 1)
    3.3

    Two inputs say nothing of their exclusive or one by one, and all of it together.

    >>> a, b = np.array([[0, 0, 1, 1], [0, 1, 0, 1]], dtype=bool)
    >>> skmi.mutual_info(a, a ^ b, estimator="plugin")
    0.0
    >>> both = np.column_stack([a, b])
    >>> skmi.mutual_info(both, a ^ b, estimator="plugin", normalize="min")
    1.0
    """
    return _information(
        get_estimator(estimator),
        units,
        normalize,
        encode_variable(x, discrete_x, "x", "discrete_x"),
        encode_variable(y, discrete_y, "y", "discrete_y"),
    )


def conditional_mutual_info(
    x,
    y,
    z,
    *,
    estimator: str | Estimator = "ksg",
    discrete_x="auto",
    discrete_y="auto",
    discrete_z="auto",
    units: str = "nats",
    normalize: str | None = None,
) -> float:
    r"""Estimate the mutual information of two variables, given a third.

    :math:`I(X; Y | Z)`, the mean over z of the information of X and Y within Z = z, is
    0 if and only if X and Y are independent once Z is known. It may be less than
    :math:`I(X; Y)`, where Z explains the relation, or more, where X tells of Y through
    Z only. The estimate is not clipped: near 0 it may be below.

    Parameters
    ----------
    x, y, z : array-like of shape (n_samples,) or (n_samples, n_dimensions)
        Numbers, or labels of any kind; a table, such as a DataFrame, is one variable of
        several dimensions. Never written to.
    estimator : str or Estimator, default="ksg"
        How to estimate: a name, or an object of `skmi.estimators`, which sets its
        parameters.
    discrete_x, discrete_y, discrete_z : "auto", bool or array-like, default="auto"
        Whether the variable is discrete. "auto": bool, category, string and object are,
        numbers are not. Of a variable of several dimensions also a mask, indices or
        names of the discrete ones.
    units : {"nats", "bits", "hartleys"}, default="nats"
        Unit of the result. What is normalised has none, and `units` is not used.
    normalize : {None, "correlation", "symmetric", "min", "sqrt"}, default=None
        What to make of I, as in `mutual_info`. "correlation" is the partial correlation
        of normal variables with that much information. The others divide by the
        entropies that bound it, those given Z: H(X | Z) = I(X; X | Z) and H(Y | Z); all
        three variables must be discrete, or cut into bins by `PlugIn`.

    Returns
    -------
    float
        The estimate.

    Raises
    ------
    ValueError
        If the lengths differ, a value is missing or infinite, a parameter is not known,
        the estimator has no conditional information, or `normalize` divides by the
        entropy of a continuous variable.

    See Also
    --------
    mutual_info : Without a third.
    skmi.measures.conditional_mutual_information : The same of a table of probabilities
        or counts.

    References
    ----------
    .. [1] T. M. Cover and J. A. Thomas, Elements of Information Theory, 2nd edition,
       Wiley 2006, equation 2.60.

    Examples
    --------
    >>> import numpy as np
    >>> import skmi
    >>> a, b = np.array([[0, 0, 1, 1], [0, 1, 0, 1]], dtype=bool)
    >>> skmi.conditional_mutual_info(a, a ^ b, b, estimator="plugin", units="bits")
    1.0
    """
    estimator = get_estimator(estimator)
    _check_provides(estimator, "conditional", "conditional_mutual_info")
    return _information(
        estimator,
        units,
        normalize,
        encode_variable(x, discrete_x, "x", "discrete_x"),
        encode_variable(y, discrete_y, "y", "discrete_y"),
        encode_variable(z, discrete_z, "z", "discrete_z"),
    )


def entropy(
    x,
    *,
    estimator: str | Estimator = "plugin",
    discrete="auto",
    units: str = "nats",
) -> float:
    r"""Estimate the entropy of a variable from its samples.

    :math:`H(X) = -\langle \log p(x) \rangle`, jointly of all columns if there are
    several. With `PlugIn` p is a probability: that of the levels of a discrete
    variable, or of the bins that a continuous one is cut into, so that the value is a
    matter of the bins. With an estimator of densities p is the density of a continuous
    variable, and H its differential entropy, which changes with the scale and may be
    negative.

    Parameters
    ----------
    x : array-like of shape (n_samples,) or (n_samples, n_dimensions)
        Numbers, or labels of any kind; not their probabilities. Never written to.
    estimator : str or Estimator, default="plugin"
        How to estimate: a name, or an object of `skmi.estimators`, which sets its
        parameters.
    discrete : "auto", bool or array-like, default="auto"
        Whether the variable is discrete. "auto": bool, category, string and object are,
        numbers are not. Of a variable of several dimensions also a mask, indices or
        names of the discrete ones.
    units : {"nats", "bits", "hartleys"}, default="nats"
        Unit of the result.

    Returns
    -------
    float
        The estimate.

    Raises
    ------
    ValueError
        If a value is missing or infinite, a parameter is not known, or the estimator
        has no entropy.
    TypeError
        If the variable has several dimensions, and the estimator takes but one.

    See Also
    --------
    skmi.measures.entropy : That of probabilities or counts, rather than of samples.

    References
    ----------
    .. [1] T. M. Cover and J. A. Thomas, Elements of Information Theory, 2nd edition,
       Wiley 2006, equations 2.1, 2.8 and 8.1.

    Examples
    --------
    >>> import skmi
    >>> round(skmi.entropy(["a", "a", "b", "c"], units="bits"), 3)
    1.5
    >>> skmi.entropy([[0, 0], [0, 1], [1, 0], [1, 1]], discrete=True, units="bits")
    2.0
    """
    _check_choices(units)
    estimator = get_estimator(estimator)
    _check_provides(estimator, "entropy", "entropy")
    columns = encode_variable(x, discrete, "x", "discrete")
    return float(Variable(estimator, columns).entropy * PER_NAT[units])


def mutual_info_matrix(
    X,
    *,
    estimator: str | Estimator = "ksg",
    discrete_features="auto",
    units: str = "nats",
    normalize: str | None = None,
    n_jobs: int | None = None,
) -> NDArray[np.float64]:
    r"""Estimate the mutual information of all pairs of columns of a table.

    The columns are prepared once, and each pair is estimated once. Redundant features
    have large values off the diagonal, and ``normalize="correlation"`` makes of the
    matrix one to read beside that of Pearson's :math:`|r|`.

    Parameters
    ----------
    X : {array-like, DataFrame} of shape (n_samples, n_features)
        Features. Never written to.
    estimator : str or Estimator, default="ksg"
        How to estimate: a name, or an object of `skmi.estimators`, which sets its
        parameters.
    discrete_features : "auto", bool or array-like, default="auto"
        Which features are discrete: all or none, a mask, indices or names (columns that
        are not numeric need not be listed). "auto": columns of dtype bool, category,
        string or object; numbers are continuous.
    units : {"nats", "bits", "hartleys"}, default="nats"
        Unit of the result. What is normalised has none, and `units` is not used.
    normalize : {None, "correlation", "symmetric", "min", "sqrt"}, default=None
        What to make of each value, as in `mutual_info`. The last three need discrete
        columns, or `PlugIn`, which cuts the others into bins.
    n_jobs : int or None, default=None
        Number of jobs, in threads unless another joblib backend is chosen. The result
        does not depend on it.

    Returns
    -------
    ndarray of shape (n_features, n_features)
        Symmetric to the last bit. Not clipped: near 0 values may be below. The diagonal
        is I(x; x) as the estimator gives it: the entropy of a discrete column or one
        cut into bins. That of a continuous column is infinite; its estimate is not, and
        says more of the estimator than of the column.

    Raises
    ------
    ValueError
        If a value is missing or infinite, a parameter is not known, or `normalize`
        divides by the entropy of a continuous column.

    See Also
    --------
    mutual_info : One pair.

    Examples
    --------
    >>> import skmi
    >>> from sklearn.datasets import load_iris
    >>> X = load_iris().data
    >>> skmi.mutual_info_matrix(X, estimator="plugin", normalize="symmetric").round(2)
    array([[1.  , 0.12, 0.37, 0.34],
           [0.12, 1.  , 0.16, 0.2 ],
           [0.37, 0.16, 1.  , 0.53],
           [0.34, 0.2 , 0.53, 1.  ]])
    """
    _check_choices(units, normalize)
    estimator = get_estimator(estimator)
    columns = encode_features(read_table(X), discrete_features)
    if normalize in _DENOMINATORS:
        _check_has_entropies(estimator, columns, normalize)
    nats = estimate_matrix(estimator, columns, n_jobs)
    own = nats.diagonal()
    return _rescale(nats, units, normalize, lambda: (own[:, None], own))


def _information(
    estimator: Estimator,
    units: str,
    normalize: str | None,
    x: Columns,
    y: Columns,
    *given: Columns,
) -> float:
    """I(x; y), or I(x; y | given)."""
    _check_choices(units, normalize)
    for columns in (y, *given):
        check_lengths(x, columns)
    if normalize in _DENOMINATORS:
        for columns in (x, y, *given):
            _check_has_entropies(estimator, columns, normalize)
    of_x, of_y, *of_given = (Variable(estimator, each) for each in (x, y, *given))
    nats = of_x.information(of_y, *of_given)

    def entropies():
        return [each.information(each, *of_given) for each in (of_x, of_y)]

    return float(_rescale(nats, units, normalize, entropies))


def _rescale(nats, units: str, normalize: str | None, entropies: Callable):
    """Convert or normalise information; `entropies` gives those of both variables."""
    if normalize is None:
        return nats * PER_NAT[units]
    if normalize == "correlation":
        return to_correlation(nats)
    of_both = _DENOMINATORS[normalize](*entropies())
    share = nats / np.maximum(of_both, _LEAST_ENTROPY)
    return np.where(of_both > _LEAST_ENTROPY, share, 0)


def _check_choices(units: str, normalize: str | None = None) -> None:
    if not (isinstance(units, str) and units in PER_NAT):
        raise ValueError(f"units={units!r} is not known; give one of {list(PER_NAT)}.")
    if not (isinstance(normalize, str | None) and normalize in _NORMALIZE):
        raise ValueError(
            f"normalize={normalize!r} is not known; give one of {list(_NORMALIZE)}."
        )


def _check_provides(estimator: Estimator, what: str, function: str) -> None:
    if what in estimator.provides:
        return
    others = [cls.__name__ for cls in ESTIMATORS.values() if what in cls.provides]
    raise ValueError(
        f"{function}: {type(estimator).__name__} does not provide it; use "
        f"{' or '.join(others)}."
    )


def _check_has_entropies(
    estimator: Estimator, columns: Columns, normalize: str
) -> None:
    if isinstance(estimator, PlugIn):  # for which all is discrete, if cut into bins
        return
    for column in np.flatnonzero(~columns.discrete).tolist():
        raise ValueError(
            f"normalize={normalize!r} divides by entropies, and that of "
            f"{name_of(columns, column)}, which is continuous, may be negative and "
            "bounds nothing; use PlugIn, which cuts it into bins, or "
            "normalize='correlation'."
        )
