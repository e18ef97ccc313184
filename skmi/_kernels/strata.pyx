"""Counts of a column's levels by stratum, and the information expected by chance.

Strata are runs of `order`, the samples in ascending order of a code: stratum s has the
samples order[starts[s]] to order[starts[s + 1] - 1].
"""
from libc.math cimport log
from libc.stdint cimport int32_t, int64_t

from skmi._kernels.codes cimport code_t
from skmi._kernels.scratch cimport Scratch

cdef enum:
    N_LOGS = 4096   # counts whose logarithm is tabulated


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


cdef inline double excess(
    int64_t k, double mean, double log_mean, const double* logs
) noexcept nogil:
    """Return k log(k / mean) - (k - mean), which is least, 0, at the mean."""
    if k == 0:
        return mean
    return k * ((logs[k] if k < N_LOGS else log(<double> k)) - log_mean) - (k - mean)


cdef double expected_excess(
    int64_t a, int64_t b, int64_t n, const double* logs
) noexcept nogil:
    """Return the expectation of k log(k / mean) for hypergeometric k.

    k is the number of hits in a draws from n, of which b are hits. Weights are relative
    to that of the mode, and summed from it outward until nothing is added.
    """
    cdef int64_t k, mode = (a + 1) * (b + 1) // (n + 2), others = n - a - b
    cdef double mean = <double> a * b / n, log_mean = log(mean)
    cdef double weight = 1, term, total_weight = 1
    cdef double total = excess(mode, mean, log_mean, logs)
    for k in range(mode, a if a < b else b):
        weight *= <double> (a - k) * (b - k) / (<double> (k + 1) * (others + k + 1))
        term = weight * excess(k + 1, mean, log_mean, logs)
        total_weight += weight
        total += term
        if weight + term < 1e-18 * total:
            break
    weight = 1
    for k in range(mode, -others if others < 0 else 0, -1):
        weight *= <double> k * (others + k) / (<double> (a - k + 1) * (b - k + 1))
        term = weight * excess(k - 1, mean, log_mean, logs)
        total_weight += weight
        total += term
        if weight + term < 1e-18 * total:
            break
    return total / total_weight


cdef inline Py_ssize_t count_sizes(
    int32_t* table, int32_t* levels, Py_ssize_t n_found, int32_t* n_of_size
) noexcept nogil:
    """Count the levels of each size; overwrite levels by the sizes that occur.

    Return how many sizes occur. table is emptied.
    """
    cdef Py_ssize_t j, n_sizes = 0
    cdef int32_t size
    for j in range(n_found):
        size = table[levels[j]]
        table[levels[j]] = 0
        if n_of_size[size] == 0:
            levels[n_sizes] = size
            n_sizes += 1
        n_of_size[size] += 1
    return n_sizes


def expect_information(
    const code_t[:, ::1] codes, Py_ssize_t most_levels, const Py_ssize_t[::1] columns,
    const int32_t[::1] order, const Py_ssize_t[::1] starts,
    const Py_ssize_t[::1] size_starts, const int32_t[::1] sizes,
    const int32_t[::1] n_of_size, double[::1] out,
):
    """Expect the plug-in information when the target is permuted within the strata.

    codes has shape (n_rows, n_samples), and its codes are below most_levels; out[i] is
    for the row columns[i]. For t from size_starts[s] to size_starts[s + 1] - 1,
    n_of_size[t] levels of the target have sizes[t] samples each in stratum s. A stratum
    in which the column or the target has one level only adds nothing.
    """
    cdef Py_ssize_t i, j, s, t, n, n_sizes, n_samples = order.shape[0]
    cdef Scratch scratch = Scratch()
    cdef int32_t* table = scratch.zero_ints(most_levels)
    cdef int32_t* times = scratch.zero_ints(n_samples + 1)  # a size occurs in a column
    cdef int32_t* found = scratch.ints(n_samples)
    cdef double* logs = scratch.doubles(N_LOGS)
    with nogil:
        for i in range(1, N_LOGS):
            logs[i] = log(<double> i)
        for i in range(columns.shape[0]):
            out[i] = 0
            for s in range(starts.shape[0] - 1):
                n = starts[s + 1] - starts[s]
                if sizes[size_starts[s]] == n:
                    continue
                n_sizes = find_levels(
                    &codes[columns[i], 0], &order[starts[s]], n, table, found
                )
                n_sizes = count_sizes(table, found, n_sizes, times)
                for j in range(n_sizes):
                    if found[j] < n:
                        for t in range(size_starts[s], size_starts[s + 1]):
                            out[i] += (
                                <double> times[found[j]] * n_of_size[t]
                                * expected_excess(found[j], sizes[t], n, logs)
                            )
                    times[found[j]] = 0
            out[i] /= n_samples
