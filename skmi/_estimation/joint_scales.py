"""The test over scales for variables of several dimensions, and for conditional ones.

The scales are estimates of information: the Gaussian copula sees trends, and the
nearest neighbours smooth or fine structure, if they are many or few.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree
from scipy.stats import rankdata

from skmi._data.columns import Columns
from skmi._estimation.exchange import Exchange, check_exchange
from skmi._estimation.permutation import ScaleTest, combine_scales
from skmi._estimation.scales import HEAD_STARTS
from skmi._estimation.variables import Variable
from skmi.estimators import KSG, Estimator, GaussianCopula, PlugIn

__all__ = ["compare_joint_scales", "exchange_near"]

# The stream of random numbers that order equal values: [seed, stream, 1].
_TIES = 5


def compare_joint_scales(
    x: Columns,
    y: Columns,
    given: Sequence[Columns],
    n_permutations: int,
    seed: int,
    exchange: Exchange,
) -> ScaleTest:
    """Test whether x and y are independent, perhaps given a third variable.

    `given` contains the third variable, or nothing. All variables are arrays of
    numbers, of one or several columns. The exchange permutes y.
    """
    members = [
        _Member.of(estimator, x, given) for estimator in _members([x, y, *given])
    ]
    scores = [member.information(y) for member in members]
    permuted = np.array(
        [
            [
                member.information(y.reorder(exchange.order(seed, i)))
                for member in members
            ]
            for i in range(n_permutations)
        ]
    )
    starts = HEAD_STARTS[: len(members)]
    return combine_scales(np.array(scores)[:, None], permuted[:, :, None], starts)


@dataclass(frozen=True, eq=False)
class _Member:
    """An estimator whose information is tested, with the variables that it prepared."""

    estimator: Estimator
    x: Variable
    given: Sequence[Variable]

    @classmethod
    def of(
        cls, estimator: Estimator, x: Columns, given: Sequence[Columns]
    ) -> "_Member":
        """Prepare all variables but y."""
        prepared = [Variable(estimator, each) for each in given]
        return cls(estimator, Variable(estimator, x), prepared)

    def information(self, y: Columns) -> float:
        """Estimate the information of x and y."""
        return self.x.information(Variable(self.estimator, y), *self.given)


def _members(variables: Sequence[Columns]) -> list[Estimator]:
    """Return the estimators whose information is tested, from coarse to fine."""
    if all(each.discrete.all() for each in variables):
        return [PlugIn(correction=None)]
    n = variables[0].n_samples
    fewest = min(4, n - 1)
    numbers = dict.fromkeys([max(fewest, round(n**0.75 / 4)), fewest])
    return [GaussianCopula(), *map(KSG, numbers)]


@dataclass(frozen=True, eq=False)
class _Near(Exchange):
    """Each sample gets the y of one of its neighbours; few neighbours are used twice.

    Parameters
    ----------
    neighbors : ndarray of shape (n_samples, n_near)
        The neighbours of each sample, with the sample itself.
    """

    neighbors: NDArray[np.intp]

    _remedy = "use more rows"

    def draw(self, rng: np.random.Generator) -> NDArray[np.intp]:
        """Let each sample choose a neighbour that no other has chosen, if there is one.

        In each round, all samples without a neighbour ask for their next one, in an
        order of their own; of those who ask for the same, one gets it at random. A
        sample that gets none of its neighbours takes the last one [1]_.

        .. [1] J. Runge, Conditional independence testing based on a nearest-neighbor
           estimator of conditional mutual information, AISTATS 2018, algorithm 1.
        """
        n = len(self.neighbors)
        choices = rng.permuted(self.neighbors, axis=1)
        order = np.full(n, -1)
        taken = np.zeros(n, bool)
        asking = rng.permutation(n)
        for wanted in choices.T:
            free = asking[~taken[wanted[asking]]]
            got, first = np.unique(wanted[free], return_index=True)
            order[free[first]] = got
            taken[got] = True
            asking = asking[order[asking] < 0]
        order[asking] = choices[asking, -1]
        return order

    def draw_half(self, rng: np.random.Generator) -> NDArray[np.intp]:
        """Not needed: no standard error is conditional."""
        raise NotImplementedError


def _nearest(
    given: Columns, cells: NDArray[np.intp], n_near: int, seed: int
) -> NDArray[np.intp]:
    """Return the nearest samples of each sample in its cell, by ranks."""
    n = given.n_samples
    numbers = given.numbers(np.flatnonzero(~given.discrete))
    ranks = rankdata(numbers, axis=1)
    # samples of equal values have neighbours at random, not all of them the same
    ranks += np.random.default_rng([seed, _TIES, 1]).random(ranks.shape) / 4
    # cells are farther apart than any two ranks
    points = np.vstack([ranks, 2.0 * n * cells])
    near = cKDTree(points.T).query(points.T, min(n_near, n), p=np.inf)[1]
    near = near.reshape(n, -1)
    own = np.arange(n)[:, None]
    near = np.where(cells[near] == cells[own], near, own)
    _check_places(bool((near != own).any()))
    return near


def _check_places(some_change: bool) -> None:
    """Raise ValueError if no sample has another one to change places with."""
    if not some_change:
        raise ValueError(
            "every sample has a level of given of its own, so no samples can change "
            "places; give a variable with fewer levels."
        )


def exchange_near(given: Columns, n_near: int, seed: int) -> Exchange:
    """Return what leaves the dependence on a given variable as it is.

    Samples change places within the levels of a discrete variable. If a column is
    continuous, each sample gets the values of one of its nearest neighbours, in ranks.

    Parameters
    ----------
    given : Columns
        An array of numbers.
    n_near : int
        Neighbours to choose from, which count the sample itself.
    seed : int
        Determines the neighbours of equal values.

    Raises
    ------
    ValueError
        If every sample has a level of its own.
    """
    n = given.n_samples
    discrete = np.flatnonzero(given.discrete)
    cells = np.zeros(n, np.intp)
    if len(discrete):
        codes = given.codes(discrete)[0]
        cells = np.unique(codes, axis=1, return_inverse=True)[1].ravel()
    if not given.discrete.all():
        return _Near("given", n, np.inf, _nearest(given, cells, n_near, seed))
    _check_places(len(np.unique(cells)) < n)
    return check_exchange("within_groups", cells, n)
