# cython: language_level=3, boundscheck=False, wraparound=False
# cython: cdivision=True, initializedcheck=False
"""Information of continuous columns with y given s, from neighbours in space.

The estimator of Frenzel and Pompe. The k-th distance comes from a tree. Counts along
one axis are ranges of ranks, told by the arithmetic that produced the distance; counts
in a plane are counts of the samples in two such ranges.
"""
from libc.math cimport INFINITY, cbrt
from libc.stdlib cimport free, malloc

from skmi._kernels.marginals cimport (
    Index, Range, fill_index, psi_sum, range_within, repeats,
)
from skmi._kernels.planes cimport Plane, count_box, fill_plane, shape_plane
from skmi._kernels.trees cimport (
    Tree, begin_of, draw_boxes, grow_tree, search_tree, set_levels, tally_tree,
)


cdef inline double column_mean(
    const Tree* tree, const Index* of_f, const Index* of_y,
    const Index* of_s, const Plane* of_fs, const Plane* of_ys, bint tied, int k,
    const double* psi, double* nearest,
) noexcept nogil:
    cdef Py_ssize_t leaf, p
    cdef const double* point
    cdef double r
    cdef double open_total = 0, closed_total = 0
    cdef int i
    cdef bint on_f, on_y, on_s, shared = False
    cdef Py_ssize_t n_ball
    cdef double[3] reach
    cdef Range f, y, s
    for leaf in range(tree.n_leaves, 2 * tree.n_leaves):
        for p in range(
            begin_of(tree, leaf, tree.n_levels),
            begin_of(tree, leaf + 1, tree.n_levels),
        ):
            point = tree.points + 3 * p
            for i in range(k):
                nearest[i] = INFINITY
            search_tree(tree, 3, leaf, p, nearest, k)
            r = nearest[k - 1]
            if tied:
                n_ball = tally_tree(tree, 3, leaf, p, r, reach)
                shared |= n_ball > k or r == 0
                n_ball += r == 0
                on_f = reach[0] == r > 0
                on_y = reach[1] == r > 0
                on_s = reach[2] == r > 0
                f = range_within(of_f, point[0], r, True)
                y = range_within(of_y, point[1], r, True)
                s = range_within(of_s, point[2], r, True)
                closed_total += psi_sum(
                    n_ball,
                    count_box(of_fs, f.begin, f.end, s.begin, s.end) - (on_f | on_s),
                    count_box(of_ys, y.begin, y.end, s.begin, s.end) - (on_y | on_s),
                    s.end - s.begin - on_s,
                    psi,
                )
            if not shared:
                f = range_within(of_f, point[0], r, False)
                y = range_within(of_y, point[1], r, False)
                s = range_within(of_s, point[2], r, False)
                open_total += psi_sum(
                    k,
                    count_box(of_fs, f.begin, f.end, s.begin, s.end),
                    count_box(of_ys, y.begin, y.end, s.begin, s.end),
                    s.end - s.begin,
                    psi,
                )
    return (closed_total if shared else open_total) / tree.n


cdef void part_tiles(
    Tree* tree, int* tile_of, const double* pairs
) noexcept nogil:
    """Part the samples by two of their axes, on the upper two thirds of the levels."""
    cdef Py_ssize_t i, p, tile
    cdef Tree upper = tree[0]
    upper.n_levels = (2 * tree.n_levels + 1) // 3
    upper.n_leaves = <Py_ssize_t> 1 << upper.n_levels
    for i in range(2 * tree.n):
        upper.points[i] = pairs[i]
    for i in range(tree.n):
        upper.samples[i] = <int> i
    grow_tree(&upper, 2)
    for tile in range(upper.n_leaves, 2 * upper.n_leaves):
        for p in range(
            begin_of(tree, tile, upper.n_levels),
            begin_of(tree, tile + 1, upper.n_levels),
        ):
            tile_of[upper.samples[p]] = <int> (tile - upper.n_leaves)


cdef void fill_tiles(
    Tree* tree, int* next, const int* tile_of, const double* pairs, const double* fs,
    const int* order,
) noexcept nogil:
    """Deal out the points to the tiles, ascending along f, which parts the rest."""
    cdef Py_ssize_t i, j, tile
    cdef int n_levels = (2 * tree.n_levels + 1) // 3
    cdef Py_ssize_t n_tiles = <Py_ssize_t> 1 << n_levels
    cdef double* point
    for tile in range(n_tiles):
        next[tile] = <int> begin_of(tree, n_tiles + tile, n_levels)
    for j in range(tree.n):
        i = order[j]
        tile = tile_of[i]
        point = tree.points + 3 * next[tile]
        next[tile] += 1
        point[0] = fs[j]
        point[1] = pairs[2 * i]
        point[2] = pairs[2 * i + 1]
    draw_boxes(tree, 3)


def conditional_information(
    const double[:, ::1] values, const int[:, ::1] order, const Py_ssize_t[::1] rows,
    const double[::1] ys, const int[::1] y_order, const double[::1] ss,
    const int[::1] s_order, int n_neighbors, const double[::1] psi, double[::1] out,
):
    """Write the information between columns and y given s, in nats, into out.

    Entry i of out is for the row c = rows[i]: `values[c]` is a column in ascending
    order and `order[c]` the sample behind each value; so are ys and y_order, ss and
    s_order. psi holds the digamma function of 0 to n.
    """
    cdef Py_ssize_t c, i, j, n = values.shape[1]
    cdef bint tied
    cdef Tree tree
    cdef Index of_f, of_y, of_s
    cdef Plane of_fs, of_ys
    cdef double* doubles
    cdef int* ints
    cdef int* s_rank
    cdef double* pairs
    cdef int* tile_of
    cdef int* next
    cdef double* nearest
    cdef Py_ssize_t n_cells
    n_cells = shape_plane(&of_ys, n, cbrt(<double> n * n * n_neighbors))
    of_fs = of_ys
    doubles = <double*> malloc((9 * n + 12 + n_neighbors) * sizeof(double))
    ints = <int*> malloc(
        (20 * n + 3 + 2 * n_cells + 2 * of_ys.n_slabs) * sizeof(int)
    )
    if doubles == NULL or ints == NULL:
        free(doubles)
        free(ints)
        raise MemoryError
    set_levels(&tree, n)
    tree.points = doubles
    tree.boxes = tree.points + 3 * n
    pairs = tree.boxes + 3 * (n + 4)
    nearest = pairs + 2 * n
    of_f.first = ints
    of_y.first = of_f.first + 4 * n + 1
    of_s.first = of_y.first + 4 * n + 1
    tree.samples = of_s.first + 4 * n + 1
    s_rank = tree.samples + n
    of_fs.along = s_rank + n
    of_fs.across = of_fs.along + n
    of_ys.along = of_fs.across + n
    of_ys.across = of_ys.along + n
    of_fs.cells = of_ys.across + n
    of_ys.cells = of_fs.cells + n_cells
    of_fs.next = of_ys.cells + n_cells
    of_ys.next = of_fs.next + of_ys.n_slabs
    tile_of = of_ys.next + of_ys.n_slabs
    next = tile_of + n
    with nogil:
        fill_index(&of_y, &ys[0], n)
        fill_index(&of_s, &ss[0], n)
        for j in range(n):
            s_rank[s_order[j]] = <int> j
            pairs[2 * y_order[j]] = ys[j]
            pairs[2 * s_order[j] + 1] = ss[j]
        part_tiles(&tree, tile_of, pairs)
        fill_plane(&of_ys, &y_order[0], s_rank)
        for i in range(rows.shape[0]):
            c = rows[i]
            fill_index(&of_f, &values[c, 0], n)
            fill_plane(&of_fs, &order[c, 0], s_rank)
            fill_tiles(
                &tree, next, tile_of, pairs, &values[c, 0], &order[c, 0]
            )
            tied = (
                repeats(&values[c, 0], n) or repeats(&ys[0], n) or repeats(&ss[0], n)
            )
            if n_neighbors == 3:  # the default: known to the compiler
                out[i] = column_mean(
                    &tree, &of_f, &of_y, &of_s, &of_fs, &of_ys, tied, 3,
                    &psi[0], nearest,
                )
            else:
                out[i] = column_mean(
                    &tree, &of_f, &of_y, &of_s, &of_fs, &of_ys, tied,
                    n_neighbors, &psi[0], nearest,
                )
    free(doubles)
    free(ints)
