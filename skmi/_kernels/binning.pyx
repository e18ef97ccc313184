"""Turn columns of doubles into codes: bins of equal shares, or the values themselves.

No column is sorted. A histogram over narrow buckets shows which of them contain the
edges of the bins, and only the values in these buckets are sorted.
"""
from libc.stdint cimport int32_t, uint16_t
from libc.stdlib cimport qsort
from libc.string cimport memset

from skmi._kernels.buckets cimport Buckets, bucket_of, set_buckets
from skmi._kernels.codes cimport code_t
from skmi._kernels.scratch cimport Scratch

cdef enum:
    MOST_BUCKETS = 8192
    MOST_PILOTS = 256  # samples that place and scale the buckets,
    LEAST_STEP = 8     # at most one in so many
    MOST_WHOLE = 65536  # range of whole numbers that are coded by subtraction
    N_STEP = 1024      # samples between two checks that all are whole


cdef struct Cut:
    Py_ssize_t n        # samples
    Py_ssize_t n_bins
    Buckets buckets
    double* edges       # n_bins: edge b ends bin b; the last one is not used
    double* near        # values in the buckets that contain edges
    uint16_t* bucket    # of every value
    int32_t* below      # by bucket, the number of values in lower ones
    int32_t* first_edge  # by bucket, the number of edges in lower ones


cdef int compare_doubles(const void* a, const void* b) noexcept nogil:
    """Compare two doubles as `qsort` asks."""
    cdef double x = (<const double*> a)[0], y = (<const double*> b)[0]
    return (x > y) - (x < y)


cdef void find_range(
    const double* values, Py_ssize_t n, double* low, double* high
) noexcept nogil:
    """Find the least and greatest of the values, four at a time."""
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
    i = n - 4 if n > 4 else 0  # the last ones
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
    """Code a column by the order of its values if it has at most `most` of them.

    Return the number of distinct values, or 0 if they are more.
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


cdef inline Py_ssize_t rank_of(const Cut* cut, Py_ssize_t edge) noexcept nogil:
    """Number of samples that edge 1, 2, ... must not be below."""
    return (edge * cut.n + cut.n_bins - 1) // cut.n_bins


cdef void place_buckets(Cut* cut, const double* values) noexcept nogil:
    """Lay the buckets by the quartiles of some samples, the pilots."""
    cdef Py_ssize_t i = 0, n_pilots = 0, n = cut.n
    cdef Py_ssize_t step = max(LEAST_STEP, (n + MOST_PILOTS - 1) // MOST_PILOTS)
    cdef double low, high
    cdef double* pilots = cut.near
    find_range(values, n, &low, &high)
    while i < n:
        pilots[n_pilots] = values[i]
        n_pilots += 1
        i += step
    qsort(pilots, n_pilots, sizeof(double), compare_doubles)
    set_buckets(
        &cut.buckets, pilots[n_pilots // 2],
        pilots[3 * n_pilots // 4] - pilots[n_pilots // 4],
        low, high, MOST_BUCKETS if n > MOST_BUCKETS else n,
    )


cdef void fill_buckets(Cut* cut, const double* values) noexcept nogil:
    """Find the bucket of every value, and count the values and edges below each."""
    cdef Py_ssize_t i, b, edge = 1, n_buckets = cut.buckets.n_buckets
    cdef int32_t total = 0, count
    memset(cut.below, 0, (n_buckets + 1) * sizeof(int32_t))
    for i in range(cut.n):
        cut.bucket[i] = <uint16_t> bucket_of(&cut.buckets, values[i])
        cut.below[cut.bucket[i]] += 1
    for b in range(n_buckets + 1):
        count = cut.below[b]
        cut.below[b] = total
        total += count
    for b in range(n_buckets):
        cut.first_edge[b] = <int32_t> edge - 1
        while edge < cut.n_bins and rank_of(cut, edge) <= cut.below[b + 1]:
            edge += 1
    cut.first_edge[n_buckets] = <int32_t> cut.n_bins - 1


cdef void find_edges(Cut* cut, const double* values) noexcept nogil:
    """Sort the values in the buckets that contain edges, and read the edges off."""
    cdef Py_ssize_t i, b, edge = 1, n_near = 0, n_before = 0
    for i in range(cut.n):
        b = cut.bucket[i]
        if cut.first_edge[b] < cut.first_edge[b + 1]:
            cut.near[n_near] = values[i]
            n_near += 1
    qsort(cut.near, n_near, sizeof(double), compare_doubles)
    for b in range(cut.buckets.n_buckets):
        if cut.first_edge[b] == cut.first_edge[b + 1]:
            continue
        while edge <= cut.first_edge[b + 1]:
            i = n_before + rank_of(cut, edge) - 1 - cut.below[b]
            cut.edges[edge - 1] = cut.near[i]
            edge += 1
        n_before += cut.below[b + 1] - cut.below[b]


cdef void cut_column(Cut* cut, const double* values, code_t* codes) noexcept nogil:
    """Write the bin of every value: the number of edges below it.

    Edge b is the value that ceil(b n / n_bins) samples do not exceed, so that the bin
    is floor(n_bins * share of samples below the value).
    """
    cdef Py_ssize_t i, b, edge
    place_buckets(cut, values)
    fill_buckets(cut, values)
    find_edges(cut, values)
    for i in range(cut.n):
        b = cut.bucket[i]
        edge = cut.first_edge[b]
        while edge < cut.first_edge[b + 1] and values[i] > cut.edges[edge]:
            edge += 1
        codes[i] = <code_t> edge


def cut_rows(
    const double[:, ::1] values, Py_ssize_t n_bins, code_t[:, ::1] codes,
    Py_ssize_t[::1] n_levels,
):
    """Write the bin of every value, and the number of levels of every row.

    values and codes have shape (n_rows, n_samples). A row with no more distinct values
    than bins has one level for each of them, in ascending order. Equal values share a
    bin.
    """
    cdef Py_ssize_t c, n = values.shape[1]
    cdef Scratch scratch = Scratch()
    cdef Cut cut
    cut.n, cut.n_bins = n, n_bins
    cut.edges = scratch.doubles(n_bins)
    cut.near = scratch.doubles(n)
    cut.bucket = <uint16_t*> scratch.take(n, sizeof(uint16_t))
    cut.below = scratch.ints(MOST_BUCKETS + 1)
    cut.first_edge = scratch.ints(MOST_BUCKETS + 1)
    with nogil:
        for c in range(values.shape[0]):
            n_levels[c] = code_few(&values[c, 0], n, n_bins, cut.edges, &codes[c, 0])
            if n_levels[c] == 0:
                n_levels[c] = n_bins
                cut_column(&cut, &values[c, 0], &codes[c, 0])


cdef bint code_whole(
    const double* values, Py_ssize_t n, double low, int32_t* codes
) noexcept nogil:
    """Code values by their distance from the least; return whether all are whole."""
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
    """Code rows whose values lie whole numbers apart, by their distance from the least.

    values and codes have shape (n_rows, n_samples). n_levels is 0, and the codes are
    undefined, for any other row and where the range is MOST_WHOLE or more.
    """
    cdef Py_ssize_t c, n = values.shape[1]
    cdef double low, high
    with nogil:
        for c in range(values.shape[0]):
            find_range(&values[c, 0], n, &low, &high)
            n_levels[c] = 0
            if high - low < MOST_WHOLE and code_whole(
                &values[c, 0], n, low, &codes[c, 0]
            ):
                n_levels[c] = <Py_ssize_t> (high - low) + 1
