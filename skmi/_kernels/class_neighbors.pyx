"""Neighbours of one continuous column within and across classes (Ross 2014).

`values[c]` is a column in ascending order and `order[c]` the sample behind each
value; `classes[c]` holds the class of every sample, -1 for a sample to leave out. A
single row of values or of classes serves all the others' rows. Every class that
occurs has at least two samples.
"""
from libc.stdlib cimport free, malloc

cdef enum:
    NARROW = 8  # counted without a branch; wider ranges are halved first


cdef inline Py_ssize_t first_within(
    const double* xs, Py_ssize_t lo, Py_ssize_t hi, double x, double r
) noexcept nogil:
    """Lowest j of lo..hi with x - xs[j] <= r, given that hi has it."""
    cdef Py_ssize_t j, half, width = hi - lo, n_out = 0
    if width < NARROW:
        for j in range(lo, hi):
            n_out += x - xs[j] > r
        return lo + n_out
    while width > 0:
        half = width >> 1
        if x - xs[lo + half] <= r:
            width = half
        else:
            lo += half + 1
            width -= half + 1
    return lo


cdef inline Py_ssize_t last_within(
    const double* xs, Py_ssize_t lo, Py_ssize_t hi, double x, double r
) noexcept nogil:
    """Highest j of lo..hi with xs[j] - x <= r, given that lo has it."""
    cdef Py_ssize_t j, half, width = hi - lo, n_in = 0
    if width < NARROW:
        for j in range(lo + 1, hi + 1):
            n_in += xs[j] - x <= r
        return lo + n_in
    while width > 0:
        half = (width + 1) >> 1
        if xs[lo + half] - x <= r:
            lo += half
            width -= half
        else:
            width = half - 1
    return lo


cdef double column_mean(
    const double* values, const int* order, const int* classes, Py_ssize_t n,
    Py_ssize_t n_classes, Py_ssize_t n_neighbors, const double* psi,
    double* xs, double* own, int* rank, int* start,
) noexcept nogil:
    """Mean of psi(N) + psi(k) - psi(n_class) - psi(m) over the samples of a column.

    In its class a sample's k-th distance r is that of the window of k + 1 sorted values
    that holds the sample and reaches least far. Without ties k is n_neighbors and m is
    the number of other samples within r; with ties k counts the class members that are
    no farther than r, and where r is 0 both counts include the sample itself.
    """
    cdef Py_ssize_t i, j, c, p, k, m, window, begin, end, left, right, n_own, itself
    cdef double x, r, term = 0, total = 0

    # xs: the values of all classes; own, rank: by class, and their positions in xs
    for c in range(n_classes + 1):
        start[c] = 0
    for i in range(n):
        if classes[i] >= 0:
            start[classes[i] + 1] += 1
    for c in range(n_classes):
        start[c + 1] += start[c]
    m = 0
    for j in range(n):
        c = classes[order[j]]
        if c >= 0:
            p = start[c]
            start[c] = <int> p + 1
            own[p] = values[j]
            rank[p] = <int> m
            xs[m] = values[j]
            m += 1

    begin = 0
    for c in range(n_classes):
        end = start[c]  # filling moved it there
        n_own = end - begin
        k = n_neighbors if n_neighbors < n_own else n_own - 1
        window = begin
        for i in range(begin, end):
            x = own[i]
            if i > begin and x == own[i - 1]:  # an equal sample has an equal term
                total += term
                continue
            while (
                window < i and window + k + 1 < end
                and x - own[window] > own[window + k + 1] - x
            ):
                window += 1
            left = window
            right = window + k
            r = x - own[left]
            if r < own[right] - x:
                r = own[right] - x
            while left > begin and x - own[left - 1] <= r:
                left -= 1
            while right + 1 < end and own[right + 1] - x <= r:
                right += 1
            itself = r == 0
            term = psi[right - left + itself] - psi[n_own]
            left = first_within(
                xs, rank[left - 1] + 1 if left > begin else 0, rank[left], x, r
            )
            right = last_within(
                xs, rank[right], rank[right + 1] - 1 if right + 1 < end else m - 1, x, r
            )
            term += psi[m] - psi[right - left + itself]
            total += term
        begin = end
    return total / m if m else 0


def class_information(
    const double[:, ::1] values, const int[:, ::1] order, const int[:, ::1] classes,
    const Py_ssize_t[::1] rows, Py_ssize_t n_classes, Py_ssize_t n_neighbors,
    const double[::1] psi, double[::1] out,
):
    """Write the information between each column and its classes, in nats, into out.

    Entry i of out is for row rows[i] of values and of classes. psi holds the digamma
    function of 0 to n; n_classes bounds the codes of all rows.
    """
    cdef Py_ssize_t c, i, n = values.shape[1]
    cdef Py_ssize_t of_values = values.shape[0] > 1, of_classes = classes.shape[0] > 1
    cdef double* xs = <double*> malloc(2 * n * sizeof(double))
    cdef int* rank = <int*> malloc((n + n_classes + 1) * sizeof(int))
    if xs == NULL or rank == NULL:
        free(xs)
        free(rank)
        raise MemoryError
    with nogil:
        for i in range(rows.shape[0]):
            c = rows[i]
            out[i] = column_mean(
                &values[c * of_values, 0], &order[c * of_values, 0],
                &classes[c * of_classes, 0], n, n_classes, n_neighbors, &psi[0],
                xs, xs + n, rank, rank + n,
            )
    free(xs)
    free(rank)
