"""Information of continuous columns with y given s, from neighbours in space.

The estimator of Frenzel and Pompe (2007). Distances are Chebyshev's. The k-th comes
from a tree: its upper levels split y and s, once for all columns, and the lower ones f,
which is sorted anyway. A count along an axis is a range of ranks, found by the
arithmetic that produced the distance; a count in a plane is of the samples in two such
ranges.
"""
from libc.math cimport INFINITY, cbrt
from libc.stdint cimport int32_t
from libc.string cimport memset

from skmi._kernels.balls cimport search_tree, tally_tree
from skmi._kernels.marginals cimport Index, Range, fill_index, range_within, repeats
from skmi._kernels.planes cimport Plane, choose_slabs, count_box, fill_plane
from skmi._kernels.scratch cimport Scratch
from skmi._kernels.trees cimport Tree, begin_of, draw_boxes, grow_tree, set_levels

cdef enum:
    ALONG_F = 1  # bits of the axes
    ALONG_Y = 2
    ALONG_S = 4


cdef struct Space:
    Tree tree           # of rows f, y, s
    Index f
    Index y
    Index s
    Plane fs
    Plane ys
    int tile_level      # of the nodes that split y and s, the tiles
    Py_ssize_t n_tiles  # f ascends in each of them
    int32_t* next       # of every tile
    int32_t* tile_of    # of every sample
    double* pairs       # y and s of every sample


cdef struct Totals:     # for one k
    double open         # by counts of samples nearer than r
    double closed       # by counts of samples no farther
    bint shared         # some r is 0, or more than k others are no farther


cdef struct Ball:
    Py_ssize_t n        # others no farther than r, or k
    int at_edge         # bits of the axes along which one of them is at r


cdef inline double psi_sum(
    const Space* space, const double* point, double r, bint closed, Ball ball,
    const double* psi,
) noexcept nogil:
    """Return psi(n) - psi(n_fs) - psi(n_ys) + psi(n_s), where n is of the ball.

    The counts are of the samples nearer than r or, if closed, no farther. They leave
    out the point itself where a sample of the ball is at its edge. The sum is exactly 0
    if the counts are equal in pairs.
    """
    cdef Range f = range_within(&space.f, point[0], r, closed)
    cdef Range y = range_within(&space.y, point[1], r, closed)
    cdef Range s = range_within(&space.s, point[2], r, closed)
    cdef Py_ssize_t n_fs = count_box(&space.fs, f.begin, f.end, s.begin, s.end)
    cdef Py_ssize_t n_ys = count_box(&space.ys, y.begin, y.end, s.begin, s.end)
    cdef Py_ssize_t n_s = s.end - s.begin
    n_fs -= (ball.at_edge & (ALONG_F | ALONG_S)) != 0
    n_ys -= (ball.at_edge & (ALONG_Y | ALONG_S)) != 0
    n_s -= (ball.at_edge & ALONG_S) != 0
    if n_fs < n_ys:
        n_fs, n_ys = n_ys, n_fs
    return (psi[n_s] - psi[n_fs]) + (psi[ball.n] - psi[n_ys])


cdef inline void column_means(
    const Space* space, bint tied, const int* ks, int n_ks, int k, const double* psi,
    Totals* totals, double* nearest, double* out,
) noexcept nogil:
    """Write the mean over the samples of psi(k) - psi(n_fs) - psi(n_ys) + psi(n_s).

    These count the samples nearer than the k-th neighbour, and the sample itself, for
    each of ks, which ascend; k is the last of them.

    Where a column repeats values and some sample has more than k others no farther than
    its k-th distance r, all counts are closed: k is the number of others no farther
    than r, and a count along some axes leaves the sample out if one of these is at r
    along them. (Without ties that is the same number.) Where r is 0, all count the
    sample.
    """
    cdef const Tree* tree = &space.tree
    cdef const double* point
    cdef Py_ssize_t p
    cdef double[3] extent
    cdef double r
    cdef int i
    cdef Ball ball, kth
    kth.at_edge = 0
    memset(totals, 0, n_ks * sizeof(Totals))
    for p in range(tree.n):
        point = tree.points + 3 * p
        for i in range(k):
            nearest[i] = INFINITY
        search_tree(tree, 3, p, nearest, k)
        for i in range(n_ks):
            kth.n = ks[i]
            r = nearest[ks[i] - 1]
            if tied:
                ball.n = tally_tree(tree, 3, p, r, True, extent)
                totals[i].shared |= ball.n > ks[i] or r == 0
                ball.at_edge = (
                    ALONG_F * (extent[0] == r) | ALONG_Y * (extent[1] == r)
                    | ALONG_S * (extent[2] == r)
                )
                if r == 0:
                    ball.n += 1
                    ball.at_edge = 0
                totals[i].closed += psi_sum(space, point, r, True, ball, psi)
            if not totals[i].shared:
                totals[i].open += psi_sum(space, point, r, False, kth, psi)
    for i in range(n_ks):
        out[i] = (totals[i].closed if totals[i].shared else totals[i].open) / tree.n


cdef void split_tiles(Space* space) noexcept nogil:
    """Split the samples by y and s, on the upper two thirds of the levels."""
    cdef Tree tree = space.tree
    cdef Py_ssize_t i, p, tile
    tree.n_levels = space.tile_level
    tree.n_leaves = space.n_tiles
    for i in range(tree.n):
        tree.points[2 * i] = space.pairs[2 * i]
        tree.points[2 * i + 1] = space.pairs[2 * i + 1]
        tree.samples[i] = <int> i
    grow_tree(&tree, 2)
    for tile in range(space.n_tiles):
        for p in range(
            begin_of(&tree, space.n_tiles + tile, space.tile_level),
            begin_of(&tree, space.n_tiles + tile + 1, space.tile_level),
        ):
            space.tile_of[tree.samples[p]] = <int32_t> tile


cdef void fill_tiles(
    Space* space, const double* fs, const int32_t* order
) noexcept nogil:
    """Distribute the samples to the tiles, ascending along f."""
    cdef Py_ssize_t i, j, tile
    cdef double* point
    for tile in range(space.n_tiles):
        space.next[tile] = <int32_t> begin_of(
            &space.tree, space.n_tiles + tile, space.tile_level
        )
    for j in range(space.tree.n):
        i = order[j]
        tile = space.tile_of[i]
        point = space.tree.points + 3 * space.next[tile]
        space.next[tile] += 1
        point[0] = fs[j]
        point[1] = space.pairs[2 * i]
        point[2] = space.pairs[2 * i + 1]
    draw_boxes(&space.tree, 3)


def conditional_information(
    const double[:, ::1] values, const int32_t[:, ::1] order,
    const Py_ssize_t[::1] rows, const double[::1] ys, const int32_t[::1] y_order,
    const double[::1] ss, const int32_t[::1] s_order, const int[::1] n_neighbors,
    const double[::1] psi, double[:, ::1] out,
):
    """Write the information between columns of a block and y given s, in nats, to out.

    out[i, j] is for k = n_neighbors[j], which ascend, and the row c = rows[i]:
    values[c] is a column in ascending order, and order[c] the sample behind each value;
    so are ys and y_order, and ss and s_order. psi is the digamma function of 0 to
    n_samples, which is more than any k.
    """
    cdef Py_ssize_t c, i, j, n_cells, n = values.shape[1]
    cdef bint tied_pairs, tied
    cdef int m, n_ks = <int> n_neighbors.shape[0]
    cdef const int* ks = &n_neighbors[0]
    cdef int k = ks[n_ks - 1]
    cdef Scratch scratch = Scratch()
    cdef double* nearest = scratch.doubles(k)
    cdef Totals* totals = <Totals*> scratch.take(n_ks, sizeof(Totals))
    cdef int32_t* s_rank = scratch.ints(n)
    cdef Space space
    set_levels(&space.tree, n)
    space.tree.points = scratch.doubles(3 * n)
    space.tree.boxes = scratch.doubles(3 * (n + 4))
    space.tree.samples = <int*> scratch.ints(n)
    space.tile_level = (2 * space.tree.n_levels + 1) // 3
    space.n_tiles = <Py_ssize_t> 1 << space.tile_level
    space.next = scratch.ints(space.n_tiles)
    space.tile_of = scratch.ints(n)
    space.pairs = scratch.doubles(2 * n)
    space.f.first = scratch.ints(4 * n + 1)
    space.y.first = scratch.ints(4 * n + 1)
    space.s.first = scratch.ints(4 * n + 1)
    n_cells = choose_slabs(&space.fs, n, cbrt(<double> n * n * k) / 2)
    choose_slabs(&space.ys, n, cbrt(<double> n * n * k) / 2)
    space.fs.along = scratch.ints(n)
    space.fs.across = scratch.ints(n)
    space.fs.cells = scratch.ints(n_cells)
    space.ys.along = scratch.ints(n)
    space.ys.across = scratch.ints(n)
    space.ys.cells = scratch.ints(n_cells)
    with nogil:
        for j in range(n):
            s_rank[s_order[j]] = <int32_t> j
            space.pairs[2 * y_order[j]] = ys[j]
            space.pairs[2 * s_order[j] + 1] = ss[j]
        fill_index(&space.y, &ys[0], n)
        fill_index(&space.s, &ss[0], n)
        fill_plane(&space.ys, &y_order[0], s_rank)
        split_tiles(&space)
        tied_pairs = repeats(&ys[0], n) or repeats(&ss[0], n)
        for i in range(rows.shape[0]):
            c = rows[i]
            if values[c, 0] == values[c, n - 1] or ys[0] == ys[n - 1]:
                for m in range(n_ks):
                    out[i, m] = 0
                continue
            tied = tied_pairs or repeats(&values[c, 0], n)
            fill_index(&space.f, &values[c, 0], n)
            fill_plane(&space.fs, &order[c, 0], s_rank)
            fill_tiles(&space, &values[c, 0], &order[c, 0])
            if k == 6:  # of the default: known to the compiler
                column_means(
                    &space, tied, ks, n_ks, 6, &psi[0], totals, nearest, &out[i, 0]
                )
            else:
                column_means(
                    &space, tied, ks, n_ks, k, &psi[0], totals, nearest, &out[i, 0]
                )
