"""Information of continuous columns with classes given a continuous s.

Distances are Chebyshev's, in the plane of the column f and s; the k-th within a class
comes from a tree of its samples. Counts along s are ranges of ranks, among all samples
and among the class; counts in the plane are of the samples in a range of f and of s.
"""
from libc.math cimport INFINITY, sqrt
from libc.stdlib cimport free, malloc

from skmi._kernels.balls cimport search_tree, tally_tree
from skmi._kernels.marginals cimport Index, Range, fill_index, range_within, repeats
from skmi._kernels.planes cimport Plane, count_box, fill_plane, set_slabs
from skmi._kernels.trees cimport Tree, grow_tree, set_levels


cdef struct Space:
    Tree tree           # of rows f, s of a class
    Index of_f          # of all samples
    Index of_s
    Plane of_fs
    double* pairs       # f and s of every place: class by class, s ascending in each
    int* place          # of every sample


cdef struct Ball:
    Py_ssize_t n        # others of the class no farther than r, or k
    bint on_f           # one of them is at r along f
    bint on_s


cdef inline Py_ssize_t count_own(
    const double* pairs, Py_ssize_t n, double s, double r, bint closed
) noexcept nogil:
    """Number of ascending s of a class that are nearer than r, or no farther."""
    cdef Py_ssize_t half, begin = 0, end, width = n
    cdef double gap
    while width > 0:
        half = width >> 1
        gap = s - pairs[2 * (begin + half) + 1]
        if gap < r or (closed and gap == r):
            width = half
        else:
            begin += half + 1
            width -= half + 1
    end = begin
    width = n - begin
    while width > 0:
        half = width >> 1
        gap = pairs[2 * (end + half) + 1] - s
        if gap < r or (closed and gap == r):
            end += half + 1
            width -= half + 1
        else:
            width = half
    return end - begin


cdef inline double psi_sum(
    const Space* space, const double* own, const double* point, double r, bint closed,
    Ball ball, const double* psi,
) noexcept nogil:
    """psi(n) - psi(n_fs) - psi(n_ys) + psi(n_s), where n is of the ball.

    The counts are of the samples nearer than r, or no farther; the point itself is left
    out where one of the ball is at its edge. Exactly 0 if they are alike in pairs.
    """
    cdef Range f = range_within(&space.of_f, point[0], r, closed)
    cdef Range s = range_within(&space.of_s, point[1], r, closed)
    cdef Py_ssize_t n_fs = count_box(&space.of_fs, f.begin, f.end, s.begin, s.end)
    cdef Py_ssize_t n_ys = count_own(own, space.tree.n, point[1], r, closed)
    cdef Py_ssize_t n_s = s.end - s.begin - ball.on_s
    n_fs -= ball.on_f | ball.on_s
    n_ys -= ball.on_s
    if n_fs < n_ys:
        n_fs, n_ys = n_ys, n_fs
    return (psi[n_s] - psi[n_fs]) + (psi[ball.n] - psi[n_ys])


cdef double column_mean(
    Space* space, const int* start, Py_ssize_t n_classes, bint tied,
    Py_ssize_t n_neighbors, const double* psi, double* nearest,
) noexcept nogil:
    """Mean over the samples of psi(k) - psi(n_fs) - psi(n_ys) + psi(n_s).

    These count the samples nearer than the k-th neighbour, and the sample itself; with
    ties, counts are closed as in `conditional_neighbors`. In a class of k samples or
    fewer, k is their number less one.
    """
    cdef Tree* tree = &space.tree
    cdef const double* own
    cdef const double* point
    cdef Py_ssize_t c, i, p, k
    cdef double r, open_total = 0, closed_total = 0
    cdef double[2] extent
    cdef bint shared = False
    cdef Ball ball, kth
    kth.on_f = kth.on_s = False
    for c in range(n_classes):
        if start[c + 1] == start[c]:
            continue
        own = space.pairs + 2 * start[c]
        set_levels(tree, start[c + 1] - start[c])
        for i in range(2 * tree.n):
            tree.points[i] = own[i]
        grow_tree(tree, 2)
        k = kth.n = n_neighbors if n_neighbors < tree.n else tree.n - 1
        for p in range(tree.n):
            point = tree.points + 2 * p
            for i in range(k):
                nearest[i] = INFINITY
            search_tree(tree, 2, p, nearest, <int> k)
            r = nearest[k - 1]
            if tied:
                ball.n = tally_tree(tree, 2, p, r, True, extent)
                shared |= ball.n > k or r == 0
                ball.n += r == 0
                ball.on_f = extent[0] == r > 0
                ball.on_s = extent[1] == r > 0
                closed_total += psi_sum(space, own, point, r, True, ball, psi)
            if not shared:
                open_total += psi_sum(space, own, point, r, False, kth, psi)
    return (closed_total if shared else open_total) / start[n_classes]


def class_conditional_information(
    const double[:, ::1] values, const int[:, ::1] order, const Py_ssize_t[::1] rows,
    const int[::1] classes, const int[::1] start, const double[::1] ss,
    const int[::1] s_order, int n_neighbors, const double[::1] psi, double[::1] out,
):
    """Write the information between columns and classes given s, in nats, into out.

    Entry i of out is for the row c = rows[i]: `values[c]` is a column in ascending
    order and `order[c]` the sample behind each value; so are ss and s_order. start[c]
    samples are of the classes below c, and no class has one sample only. psi holds the
    digamma function of 0 to n.
    """
    cdef Py_ssize_t c, i, j, p, n = values.shape[1], n_classes = start.shape[0] - 1
    cdef Py_ssize_t n_cells
    cdef bint s_tied
    cdef Space space
    cdef double* doubles
    cdef double* nearest
    cdef int* ints
    cdef int* s_rank
    cdef int* next
    n_cells = set_slabs(&space.of_fs, n, sqrt(<double> n * n_neighbors * n_classes))
    doubles = <double*> malloc((6 * n + 8 + n_neighbors) * sizeof(double))
    ints = <int*> malloc((13 * n + 2 + n_classes + n_cells) * sizeof(int))
    if doubles == NULL or ints == NULL:
        free(doubles)
        free(ints)
        raise MemoryError
    space.pairs = doubles
    space.tree.points = doubles + 2 * n
    space.tree.boxes = doubles + 4 * n
    nearest = doubles + 6 * n + 8
    space.place = ints
    space.tree.samples = ints + n
    s_rank = ints + 2 * n
    space.of_fs.along = ints + 3 * n
    space.of_fs.across = ints + 4 * n
    space.of_f.first = ints + 5 * n
    space.of_s.first = ints + 9 * n + 1
    next = ints + 13 * n + 2
    space.of_fs.cells = next + n_classes
    with nogil:
        for c in range(n_classes):
            next[c] = start[c]
        for j in range(n):
            i = s_order[j]
            s_rank[i] = <int> j
            p = next[classes[i]]
            next[classes[i]] += 1
            space.place[i] = <int> p
            space.pairs[2 * p + 1] = ss[j]
        fill_index(&space.of_s, &ss[0], n)
        s_tied = repeats(&ss[0], n)
        for i in range(rows.shape[0]):
            c = rows[i]
            if start[classes[0] + 1] - start[classes[0]] == n or (
                values[c, 0] == values[c, n - 1]
            ):
                out[i] = 0
                continue
            for j in range(n):
                space.pairs[2 * space.place[order[c, j]]] = values[c, j]
            fill_index(&space.of_f, &values[c, 0], n)
            fill_plane(&space.of_fs, &order[c, 0], s_rank)
            out[i] = column_mean(
                &space, &start[0], n_classes, s_tied or repeats(&values[c, 0], n),
                n_neighbors, &psi[0], nearest,
            )
    free(doubles)
    free(ints)
