"""Walks in a k-d tree under the maximum norm: nearest neighbours, points in a ball.

A walk starts at the leaf of its point and climbs, looking into the other child of every
ancestor. Differences round monotonically, so that bounds from the edges of a box are
exact for its points, ties included.
"""
from libc.math cimport fabs

from skmi._kernels.trees cimport Tree, begin_of, leaf_of


cdef inline double gap_to(
    const double* box, const double* point, Py_ssize_t d
) noexcept nogil:
    """Return a distance such that no point in the box is nearer."""
    cdef Py_ssize_t a
    cdef double gap = 0, below, above
    for a in range(d):
        below = box[a] - point[a]
        above = point[a] - box[d + a]
        below = below if below > above else above
        gap = gap if gap > below else below
    return gap


cdef inline double reach_of(
    const double* box, const double* point, Py_ssize_t d
) noexcept nogil:
    """Return a distance such that no point in the box is farther."""
    cdef Py_ssize_t a
    cdef double reach = 0, below, above
    for a in range(d):
        below = point[a] - box[a]
        above = box[d + a] - point[a]
        below = below if below > above else above
        reach = reach if reach > below else below
    return reach


cdef inline double distance_of(
    const double* p, const double* q, Py_ssize_t d
) noexcept nogil:
    """Return the distance of two points."""
    cdef Py_ssize_t a
    cdef double distance = 0, along
    for a in range(d):
        along = fabs(p[a] - q[a])
        distance = distance if distance > along else along
    return distance


cdef inline void compare_points(
    const Tree* tree, Py_ssize_t d, Py_ssize_t begin, Py_ssize_t end,
    const double* point, double* nearest, int k,
) noexcept nogil:
    """Keep the k least distances, ascending, of these and the points before."""
    cdef Py_ssize_t j
    cdef int i
    cdef double distance
    for j in range(begin, end):
        distance = distance_of(tree.points + j * d, point, d)
        if distance < nearest[k - 1]:
            i = k - 1
            while i > 0 and nearest[i - 1] > distance:
                nearest[i] = nearest[i - 1]
                i -= 1
            nearest[i] = distance


cdef inline void search_tree(
    const Tree* tree, Py_ssize_t d, Py_ssize_t p, double* nearest, int k
) noexcept nogil:
    """Compare all points that may be among the k nearest to point p."""
    cdef const double* point = tree.points + p * d
    cdef Py_ssize_t leaf = leaf_of(tree, p), top = leaf, node
    cdef int level = tree.n_levels
    compare_points(tree, d, begin_of(tree, leaf, level), p, point, nearest, k)
    compare_points(
        tree, d, p + 1, begin_of(tree, leaf + 1, level), point, nearest, k
    )
    while top > 1:
        top ^= 1
        node = top
        while True:
            if gap_to(tree.boxes + 2 * d * node, point, d) < nearest[k - 1]:
                if node < tree.n_leaves:
                    node *= 2
                    level += 1
                    continue
                compare_points(
                    tree, d, begin_of(tree, node, level),
                    begin_of(tree, node + 1, level), point, nearest, k,
                )
            while node != top and node & 1:
                node >>= 1
                level -= 1
            if node == top:
                break
            node += 1
        top >>= 1
        level -= 1


cdef inline Py_ssize_t tally_points(
    const Tree* tree, Py_ssize_t d, Py_ssize_t begin, Py_ssize_t end,
    const double* point, double r, bint closed, double* extent,
) noexcept nogil:
    """Count the points in the ball, and widen extent to them if it is not NULL."""
    cdef Py_ssize_t a, j, n_in = 0
    cdef double along, distance
    cdef bint is_in
    for j in range(begin, end):
        distance = distance_of(tree.points + j * d, point, d)
        is_in = distance <= r if closed else distance < r
        n_in += is_in
        if extent != NULL and is_in:
            for a in range(d):
                along = fabs(tree.points[j * d + a] - point[a])
                extent[a] = along if along > extent[a] else extent[a]
    return n_in


cdef inline Py_ssize_t tally_tree(
    const Tree* tree, Py_ssize_t d, Py_ssize_t p, double r, bint closed, double* extent
) noexcept nogil:
    """Count the other points nearer to point p than r or, if closed, no farther.

    Entry a of extent, if not NULL, becomes their largest distance along axis a.
    """
    cdef const double* point = tree.points + p * d
    cdef const double* box
    cdef Py_ssize_t a, leaf = leaf_of(tree, p), top = leaf, node, begin, end, n_in
    cdef int level = tree.n_levels
    cdef double gap, reach, below, above
    if extent != NULL:
        for a in range(d):
            extent[a] = 0
    begin = begin_of(tree, leaf, level)
    end = begin_of(tree, leaf + 1, level)
    n_in = tally_points(tree, d, begin, p, point, r, closed, extent)
    n_in += tally_points(tree, d, p + 1, end, point, r, closed, extent)
    while top > 1:
        top ^= 1
        node = top
        while True:
            box = tree.boxes + 2 * d * node
            gap = gap_to(box, point, d)
            if gap <= r if closed else gap < r:
                begin = begin_of(tree, node, level)
                end = begin_of(tree, node + 1, level)
                reach = reach_of(box, point, d)
                if reach <= r if closed else reach < r:
                    n_in += end - begin
                    if extent != NULL:
                        for a in range(d):
                            below = point[a] - box[a]
                            above = box[d + a] - point[a]
                            below = below if below > above else above
                            extent[a] = below if below > extent[a] else extent[a]
                elif node < tree.n_leaves:
                    node *= 2
                    level += 1
                    continue
                else:
                    n_in += tally_points(
                        tree, d, begin, end, point, r, closed, extent
                    )
            while node != top and node & 1:
                node >>= 1
                level -= 1
            if node == top:
                break
            node += 1
        top >>= 1
        level -= 1
    return n_in
