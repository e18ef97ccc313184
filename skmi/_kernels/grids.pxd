"""Sums of Gaussian kernels at the points themselves, by way of a grid.

The points, of 1 to 3 dimensions, are spread on the grid by cubic B-splines, the grid is
smoothed along one axis after the other, and read by the same splines. `taps` make the
three steps together the Gaussian kernel. Empty stretches of an axis are shortened to
what the kernel does not reach across. A row is cells along the last axis, next to one
another; of each row only the cells from first to last that hold something are touched.
"""
from libc.math cimport ceil
from libc.stdlib cimport calloc, free, malloc
from libc.string cimport memcpy, memset

cdef enum:
    N_SPLINE = 4         # cells along an axis that a point is spread on
    MAX_AXIS = 4194304   # cells of an axis before its empty stretches are shortened


cdef struct Extent:
    int first
    int last  # exclusive


cdef struct Axis:
    double shift      # from a coordinate, in cells, to a position on the axis
    Py_ssize_t n      # cells; 1 if there is no such axis
    int* place        # the cell of a position, empty stretches shortened


cdef struct Stencil:
    Py_ssize_t cell       # the first of the cells that a point is spread on
    int n[2]              # along the first two axes: 4 each, or 1 if there is none
    double w[3][4]        # weights along each axis


cdef struct Grid:
    Axis axes[3]            # the last of them is along a row
    const double* taps
    Py_ssize_t reach        # taps to either side
    double* cells
    double* smoothed
    Extent* touched         # of each row, what points are spread on
    Extent* filled          # and what is not 0 after the smoothing so far
    Extent* wanted
    double* row             # a copy of one, with room to either side
    Py_ssize_t n_cells      # room for
    Py_ssize_t n_rows


cdef inline bint fold_axis(
    Axis* axis, const double* u, Py_ssize_t m, Py_ssize_t reach
) noexcept nogil:
    """Lay an axis over the coordinates, about their middle; False if it is too long."""
    cdef Py_ssize_t i, n, cell, behind, last
    cdef double low = u[0], high = u[0]
    cdef int* place
    for i in range(m):
        low = u[i] if u[i] < low else low
        high = u[i] if u[i] > high else high
    if not high - low < MAX_AXIS - 8:
        return False
    n = 2 * <Py_ssize_t> ceil((high - low) / 2) + 4
    axis.shift = n / 2 - 1 - (low / 2 + high / 2)
    free(axis.place)
    axis.place = place = <int*> calloc(n, sizeof(int))
    if place == NULL:
        return False
    for i in range(m):
        place[<Py_ssize_t> (u[i] + axis.shift)] = 1
    behind, last = 0, -1  # where the last occupied cell was, and is now
    for cell in range(n):
        if place[cell]:
            if last < 0:
                last = 0
            elif cell - behind < N_SPLINE + reach:
                last += cell - behind
            else:
                last += N_SPLINE + reach
            place[cell] = <int> last
            behind = cell
    axis.n = last + N_SPLINE
    return True


cdef inline Py_ssize_t locate(const Axis* axis, double u, double* w) noexcept nogil:
    """The first of the cells that a coordinate is spread on, and their weights."""
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
    """Where a point is, whose d coordinates are m apart."""
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


cdef inline double see_itself(const double* w, const double* taps) noexcept nogil:
    """What a point reads, along one axis, of what it spread itself."""
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
    """Smooth across rows that are `step` apart; of the last axis, what will be read."""
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


cdef inline bint fold_axes(
    Grid* grid, const double* u, Py_ssize_t d, Py_ssize_t m, Py_ssize_t n_points
) noexcept nogil:
    """Lay the axes over the first of m points; False if one is too long."""
    cdef Py_ssize_t a
    for a in range(3):
        grid.axes[a].n = 1
    for a in range(d):
        if not fold_axis(&grid.axes[3 - d + a], u + a * m, n_points, grid.reach):
            return False
    return True


cdef inline bint make_room(Grid* grid) noexcept nogil:
    """Have empty cells for the axes as they are; False if memory lacks."""
    cdef Py_ssize_t n_rows = grid.axes[0].n * grid.axes[1].n
    cdef Py_ssize_t n_cells = n_rows * grid.axes[2].n
    if n_cells > grid.n_cells or n_rows > grid.n_rows:
        release(grid)
        grid.cells = <double*> malloc(n_cells * sizeof(double))
        # what is never written is read with a weight of 0, so it must be a number
        grid.smoothed = <double*> calloc(n_cells, sizeof(double))
        grid.row = <double*> malloc((n_cells + 4 * grid.reach) * sizeof(double))
        grid.touched = <Extent*> malloc(n_rows * sizeof(Extent))
        grid.filled = <Extent*> malloc(n_rows * sizeof(Extent))
        grid.wanted = <Extent*> malloc(n_rows * sizeof(Extent))
        if (
            grid.cells == NULL or grid.smoothed == NULL or grid.row == NULL
            or grid.touched == NULL or grid.filled == NULL or grid.wanted == NULL
        ):
            return False
        grid.n_cells, grid.n_rows = n_cells, n_rows
    memset(grid.cells, 0, n_cells * sizeof(double))
    return True


cdef inline void release(Grid* grid) noexcept nogil:
    """Free what `make_room` allocated."""
    free(grid.cells)
    free(grid.smoothed)
    free(grid.row)
    free(grid.touched)
    free(grid.filled)
    free(grid.wanted)
    grid.n_cells = grid.n_rows = 0


cdef inline void spread_points(
    Grid* grid, const double* u, Py_ssize_t d, Py_ssize_t m, Py_ssize_t n_points
) noexcept nogil:
    """Put each of the first points on the cells around it."""
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
    """Smooth along every axis there is."""
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
    """Of each of them, the sum of the kernel over the others of them."""
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
        weight = see_itself(at.w[2], grid.taps)
        if d > 1:
            weight *= see_itself(at.w[1], grid.taps)
        if d > 2:
            weight *= see_itself(at.w[0], grid.taps)
        others[i] = total / weight - 1
