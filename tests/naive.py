"""Slow, obvious oracles: each is its definition. All values are in nats."""

from collections import Counter
from itertools import chain
from math import fsum, log

import numpy as np
from scipy.special import digamma
from scipy.stats import gaussian_kde, rankdata

# --- plug-in


def counts_of(*columns):
    """How often each tuple of values occurs."""
    return Counter(
        zip(*(np.asarray(column).tolist() for column in columns), strict=True)
    )


def entropy(*columns):
    """H of the columns taken together: -sum p log p."""
    n = len(columns[0])
    return -fsum(c / n * log(c / n) for c in counts_of(*columns).values())


def information(x, y):
    """I(x; y) = sum p(x, y) log p(x, y) / (p(x) p(y))."""
    n, of_x, of_y = len(x), counts_of(x), counts_of(y)
    return fsum(
        c / n * log(n * c / (of_x[a,] * of_y[b,]))
        for (a, b), c in counts_of(x, y).items()
    )


def joint_information(x, z, y):
    """I(x, z; y), where x and z are one variable of pairs."""
    return entropy(x, z) + entropy(y) - entropy(x, z, y)


def conditional_information(x, y, z):
    """I(x; y | z): the mean over z of the information within it."""
    x, y, z = map(np.asarray, (x, y, z))
    return fsum(
        np.mean(z == level) * information(x[z == level], y[z == level])
        for level in np.unique(z)
    )


# --- bins


def values_as_bins(x):
    return np.unique(x, return_inverse=True)[1].ravel()


def quantile_bins(x, n_bins):
    """Bin floor(n_bins * share of samples strictly below); few values stay apart."""
    if len(np.unique(x)) <= n_bins:
        return values_as_bins(x)
    n_below = rankdata(x, method="min").astype(int) - 1
    return n_bins * n_below // len(x)


def uniform_bins(x, n_bins):
    """Bins of equal width, the highest value in the last; few values stay apart."""
    if len(np.unique(x)) <= n_bins:
        return values_as_bins(x)
    share = (x - x.min()) / (x.max() - x.min())
    return np.minimum((n_bins * share).astype(int), n_bins - 1)


# --- nearest neighbours


def ksg(x, y, k):
    """KSG 1, and its closed counts where ties make several others share a distance."""
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
    """Ross, with closed counts; classes of one sample are left out."""
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


# --- kernel densities


def density_entropy(values, bandwidth, leave_one_out):
    """-mean ln f of rows of values; no f below what the sample's own kernel gives."""
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
    """H(D) + sum_d p(d) h(C | d), of rows of values C and of codes D."""
    n = len([*values, *codes][0])
    _, code = np.unique(np.array([np.zeros(n), *codes]), axis=1, return_inverse=True)
    total = entropy(code.ravel())
    for d in np.unique(code) if len(values) else ():
        within = np.array(values)[:, code.ravel() == d]
        share = within.shape[1] / n
        total += share * density_entropy(within, bandwidth, leave_one_out)
    return total


def mixed_information(x, y, z=((), ()), **parameters):
    """H(X, Z) + H(Y, Z) - H(X, Y, Z) - H(Z), each a pair of rows: values and codes."""

    def h(*variables):
        values, codes = ([*chain(*rows)] for rows in zip(*variables, strict=True))
        return mixed_entropy(values, codes, **parameters) if values or codes else 0.0

    return h(x, z) + h(y, z) - h(x, y, z) - h(z)


# --- selection

CRITERIA = {
    "mim": lambda f, y, chosen: information(f, y),
    "mrmr": lambda f, y, chosen: (
        information(f, y) - np.mean([information(f, s) for s in chosen])
    ),
    "jmi": lambda f, y, chosen: np.mean([joint_information(f, s, y) for s in chosen]),
    "cmim": lambda f, y, chosen: min(
        information(f, y), *(conditional_information(f, y, s) for s in chosen)
    ),
}


def greedy(columns, y, criterion, n_picks):
    """Path and scores: each time the best candidate, every J computed from scratch."""
    path, scores = [], []
    while len(path) < n_picks:
        chosen = [columns[s] for s in path]
        formula = CRITERIA[criterion] if path else CRITERIA["mim"]
        score = {
            f: formula(columns[f], y, chosen)
            for f in range(len(columns))
            if f not in path
        }
        path.append(max(score, key=score.get))
        scores.append(score[path[-1]])
    return path, scores
