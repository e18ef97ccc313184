"""Sums over samples, by class, for every column of a block.

The order of summation depends on the samples alone, so that a column has the same sums
wherever it stands in a block. A matrix product does not promise that.
"""
from libc.stdint cimport int32_t

from skmi._kernels.codes cimport code_t

cdef enum:
    N_LANES = 8  # sums that run side by side


cdef double product(const double* x, const double* y, Py_ssize_t n) noexcept nogil:
    """Return the inner product of two arrays, summed in lanes."""
    cdef Py_ssize_t i = 0, lane, n_whole = n - n % N_LANES
    cdef double[N_LANES] sums
    for lane in range(N_LANES):
        sums[lane] = 0
    while i < n_whole:
        for lane in range(N_LANES):
            sums[lane] += x[i + lane] * y[i + lane]
        i += N_LANES
    for i in range(n_whole, n):
        sums[i - n_whole] += x[i] * y[i]
    for lane in range(1, N_LANES):
        sums[0] += sums[lane]
    return sums[0]


def sum_products(
    const double[:, ::1] rows, const Py_ssize_t[::1] places,
    const double[:, ::1] factors, double[:, :] out,
):
    """Set out[i, j] to the inner product of rows[places[i]] and factors[j].

    rows has shape (n_rows, n_samples), and factors (n_factors, n_samples).
    """
    cdef Py_ssize_t i, j, n = rows.shape[1]
    with nogil:
        for i in range(places.shape[0]):
            for j in range(factors.shape[0]):
                out[i, j] = product(&rows[places[i], 0], &factors[j, 0], n)


def sum_by_class(
    const double[:, ::1] rows, const Py_ssize_t[::1] places,
    const int32_t[::1] classes, const double[:, ::1] factors, double[:, :, ::1] out,
):
    """Add the sums of x, x^2 and x * factors[j] over class c to out[i, c].

    x is the row places[i]. out has shape (n_places, n_classes, 2 + n_factors). Samples
    of class -1 are left out.
    """
    cdef Py_ssize_t i, j, sample, n = rows.shape[1], n_factors = factors.shape[0]
    cdef const double* x
    cdef double* sums
    with nogil:
        for i in range(places.shape[0]):
            x = &rows[places[i], 0]
            for sample in range(n):
                if classes[sample] >= 0:
                    sums = &out[i, classes[sample], 0]
                    sums[0] += x[sample]
                    sums[1] += x[sample] * x[sample]
                    for j in range(n_factors):
                        sums[2 + j] += x[sample] * factors[j, sample]


def sum_by_level(
    const code_t[:, ::1] codes, const Py_ssize_t[::1] places,
    const int32_t[::1] classes, Py_ssize_t n_classes, const double[:, ::1] terms,
    double[:, :, ::1] out,
):
    """Add the sums of terms[j] to out[i, level * n_classes + class, j].

    The levels are the row places[i] of codes, of shape (n_rows, n_samples), and terms
    has shape (n_terms, n_samples).
    """
    cdef Py_ssize_t i, j, sample, n = codes.shape[1], n_terms = terms.shape[0]
    cdef const code_t* levels
    cdef double* sums
    with nogil:
        for i in range(places.shape[0]):
            levels = &codes[places[i], 0]
            for sample in range(n):
                sums = &out[i, levels[sample] * n_classes + classes[sample], 0]
                for j in range(n_terms):
                    sums[j] += terms[j, sample]
