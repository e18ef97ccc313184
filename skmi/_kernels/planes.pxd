"""Counts of samples in boxes of a plane, in the ranks along its two axes.

The ranks across are cut into slabs, and a slab keeps its samples in their order along
the other axis. A table has the first sample of every slab in each cell of that order.
"""
from libc.stdint cimport int32_t
from libc.string cimport memcpy

cdef enum:
    N_CELL = 4  # samples of a slab in a cell at least, on average


cdef struct Plane:
    int32_t* along      # rank along, slab by slab, ascending in a slab
    int32_t* across     # rank across: slab a has a << across_shift and the next ones
    int32_t* cells      # for every cell and slab, the first sample from there on
    Py_ssize_t n
    Py_ssize_t n_slabs
    Py_ssize_t n_cells  # cell c has the ranks c << along_shift and the next ones
    int across_shift
    int along_shift


cdef inline Py_ssize_t choose_slabs(
    Plane* plane, Py_ssize_t n, double width
) noexcept nogil:
    """Choose slabs about that wide; return the length of the table."""
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
    Plane* plane, const int32_t* order, const int32_t* rank_across
) noexcept nogil:
    """Distribute the samples, in their order along, to the slabs."""
    cdef Py_ssize_t a, j, p, t, cell = 0, n_slabs = plane.n_slabs
    cdef int32_t* next = plane.cells + plane.n_cells * n_slabs  # in the end, the ends
    for a in range(n_slabs):
        next[a] = <int32_t> (a << plane.across_shift)
    for j in range(plane.n):
        if j == cell << plane.along_shift:
            memcpy(plane.cells + cell * n_slabs, next, n_slabs * sizeof(int32_t))
            cell += 1
        t = rank_across[order[j]]
        a = t >> plane.across_shift
        p = next[a]
        next[a] += 1
        plane.along[p] = <int32_t> j
        plane.across[p] = <int32_t> t


cdef inline int place_of(
    const Plane* plane, const int32_t* cell, Py_ssize_t slab, int rank
) noexcept nogil:
    """Return the first sample of a slab from a rank along on; the cell contains it."""
    cdef Py_ssize_t j
    cdef int place = cell[slab]
    for j in range(cell[slab], cell[plane.n_slabs + slab]):
        place += plane.along[j] < rank
    return place


cdef inline Py_ssize_t count_box(
    const Plane* plane, int begin, int end, int low, int high
) noexcept nogil:
    """Count the samples with ranks begin to end - 1 along and low to high - 1 across.

    Neither range is empty.
    """
    cdef const int32_t* first = plane.cells
    cdef const int32_t* last = plane.cells
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
