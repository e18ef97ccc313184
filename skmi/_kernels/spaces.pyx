"""Neighbours of points of any dimension under the maximum norm, cell by cell.

The points of a cell are neighbours of each other only. What counts neighbours compares
with the arithmetic that produced the distances: `fabs(a - b) < r`.
"""
from libc.math cimport INFINITY
from libc.stdlib cimport free, malloc
from libc.string cimport memcpy, memset

from skmi._kernels.balls cimport search_tree, tally_tree
from skmi._kernels.trees cimport Tree, grow_tree, set_levels


cdef bint allocate(Tree* tree, Py_ssize_t n, Py_ssize_t d) noexcept nogil:
    """Room for a tree of up to n points; tell if there is."""
    tree.points = <double*> malloc((n * d + 1) * sizeof(double))
    tree.boxes = <double*> malloc(((n + 4) * d + 1) * sizeof(double))
    tree.samples = <int*> malloc((n + 1) * sizeof(int))
    if tree.points == NULL or tree.boxes == NULL or tree.samples == NULL:
        release(tree)
        return False
    return True


cdef void release(Tree* tree) noexcept nogil:
    free(tree.points)
    free(tree.boxes)
    free(tree.samples)


cdef inline void plant_cell(
    Tree* tree, const double* points, Py_ssize_t d, Py_ssize_t begin, Py_ssize_t end
) noexcept nogil:
    """Make the tree of one cell."""
    cdef Py_ssize_t i
    set_levels(tree, end - begin)
    memcpy(tree.points, points + begin * d, tree.n * d * sizeof(double))
    for i in range(tree.n):
        tree.samples[i] = <int> (begin + i)
    grow_tree(tree, d)


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


def kth_distances(
    const double[:, ::1] points, const int[::1] start, int k, double[::1] r,
    int[::1] n_ball=None, double[:, ::1] extent=None,
):
    """Write the distance of every point to its k-th nearest neighbour into r.

    The rows start[c] to start[c + 1] - 1 of points (n, d), d > 0, are cell c. In
    a cell of k points or fewer, k is their number less one; r is 0 where a point is
    alone. If both are given, n_ball takes the number of others of the cell no farther
    than r, k without ties; and extent (n, d) how far these are along each axis at most.
    """
    cdef Py_ssize_t c, n = points.shape[0], d = points.shape[1]
    cdef Py_ssize_t begin, end, n_most = 0
    cdef int k_cell
    cdef double* nearest
    cdef int* to_n = NULL
    cdef double* to_extent = NULL
    cdef Tree tree
    if n == 0:
        return
    if n_ball is not None and extent is not None:
        to_n = &n_ball[0]
        to_extent = &extent[0, 0]
    for c in range(start.shape[0] - 1):
        n_most = max(n_most, start[c + 1] - start[c])
    nearest = <double*> malloc(k * sizeof(double))
    if nearest == NULL or not allocate(&tree, n_most, d):
        free(nearest)
        raise MemoryError
    with nogil:
        for c in range(start.shape[0] - 1):
            begin = start[c]
            end = start[c + 1]
            if end - begin < 2:
                if end > begin:
                    r[begin] = 0
                    if to_n != NULL:
                        to_n[begin] = 0
                        memset(to_extent + begin * d, 0, d * sizeof(double))
                continue
            k_cell = k if k < end - begin else <int> (end - begin - 1)
            plant_cell(&tree, &points[0, 0], d, begin, end)
            if d == 2:  # known to the compiler
                search_cell(&tree, 2, k_cell, nearest, &r[0], to_n, to_extent)
            elif d == 3:
                search_cell(&tree, 3, k_cell, nearest, &r[0], to_n, to_extent)
            else:
                search_cell(&tree, d, k_cell, nearest, &r[0], to_n, to_extent)
    release(&tree)
    free(nearest)


def count_within(
    const double[:, ::1] points, const int[::1] start, const double[::1] r, bint closed,
    int[::1] out,
):
    """Write how many others of its cell are nearer to point i than r[i] into out[i].

    Or, if closed, no farther. Points without coordinates are all of the others.
    """
    cdef Py_ssize_t c, i, n = points.shape[0], d = points.shape[1]
    cdef Py_ssize_t begin, end, n_most = 0
    cdef Tree tree
    if n == 0:
        return
    for c in range(start.shape[0] - 1):
        n_most = max(n_most, start[c + 1] - start[c])
    if not allocate(&tree, n_most, d):
        raise MemoryError
    with nogil:
        for c in range(start.shape[0] - 1):
            begin = start[c]
            end = start[c + 1]
            if d == 0 or end - begin < 2:
                for i in range(begin, end):
                    out[i] = <int> (end - begin - 1)
                continue
            plant_cell(&tree, &points[0, 0], d, begin, end)
            if d == 2:  # known to the compiler
                count_cell(&tree, 2, &r[0], closed, &out[0])
            elif d == 1:
                count_cell(&tree, 1, &r[0], closed, &out[0])
            else:
                count_cell(&tree, d, &r[0], closed, &out[0])
    release(&tree)
