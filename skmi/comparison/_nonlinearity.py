"""A test of whether a linear relation plus noise explains the mutual information."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from skmi._data.columns import Columns
from skmi._estimation.permutation import Exchange, permutation_pvalues
from skmi._estimation.variables import Variable
from skmi.comparison._correlation import (
    ROUNDING,
    Rows,
    as_rows,
    count_levels,
    fit_line,
    fit_means,
    to_unit,
)
from skmi.estimators import Estimator

__all__ = ["nonlinearity_pvalue"]

# The standard deviation of the added noise, in standard errors of the fit.
_NOISE = 2
# Most values of permuted residuals in memory at a time.
_KEPT_VALUES = 2**20
# Streams of random numbers: [seed, stream, 1 + number].
_NOISE_STREAM, _RESIDUAL_STREAM = 0, 1


class _LinearModel:
    """A fit of v by u, and residuals that can be permuted.

    The fit is a line, or the class means if u is discrete.
    """

    def __init__(self, v: Columns, u: Columns, seed: int):
        rng = np.random.default_rng([seed, _NOISE_STREAM, 1])
        untied = _spread_ties(as_rows(v)[0], rng)[None]
        u_rows = as_rows(u)
        self._regress: Callable[[Rows, Rows], Rows] = fit_line
        self._u, n_parameters = to_unit(u_rows), 2
        if u.discrete[0]:
            self._regress = fit_means
            self._u, n_parameters = u_rows, int(count_levels(u_rows)[0])
        self._v = to_unit(untied)
        self._scale = np.ptp(untied) / np.ptp(self._v)
        self._fit_v()
        self.is_exact = self._residual_square < ROUNDING
        error = np.sqrt(self._residual_square * n_parameters) / self._v.size
        self._v += _NOISE * error * rng.standard_normal(self._v.shape)
        self._v -= self._v.mean()
        self._fit_v()

    def _fit_v(self) -> None:
        self._fit = self._regress(self._u, self._v)
        self._residuals = self._v - self._fit
        self._residual_square = (self._residuals**2).sum()

    def permute(self, orders: NDArray[np.intp]) -> Columns:
        """Return v, and for each order v with its residuals in that order.

        The permuted residuals are made orthogonal to the fit and as long as the
        original ones, so that all columns have the same correlation with u.
        """
        rows = self._residuals[0][orders]
        rows -= self._regress(self._u, rows)
        squares = np.maximum(
            (rows * rows).sum(axis=1), ROUNDING * self._residual_square
        )
        rows *= np.sqrt(self._residual_square / squares)[:, None]
        rows = np.concatenate([self._v, self._fit + rows]) * self._scale
        return Columns(rows.T, np.zeros(len(rows), dtype=bool))


def _spread_ties(row: NDArray[np.float64], rng: np.random.Generator) -> Rows:
    """If values repeat, spread each uniformly, up to halfway to its neighbours."""
    values, places = np.unique(row, return_inverse=True)
    if len(values) in (1, len(row)):
        return row
    steps = np.diff(values)
    below, above = np.append(steps[0], steps), np.append(steps, steps[-1])
    shift = rng.uniform(-1, 1, len(row))
    spread: Rows = row + np.where(shift < 0, below[places], above[places]) * shift / 2
    return spread


def nonlinearity_pvalue(
    estimator: Estimator,
    v: Columns,
    u: Columns,
    n_permutations: int,
    seed: int,
    exchange: Exchange,
) -> float:
    """Test whether v and u share more information than a linear relation plus noise.

    Parameters
    ----------
    estimator : Estimator
    v, u : Columns
        An array of one column each; v is continuous.
    n_permutations, seed : int
    exchange : Exchange

    Returns
    -------
    float
        p-value by permutation of the residuals; 1 if the fit is exact.
    """
    model, target = _LinearModel(v, u, seed), Variable(estimator, u).target
    if model.is_exact:
        return 1.0
    batch_size = max(1, _KEPT_VALUES // v.n_samples)
    permuted = []
    for start in range(0, n_permutations, batch_size):
        orders = exchange.orders_together(
            [seed, _RESIDUAL_STREAM, 1 + start],
            min(batch_size, n_permutations - start),
        )
        drawn = model.permute(orders)
        every = np.arange(drawn.n_columns)
        information = estimator.mi(estimator.prepare(drawn, every), every, target)
        permuted.append(information[1:])
    together = np.concatenate(permuted)[None]
    pvalue = float(permutation_pvalues(information[:1], together)[0])
    return max(pvalue, 1 / exchange.n_distinct)
