"""Differences of a variable between samples that are close along another one."""
from libc.stdint cimport int32_t, int64_t

from skmi._kernels.scratch cimport Scratch


cdef inline int64_t sum_differences(
    const int32_t* values, Py_ssize_t n, Py_ssize_t n_steps
) noexcept nogil:
    """Return the sum of |values[i + m] - values[i]| over i, and over m to n_steps."""
    cdef Py_ssize_t i, m
    cdef int64_t total = 0
    cdef int32_t difference
    for m in range(1, n_steps + 1):
        for i in range(n - m):
            difference = values[i + m] - values[i]
            total += difference if difference >= 0 else -difference
    return total


cdef inline int64_t count_differences(
    const int32_t* values, Py_ssize_t n, Py_ssize_t n_steps
) noexcept nogil:
    """Return how often values[i + m] != values[i], over i, and over m to n_steps."""
    cdef Py_ssize_t i, m
    cdef int64_t total = 0
    for m in range(1, n_steps + 1):
        for i in range(n - m):
            total += values[i + m] != values[i]
    return total


def sum_steps(
    const int32_t[:, ::1] orders, const int32_t[:, ::1] values, bint are_labels,
    Py_ssize_t n_steps, double[:, ::1] out,
):
    """Write the sums of the differences of values between close samples into out.

    out[i, j] is for the order orders[i], a permutation of the samples, and the row
    values[j]: the sum over all pairs of samples that are at most n_steps places apart
    in the order. The difference of two labels is 1 if they are not equal. The range of
    a row must be below 2^31.
    """
    cdef Py_ssize_t i, j, k, n = orders.shape[1]
    cdef Scratch scratch = Scratch()
    cdef int32_t* ordered = scratch.ints(n)
    with nogil:
        for i in range(orders.shape[0]):
            for j in range(values.shape[0]):
                for k in range(n):
                    ordered[k] = values[j, orders[i, k]]
                if are_labels:
                    out[i, j] = <double> count_differences(ordered, n, n_steps)
                else:
                    out[i, j] = <double> sum_differences(ordered, n, n_steps)
