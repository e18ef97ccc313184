"""Compare mutual information with correlation."""

import warnings
from numbers import Integral, Real
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import false_discovery_control, t
from sklearn.utils import check_random_state

from skmi._data.columns import Columns, check_lengths
from skmi._data.encoding import encode_features, encode_target, read_table
from skmi._estimation.exchange import (
    EXCHANGE_CONSTRAINT,
    Exchange,
    check_exchange,
)
from skmi._estimation.permutation import check_permutations
from skmi._estimation.pvalues import score_by_permutation
from skmi._estimation.variables import Variable
from skmi._utils.messages import ParameterWarning, Setting
from skmi._utils.parallel import split_columns, worker_pool
from skmi._utils.sklearn import Interval, StrOptions, validate_params
from skmi._utils.units import to_correlation
from skmi.comparison._correlation import Rows, correlate
from skmi.comparison._nonlinearity import nonlinearity_pvalue
from skmi.estimators import Estimator, get_estimator

__all__ = ["compare_correlation"]

_MIN_SAMPLES = 10
# A target of whole numbers with more classes is probably continuous.
_MAX_CLASSES = 20
# The stream of random numbers that draws subsamples: [seed, stream, 1 + number].
_SUBSAMPLE_STREAM = 2

_FIRST = np.zeros(1, dtype=np.intp)


@validate_params(
    {
        "test": [StrOptions({"scales", "score"})],
        "exchange": EXCHANGE_CONSTRAINT,
        "alpha": [Interval(Real, 0, 1, closed="neither")],
        "n_permutations": [Interval(Integral, 1, None, closed="left")],
        "n_subsamples": [Interval(Integral, 10, None, closed="left")],
        "random_state": ["random_state"],
    },
    prefer_skip_nested_validation=True,
)
def compare_correlation(
    X: Any,
    y: Any,
    *,
    groups: Any = None,
    estimator: str | Estimator = "ksg",
    discrete_features: Any = "auto",
    discrete_target: str | bool = "auto",
    test: str = "scales",
    exchange: str | int = "rows",
    alpha: float = 0.05,
    n_permutations: int = 199,
    n_subsamples: int = 50,
    random_state: Any = None,
    n_jobs: int | None = None,
) -> pd.DataFrame:
    r"""Compare mutual information with correlation, to find nonlinear dependence.

    The result has one row for each feature. It contains the mutual information with the
    target, the correlations with it, and the gap between the two on the correlation
    scale. If ``nonlinear`` is True, correlations and linear models undervalue the
    feature: plot it, transform it, or use a nonlinear model.

    Parameters
    ----------
    X : {array-like, DataFrame} of shape (n_samples, n_features)
        Features. X is not modified.
    y : array-like of shape (n_samples,)
        Target: numbers or classes.
    groups : array-like of shape (n_samples,), default=None
        Group of each row, as a label of any type, if `exchange` is "groups" or
        "within_groups".
    estimator : str or Estimator, default="ksg"
        Estimator of mutual information, by name or as an object of `skmi.estimators`
        with parameters. "ksg" detects any dependence. "copula" detects only monotone
        dependence, and is fast enough for tens of thousands of features.
    discrete_features : "auto", bool or array-like, default="auto"
        Which features are discrete: True (all), False (none), or a mask, indices or
        names. Columns that are not numeric cannot be continuous. With "auto", columns
        of dtype bool, category, string or object are discrete, and numeric columns are
        continuous.
    discrete_target : "auto" or bool, default="auto"
        Whether the target is discrete. With "auto", it is discrete if its dtype is
        bool, category, string or object, or if it contains whole numbers with at most
        max(20, n_samples / 10) distinct values.
    test : {"scales", "score"}, default="scales"
        The statistic of ``mi_p``. "scales" combines three statistics, which see trends,
        smooth relations and fine structure, and usually has more power than an
        estimate. It does not depend on the estimator. "score" is the estimate. See
        `independence_test`.
    exchange : {"rows", "within_groups", "groups"} or int, default="rows"
        What a permutation exchanges. If rows depend on each other, as in a time series
        or in repeated measurements, the default "rows" gives p-values that are far too
        small, and intervals that are too narrow. "groups" exchanges whole groups of
        rows, such as the rows of a patient; "within_groups" exchanges rows of the same
        group; an int exchanges stretches of so many consecutive rows. See
        :doc:`/independence`. ``pearson_p`` and ``spearman_p`` always assume independent
        rows.
    alpha : float, default=0.05
        False discovery rate of ``nonlinear``. The intervals have confidence 1 - alpha.
    n_permutations : int, default=199
        Number of permutations for ``mi_p`` and ``nonlinear_p``, at least 1 / alpha - 1.
        With 100 or more permutations, a fitted tail gives p-values below
        1 / n_permutations, as in `MIScorer`. They are needed if there are many
        features.
    n_subsamples : int, default=50
        Number of random halves of the samples to estimate the intervals from.
    random_state : int, RandomState instance or None, default=None
        Seed of the permutations and subsamples, which are the same for every feature.
    n_jobs : int or None, default=None
        Number of jobs. They are threads unless another joblib backend is active. The
        result does not depend on `n_jobs`.

    Returns
    -------
    DataFrame of shape (n_features, 16)
        One row for each column of X, in the same order and with the same names.

        * ``mi``: the estimate in nats, not clipped.
        * ``mi_correlation``: :math:`\sqrt{1 - e^{-2 \max(I, 0)}}`, the :math:`|r|` of
          two normal variables with this much information [1]_.
        * ``pearson``: Pearson's r. If the feature or the target is discrete, the
          correlation ratio, which is the square root of the fraction of variance
          between classes [2]_. If both are discrete, Cramér's V.
        * ``spearman``: the same for ranks, and Cramér's V if both are discrete.
        * ``gap``: mi_correlation minus the absolute value of pearson.
        * ``gap_low``, ``gap_high``: confidence interval of the gap. If the interval is
          above 0 but ``nonlinear`` is False, a linear relation with noise that is not
          normal may explain the gap.
        * ``nonlinear``: True if a linear relation plus noise does not explain the gap.
          It is also True if the relation is linear, but the variance or the form of the
          noise changes with the feature. The Benjamini-Hochberg procedure controls the
          false discovery rate over all tested features [3]_. Of the features with True,
          at most a fraction alpha is expected to be linear. If all relations are
          linear, the probability of any True is at most alpha.
        * ``nonlinear_p``, ``nonlinear_p_adjusted``: p-value of the test of linearity,
          before and after the Benjamini-Hochberg procedure. ``nonlinear`` is True if
          the adjusted p-value is at most alpha.
        * ``mi_p``, ``pearson_p``, ``spearman_p``: p-values of tests of independence: a
          permutation test for mi, a t or F test for pearson, and a t or Kruskal-Wallis
          test for spearman. If the feature and the target are discrete, the last two
          are chi-square tests. `exchange` changes mi_p only: the tests for pearson and
          spearman are correct only if rows are independent.
        * ``mi_rank``, ``pearson_rank``, ``spearman_rank``: rank, from 1 for the
          strongest dependence of either sign. Equal values share the lowest rank.

        No value is NaN: a constant feature has estimates of 0 and p-values of 1.

    Raises
    ------
    ValueError
        If a value is missing or infinite, the lengths differ, every label of a discrete
        target is unique, a parameter is not valid, `groups` does not fit to `exchange`
        or to X, there are fewer than 10 samples or too few for the estimator on half of
        them, or the permutations are too few for alpha.

    Warns
    -----
    UserWarning
        If "auto" treats a target of whole numbers as discrete, with more than 20
        classes.

    See Also
    --------
    MIScorer : The scores and their p-values alone.
    mutual_info : One pair; ``normalize="correlation"`` gives mi_correlation.

    Notes
    -----
    **The test.** The null hypothesis of ``nonlinear_p`` is a linear relation plus
    noise, :math:`y = a + b f + e`. The noise e is independent of the feature, and may
    have any distribution. If the feature or the target is discrete, the null hypothesis
    is that its classes only shift the other variable. The relation is fitted by least
    squares, or by class means. The residuals are permuted and added to the fit [4]_,
    which leaves r unchanged. The p-value is the fraction of permutations with at least
    as much information as the data, with a fitted tail as in `MIScorer`. The test has
    power against curves, clusters, and noise whose variance depends on the feature. It
    also has some power against a feature that is a linear function of the target plus
    noise that is not normal, :math:`f = a + b y + e`, because the target is then not
    linear in the feature. The p-value is 1 without a test if both variables are
    discrete, mi_p exceeds alpha, or the gap is not positive.

    The fit is not exact, which shows if a density has edges. For the test only, noise
    with twice the standard error of the fit is therefore added. Values that repeat are
    taken for rounded numbers: each is first replaced by a number up to halfway to the
    next values, drawn as its fit and the residuals of the other samples expect. With
    normal, uniform or heavy-tailed noise, rounded or not, ``nonlinear`` is then True
    for at most about a fraction alpha of linear relations. The fraction is larger if
    noise that is not normal is rounded to very few values, or if its density has an
    edge, as that of exponential noise, and largest with several classes
    (``benchmarks/SELECTION.md``).

    **Dependent rows.** `exchange` determines how residuals are permuted too. The noise
    need not be independent then: its values may be exchanged as `exchange` says.

    **The interval** is that of Student's t distribution. Its standard error is the
    standard deviation of the gap over random halves of the samples, which contain whole
    groups or stretches if `exchange` exchanges them. The gaps of the
    halves vary about their mean as much as the gap of all samples varies about its
    expectation [5]_. A bootstrap would repeat samples, and nearest-neighbour estimators
    mistake repeated samples for information.

    The information about classes is at most their entropy. Therefore, mi_correlation
    stays below 1 (at most .87 for two classes of equal size), and the gap may be
    negative.

    References
    ----------
    .. [1] E. H. Linfoot, An informational measure of correlation, Information and
       Control 1, 85 (1957).
    .. [2] K. Pearson, On the general theory of skew correlation and non-linear
       regression, Drapers' Company Research Memoirs II (1905).
    .. [3] Y. Benjamini and Y. Hochberg, Controlling the false discovery rate, J. R.
       Stat. Soc. B 57, 289 (1995).
    .. [4] D. Freedman and D. Lane, A nonstochastic interpretation of reported
       significance levels, J. Bus. Econ. Stat. 1, 292 (1983).
    .. [5] J. Shao and C. F. J. Wu, A general theory for jackknife variance estimation,
       Ann. Stat. 17, 1176 (1989).

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> import skmi
    >>> rng = np.random.default_rng(1)
    >>> X = pd.DataFrame(
    ...     {"wave": rng.uniform(0, 10, 500), "line": rng.standard_normal(500)}
    ... )
    >>> y = np.sin(X["wave"]) + X["line"] / 2 + 0.3 * rng.standard_normal(500)
    >>> found = skmi.compare_correlation(X, y, random_state=0)
    >>> found[["mi_correlation", "pearson", "gap", "nonlinear"]].round(2)
          mi_correlation  pearson   gap  nonlinear
    wave            0.68    -0.02  0.66       True
    line            0.62     0.60  0.02      False
    """
    estimator = get_estimator(estimator)
    features = encode_features(read_table(X), discrete_features)
    target = encode_target(y, discrete_target)
    check_lengths(features, target)
    _warn_of_many_classes(target, discrete_target)
    _check_n_samples(estimator, features.n_samples)
    exchanged = check_exchange(exchange, groups, features.n_samples)
    exchanged.check_target(target)
    check_permutations(n_permutations, alpha)
    exchanged.check_alpha(alpha)
    seed = check_random_state(random_state).randint(2**31 - 1)
    mi, mi_p = score_by_permutation(
        estimator, features, target, n_permutations, seed, exchanged, test, n_jobs
    )
    y_column = target.recode(_FIRST)
    chunks = split_columns(features.n_columns, features.n_samples, n_jobs)
    with worker_pool(n_jobs) as run:
        results = run(
            _compare_chunk,
            [
                (estimator, features, np.arange(c.start, c.stop), mi[c], mi_p[c],
                 y_column, alpha, n_permutations, n_subsamples, seed, exchanged)
                for c in chunks
            ],
        )  # fmt: skip
    pearson, pearson_p, spearman, spearman_p, gap, nonlinear_p, error = np.concatenate(
        results, axis=1
    )
    margin = t.ppf(1 - alpha / 2, n_subsamples - 1) * error
    testable = ~(features.discrete & target.discrete)
    adjusted_p = np.ones(len(mi))
    adjusted_p[testable] = false_discovery_control(nonlinear_p[testable])
    frame = pd.DataFrame(
        {
            "mi": mi,
            "mi_correlation": to_correlation(mi),
            "pearson": pearson,
            "spearman": spearman,
            "gap": gap,
            "gap_low": np.maximum(gap - margin, -1),
            "gap_high": np.minimum(gap + margin, 1),
            "nonlinear": adjusted_p <= alpha,
            "nonlinear_p": nonlinear_p,
            "nonlinear_p_adjusted": adjusted_p,
            "mi_p": mi_p,
            "pearson_p": pearson_p,
            "spearman_p": spearman_p,
        },
        index=X.columns if isinstance(X, pd.DataFrame) else None,
    )
    for name in ("mi", "pearson", "spearman"):
        strength = frame[name].abs() if name != "mi" else frame["mi"].clip(lower=0)
        ranks = strength.rank(method="min", ascending=False)
        frame[f"{name}_rank"] = ranks.astype(int)
    return frame


def _warn_of_many_classes(target: Columns, discrete_target: str | bool) -> None:
    if discrete_target != "auto" or isinstance(target.source, pd.DataFrame):
        return
    n_classes = len(np.unique(target.source)) if target.discrete[0] else 0
    if n_classes > _MAX_CLASSES:
        warnings.warn(
            ParameterWarning(
                f"y is discrete with {n_classes} classes, so the correlations are "
                "correlation ratios, which grow with the number of classes; if y is "
                "continuous, set ",
                Setting("discrete_target", False),
                ".",
            ),
            stacklevel=3,
        )


def _check_n_samples(estimator: Estimator, n_samples: int) -> None:
    if n_samples < _MIN_SAMPLES:
        raise ValueError(
            f"X has {n_samples} samples; at least {_MIN_SAMPLES} are needed for "
            "estimates on half of the samples."
        )
    try:
        estimator.check(n_samples // 2)
    except ValueError as error:
        raise ValueError(
            f"X has {n_samples} samples, too few for estimates on half of them: {error}"
        ) from error


def _compare_chunk(
    estimator: Estimator,
    features: Columns,
    columns: NDArray[np.intp],
    mi: Rows,
    mi_p: Rows,
    y: Columns,
    alpha: float,
    n_permutations: int,
    n_subsamples: int,
    seed: int,
    exchange: Exchange,
) -> Rows:
    """Return seven rows of numbers, one for each column."""
    X = features.recode(columns)
    pearson, pearson_p = correlate(X, y)
    spearman, spearman_p = correlate(X, y, ranked=True)
    gap = to_correlation(mi) - np.abs(pearson)
    tested = (mi_p <= alpha) & (gap > 0) & ~(X.discrete & y.discrete)
    nonlinear_p = np.ones(len(mi))
    for j in np.flatnonzero(tested).tolist():
        x = X.take(np.array([j]))
        v, u = (x, y) if y.discrete[0] else (y, x)
        nonlinear_p[j] = nonlinearity_pvalue(
            estimator, v, u, n_permutations, seed, exchange
        )
    error = _standard_errors(estimator, X, y, n_subsamples, seed, exchange)
    return np.stack([pearson, pearson_p, spearman, spearman_p, gap, nonlinear_p, error])


def _standard_errors(
    estimator: Estimator,
    X: Columns,
    y: Columns,
    n_subsamples: int,
    seed: int,
    exchange: Exchange,
) -> Rows:
    """Return the standard deviation of every gap over random halves of the samples."""
    every = np.arange(X.n_columns)
    gaps = np.empty((X.n_columns, n_subsamples))
    for i in range(n_subsamples):
        rng = np.random.default_rng([seed, _SUBSAMPLE_STREAM, 1 + i])
        half = exchange.draw_half(rng)
        X_half, y_half = X.reorder(half), y.reorder(half)
        target = Variable(estimator, y_half).target
        mi = estimator.mi(estimator.prepare(X_half, every), every, target)
        gaps[:, i] = to_correlation(mi) - np.abs(correlate(X_half, y_half)[0])
    # along rows, so that the error of a feature does not depend on the others
    errors: Rows = gaps.std(axis=1, ddof=1)
    return errors
