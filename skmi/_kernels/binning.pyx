"""Turn columns of doubles into codes: cut into bins of equal shares, or as they are.

Nothing is sorted to find the bins: a histogram over fine buckets tells in which of them
the edges lie, and only the values in these are sorted.
"""
from libc.stdint cimport int32_t, uint8_t, uint16_t
from libc.stdlib cimport free, malloc, qsort
from libc.string cimport memset

from skmi._kernels.buckets cimport Buckets, bucket_of, set_buckets

ctypedef fused code_t:
    uint8_t
    int32_t

cdef enum:
    N_BUCKETS = 8192
    N_PILOT = 256   # samples, at most, that place and scale the buckets,
    LEAST_STEP = 8  # and at most one in so many
    MAX_RANGE = 65536  # of whole numbers that are coded by subtraction
    N_STEP = 1024      # samples that are coded before it is asked if all are whole


cdef int compare_doubles(const void* a, const void* b) noexcept nogil:
    cdef double x = (<const double*> a)[0], y = (<const double*> b)[0]
    return (x > y) - (x < y)


cdef void find_range(
    const double* values, Py_ssize_t n, double* low, double* high
) noexcept nogil:
    """Least and greatest of the values, four at a time."""
    cdef double least[4]
    cdef double most[4]
    cdef Py_ssize_t i, j
    for j in range(4):
        least[j] = most[j] = values[j if j < n else 0]
    i = 0
    while i + 4 <= n:
        for j in range(4):
            least[j] = values[i + j] if values[i + j] < least[j] else least[j]
            most[j] = values[i + j] if values[i + j] > most[j] else most[j]
        i += 4
    i = n - 4 if n > 4 else 0  # what is left
    while i < n:
        least[0] = values[i] if values[i] < least[0] else least[0]
        most[0] = values[i] if values[i] > most[0] else most[0]
        i += 1
    low[0], high[0] = least[0], most[0]
    for j in range(1, 4):
        low[0] = least[j] if least[j] < low[0] else low[0]
        high[0] = most[j] if most[j] > high[0] else high[0]


cdef Py_ssize_t code_few(
    const double* values, Py_ssize_t n, Py_ssize_t most, double* levels, code_t* codes
) noexcept nogil:
    """Code a column by the order of its values if there are no more than most.

    Return how many there are, or 0 if they are more.
    """
    cdef Py_ssize_t i, j, n_levels = 0
    for i in range(n):
        j = 0
        while j < n_levels and levels[j] != values[i]:
            j += 1
        if j == n_levels:
            if n_levels == most:
                return 0
            levels[j] = values[i]
            n_levels += 1
    qsort(levels, n_levels, sizeof(double), compare_doubles)
    for i in range(n):
        j = 0
        while levels[j] != values[i]:
            j += 1
        codes[i] = <code_t> j
    return n_levels


cdef void cut_column(
    const double* values, Py_ssize_t n, Py_ssize_t n_bins, double* edges,
    double* near, uint16_t* bucket, int32_t* below, int32_t* first_edge, code_t* codes,
) noexcept nogil:
    """Bin of a value: the number of edges under it.

    Edge b is the value that ceil(b n / n_bins) samples do not exceed, so that the bin
    is floor(n_bins * share of samples below the value).
    """
    cdef Buckets buckets
    cdef Py_ssize_t i, b, edge, rank, n_near = 0, n_pilot = 0
    cdef Py_ssize_t step = max(LEAST_STEP, (n + N_PILOT - 1) // N_PILOT)
    cdef double low, high
    cdef int32_t total, count
    find_range(values, n, &low, &high)
    i = 0
    while i < n:
        near[n_pilot] = values[i]
        n_pilot += 1
        i += step
    qsort(near, n_pilot, sizeof(double), compare_doubles)
    set_buckets(
        &buckets, near[n_pilot // 2], near[3 * n_pilot // 4] - near[n_pilot // 4],
        low, high, N_BUCKETS if n > N_BUCKETS else n,
    )
    memset(below, 0, (buckets.n_buckets + 1) * sizeof(int32_t))
    for i in range(n):
        bucket[i] = <uint16_t> bucket_of(&buckets, values[i])
        below[bucket[i]] += 1
    total = 0
    for b in range(buckets.n_buckets + 1):
        count = below[b]
        below[b] = total
        total += count

    # first_edge[b]: the number of edges in the buckets before b
    edge = 1
    for b in range(buckets.n_buckets):
        first_edge[b] = <int32_t> edge - 1
        while edge < n_bins and (edge * n + n_bins - 1) // n_bins <= below[b + 1]:
            edge += 1
    first_edge[buckets.n_buckets] = <int32_t> n_bins - 1
    for i in range(n):
        b = bucket[i]
        if first_edge[b] < first_edge[b + 1]:
            near[n_near] = values[i]
            n_near += 1
    qsort(near, n_near, sizeof(double), compare_doubles)
    n_near = 0  # from here on: those in the buckets before b
    edge = 1
    for b in range(buckets.n_buckets):
        if first_edge[b] == first_edge[b + 1]:
            continue
        while edge <= first_edge[b + 1]:
            rank = (edge * n + n_bins - 1) // n_bins - 1
            edges[edge - 1] = near[n_near + rank - below[b]]
            edge += 1
        n_near += below[b + 1] - below[b]

    for i in range(n):
        b = bucket[i]
        edge = first_edge[b]
        while edge < first_edge[b + 1] and values[i] > edges[edge]:
            edge += 1
        codes[i] = <code_t> edge


def cut_rows(
    const double[:, ::1] values, Py_ssize_t n_bins, code_t[:, ::1] codes,
    Py_ssize_t[::1] n_levels,
):
    """Write the bin of every value, and the number of levels of every row.

    A row with no more distinct values than bins keeps them apart instead.
    """
    cdef Py_ssize_t c, n = values.shape[1]
    cdef double* near = <double*> malloc((n + n_bins) * sizeof(double))
    cdef uint16_t* bucket = <uint16_t*> malloc(n * sizeof(uint16_t))
    cdef int32_t* below = <int32_t*> malloc(2 * (N_BUCKETS + 1) * sizeof(int32_t))
    if near == NULL or bucket == NULL or below == NULL:
        free(near)
        free(bucket)
        free(below)
        raise MemoryError
    with nogil:
        for c in range(values.shape[0]):
            n_levels[c] = code_few(
                &values[c, 0], n, n_bins, near + n, &codes[c, 0]
            )
            if n_levels[c] == 0:
                n_levels[c] = n_bins
                cut_column(
                    &values[c, 0], n, n_bins, near + n, near, bucket, below,
                    below + N_BUCKETS + 1, &codes[c, 0],
                )
    free(near)
    free(bucket)
    free(below)


cdef bint code_whole(
    const double* values, Py_ssize_t n, double low, int32_t* codes
) noexcept nogil:
    """Code values by what they exceed the least by; tell whether all are whole."""
    cdef Py_ssize_t i, start = 0, stop
    cdef int32_t n_between = 0
    while start < n and n_between == 0:
        stop = start + N_STEP if start + N_STEP < n else n
        for i in range(start, stop):
            codes[i] = <int32_t> (values[i] - low)
        for i in range(start, stop):
            n_between += low + codes[i] != values[i]
        start = stop
    return n_between == 0


def code_whole_rows(
    const double[:, ::1] values, int32_t[:, ::1] codes, Py_ssize_t[::1] n_levels
):
    """Code rows of whole numbers of a small range by what they exceed the least by.

    The number of levels of any other row is 0, and its codes are not defined.
    """
    cdef Py_ssize_t c, n = values.shape[1]
    cdef double low, high
    with nogil:
        for c in range(values.shape[0]):
            find_range(&values[c, 0], n, &low, &high)
            n_levels[c] = 0
            if high - low < MAX_RANGE and code_whole(
                &values[c, 0], n, low, &codes[c, 0]
            ):
                n_levels[c] = <Py_ssize_t> (high - low) + 1
