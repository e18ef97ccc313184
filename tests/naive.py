"""Slow reference implementations, written from definitions. Values are in nats."""

import itertools
from collections import Counter
from functools import cache
from itertools import chain, product
from math import fsum, log

import numpy as np
from scipy.special import digamma, ndtri
from scipy.stats import gaussian_kde, hypergeom, rankdata
from sklearn.cluster import KMeans

# --- plug-in


def counts_of(*columns):
    """Return the number of samples with each tuple of values."""
    return Counter(
        zip(*(np.asarray(column).tolist() for column in columns), strict=True)
    )


def entropy(*columns):
    """Joint entropy of the columns: -sum p log p."""
    n = len(columns[0])
    return -fsum(c / n * log(c / n) for c in counts_of(*columns).values())


def information(x, y):
    """I(x; y) = sum p(x, y) log p(x, y) / (p(x) p(y))."""
    n, x_counts, y_counts = len(x), counts_of(x), counts_of(y)
    return fsum(
        c / n * log(n * c / (x_counts[a,] * y_counts[b,]))
        for (a, b), c in counts_of(x, y).items()
    )


def joint_information(x, z, y):
    """I(x, z; y), where the pairs (x, z) are one variable."""
    return entropy(x, z) + entropy(y) - entropy(x, z, y)


def conditional_information(x, y, z):
    """I(x; y | z): the mean over the levels of z of the information within them."""
    x, y, z = map(np.asarray, (x, y, z))
    return fsum(
        np.mean(z == level) * information(x[z == level], y[z == level])
        for level in np.unique(z)
    )


# --- bins


def values_as_bins(x):
    return np.unique(x, return_inverse=True)[1].ravel()


def quantile_bins(x, n_bins):
    """Return floor(n_bins * fraction of samples below), or the values if few."""
    if len(np.unique(x)) <= n_bins:
        return values_as_bins(x)
    n_below = np.searchsorted(np.sort(x), x)
    return n_bins * n_below // len(x)


def uniform_bins(x, n_bins):
    """Return bins of equal width, or the values if few."""
    if len(np.unique(x)) <= n_bins:
        return values_as_bins(x)
    fraction = (x - x.min()) / (x.max() - x.min())
    return np.minimum((n_bins * fraction).astype(int), n_bins - 1)


# --- nearest neighbours


def ksg(x, y, k):
    """KSG 1, with closed counts if ties put more than k samples in a ball."""
    n = len(x)
    if min(np.ptp(x), np.ptp(y)) == 0:
        return 0.0
    dx, dy = (np.abs(np.subtract.outer(v, v)) for v in (x, y))
    d, others = np.maximum(dx, dy), ~np.eye(n, dtype=bool)
    r = np.sort(np.where(others, d, np.inf), axis=1)[:, [k - 1]]
    ball = others & (d <= r)
    repeats = min(len(np.unique(x)), len(np.unique(y))) < n
    if not (repeats and ((ball.sum(axis=1) > k).any() or (r == 0).any())):
        n_x, n_y = ((along < r).sum(axis=1) for along in (dx, dy))
        return digamma(k) + digamma(n) - np.mean(digamma(n_x) + digamma(n_y))
    itself = (r == 0).ravel()
    n_x, n_y = (
        (along <= r).sum(axis=1) - (~itself & (ball & (along == r)).any(axis=1))
        for along in (dx, dy)
    )
    n_ball = ball.sum(axis=1) + itself
    return digamma(n) + np.mean(digamma(n_ball) - digamma(n_x) - digamma(n_y))


def ross(x, classes, k):
    """Estimate of Ross with closed counts, without classes of one sample."""
    x, classes = np.asarray(x), np.asarray(classes)
    size = (classes[:, None] == classes).sum(axis=1)
    x, classes, size = x[size > 1], classes[size > 1], size[size > 1]
    n = len(x)
    d, others = np.abs(np.subtract.outer(x, x)), ~np.eye(n, dtype=bool)
    own = others & (classes[:, None] == classes)
    ascending = np.sort(np.where(own, d, np.inf), axis=1)
    r = ascending[np.arange(n), np.minimum(k, size - 1) - 1][:, None]
    itself = (r == 0).ravel()
    n_own, n_all = ((near & (d <= r)).sum(axis=1) + itself for near in (own, others))
    return digamma(n) + np.mean(digamma(n_own) - digamma(size) - digamma(n_all))


# --- normal within classes


def normal_scores(x):
    return ndtri((rankdata(x) - 0.5) / len(x))


def gaussian_entropy(classes, numbers, correction):
    """H(classes) + the mean over classes of the entropy of a normal distribution.

    Constants that depend only on the dimension are omitted: they cancel in information.
    """
    if not len(classes):
        classes = [np.zeros(np.shape(numbers)[1], int)]
    total, d = entropy(*classes), len(numbers)
    for cell, n in counts_of(*classes).items() if d else ():
        inside = np.all([c == v for c, v in zip(classes, cell, strict=True)], axis=0)
        covariance = np.cov(np.array(numbers)[:, inside], bias=True).reshape(d, d)
        log_det = np.linalg.slogdet(covariance)[1]
        if correction:
            log_det -= sum(
                digamma((n - i) / 2) + log(2) - log(n) for i in range(1, d + 1)
            )
        total += n / len(inside) * log_det / 2
    return total


def gaussian_information(x, y, z=(), correction=True):
    """I(x; y | z) of lists of columns; float columns are continuous, others discrete.

    Classes of (x, y, z) with fewer than d + 2 samples are omitted. The correction also
    subtracts what the discrete columns have by chance.
    """
    columns = [*x, *y, *z]
    classes = [c for c in columns if c.dtype.kind != "f"]
    d = len(columns) - len(classes)
    keep = np.ones(len(columns[0]), dtype=bool)
    if d and classes:
        size = counts_of(*classes)
        cells = zip(*(c.tolist() for c in classes), strict=True)
        keep = np.array([size[cell] >= d + 2 for cell in cells])
    if not keep.any():
        return 0.0

    def h(*sets):
        columns = [c for columns in sets for c in columns]
        return gaussian_entropy(
            [c[keep] for c in columns if c.dtype.kind != "f"],
            [normal_scores(c)[keep] for c in columns if c.dtype.kind == "f"],
            correction,
        )

    def codes(columns):
        constant = np.zeros(keep.sum(), int)
        discrete = (c[keep] for c in columns if c.dtype.kind != "f")
        return joined(constant, *discrete)

    total = h(x, z) + h(y, z) - h(x, y, z) - (h(z) if z else 0)
    if correction:
        discrete = [codes(columns) for columns in (x, y, z)]
        total -= conditional_information(*discrete)
        total += information_above_chance(*discrete)
    return total


# --- neighbours in spaces of several variables


def distance(variable):
    """Maximum norm over (column, is_discrete) pairs; infinite between levels."""
    n = len(variable[0][0]) if variable else 1
    d = np.zeros((n, n))
    for column, discrete in variable:
        gap = np.abs(np.subtract.outer(column, column))
        d = np.maximum(d, np.where(gap > 0, np.inf, 0) if discrete else gap)
    return d


def ball_information(x, y, given, k):
    """Mean of psi(k) - psi(n_xz) - psi(n_yz) + psi(n_z); variables as in `distance`.

    Samples alone in their cell are omitted. Counts are closed under the conditions of
    `ksg`, and also if only one variable is continuous, as in `ross`.
    """
    others = ~np.eye(len(x[0][0]), dtype=bool)
    kept = (others & np.isfinite(distance([*x, *y, *given]))).any(axis=1)
    x, y, given = (
        [(c[kept], is_discrete) for c, is_discrete in v] for v in (x, y, given)
    )
    n, others = kept.sum(), others[np.ix_(kept, kept)]
    if n == 0 or any(all(len(np.unique(c)) == 1 for c, _ in v) for v in (x, y)):
        return 0.0
    tied = any(
        len(np.unique(c)) < n for c, is_discrete in [*x, *y, *given] if not is_discrete
    )
    d = np.where(others, distance([*x, *y, *given]), np.inf)
    k = np.minimum(k, np.isfinite(d).sum(axis=1))
    r = np.sort(d, axis=1)[np.arange(n), k - 1][:, None]
    ball, itself = d <= r, (r == 0).ravel()
    closed = tied and ((ball.sum(axis=1) > k).any() or itself.any())
    closed |= (
        sum(not all(is_discrete for _, is_discrete in v) for v in (x, y, given)) == 1
    )

    def count(*variables):
        along = np.broadcast_to(
            distance([c for each in variables for c in each]), d.shape
        )
        if not closed:
            return (others & (along < r)).sum(axis=1) + 1
        on_edge = (ball & (along == r)).any(axis=1) & ~itself
        return (others & (along <= r)).sum(axis=1) + 1 - on_edge

    return np.mean(
        digamma(ball.sum(axis=1) + itself if closed else k)
        - digamma(count(x, given))
        - digamma(count(y, given))
        + digamma(count(given))
    )


def rectangle_information(x, y, k):
    """KSG 2: mean of psi(k) - 1/k + psi(n) - psi(n_x) - psi(n_y).

    Here k is the number of samples in the ball. The estimate is `ball_information` if
    ties put more than k samples in a ball, for discrete variables, and if all
    neighbours of a sample have its value of x or of y.
    """
    n, others = len(x[0][0]), ~np.eye(len(x[0][0]), dtype=bool)
    d_x, d_y = distance(x), distance(y)
    d = np.where(others, np.maximum(d_x, d_y), np.inf)
    ball = d <= np.sort(d, axis=1)[:, [k - 1]]
    reach = [np.where(ball, along, 0).max(axis=1)[:, None] for along in (d_x, d_y)]
    tied = any(len(np.unique(c)) < n for c, is_discrete in [*x, *y] if not is_discrete)
    if (
        any(is_discrete and np.ptp(c) > 0 for c, is_discrete in [*x, *y])
        or (tied and (ball.sum(axis=1) > k).any())
        or not np.all(reach)
    ):
        return ball_information(x, y, [], k)
    n_x, n_y = (
        (others & (along <= r)).sum(axis=1)
        for along, r in zip((d_x, d_y), reach, strict=True)
    )
    k = ball.sum(axis=1)
    return digamma(n) + np.mean(digamma(k) - 1 / k - digamma(n_x) - digamma(n_y))


# --- point sets


def cell_distances(points, start):
    """Return maximum norms, distances along axes, and pairs of the same cell."""
    n = len(points)
    cell = np.repeat(np.arange(len(start) - 1), np.diff(start))
    with np.errstate(over="ignore"):
        along = np.abs(points[:, None, :] - points[None, :, :])
    d = np.max(along, axis=2, initial=0)
    others = (cell[:, None] == cell) & ~np.eye(n, dtype=bool)
    return d, along, others


def kth_distances(points, start, k):
    """Return r, the number of others within r, and their extent along each axis."""
    d, along, others = cell_distances(points, start)
    r = np.zeros(len(points))
    for i in range(len(points)):
        near = np.sort(d[i, others[i]])
        if len(near):
            r[i] = near[min(k, len(near)) - 1]
    ball = others & (d <= r[:, None])
    extent = np.where(ball[:, :, None], along, 0).max(axis=1)
    return r, ball.sum(axis=1), extent


def count_within(points, start, r, closed):
    """Return the number of others in the cell nearer than r, or at most r if closed."""
    d, _, others = cell_distances(points, start)
    if points.shape[1] == 0:
        return others.sum(axis=1)
    near = d <= r[:, None] if closed else d < r[:, None]
    return (others & near).sum(axis=1)


def frenzel_pompe(f, y, s, k):
    """I(f; y | s) of Frenzel and Pompe, with closed counts as in `ksg`."""
    if f.min() == f.max() or y.min() == y.max():
        return 0.0
    points = np.stack([f, y, s], axis=1)
    n, axes = len(points), {"fs": [0, 2], "ys": [1, 2], "s": [2]}
    d, along, others = cell_distances(points, [0, n])
    r = kth_distances(points, [0, n], k)[0][:, None]
    ball = others & (d <= r)
    n_ball = ball.sum(axis=1)
    itself = (r == 0).ravel()
    repeats = min(len(np.unique(v)) for v in points.T) < n
    if not (repeats and ((n_ball > k).any() or itself.any())):
        psi = {
            name: digamma((along[:, :, columns].max(axis=2) < r).sum(axis=1))
            for name, columns in axes.items()
        }
        return digamma(k) + np.mean(psi["s"] - psi["fs"] - psi["ys"])
    psi = {}
    for name, columns in axes.items():
        within = along[:, :, columns].max(axis=2)
        at_edge = (ball & (within == r)).any(axis=1) & ~itself
        psi[name] = digamma((within <= r).sum(axis=1) - at_edge)
    return np.mean(digamma(n_ball + itself) + psi["s"] - psi["fs"] - psi["ys"])


# --- kernel densities


def density_entropy(values, bandwidth, leave_one_out):
    """Mean of -ln f of rows of values; f is at least the kernel of the sample."""
    values = np.asarray(values)
    kde = gaussian_kde(values, bandwidth)
    if not leave_one_out:
        return -np.mean(np.log(kde(values)))
    n = values.shape[1]
    white = np.linalg.solve(np.linalg.cholesky(kde.covariance), values)
    apart = white[:, :, None] - white[:, None]
    kernel = np.exp(-(apart**2).sum(axis=0) / 2)
    kernel /= np.sqrt(np.linalg.det(2 * np.pi * kde.covariance))
    f = np.where(np.eye(n), 0, kernel).sum(axis=1) / (n - 1)
    return -np.mean(np.log(np.maximum(f, np.diag(kernel) / n)))


def mixed_entropy(values, codes, bandwidth="scott", leave_one_out=False):
    """H(D) + sum_d p(d) h(C | d), for rows of values C and of codes D."""
    n = len([*values, *codes][0])
    _, code = np.unique(np.array([np.zeros(n), *codes]), axis=1, return_inverse=True)
    total = entropy(code.ravel())
    for d in np.unique(code) if len(values) else ():
        within = np.array(values)[:, code.ravel() == d]
        share = within.shape[1] / n
        total += share * density_entropy(within, bandwidth, leave_one_out)
    return total


def mixed_information(x, y, z=((), ()), **parameters):
    """H(X, Z) + H(Y, Z) - H(X, Y, Z) - H(Z), less what codes have by chance.

    Each variable is (values, codes).
    """

    def h(*variables):
        values, codes = ([*chain(*rows)] for rows in zip(*variables, strict=True))
        return mixed_entropy(values, codes, **parameters) if values or codes else 0.0

    (n,) = {len(row) for rows in (*x, *y) for row in rows}
    codes = [joined(np.zeros(n), *c) for _, c in (x, y, z)]
    chance = conditional_information(*codes) - information_above_chance(*codes)
    return h(x, z) + h(y, z) - h(x, y, z) - h(z) - chance


# --- selection


class PlugInTerms:
    """Terms of the criteria, from their definitions."""

    def information(self, f, y):
        return information(f, y)

    def conditional(self, f, y, *given):
        """I(f; y | given)."""
        return conditional_information(f, y, joined(*given))

    def conditional_redundancy(self, f, s, y):
        """I(f; s | y)."""
        return conditional_information(f, s, y)

    def joint(self, *columns):
        """I(all columns but the last; the last)."""
        *several, y = columns
        return joint_information(joined(*several[1:]), several[0], y)

    def entropy(self, *columns):
        return entropy(*columns)


def joined(*columns):
    """Return one variable whose levels are the tuples that occur."""
    rows = list(zip(*(np.asarray(c).tolist() for c in columns), strict=True))
    level = {row: i for i, row in enumerate(dict.fromkeys(rows))}
    return np.array([level[row] for row in rows])


class VerbTerms:
    """Terms from the methods of an estimator, called for one column at a time."""

    def __init__(self, estimator, encode):
        self.estimator, self.encode = estimator, encode  # encode: arrays to `Columns`

    def block(self, *columns):
        columns = self.encode(*columns)
        block = self.estimator.prepare(columns, np.arange(columns.n_columns))
        return self.estimator.join(block) if columns.n_columns > 1 else block

    def target(self, *columns):
        return self.estimator.as_target(self.block(*columns), 0)

    def information(self, f, y):
        return self.estimator.mi(self.block(f), np.array([0]), self.target(y))[0]

    def conditional(self, f, y, *given):
        both = self.estimator.condition(self.target(y), self.target(*given))
        return self.estimator.cmi(self.block(f), np.array([0]), both)[0]

    def conditional_redundancy(self, f, s, y):
        """I(f; s | y) by the chain rule, as y may be discrete if f and s are not."""
        gain = self.conditional(f, y, s) - self.information(f, y)
        return self.information(f, s) + gain

    def joint(self, *columns):
        """I(all columns but the last; the last) by the chain rule."""
        *several, y = columns
        total = self.information(several[-1], y)
        for i in range(len(several) - 1):
            total += self.conditional(several[i], y, *several[:i:-1])
        return total

    def entropy(self, *columns):
        return entropy(*columns)


def _jmi3(m, f, y, selected):
    if len(selected) == 1:
        return m.joint(f, *selected, y)
    pairs = itertools.combinations(selected, 2)
    return np.mean([m.joint(f, s, t, y) for t, s in pairs])


def _disr(m, f, y, selected):
    return [ratio(m.joint(f, s, y), m.entropy(f, s, y)) for s in selected]


def _shared(m, f, y, selected):
    return [m.information(f, s) - m.conditional_redundancy(f, s, y) for s in selected]


def ratio(information, entropy):
    return information / entropy if entropy > 1e-12 else 0.0


CRITERIA = {
    "mim": lambda m, f, y, selected: m.information(f, y),
    "mifs": lambda m, f, y, selected: (
        m.information(f, y) - sum(m.information(f, s) for s in selected)
    ),
    "nmifs": lambda m, f, y, selected: (
        m.information(f, y)
        - np.mean(
            [
                ratio(m.information(f, s), min(m.entropy(f), m.entropy(s)))
                for s in selected
            ]
        )
    ),
    "mrmr": lambda m, f, y, selected: (
        m.information(f, y) - np.mean([m.information(f, s) for s in selected])
    ),
    "miq": lambda m, f, y, selected: (
        m.information(f, y)
        / max(np.mean([m.information(f, s) for s in selected]), 1e-3)
    ),
    "jmi": lambda m, f, y, selected: np.mean([m.joint(f, s, y) for s in selected]),
    "jmi3": _jmi3,
    "jmim": lambda m, f, y, selected: min(m.joint(f, s, y) for s in selected),
    "njmim": lambda *arguments: min(_disr(*arguments)),
    "disr": lambda *arguments: np.mean(_disr(*arguments)),
    "cmim": lambda m, f, y, selected: min(
        m.information(f, y), *(m.conditional(f, y, s) for s in selected)
    ),
    "cmi": lambda m, f, y, selected: m.conditional(f, y, *selected),
    "cife": lambda m, f, y, selected: (
        m.information(f, y) - sum(_shared(m, f, y, selected))
    ),
    "icap": lambda m, f, y, selected: (
        m.information(f, y) - sum(max(0, term) for term in _shared(m, f, y, selected))
    ),
    # as published, minus terms that are equal for all candidates, over n + 1
    "mri": lambda m, f, y, selected: (
        (
            m.information(f, y)
            + sum(
                m.conditional(f, y, s)
                + (m.information(s, y) + m.conditional(f, y, s) - m.information(f, y))
                - m.information(s, y)
                for s in selected
            )
        )
        / (len(selected) + 1)
    ),
    "condred": lambda m, f, y, selected: (
        m.information(f, y) + sum(m.conditional_redundancy(f, s, y) for s in selected)
    ),
    "betagamma": lambda m, f, y, selected, beta=1, gamma=1: (
        m.information(f, y)
        - beta * sum(m.information(f, s) for s in selected)
        + gamma * sum(m.conditional_redundancy(f, s, y) for s in selected)
    ),
}


def greedy(columns, y, criterion, n_picks, terms=None, start=()):
    """Return path and scores of a greedy search that computes every J from scratch.

    The columns in `start` come first, in this order.
    """
    path, scores = [], []
    terms = PlugInTerms() if terms is None else terms
    while len(path) < n_picks:
        selected = [columns[s] for s in path]
        formula = CRITERIA[criterion] if path else CRITERIA["mim"]
        score = {
            f: formula(terms, columns[f], y, selected)
            for f in range(len(columns))
            if f not in path
        }
        forced = start[len(path)] if len(path) < len(start) else None
        path.append(max(score, key=score.get) if forced is None else forced)
        scores.append(score[path[-1]])
    return path, scores


# --- corrections of the plug-in


def miller_madow(*columns):
    return entropy(*columns) + (len(counts_of(*columns)) - 1) / (2 * len(columns[0]))


def jackknife(*columns):
    """n H - (n - 1) * mean of H without one sample."""
    columns = [np.asarray(column) for column in columns]
    n = len(columns[0])
    without = [entropy(*(np.delete(c, i) for c in columns)) for i in range(n)]
    return n * entropy(*columns) - (n - 1) * fsum(without) / n


def grassberger(*columns):
    """G(c) = psi(c) + (-1)^c / 2 (psi((c + 1) / 2) - psi(c / 2)); 0 for one level."""
    n, c = len(columns[0]), np.array(list(counts_of(*columns).values()))
    if len(c) == 1:
        return 0.0
    g = digamma(c) + (-1.0) ** c / 2 * (digamma((c + 1) / 2) - digamma(c / 2))
    return log(n) - fsum(c * g) / n


def chao_shen(*columns):
    counts, n = list(counts_of(*columns).values()), len(columns[0])
    n_single = min(counts.count(1), n - 1)
    q = [(1 - n_single / n) * c / n for c in counts]
    return -fsum(p * log(p) / (1 - (1 - p) ** n) for p in q)


def shrunk_frequencies(*columns):
    """Return the frequencies of all cells, shrunk towards equal frequencies."""
    codes = [np.unique(c, return_inverse=True)[1].ravel() for c in columns]
    table = np.zeros([c.max() + 1 for c in codes])
    np.add.at(table, tuple(codes), 1)
    n, p, t = len(codes[0]), table / table.sum(), 1 / table.size
    distance = (n - 1) * ((t - p) ** 2).sum()
    above = 1 - (p**2).sum()
    share = min(1, above / distance) if distance > 1e-12 else 1
    return share * t + (1 - share) * p


def shrunk_information(x, y, z):
    """I(x; y | z) of the shrunk frequencies of all three variables."""
    p = shrunk_frequencies(x, y, z)
    p_xz, p_yz = p.sum(axis=1, keepdims=True), p.sum(axis=0, keepdims=True)
    p_z = p.sum(axis=(0, 1), keepdims=True)
    terms = np.zeros_like(p)
    some = p > 0
    terms[some] = p[some] * np.log((p * p_z / (p_xz * p_yz + (p == 0)))[some])
    return fsum(terms.ravel())


def chance_information(x, y):
    """Mean of I(x; y) over permutations, a sum over hypergeometric counts."""
    sizes = product(counts_of(x).values(), counts_of(y).values())
    return fsum(_chance_of_cell(len(x), *sorted(pair)) for pair in sizes)


@cache
def _chance_of_cell(n, a, b):
    c = np.arange(max(1, a + b - n), min(a, b) + 1)
    p = hypergeom.pmf(c, n, a, b)
    return fsum(p * c / n * np.log(n * c / (a * b)))


def expected_excess(a, b, n):
    """Mean of k log(k / mean) - (k - mean) for a hypergeometric k of mean ab / n."""
    mean = a * b / n
    mode = (a + 1) * (b + 1) // (n + 2)
    weights = {mode: 1.0}
    for k in range(mode, min(a, b)):
        ratio = (a - k) * (b - k) / ((k + 1) * (n - a - b + k + 1))
        weights[k + 1] = weights[k] * ratio
    for k in range(mode, max(0, a + b - n), -1):
        ratio = k * (n - a - b + k) / ((a - k + 1) * (b - k + 1))
        weights[k - 1] = weights[k] * ratio
    excess = {
        k: k * np.log1p((k - mean) / mean) - (k - mean) if k else mean for k in weights
    }
    return fsum(w * excess[k] for k, w in weights.items()) / fsum(weights.values())


def information_above_chance(x, y, z):
    """I(x; y | z) minus its mean over permutations within each level of z."""
    x, y, z = map(np.asarray, (x, y, z))
    return conditional_information(x, y, z) - fsum(
        np.mean(z == level) * chance_information(x[z == level], y[z == level])
        for level in np.unique(z)
    )


# --- rules of bins


def k_means_bins(x, n_bins):
    """Return the nearest of n_bins means, which start in bins of equal width."""
    if len(np.unique(x)) <= n_bins:
        return values_as_bins(x)
    edges = np.linspace(np.min(x), np.max(x), n_bins + 1)
    start = (edges[1:] + edges[:-1]) / 2
    fitted = KMeans(n_bins, init=start[:, None], n_init=1).fit(np.reshape(x, (-1, 1)))
    rank = fitted.cluster_centers_.ravel().argsort().argsort()
    return values_as_bins(rank[fitted.labels_])


# --- fast correlation-based filter


def symmetrical_uncertainty(x, y):
    """SU = 2 I(x; y) / (H(x) + H(y))."""
    total = entropy(x) + entropy(y)
    return 2 * information(x, y) / total if total > 1e-12 else 0.0


def fcbf(columns, y, threshold):
    """Path of Yu and Liu: select a feature unless a selected one makes it redundant."""
    su = [symmetrical_uncertainty(x, y) for x in columns]
    path = []
    for f in sorted(range(len(columns)), key=lambda f: -su[f]):
        redundant = any(
            symmetrical_uncertainty(columns[f], columns[s]) >= su[f] - 1e-12
            for s in path
        )
        if su[f] > threshold + 1e-12 and not redundant:
            path.append(f)
    return path, su


# --- permutation tests


def standardize(scores, permuted, may_end=True, alike=()):
    """Normal scores by gamma distributions with three moments of all other scores.

    Without may_end, a negative skewness is taken for 0. Candidates that are alike have
    the medians of their moments.

    Returns the normal score of each candidate, and the highest of each permutation.
    """
    values = np.vstack([scores, permuted]).T
    each = np.empty(values.shape)
    for i in range(values.shape[1]):
        others = np.delete(values, i, axis=1)
        mean, std = others.mean(axis=1), others.std(axis=1)
        third = ((others - mean[:, None]) ** 3).mean(axis=1)
        skewness = third / np.where(std > 1e-8, std, 1) ** 3
        spread = std.copy()
        for moment in (mean, spread, skewness):
            if len(alike) > 1:
                moment[alike] = np.median(moment[alike])
        for c, value in enumerate(values[:, i]):
            if std[c] < 1e-8:
                is_above = value > mean[c] + 1e-8
                each[c, i] = -ndtri(1 / values.shape[1]) if is_above else -np.inf
                continue
            size = abs(skewness[c]) if may_end else skewness[c]
            g = skewness[c] if size > 0.01 else 0.01
            inner = max(1 + g / 2 * (value - mean[c]) / spread[c], 0)
            each[c, i] = 6 / g * (inner ** (1 / 3) - 1) + g / 6
    return each[:, 0], each[:, 1:].max(axis=0)


# --- the test over scales


def mean_step(order, values, n_steps):
    """Return the mean difference of samples at most n_steps places apart in an order.

    Of labels, which are strings, the difference is 0 or 1.
    """
    n, differences = len(order), []
    for i in range(n):
        for j in range(i + 1, min(i + n_steps + 1, n)):
            a, b = values[order[i]], values[order[j]]
            differences.append(float(a != b) if isinstance(a, str) else abs(a - b))
    return np.mean(differences)


def rank_functions(values):
    """Return normal scores and weighted cosines of ranks, each with mean 0."""
    places = (rankdata(values) - 0.5) / len(values)
    functions = [ndtri(places)]
    for j in range(1, 9):
        functions.append(0.7 ** (j / 2) * np.sqrt(2) * np.cos(np.pi * j * places))
    return [function - function.mean() for function in functions]


def scale_statistics(x, y, order_of_x, order_of_y):
    """Return the coarse, the middle and the fine statistic; strings are labels.

    The orders are those of the values, ties in any order.
    """
    n = len(x)
    n_steps = min(max(1, int(np.sqrt(n) / 4)), 25, n - 1)
    if isinstance(x[0], str):
        x, y, order_of_x, order_of_y = y, x, order_of_y, order_of_x
    functions = rank_functions(x)
    if isinstance(y[0], str):
        between = [
            sum(f[y == level].sum() ** 2 / np.sum(y == level) for level in set(y))
            for f in functions
        ]
        return between[0], sum(between[1:]), -mean_step(order_of_x, y, n_steps)
    products = np.array([[f @ g for g in rank_functions(y)] for f in functions])
    ratios = []
    for order, values in ((order_of_x, y), (order_of_y, x)):
        ranks = rankdata(values)
        pairs = [abs(a - b) for a, b in itertools.combinations(ranks, 2)]
        ratios.append(mean_step(order, ranks, n_steps) / np.mean(pairs))
    return products[0, 0] ** 2, np.sum(products[1:, 1:] ** 2), 1 - min(ratios)
