"""Counts of samples in boxes of a plane, in the ranks along its two axes.

The ranks across are cut into slabs, and a slab keeps its samples in their order along
the other axis. A table tells where in every slab that order enters each cell.
"""
from libc.string cimport memcpy

cdef enum:
    N_CELL = 4  # samples of a slab in a cell at least, on average


cdef struct Plane:
    int* along          # rank along, slab by slab, ascending in a slab
    int* across         # rank across: slab a has a << across_shift and the next ones
    int* cells          # for every cell and slab, the first sample from there on
    Py_ssize_t n
    Py_ssize_t n_slabs
    Py_ssize_t n_cells  # cell c has the ranks c << along_shift and the next ones
    int across_shift
    int along_shift


cdef inline Py_ssize_t set_slabs(
    Plane* plane, Py_ssize_t n, double width
) noexcept nogil:
    """Make slabs about that wide; return the size of the table."""
    plane.n = n
    plane.across_shift = 3
    while <Py_ssize_t> 1 << plane.across_shift < width:
        plane.across_shift += 1
    plane.n_slabs = (n - 1 >> plane.across_shift) + 1
    plane.along_shift = 2
    while <Py_ssize_t> 1 << plane.along_shift < N_CELL * plane.n_slabs:
        plane.along_shift += 1
    plane.n_cells = (n - 1 >> plane.along_shift) + 1
    return (plane.n_cells + 1) * plane.n_slabs


cdef inline void fill_plane(
    Plane* plane, const int* order, const int* rank_across
) noexcept nogil:
    """Deal out samples, given in their order along, to the slabs."""
    cdef Py_ssize_t a, j, p, t, cell = 0, n_slabs = plane.n_slabs
    cdef int* next = plane.cells + plane.n_cells * n_slabs  # in the end, the ends
    for a in range(n_slabs):
        next[a] = <int> (a << plane.across_shift)
    for j in range(plane.n):
        if j == cell << plane.along_shift:
            memcpy(plane.cells + cell * n_slabs, next, n_slabs * sizeof(int))
            cell += 1
        t = rank_across[order[j]]
        a = t >> plane.across_shift
        p = next[a]
        next[a] += 1
        plane.along[p] = <int> j
        plane.across[p] = <int> t


cdef inline int place_of(
    const Plane* plane, const int* cell, Py_ssize_t slab, int rank
) noexcept nogil:
    """The first sample of a slab that is not below a rank along, which is in the cell.
    """
    cdef Py_ssize_t j
    cdef int place = cell[slab]
    for j in range(cell[slab], cell[plane.n_slabs + slab]):
        place += plane.along[j] < rank
    return place


cdef inline Py_ssize_t count_box(
    const Plane* plane, int begin, int end, int low, int high
) noexcept nogil:
    """Number of samples with ranks begin to end - 1 along and low to high - 1 across.

    The ranges are not empty.
    """
    cdef const int* first = plane.cells
    cdef const int* last = plane.cells
    cdef Py_ssize_t a, j, lowest = low >> plane.across_shift
    cdef Py_ssize_t highest = high - 1 >> plane.across_shift
    cdef int n_in = 0
    first += (begin >> plane.along_shift) * plane.n_slabs
    last += (end - 1 >> plane.along_shift) * plane.n_slabs
    for a in range(lowest, highest + 1):
        if lowest < a < highest:
            n_in += place_of(plane, last, a, end) - place_of(plane, first, a, begin)
            continue
        for j in range(first[a], last[plane.n_slabs + a]):
            n_in += (
                (plane.along[j] >= begin) & (plane.along[j] < end)
                & (plane.across[j] >= low) & (plane.across[j] < high)
            )
    return n_in
