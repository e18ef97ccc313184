# cython: language_level=3, boundscheck=False, wraparound=False
# cython: cdivision=True, initializedcheck=False
"""Information of continuous columns with classes given a continuous s.

The k-th distance within a class comes from a tree of its samples in the plane of the
column and s. Counts along s are ranges of ranks, of all samples and of the class; the
count of all samples in the plane is that of those in two ranges.
"""
from libc.math cimport INFINITY, sqrt
from libc.stdlib cimport free, malloc

from skmi._kernels.marginals cimport (
    Index, Range, fill_index, psi_sum, range_within, repeats,
)
from skmi._kernels.planes cimport Plane, count_box, fill_plane, shape_plane
from skmi._kernels.trees cimport (
    Tree, begin_of, grow_tree, search_tree, set_levels, tally_tree,
)


cdef struct Classes:
    const int* start    # class c has the places start[c] to start[c + 1] - 1
    double* s_of        # s of every place, ascending in a class
    int* place          # of every sample
    Py_ssize_t n_classes


cdef inline Py_ssize_t count_near(
    const double* xs, Py_ssize_t n, double x, double r, bint closed
) noexcept nogil:
    """Number of ascending values nearer to x than r, or no farther."""
    cdef Py_ssize_t begin = 0, end = 0, half, width = n
    cdef double gap
    while width > 0:
        half = width >> 1
        gap = x - xs[begin + half]
        if gap < r or (closed and gap == r):
            width = half
        else:
            begin += half + 1
            width -= half + 1
    end = begin
    width = n - begin
    while width > 0:
        half = width >> 1
        gap = xs[end + half] - x
        if gap < r or (closed and gap == r):
            end += half + 1
            width -= half + 1
        else:
            width = half
    return end - begin


cdef double column_mean(
    Tree* tree, const double* of_place, const Classes* classes, const Index* of_f,
    const Index* of_s, const Plane* of_fs, bint tied, int n_neighbors,
    const double* psi, double* nearest,
) noexcept nogil:
    """Mean of psi(k) - psi(n_fs) - psi(n_ys) + psi(n_s), with closed counts if need be.
    """
    cdef Py_ssize_t c, i, leaf, p, n_ball, begin, n_done = 0
    cdef const double* own
    cdef double f, s, r, open_total = 0, closed_total = 0
    cdef double[2] reach
    cdef int k
    cdef bint on_f, on_s, shared = False
    cdef Range near_f, near_s
    for c in range(classes.n_classes):
        begin = classes.start[c]
        if classes.start[c + 1] == begin:
            continue
        set_levels(tree, classes.start[c + 1] - begin)
        own = classes.s_of + begin
        k = n_neighbors if n_neighbors < tree.n else <int> (tree.n - 1)
        for i in range(2 * tree.n):
            tree.points[i] = of_place[2 * begin + i]
        grow_tree(tree, 2)
        leaf = tree.n_leaves
        for p in range(tree.n):
            if p == begin_of(tree, leaf + 1, tree.n_levels):
                leaf += 1
            f = tree.points[2 * p]
            s = tree.points[2 * p + 1]
            for i in range(k):
                nearest[i] = INFINITY
            search_tree(tree, 2, leaf, p, nearest, k)
            r = nearest[k - 1]
            if tied:
                n_ball = tally_tree(tree, 2, leaf, p, r, reach)
                shared |= n_ball > k or r == 0
                on_f = reach[0] == r > 0
                on_s = reach[1] == r > 0
                near_f = range_within(of_f, f, r, True)
                near_s = range_within(of_s, s, r, True)
                closed_total += psi_sum(
                    n_ball + (r == 0),
                    count_box(of_fs, near_f.begin, near_f.end, near_s.begin, near_s.end)
                    - (on_f | on_s),
                    count_near(own, tree.n, s, r, True) - on_s,
                    near_s.end - near_s.begin - on_s,
                    psi,
                )
            if not shared:
                near_f = range_within(of_f, f, r, False)
                near_s = range_within(of_s, s, r, False)
                open_total += psi_sum(
                    k,
                    count_box(
                        of_fs, near_f.begin, near_f.end, near_s.begin, near_s.end
                    ),
                    count_near(own, tree.n, s, r, False),
                    near_s.end - near_s.begin,
                    psi,
                )
        n_done += tree.n
    return (closed_total if shared else open_total) / n_done


def class_conditional_information(
    const double[:, ::1] values, const int[:, ::1] order,
    const Py_ssize_t[::1] rows, const int[::1] classes, const int[::1] start,
    const double[::1] ss, const int[::1] s_order, int n_neighbors,
    const double[::1] psi, double[::1] out,
):
    """Write the information between columns and classes given s, in nats, into out.

    Entry i of out is for the row c = rows[i]: `values[c]` is a column in ascending
    order and `order[c]` the sample behind each value; so are ss and s_order. No class
    has one sample only; start[c] samples are of the classes below c. psi holds the
    digamma function of 0 to n.
    """
    cdef Py_ssize_t c, i, j, p, n = values.shape[1]
    cdef Tree tree
    cdef Index of_f, of_s
    cdef Plane of_fs
    cdef Classes dealt
    cdef double* doubles
    cdef double* of_place
    cdef double* nearest
    cdef int* ints
    cdef int* s_rank
    cdef int* next
    cdef bint s_tied
    cdef Py_ssize_t n_cells = shape_plane(
        &of_fs, n, sqrt(<double> n * n_neighbors * (start.shape[0] - 1))
    )
    doubles = <double*> malloc((7 * n + 8 + n_neighbors) * sizeof(double))
    ints = <int*> malloc(
        (13 * n + 2 + n_cells + of_fs.n_slabs + start.shape[0]) * sizeof(int)
    )
    if doubles == NULL or ints == NULL:
        free(doubles)
        free(ints)
        raise MemoryError
    dealt.n_classes = start.shape[0] - 1
    dealt.start = &start[0]
    dealt.s_of = doubles
    of_place = doubles + n
    tree.points = of_place + 2 * n
    tree.boxes = tree.points + 2 * n
    nearest = tree.boxes + 2 * (n + 4)
    dealt.place = ints
    tree.samples = ints + n
    s_rank = ints + 2 * n
    of_f.first = ints + 3 * n
    of_s.first = of_f.first + 4 * n + 1
    of_fs.along = of_s.first + 4 * n + 1
    of_fs.across = of_fs.along + n
    of_fs.cells = of_fs.across + n
    of_fs.next = of_fs.cells + n_cells
    next = of_fs.next + of_fs.n_slabs
    with nogil:
        fill_index(&of_s, &ss[0], n)
        s_tied = repeats(&ss[0], n)
        for c in range(dealt.n_classes):
            next[c] = start[c]
        for j in range(n):
            i = s_order[j]
            s_rank[i] = <int> j
            p = next[classes[i]]
            next[classes[i]] = <int> p + 1
            dealt.place[i] = <int> p
            dealt.s_of[p] = of_place[2 * p + 1] = ss[j]
        for i in range(rows.shape[0]):
            c = rows[i]
            fill_index(&of_f, &values[c, 0], n)
            fill_plane(&of_fs, &order[c, 0], s_rank)
            for j in range(n):
                of_place[2 * dealt.place[order[c, j]]] = values[c, j]
            out[i] = column_mean(
                &tree, of_place, &dealt, &of_f, &of_s, &of_fs,
                s_tied or repeats(of_f.xs, n), n_neighbors, &psi[0], nearest,
            )
    free(doubles)
    free(ints)
