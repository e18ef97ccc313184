"""Information of pairs of continuous columns by the k nearest neighbours (KSG 1).

Neighbours are found in strips, or among the samples next to it on a marginal where the
ball contains few of these. Neighbours on a marginal are counted with the arithmetic
that produced the distance: `values[j] - x < r`. One search serves several k.
"""
from libc.math cimport INFINITY, fabs, nextafter
from libc.stdint cimport int32_t
from libc.string cimport memset

from skmi._kernels.marginals cimport Index, count_within, fill_index
from skmi._kernels.scratch cimport Scratch
from skmi._kernels.strips cimport (
    Ball,
    Point,
    Strips,
    fill_strips,
    insert_distance,
    next_tile,
    order_ranks,
    search_strips,
    start_tiles,
    tally_strips,
)

cdef extern from *:
    """
    #ifdef __GNUC__  /* the loops are fast only as one function for each constant k */
    #undef CYTHON_INLINE
    #define CYTHON_INLINE inline __attribute__((always_inline, unused))
    #endif
    """

cdef enum:
    N_TILE = 32768  # samples in a range of x whose marginal stays in the cache
    N_LOCAL = 6     # distances that the compiler keeps in registers
    N_SCAN = 32     # samples to scan on a marginal before the strips are searched


cdef struct Pair:
    Py_ssize_t n
    Index x             # the marginals
    Index y
    Strips strips
    double* x_by_y      # x in y-order
    double* y_by_x
    int32_t* x_rank     # of every point of the strips
    int32_t* y_rank
    bint tied           # a column repeats a value


cdef struct Totals:     # for one k
    double open_term    # of the last sample, by counts of samples nearer than r
    double closed_term  # by counts of samples no farther
    double open         # their sums
    double closed
    bint shared         # some r is 0, or more than k others are no farther


cdef struct Counts:
    Py_ssize_t n_x      # of the last sample, on the marginals
    Py_ssize_t n_y
    Py_ssize_t n_few    # samples of which one of these is below N_SCAN


cdef inline bint search_marginal(
    const double* xs, const double* y_by_x, Py_ssize_t rank, Py_ssize_t n,
    double y, double* nearest, int k,
) noexcept nogil:
    """Compare the samples next along x; return whether no others can be nearer."""
    cdef Py_ssize_t j, end = rank + N_SCAN if rank + N_SCAN < n else n
    cdef double d, dy, x = xs[rank]
    cdef bint done = end == n
    for j in range(rank + 1, end):
        d = xs[j] - x
        if d >= nearest[k - 1]:
            done = True
            break
        dy = fabs(y_by_x[j] - y)
        insert_distance(nearest, k, dy if dy > d else d)
    end = rank - N_SCAN if rank > N_SCAN else -1
    for j in range(rank - 1, end, -1):
        d = x - xs[j]
        if d >= nearest[k - 1]:
            return done
        dy = fabs(y_by_x[j] - y)
        insert_distance(nearest, k, dy if dy > d else d)
    return done and end == -1


cdef inline void rank_points(Pair* pair) noexcept nogil:
    """Write the ranks of all points, and each column in the order of the other."""
    cdef Strips* strips = &pair.strips
    cdef Py_ssize_t j, p, s, rank
    for s in range(strips.n_strips):
        strips.entry[s] = strips.start[s]
    for j in range(pair.n):
        rank = strips.y_ranks[j]
        s = strips.strip_of[rank]
        p = strips.entry[s]
        strips.entry[s] = <int32_t> p + 1
        pair.x_by_y[rank] = pair.x.xs[j]
        pair.y_by_x[j] = pair.y.xs[rank]
        pair.x_rank[p] = <int32_t> j
        pair.y_rank[p] = <int32_t> rank


cdef inline void reset_nearest(double* nearest, int k, double bound) noexcept nogil:
    """Start from k distances a little above a bound of the k-th."""
    cdef int i
    for i in range(k):
        nearest[i] = bound * (1 + 1e-12) + 1e-300


cdef inline double psi_sum(
    Py_ssize_t k, Py_ssize_t n_x, Py_ssize_t n_y, Py_ssize_t n, const double* psi
) noexcept nogil:
    """Return psi(k) + psi(n) - psi(n_x) - psi(n_y): exactly 0 for counts of k and n."""
    if n_x < n_y:
        n_x, n_y = n_y, n_x
    return (psi[n] - psi[n_x]) + (psi[k] - psi[n_y])


cdef inline double kth_distance(
    Pair* pair, const Counts* counts, Py_ssize_t s, Py_ssize_t p, double bound,
    bint ranked, double* nearest, int k,
) noexcept nogil:
    """Return the distance of point p of strip s to its k-th neighbour.

    The bound is not below it. If the points are ranked, and the sample before had few
    neighbours on a marginal, this marginal is searched first.
    """
    cdef const Point* point = pair.strips.points + p
    cdef bint found
    reset_nearest(nearest, k, bound)
    if ranked and (counts.n_x < N_SCAN or counts.n_y < N_SCAN):
        if counts.n_y < counts.n_x:
            found = search_marginal(
                pair.y.xs, pair.x_by_y, pair.y_rank[p], pair.n, point.x, nearest, k
            )
        else:
            found = search_marginal(
                pair.x.xs, pair.y_by_x, pair.x_rank[p], pair.n, point.y, nearest, k
            )
        if found:
            return nearest[k - 1]
        reset_nearest(nearest, k, nearest[k - 1])  # the strips repeat these samples
    search_strips(&pair.strips, pair.y.xs, s, p, nearest, k)
    return nearest[k - 1]


cdef void add_closed(
    Pair* pair, Totals* totals, Counts* counts, Py_ssize_t s, Py_ssize_t p,
    const int* ks, int n_ks, const double* psi, const double* nearest, Ball* balls,
) noexcept nogil:
    """Add the terms by counts of the samples no farther than the distance of each k."""
    cdef const Point* point = pair.strips.points + p
    cdef int i
    cdef double r
    for i in range(n_ks):
        balls[i].r = nearest[ks[i] - 1]
    tally_strips(&pair.strips, pair.y.xs, s, p, balls, n_ks)
    for i in range(n_ks - 1, -1, -1):
        r = balls[i].r
        totals[i].shared |= balls[i].k > ks[i] or r == 0
        if i < n_ks - 1 and r == balls[i + 1].r:  # the same ball
            totals[i].closed_term = totals[i + 1].closed_term
            totals[i].closed += totals[i].closed_term
            continue
        if r == 0:
            balls[i].k += 1
            balls[i].on_x = balls[i].on_y = False
        counts.n_x = count_within(&pair.x, point.x, nextafter(r, INFINITY))
        counts.n_y = count_within(&pair.y, point.y, nextafter(r, INFINITY))
        totals[i].closed_term = psi_sum(
            balls[i].k, counts.n_x - balls[i].on_x, counts.n_y - balls[i].on_y, pair.n,
            psi,
        )
        totals[i].closed += totals[i].closed_term


cdef inline double open_term(
    const Pair* pair, Counts* counts, Py_ssize_t p, double r, int k, const double* psi
) noexcept nogil:
    """Return the term by counts of the samples nearer than r."""
    cdef const Point* point = pair.strips.points + p
    counts.n_x = count_within(&pair.x, point.x, r)
    counts.n_y = count_within(&pair.y, point.y, r)
    return psi_sum(k, counts.n_x, counts.n_y, pair.n, psi)


cdef void add_open(
    const Pair* pair, Totals* totals, Py_ssize_t p, const int* ks, int n_ks,
    const double* psi, const double* nearest,
) noexcept nogil:
    """Add the terms by counts of the samples nearer than the distance of each k."""
    cdef Counts counts
    cdef int i
    for i in range(n_ks):
        if not totals[i].shared:
            totals[i].open_term = open_term(
                pair, &counts, p, nearest[ks[i] - 1], ks[i], psi
            )
            totals[i].open += totals[i].open_term


cdef inline void add_strip(
    Pair* pair, Totals* totals, Counts* last, Py_ssize_t s, bint ranked, const int* ks,
    int n_ks, int k, const double* psi, double* nearest, Ball* balls,
) noexcept nogil:
    """Add the terms of the points of strip s in this tile. k is the last of ks."""
    cdef Strips* strips = &pair.strips
    cdef const Point* points = strips.points
    cdef Py_ssize_t p
    cdef double gap, r, bound = INFINITY
    cdef Counts counts = last[0]  # copies, for the registers
    cdef double open = totals[n_ks - 1].open, term = totals[n_ks - 1].open_term
    cdef bint shared = totals[n_ks - 1].shared
    cdef double[N_LOCAL] local
    cdef double* found = nearest
    cdef int i
    if k <= N_LOCAL:
        found = &local[0]
    strips.lowest = strips.highest = s
    for p in range(strips.begin[s], strips.end[s]):
        if p > strips.begin[s]:
            gap = fabs(points[p].y - points[p - 1].y)
            if points[p].x - points[p - 1].x > gap:
                gap = points[p].x - points[p - 1].x
            if pair.tied and gap == 0:  # an equal sample has equal terms
                for i in range(n_ks):
                    totals[i].closed += totals[i].closed_term
                for i in range(n_ks - 1):
                    totals[i].open += totals[i].open_term
                open += term
                continue
            bound = gap + found[k - 1]  # contains the ball of the sample before
        r = kth_distance(pair, &counts, s, p, bound, ranked, found, k)
        if k <= N_LOCAL and (n_ks > 1 or pair.tied):
            for i in range(k):
                nearest[i] = local[i]
        if pair.tied:
            last[0] = counts
            add_closed(pair, totals, last, s, p, ks, n_ks, psi, nearest, balls)
            counts = last[0]
            shared = totals[n_ks - 1].shared
        if n_ks > 1:
            add_open(pair, totals, p, ks, n_ks - 1, psi, nearest)
        if not shared:
            term = open_term(pair, &counts, p, r, k, psi)
            open += term
        counts.n_few += counts.n_x < N_SCAN or counts.n_y < N_SCAN
    last[0] = counts
    totals[n_ks - 1].open = open
    totals[n_ks - 1].open_term = term


cdef inline void column_means(
    Pair* pair, const int* ks, int n_ks, int k, const double* psi, Totals* totals,
    double* nearest, Ball* balls, double* out,
) noexcept nogil:
    """Write the mean over the samples of psi(k) + psi(n) - psi(n_x) - psi(n_y) for ks.

    k is the last of ks, which ascend. n_x and n_y count the samples nearer than the
    k-th neighbour, and the sample itself.

    Where a column repeats values and some sample has more than k others no farther than
    its k-th distance r, all counts are closed: k is the number of others no farther
    than r, and the count on a marginal leaves the sample out if one of these is at r
    along it. (Without ties that is the same number.) Where r is 0, both count the
    sample.
    """
    cdef Strips* strips = &pair.strips
    cdef Py_ssize_t s, tile, n = pair.n, n_done = 0
    cdef Py_ssize_t n_tiles = (n + N_TILE - 1) // N_TILE
    cdef double x_end
    cdef bint ranked = False
    cdef Counts counts
    cdef int i
    memset(totals, 0, n_ks * sizeof(Totals))
    counts.n_x = counts.n_y = n
    counts.n_few = 0
    start_tiles(strips)
    for tile in range(n_tiles):
        x_end = INFINITY
        if tile + 1 < n_tiles:
            x_end = pair.x.xs[(tile + 1) * n // n_tiles]
        next_tile(strips, x_end)
        for s in range(strips.n_strips):
            if not ranked and 8 * counts.n_few > n_done + n // 8:
                rank_points(pair)
                ranked = True
            n_done += strips.end[s] - strips.begin[s]
            add_strip(
                pair, totals, &counts, s, ranked, ks, n_ks, k, psi, nearest, balls
            )
    for i in range(n_ks):
        out[i] = (totals[i].closed if totals[i].shared else totals[i].open) / n


def pair_information(
    const double[:, ::1] values, const int32_t[:, ::1] order,
    const Py_ssize_t[::1] rows, const double[::1] ys, const int32_t[::1] y_rank,
    const int32_t[::1] strip_of, const int32_t[::1] start, bint y_tied,
    const int[::1] n_neighbors, const double[::1] psi, double[:, ::1] out,
):
    """Write the information between columns of a block and y, in nats, into out.

    out[i, j] is for k = n_neighbors[j], which ascend, and the row c = rows[i]:
    values[c] is a column in ascending order, and order[c] the sample behind each value.
    ys is y in ascending order, and y_rank the position of each sample in it; y_tied
    says whether values repeat. Strip s contains
    the y-ranks start[s] to start[s + 1] - 1, and equal values share a strip; strip_of
    has the strip of each y-rank. psi is the digamma function of 0 to n_samples, which
    is more than any k.
    """
    cdef Py_ssize_t c, i, n = values.shape[1]
    cdef int j, n_ks = <int> n_neighbors.shape[0]
    cdef const int* ks = &n_neighbors[0]
    cdef int k = ks[n_ks - 1]
    cdef Scratch scratch = Scratch()
    cdef double* nearest = scratch.doubles(k)
    cdef Totals* totals = <Totals*> scratch.take(n_ks, sizeof(Totals))
    cdef Ball* balls = <Ball*> scratch.take(n_ks, sizeof(Ball))
    cdef Pair pair
    pair.n = n
    pair.x.first = scratch.ints(4 * n + 1)
    pair.y.first = scratch.ints(4 * n + 1)
    pair.x_by_y = scratch.doubles(n)
    pair.y_by_x = scratch.doubles(n)
    pair.x_rank = scratch.ints(n)
    pair.y_rank = scratch.ints(n)
    pair.strips.points = <Point*> scratch.take(n, sizeof(Point))
    pair.strips.start = &start[0]
    pair.strips.strip_of = &strip_of[0]
    pair.strips.y_ranks = scratch.ints(n)
    pair.strips.n_strips = start.shape[0] - 1
    pair.strips.begin = scratch.ints(pair.strips.n_strips)
    pair.strips.end = scratch.ints(pair.strips.n_strips)
    pair.strips.entry = scratch.ints(pair.strips.n_strips)
    with nogil:
        fill_index(&pair.y, &ys[0], n)
        for i in range(rows.shape[0]):
            c = rows[i]
            if values[c, 0] == values[c, n - 1] or ys[0] == ys[n - 1]:
                for j in range(n_ks):
                    out[i, j] = 0
                continue
            pair.tied = y_tied | order_ranks(
                &pair.strips, &values[c, 0], &order[c, 0], &y_rank[0], n
            )
            fill_strips(&pair.strips, &values[c, 0], &ys[0], n)
            fill_index(&pair.x, &values[c, 0], n)
            # known to the compiler: 3 of the drop-in functions, and the default
            if n_ks == 1 and k == 4:
                column_means(
                    &pair, ks, 1, 4, &psi[0], totals, nearest, balls, &out[i, 0]
                )
            elif n_ks == 1 and k == 3:
                column_means(
                    &pair, ks, 1, 3, &psi[0], totals, nearest, balls, &out[i, 0]
                )
            elif n_ks == 4 and k == 6:
                column_means(
                    &pair, ks, 4, 6, &psi[0], totals, nearest, balls, &out[i, 0]
                )
            else:
                column_means(
                    &pair, ks, n_ks, k, &psi[0], totals, nearest, balls, &out[i, 0]
                )
