"""Counts of a column's levels by stratum.

Strata are runs of `order`, the samples in ascending order of a code: stratum s has the
samples order[starts[s]] to order[starts[s + 1] - 1].
"""
from libc.stdint cimport int32_t

from skmi._kernels.codes cimport code_t
from skmi._kernels.scratch cimport Scratch


def group_samples(
    const int32_t[::1] z, Py_ssize_t n_z, int32_t[::1] order, Py_ssize_t[::1] starts
):
    """Order the samples by code; those of one code stay in ascending order.

    z has codes below n_z. Entry c of starts, of length n_z + 1, becomes the position in
    order at which the samples of code c begin.
    """
    cdef Py_ssize_t i, code
    with nogil:
        for code in range(n_z + 1):
            starts[code] = 0
        for i in range(z.shape[0]):
            starts[z[i]] += 1
        for code in range(n_z):
            starts[code + 1] += starts[code]
        for i in range(z.shape[0] - 1, -1, -1):
            starts[z[i]] -= 1
            order[starts[z[i]]] = <int32_t> i


cdef inline Py_ssize_t find_levels(
    const code_t* codes, const int32_t* samples, Py_ssize_t n, int32_t* table,
    int32_t* levels,
) noexcept nogil:
    """Write the levels that occur, and count them in table; return how many occur.

    table has a 0 for every level before.
    """
    cdef Py_ssize_t i, level, n_found = 0
    for i in range(n):
        level = codes[samples[i]]
        if table[level] == 0:
            levels[n_found] = <int32_t> level
            n_found += 1
        table[level] += 1
    return n_found


def list_counts(
    const code_t[:, ::1] codes, Py_ssize_t most_levels, const Py_ssize_t[::1] columns,
    const int32_t[::1] order, const Py_ssize_t[::1] starts, int32_t[::1] counts,
    Py_ssize_t[::1] ends, Py_ssize_t[::1] n_occurring,
):
    """List how often the levels of each column occur in each stratum, if at all.

    codes has shape (n_rows, n_samples), and its codes are below most_levels. The counts
    of the row columns[i] end before counts[ends[i]], where those of the next one begin;
    they come stratum by stratum, by the first sample of a level. n_occurring[i] of its
    levels occur at all. The length of counts must suffice.
    """
    cdef Py_ssize_t i, j, s, level, n_found, n_listed = 0
    cdef Scratch scratch = Scratch()
    cdef int32_t* table = scratch.zero_ints(most_levels)
    cdef int32_t* last_seen = scratch.zero_ints(most_levels)  # 1 + i, by level
    with nogil:
        for i in range(columns.shape[0]):
            n_occurring[i] = 0
            for s in range(starts.shape[0] - 1):
                if starts[s] == starts[s + 1]:
                    continue
                n_found = find_levels(
                    &codes[columns[i], 0], &order[starts[s]], starts[s + 1] - starts[s],
                    table, &counts[n_listed],
                )
                for j in range(n_listed, n_listed + n_found):
                    level = counts[j]
                    counts[j] = table[level]
                    table[level] = 0
                    if last_seen[level] != i + 1:
                        last_seen[level] = <int32_t> i + 1
                        n_occurring[i] += 1
                n_listed += n_found
            ends[i] = n_listed
