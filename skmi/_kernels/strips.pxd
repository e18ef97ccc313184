"""Strips: pairs of values in ranges of y-ranks, each range in x-order.

A sample searches its own strip outward in x, then the strips above and below while the
gap to them is smaller than its k-th distance. Distances are Chebyshev's.
"""
from libc.math cimport fabs
from libc.stdint cimport int32_t
from libc.stdlib cimport qsort


cdef struct Point:
    double x
    double y


cdef struct Strips:
    Point* points           # strip by strip, in x-order within a strip, then y-order
    const int32_t* start    # the first point, and y-rank, of a strip
    const int32_t* strip_of  # of every y-rank
    int32_t* y_ranks        # in x-order
    int32_t* begin          # by strip, the first point of this tile, a range of x,
    int32_t* end            # and the first after it
    int32_t* entry          # by strip, where x was last met
    Py_ssize_t n_strips
    Py_ssize_t lowest       # the strips whose entry is set
    Py_ssize_t highest


cdef struct Ball:
    double r
    Py_ssize_t k            # other samples no farther than r
    bint on_x               # one of them is at r along x
    bint on_y


cdef inline void insert_distance(double* nearest, int k, double d) noexcept nogil:
    """Keep the k least distances, ascending; without a branch if k is small."""
    cdef int i = k - 1
    cdef double larger
    if k > 6 and d >= nearest[i]:
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
    """Compare the points left - 1 down to begin, and right up to end - 1."""
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


cdef inline void tally_point(
    double dx, double dy, Ball* balls, int n_balls
) noexcept nogil:
    """Add a point to the balls that reach it; the last one does."""
    cdef int i
    cdef bint within
    for i in range(n_balls):
        within = dx <= balls[i].r and dy <= balls[i].r
        balls[i].k += within
        balls[i].on_x |= within & (dx == balls[i].r)
        balls[i].on_y |= within & (dy == balls[i].r)


cdef inline void tally_strip(
    const Point* points, Py_ssize_t begin, Py_ssize_t left, Py_ssize_t right,
    Py_ssize_t end, double x, double y, Ball* balls, int n_balls,
) noexcept nogil:
    """Count the points in the same two ranges that are in each ball."""
    cdef Py_ssize_t j
    cdef double dx, dy, r = balls[n_balls - 1].r
    for j in range(right, end):
        dx = points[j].x - x
        if dx > r:
            break
        dy = fabs(points[j].y - y)
        if dy <= r:
            tally_point(dx, dy, balls, n_balls)
    for j in range(left - 1, begin - 1, -1):
        dx = x - points[j].x
        if dx > r:
            break
        dy = fabs(points[j].y - y)
        if dy <= r:
            tally_point(dx, dy, balls, n_balls)


cdef inline Py_ssize_t enter_strip(
    Strips* strips, Py_ssize_t s, double x
) noexcept nogil:
    """Return the first point of strip s with no lower x; x only grows."""
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
    strips.entry[s] = <int32_t> e
    return e


cdef inline int compare_ints(const void* a, const void* b) noexcept nogil:
    """Compare two integers as `qsort` asks."""
    return (<const int32_t*> a)[0] - (<const int32_t*> b)[0]


cdef inline bint order_ranks(
    Strips* strips, const double* xs, const int32_t* order, const int32_t* y_rank,
    Py_ssize_t n,
) noexcept nogil:
    """Write the y-ranks in x-order, equal x by y; return whether x has ties."""
    cdef Py_ssize_t j, begin = 0
    cdef int32_t* ranks = strips.y_ranks
    cdef bint tied = False
    for j in range(n):
        ranks[j] = y_rank[order[j]]
    for j in range(1, n + 1):
        if j == n or xs[j] != xs[begin]:
            if j - begin > 1:
                tied = True
                qsort(ranks + begin, j - begin, sizeof(int32_t), compare_ints)
            begin = j
    return tied


cdef inline void fill_strips(
    Strips* strips, const double* xs, const double* ys, Py_ssize_t n
) noexcept nogil:
    """Distribute the samples, in the order of y_ranks, to their strips."""
    cdef Py_ssize_t j, p, s
    for s in range(strips.n_strips):
        strips.entry[s] = strips.start[s]
    for j in range(n):
        s = strips.strip_of[strips.y_ranks[j]]
        p = strips.entry[s]
        strips.entry[s] = <int32_t> p + 1
        strips.points[p].x = xs[j]
        strips.points[p].y = ys[strips.y_ranks[j]]


cdef inline void start_tiles(Strips* strips) noexcept nogil:
    """Go before the first tile."""
    cdef Py_ssize_t s
    for s in range(strips.n_strips):
        strips.end[s] = strips.start[s]


cdef inline void next_tile(Strips* strips, double x_end) noexcept nogil:
    """Go to the next tile, which ends before x_end."""
    cdef Py_ssize_t p, s
    for s in range(strips.n_strips):
        p = strips.begin[s] = strips.end[s]
        while p < strips.start[s + 1] and strips.points[p].x < x_end:
            p += 1
        strips.end[s] = <int32_t> p


cdef inline void search_strips(
    Strips* strips, const double* ys, Py_ssize_t s, Py_ssize_t p, double* nearest, int k
) noexcept nogil:
    """Compare all points that may be among the k nearest to point p of strip s."""
    cdef const Point* points = strips.points
    cdef const int32_t* start = strips.start
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


cdef inline void tally_strips(
    Strips* strips, const double* ys, Py_ssize_t s, Py_ssize_t p, Ball* balls,
    int n_balls,
) noexcept nogil:
    """Count the other points in balls around point p of strip s, the last the widest.
    """
    cdef const Point* points = strips.points
    cdef const int32_t* start = strips.start
    cdef double x = points[p].x, y = points[p].y
    cdef Py_ssize_t e, other = s + 1
    cdef double r = balls[n_balls - 1].r
    cdef int i
    for i in range(n_balls):
        balls[i].k = 0
        balls[i].on_x = balls[i].on_y = False
    tally_strip(points, start[s], p, p + 1, start[s + 1], x, y, balls, n_balls)
    while other < strips.n_strips and ys[start[other]] - y <= r:
        e = enter_strip(strips, other, x)
        tally_strip(
            points, start[other], e, e, start[other + 1], x, y, balls, n_balls
        )
        other += 1
    other = s - 1
    while other >= 0 and y - ys[start[other + 1] - 1] <= r:
        e = enter_strip(strips, other, x)
        tally_strip(
            points, start[other], e, e, start[other + 1], x, y, balls, n_balls
        )
        other -= 1
