"""Sums of Gaussian kernels at the points themselves, by way of a grid.

The points, of 1 to 3 dimensions, are spread on the grid by cubic B-splines. The grid is
smoothed along one axis after the other, and read by the same splines. With the right
taps, the three steps together are the Gaussian kernel. Empty stretches of an axis are
shortened to the reach of the kernel. A row is the cells along the last axis, which are
adjacent; only its cells from the first to the last that is not empty are visited.
"""
from libc.math cimport ceil
from libc.string cimport memcpy, memset

from skmi._kernels.scratch cimport Scratch

cdef enum:
    N_SPLINE = 4         # cells along an axis that a point is spread on
    MAX_AXIS = 4194304   # cells of an axis before its empty stretches are shortened


cdef struct Extent:
    int first
    int last  # exclusive


cdef struct Axis:
    double shift      # from a coordinate, in cells, to a position on the axis
    Py_ssize_t n      # cells; 1 if the points have no such axis
    int* place        # the cell of a position, empty stretches shortened


cdef struct Stencil:
    Py_ssize_t cell       # the first of the cells that a point is spread on
    int n[2]              # along the first two axes: 4 each, or 1 without the axis
    double w[3][4]        # weights along each axis


cdef struct Grid:         # all 0 at first but for the taps and the reach
    Axis axes[3]            # the last of them is along a row
    const double* taps
    Py_ssize_t reach        # taps to either side
    double* cells
    double* smoothed
    Extent* touched         # of each row, the cells that points are spread on,
    Extent* filled          # those that are not 0 after the smoothing so far,
    Extent* wanted          # and those to smooth next
    double* row             # a copy of one, with margins for the kernel
    Py_ssize_t n_cells      # in these arrays
    Py_ssize_t n_rows


cdef inline bint measure_axis(
    Axis* axis, const double* u, Py_ssize_t m, Py_ssize_t* n_positions
) noexcept nogil:
    """Place an axis about the middle of the coordinates; return whether it is short."""
    cdef Py_ssize_t i
    cdef double low = u[0], high = u[0]
    for i in range(m):
        low = u[i] if u[i] < low else low
        high = u[i] if u[i] > high else high
    if not high - low < MAX_AXIS - 8:
        return False
    n_positions[0] = 2 * <Py_ssize_t> ceil((high - low) / 2) + 4
    axis.shift = n_positions[0] / 2 - 1 - (low / 2 + high / 2)
    return True


cdef inline int fold_axis(
    Scratch scratch, Axis* axis, const double* u, Py_ssize_t m, Py_ssize_t reach
) except -1 nogil:
    """Lay an axis over the coordinates; return 0 if it is too long."""
    cdef Py_ssize_t i, n, cell, before = 0, last = -1  # occupied cells
    if not measure_axis(axis, u, m, &n):
        return 0
    scratch.give_back(axis.place)
    axis.place = <int*> scratch.take_zeros(n, sizeof(int))
    for i in range(m):
        axis.place[<Py_ssize_t> (u[i] + axis.shift)] = 1
    for cell in range(n):
        if axis.place[cell]:
            if last < 0:
                last = 0
            elif cell - before < N_SPLINE + reach:
                last += cell - before
            else:
                last += N_SPLINE + reach
            axis.place[cell] = <int> last
            before = cell
    axis.n = last + N_SPLINE
    return 1


cdef inline Py_ssize_t locate(const Axis* axis, double u, double* w) noexcept nogil:
    """Return the first of the cells that a coordinate is spread on; write weights."""
    cdef double position = u + axis.shift
    cdef Py_ssize_t cell = <Py_ssize_t> position
    cdef double t = position - cell, s = 1 - t
    w[0] = s * s * s / 6
    w[1] = 2. / 3 + t * t * (t / 2 - 1)
    w[2] = 2. / 3 + s * s * (s / 2 - 1)
    w[3] = t * t * t / 6
    return axis.place[cell]


cdef inline void lay_stencil(
    const Grid* grid, const double* u, Py_ssize_t d, Py_ssize_t m, Stencil* at
) noexcept nogil:
    """Find the cells and weights of a point, whose d coordinates are m apart."""
    at.n[0] = at.n[1] = 1
    at.w[0][0] = at.w[1][0] = 1
    at.cell = locate(&grid.axes[2], u[(d - 1) * m], at.w[2])
    if d > 1:
        at.n[1] = N_SPLINE
        at.cell += locate(&grid.axes[1], u[(d - 2) * m], at.w[1]) * grid.axes[2].n
    if d > 2:
        at.n[0] = N_SPLINE
        at.cell += (
            locate(&grid.axes[0], u[0], at.w[0]) * grid.axes[1].n * grid.axes[2].n
        )


cdef inline double own_share(const double* w, const double* taps) noexcept nogil:
    """Return what a point reads of its own contribution, along one axis."""
    return (
        taps[0] * (w[0] * w[0] + w[1] * w[1] + w[2] * w[2] + w[3] * w[3])
        + 2 * taps[1] * (w[0] * w[1] + w[1] * w[2] + w[2] * w[3])
        + 2 * taps[2] * (w[0] * w[2] + w[1] * w[3])
        + 2 * taps[3] * w[0] * w[3]
    )


cdef inline void smooth_rows(Grid* grid, Py_ssize_t n_rows) noexcept nogil:
    """Smooth along the last axis, in place."""
    cdef Py_ssize_t r, i, t, first, last, n = grid.axes[2].n, reach = grid.reach
    cdef double tap
    cdef double* cells
    cdef double* row = grid.row + 2 * reach
    for r in range(n_rows):
        cells = grid.cells + r * n
        first, last = 0, n
        while first < n and cells[first] == 0:
            first += 1
        while last > first and cells[last - 1] == 0:
            last -= 1
        grid.touched[r].first = grid.filled[r].first = <int> first
        grid.touched[r].last = grid.filled[r].last = <int> last
        if first == last:
            continue
        memset(row + first - 2 * reach, 0, 2 * reach * sizeof(double))
        memcpy(row + first, cells + first, (last - first) * sizeof(double))
        memset(row + last, 0, 2 * reach * sizeof(double))
        first, last = max(first - reach, 0), min(last + reach, n)
        grid.filled[r].first, grid.filled[r].last = <int> first, <int> last
        for i in range(first, last):
            cells[i] = grid.taps[0] * row[i]
        for t in range(1, reach + 1):
            tap = grid.taps[t]
            for i in range(first, last):
                cells[i] += tap * (row[i - t] + row[i + t])


cdef inline void smooth_across(
    Grid* grid, Py_ssize_t n_rows, Py_ssize_t step, Py_ssize_t n_line, bint is_last
) noexcept nogil:
    """Smooth across rows that are `step` apart; last, only the cells to be read."""
    cdef Py_ssize_t r, i, k, q, t, begin, end, first, last, n = grid.axes[2].n
    cdef double tap
    cdef double* target
    cdef const double* source
    cdef Extent* swap
    for r in range(n_rows):
        k = r // step % n_line
        begin, end = max(k - grid.reach, 0), min(k + grid.reach + 1, n_line)
        if is_last:
            first, last = grid.touched[r].first, grid.touched[r].last
        else:
            first, last = n, 0
            for t in range(begin - k, end - k):
                q = r + t * step
                if grid.filled[q].first < grid.filled[q].last:
                    first = min(first, grid.filled[q].first)
                    last = max(last, grid.filled[q].last)
        grid.wanted[r].first, grid.wanted[r].last = <int> first, <int> last
        if first >= last:
            continue
        target = grid.smoothed + r * n
        memset(target + first, 0, (last - first) * sizeof(double))
        for t in range(begin - k, end - k):
            q = r + t * step
            source = grid.cells + q * n
            tap = grid.taps[t if t > 0 else -t]
            for i in range(
                max(first, grid.filled[q].first), min(last, grid.filled[q].last)
            ):
                target[i] += tap * source[i]
    grid.cells, grid.smoothed = grid.smoothed, grid.cells
    swap = grid.filled
    grid.filled, grid.wanted = grid.wanted, swap


cdef inline int fold_axes(
    Scratch scratch, Grid* grid, const double* u, Py_ssize_t d, Py_ssize_t m,
    Py_ssize_t n_points,
) except -1 nogil:
    """Lay the axes over the first of m points; return 0 if one is too long."""
    cdef Py_ssize_t a
    for a in range(3):
        grid.axes[a].n = 1
    for a in range(d):
        if not fold_axis(
            scratch, &grid.axes[3 - d + a], u + a * m, n_points, grid.reach
        ):
            return 0
    return 1


cdef inline int make_room(Scratch scratch, Grid* grid) except -1 nogil:
    """Provide empty cells for the axes as they are; larger arrays stay."""
    cdef Py_ssize_t n_rows = grid.axes[0].n * grid.axes[1].n
    cdef Py_ssize_t n_cells = n_rows * grid.axes[2].n
    if n_cells > grid.n_cells or n_rows > grid.n_rows:
        scratch.give_back(grid.cells)
        scratch.give_back(grid.smoothed)
        scratch.give_back(grid.row)
        scratch.give_back(grid.touched)
        scratch.give_back(grid.filled)
        scratch.give_back(grid.wanted)
        grid.cells = scratch.doubles(n_cells)
        # cells that are never written are read with a weight of 0: they must be numbers
        grid.smoothed = <double*> scratch.take_zeros(n_cells, sizeof(double))
        grid.row = scratch.doubles(n_cells + 4 * grid.reach)
        grid.touched = <Extent*> scratch.take(n_rows, sizeof(Extent))
        grid.filled = <Extent*> scratch.take(n_rows, sizeof(Extent))
        grid.wanted = <Extent*> scratch.take(n_rows, sizeof(Extent))
        grid.n_cells, grid.n_rows = n_cells, n_rows
    memset(grid.cells, 0, n_cells * sizeof(double))
    return 0


cdef inline void spread_points(
    Grid* grid, const double* u, Py_ssize_t d, Py_ssize_t m, Py_ssize_t n_points
) noexcept nogil:
    """Spread each of the first points on the cells around it."""
    cdef Py_ssize_t i, a, b, n = grid.axes[2].n
    cdef Stencil at
    cdef double weight
    cdef double* cells
    for i in range(n_points):
        lay_stencil(grid, u + i, d, m, &at)
        for a in range(at.n[0]):
            for b in range(at.n[1]):
                weight = at.w[0][a] * at.w[1][b]
                cells = grid.cells + at.cell + (a * grid.axes[1].n + b) * n
                cells[0] += weight * at.w[2][0]
                cells[1] += weight * at.w[2][1]
                cells[2] += weight * at.w[2][2]
                cells[3] += weight * at.w[2][3]


cdef inline void smooth(Grid* grid) noexcept nogil:
    """Smooth along every axis of the points."""
    cdef Py_ssize_t n_rows = grid.axes[0].n * grid.axes[1].n
    smooth_rows(grid, n_rows)
    if grid.axes[1].n > 1:
        smooth_across(grid, n_rows, 1, grid.axes[1].n, grid.axes[0].n == 1)
    if grid.axes[0].n > 1:
        smooth_across(grid, n_rows, grid.axes[1].n, grid.axes[0].n, True)


cdef inline void read_points(
    const Grid* grid, const double* u, Py_ssize_t d, Py_ssize_t m,
    Py_ssize_t n_points, double* others,
) noexcept nogil:
    """Write, for each of the first points, the sum of the kernel over the others."""
    cdef Py_ssize_t i, a, b, n = grid.axes[2].n
    cdef Stencil at
    cdef double weight, total
    cdef const double* cells
    for i in range(n_points):
        lay_stencil(grid, u + i, d, m, &at)
        total = 0
        for a in range(at.n[0]):
            for b in range(at.n[1]):
                weight = at.w[0][a] * at.w[1][b]
                cells = grid.cells + at.cell + (a * grid.axes[1].n + b) * n
                total += weight * (
                    (at.w[2][0] * cells[0] + at.w[2][1] * cells[1])
                    + (at.w[2][2] * cells[2] + at.w[2][3] * cells[3])
                )
        weight = own_share(at.w[2], grid.taps)
        if d > 1:
            weight *= own_share(at.w[1], grid.taps)
        if d > 2:
            weight *= own_share(at.w[0], grid.taps)
        others[i] = total / weight - 1
