"""A test of whether a linear relation plus noise explains the mutual information."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from skmi._data.columns import Columns
from skmi._estimation.exchange import Exchange
from skmi._estimation.permutation import permutation_pvalues
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
# How often values before rounding are drawn; their distribution is then stable.
_N_DRAWS = 4
# Most values of permuted residuals in memory at a time.
_KEPT_VALUES = 2**20
# Streams of random numbers: [seed, stream, 1 + number].
_NOISE_STREAM, _RESIDUAL_STREAM = 0, 1


class _LinearModel:
    """A fit of v by u, and residuals that can be permuted.

    The fit is a line, or the class means if u is discrete. If v has ties, the model
    describes the values that v had before they were rounded.
    """

    def __init__(self, v: Columns, u: Columns, seed: int):
        rng = np.random.default_rng([seed, _NOISE_STREAM, 1])
        u_rows = as_rows(u)
        self._regress: Callable[[Rows, Rows], Rows] = fit_line
        self._u, n_parameters = to_unit(u_rows), 2
        if u.discrete[0]:
            self._regress = fit_means
            self._u, n_parameters = u_rows, int(count_levels(u_rows)[0])
        self._rounding = _Rounding(as_rows(v)[0])
        untied = self._untie(rng)
        self._v = to_unit(untied)
        self._scale = np.ptp(untied) / np.ptp(self._v)
        self._fit_v()
        self.is_exact = self._residual_square < ROUNDING
        error = np.sqrt(self._residual_square * n_parameters) / self._v.size
        self._v += _NOISE * error * rng.standard_normal(self._v.shape)
        self._v -= self._v.mean()
        self._fit_v()

    def _untie(self, rng: np.random.Generator) -> Rows:
        """Spread ties, first uniformly, and then as their fit and residuals expect."""
        untied = self._rounding.spread(rng)[None]
        if self._rounding.has_ties:
            for _ in range(_N_DRAWS):
                mean = untied.mean()
                fit = self._regress(self._u, untied - mean) + mean
                untied = self._rounding.redraw(untied[0], fit[0], rng)[None]
        return untied

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


class _Rounding:
    """The intervals of numbers that were rounded to the values of a row that repeat.

    Each interval reaches halfway to the neighbours of the value among all values.
    """

    def __init__(self, row: NDArray[np.float64]):
        self._row = row
        self._values, self._places, counts = np.unique(
            row, return_inverse=True, return_counts=True
        )
        self._repeats = counts > 1
        self.has_ties = len(counts) > 1 and bool(self._repeats.any())
        self._edges = self._values[:-1] + np.diff(self._values) / 2

    def spread(self, rng: np.random.Generator) -> NDArray[np.float64]:
        """Spread the values that repeat uniformly over their intervals."""
        if not self.has_ties:
            return self._row
        steps = np.diff(self._values)
        below, above = np.append(steps[0], steps), np.append(steps, steps[-1])
        shift = rng.uniform(-1, 1, len(self._row))
        width = np.where(shift < 0, below[self._places], above[self._places]) / 2
        return np.where(
            self._repeats[self._places], self._row + width * shift, self._row
        )

    def redraw(
        self,
        untied: NDArray[np.float64],
        fit: NDArray[np.float64],
        rng: np.random.Generator,
    ) -> NDArray[np.float64]:
        """Draw spread values again, from the distribution of all residuals.

        The residual of each sample is drawn from those that keep it in its interval.
        """
        residuals, ranks = np.sort(untied - fit), np.arange(len(fit))
        low, high = (
            np.interp(edges[self._places] - fit, residuals, ranks)
            for edges in (
                np.append(-np.inf, self._edges),
                np.append(self._edges, np.inf),
            )
        )
        rank = low + (high - low) * rng.random(len(fit))
        redrawn = fit + np.interp(rank, ranks, residuals)
        return np.where(self._repeats[self._places] & (low < high), redrawn, untied)


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
