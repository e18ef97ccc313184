"""Test whether two variables are independent, perhaps given a third one."""

from numbers import Integral
from typing import Any, NamedTuple

import numpy as np
from sklearn.utils import check_random_state

from skmi._data.columns import Columns, check_lengths
from skmi._data.encoding import encode_variable
from skmi._estimation.exchange import EXCHANGE_CONSTRAINT, check_exchange
from skmi._estimation.joint_scales import compare_joint_scales, exchange_near
from skmi._estimation.scales import SCALES, compare_scales
from skmi._estimation.variables import Variable
from skmi._utils.sklearn import Interval, validate_params
from skmi.estimators import Estimator, get_estimator, require

__all__ = ["IndependenceTest", "independence_test"]

# Fewer samples have too few permutations.
_MIN_SAMPLES = 5

_FIRST = np.zeros(1, dtype=np.intp)


class IndependenceTest(NamedTuple):
    """The result of `independence_test`."""

    statistic: float
    pvalue: float
    information: float
    scale: str


@validate_params(
    {
        "n_permutations": [Interval(Integral, 1, None, closed="left")],
        "n_near": [Interval(Integral, 2, None, closed="left")],
        "exchange": EXCHANGE_CONSTRAINT,
        "random_state": ["random_state"],
    },
    prefer_skip_nested_validation=True,
)
def independence_test(
    x: Any,
    y: Any,
    given: Any = None,
    *,
    estimator: str | Estimator = "ksg",
    discrete_x: Any = "auto",
    discrete_y: Any = "auto",
    discrete_given: Any = "auto",
    n_permutations: int = 999,
    n_near: int = 5,
    exchange: str | int = "rows",
    groups: Any = None,
    random_state: Any = None,
) -> IndependenceTest:
    r"""Test whether two variables are independent, by permutations, at several scales.

    How much information there is and whether there is any are two questions. An
    estimate of the information that is precise for strong dependence needs few
    neighbours or many bins, and then has little power to detect weak dependence. This
    test therefore does not use the estimate. Its statistic is the largest of three,
    each of which is powerful at one scale.

    Parameters
    ----------
    x, y : array-like of shape (n_samples,) or (n_samples, n_dimensions)
        Numbers or labels, which are not modified. A table, such as a DataFrame, is one
        variable of several dimensions.
    given : array-like of shape (n_samples,) or (n_samples, n_dimensions), default=None
        A variable to condition on. The test is then whether x and y are independent
        given this variable.
    estimator : str or Estimator, default="ksg"
        Estimator of the information that is returned, by name or as an object of
        `skmi.estimators`. The p-value does not depend on it.
    discrete_x, discrete_y, discrete_given : "auto", bool or array-like, default="auto"
        Whether the variable is discrete. With "auto", it is discrete if its dtype is
        bool, category, string or object, and numbers are continuous. For a variable of
        several dimensions, a mask, indices or names of the discrete ones also work.
    n_permutations : int, default=999
        Number of permutations of y.
    n_near : int, default=5
        If a column of `given` is continuous, a permutation gives each sample the y of
        one of so many samples that are nearest to it in `given`. These include the
        sample itself.
    exchange : {"rows", "within_groups", "groups"} or int, default="rows"
        What a permutation exchanges, if the rows depend on each other. See
        :doc:`/independence`. With `given`, only "rows" is possible.
    groups : array-like of shape (n_samples,), default=None
        Group of each row, as a label of any type, if `exchange` is "groups" or
        "within_groups".
    random_state : int, RandomState instance or None, default=None
        Seed of the permutations.

    Returns
    -------
    IndependenceTest
        A named tuple.

        * ``statistic``: the largest of the normal scores of the scales, with a head
          start of .3 for the coarse scale and .1 for the middle scale.
        * ``pvalue``: the probability of a statistic at least as large if the variables
          are independent. With 100 or more permutations, a fitted tail gives p-values
          below 1 / n_permutations, as in `MIScorer`.
        * ``information``: the estimate of :math:`I(X; Y)`, or of the information given
          the third variable, in nats and not clipped.
        * ``scale``: "coarse", "middle" or "fine": of the scales whose own p-value is
          the smallest, the coarsest. It is "levels" for discrete variables.

    Raises
    ------
    ValueError
        If the lengths differ, a value is missing or infinite, a parameter is not valid,
        `groups` does not fit to `exchange`, `given` is combined with another `exchange`
        than "rows", or columns of one variable determine each other.

    See Also
    --------
    MIScorer : The same test for all features of a table.
    mutual_info, conditional_mutual_info : The estimate alone.

    Notes
    -----
    **A pair with a continuous variable**, in terms of ranks u and v from 0 to 1:

    * coarse: the squared correlation of the normal scores of both, or the variance of
      normal scores between classes. It has nearly the power of Pearson's r, and sees
      trends.
    * middle: :math:`\sum_{j,k=1}^{8} .7^{j+k} c_{jk}^2`, where :math:`c_{jk}` is the
      mean of :math:`2 \cos(\pi j u) \cos(\pi k v)`. These are the coefficients of the
      density of (u, v), so this is the information of a smoothed density in second
      order [1]_. For classes, the sum runs over the variances between classes of
      :math:`.7^{j/2} \sqrt{2} \cos(\pi j u)`. It sees curves, clusters and circles.
    * fine: a variant of the coefficient :math:`\xi` of Chatterjee [2]_ with
      :math:`\sqrt{n} / 4` neighbours, but at most 25, instead of one [3]_, in the
      direction in which it is larger. It compares each sample with those next along the
      other variable, and sees oscillations.

    **Discrete variables** have one statistic, the information of the frequencies, which
    is that of the G test.

    **Variables of several dimensions, and conditional tests**, use estimates as
    statistics: `GaussianCopula`, and `KSG` with :math:`n^{3/4} / 4` and with 4
    neighbours. With n = 1,000 and the default number of permutations, such a test takes
    some seconds.

    Each statistic is converted to a normal score, by the mean, variance and skewness of
    its permutations. The largest is compared with the largest of each permutation, so
    p-values down to 1 / (1 + n_permutations) are exact. If x or y is constant, the
    p-value is 1. For a conditional test, y is permuted within the levels of a
    discrete `given`, which is exact too, or among the nearest neighbours of a
    continuous one [4]_, which is exact only if y hardly depends on `given` within the
    neighbourhood.

    References
    ----------
    .. [1] W. C. M. Kallenberg and T. Ledwina, Data-driven rank tests for independence,
       J. Am. Stat. Assoc. 94, 285 (1999).
    .. [2] S. Chatterjee, A new coefficient of correlation, J. Am. Stat. Assoc. 116,
       2009 (2021).
    .. [3] Z. Lin and F. Han, On boosting the power of Chatterjee's rank correlation,
       Biometrika 110, 283 (2023).
    .. [4] J. Runge, Conditional independence testing based on a nearest-neighbor
       estimator of conditional mutual information, AISTATS 2018.

    Examples
    --------
    >>> import numpy as np
    >>> from skmi import independence_test
    >>> rng = np.random.default_rng(0)
    >>> x = rng.uniform(-1, 1, 200)
    >>> y = x**2 + rng.standard_normal(200) / 2
    >>> found = independence_test(x, y, random_state=0)
    >>> found.pvalue < 1e-4, found.scale
    (True, 'middle')

    Two effects of a common cause depend on each other, but not given the cause.

    >>> cause = rng.standard_normal(300)
    >>> x, y = cause + rng.standard_normal((2, 300))
    >>> independence_test(x, y, n_permutations=99, random_state=0).pvalue <= 0.01
    True
    >>> found = independence_test(x, y, cause, n_permutations=99, random_state=0)
    >>> found.pvalue > 0.05
    True
    """
    estimator = get_estimator(estimator)
    columns = [
        encode_variable(each, discrete, name, f"discrete_{name}")
        for each, discrete, name in (
            (x, discrete_x, "x"),
            (y, discrete_y, "y"),
            (given, discrete_given, "given"),
        )
        if each is not None or name != "given"
    ]
    for each in columns[1:]:
        check_lengths(columns[0], each)
    recoded = [each.recode(np.arange(each.n_columns)) for each in columns]
    n_samples = columns[0].n_samples
    if n_samples < _MIN_SAMPLES:
        raise ValueError(
            f"x has {n_samples} samples; a test needs at least {_MIN_SAMPLES}."
        )
    information = _estimate(estimator, recoded)
    seed = check_random_state(random_state).randint(2**31 - 1)
    one, other, *third = recoded
    if given is not None:
        if exchange != "rows" or groups is not None:
            raise ValueError(
                "given determines what a permutation exchanges; set exchange='rows', "
                "and leave out groups."
            )
        exchanged = exchange_near(third[0], n_near, seed)
    else:
        exchanged = check_exchange(exchange, groups, n_samples)
        exchanged.check_target(other)
    if given is None and one.n_columns == other.n_columns == 1:
        test = compare_scales(one, _FIRST, other, n_permutations, seed, exchanged)
    else:
        test = compare_joint_scales(one, other, third, n_permutations, seed, exchanged)
    all_discrete = all(each.discrete.all() for each in columns)
    return IndependenceTest(
        statistic=float(test.statistic[0]),
        pvalue=max(float(test.pvalue[0]), 1 / exchanged.n_distinct),
        information=information,
        scale="levels" if all_discrete else SCALES[test.scale[0]],
    )


def _estimate(estimator: Estimator, columns: list[Columns]) -> float:
    """Return the information of the first two variables, given the third if any."""
    needed = {"conditional"} if len(columns) > 2 else set()
    if any(each.n_columns > 1 for each in columns):
        needed.add("join")
    require(estimator, needed, "independence_test")
    one, other, *third = (Variable(estimator, each) for each in columns)
    return one.information(other, *third)
