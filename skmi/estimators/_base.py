"""The base class of all estimators, and what an estimator may provide."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Any, ClassVar, TypeAlias

import numpy as np
from numpy.typing import NDArray

from skmi._data.columns import Columns
from skmi._utils.sklearn import Configurable

__all__ = ["CAPABILITIES", "Block", "Estimator", "JoinError", "Target"]

# Only the estimator that prepared a block or target reads it. Other code passes it on.
Block: TypeAlias = Any
Target: TypeAlias = Any

CAPABILITIES: dict[str, str] = {
    "conditional": "conditional information",
    "join": "variables of several dimensions",
    "reorder": "targets in another order",
    "entropy": "entropies",
    "entropy_bound": "entropies that bound information",
    "joint_entropy": "joint entropies",
    "pvalues": "analytic p-values",
    "conditional_pvalues": "analytic p-values of conditional information",
}


class JoinError(ValueError):
    """Columns that cannot be joined to one variable, such as collinear ones.

    Parameters
    ----------
    message : str
        A placeholder {} stands for the name of each of the columns.
    columns : sequence of int
        Columns of the block.
    """

    def __init__(self, message: str, columns: Sequence[int] = ()):
        super().__init__(message, columns)

    def describe(self, name: Callable[[int], str]) -> str:
        """Return the message, with a name for each column."""
        message, columns = self.args
        return str(message).format(*map(name, columns))

    def __str__(self) -> str:
        """Return the message, with numbers as names."""
        return self.describe("column {}".format)


class Estimator(Configurable, ABC):
    """Base class of the estimators of mutual information.

    An estimator object stores only parameters. Its methods prepare columns once, as a
    block, and combine prepared columns many times. The methods that estimate take a
    block and the indices of some of its columns, and return an array with one value for
    each of these columns. Information and entropies are in nats, and not clipped at 0.

    A subclass implements `prepare`, `as_target` and `mi`. It may also implement the
    methods listed under `provides`. If its estimates leave out the information that is
    expected by chance, it implements `expected_by_chance`.

    Attributes
    ----------
    provides : frozenset of str
        What the estimator can do beyond the information I(f; y) of two variables:

        * "conditional": I(f; y | s), by `condition` and `cmi`.
        * "join": several columns as one variable, by `join`.
        * "reorder": a target of permuted samples without preparing it again, by
          `reorder`.
        * "entropy": H(f), by `entropy`.
        * "entropy_bound": also "entropy", and the entropies of all columns are those of
          levels or bins, so I(f; y) is at most H(f).
        * "joint_entropy": H(f, s, y), by `cmi_and_entropy`.
        * "pvalues": analytic p-values of I(f; y), by `pvalues`.
        * "conditional_pvalues": analytic p-values of I(f; y | s), by
          `conditional_pvalues`.

        A subclass that overrides `mi` or `cmi` also overrides the methods of the
        p-values, or leaves them out of `provides`.
    """

    provides: ClassVar[frozenset[str]] = frozenset()
    _parameter_constraints: ClassVar[dict[str, Any]] = {}

    def check(self, n_samples: int) -> None:
        """Raise ValueError if a parameter does not suit the number of samples."""

    def reads_ranks(self) -> bool:
        """Return whether estimates depend only on the ranks of continuous columns.

        Columns without ties then have the same estimates under some permutation.
        """
        return False

    @abstractmethod
    def prepare(self, columns: Columns, indices: NDArray[np.intp]) -> Block:
        """Prepare the columns with these indices as a block."""

    def join(self, block: Block) -> Block:
        """Return a block of one variable, whose dimensions are all columns.

        Raises
        ------
        JoinError
            If the last column adds nothing to the others, or the samples are too few. A
            search then leaves the last column out.
        """
        raise _missing(self, "join")

    @abstractmethod
    def as_target(self, block: Block, column: int) -> Target:
        """Prepare one column of a block as a target."""

    def permuted_targets(
        self, column: Columns, orders: NDArray[np.intp]
    ) -> list[Target]:
        """Permute one column in several ways, and prepare each result as a target.

        Permutation tests call `reorder` instead if the estimator provides it.

        Parameters
        ----------
        column : Columns
            One column, whose source is an array.
        orders : ndarray of shape (n_orders, n_samples)
            Permutations of the samples.
        """
        values = column.source[:, 0].take(orders)
        permuted = Columns(values.T, column.discrete.repeat(len(values)), column.name)
        block = self.prepare(permuted, np.arange(len(values)))
        return [self.as_target(block, j) for j in range(len(values))]

    def reorder(self, target: Target, order: NDArray[np.intp]) -> Target:
        """Return a prepared target, or a conditioned one, with its samples reordered.

        Sample i of the result is sample order[i] of the target. The estimates are the
        same as if the samples had been reordered before they were prepared.

        Parameters
        ----------
        target : object
            What `as_target` or `condition` has returned.
        order : ndarray of shape (n_samples,)
            A permutation of the samples.
        """
        raise _missing(self, "reorder")

    @abstractmethod
    def mi(
        self, block: Block, columns: NDArray[np.intp], target: Target
    ) -> NDArray[np.float64]:
        """Estimate I(f; target) for columns f of a block."""

    def permuted_mi(
        self,
        block: Block,
        columns: NDArray[np.intp],
        target: Target,
        orders: NDArray[np.intp],
    ) -> NDArray[np.float64]:
        """Estimate I(f; target) with the samples of the target in several orders.

        Parameters
        ----------
        orders : ndarray of shape (n_orders, n_samples)

        Returns
        -------
        ndarray of shape (n_orders, n_columns)
        """
        targets = [self.reorder(target, order) for order in orders]
        return np.stack([self.mi(block, columns, each) for each in targets])

    def permuted_cmi(
        self,
        block: Block,
        columns: NDArray[np.intp],
        conditioned: Target,
        orders: NDArray[np.intp],
    ) -> NDArray[np.float64]:
        """Estimate I(f; target | given) with both in several orders."""
        targets = [self.reorder(conditioned, order) for order in orders]
        return np.stack([self.cmi(block, columns, each) for each in targets])

    def expected_by_chance(
        self, block: Block, columns: NDArray[np.intp], target: Target
    ) -> NDArray[np.float64]:
        """Return the information of independent columns that the estimates leave out.

        It is 0, unless `mi` and `cmi` subtract the information that is expected by
        chance. Then an estimate is at most the entropy less this. `target` is what
        `as_target` or `condition` has returned.
        """
        return np.zeros(len(columns))

    def matrix(
        self,
        block: Block,
        columns: NDArray[np.intp],
        other: Block,
        others: NDArray[np.intp],
    ) -> NDArray[np.float64]:
        """Estimate I(f; g) for columns f of one block and columns g of another."""
        targets = [self.as_target(other, column) for column in others]
        return np.stack([self.mi(block, columns, target) for target in targets], axis=1)

    def condition(self, target: Target, given: Target) -> Target:
        """Combine a target with the variable it is conditioned on, for `cmi`."""
        raise _missing(self, "conditional")

    def cmi(
        self, block: Block, columns: NDArray[np.intp], conditioned: Target
    ) -> NDArray[np.float64]:
        """Estimate I(f; target | given) for columns f of a block."""
        raise _missing(self, "conditional")

    def entropy(self, block: Block, columns: NDArray[np.intp]) -> NDArray[np.float64]:
        """Estimate H(f) for columns f of a block."""
        raise _missing(self, "entropy")

    def cmi_and_entropy(
        self, block: Block, columns: NDArray[np.intp], conditioned: Target
    ) -> NDArray[np.float64]:
        """Estimate I(f; target | given) and H(f, given, target), one in each row."""
        raise _missing(self, "joint_entropy")

    def pvalues(
        self, block: Block, columns: NDArray[np.intp], target: Target
    ) -> NDArray[np.float64]:
        """Return p-values of I(f; target) for columns f of a block.

        The null hypothesis is independence. A correction of the estimate does not
        change the p-values.
        """
        raise _missing(self, "pvalues")

    def conditional_pvalues(
        self, block: Block, columns: NDArray[np.intp], conditioned: Target
    ) -> NDArray[np.float64]:
        """Return p-values of I(f; target | given) for columns f of a block.

        The null hypothesis is conditional independence. `conditioned` is what
        `condition` returns, or a target if nothing is given.
        """
        raise _missing(self, "conditional_pvalues")


def _missing(estimator: Estimator, capability: str) -> TypeError:
    """Return the error of a method that an estimator does not implement."""
    return TypeError(f"{type(estimator).__name__} has no {CAPABILITIES[capability]}.")
