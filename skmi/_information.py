"""Which quantity for which candidate: relevances, and lazy vectors of pair terms."""

from collections import OrderedDict
from collections.abc import Callable, Sequence
from functools import cached_property
from itertools import combinations_with_replacement
from types import SimpleNamespace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skmi._columns import Columns
from skmi._parallel import chunk_columns, cut_evenly, run_here, worker_pool
from skmi.estimators import Estimator, serves

__all__ = [
    "PER_NAT",
    "Information",
    "Retargeted",
    "Shuffled",
    "Variable",
    "estimate_matrix",
    "estimate_pairs",
    "estimate_relevance",
    "terms_of",
    "to_correlation",
]

PER_NAT = {"nats": 1.0, "bits": 1 / np.log(2), "hartleys": 1 / np.log(10)}

# Tiles on a side of the matrix of all pairs. Of those on the diagonal half is computed
# in vain, the fewer the tiles the more; and each makes targets of its columns anew.
_TILES = 8

# Samples in the conditions that are kept for another question.
_KEPT_VALUES = 2**20

# What is below this, in nats, is what rounding leaves of 0.
_ROUNDING = 1e-12

_FIRST = np.zeros(1, dtype=np.intp)

# The capabilities that each term of `Pair` needs of an estimator.
_ASKS: dict[str, frozenset[str]] = {
    "redundancy": frozenset(),
    "normalized_redundancy": frozenset({"entropy", "entropy_bound"}),
    "conditional_relevance": frozenset({"conditional"}),
    "conditional_redundancy": frozenset({"conditional"}),
    "shared_relevance": frozenset({"conditional"}),
    "joint_relevance": frozenset({"conditional"}),
    "symmetrical_relevance": frozenset({"conditional", "joint_entropy"}),
    "joint_relevance_of_three": frozenset({"conditional", "join"}),
    "relevance_given_all": frozenset({"conditional", "join"}),
}


def to_correlation(nats: NDArray[np.float64]) -> NDArray[np.float64]:
    """|r| of two normal variables with that much information; 0 below."""
    return np.sqrt(-np.expm1(-2 * np.maximum(nats, 0)))


def terms_of(estimator: type[Estimator]) -> frozenset[str]:
    """Name the terms of a pair that an estimator serves."""
    return frozenset(
        term for term, needed in _ASKS.items() if serves(estimator, needed)
    )


class Variable:
    """One variable, of one dimension or several, prepared once."""

    def __init__(self, estimator: Estimator, columns: Columns):
        estimator.check(columns.n_samples)
        self._estimator = estimator
        self._block = estimator.prepare(columns, np.arange(columns.n_columns))
        if columns.n_columns > 1:
            self._block = estimator.join(self._block)

    @cached_property
    def target(self) -> Any:
        """What other columns are held against."""
        return self._estimator.as_target(self._block, 0)

    def information(self, other: "Variable", given: "Variable | None" = None) -> float:
        """I(self; other), or I(self; other | given)."""
        if given is None:
            return self._estimator.mi(self._block, _FIRST, other.target)[0]
        both = self._estimator.condition(other.target, given.target)
        return self._estimator.cmi(self._block, _FIRST, both)[0]

    @property
    def entropy(self) -> float:
        """H(self)."""
        return self._estimator.entropy(self._block, _FIRST)[0]


def estimate_relevance(
    estimator: Estimator, X: Columns, y: Columns, n_jobs: int | None = None
) -> NDArray[np.float64]:
    """I(f; y) of every column of X, prepared a chunk at a time."""
    target = Variable(estimator, y).target
    with worker_pool(n_jobs) as run:
        parts = run(
            _relevance_of_chunk,
            [
                (estimator, X, chunk, target)
                for chunk in chunk_columns(X.n_columns, X.n_samples, n_jobs)
            ],
        )
    return np.concatenate(parts)


def _prepare_chunk(estimator: Estimator, X: Columns, chunk: slice) -> Any:
    return estimator.prepare(X, np.arange(chunk.start, chunk.stop))


def _relevance_of_chunk(
    estimator: Estimator, X: Columns, chunk: slice, target: Any
) -> NDArray[np.float64]:
    block = _prepare_chunk(estimator, X, chunk)
    return estimator.mi(block, np.arange(chunk.stop - chunk.start), target)


def estimate_matrix(
    estimator: Estimator, X: Columns, n_jobs: int | None = None
) -> NDArray[np.float64]:
    """I(f; g) of all pairs of columns of X: one half in tiles, and its mirror image."""
    estimator.check(X.n_samples)
    chunks = cut_evenly(X.n_columns, _TILES)
    with worker_pool(n_jobs) as run:
        blocks = run(_prepare_chunk, [(estimator, X, chunk) for chunk in chunks])
        prepared = zip(blocks, chunks, strict=True)
        pairs = list(combinations_with_replacement(prepared, 2))
        tiles = run(_tile, [(estimator, *one, *other) for one, other in pairs])
    matrix = np.empty((X.n_columns, X.n_columns))
    for ((_, rows), (_, columns)), tile in zip(pairs, tiles, strict=True):
        if rows == columns:
            tile = np.triu(tile) + np.triu(tile, 1).T
        matrix[rows, columns] = tile
        matrix[columns, rows] = tile.T
    return matrix


def _tile(
    estimator: Estimator, block: Any, rows: slice, other: Any, columns: slice
) -> NDArray[np.float64]:
    return estimator.matrix(
        block,
        np.arange(rows.stop - rows.start),
        other,
        np.arange(columns.stop - columns.start),
    )


def estimate_pairs(
    estimator: Estimator,
    X: Columns,
    y: Columns,
    n_jobs: int | None = None,
    first: int = 1,
) -> dict[str, NDArray[np.float64]]:
    """Relevance of every column, and its terms with each before it.

    "relevance" is a vector; "redundancy" and "conditional_relevance", if the estimator
    has them, matrices whose row f, column s holds I(f; s), or I(f; y | s), for s < f
    and f from the first on; nan elsewhere.
    """
    n = X.n_columns
    names = sorted({"redundancy", "conditional_relevance"} & terms_of(type(estimator)))
    matrices = {name: np.full((n, n), np.nan) for name in names}
    with worker_pool(n_jobs) as run:
        information = Information(estimator, X, y, run, n_jobs)
        for s in range(n - 1):
            candidates = np.arange(max(s + 1, first), n)
            pair = information.pair(candidates, [s])
            for name, matrix in matrices.items():
                matrix[candidates, s] = getattr(pair, name)
    return {"relevance": information.relevance} | matrices


class Information:
    """The table prepared once, and what is asked of it during a search.

    Parameters
    ----------
    estimator : Estimator
    X, y : Columns
    run : callable
        Maps a function over argument tuples, as `worker_pool` gives it.
    n_jobs : int or None
        How many chunks to make of X.
    """

    def __init__(
        self,
        estimator: Estimator,
        X: Columns,
        y: Columns,
        run: Callable,
        n_jobs: int | None,
    ):
        self.estimator, self.run = estimator, run
        self.X, self.y = X, y
        chunks = chunk_columns(X.n_columns, X.n_samples, n_jobs)
        self.starts = np.array([chunk.start for chunk in chunks])
        self.blocks = run(_prepare_chunk, [(estimator, X, chunk) for chunk in chunks])
        self._set_target(y)
        self._joined: dict[tuple[int, ...], tuple[int, ...]] = {}

    def _set_target(self, y: Columns, relevance: Any = None) -> None:
        self.target = Variable(self.estimator, y).target
        self._conditions: OrderedDict[tuple[int, ...], Any] = OrderedDict()
        if relevance is None:
            every = np.arange(self.X.n_columns)
            relevance = self.map_chunks(self.estimator.mi, every, self.target)
        self.relevance: NDArray[np.float64] = relevance

    def __getstate__(self) -> dict[str, Any]:
        """In another process there is no pool, and what is prepared is enough."""
        shape = SimpleNamespace(n_samples=self.X.n_samples, n_columns=self.X.n_columns)
        return vars(self) | {"run": run_here, "X": shape, "y": None}

    @property
    def aligned(self) -> "Information":
        """That in which candidates and the rest are of the same samples: this."""
        return self

    @cached_property
    def entropy(self) -> NDArray[np.float64]:
        """H(f) of every column of X."""
        sizes = np.diff(self.starts, append=self.X.n_columns)
        parts = [
            (block, np.arange(size))
            for block, size in zip(self.blocks, sizes, strict=True)
        ]
        return np.concatenate(self.run(self.estimator.entropy, parts))

    def map_chunks(
        self, verb: Callable, columns: NDArray[np.intp], target: Any
    ) -> NDArray[np.float64]:
        """Apply a verb to ascending columns, chunk by chunk."""
        if not len(columns):
            return np.empty(0)
        ends = np.searchsorted(columns, self.starts)
        parts = [
            (block, part - start, target)
            for block, part, start in zip(
                self.blocks, np.split(columns, ends[1:]), self.starts, strict=True
            )
            if len(part)
        ]
        return np.concatenate(self.run(verb, parts), axis=-1)

    def as_target(self, column: int) -> Any:
        """One column of X as a target."""
        chunk = np.searchsorted(self.starts, column, side="right") - 1
        return self.estimator.as_target(self.blocks[chunk], column - self.starts[chunk])

    def given(self, selected: tuple[int, ...]) -> Any:
        """What `cmi` takes for I(f; y | selected); the last few of these are kept."""
        known = self._conditions.pop(selected, None)
        if known is None:
            known = self.estimator.condition(self.target, self._join(selected))
        self._conditions[selected] = known  # the newest
        while (len(self._conditions) - 1) * self.X.n_samples >= _KEPT_VALUES:
            self._conditions.popitem(last=False)
        return known

    def _join(self, selected: tuple[int, ...]) -> Any:
        """Several columns as one target, without those that others determine."""
        if len(selected) == 1:
            return self.as_target(selected[0])
        *earlier, newest = selected
        for i in range(2, len(selected)):  # if the search goes on where another ended
            if selected[:i] not in self._joined:
                self._join(selected[:i])
        before = self._joined.get(tuple(earlier), tuple(earlier))
        try:
            joint = self._join_all((*before, newest))
        except ValueError:  # a combination of the others
            self._joined[selected] = before
            return self._join(before)
        independent = (*before, newest)
        self._joined[selected] = self._joined[independent] = independent
        return joint

    def _join_all(self, columns: tuple[int, ...]) -> Any:
        block = self.estimator.prepare(self.X, np.sort(columns))
        return self.estimator.as_target(self.estimator.join(block), 0)

    def relevance_given(
        self, candidates: NDArray[np.intp], selected: tuple[int, ...]
    ) -> NDArray[np.float64]:
        """I(f; y | selected) of every candidate."""
        if not selected:
            return self.relevance[candidates]
        return self.map_chunks(self.estimator.cmi, candidates, self.given(selected))

    def pair(
        self, candidates: NDArray[np.intp], selected: Sequence[int] | NDArray[np.intp]
    ) -> "Pair":
        """The terms of every candidate with the last of the selected columns."""
        return Pair(self, candidates, tuple(map(int, selected)))


class Retargeted(Information):
    """The same columns beside another target."""

    def __init__(self, information: Information, y: Columns):
        vars(self).update(vars(information))
        self.run = run_here
        self._set_target(y)


class Shuffled(Information):
    """The same candidates beside samples in another order, of which they tell nothing.

    y and the selected columns are put in that order together: what they tell of each
    other stays.

    Parameters
    ----------
    information : Information
    y : Columns
    selected : dict of int to Columns
        One column each; like y an array of numbers.
    order : ndarray of shape (n_samples,)
    relevance : ndarray of shape (n_columns,), optional
        I(f; y) in this order, if it is known.
    """

    def __init__(
        self,
        information: Information,
        y: Columns,
        selected: dict[int, Columns],
        order: NDArray[np.intp],
        relevance: NDArray[np.float64] | None = None,
    ):
        vars(self).update(vars(information))
        self._aligned, self._selected, self._order = information, selected, order
        self.run = run_here
        self._set_target(y.reorder(order), relevance)

    @property
    def aligned(self) -> Information:
        """That with the samples in their own order."""
        return self._aligned

    def as_target(self, column: int) -> Any:
        """One of the selected columns as a target."""
        return self._join_all((column,))

    def _join_all(self, columns: tuple[int, ...]) -> Any:
        parts = [self._selected[column] for column in sorted(columns)]
        joined = Columns(
            np.hstack([part.source for part in parts])[self._order],
            np.concatenate([part.discrete for part in parts]),
        )
        return Variable(self.estimator, joined).target


class Pair:
    """Terms of candidates f with a selected feature s, computed when first touched.

    s is the newest of those selected; few terms are of those before it, too.
    """

    def __init__(
        self,
        information: Information,
        candidates: NDArray[np.intp],
        selected: tuple[int, ...],
    ):
        self._information = information
        self._candidates = candidates
        self._earlier, self._newest = selected[:-1], selected[-1]

    def _relevance_given(self, *selected: int) -> NDArray[np.float64]:
        return self._information.relevance_given(self._candidates, selected)

    @property
    def _relevance(self) -> NDArray[np.float64]:
        return self._information.relevance[self._candidates]

    @cached_property
    def redundancy(self) -> NDArray[np.float64]:
        """I(f; s)."""
        information = self._information
        return information.map_chunks(
            information.estimator.mi,
            self._candidates,
            information.as_target(self._newest),
        )

    @cached_property
    def normalized_redundancy(self) -> NDArray[np.float64]:
        """I(f; s) / min(H(f), H(s)); 0 where that is 0."""
        entropy = self._information.entropy
        return _divide(
            self.redundancy,
            np.minimum(entropy[self._candidates], entropy[self._newest]),
        )

    @cached_property
    def conditional_relevance(self) -> NDArray[np.float64]:
        """I(f; y | s)."""
        return self._relevance_given(self._newest)

    @cached_property
    def conditional_redundancy(self) -> NDArray[np.float64]:
        """I(f; s | y) = I(f; s) + I(f; y | s) - I(f; y)."""
        return self.redundancy - self.shared_relevance

    @cached_property
    def shared_relevance(self) -> NDArray[np.float64]:
        """I(f; s) - I(f; s | y) = I(f; y) - I(f; y | s)."""
        return self._relevance - self.conditional_relevance

    @cached_property
    def joint_relevance(self) -> NDArray[np.float64]:
        """I(f, s; y) = I(s; y) + I(f; y | s)."""
        of_s = self._information.aligned.relevance[self._newest]
        return of_s + self.conditional_relevance

    @cached_property
    def symmetrical_relevance(self) -> NDArray[np.float64]:
        """I(f, s; y) / H(f, s, y); 0 where that is 0."""
        information = self._information
        of_s = information.aligned.relevance[self._newest]
        given_s, entropy = information.map_chunks(
            information.estimator.cmi_and_entropy,
            self._candidates,
            information.given((self._newest,)),
        )
        return _divide(of_s + given_s, entropy)

    @cached_property
    def joint_relevance_of_three(self) -> NDArray[np.float64]:
        """Sum of I(f, s, t; y) over t before s; I(f, s; y), if there are none.

        I(f, s, t; y) = I(t; y) + I(s; y | t) + I(f; y | s, t).
        """
        if not self._earlier:
            return self.joint_relevance
        aligned, s = self._information.aligned, self._newest
        total = np.zeros(len(self._candidates))
        for t in self._earlier:
            of_t = aligned.relevance[t]
            of_s = aligned.relevance_given(np.array([s]), (t,))[0]
            total += of_t + of_s + self._relevance_given(t, s)
        return total

    @cached_property
    def relevance_given_all(self) -> NDArray[np.float64]:
        """I(f; y | all selected); exactly 0 where nothing is left to tell."""
        given = self._relevance_given(*self._earlier, self._newest)
        return np.where(np.abs(given) > _ROUNDING, given, 0)


def _divide(
    information: NDArray[np.float64], entropy: NDArray[np.float64]
) -> NDArray[np.float64]:
    share = np.zeros(len(information))
    return np.divide(information, entropy, out=share, where=entropy > _ROUNDING)
