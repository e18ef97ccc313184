"""Counts of samples in boxes of a plane, in the ranks of its two axes.

The ranks on one axis are cut into slabs, and a slab keeps its samples in their order
along the other axis. A table tells where in every slab that order passes each cell.
"""
from libc.string cimport memcpy


cdef struct Plane:
    int* along          # rank along the first axis, slab by slab, ascending in a slab
    int* across         # rank across, on the axis that the slabs cut
    int* cells          # for cell and slab: the first sample at cell << along_shift
    int* next
    Py_ssize_t n
    Py_ssize_t n_slabs
    int across_shift    # slab a holds the ranks a << across_shift and so on
    int along_shift


cdef inline Py_ssize_t shape_plane(
    Plane* plane, Py_ssize_t n, double width
) noexcept nogil:
    """Make slabs about as wide as the boxes to count; return the entries of cells."""
    plane.n = n
    plane.across_shift = 3
    while <Py_ssize_t> 1 << plane.across_shift < width:
        plane.across_shift += 1
    plane.n_slabs = (n - 1 >> plane.across_shift) + 1
    plane.along_shift = 2
    while <Py_ssize_t> 1 << plane.along_shift < 4 * plane.n_slabs:
        plane.along_shift += 1
    return ((n - 1 >> plane.along_shift) + 2) * plane.n_slabs


cdef inline void fill_plane(
    Plane* plane, const int* order, const int* rank_across
) noexcept nogil:
    """Deal out samples, given in their order along, to the slabs."""
    cdef Py_ssize_t a, j, p, t, cell = 0, n_slabs = plane.n_slabs
    for a in range(n_slabs):
        plane.next[a] = <int> (a << plane.across_shift)
    for j in range(plane.n):
        if j == cell << plane.along_shift:
            memcpy(plane.cells + cell * n_slabs, plane.next, n_slabs * sizeof(int))
            cell += 1
        t = rank_across[order[j]]
        a = t >> plane.across_shift
        p = plane.next[a]
        plane.next[a] += 1
        plane.along[p] = <int> j
        plane.across[p] = <int> t
    memcpy(plane.cells + cell * n_slabs, plane.next, n_slabs * sizeof(int))


cdef inline int count_box(
    const Plane* plane, int begin, int end, int low, int high
) noexcept nogil:
    """Number of samples with ranks begin to end - 1 along and low to high - 1 across.
    """
    cdef Py_ssize_t a, j
    cdef const int* first = plane.cells + (begin >> plane.along_shift) * plane.n_slabs
    cdef const int* last = plane.cells + (
        (end - 1 >> plane.along_shift) + 1
    ) * plane.n_slabs
    cdef int n_in = 0
    for a in range(low >> plane.across_shift, (high - 1 >> plane.across_shift) + 1):
        for j in range(first[a], last[a]):
            n_in += (
                (plane.along[j] >= begin) & (plane.along[j] < end)
                & (plane.across[j] >= low) & (plane.across[j] < high)
            )
    return n_in
