"""Stand-in for the kernel `spaces`, until it lands."""

import numpy as np
from scipy.spatial import cKDTree


def kth_distances(points, start, k, r, n_ball, reach):
    for a, b in zip(start[:-1], start[1:], strict=True):
        part = points[a:b]
        if b - a < 2:
            continue
        tree = cKDTree(part)
        kk = min(k, b - a - 1)
        d, _ = tree.query(part, [kk + 1], p=np.inf)
        for i in range(b - a):
            members = [
                j
                for j in tree.query_ball_point(part[i], d[i, 0] * (1 + 1e-9), p=np.inf)
                if j != i
            ]
            gaps = np.abs(part[members] - part[i])
            dist = gaps.max(axis=1)
            rr = np.sort(dist)[kk - 1]
            ball = dist <= rr
            r[a + i] = rr
            n_ball[a + i] = ball.sum()
            reach[a + i] = gaps[ball].max(axis=0)


def count_within(points, start, r, closed, out):
    for a, b in zip(start[:-1], start[1:], strict=True):
        part = points[a:b]
        if points.shape[1] == 0:
            out[a:b] = np.where((r[a:b] > 0) | closed, b - a - 1, 0)
            continue
        for i in range(b - a):
            d = np.abs(part - part[i]).max(axis=1)
            out[a + i] = ((d <= r[a + i]) if closed else (d < r[a + i])).sum() - (
                (r[a + i] > 0) | closed
            )
