"""Neighbours of one continuous column within and across classes (Ross 2014)."""
from libc.math cimport INFINITY
from libc.stdint cimport int32_t

from skmi._kernels.scratch cimport Scratch

cdef enum:
    NARROW = 8  # values compared at once; wider ranges are halved


cdef struct Classes:
    Py_ssize_t n_classes
    Py_ssize_t n     # samples of all classes
    double* values   # theirs, ascending, and NARROW times infinity
    double* own      # the same, class by class, ascending in each
    int32_t* rank        # of every entry of own, its position in values
    int32_t* end         # of every class, in own


cdef inline Py_ssize_t first_within(
    const double* values, Py_ssize_t low, Py_ssize_t high, double x, double r
) noexcept nogil:
    """Return the lowest j of low..high with x - values[j] <= r; high must qualify."""
    cdef Py_ssize_t j, half, width = high - low, n_out = 0
    if width <= NARROW:  # values above high qualify too: no need to stop there
        for j in range(low, low + NARROW):
            n_out += x - values[j] > r
        return low + n_out
    while width > 0:
        half = width >> 1
        if x - values[low + half] <= r:
            width = half
        else:
            low += half + 1
            width -= half + 1
    return low


cdef inline Py_ssize_t last_within(
    const double* values, Py_ssize_t low, Py_ssize_t high, double x, double r
) noexcept nogil:
    """Return the highest j of low..high with values[j] - x <= r; low must qualify.

    The value after high, if there is one, does not qualify.
    """
    cdef Py_ssize_t j, half, width = high - low, n_in = 0
    if width <= NARROW:
        for j in range(low + 1, low + 1 + NARROW):
            n_in += values[j] - x <= r
        return low + n_in
    while width > 0:
        half = (width + 1) >> 1
        if values[low + half] - x <= r:
            low += half
            width -= half
        else:
            width = half - 1
    return low


cdef void fill_classes(
    Classes* grouped, const double* values, const int32_t* order,
    const int32_t* classes, Py_ssize_t n,
) noexcept nogil:
    """Sort the samples of a column by class, leaving out those of class -1."""
    cdef Py_ssize_t c, i, j, p
    cdef int32_t* end = grouped.end  # of every class, so far
    for c in range(grouped.n_classes + 1):
        end[c] = 0
    for i in range(n):
        if classes[i] >= 0:
            end[classes[i] + 1] += 1
    for c in range(grouped.n_classes):
        end[c + 1] += end[c]
    grouped.n = 0
    for j in range(n):
        c = classes[order[j]]
        if c >= 0:
            p = end[c]
            end[c] = <int32_t> p + 1
            grouped.own[p] = values[j]
            grouped.rank[p] = <int32_t> grouped.n
            grouped.values[grouped.n] = values[j]
            grouped.n += 1
    for i in range(grouped.n, grouped.n + NARROW):
        grouped.values[i] = INFINITY


cdef inline double psi_difference(
    const Classes* grouped, Py_ssize_t begin, Py_ssize_t end, Py_ssize_t i,
    Py_ssize_t left, Py_ssize_t right, const double* psi,
) noexcept nogil:
    """Return psi(k) - psi(n_class) + psi(N) - psi(m) of entry i of a class.

    The class has the entries begin to end - 1, and left to right are the k + 1 nearest.
    """
    cdef const double* own = grouped.own
    cdef const int32_t* rank = grouped.rank
    cdef Py_ssize_t first, last
    cdef double term, x = own[i], r = x - own[left]
    cdef bint itself
    if r < own[right] - x:
        r = own[right] - x
    while left > begin and x - own[left - 1] <= r:
        left -= 1
    while right + 1 < end and own[right + 1] - x <= r:
        right += 1
    itself = r == 0
    term = psi[right - left + itself] - psi[end - begin]
    first = rank[left - 1] + 1 if left > begin else 0
    last = rank[right + 1] - 1 if right + 1 < end else grouped.n - 1
    left = first_within(grouped.values, first, rank[left], x, r)
    right = last_within(grouped.values, rank[right], last, x, r)
    term += psi[grouped.n] - psi[right - left + itself]
    return term


cdef double column_mean(
    const Classes* grouped, Py_ssize_t n_neighbors, const double* psi
) noexcept nogil:
    """Return the mean of psi(N) + psi(k) - psi(n_class) - psi(m) over the samples.

    In its class a sample's k-th distance r is that of the window of k + 1 sorted values
    that contains the sample and reaches least far. Without ties k is n_neighbors and m
    is the number of other samples within r. With ties k counts the class members that
    are no farther than r, and where r is 0 both counts include the sample itself.
    """
    cdef Py_ssize_t i, c, k, window, end, begin = 0
    cdef const double* own = grouped.own
    cdef double x, term = 0, total = 0
    for c in range(grouped.n_classes):
        end = grouped.end[c]
        k = n_neighbors if n_neighbors < end - begin else end - begin - 1
        window = begin
        for i in range(begin, end):
            x = own[i]
            if i == begin or x != own[i - 1]:  # an equal sample has an equal term
                while (
                    window < i and window + k + 1 < end
                    and x - own[window] > own[window + k + 1] - x
                ):
                    window += 1
                term = psi_difference(grouped, begin, end, i, window, window + k, psi)
            total += term
        begin = end
    return total / grouped.n if grouped.n else 0


def class_information(
    const double[:, ::1] values, const int32_t[:, ::1] order,
    const int32_t[:, ::1] classes, const Py_ssize_t[::1] rows, Py_ssize_t n_classes,
    const int[::1] n_neighbors, const double[::1] psi, double[:, ::1] out,
):
    """Write the information between each column and its classes, in nats, into out.

    out[i, j] is for k = n_neighbors[j] and row c = rows[i]: values[c] is a column in
    ascending order, order[c] the sample behind each value, and classes[c] the class of
    each sample, below n_classes, or -1 to leave it out. A single row of values and
    order, or of classes,
    serves all c. Every class that occurs has at least two samples. psi is the digamma
    function of 0 to n_samples.
    """
    cdef Py_ssize_t c, i, j, n = values.shape[1]
    cdef Py_ssize_t value_step = values.shape[0] > 1, class_step = classes.shape[0] > 1
    cdef Scratch scratch = Scratch()
    cdef Classes grouped
    grouped.n_classes = n_classes
    grouped.values = scratch.doubles(n + NARROW)
    grouped.own = scratch.doubles(n)
    grouped.rank = scratch.ints(n)
    grouped.end = scratch.ints(n_classes + 1)
    with nogil:
        for i in range(rows.shape[0]):
            c = rows[i]
            fill_classes(
                &grouped, &values[c * value_step, 0], &order[c * value_step, 0],
                &classes[c * class_step, 0], n,
            )
            for j in range(n_neighbors.shape[0]):
                out[i, j] = column_mean(&grouped, n_neighbors[j], &psi[0])
