"""Samples by stratum: what levels a column has in each, and what chance would make.

Strata are runs of `order`, the samples in ascending order of a code: stratum s has the
samples order[starts[s]] to order[starts[s + 1] - 1].
"""
from libc.math cimport log
from libc.stdint cimport int32_t, int64_t, uint8_t, uint16_t
from libc.stdlib cimport calloc, free, malloc

ctypedef fused code_t:
    uint8_t
    uint16_t
    int32_t

cdef enum:
    N_LOGS = 4096   # counts whose logarithm is tabulated


def group_samples(
    const int32_t[::1] z, Py_ssize_t n_z, int32_t[::1] order, Py_ssize_t[::1] starts
):
    """Order the samples by code, those of one code as they come.

    starts, of n_z + 1 entries, receives where the samples of each code begin.
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
    """Write the levels of some samples, and to table, by level, how many have it."""
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
    """List how often the levels of each column occur in each stratum, where they do.

    The counts of columns[i] end at ends[i], where those of the next one begin, and
    n_occurring[i] of its levels occur at all; counts has room for all of them.
    """
    cdef Py_ssize_t i, j, s, level, n_found, n_listed = 0
    cdef int32_t* table = <int32_t*> calloc(2 * most_levels, sizeof(int32_t))
    cdef int32_t* seen = table + most_levels  # 1 + the last i to have the level
    if table == NULL:
        raise MemoryError
    with nogil:
        for i in range(columns.shape[0]):
            n_occurring[i] = 0
            for s in range(starts.shape[0] - 1):
                n_found = find_levels(
                    &codes[columns[i], 0], &order[starts[s]], starts[s + 1] - starts[s],
                    table, &counts[n_listed],
                )
                for j in range(n_listed, n_listed + n_found):
                    level = counts[j]
                    counts[j] = table[level]
                    table[level] = 0
                    if seen[level] != i + 1:
                        seen[level] = <int32_t> i + 1
                        n_occurring[i] += 1
                n_listed += n_found
            ends[i] = n_listed
    free(table)


cdef inline double excess(
    int64_t k, double mean, double log_mean, const double* logs
) noexcept nogil:
    """k log(k / mean) - (k - mean): never below 0, and 0 where k is the mean."""
    if k == 0:
        return mean
    return k * ((logs[k] if k < N_LOGS else log(<double> k)) - log_mean) - (k - mean)


cdef double expected_excess(
    int64_t a, int64_t b, int64_t n, const double* logs
) noexcept nogil:
    """Expect k log(k / mean), where k of a draws hit, b of n being hits.

    The weights are relative to that of the mode, from which they are summed outward
    until nothing is added.
    """
    cdef int64_t k, mode = (a + 1) * (b + 1) // (n + 2), others = n - a - b
    cdef double mean = <double> a * b / n, log_mean = log(mean)
    cdef double weight = 1, term, of_weights = 1
    cdef double total = excess(mode, mean, log_mean, logs)
    for k in range(mode, a if a < b else b):
        weight *= <double> (a - k) * (b - k) / (<double> (k + 1) * (others + k + 1))
        term = weight * excess(k + 1, mean, log_mean, logs)
        of_weights += weight
        total += term
        if weight + term < 1e-18 * total:
            break
    weight = 1
    for k in range(mode, -others if others < 0 else 0, -1):
        weight *= <double> k * (others + k) / (<double> (a - k + 1) * (b - k + 1))
        term = weight * excess(k - 1, mean, log_mean, logs)
        of_weights += weight
        total += term
        if weight + term < 1e-18 * total:
            break
    return total / of_weights


def expect_information(
    const code_t[:, ::1] codes, Py_ssize_t most_levels, const Py_ssize_t[::1] columns,
    const int32_t[::1] order, const Py_ssize_t[::1] starts,
    const Py_ssize_t[::1] of_target, const int32_t[::1] sizes,
    const int32_t[::1] n_of_size, double[::1] out,
):
    """Expect the plug-in information when the target is shuffled within the strata.

    Of its levels in stratum s, n_of_size[t] have sizes[t] samples each, for t from
    of_target[s] to of_target[s + 1] - 1. Where a column or the target has one level
    only, nothing is added.
    """
    cdef Py_ssize_t i, j, s, t, n, n_found, n_sizes, n_samples = order.shape[0]
    cdef int32_t* table = <int32_t*> calloc(most_levels + n_samples + 1, 4)
    cdef int32_t* times = table + most_levels  # by size, the levels of a column
    cdef int32_t* found = <int32_t*> malloc(n_samples * sizeof(int32_t))
    cdef double* logs = <double*> malloc(N_LOGS * sizeof(double))
    if table == NULL or found == NULL or logs == NULL:
        free(table)
        free(found)
        free(logs)
        raise MemoryError
    with nogil:
        for i in range(1, N_LOGS):
            logs[i] = log(<double> i)
        for i in range(columns.shape[0]):
            out[i] = 0
            for s in range(starts.shape[0] - 1):
                n = starts[s + 1] - starts[s]
                if sizes[of_target[s]] == n:
                    continue
                n_found = find_levels(
                    &codes[columns[i], 0], &order[starts[s]], n, table, found
                )
                n_sizes = 0
                for j in range(n_found):
                    t = table[found[j]]
                    table[found[j]] = 0
                    if times[t] == 0:
                        found[n_sizes] = <int32_t> t
                        n_sizes += 1
                    times[t] += 1
                for j in range(n_sizes):
                    if found[j] < n:
                        for t in range(of_target[s], of_target[s + 1]):
                            out[i] += (
                                <double> times[found[j]] * n_of_size[t]
                                * expected_excess(found[j], sizes[t], n, logs)
                            )
                    times[found[j]] = 0
            out[i] /= n_samples
    free(table)
    free(found)
    free(logs)
