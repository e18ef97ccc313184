"""Sort columns of doubles together with the samples they came from, in linear time.

A radix sort over the leading bits that tell the values apart, packed with the
position into one word; runs that agree in these bits are sorted in the same way by
the bits that follow.
"""
from libc.math cimport fabs
from libc.stdint cimport int64_t, uint32_t, uint64_t
from libc.string cimport memcpy, memset

from skmi._kernels.buckets cimport bits_of
from skmi._kernels.scratch cimport Scratch

cdef enum:
    SHORT_RUN = 24
    N_LINEAR = 65536  # the part of a column's range below which a key is linear


cdef inline int64_t sort_key(double value, double scale) noexcept nogil:
    """An integer of the same order: linear below scale, logarithmic above.

    With a scale of 0 it tells all values apart, but spends most bits on exponents.
    """
    cdef int64_t key = bits_of(fabs(value) + scale) - bits_of(scale)
    return key if value >= 0 else -key


cdef void sort_short_run(double* values, int* order, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i, j
    cdef double value
    cdef int sample
    for i in range(1, n):
        value = values[i]
        sample = order[i]
        j = i
        while j > 0 and values[j - 1] > value:
            values[j] = values[j - 1]
            order[j] = order[j - 1]
            j -= 1
        values[j] = value
        order[j] = sample


cdef void sort_pairs(
    double* values, int* order, Py_ssize_t n, bint exact,
    uint64_t* words, uint64_t* spare, uint32_t* counts,
) noexcept nogil:
    """Sort values, and order along with them, keeping the order of equal values."""
    # few values need few bits: what these do not tell apart is short runs
    cdef int bits = 8 if n < 1024 else 11, n_levels = 2 if n < 16384 else 3
    cdef int level, shift = 0, used = bits * n_levels if bits * n_levels < 32 else 32
    cdef uint32_t mask = (1 << bits) - 1, digit, count, position, total
    cdef Py_ssize_t i, begin, end
    cdef double low = values[0], high = values[0], scale = 0
    cdef uint64_t lowest, key, word
    cdef uint64_t* swap
    cdef double* sorted_values
    cdef int* sorted_order

    for i in range(1, n):
        low = values[i] if values[i] < low else low
        high = values[i] if values[i] > high else high
    if low == high:
        return
    if not exact:
        scale = (fabs(low) if fabs(low) > fabs(high) else fabs(high)) / N_LINEAR
    lowest = <uint64_t> sort_key(low, scale)  # keys may be a whole word apart
    key = <uint64_t> sort_key(high, scale) - lowest
    while key >> shift >> used:
        shift += 1

    memset(counts, 0, <size_t> (n_levels << bits) * sizeof(uint32_t))
    for i in range(n):
        key = (<uint64_t> sort_key(values[i], scale) - lowest) >> shift
        words[i] = key << 32 | <uint64_t> i
        for level in range(n_levels):
            counts[(level << bits) + ((key >> (level * bits)) & mask)] += 1
    for level in range(n_levels):
        total = 0
        for digit in range(mask + 1):
            position = (level << bits) + digit
            count = counts[position]
            counts[position] = total
            total += count
    for level in range(n_levels):
        for i in range(n):
            word = words[i]
            position = (level << bits) + ((word >> (32 + level * bits)) & mask)
            spare[counts[position]] = word
            counts[position] += 1
        swap = words
        words = spare
        spare = swap

    sorted_values = <double*> spare
    for i in range(n):
        sorted_values[i] = values[<uint32_t> words[i]]
    memcpy(values, sorted_values, n * sizeof(double))
    if exact:
        sorted_order = <int*> spare
        for i in range(n):
            sorted_order[i] = order[<uint32_t> words[i]]
        memcpy(order, sorted_order, n * sizeof(int))
    else:  # of a whole column, whose order is that of the samples
        for i in range(n):
            order[i] = <int> <uint32_t> words[i]
    if shift == 0 and exact:
        return

    begin = 0
    while begin < n:
        end = begin + 1
        while end < n and words[begin] >> 32 == words[end] >> 32:
            end += 1
        if end - begin <= SHORT_RUN:
            sort_short_run(values + begin, order + begin, end - begin)
        else:
            sort_pairs(
                values + begin, order + begin, end - begin, True,
                words + begin, spare + begin, counts,
            )
        begin = end


def sort_rows(double[:, ::1] values, int[:, ::1] order):
    """Sort every row in place; `order` receives the positions before sorting.

    Equal values keep their order.
    """
    cdef Py_ssize_t c, i, n = values.shape[1]
    cdef Scratch scratch = Scratch()
    cdef uint64_t* words = <uint64_t*> scratch.take(n, sizeof(uint64_t))
    cdef uint64_t* spare = <uint64_t*> scratch.take(n, sizeof(uint64_t))
    cdef uint32_t* counts = <uint32_t*> scratch.take(3 << 11, sizeof(uint32_t))
    with nogil:
        for c in range(values.shape[0]):
            for i in range(n):
                order[c, i] = <int> i
            sort_pairs(&values[c, 0], &order[c, 0], n, False, words, spare, counts)


def unsort_rows(double[:, ::1] values, const int[:, ::1] order):
    """Move the value at each position of a sorted row to where it was before sorting.
    """
    cdef Py_ssize_t c, i, n = values.shape[1]
    cdef Scratch scratch = Scratch()
    cdef double* sorted_values = scratch.doubles(n)
    with nogil:
        for c in range(values.shape[0]):
            memcpy(sorted_values, &values[c, 0], n * sizeof(double))
            for i in range(n):
                values[c, order[c, i]] = sorted_values[i]
