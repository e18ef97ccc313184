"""The Gaussian-copula estimator: correlations of normal scores."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from skmi._data.columns import Columns, name_of, sort_columns
from skmi._kernels.sorting import unsort_rows
from skmi.estimators._base import Estimator
from skmi.estimators._discrete import DiscreteBlock, code_block, join_codes
from skmi.estimators._gaussian import (
    ContinuousBlock,
    Question,
    Variable,
    find_dependence,
    information,
    nothing,
    pairwise_information,
)
from skmi.estimators._marginals import normal_scores, standardize
from skmi.estimators._tests import (
    correlation_test,
    count_levels,
    g_test,
    variance_test,
)

__all__ = ["GaussianCopula"]


@dataclass(frozen=True)
class Block:
    """Columns of both kinds, where each stands among those of its kind, and names."""

    continuous: ContinuousBlock
    discrete: DiscreteBlock
    is_discrete: NDArray[np.bool_]
    place: NDArray[np.intp]
    names: tuple[str, ...]  # of the continuous ones

    def variable(self, column: int) -> Variable:
        """One column, as a variable."""
        place = self.place[column]
        if self.is_discrete[column]:
            return _discrete_variable(self.discrete, place)
        varies = self.continuous.varies[place]
        blank = nothing(self.continuous.rows.shape[1])
        return replace(blank, rows=self.continuous.rows[place : place + varies])

    def parts(
        self, columns: NDArray[np.intp]
    ) -> Iterator[tuple[NDArray[np.bool_], ContinuousBlock | DiscreteBlock, NDArray]]:
        """Of each kind: which of the columns, and where they stand."""
        of_kind = ((False, self.continuous), (True, self.discrete))
        for is_discrete, part in of_kind:
            mask = self.is_discrete[columns] == is_discrete
            if mask.any():
                yield mask, part, self.place[columns[mask]]


class GaussianCopula(Estimator):
    r"""Information of normal scores, taken as jointly normal.

    :math:`\hat I(X; Y) = \frac12 \ln \frac{\det S_x \det S_y}{\det S}`, where S is the
    covariance of the normal scores [1]_; :math:`-\frac12 \ln(1 - r^2)` for a pair; and
    :math:`\hat I(X; Y | Z) = \frac12 \ln \frac{\det S_{xz} \det S_{yz}}{\det S_z \det
    S_{xyz}}`. Beside discrete variables the covariances are those within their classes,
    weighted by the share of the samples, and entropies of the discrete ones are added;
    discrete variables alone get the plug-in estimate.

    The one to take for monotone dependence, where samples are few or columns very many:
    it varies least, has conditional information of continuous columns and of sets of
    them, and costs about a nanosecond for a column, target and sample. Blind to
    what is not monotone: a column and its square have about 0. For a pair, the
    expectation in large samples is at most the truth, and the truth where the copula is
    Gaussian.

    Parameters
    ----------
    correction : bool, default=True
        Take the mean error of the log-determinants of n normal samples from them [2]_:
        :math:`\sum_{i=1}^{d} \psi(\frac{n - i}{2}) + \ln \frac{2}{n}`. Independent
        columns get 0 on average, instead of about 1 / 2n.

    Notes
    -----
    No estimate changes under increasing maps of the columns. Tied values share the mean
    of their scores, and a constant column has exactly 0.

    With d the number of continuous dimensions taken together, a class of fewer than
    d + 2 samples is left out of all terms, so that identifiers have 0. The square of a
    correlation is taken as 1 - 2^-52 where it is nearer to 1 than rounding tells (18
    nats for a column with itself), and the variance within a class as the total divided
    by n^2 at least, so that a class of equal values adds no more than ln n.

    References
    ----------
    .. [1] J. Ma and Z. Sun, Mutual information is copula entropy, Tsinghua Sci.
       Technol. 16, 51 (2011).
    .. [2] R. A. A. Ince, B. L. Giordano, C. Kayser, G. A. Rousselet, J. Gross and P. G.
       Schyns, A statistical framework for neuroimaging data analysis based on mutual
       information estimated via a Gaussian copula, Hum. Brain Mapp. 38, 1541 (2017).

    Examples
    --------
    >>> import numpy as np
    >>> import skmi
    >>> from skmi.estimators import GaussianCopula
    >>> rng = np.random.default_rng(0)
    >>> x, noise = rng.standard_normal((2, 1000))
    >>> round(skmi.mutual_info(x, np.exp(x + noise), estimator=GaussianCopula()), 2)
    0.35
    >>> round(skmi.mutual_info(x, x**2, estimator=GaussianCopula()), 2)
    0.0
    """

    provides = frozenset({"conditional", "join", "pvalues"})

    _parameter_constraints: ClassVar[dict] = {"correction": ["boolean"]}

    def __init__(self, correction=True):
        self.correction = correction

    def prepare(self, columns: Columns, which: NDArray[np.intp]) -> Block:
        """Turn the continuous columns into normal scores, code the discrete ones."""
        is_discrete = columns.discrete[which]
        place = np.where(is_discrete, is_discrete.cumsum(), (~is_discrete).cumsum()) - 1
        return Block(
            _score(columns.numbers(which[~is_discrete])),
            code_block(*columns.codes(which[is_discrete])),
            is_discrete,
            place,
            tuple(name_of(columns, column) for column in which[~is_discrete]),
        )

    def join(self, block: Block) -> Variable:
        """Make all columns of a block one variable."""
        numbers, discrete = block.continuous, block.discrete
        _check_independent(numbers, block.names)
        variable = nothing(numbers.rows.shape[1])
        if len(discrete.codes):
            variable = _discrete_variable(join_codes(discrete), 0)
        return replace(variable, rows=numbers.rows[numbers.varies])

    def as_target(self, block: Block | Variable, column: int) -> Question:
        """Ask for the information about one column, given nothing."""
        variable = block.variable(column)
        return Question(variable, nothing(len(variable.codes)))

    def permuted_targets(
        self, column: Columns, orders: NDArray[np.intp]
    ) -> list[Question]:
        """Prepare one column, and permute its scores or codes."""
        y = self.prepare(column, np.zeros(1, np.intp)).variable(0)
        given = nothing(len(y.codes))
        return [
            Question(Variable(y.rows[:, order], y.codes[order], y.n_levels), given)
            for order in orders
        ]

    def mi(
        self, block: Block | Variable, columns: NDArray[np.intp], target: Question
    ) -> NDArray[np.float64]:
        """I(f; y) by the formula for the kind of f."""
        return self.cmi(block, columns, target)

    def matrix(
        self,
        block: Block | Variable,
        columns: NDArray[np.intp],
        other: Block | Variable,
        others: NDArray[np.intp],
    ) -> NDArray[np.float64]:
        """I(f; g): of continuous columns by one product of matrices."""
        out = np.empty((len(columns), len(others)))
        for f, part, places in block.parts(columns):
            for g, other_part, other_places in other.parts(others):
                if type(part) is type(other_part) is ContinuousBlock:
                    out[np.ix_(f, g)] = pairwise_information(
                        part, places, other_part, other_places, self.correction
                    )
                    continue
                for j in np.flatnonzero(g):
                    target = self.as_target(other, others[j])
                    out[f, j] = information(part, places, target, self.correction)
        return out

    def condition(self, target: Question, given: Question) -> Question:
        """Ask for the information about the one target, given the other."""
        return Question(target.target, given.target)

    def cmi(
        self,
        block: Block | Variable,
        columns: NDArray[np.intp],
        conditioned: Question,
    ) -> NDArray[np.float64]:
        """I(f; y | s) by the formula for the kind of f."""
        out = np.empty(len(columns))
        for mask, part, places in block.parts(columns):
            out[mask] = information(part, places, conditioned, self.correction)
        return out

    def pvalues(
        self,
        block: Block | Variable,
        columns: NDArray[np.intp],
        target: Question,
    ) -> NDArray[np.float64]:
        """Return p-values of I(f; y) by the test for the kinds of f and y.

        An F test of the correlation of normal scores, the G test of discrete columns,
        and a chi-square test beside classes. All are of the uncorrected information.

        Raises
        ------
        ValueError
            If a variable has several dimensions.
        """
        y = target.target
        if isinstance(block, Variable) or len(y.rows) + (y.n_levels > 1) > 1:
            raise ValueError(
                "analytic p-values are those of variables of one dimension; take the "
                "columns one by one."
            )
        out = np.empty(len(columns))
        for mask, part, places in block.parts(columns):
            test = _TESTS[type(part), len(y.rows) > 0]
            raw = information(part, places, target, correction=False)
            corrected = information(part, places, target, correction=True)
            out[mask] = test(part, places, y, raw, corrected)
        return out


def _correlation_pvalues(part, places, y, raw, corrected):
    return correlation_test(raw, len(y.codes))


def _class_pvalues(part, places, y, raw, corrected):
    return variance_test(raw, corrected, [count_levels(y.codes)] * len(places))


def _level_pvalues(part, places, y, raw, corrected):
    sizes = [count_levels(row) for row in part.codes[places]]
    return variance_test(raw, corrected, sizes)


def _table_pvalues(part, places, y, raw, corrected):
    n_levels = np.array([len(count_levels(row)) for row in part.codes[places]])
    return g_test(raw, len(y.codes), n_levels, len(count_levels(y.codes)))


# By the kind of the columns, and whether the target is continuous.
_TESTS: dict[tuple[type, bool], Callable[..., NDArray[np.float64]]] = {
    (ContinuousBlock, True): _correlation_pvalues,
    (ContinuousBlock, False): _class_pvalues,
    (DiscreteBlock, True): _level_pvalues,
    (DiscreteBlock, False): _table_pvalues,
}


def _score(rows: NDArray[np.float64]) -> ContinuousBlock:
    """Replace rows by their normal scores, of mean 0 and variance 1."""
    values, order = sort_columns(rows)
    scores = standardize(normal_scores(values))
    varies = scores[:, 0] != scores[:, -1]
    unsort_rows(scores, order)
    return ContinuousBlock(scores, varies)


def _discrete_variable(block: DiscreteBlock, place: int) -> Variable:
    codes = block.codes[place].astype(np.int32)
    return Variable(np.empty((0, len(codes))), codes, int(block.n_levels[place]))


def _check_independent(block: ContinuousBlock, names: tuple[str, ...]) -> None:
    """Raise ValueError if the scores of a column are a combination of others'."""
    varying = np.flatnonzero(block.varies)
    rows = block.rows[varying]
    n_dimensions, n_samples = rows.shape
    if n_dimensions >= n_samples:
        raise ValueError(
            f"a set of {n_dimensions} continuous columns needs more than "
            f"{n_dimensions} samples, got {n_samples}; take fewer columns."
        )
    dependent = varying[find_dependence(rows)]
    if len(dependent):
        *others, last = (names[place] for place in dependent)
        raise ValueError(
            f"{last} is, after normal scores, a linear combination of "
            f"{' and '.join(others)}, so that the covariance of the set cannot be "
            "inverted; leave it out."
        )
