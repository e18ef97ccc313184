"""Neighbours of points of any dimension under the maximum norm, cell by cell.

Only points of the same cell are neighbours. Counts compare distances by the arithmetic
that computed them: `fabs(a - b) < r`.

Three arrays contain a k-d tree for each cell. The rows start[c] to start[c + 1] - 1 of
points (n, d) are those of cell c, in the order of its tree, and samples has the sample
of each row. The boxes of cell c begin at row start[c] + 4 * c of boxes
(n + 4 * n_cells, d). All results are in the order of the samples.
"""
from libc.math cimport INFINITY
from libc.string cimport memset

from skmi._kernels.balls cimport search_tree, tally_tree
from skmi._kernels.scratch cimport Scratch
from skmi._kernels.trees cimport Tree, grow_tree, set_levels


cdef inline void find_tree(
    Tree* tree, const double* points, const int* samples, const double* boxes,
    const int* start, Py_ssize_t c, Py_ssize_t d,
) noexcept nogil:
    """Set the tree of cell c, which has a point or more."""
    tree.points = <double*> points + start[c] * d
    tree.samples = <int*> samples + start[c]
    tree.boxes = <double*> boxes + (start[c] + 4 * c) * d
    set_levels(tree, start[c + 1] - start[c])


cdef inline void search_cell(
    const Tree* tree, Py_ssize_t d, int k, double* nearest, double* r, int* n_ball,
    double* extent,
) noexcept nogil:
    cdef Py_ssize_t p
    cdef int i
    for p in range(tree.n):
        for i in range(k):
            nearest[i] = INFINITY
        search_tree(tree, d, p, nearest, k)
        r[tree.samples[p]] = nearest[k - 1]
        if n_ball != NULL:
            n_ball[tree.samples[p]] = <int> tally_tree(
                tree, d, p, nearest[k - 1], True, extent + tree.samples[p] * d
            )


cdef inline void count_cell(
    const Tree* tree, Py_ssize_t d, const double* r, bint closed, int* out
) noexcept nogil:
    cdef Py_ssize_t p
    for p in range(tree.n):
        out[tree.samples[p]] = <int> tally_tree(
            tree, d, p, r[tree.samples[p]], closed, NULL
        )


def grow_trees(
    double[:, ::1] points, int[::1] samples, double[:, ::1] boxes, const int[::1] start
):
    """Put the points of each cell in the order of a tree, and fill the boxes.

    On entry, the points of a cell are in any order.
    """
    cdef Py_ssize_t c, d = points.shape[1]
    cdef Tree tree
    if points.shape[0] == 0 or d == 0:
        return
    with nogil:
        for c in range(start.shape[0] - 1):
            if start[c + 1] - start[c] > 1:
                find_tree(
                    &tree, &points[0, 0], &samples[0], &boxes[0, 0], &start[0], c, d
                )
                grow_tree(&tree, d)


def kth_distances(
    const double[:, ::1] points, const int[::1] samples, const double[:, ::1] boxes,
    const int[::1] start, int k, double[::1] r, int[::1] n_ball=None,
    double[:, ::1] extent=None,
):
    """Write the distance of every sample to its k-th nearest neighbour into r.

    The points have a coordinate or more. In a cell of k points or fewer, k is their
    number less one; r is 0 for a point alone. If both are given, n_ball takes the
    number of others of the cell no farther than r, which is k without ties, and extent
    (n, d) takes the distance of the farthest of these along each axis.
    """
    cdef Py_ssize_t c, size, sample, d = points.shape[1]
    cdef int k_cell
    cdef Scratch scratch = Scratch()
    cdef double* nearest = scratch.doubles(k)
    cdef int* to_n = NULL
    cdef double* to_extent = NULL
    cdef Tree tree
    if points.shape[0] == 0:
        return
    if n_ball is not None and extent is not None:
        to_n = &n_ball[0]
        to_extent = &extent[0, 0]
    with nogil:
        for c in range(start.shape[0] - 1):
            size = start[c + 1] - start[c]
            if size == 0:
                continue
            if size == 1:
                sample = samples[start[c]]
                r[sample] = 0
                if to_n != NULL:
                    to_n[sample] = 0
                    memset(to_extent + sample * d, 0, d * sizeof(double))
                continue
            k_cell = k if k < size else <int> (size - 1)
            find_tree(&tree, &points[0, 0], &samples[0], &boxes[0, 0], &start[0], c, d)
            if d == 2:  # a constant for the compiler
                search_cell(&tree, 2, k_cell, nearest, &r[0], to_n, to_extent)
            elif d == 3:
                search_cell(&tree, 3, k_cell, nearest, &r[0], to_n, to_extent)
            else:
                search_cell(&tree, d, k_cell, nearest, &r[0], to_n, to_extent)


def count_within(
    const double[:, ::1] points, const int[::1] samples, const double[:, ::1] boxes,
    const int[::1] start, const double[::1] r, bint closed, int[::1] out,
):
    """Write how many others of its cell are nearer to sample i than r[i] into out[i].

    If closed, count those at that distance, too. Points without coordinates are at
    distance 0, and all are counted.
    """
    cdef Py_ssize_t c, i, size, d = points.shape[1]
    cdef Tree tree
    if points.shape[0] == 0:
        return
    with nogil:
        for c in range(start.shape[0] - 1):
            size = start[c + 1] - start[c]
            if d == 0 or size < 2:
                for i in range(start[c], start[c + 1]):
                    out[samples[i]] = <int> (size - 1)
                continue
            find_tree(&tree, &points[0, 0], &samples[0], &boxes[0, 0], &start[0], c, d)
            if d == 2:  # a constant for the compiler
                count_cell(&tree, 2, &r[0], closed, &out[0])
            elif d == 1:
                count_cell(&tree, 1, &r[0], closed, &out[0])
            else:
                count_cell(&tree, d, &r[0], closed, &out[0])
