"""Neighbours of pairs of continuous columns, and counts on their marginals (KSG 1).

Distances are Chebyshev's. The y-order is cut into strips, each kept in x-order; a
sample searches its own strip outward in x, then the strips above and below while the
gap to them is under its k-th distance. Neighbours on a marginal are counted with the
arithmetic that produced the distance: `xs[j] - x < r`.
"""
from libc.math cimport INFINITY, fabs, nextafter
from libc.stdlib cimport free, malloc, qsort

from skmi._kernels.marginals cimport Index, count_within, fill_index

cdef enum:
    N_TILE = 32768  # samples in a range of x whose marginal stays in the cache
    N_SCAN = 32  # samples to scan on a marginal before the strips are searched


cdef struct Point:
    double x
    double y


cdef struct Strips:
    Point* points       # strip by strip, in x-order within a strip
    const int* start    # start[s] to start[s + 1]: the points, and y-ranks, of strip s
    const int* of_rank  # the strip of a y-rank
    int* ranks          # the y-ranks in x-order
    int* begin          # where the points of this tile, a range of x, begin
    int* end            # and end
    int* entry          # where x was last met in a strip
    Py_ssize_t n_strips
    Py_ssize_t lowest   # the strips whose entry is set
    Py_ssize_t highest


cdef struct Marginals:
    double* x_of        # x in y-order
    double* y_of        # y in x-order
    int* x_rank         # of every point
    int* y_rank


cdef struct Ball:
    Py_ssize_t k        # other samples no farther than r
    bint on_x           # one of them is at r along x
    bint on_y


cdef inline void insert_distance(double* nearest, int k, double d) noexcept nogil:
    """Keep the k least distances, ascending; without a branch while k is small."""
    cdef int i = k - 1
    cdef double larger
    if k > 4 and d >= nearest[i]:
        return
    while i > 0:
        larger = nearest[i - 1] if nearest[i - 1] > d else d
        nearest[i] = nearest[i] if nearest[i] < larger else larger
        i -= 1
    nearest[0] = nearest[0] if nearest[0] < d else d


cdef inline void search_strip(
    const Point* points, Py_ssize_t begin, Py_ssize_t left, Py_ssize_t right,
    Py_ssize_t end, double x, double y, double* nearest, int k,
) noexcept nogil:
    """Offer the points left - 1 down to begin and right up to end - 1."""
    cdef Py_ssize_t j
    cdef double d, dy
    for j in range(right, end):
        d = points[j].x - x
        if d >= nearest[k - 1]:
            break
        dy = fabs(points[j].y - y)
        insert_distance(nearest, k, dy if dy > d else d)
    for j in range(left - 1, begin - 1, -1):
        d = x - points[j].x
        if d >= nearest[k - 1]:
            break
        dy = fabs(points[j].y - y)
        insert_distance(nearest, k, dy if dy > d else d)


cdef inline bint search_marginal(
    const double* xs, const double* y_of, Py_ssize_t rank, Py_ssize_t n,
    double y, double* nearest, int k,
) noexcept nogil:
    """Offer the samples nearest along one axis; tell if these few were all it takes."""
    cdef Py_ssize_t j, end = rank + N_SCAN if rank + N_SCAN < n else n
    cdef double d, dy, x = xs[rank]
    cdef bint done = end == n
    for j in range(rank + 1, end):
        d = xs[j] - x
        if d >= nearest[k - 1]:
            done = True
            break
        dy = fabs(y_of[j] - y)
        insert_distance(nearest, k, dy if dy > d else d)
    end = rank - N_SCAN if rank > N_SCAN else -1
    for j in range(rank - 1, end, -1):
        d = x - xs[j]
        if d >= nearest[k - 1]:
            return done
        dy = fabs(y_of[j] - y)
        insert_distance(nearest, k, dy if dy > d else d)
    return done and end == -1


cdef inline void tally_strip(
    const Point* points, Py_ssize_t begin, Py_ssize_t left, Py_ssize_t right,
    Py_ssize_t end, double x, double y, double r, Ball* ball,
) noexcept nogil:
    """Count those of the same points that are no farther than r."""
    cdef Py_ssize_t j
    cdef double dx, dy
    for j in range(right, end):
        dx = points[j].x - x
        if dx > r:
            break
        dy = fabs(points[j].y - y)
        if dy <= r:
            ball.k += 1
            ball.on_x |= dx == r
            ball.on_y |= dy == r
    for j in range(left - 1, begin - 1, -1):
        dx = x - points[j].x
        if dx > r:
            break
        dy = fabs(points[j].y - y)
        if dy <= r:
            ball.k += 1
            ball.on_x |= dx == r
            ball.on_y |= dy == r


cdef inline Py_ssize_t enter_strip(
    Strips* strips, Py_ssize_t s, double x
) noexcept nogil:
    """The first point of strip s that is not to the left of x, which only grows."""
    cdef Py_ssize_t e
    if s > strips.highest:
        strips.highest = s
        strips.entry[s] = strips.begin[s]
    elif s < strips.lowest:
        strips.lowest = s
        strips.entry[s] = strips.begin[s]
    e = strips.entry[s]
    while e < strips.start[s + 1] and strips.points[e].x < x:
        e += 1
    strips.entry[s] = <int> e
    return e


cdef int compare_ints(const void* a, const void* b) noexcept nogil:
    return (<const int*> a)[0] - (<const int*> b)[0]


cdef bint fill_strips(
    Strips* strips, const double* xs, const int* order, const double* ys,
    const int* y_rank, Py_ssize_t n,
) noexcept nogil:
    """Deal the samples out to their strips, by x, equal x by y; tell if x has ties."""
    cdef Py_ssize_t j, p, s, begin
    cdef int* ranks = strips.ranks
    cdef bint tied = False
    for j in range(n):
        ranks[j] = y_rank[order[j]]
    begin = 0
    for j in range(1, n + 1):
        if j == n or xs[j] != xs[begin]:
            if j - begin > 1:
                tied = True
                qsort(ranks + begin, j - begin, sizeof(int), compare_ints)
            begin = j
    for s in range(strips.n_strips):
        strips.entry[s] = strips.start[s]
    for j in range(n):
        s = strips.of_rank[ranks[j]]
        p = strips.entry[s]
        strips.entry[s] = <int> p + 1
        strips.points[p].x = xs[j]
        strips.points[p].y = ys[ranks[j]]
    return tied


cdef void fill_marginals(
    Marginals* marginals, const Strips* strips, const double* xs, const double* ys,
    Py_ssize_t n,
) noexcept nogil:
    cdef Py_ssize_t j, p, s, t
    for s in range(strips.n_strips):
        strips.entry[s] = strips.start[s]
    for j in range(n):
        t = strips.ranks[j]
        s = strips.of_rank[t]
        p = strips.entry[s]
        strips.entry[s] = <int> p + 1
        marginals.x_of[t] = xs[j]
        marginals.y_of[j] = ys[t]
        marginals.x_rank[p] = <int> j
        marginals.y_rank[p] = <int> t


cdef inline void reset_nearest(double* nearest, int k, double bound) noexcept nogil:
    """Start from k distances a little above a bound that the k-th is known to keep."""
    cdef int i
    for i in range(k):
        nearest[i] = bound * (1 + 1e-12) + 1e-300


cdef inline void search_strips(
    Strips* strips, const double* ys, Py_ssize_t s, Py_ssize_t p, double* nearest, int k
) noexcept nogil:
    """Offer all points that can be among the k nearest to point p of strip s."""
    cdef const Point* points = strips.points
    cdef const int* start = strips.start
    cdef double x = points[p].x, y = points[p].y
    cdef Py_ssize_t e, other = s + 1
    search_strip(points, start[s], p, p + 1, start[s + 1], x, y, nearest, k)
    while other < strips.n_strips and ys[start[other]] - y < nearest[k - 1]:
        e = enter_strip(strips, other, x)
        search_strip(points, start[other], e, e, start[other + 1], x, y, nearest, k)
        other += 1
    other = s - 1
    while other >= 0 and y - ys[start[other + 1] - 1] < nearest[k - 1]:
        e = enter_strip(strips, other, x)
        search_strip(points, start[other], e, e, start[other + 1], x, y, nearest, k)
        other -= 1


cdef inline Ball tally_strips(
    Strips* strips, const double* ys, Py_ssize_t s, Py_ssize_t p, double r
) noexcept nogil:
    """Count the points that are no farther than r from point p of strip s."""
    cdef const Point* points = strips.points
    cdef const int* start = strips.start
    cdef double x = points[p].x, y = points[p].y
    cdef Py_ssize_t e, other = s + 1
    cdef Ball ball
    ball.k = 0
    ball.on_x = ball.on_y = False
    tally_strip(points, start[s], p, p + 1, start[s + 1], x, y, r, &ball)
    while other < strips.n_strips and ys[start[other]] - y <= r:
        e = enter_strip(strips, other, x)
        tally_strip(points, start[other], e, e, start[other + 1], x, y, r, &ball)
        other += 1
    other = s - 1
    while other >= 0 and y - ys[start[other + 1] - 1] <= r:
        e = enter_strip(strips, other, x)
        tally_strip(points, start[other], e, e, start[other + 1], x, y, r, &ball)
        other -= 1
    return ball


cdef inline double psi_sum(
    Py_ssize_t k, Py_ssize_t n_x, Py_ssize_t n_y, Py_ssize_t n, const double* psi
) noexcept nogil:
    """psi(k) + psi(n) - psi(n_x) - psi(n_y), exactly 0 if one count is n, one k."""
    if n_x < n_y:
        n_x, n_y = n_y, n_x
    return (psi[n] - psi[n_x]) + (psi[k] - psi[n_y])


cdef inline double column_mean(
    Strips* strips, Marginals* marginals, const Index* of_x, const Index* of_y,
    bint tied, int k, const double* psi, double* nearest,
) noexcept nogil:
    """Mean over the samples of psi(k) + psi(n) - psi(n_x) - psi(n_y).

    n_x and n_y count the samples nearer than the k-th neighbour, and the sample itself.

    Where a column repeats values and some sample has more than k others no farther than
    its k-th distance r, all counts are closed: k is the number of others no farther
    than r, and a marginal's count leaves the sample out if one of these is at r along
    it. (Without ties that is the same number.) Where r is 0, both count the sample.
    """
    cdef const Point* points = strips.points
    cdef const int* start = strips.start
    cdef const double* ys = of_y.xs
    cdef Py_ssize_t p, s, tile, n = of_y.n, n_x = n, n_y = n, n_few = 0, n_done = 0
    cdef Py_ssize_t n_tiles = (n + N_TILE - 1) // N_TILE
    cdef double x, y, r, gap, x_end
    cdef double open_term = 0, open_total = 0, closed_term = 0, closed_total = 0
    cdef bint done, filled = False, shared = False
    cdef Ball ball
    for s in range(strips.n_strips):
        strips.end[s] = start[s]
    for tile in range(n_tiles):
        x_end = INFINITY
        if tile + 1 < n_tiles:
            x_end = of_x.xs[(tile + 1) * n // n_tiles]
        for s in range(strips.n_strips):
            p = strips.begin[s] = strips.end[s]
            while p < start[s + 1] and points[p].x < x_end:
                p += 1
            strips.end[s] = <int> p
        for s in range(strips.n_strips):
            if not filled and 8 * n_few > n_done + n // 8:
                fill_marginals(marginals, strips, of_x.xs, ys, n)
                filled = True
            n_done += strips.end[s] - strips.begin[s]
            strips.lowest = strips.highest = s
            for p in range(strips.begin[s], strips.end[s]):
                x = points[p].x
                y = points[p].y
                r = INFINITY
                if p > strips.begin[s]:
                    gap = fabs(y - points[p - 1].y)
                    if tied and gap == 0 and x == points[p - 1].x:
                        open_total += open_term
                        closed_total += closed_term
                        continue
                    if x - points[p - 1].x > gap:
                        gap = x - points[p - 1].x
                    r = gap + nearest[k - 1]  # holds the ball of the sample before
                reset_nearest(nearest, k, r)
                done = False
                if filled and (n_x < N_SCAN or n_y < N_SCAN):  # of the sample before
                    if n_y < n_x:
                        done = search_marginal(
                            ys, marginals.x_of, marginals.y_rank[p], n, x, nearest, k
                        )
                    else:
                        done = search_marginal(
                            of_x.xs, marginals.y_of, marginals.x_rank[p], n, y,
                            nearest, k,
                        )
                    if not done:  # the strips offer the same samples again
                        reset_nearest(nearest, k, nearest[k - 1])
                if not done:
                    search_strips(strips, ys, s, p, nearest, k)
                r = nearest[k - 1]
                if tied:
                    ball = tally_strips(strips, ys, s, p, r)
                    shared |= ball.k > k or r == 0
                    if r == 0:
                        ball.k += 1
                        ball.on_x = ball.on_y = False
                    n_x = count_within(of_x, x, nextafter(r, INFINITY))
                    n_y = count_within(of_y, y, nextafter(r, INFINITY))
                    closed_term = psi_sum(
                        ball.k, n_x - ball.on_x, n_y - ball.on_y, n, psi
                    )
                    closed_total += closed_term
                if not shared:
                    n_x = count_within(of_x, x, r)
                    n_y = count_within(of_y, y, r)
                    open_term = psi_sum(k, n_x, n_y, n, psi)
                    open_total += open_term
                n_few += n_x < N_SCAN or n_y < N_SCAN
    return (closed_total if shared else open_total) / n


def pair_information(
    const double[:, ::1] values, const int[:, ::1] order, const Py_ssize_t[::1] rows,
    const double[::1] ys, const int[::1] y_rank, const int[::1] strip_of,
    const int[::1] start, bint y_tied, int n_neighbors,
    const double[::1] psi, double[::1] out,
):
    """Write the information between columns of a block and y, in nats, into out.

    Entry i of out is for the row c = rows[i]: `values[c]` is a column in ascending
    order and `order[c]` the sample behind each value. `ys` is y in ascending order and
    `y_rank` the place of each sample in it. Strip s holds the y-ranks start[s] to
    start[s + 1] - 1 and does not part equal values; strip_of tells the strip of a
    y-rank. psi holds the digamma function of 0 to n.
    """
    cdef Py_ssize_t c, i, n = values.shape[1]
    cdef bint tied
    cdef Index of_x, of_y
    cdef Strips strips
    cdef Marginals marginals
    cdef double* doubles = <double*> malloc((4 * n + n_neighbors) * sizeof(double))
    cdef int* ints = <int*> malloc((11 * n + 2 + 3 * start.shape[0]) * sizeof(int))
    if doubles == NULL or ints == NULL:
        free(doubles)
        free(ints)
        raise MemoryError
    strips.points = <Point*> doubles
    marginals.x_of = doubles + 2 * n
    marginals.y_of = doubles + 3 * n
    of_x.first = ints
    of_y.first = ints + 4 * n + 1
    strips.ranks = ints + 8 * n + 2
    marginals.x_rank = strips.ranks + n
    marginals.y_rank = strips.ranks + 2 * n
    strips.entry = strips.ranks + 3 * n
    strips.begin = strips.entry + start.shape[0]
    strips.end = strips.begin + start.shape[0]
    strips.start = &start[0]
    strips.of_rank = &strip_of[0]
    strips.n_strips = start.shape[0] - 1
    with nogil:
        fill_index(&of_y, &ys[0], n)
        for i in range(rows.shape[0]):
            c = rows[i]
            tied = y_tied | fill_strips(
                &strips, &values[c, 0], &order[c, 0], &ys[0], &y_rank[0], n
            )
            fill_index(&of_x, &values[c, 0], n)
            if of_x.xs[0] == of_x.xs[n - 1] or ys[0] == ys[n - 1]:
                out[i] = 0
                continue
            if n_neighbors == 4:  # known to the compiler: the default, and
                out[i] = column_mean(
                    &strips, &marginals, &of_x, &of_y, tied, 4, &psi[0],
                    doubles + 4 * n,
                )
            elif n_neighbors == 3:  # that of the drop-in functions
                out[i] = column_mean(
                    &strips, &marginals, &of_x, &of_y, tied, 3, &psi[0],
                    doubles + 4 * n,
                )
            else:
                out[i] = column_mean(
                    &strips, &marginals, &of_x, &of_y, tied, n_neighbors, &psi[0],
                    doubles + 4 * n,
                )
    free(doubles)
    free(ints)
