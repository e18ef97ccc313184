"""Select the Markov blankets of the nodes of published Bayesian networks.

`python benchmarks/blankets.py` prints this section of SELECTION.md, and writes nothing.
`--nodes N` limits the number of nodes of a network, and `--rows` sets the sizes. The
networks are data files of pgmpy 1.0.0. Nothing of it is imported, so install it without
its dependencies: `pip install --no-deps pgmpy==1.0.0`.
"""

import argparse
import gzip
import re
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, lru_cache, partial
from importlib.metadata import PackageNotFoundError, distribution

import numpy as np
from contest import NONE, log, run_all, table
from scipy.stats import chi2
from scipy.stats.contingency import chi2_contingency

from skmi import FCBF, MISelector
from skmi.estimators import PlugIn

ALPHA = 0.05
PACKAGE, FOLDER = "pgmpy", "pgmpy/utils/example_models"
NETWORKS = ("child", "insurance", "alarm", "hailfinder")
SIZES = (500, 2_000, 10_000)
N_PERMUTATIONS = 99
N_NODES = 8  # of each network

# --- networks


@dataclass(frozen=True)
class Node:
    """Levels of a node, its parents, and the probabilities of its levels given them."""

    n_levels: int
    parents: tuple[str, ...]
    probabilities: np.ndarray  # of shape (levels of the parents ..., n_levels)


VARIABLE = re.compile(r"variable\s+(\S+)\s*\{[^{]*\{([^}]*)\}")
PROBABILITY = re.compile(r"probability\s*\(([^)]*)\)\s*\{([^}]*)\}")


def words(text: str) -> list[str]:
    return [word.strip() for word in text.split(",")]


def parse_bif(text: str) -> dict[str, Node]:
    """Read a network in the Bayesian interchange format."""
    levels = {name: words(listed) for name, listed in VARIABLE.findall(text)}
    nodes = {}
    for head, body in PROBABILITY.findall(text):
        name, _, given = (part.strip() for part in head.partition("|"))
        parents = tuple(words(given)) if given else ()
        shape = [len(levels[parent]) for parent in (*parents, name)]
        probabilities = np.full(shape, np.nan)
        for line in filter(None, map(str.strip, body.split(";"))):
            condition, _, row = line.rpartition(")" if parents else "table")
            row = np.array(words(row), dtype=float)
            at = words(condition.lstrip("(")) if parents else []
            index = [levels[p].index(v) for p, v in zip(parents, at, strict=True)]
            probabilities[tuple(index)] = row / row.sum()
        if np.isnan(probabilities).any():
            raise ValueError(f"{name} has no probabilities for some of its parents.")
        nodes[name] = Node(len(levels[name]), parents, probabilities)
    return nodes


@cache
def read_network(name: str) -> dict[str, Node]:
    """Read a network of pgmpy, without importing pgmpy."""
    file = distribution(PACKAGE).locate_file(f"{FOLDER}/{name}.bif.gz")
    with gzip.open(str(file), "rt") as lines:
        return parse_bif(lines.read())


@lru_cache(maxsize=1)
def sample_network(network: str, n: int) -> np.ndarray:
    """Draw n rows of codes, each node after its parents; columns are as in nodes."""
    nodes = read_network(network)
    rng = np.random.default_rng([NETWORKS.index(network), n, 9])
    drawn: dict[str, np.ndarray] = {}
    while len(drawn) < len(nodes):
        for name, node in nodes.items():
            if name not in drawn and all(parent in drawn for parent in node.parents):
                given = tuple(drawn[parent] for parent in node.parents)
                bounds = node.probabilities[given].cumsum(axis=-1)[..., :-1]
                u = rng.random((n, 1))
                drawn[name] = (u > np.broadcast_to(bounds, (n, node.n_levels - 1))).sum(
                    axis=1
                )
    return np.column_stack([drawn[name] for name in nodes])


def blanket(nodes: dict[str, Node], name: str) -> frozenset[int]:
    """Return the positions of the parents, the children and their other parents."""
    members = set(nodes[name].parents)
    for child, node in nodes.items():
        if name in node.parents:
            members |= {child, *node.parents}
    position = {other: i for i, other in enumerate(nodes)}
    return frozenset(position[member] for member in members - {name})


# --- methods; each returns positions of columns of X


def g_test(x, y, strata: np.ndarray, n_strata: int) -> tuple[float, float]:
    """Return the p-value of the plain G test of x and y within strata, and -G."""
    n_x, n_y = x.max() + 1, y.max() + 1
    present, s = np.unique(strata, return_inverse=True)
    shape = len(present), n_x, n_y
    cells = (s * n_x + x) * n_y + y
    counts = np.bincount(cells, minlength=np.prod(shape)).reshape(shape)
    expected = counts.sum(2, keepdims=True) * counts.sum(1, keepdims=True)
    expected = expected / counts.sum((1, 2), keepdims=True)
    full = counts > 0
    g = 2 * np.sum(counts[full] * np.log(counts[full] / expected[full]))
    return float(chi2.sf(g, max((n_x - 1) * (n_y - 1) * n_strata, 1))), -float(g)


def by_iamb(X: np.ndarray, y: np.ndarray) -> list[int]:
    """Select by the incremental association Markov blanket, as published.

    Add the column of the smallest p-value given the selected ones as long as it is at
    most ALPHA. Then drop columns whose p-value given the others exceeds ALPHA. The test
    counts all strata, whether or not they are observed, and nothing is corrected.
    """

    def strata(selected):
        code, n_strata = np.zeros(len(X), dtype=np.int64), 1
        for f in selected:
            n_levels = X[:, f].max() + 1
            code = np.unique(code * n_levels + X[:, f], return_inverse=True)[1]
            n_strata *= n_levels
        return code, n_strata

    selected: list[int] = []
    candidates = [f for f in range(X.shape[1]) if X[:, f].max()]
    while candidates:
        given = strata(selected)
        pvalues = [g_test(X[:, f], y, *given) for f in candidates]
        best = pvalues.index(min(pvalues))  # the largest G of those of p-value 0
        if pvalues[best][0] > ALPHA:
            break
        selected.append(candidates.pop(best))
    for f in list(selected):
        others = [s for s in selected if s != f]
        if g_test(X[:, f], y, *strata(others))[0] > ALPHA:
            selected = others
    return selected


def by_tests(X, y):
    found = []
    for f in range(X.shape[1]):
        _, x = np.unique(X[:, f], return_inverse=True)
        if x.max() and y.max():
            counts = np.zeros((x.max() + 1, y.max() + 1))
            np.add.at(counts, (x, y), 1)
            counts = counts[:, counts.any(axis=0)]
            if chi2_contingency(counts, False).pvalue * X.shape[1] <= ALPHA:
                found.append(f)
    return found


def by_skmi(X, y, **options):
    selector = MISelector(
        "auto", alpha=ALPHA, n_permutations=N_PERMUTATIONS, random_state=0,
        discrete_features=True, discrete_target=True, **options,
    )  # fmt: skip
    return selector.fit(X, y).path_


def by_fcbf(X, y, **options):
    return FCBF(discrete_features=True, discrete_target=True, **options).fit(X, y).path_


PLAIN = PlugIn(correction=None)
ANALYTIC = {"criterion": "cmi", "p_value": "analytic"}
METHODS: dict[str, tuple[Callable, int]] = {  # with the largest number of rows
    "IAMB, plain G test": (by_iamb, SIZES[-1]),
    "cmi, G test, backward": (partial(by_skmi, backward=True, **ANALYTIC), SIZES[-1]),
    "cmi, G test, backward, correction=None": (
        partial(by_skmi, backward=True, estimator=PLAIN, **ANALYTIC), SIZES[-1]
    ),
    "cmi, G test": (partial(by_skmi, **ANALYTIC), SIZES[-1]),
    "cmi, backward": (partial(by_skmi, criterion="cmi", backward=True), 500),
    "default (cmim)": (by_skmi, 2_000),
    "jmi": (partial(by_skmi, criterion="jmi"), 2_000),
    "FCBF": (by_fcbf, SIZES[-1]),
    "FCBF, alpha=None": (partial(by_fcbf, alpha=None), SIZES[-1]),
    "chi-square, Bonferroni": (by_tests, SIZES[-1]),
}  # fmt: skip

# --- scores


def chosen_nodes(network: str, n_nodes: int) -> list[int]:
    """Return the nodes to select for: all of them, or a random sample."""
    total = len(read_network(network))
    order = np.random.default_rng(8).permutation(total)
    return sorted(order[:n_nodes].tolist())


def scores_of(method: str, network: str, n: int, target: int) -> tuple[float, ...]:
    """Return precision, recall, F1 and the seconds of a selection for one node."""
    nodes = read_network(network)
    rows = sample_network(network, n)
    others = np.delete(np.arange(len(nodes)), target)
    start = time.perf_counter()
    with warnings.catch_warnings(action="ignore"):
        positions = METHODS[method][0](rows[:, others], rows[:, target])
    seconds = time.perf_counter() - start
    selected = {int(others[f]) for f in positions}
    answer = blanket(nodes, list(nodes)[target])
    n_correct, n_both = len(selected & answer), len(selected) + len(answer)
    return (
        n_correct / len(selected) if selected else float(not answer),
        n_correct / len(answer) if answer else 1.0,
        2 * n_correct / n_both if n_both else 1.0,
        seconds,
    )


def blankets_section(
    n_nodes: int, start: float, sizes: tuple[int, ...] = SIZES
) -> list[str]:
    """Return the lines of the section, or of why it cannot be written."""
    lines = ["## Markov blankets", ""]
    try:
        sources = f"{PACKAGE} {distribution(PACKAGE).version}"
        targets = {network: chosen_nodes(network, n_nodes) for network in NETWORKS}
    except (PackageNotFoundError, FileNotFoundError) as error:
        return [*lines, f"{PACKAGE} 1.0.0 has the networks: {error}"]
    keys = [
        (method, network, n, target)
        for n in reversed(sizes)
        for method, (_, largest) in METHODS.items()
        for network in NETWORKS
        for target in targets[network]
        if n <= largest
    ]
    results = run_all("blankets", [(scores_of, *key) for key in keys], start)
    found: dict = {}
    for (method, network, n, _), result in zip(keys, results, strict=True):
        found.setdefault((method, network, n), []).append(result)
    counts = ", ".join(
        f"{network} ({len(targets[network])} of {len(read_network(network))})"
        for network in NETWORKS
    )
    lines += [
        f"Networks of {sources}: {counts} nodes. For each of these nodes, a method "
        "selects from all other nodes. The answer is the Markov blanket: the parents, "
        "the children and the other parents of the children. One sample of each size. "
        "In each cell: mean precision, recall and **F1** over the nodes, in percent. "
        "The precision of an empty selection is 0, unless the blanket is empty. Some "
        "nodes are functions of others, or almost constant; no test finds their "
        "blankets.",
        "",
        f"*IAMB*: as published, in `by_iamb`: a plain G test, alpha = {ALPHA:g}. "
        f'*cmi*, *jmi*, *cmim*: `MISelector("auto", n_permutations={N_PERMUTATIONS})`; '
        'G test: `p_value="analytic"`. Slow methods are omitted at the larger sizes. '
        "*s*: mean seconds for a node.",
    ]
    for n in sizes:
        rows = []
        for method in METHODS:
            per_network = [found.get((method, network, n)) for network in NETWORKS]
            if not all(per_network):
                continue
            every = [scores for network in per_network for scores in network]
            rows.append(
                [method] + [cell_of(scores) for scores in [*per_network, every]]
            )
            rows[-1].append(f"{np.mean([scores[3] for scores in every]):.2f}")
        head = [f"{n:,} rows", *NETWORKS, "all", "s"]
        lines += ["", *table(head, rows)]
    return lines


def cell_of(scores: list) -> str:
    if not scores:
        return NONE
    precision, recall, f1, _ = 100 * np.mean(scores, axis=0)
    return f"{precision:.0f} {recall:.0f} **{f1:.0f}**"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--nodes", type=int, default=N_NODES, help="of each network")
    parser.add_argument("--rows", type=int, nargs="+", default=SIZES, help="sizes")
    arguments = parser.parse_args()
    start = time.perf_counter()
    lines = blankets_section(arguments.nodes, start, tuple(arguments.rows))
    log(f"{time.perf_counter() - start:.0f} s in all")
    print("\n".join(lines))


if __name__ == "__main__":
    import blankets  # workers import its functions by this name

    blankets.main()
