"""The information that a column of known counts has with a permuted target.

In a stratum of n samples, a level of the column has a samples and a level of the target
has b. If the target is permuted, the samples that they share have a hypergeometric
number k of mean ab / n, and they contribute k log(k / mean) to the information.
"""
from libc.math cimport log
from libc.stdint cimport int32_t, int64_t

cdef enum:
    N_LOGS = 16384    # counts whose c log c is tabulated
    N_GREGORY = 12    # terms of a series
    LEAST_MEAN = 30   # mean from which the series has an error below 1e-9


cdef struct Chance:
    double* table                  # stratum by stratum, for counts from 0; or NaN
    const Py_ssize_t* first        # where each stratum begins in it
    const Py_ssize_t* size_starts  # where the target's sizes of each stratum begin
    const int32_t* sizes           # the distinct sizes of its levels
    const int32_t* n_of_size       # how many levels have each
    const double* c_log_c          # of counts below N_LOGS


cdef inline double excess(
    int64_t k, double mean, double log_mean, const double* c_log_c
) noexcept nogil:
    """Return k log(k / mean) - (k - mean), which is least, 0, at the mean."""
    cdef double product = c_log_c[k] if k < N_LOGS else k * log(<double> k)
    return product - k * log_mean - (k - mean)


cdef inline double sum_excess(
    int64_t a, int64_t b, int64_t n, const double* c_log_c
) noexcept nogil:
    """Return the expectation of k log(k / mean), from the probabilities of all k.

    They are relative to that of the mode, and summed from it outward until nothing is
    added.
    """
    cdef int64_t k, mode = (a + 1) * (b + 1) // (n + 2), others = n - a - b
    cdef double mean = <double> a * b / n, log_mean = log(mean)
    cdef double weight = 1, term, total_weight = 1
    cdef double total = excess(mode, mean, log_mean, c_log_c)
    for k in range(mode, a if a < b else b):
        weight *= <double> (a - k) * (b - k) / (<double> (k + 1) * (others + k + 1))
        term = weight * excess(k + 1, mean, log_mean, c_log_c)
        total_weight += weight
        total += term
        if weight + term < 1e-14 * total:
            break
    weight = 1
    for k in range(mode, -others if others < 0 else 0, -1):
        weight *= <double> k * (others + k) / (<double> (a - k + 1) * (b - k + 1))
        term = weight * excess(k - 1, mean, log_mean, c_log_c)
        total_weight += weight
        total += term
        if weight + term < 1e-14 * total:
            break
    return total / total_weight


cdef inline double expand_excess(int64_t a, int64_t b, int64_t n) noexcept nogil:
    """Return the expectation of k log(k / mean) for large means, by a series.

    Gregory's coefficients G give log x = psi(x) + the sum of |G_j| (j - 1)! / (x)_j,
    where (x)_j = x (x + 1) ... (x + j - 1). With x = k, the mean of each term has a
    closed form but for the probability that k is 0, and the sum becomes the mean times
    |G_j| (j - 1)! ((n)_j / (a)_j - 1) ((n)_j / (b)_j - 1) / (n)_j.
    """
    cdef double[N_GREGORY] coefficients
    cdef double term, in_a, in_b, above_a = 0, above_b = 0, rising = 1, total = 0
    cdef int j
    coefficients[:] = [
        1. / 2, 1. / 12, 1. / 12, 19. / 120, 9. / 20, 863. / 504, 1375. / 168,
        33953. / 720, 57281. / 180, 3250433. / 1320, 1891755. / 88,
        13695779093. / 65520,
    ]
    for j in range(N_GREGORY):
        # above_a is (n)_j / (a)_j - 1, without a difference of nearly equal numbers
        in_a = <double> (n - a) / (a + j)
        in_b = <double> (n - b) / (b + j)
        above_a += in_a + above_a * in_a
        above_b += in_b + above_b * in_b
        rising *= n + j
        term = coefficients[j] * above_a * above_b / rising
        total += term
        if term < 1e-17 * total:
            break
    return <double> a * b / n * total


cdef inline double expect_level(
    const Chance* chance, Py_ssize_t s, int64_t count
) noexcept nogil:
    """Expect the information, times n, of a level with so many samples in stratum s."""
    cdef int64_t size, n = chance.first[s + 1] - chance.first[s] - 1
    cdef Py_ssize_t t
    cdef double total = 0
    for t in range(chance.size_starts[s], chance.size_starts[s + 1]):
        size = chance.sizes[t]
        if size == n or count == n:
            return 0
        if <double> size * count < <double> LEAST_MEAN * n:
            total += chance.n_of_size[t] * sum_excess(count, size, n, chance.c_log_c)
        else:
            total += chance.n_of_size[t] * expand_excess(count, size, n)
    return total


cdef inline double look_up(
    const Chance* chance, Py_ssize_t s, int32_t count
) noexcept nogil:
    """Return the entry of the table, computed at first use.

    Threads that share a table may compute the same entry, which has the same value.
    """
    cdef double* entry = chance.table + chance.first[s] + count
    if entry[0] != entry[0]:
        entry[0] = expect_level(chance, s, count)
    return entry[0]
