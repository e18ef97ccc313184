"""What a correlation misses: information beside it, feature by feature."""

import warnings
from numbers import Integral, Real
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import false_discovery_control, t
from sklearn.utils import check_random_state

from skmi._columns import (
    Columns,
    check_lengths,
    encode_features,
    encode_target,
    read_table,
)
from skmi._correlation import (
    ROUNDING,
    correlate,
    count_levels,
    fit_line,
    fit_means,
    to_unit,
)
from skmi._information import Variable, to_correlation
from skmi._parallel import chunk_columns, worker_pool
from skmi._significance import check_permutations, permutation_pvalues, rank_among
from skmi._sklearn import Interval, validate_params
from skmi.estimators import Estimator, get_estimator

__all__ = ["compare_correlation"]

_Rows = NDArray[np.float64]

_FEWEST_SAMPLES = 10
_MANY_CLASSES = 20
# How many times the error of a fit the noise is that hides it.
_BLUR = 2
# Values of permuted residuals that are held at a time.
_HELD_VALUES = 2**20
# Streams of random numbers, beside [seed, i] of `permutation_pvalues`: [seed, stream,
# 1 + i], as zeros at the end count for nothing.
_BLURRING, _RESIDUALS, _SUBSAMPLES = range(3)

_FIRST = np.zeros(1, dtype=np.intp)


@validate_params(
    {
        "alpha": [Interval(Real, 0, 1, closed="neither")],
        "n_permutations": [Interval(Integral, 1, None, closed="left")],
        "n_subsamples": [Interval(Integral, 10, None, closed="left")],
        "random_state": ["random_state"],
    },
    prefer_skip_nested_validation=True,
)
def compare_correlation(
    X,
    y,
    *,
    estimator: str | Estimator = "ksg",
    discrete_features="auto",
    discrete_target="auto",
    alpha: float = 0.05,
    n_permutations: int = 199,
    n_subsamples: int = 50,
    random_state=None,
    n_jobs: int | None = None,
) -> pd.DataFrame:
    r"""Compare mutual information with correlation: what did Pearson miss?

    One row a feature: how much it tells of the target, what its correlation shows of
    that, and whether the gap between the two is more than chance. A feature with
    ``nonlinear`` is one that a table of correlations, or a linear model, undervalues:
    plot it, transform it, or take a model that bends.

    Parameters
    ----------
    X : {array-like, DataFrame} of shape (n_samples, n_features)
        Features. Never written to.
    y : array-like of shape (n_samples,)
        Target: numbers or classes.
    estimator : str or Estimator, default="ksg"
        How to estimate information: a name, or an object of `skmi.estimators`, which
        sets its parameters. "ksg" sees any dependence; "copula" only bends that are
        increasing or decreasing, and is the one for tens of thousands of features.
    discrete_features : "auto", bool or array-like, default="auto"
        Which features are discrete: all or none, a mask, indices or names (columns that
        are not numeric need not be listed). "auto": columns of dtype bool, category,
        string or object; numbers are continuous.
    discrete_target : "auto" or bool, default="auto"
        Whether the target is discrete. "auto": if it is bool, category, string or
        object, or of whole numbers with at most max(20, n_samples / 10) distinct ones.
    alpha : float, default=0.05
        Level of the flags; the intervals are of confidence 1 - alpha.
    n_permutations : int, default=199
        Permutations behind ``mi_p`` and ``nonlinear_p``: 1 / alpha - 1 at least. From
        100 on, p-values below 1 / n_permutations are told apart by a fitted tail, as in
        `MIScorer`, which many features need.
    n_subsamples : int, default=50
        Halves of the samples behind the intervals.
    random_state : int, RandomState instance or None, default=None
        Seed of permutations and halves, which are the same for every feature.
    n_jobs : int or None, default=None
        Number of jobs, in threads unless another joblib backend is chosen. The result
        does not depend on it.

    Returns
    -------
    DataFrame of shape (n_features, 16)
        In the order of X, and by the names of its columns, if it has any.

        * ``mi``: the estimate in nats, not clipped.
        * ``mi_correlation``: :math:`\sqrt{1 - e^{-2 \max(I, 0)}}`, the :math:`|r|` of
          two normal variables with that much information [1]_.
        * ``pearson``: r; with classes on one side, the correlation ratio, the root of
          the share of the variance between them [2]_; with classes on both, Cramér's V.
        * ``spearman``: the same of ranks; V again, if both are classes.
        * ``gap``: mi_correlation less the absolute value of pearson.
        * ``gap_low``, ``gap_high``: its confidence interval. Above 0 without a flag, a
          line in noise that is not normal may be all there is.
        * ``nonlinear``: whether the gap is significant, by the procedure of Benjamini
          and Hochberg over all features with a test [3]_: at most a share alpha of the
          flags is expected to be wrong, and if every relation is a line, some flag is
          up in at most alpha of the tables.
        * ``nonlinear_p``, ``nonlinear_p_adjusted``: p-value of the gap, and what that
          procedure makes of it: the flag is up where it is at most alpha.
        * ``mi_p``, ``pearson_p``, ``spearman_p``: how probable so strong a dependence
          is where there is none: by permutation; by t or F test; by t, Kruskal and
          Wallis's test; chi-square, if both are classes.
        * ``mi_rank``, ``pearson_rank``, ``spearman_rank``: 1 is the strongest, of
          whatever sign; equal ones share the least rank.

        Nothing is NaN: a constant feature has 0 throughout, and p-values of 1.

    Raises
    ------
    ValueError
        If a value is missing or infinite, the lengths differ, every label of a class
        target is unique, a parameter is not known, samples are fewer than 10 or too few
        for the estimator on half of them, or permutations too few for alpha.

    Warns
    -----
    UserWarning
        If a target of whole numbers is taken for more than 20 classes.

    See Also
    --------
    MIScorer : The scores and their p-values alone.
    mutual_info : One pair; ``normalize="correlation"`` is the scale of mi_correlation.

    Notes
    -----
    ``nonlinear_p`` asks whether the relation is a line and noise that does not depend
    on the feature, :math:`y = a + b f + e`, whatever the distribution of e; with
    classes on one side, whether they shift the other side and do no more. Residuals of
    the fit, by least squares or by means, are permuted and added to it [4]_, such that
    r stays what it is, and p is how often they have as much information as the data,
    continued by a tail as in `MIScorer`. So curves are found, clusters, and noise that
    grows with the feature; and in part a feature that is the target and noise that is
    not normal, :math:`f = a + b y + e`, from which the target is no line. p is 1
    without a test where both sides are classes, mi_p is above alpha, or the gap is not
    above 0.

    The fit is not exact, which a density with edges or atoms would tell. So, for the
    test alone, tied values are spread over half the way to the next ones, and noise is
    added of twice the standard error of the fit. A line in noise that is normal,
    uniform or of heavy tails then has its flag up in about alpha of the cases or less;
    in noise with an edge, such as exponential, in more, the most with several classes
    (``benchmarks/SELECTION.md``).

    The interval is Student's, and the standard error that of estimates on random halves
    of the samples, which vary about their mean as the estimate about its own [5]_: a
    bootstrap would repeat rows, and nearest neighbours take that for information.

    Of classes, information is at most their entropy, so that mi_correlation stays
    below 1 (.87 for two of even size), and the gap may be below 0.

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
    line            0.63     0.60  0.02      False
    """
    estimator = get_estimator(estimator)
    table = encode_features(read_table(X), discrete_features)
    target = encode_target(y, discrete_target)
    check_lengths(table, target)
    _warn_of_many_classes(target, discrete_target)
    _check_enough(estimator, table.n_samples, alpha, n_permutations)
    seed = check_random_state(random_state).randint(2**31 - 1)
    mi, mi_p = permutation_pvalues(
        estimator, table, target, n_permutations, seed, n_jobs
    )
    of_y = target.recode(_FIRST)
    chunks = chunk_columns(table.n_columns, table.n_samples, n_jobs)
    with worker_pool(n_jobs) as run:
        parts = run(
            _compare,
            [
                (estimator, table, np.arange(c.start, c.stop), mi[c], mi_p[c], of_y,
                 alpha, n_permutations, n_subsamples, seed)
                for c in chunks
            ],
        )  # fmt: skip
    r, r_p, rank_r, rank_p, gap, nonlinear_p, spread = np.concatenate(parts, axis=1)
    margin = t.ppf(1 - alpha / 2, n_subsamples - 1) * spread
    testable = ~(table.discrete & target.discrete)
    adjusted_p = np.ones(len(mi))
    adjusted_p[testable] = false_discovery_control(nonlinear_p[testable])
    frame = pd.DataFrame(
        {
            "mi": mi,
            "mi_correlation": to_correlation(mi),
            "pearson": r,
            "spearman": rank_r,
            "gap": gap,
            "gap_low": np.maximum(gap - margin, -1),
            "gap_high": np.minimum(gap + margin, 1),
            "nonlinear": adjusted_p <= alpha,
            "nonlinear_p": nonlinear_p,
            "nonlinear_p_adjusted": adjusted_p,
            "mi_p": mi_p,
            "pearson_p": r_p,
            "spearman_p": rank_p,
        },
        index=X.columns if isinstance(X, pd.DataFrame) else None,
    )
    for name in ("mi", "pearson", "spearman"):
        rank = frame[name].abs() if name != "mi" else frame["mi"].clip(lower=0)
        frame[f"{name}_rank"] = rank.rank(method="min", ascending=False).astype(int)
    return frame


def _warn_of_many_classes(target: Columns, discrete_target: str | bool) -> None:
    """Warn if numbers are taken for more classes than one would name."""
    if discrete_target != "auto" or isinstance(target.source, pd.DataFrame):
        return
    n_classes = len(np.unique(target.source)) if target.discrete[0] else 0
    if n_classes > _MANY_CLASSES:
        warnings.warn(
            f"y is taken for {n_classes} classes, so that correlations are ratios, "
            "which grow with their number; if it is a number, pass "
            "discrete_target=False.",
            UserWarning,
            stacklevel=3,
        )


def _check_enough(
    estimator: Estimator, n_samples: int, alpha: float, n_permutations: int
) -> None:
    check_permutations(n_permutations, alpha)
    if n_samples < _FEWEST_SAMPLES:
        raise ValueError(
            f"X has {n_samples} samples; at least {_FEWEST_SAMPLES} are needed to "
            "compare estimates with those on half of the samples."
        )
    try:
        estimator.check(n_samples // 2)
    except ValueError as error:
        raise ValueError(
            f"X has {n_samples} samples, too few for estimates on half of them: {error}"
        ) from error


def _rows(columns: Columns) -> _Rows:
    """Columns of an array as rows, each summed in one order whatever stands beside."""
    return np.ascontiguousarray(columns.source.T)


def _correlate(X: Columns, y: Columns, *, ranked: bool = False) -> tuple[_Rows, _Rows]:
    return correlate(_rows(X), X.discrete, _rows(y), y.discrete[0], ranked=ranked)


def _information(estimator: Estimator, X: Columns, target: Any) -> _Rows:
    every = np.arange(X.n_columns)
    return estimator.mi(estimator.prepare(X, every), every, target)


def _compare(
    estimator: Estimator,
    table: Columns,
    which: NDArray[np.intp],
    mi: _Rows,
    mi_p: _Rows,
    y: Columns,
    alpha: float,
    n_permutations: int,
    n_subsamples: int,
    seed: int,
) -> _Rows:
    """Seven numbers of every column, one in a row."""
    X = table.recode(which)
    r, r_p = _correlate(X, y)
    rank_r, rank_p = _correlate(X, y, ranked=True)
    gap = to_correlation(mi) - np.abs(r)
    tested = (mi_p <= alpha) & (gap > 0) & ~(X.discrete & y.discrete)
    nonlinear_p = np.ones(len(mi))
    for j in np.flatnonzero(tested).tolist():
        x = X.take(np.array([j]))
        pair = (x, y) if y.discrete[0] else (y, x)
        nonlinear_p[j] = _test_gap(estimator, *pair, n_permutations, seed)
    spread = _spread_of_gaps(estimator, X, y, n_subsamples, seed)
    return np.stack([r, r_p, rank_r, rank_p, gap, nonlinear_p, spread])


# --- is the gap more than chance?


class _Null:
    """v as its fit by u and residuals, which come in any order."""

    def __init__(self, v: Columns, u: Columns, seed: int):
        rng = np.random.default_rng([seed, _BLURRING, 1])
        spread = _spread_ties(_rows(v)[0], rng)[None]
        by_means, of_u = u.discrete[0], _rows(u)
        self._regress = fit_means if by_means else fit_line
        self._u = of_u if by_means else to_unit(of_u)
        n_fitted = count_levels(of_u)[0] if by_means else 2
        self._v = to_unit(spread)
        self._scale = np.ptp(spread) / np.ptp(self._v)
        self._fit_again()
        self.is_exact = self._square < ROUNDING
        error = np.sqrt(self._square * n_fitted) / self._v.size
        self._v += _BLUR * error * rng.standard_normal(self._v.shape)
        self._v -= self._v.mean()
        self._fit_again()

    def _fit_again(self) -> None:
        self._fit = self._regress(self._u, self._v)
        self._residual = self._v - self._fit
        self._square = (self._residual**2).sum()

    def draw(self, orders: NDArray[np.intp]) -> Columns:
        """v, and v had its residuals come in other orders, of the same correlation."""
        rows = self._residual[0][orders]
        rows -= self._regress(self._u, rows)
        square = np.maximum((rows * rows).sum(axis=1), ROUNDING * self._square)
        rows *= np.sqrt(self._square / square)[:, None]
        rows = np.concatenate([self._v, self._fit + rows]) * self._scale
        return Columns(rows.T, np.zeros(len(rows), dtype=bool))


def _spread_ties(row: NDArray, rng: np.random.Generator) -> NDArray:
    """Spread values evenly half way to the next ones, if any are equal."""
    values, place = np.unique(row, return_inverse=True)
    if len(values) in (1, len(row)):
        return row
    steps = np.diff(values)
    below, above = np.append(steps[0], steps), np.append(steps, steps[-1])
    shift = rng.uniform(-1, 1, len(row))
    return row + np.where(shift < 0, below[place], above[place]) * shift / 2


def _test_gap(
    estimator: Estimator, v: Columns, u: Columns, n_permutations: int, seed: int
) -> float:
    """How often a v that u shifts, and no more, has as much information."""
    null, target = _Null(v, u, seed), Variable(estimator, u).target
    if null.is_exact:
        return 1.0
    n_samples = v.n_samples
    n_held = max(1, _HELD_VALUES // n_samples)
    permuted = []
    for start in range(0, n_permutations, n_held):
        rng = np.random.default_rng([seed, _RESIDUALS, 1 + start])
        in_order = np.tile(
            np.arange(n_samples), (min(n_held, n_permutations - start), 1)
        )
        drawn = null.draw(rng.permuted(in_order, axis=1))
        mi = _information(estimator, drawn, target)
        permuted.append(mi[1:])
    return float(rank_among(mi[:1], np.concatenate(permuted)[None])[0])


# --- how much does the gap vary?


def _spread_of_gaps(
    estimator: Estimator, X: Columns, y: Columns, n_subsamples: int, seed: int
) -> _Rows:
    """Standard error of every gap: that among halves of the samples."""
    n_samples = X.n_samples
    gaps = np.empty((n_subsamples, X.n_columns))
    for i in range(n_subsamples):
        rng = np.random.default_rng([seed, _SUBSAMPLES, 1 + i])
        half = np.sort(rng.permutation(n_samples)[: n_samples // 2])
        some, of_y = X.reorder(half), y.reorder(half)
        mi = _information(estimator, some, Variable(estimator, of_y).target)
        gaps[i] = to_correlation(mi) - np.abs(_correlate(some, of_y)[0])
    return gaps.std(axis=0, ddof=1)
