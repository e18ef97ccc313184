"""Estimate information from samples: arrays in, one number or a matrix out."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skmi._data.columns import Columns, check_lengths, name_of
from skmi._data.encoding import encode_features, encode_variable, read_table
from skmi._estimation.variables import Variable, estimate_matrix
from skmi._utils.units import UNITS_PER_NAT, to_correlation
from skmi.estimators import Estimator, get_estimator, require, serves

__all__ = [
    "conditional_mutual_info",
    "entropy",
    "mutual_info",
    "mutual_info_matrix",
]

# The denominators of normalised information, from the entropies H(x) and H(y).
_DENOMINATORS: dict[str, Callable[[Any, Any], Any]] = {
    "symmetric": lambda x, y: (x + y) / 2,
    "min": np.minimum,
    "sqrt": lambda x, y: np.sqrt(np.maximum(x * y, 0)),
}
_NORMALIZE = (None, "correlation", *_DENOMINATORS)

# Denominators below this are 0 up to rounding. The entropy of a variable that is not
# constant is at least ln(n) / n.
_MIN_DENOMINATOR = 1e-9


def mutual_info(
    x: Any,
    y: Any,
    *,
    estimator: str | Estimator = "ksg",
    discrete_x: Any = "auto",
    discrete_y: Any = "auto",
    units: str = "nats",
    normalize: str | None = None,
) -> float:
    r"""Estimate the mutual information of two variables.

    :math:`I(X; Y) = D_{KL}(p(x, y) \| p(x) p(y))` is 0 if and only if X and Y are
    independent [1]_. The estimate is not clipped, so it may be negative if the
    information is 0.

    For discrete variables, ``estimator="plugin"`` subtracts the information that
    independent variables with the same counts have on average. So I(X; X) is somewhat
    less than H(X). With ``PlugIn(correction=None)``, the information of the observed
    frequencies, the two are equal.

    Parameters
    ----------
    x, y : array-like of shape (n_samples,) or (n_samples, n_dimensions)
        Numbers or labels, which are not modified. A table, such as a DataFrame, is one
        variable of several dimensions.
    estimator : str or Estimator, default="ksg"
        Estimator, by name or as an object of `skmi.estimators` with parameters.
    discrete_x, discrete_y : "auto", bool or array-like, default="auto"
        Whether the variable is discrete. With "auto", it is discrete if its dtype is
        bool, category, string or object, and numbers are continuous. For a variable of
        several dimensions, a mask, indices or names of the discrete ones also work.
    units : {"nats", "bits", "hartleys"}, default="nats"
        Unit of the result. Ignored if the result is normalised.
    normalize : {None, "correlation", "symmetric", "min", "sqrt"}, default=None
        How to normalise I.

        * "correlation": :math:`\sqrt{1 - e^{-2 \max(I, 0)}}`, the correlation
          :math:`|r|` of two normal variables with that much information [2]_.
        * "symmetric": :math:`2 I / (H(X) + H(Y))`, the symmetrical uncertainty [3]_.
        * "min": :math:`I / \min(H(X), H(Y))`.
        * "sqrt": :math:`I / \sqrt{H(X) H(Y)}` [4]_.

        The last three need entropies that are upper bounds of I. Discrete variables
        have such entropies, and so do continuous ones that `PlugIn` bins. H(X) is
        estimated as I(X; X) by the same estimator. The result for a constant is 0.
        If the estimate is corrected by chance, the information expected by chance is
        subtracted from the denominator too. Then independent variables have a mean of
        0, a variable still has 1 with itself, and "symmetric" equals
        `sklearn.metrics.adjusted_mutual_info_score`.

    Returns
    -------
    float
        The estimate.

    Raises
    ------
    ValueError
        If the lengths differ, a value is missing or infinite, a parameter is not valid,
        or `normalize` needs the entropy of a continuous variable.

    See Also
    --------
    mutual_info_matrix : All pairs of columns of a table.
    MIScorer : All features with a target.
    skmi.measures.mutual_information : The information of a probability table.

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
    3.2

    Each input of an exclusive or is independent of the output. Both determine it.

    >>> a, b = np.tile([[0, 0, 1, 1], [0, 1, 0, 1]], 250).astype(bool)
    >>> abs(round(skmi.mutual_info(a, a ^ b, estimator="plugin"), 2))
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
    x: Any,
    y: Any,
    z: Any,
    *,
    estimator: str | Estimator = "ksg",
    discrete_x: Any = "auto",
    discrete_y: Any = "auto",
    discrete_z: Any = "auto",
    units: str = "nats",
    normalize: str | None = None,
) -> float:
    r"""Estimate the mutual information of two variables given a third.

    :math:`I(X; Y | Z)` is the mean over z of the information of X and Y given Z = z
    [1]_. It is 0 if and only if X and Y are conditionally independent given Z. It is
    less than :math:`I(X; Y)` if Z explains the dependence, and greater if X is
    informative about Y only together with Z. The estimate is not clipped, so it may be
    negative if the information is 0. For discrete variables, ``estimator="plugin"``
    subtracts the information expected by chance within the levels of Z. The chain rule
    is exact with ``PlugIn(correction=None)`` only.

    Parameters
    ----------
    x, y, z : array-like of shape (n_samples,) or (n_samples, n_dimensions)
        Numbers or labels, which are not modified. A table, such as a DataFrame, is one
        variable of several dimensions.
    estimator : str or Estimator, default="ksg"
        Estimator, by name or as an object of `skmi.estimators` with parameters.
    discrete_x, discrete_y, discrete_z : "auto", bool or array-like, default="auto"
        Whether the variable is discrete. With "auto", it is discrete if its dtype is
        bool, category, string or object, and numbers are continuous. For a variable of
        several dimensions, a mask, indices or names of the discrete ones also work.
    units : {"nats", "bits", "hartleys"}, default="nats"
        Unit of the result. Ignored if the result is normalised.
    normalize : {None, "correlation", "symmetric", "min", "sqrt"}, default=None
        How to normalise I, as in `mutual_info`. "correlation" gives the partial
        correlation of normal variables with this much information. The others use the
        conditional entropies H(X | Z) = I(X; X | Z) and H(Y | Z), which are upper
        bounds of I. They need three discrete variables, or `PlugIn`.

    Returns
    -------
    float
        The estimate.

    Raises
    ------
    ValueError
        If the lengths differ, a value is missing or infinite, a parameter is not valid,
        the estimator has no conditional information, or `normalize` needs the entropy
        of a continuous variable.

    See Also
    --------
    mutual_info : The information of two variables.
    skmi.measures.conditional_mutual_information : The information of a probability
        table.

    References
    ----------
    .. [1] T. M. Cover and J. A. Thomas, Elements of Information Theory, 2nd edition,
       Wiley 2006, equation 2.60.

    Examples
    --------
    >>> import numpy as np
    >>> import skmi
    >>> a, b = np.tile([[0, 0, 1, 1], [0, 1, 0, 1]], 250).astype(bool)
    >>> c = a ^ b
    >>> found = skmi.conditional_mutual_info(a, c, b, estimator="plugin", units="bits")
    >>> round(found, 2)
    1.0
    """
    estimator = get_estimator(estimator)
    require(estimator, {"conditional"}, "conditional_mutual_info")
    return _information(
        estimator,
        units,
        normalize,
        encode_variable(x, discrete_x, "x", "discrete_x"),
        encode_variable(y, discrete_y, "y", "discrete_y"),
        encode_variable(z, discrete_z, "z", "discrete_z"),
    )


def entropy(
    x: Any,
    *,
    estimator: str | Estimator = "plugin",
    discrete: Any = "auto",
    units: str = "nats",
) -> float:
    r"""Estimate the entropy of a variable from its samples.

    :math:`H(X) = -\langle \log p(x) \rangle` is the joint entropy if X has several
    columns [1]_. With `PlugIn`, p is the probability of a level, or of a bin of a
    continuous variable; the value then depends on the bins. Its correction by chance
    does not change entropies. With a density estimator
    such as `KDE`, p is the density of a continuous variable. H is then the differential
    entropy, which depends on the scale and may be negative.

    Parameters
    ----------
    x : array-like of shape (n_samples,) or (n_samples, n_dimensions)
        Numbers or labels, not their probabilities. x is not modified.
    estimator : str or Estimator, default="plugin"
        Estimator, by name or as an object of `skmi.estimators` with parameters.
    discrete : "auto", bool or array-like, default="auto"
        Whether the variable is discrete. With "auto", it is discrete if its dtype is
        bool, category, string or object, and numbers are continuous. For a variable of
        several dimensions, a mask, indices or names of the discrete ones also work.
    units : {"nats", "bits", "hartleys"}, default="nats"
        Unit of the result.

    Returns
    -------
    float
        The estimate.

    Raises
    ------
    ValueError
        If a value is missing or infinite, a parameter is not valid, or the estimator
        has no entropies.

    See Also
    --------
    skmi.measures.entropy : The entropy of probabilities or counts.

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
    require(estimator, {"entropy"}, "entropy")
    columns = encode_variable(x, discrete, "x", "discrete")
    if columns.n_columns > 1:
        require(estimator, {"join"}, "x with several columns")
    return float(Variable(estimator, columns).entropy * UNITS_PER_NAT[units])


def mutual_info_matrix(
    X: Any,
    *,
    estimator: str | Estimator = "ksg",
    discrete_features: Any = "auto",
    units: str = "nats",
    normalize: str | None = None,
    n_jobs: int | None = None,
) -> NDArray[np.float64]:
    r"""Estimate the mutual information of all pairs of columns of a table.

    Each column is prepared once, and each pair is estimated once. Redundant features
    have large values off the diagonal. With ``normalize="correlation"``, the matrix is
    comparable with that of Pearson's :math:`|r|`.

    Parameters
    ----------
    X : {array-like, DataFrame} of shape (n_samples, n_features)
        Features. X is not modified.
    estimator : str or Estimator, default="ksg"
        Estimator, by name or as an object of `skmi.estimators` with parameters.
    discrete_features : "auto", bool or array-like, default="auto"
        Which features are discrete: True (all), False (none), or a mask, indices or
        names. Columns that are not numeric cannot be continuous. With "auto", columns
        of dtype bool, category, string or object are discrete, and numeric columns are
        continuous.
    units : {"nats", "bits", "hartleys"}, default="nats"
        Unit of the result. Ignored if the result is normalised.
    normalize : {None, "correlation", "symmetric", "min", "sqrt"}, default=None
        How to normalise each value, as in `mutual_info`. The last three need discrete
        columns, or `PlugIn`, which bins continuous columns.
    n_jobs : int or None, default=None
        Number of jobs. They are threads unless another joblib backend is active. The
        result does not depend on `n_jobs`.

    Returns
    -------
    ndarray of shape (n_features, n_features)
        A matrix that is exactly symmetric. Values are not clipped, so they may be
        negative if the information is 0. The diagonal contains estimates of I(x; x).
        For a discrete or binned column, this is the entropy, less the information
        expected by chance if the estimator subtracts it. For a continuous column,
        I(x; x) is infinite, but its estimate is finite and depends on the estimator.

    Raises
    ------
    ValueError
        If a value is missing or infinite, a parameter is not valid, or `normalize`
        needs the entropy of a continuous column.

    See Also
    --------
    mutual_info : One pair.

    Examples
    --------
    >>> import skmi
    >>> from sklearn.datasets import load_iris
    >>> X = load_iris().data
    >>> skmi.mutual_info_matrix(X, estimator="plugin", normalize="symmetric").round(2)
    array([[1.  , 0.14, 0.44, 0.41],
           [0.14, 1.  , 0.22, 0.23],
           [0.44, 0.22, 1.  , 0.78],
           [0.41, 0.23, 0.78, 1.  ]])
    """
    _check_choices(units, normalize)
    estimator = get_estimator(estimator)
    columns = encode_features(read_table(X), discrete_features)
    if normalize in _DENOMINATORS:
        _check_entropies(estimator, columns, normalize)
    nats = estimate_matrix(estimator, columns, n_jobs)

    def bounds() -> tuple[Any, Any, Any]:
        chance = estimate_matrix(estimator, columns, n_jobs, by_chance=True)
        entropies = nats.diagonal() + chance.diagonal()
        return entropies[:, None], entropies, chance

    matrix: NDArray[np.float64] = _rescale(nats, units, normalize, bounds)
    return matrix


def _information(
    estimator: Estimator,
    units: str,
    normalize: str | None,
    x: Columns,
    y: Columns,
    *given: Columns,
) -> float:
    """Estimate I(x; y), or I(x; y | given)."""
    _check_choices(units, normalize)
    for columns in (y, *given):
        check_lengths(x, columns)
    for columns in (x, y, *given):
        if normalize in _DENOMINATORS:
            _check_entropies(estimator, columns, normalize)
        if columns.n_columns > 1:
            require(estimator, {"join"}, f"{columns.name} with several columns")
    x_variable, y_variable, *z_variable = (
        Variable(estimator, columns) for columns in (x, y, *given)
    )
    nats = x_variable.information(y_variable, *z_variable)

    def bounds() -> tuple[float, float, float]:
        x_entropy, y_entropy = (
            each.information(each, *z_variable) + each.by_chance(each, *z_variable)
            for each in (x_variable, y_variable)
        )
        return x_entropy, y_entropy, x_variable.by_chance(y_variable, *z_variable)

    return float(_rescale(nats, units, normalize, bounds))


def _rescale(
    nats: Any,
    units: str,
    normalize: str | None,
    bounds: Callable[[], tuple[Any, Any, Any]],
) -> Any:
    """Convert or normalise information.

    `bounds` returns H(x), H(y), and what the information leaves out because it is
    expected by chance.
    """
    if normalize is None:
        return nats * UNITS_PER_NAT[units]
    if normalize == "correlation":
        return to_correlation(nats)
    x, y, chance = bounds()
    denominator = _DENOMINATORS[normalize](x, y)
    # less chance, in a form that is exactly the information of a variable with itself
    above = nats + (denominator - (nats + chance))
    denominator = np.where(chance == 0, denominator, above)
    fraction = nats / np.maximum(denominator, _MIN_DENOMINATOR)
    return np.where(denominator > _MIN_DENOMINATOR, fraction, 0)


def _check_choices(units: str, normalize: str | None = None) -> None:
    if not (isinstance(units, str) and units in UNITS_PER_NAT):
        raise ValueError(
            f"units={units!r} is not valid; give one of {list(UNITS_PER_NAT)}."
        )
    if not (isinstance(normalize, str | None) and normalize in _NORMALIZE):
        raise ValueError(
            f"normalize={normalize!r} is not valid; give one of {list(_NORMALIZE)}."
        )


def _check_entropies(estimator: Estimator, columns: Columns, normalize: str) -> None:
    """Raise ValueError if no entropy bounds the information of a column."""
    if serves(estimator, {"entropy_bound"}):
        return
    for column in np.flatnonzero(~columns.discrete).tolist():
        require(
            estimator,
            {"entropy_bound"},
            f"normalize={normalize!r} with {name_of(columns, column)}, which is "
            "continuous,",
            "normalize='correlation'",
        )
