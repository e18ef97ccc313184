"""Differential entropies of Gaussian kernel density estimates, at the samples.

Points are whitened, so that the kernel is exp(-|u - v|^2 / 2). The sums over all pairs
are taken as they are, or over a grid in time linear in the samples.
"""
from libc.math cimport INFINITY, exp, fabs, fmax, fmin, log, pow, sqrt
from libc.stdint cimport int32_t
from libc.stdlib cimport free, malloc
from libc.string cimport memset

from skmi._kernels.grids cimport (
    MAX_AXIS,
    Grid,
    fold_axes,
    make_room,
    read_points,
    release,
    smooth,
    spread_points,
)
from skmi._kernels.whitening cimport center, diagonalize, measure_spread

cdef enum:
    N_TILE = 1024    # samples whose sums stay in the cache
    N_PRODUCT = 32   # sums below 2^31 whose product is finite
    MAX_CELLS = 4194304  # of a grid, or 8 for a sample

# nanoseconds: of the kernel of a pair, a point in one dimension, a tap on a cell
cdef double PER_PAIR = 6, PER_POINT = 15, PER_TAP = 0.4
cdef double NOTHING = 700  # exp(-NOTHING) is 0 beside 1

cdef double LOG_2_PI = 1.8378770664093453
# eigenvalues of a correlation matrix, and standard deviations beside those of all
# samples, below which columns count as collinear or constant
cdef double LEAST = 1e-10

cdef struct Rule:
    double scale      # the bandwidth of m samples is scale * m^power
    double power
    bint leave_one_out
    bint grid_allowed
    bint exact_allowed
    double per_bandwidth  # cells of the grid


cdef struct Scratch:
    const double** rows
    double* z         # (d, m): a group's rows, centred
    double* u         # and whitened, in cells of the grid
    double* others    # sums of the kernel over the other samples
    double* sd
    double* R
    double* V
    double* W
    double q[N_TILE]
    Grid grid


cdef void fetch(
    Scratch* scratch, const int32_t* samples, Py_ssize_t d, Py_ssize_t m
) noexcept nogil:
    """Copy some samples of the rows, centre them and measure their spread."""
    cdef Py_ssize_t a, i
    cdef const double* row
    cdef double* z
    for a in range(d):
        row, z = scratch.rows[a], scratch.z + a * m
        for i in range(m):
            z[i] = row[samples[i]]
        center(z, m)
    measure_spread(scratch.z, d, m, scratch.sd, scratch.R)


cdef bint set_whitening(Scratch* scratch, Py_ssize_t d, double* log_det) noexcept nogil:
    """Make W = R^(-1/2) / sd; tell if nothing was collinear or constant."""
    cdef Py_ssize_t a, b, k
    cdef bint regular = True
    cdef double eigenvalue
    log_det[0] = 0
    diagonalize(scratch.R, scratch.V, d)
    memset(scratch.W, 0, d * d * sizeof(double))
    for k in range(d):
        eigenvalue = scratch.R[k * d + k]
        regular &= eigenvalue >= LEAST and scratch.sd[k] >= LEAST
        eigenvalue = fmax(eigenvalue, LEAST)
        scratch.sd[k] = fmax(scratch.sd[k], LEAST)
        log_det[0] += log(eigenvalue) / 2 + log(scratch.sd[k])
        for a in range(d):
            for b in range(d):
                scratch.W[a * d + b] += (
                    scratch.V[a * d + k] * scratch.V[b * d + k] / sqrt(eigenvalue)
                )
    for a in range(d):
        for b in range(d):
            scratch.W[a * d + b] /= scratch.sd[b]
    return regular


cdef void whiten(
    Scratch* scratch, Py_ssize_t d, Py_ssize_t m, double factor
) noexcept nogil:
    """u = factor W z."""
    cdef Py_ssize_t a, b, i
    cdef double w
    cdef double* u
    cdef const double* z
    memset(scratch.u, 0, d * m * sizeof(double))
    for a in range(d):
        u = scratch.u + a * m
        for b in range(d):
            z, w = scratch.z + b * m, factor * scratch.W[a * d + b]
            for i in range(m):
                u[i] += w * z[i]


cdef void sum_pairs(
    Scratch* scratch, Py_ssize_t d, Py_ssize_t m, Py_ssize_t first, double scale
) noexcept nogil:
    """Add the kernel of every pair of which one is `first` or later, tile by tile."""
    cdef Py_ssize_t a, i, j, begin, end, start, tile
    cdef double x, kernel, total
    cdef double* q = scratch.q
    cdef const double* u
    memset(scratch.others + first, 0, (m - first) * sizeof(double))
    for tile in range((m - first + N_TILE - 1) // N_TILE):
        start = first + tile * N_TILE
        end = min(start + N_TILE, m)
        for i in range(end):
            begin = max(i + 1, start)
            for j in range(end - begin):
                q[j] = 0
            for a in range(d):
                u = scratch.u + a * m + begin
                x = scratch.u[a * m + i]
                for j in range(end - begin):
                    q[j] += (u[j] - x) * (u[j] - x)
            total = 0
            for j in range(end - begin):
                kernel = exp(-fmin(q[j] * scale, NOTHING))
                scratch.others[begin + j] += kernel
                total += kernel
            scratch.others[i] += total


cdef Py_ssize_t put_inside_first(
    double* u, Py_ssize_t d, Py_ssize_t m, double radius
) noexcept nogil:
    """Reorder the points so that those in a cube about 0 come first; count them."""
    cdef Py_ssize_t a, i, n_inside = 0
    cdef bint inside
    for i in range(m):
        inside = True
        for a in range(d):
            inside &= fabs(u[a * m + i]) <= radius
        if inside:
            for a in range(d):
                u[a * m + i], u[a * m + n_inside] = u[a * m + n_inside], u[a * m + i]
            n_inside += 1
    return n_inside


cdef Py_ssize_t sum_by_grid(
    Scratch* scratch, Py_ssize_t d, Py_ssize_t m, bint exact_allowed
) noexcept nogil:
    """Sum the kernel of pairs inside a cube by a grid; the number of points inside.

    The cube is the one that takes the least time, with the pairs that are left.
    """
    cdef Grid* grid = &scratch.grid
    cdef Py_ssize_t i, n_inside = m, n_best = 0
    cdef double of_points, of_cells, of_pairs, radius = 0, best_radius = -1
    cdef double least = PER_PAIR * m * m / 2 if exact_allowed else INFINITY
    for i in range(d * m):
        radius = fmax(radius, fabs(scratch.u[i]))
    if radius > MAX_AXIS / 4:
        radius = MAX_AXIS / 4
        n_inside = put_inside_first(scratch.u, d, m, radius)
    while n_inside > 0:
        of_pairs = PER_PAIR * (m - n_inside) * (m + n_inside) / 2
        if of_pairs >= least:
            break
        of_points, of_cells = PER_POINT * n_inside * d * d, INFINITY
        if fold_axes(grid, scratch.u, d, m, n_inside):
            of_cells = <double> grid.axes[0].n * grid.axes[1].n * grid.axes[2].n
            if of_cells > fmax(MAX_CELLS, 8. * m):
                of_cells = INFINITY
        of_cells *= PER_TAP * grid.reach * d
        if of_points + of_cells + of_pairs < least:
            least = of_points + of_cells + of_pairs
            n_best, best_radius = n_inside, radius
        if of_cells < of_points or radius < 1:
            break
        radius *= 0.7
        n_inside = put_inside_first(scratch.u, d, m, radius)
    if 0 < n_best != n_inside:
        put_inside_first(scratch.u, d, m, best_radius)
        if not fold_axes(grid, scratch.u, d, m, n_best):
            return 0
    if n_best == 0 or not make_room(grid):
        return 0
    spread_points(grid, scratch.u, d, m, n_best)
    smooth(grid)
    read_points(grid, scratch.u, d, m, n_best, scratch.others)
    return n_best


cdef double mean_log(
    const double* others, Py_ssize_t m, bint leave_one_out
) noexcept nogil:
    """Mean of ln (m f / K(0)), where no f is below K(0) / m."""
    cdef Py_ssize_t i
    cdef double total = 0, product = 1, ratio = <double> m / (m - 1)
    for i in range(m):
        if leave_one_out:
            product *= fmax(ratio * others[i], 1)
        else:
            product *= 1 + fmax(others[i], 0)
        if i % N_PRODUCT == N_PRODUCT - 1:
            total += log(product)
            product = 1
    return (total + log(product)) / m


cdef double group_entropy(
    Scratch* scratch, const Rule* rule, const int32_t* samples, Py_ssize_t d,
    Py_ssize_t m, const int32_t* all_samples, Py_ssize_t n,
) noexcept nogil:
    """-mean ln f of a group of m samples, out of n."""
    cdef double log_det, bandwidth = rule.scale * pow(m, rule.power)
    cdef Py_ssize_t n_inside = 0
    fetch(scratch, samples, d, m)
    if not set_whitening(scratch, d, &log_det) and m < n:
        fetch(scratch, all_samples, d, n)
        set_whitening(scratch, d, &log_det)
        fetch(scratch, samples, d, m)
    whiten(scratch, d, m, rule.per_bandwidth / bandwidth)
    if rule.grid_allowed and d <= 3:
        n_inside = sum_by_grid(scratch, d, m, rule.exact_allowed)
    sum_pairs(scratch, d, m, n_inside, 0.5 / rule.per_bandwidth**2)
    return (
        log_det + d * (log(bandwidth) + LOG_2_PI / 2) + log(<double> m)
        - mean_log(scratch.others, m, rule.leave_one_out)
    )


def group_entropies(
    const double[:, :, ::1] values, const Py_ssize_t[::1] columns,
    const double[:, ::1] fixed, const int32_t[::1] order, const Py_ssize_t[::1] starts,
    double scale, double power, bint leave_one_out, bint grid_allowed,
    bint exact_allowed, double per_bandwidth, const double[::1] taps, double[::1] out,
):
    """Entropy of columns beside fixed rows, the mean over groups of samples.

    Parameters
    ----------
    values : array of shape (n_columns, n_dims, n_samples)
        Standardized.
    columns : array of shape (n_out,)
        Which of the columns.
    fixed : array of shape (n_fixed, n_samples)
        Rows that are taken beside each column.
    order : array of shape (n_kept,)
        The samples, group by group.
    starts : array of shape (n_groups + 1,)
        Where groups start; a group has at least two samples or none.
    scale, power : float
        The bandwidth of m samples is scale * m**power.
    leave_one_out : bool
    grid_allowed, exact_allowed : bool
        Both: what is faster. A grid of more than three dimensions, or of very many
        cells, is not made whatever is allowed; points far out are left to the sums.
    per_bandwidth : float
        Cells of the grid along one bandwidth.
    taps : array
        What a cell of the grid adds to cells at distance 0, 1, ... along an axis.
    out : array of shape (n_out,)
        Written.
    """
    cdef Py_ssize_t n = order.shape[0], n_dims = values.shape[1]
    cdef Py_ssize_t d = n_dims + fixed.shape[0], a, g, i, m
    cdef Rule rule
    cdef Scratch scratch
    rule.scale, rule.power, rule.leave_one_out = scale, power, leave_one_out
    rule.grid_allowed, rule.exact_allowed = grid_allowed, exact_allowed
    rule.per_bandwidth = per_bandwidth
    memset(&scratch, 0, sizeof(Scratch))
    scratch.grid.taps, scratch.grid.reach = &taps[0], taps.shape[0] - 1
    cdef double* memory = <double*> malloc(
        ((2 * d + 1) * n + d + 3 * d * d) * sizeof(double)
    )
    scratch.rows = <const double**> malloc(d * sizeof(double*))
    if memory == NULL or scratch.rows == NULL:
        free(memory)
        free(scratch.rows)
        raise MemoryError()
    scratch.z, scratch.u, scratch.others = memory, memory + d * n, memory + 2 * d * n
    scratch.sd = scratch.others + n
    scratch.R = scratch.sd + d
    scratch.V, scratch.W = scratch.R + d * d, scratch.R + 2 * d * d
    with nogil:
        for a in range(d - n_dims):
            scratch.rows[n_dims + a] = &fixed[a, 0]
        for i in range(columns.shape[0]):
            for a in range(n_dims):
                scratch.rows[a] = &values[columns[i], a, 0]
            out[i] = 0
            for g in range(starts.shape[0] - 1):
                m = starts[g + 1] - starts[g]
                if m > 0:
                    out[i] += <double> m / n * group_entropy(
                        &scratch, &rule, &order[starts[g]], d, m, &order[0], n
                    )
        release(&scratch.grid)
        for a in range(3):
            free(scratch.grid.axes[a].place)
        free(memory)
        free(scratch.rows)


def group_samples(
    const int32_t[::1] codes, int32_t[::1] order, Py_ssize_t[::1] starts
):
    """Order samples by code, stably; those with a code of -1 are left out.

    `starts`, zero at first and one longer than there are codes, becomes where the
    samples of each code start in `order`.
    """
    cdef Py_ssize_t i, n_codes = starts.shape[0] - 1
    with nogil:
        for i in range(codes.shape[0]):
            if codes[i] >= 0 and codes[i] + 2 <= n_codes:
                starts[codes[i] + 2] += 1
        for i in range(2, n_codes + 1):
            starts[i] += starts[i - 1]
        for i in range(codes.shape[0]):
            if codes[i] >= 0:
                order[starts[codes[i] + 1]] = <int32_t> i
                starts[codes[i] + 1] += 1
