"""Counts of neighbours on a sorted column: where a ball around a value begins and ends.

A table of buckets over the range of values gives the first guess, and a short search
the exact position.
"""
from libc.math cimport INFINITY, nextafter
from libc.stdint cimport int32_t, int64_t

from skmi._kernels.buckets cimport Buckets, bucket_of, set_buckets

cdef enum:
    FEW = 4             # values after the first guess that are compared at once
    CROWDED = 16        # values in a bucket that are searched by halving first
    N_CACHED = 1048576  # buckets of a table that stays in the cache


cdef struct Index:
    const double* xs    # ascending
    Py_ssize_t n
    Buckets buckets
    int32_t* first          # the lowest position whose value is in bucket b or above


cdef inline void fill_index(
    Index* index, const double* xs, Py_ssize_t n
) noexcept nogil:
    """Index a sorted column; `first` has room for 4 n + 1."""
    cdef int64_t b, bucket = 0, most = 4 * n
    cdef Py_ssize_t j
    if most > N_CACHED:
        most = n if n > N_CACHED else N_CACHED
    index.xs = xs
    index.n = n
    set_buckets(
        &index.buckets, xs[n // 2], xs[3 * n // 4] - xs[n // 4], xs[0], xs[n - 1], most
    )
    for j in range(n):
        b = bucket_of(&index.buckets, xs[j])
        while bucket <= b:
            index.first[bucket] = <int32_t> j
            bucket += 1
    while bucket <= index.buckets.n_buckets:
        index.first[bucket] = <int32_t> n
        bucket += 1


cdef inline Py_ssize_t count_left(
    const Index* index, double x, double r
) noexcept nogil:
    """Count the values to the left of the open ball of radius r around x."""
    cdef int64_t b = bucket_of(&index.buckets, x - r)
    cdef const double* xs = index.xs
    cdef Py_ssize_t i, j = index.first[b], end = index.first[b + 1], n_out = 0
    while end - j > CROWDED:
        i = (j + end) >> 1
        if x - xs[i] >= r:
            j = i
        else:
            end = i
    if j + FEW <= index.n:  # mostly enough, and without a branch
        for i in range(j, j + FEW):
            n_out += x - xs[i] >= r
        j += n_out
    while j < index.n and x - xs[j] >= r:
        j += 1
    while j > 0 and x - xs[j - 1] < r:
        j -= 1
    return j


cdef inline Py_ssize_t count_not_right(
    const Index* index, double x, double r
) noexcept nogil:
    """Count the values in the open ball of radius r around x, or to the left of it."""
    cdef int64_t b = bucket_of(&index.buckets, x + r)
    cdef const double* xs = index.xs
    cdef Py_ssize_t i, j = index.first[b], end = index.first[b + 1], n_in = 0
    while end - j > CROWDED:
        i = (j + end) >> 1
        if xs[i] - x < r:
            j = i
        else:
            end = i
    if j + FEW <= index.n:
        for i in range(j, j + FEW):
            n_in += xs[i] - x < r
        j += n_in
    while j < index.n and xs[j] - x < r:
        j += 1
    while j > 0 and xs[j - 1] - x >= r:
        j -= 1
    return j


cdef inline Py_ssize_t count_within(
    const Index* index, double x, double r
) noexcept nogil:
    """Count the values v with |v - x| < r, rounded as it was for r."""
    return count_not_right(index, x, r) - count_left(index, x, r)


cdef struct Range:
    int begin
    int end


cdef inline Range range_within(
    const Index* index, double x, double r, bint closed
) noexcept nogil:
    """Return the ranks of the values nearer to x than r or, if closed, no farther."""
    cdef Range ranks
    if closed and r == INFINITY:
        ranks.begin = 0
        ranks.end = <int32_t> index.n
        return ranks
    if closed:
        r = nextafter(r, INFINITY)
    ranks.begin = <int32_t> count_left(index, x, r)
    ranks.end = <int32_t> count_not_right(index, x, r)
    return ranks


cdef inline bint repeats(const double* xs, Py_ssize_t n) noexcept nogil:
    """Return whether some of the ascending values are equal."""
    cdef Py_ssize_t j
    for j in range(1, n):
        if xs[j] == xs[j - 1]:
            return True
    return False
