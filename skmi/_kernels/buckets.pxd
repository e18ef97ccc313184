"""Buckets over a value range: linear around the centre, logarithmic in the tails.

The bucket of a value comes from the bits of a double, in a few instructions. Buckets
have the order of the values, and heavy tails do not crowd the others into one bucket.
"""
from libc.math cimport fabs
from libc.stdint cimport int64_t
from libc.string cimport memcpy


cdef struct Buckets:
    double centre
    double scale
    int64_t origin
    int64_t n_below
    int64_t n_buckets
    int shift


cdef inline int64_t bits_of(double x) noexcept nogil:
    """Return the bits of a double, which have the order of positive values."""
    cdef int64_t bits
    memcpy(&bits, &x, 8)
    return bits


cdef inline int64_t bucket_of(const Buckets* buckets, double x) noexcept nogil:
    """Return the bucket of a value; the outer ones have no end."""
    cdef double offset = x - buckets.centre
    cdef int64_t b = bits_of(fabs(offset) + buckets.scale) - buckets.origin
    b >>= buckets.shift
    b = buckets.n_below + (b if offset >= 0 else -1 - b)
    b = 0 if b < 0 else b
    return b if b < buckets.n_buckets else buckets.n_buckets - 1


cdef inline void set_buckets(
    Buckets* buckets, double centre, double scale, double low, double high,
    int64_t most,
) noexcept nogil:
    """Lay at most `most` buckets, 2 or more, over low to high."""
    cdef int64_t below, above
    if not scale > 0:
        scale = high - low
    if not scale > 0:
        scale = 1
    buckets.centre = centre
    buckets.scale = scale
    buckets.origin = bits_of(scale)
    below = bits_of(centre - low + scale) - buckets.origin
    above = bits_of(high - centre + scale) - buckets.origin
    buckets.shift = 0
    while (below >> buckets.shift) > most - 2 - (above >> buckets.shift):
        buckets.shift += 1
    buckets.n_below = (below >> buckets.shift) + 1
    buckets.n_buckets = buckets.n_below + (above >> buckets.shift) + 1
