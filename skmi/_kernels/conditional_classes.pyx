"""Information of continuous columns with classes given a continuous s.

Distances are Chebyshev's, in the plane of the column f and s. The k-th within a class
comes from a tree of its samples. Counts along s are ranges of ranks, among all samples
and among the class; a count in the plane is of the samples in a range of f and of s.
"""
from libc.math cimport INFINITY, sqrt
from libc.stdint cimport int32_t
from libc.string cimport memset

from skmi._kernels.balls cimport search_tree, tally_tree
from skmi._kernels.marginals cimport Index, Range, fill_index, range_within, repeats
from skmi._kernels.planes cimport Plane, choose_slabs, count_box, fill_plane
from skmi._kernels.scratch cimport Scratch
from skmi._kernels.trees cimport Tree, grow_tree, set_levels


cdef struct Space:
    Tree tree           # of rows f, s of a class
    Index f             # of all samples
    Index s
    Plane fs
    double* pairs       # f and s of every place: class by class, s ascending in each
    int32_t* place      # of every sample


cdef struct Totals:     # for one k
    double open         # by counts of samples nearer than r
    double closed       # by counts of samples no farther
    bint shared         # some r is 0, or more than k others are no farther


cdef struct Ball:
    Py_ssize_t n        # others of the class no farther than r, or k
    bint on_f           # one of them is at r along f
    bint on_s


cdef inline Py_ssize_t count_own(
    const double* pairs, Py_ssize_t n, double s, double r, bint closed
) noexcept nogil:
    """Count the s of a class, ascending, nearer than r or, if closed, no farther."""
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
    """Return psi(n) - psi(n_fs) - psi(n_ys) + psi(n_s), where n is of the ball.

    The counts are of the samples nearer than r or, if closed, no farther. They leave
    out the point itself where a sample of the ball is at its edge. The sum is exactly 0
    if the counts are equal in pairs.
    """
    cdef Range f = range_within(&space.f, point[0], r, closed)
    cdef Range s = range_within(&space.s, point[1], r, closed)
    cdef Py_ssize_t n_fs = count_box(&space.fs, f.begin, f.end, s.begin, s.end)
    cdef Py_ssize_t n_ys = count_own(own, space.tree.n, point[1], r, closed)
    cdef Py_ssize_t n_s = s.end - s.begin - ball.on_s
    n_fs -= ball.on_f | ball.on_s
    n_ys -= ball.on_s
    if n_fs < n_ys:
        n_fs, n_ys = n_ys, n_fs
    return (psi[n_s] - psi[n_fs]) + (psi[ball.n] - psi[n_ys])


cdef inline void plant_class(
    Tree* tree, const double* own, Py_ssize_t n
) noexcept nogil:
    """Build the tree of the n pairs of a class."""
    cdef Py_ssize_t i
    set_levels(tree, n)
    for i in range(2 * n):
        tree.points[i] = own[i]
    grow_tree(tree, 2)


cdef void column_means(
    Space* space, const int32_t* start, Py_ssize_t n_classes, bint tied, const int* ks,
    int n_ks, const double* psi, Totals* totals, double* nearest, double* out,
) noexcept nogil:
    """Write the mean over the samples of psi(k) - psi(n_fs) - psi(n_ys) + psi(n_s).

    These count the samples nearer than the k-th neighbour, and the sample itself, for
    each of ks, which ascend; with ties, counts are closed as in
    `conditional_neighbors`. In a class of k samples or fewer, k is their number less
    one.
    """
    cdef Tree* tree = &space.tree
    cdef const double* own
    cdef const double* point
    cdef Py_ssize_t c, p
    cdef int i, most
    cdef double r
    cdef double[2] extent
    cdef Ball ball, kth
    kth.on_f = kth.on_s = False
    memset(totals, 0, n_ks * sizeof(Totals))
    for c in range(n_classes):
        if start[c + 1] == start[c]:
            continue
        own = space.pairs + 2 * start[c]
        plant_class(tree, own, start[c + 1] - start[c])
        most = ks[n_ks - 1] if ks[n_ks - 1] < tree.n else <int> tree.n - 1
        for p in range(tree.n):
            point = tree.points + 2 * p
            for i in range(most):
                nearest[i] = INFINITY
            search_tree(tree, 2, p, nearest, most)
            for i in range(n_ks):
                kth.n = ks[i] if ks[i] < most else most
                r = nearest[kth.n - 1]
                if tied:
                    ball.n = tally_tree(tree, 2, p, r, True, extent)
                    totals[i].shared |= ball.n > kth.n or r == 0
                    ball.n += r == 0
                    ball.on_f = extent[0] == r > 0
                    ball.on_s = extent[1] == r > 0
                    totals[i].closed += psi_sum(space, own, point, r, True, ball, psi)
                if not totals[i].shared:
                    totals[i].open += psi_sum(space, own, point, r, False, kth, psi)
    for i in range(n_ks):
        out[i] = totals[i].closed if totals[i].shared else totals[i].open
        out[i] /= start[n_classes]


cdef void place_samples(
    Space* space, const int32_t* classes, const int32_t* start, Py_ssize_t n_classes,
    const double* ss, const int32_t* s_order, Py_ssize_t n, int32_t* next,
) noexcept nogil:
    """Give every sample its place: by class, ascending in s."""
    cdef Py_ssize_t c, i, j, p
    for c in range(n_classes):
        next[c] = start[c]
    for j in range(n):
        i = s_order[j]
        p = next[classes[i]]
        next[classes[i]] += 1
        space.place[i] = <int32_t> p
        space.pairs[2 * p + 1] = ss[j]


def class_conditional_information(
    const double[:, ::1] values, const int32_t[:, ::1] order,
    const Py_ssize_t[::1] rows, const int32_t[::1] classes, const int32_t[::1] start,
    const double[::1] ss, const int32_t[::1] s_order, const int[::1] n_neighbors,
    const double[::1] psi, double[:, ::1] out,
):
    """Write the information between columns and classes given s, in nats, into out.

    out[i, j] is for k = n_neighbors[j], which ascend, and the row c = rows[i]:
    values[c] is a column in ascending order, and order[c] the sample behind each value;
    so are ss and s_order. start[c] samples are of the classes below c, and no class has
    one sample only. psi is the digamma function of 0 to n_samples.
    """
    cdef Py_ssize_t c, i, j, n_cells, n = values.shape[1]
    cdef Py_ssize_t n_classes = start.shape[0] - 1
    cdef bint s_tied
    cdef Scratch scratch = Scratch()
    cdef int m, n_ks = <int> n_neighbors.shape[0]
    cdef int k = n_neighbors[n_ks - 1]
    cdef double* nearest = scratch.doubles(k)
    cdef Totals* totals = <Totals*> scratch.take(n_ks, sizeof(Totals))
    cdef int32_t* next = scratch.ints(n_classes)
    cdef int32_t* s_rank = scratch.ints(n)
    cdef Space space
    space.tree.points = scratch.doubles(2 * n)
    space.tree.boxes = scratch.doubles(2 * (n + 4))
    space.tree.samples = <int*> scratch.ints(n)
    space.f.first = scratch.ints(4 * n + 1)
    space.s.first = scratch.ints(4 * n + 1)
    n_cells = choose_slabs(&space.fs, n, sqrt(<double> n * k * n_classes))
    space.fs.along = scratch.ints(n)
    space.fs.across = scratch.ints(n)
    space.fs.cells = scratch.ints(n_cells)
    space.pairs = scratch.doubles(2 * n)
    space.place = scratch.ints(n)
    with nogil:
        for j in range(n):
            s_rank[s_order[j]] = <int32_t> j
        place_samples(
            &space, &classes[0], &start[0], n_classes, &ss[0], &s_order[0], n, next
        )
        fill_index(&space.s, &ss[0], n)
        s_tied = repeats(&ss[0], n)
        for i in range(rows.shape[0]):
            c = rows[i]
            if start[classes[0] + 1] - start[classes[0]] == n or (
                values[c, 0] == values[c, n - 1]
            ):
                for m in range(n_ks):
                    out[i, m] = 0
                continue
            for j in range(n):
                space.pairs[2 * space.place[order[c, j]]] = values[c, j]
            fill_index(&space.f, &values[c, 0], n)
            fill_plane(&space.fs, &order[c, 0], s_rank)
            column_means(
                &space, &start[0], n_classes, s_tied or repeats(&values[c, 0], n),
                &n_neighbors[0], n_ks, &psi[0], totals, nearest, &out[i, 0],
            )
