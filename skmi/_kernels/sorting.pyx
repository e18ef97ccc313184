"""Sort columns of doubles together with their samples, in linear time.

This is a radix sort. The leading bits in which the values differ are packed with the
position into one word. Runs that agree in these bits are sorted in the same way by the
bits that follow.
"""
from libc.math cimport fabs
from libc.stdint cimport int64_t, uint32_t, uint64_t
from libc.string cimport memcpy, memset

from skmi._kernels.buckets cimport bits_of
from skmi._kernels.scratch cimport Scratch

cdef enum:
    SHORT_RUN = 24    # values that are sorted by insertion
    MOST_COUNTS = 6144  # 3 digits of 11 bits
    N_LINEAR = 65536  # keys are linear up to the largest magnitude over this


cdef struct Radix:
    int bits      # of a digit
    int n_digits


cdef inline int64_t sort_key(double value, double scale) noexcept nogil:
    """Return an integer of the same order: linear below scale, logarithmic above.

    With a scale of 0 different values have different keys, but most bits of the key are
    exponents.
    """
    cdef int64_t key = bits_of(fabs(value) + scale) - bits_of(scale)
    return key if value >= 0 else -key


cdef void sort_short_run(double* values, int* order, Py_ssize_t n) noexcept nogil:
    """Sort by insertion, keeping the order of equal values."""
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


cdef inline Radix choose_radix(Py_ssize_t n) noexcept nogil:
    """Choose fewer bits for fewer values: what they cannot separate is short runs."""
    cdef Radix radix
    radix.bits = 8 if n < 1024 else 11
    radix.n_digits = 2 if n < 16384 else 3
    return radix


cdef inline void pack_words(
    Radix radix, const double* values, Py_ssize_t n, double scale, uint64_t lowest,
    int shift, uint64_t* words, uint32_t* counts,
) noexcept nogil:
    """Pack the leading bits of every key with its position, and count their digits."""
    cdef Py_ssize_t i
    cdef int digit
    cdef uint32_t mask = (1 << radix.bits) - 1
    cdef uint64_t key
    memset(counts, 0, <size_t> (radix.n_digits << radix.bits) * sizeof(uint32_t))
    for i in range(n):
        key = (<uint64_t> sort_key(values[i], scale) - lowest) >> shift
        words[i] = key << 32 | <uint64_t> i
        for digit in range(radix.n_digits):
            counts[
                (digit << radix.bits) + ((key >> (digit * radix.bits)) & mask)
            ] += 1


cdef inline void sort_words(
    Radix radix, uint64_t** words, uint64_t** spare, Py_ssize_t n, uint32_t* counts
) noexcept nogil:
    """Sort by the upper half of the words, one digit after the other."""
    cdef Py_ssize_t i
    cdef int digit, shift
    cdef uint32_t mask = (1 << radix.bits) - 1, value, count, total
    cdef uint32_t* places = counts
    cdef uint64_t word
    cdef uint64_t* source = words[0]
    cdef uint64_t* target = spare[0]
    for digit in range(radix.n_digits):
        shift = 32 + digit * radix.bits
        total = 0
        for value in range(mask + 1):
            count = places[value]
            places[value] = total
            total += count
        for i in range(n):
            word = source[i]
            value = (word >> shift) & mask
            target[places[value]] = word
            places[value] += 1
        places += mask + 1
        source, target = target, source
    words[0], spare[0] = source, target


cdef inline void move_pairs(
    double* values, int* order, Py_ssize_t n, bint is_column, const uint64_t* words,
    void* spare,
) noexcept nogil:
    """Move the values, and order along with them, to the order of the words."""
    cdef Py_ssize_t i
    cdef double* sorted_values = <double*> spare
    cdef int* sorted_order = <int*> spare
    for i in range(n):
        sorted_values[i] = values[<uint32_t> words[i]]
    memcpy(values, sorted_values, n * sizeof(double))
    if is_column:  # its order before sorting is 0, 1, ...
        for i in range(n):
            order[i] = <int> <uint32_t> words[i]
        return
    for i in range(n):
        sorted_order[i] = order[<uint32_t> words[i]]
    memcpy(order, sorted_order, n * sizeof(int))


cdef void sort_pairs(
    double* values, int* order, Py_ssize_t n, bint is_column,
    uint64_t* words, uint64_t* spare, uint32_t* counts,
) noexcept nogil:
    """Sort values, and order along with them, keeping the order of equal values.

    A whole column has keys that are linear up to a scale. A run of it, which these keys
    do not separate, has exact keys.
    """
    cdef Radix radix = choose_radix(n)
    cdef int shift = 0, n_bits = radix.bits * radix.n_digits
    cdef Py_ssize_t i, begin, end
    cdef double low = values[0], high = values[0], scale = 0
    cdef uint64_t lowest, width
    for i in range(1, n):
        low = values[i] if values[i] < low else low
        high = values[i] if values[i] > high else high
    if low == high:
        return
    if is_column:
        scale = (fabs(low) if fabs(low) > fabs(high) else fabs(high)) / N_LINEAR
    lowest = <uint64_t> sort_key(low, scale)  # keys may be a whole word apart
    width = <uint64_t> sort_key(high, scale) - lowest
    while width >> shift >> (n_bits if n_bits < 32 else 32):
        shift += 1

    pack_words(radix, values, n, scale, lowest, shift, words, counts)
    sort_words(radix, &words, &spare, n, counts)
    move_pairs(values, order, n, is_column, words, spare)
    if shift == 0 and not is_column:
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
                values + begin, order + begin, end - begin, False,
                words + begin, spare + begin, counts,
            )
        begin = end


def sort_rows(double[:, ::1] values, int[:, ::1] order):
    """Sort every row in place, and write the positions before sorting into order.

    values and order have shape (n_rows, n_samples). Equal values keep their order.
    """
    cdef Py_ssize_t c, i, n = values.shape[1]
    cdef Scratch scratch = Scratch()
    cdef uint64_t* words = <uint64_t*> scratch.take(n, sizeof(uint64_t))
    cdef uint64_t* spare = <uint64_t*> scratch.take(n, sizeof(uint64_t))
    cdef uint32_t* counts = <uint32_t*> scratch.take(MOST_COUNTS, sizeof(uint32_t))
    with nogil:
        for c in range(values.shape[0]):
            for i in range(n):
                order[c, i] = <int> i
            sort_pairs(&values[c, 0], &order[c, 0], n, True, words, spare, counts)


def unsort_rows(double[:, ::1] values, const int[:, ::1] order):
    """Undo `sort_rows`: move value j of every row to the position order[row, j]."""
    cdef Py_ssize_t c, i, n = values.shape[1]
    cdef Scratch scratch = Scratch()
    cdef double* sorted_values = scratch.doubles(n)
    with nogil:
        for c in range(values.shape[0]):
            memcpy(sorted_values, &values[c, 0], n * sizeof(double))
            for i in range(n):
                values[c, order[c, i]] = sorted_values[i]
