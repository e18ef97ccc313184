"""Differential entropies of Gaussian kernel density estimates, at the samples.

Points are whitened, so that the kernel is exp(-|u - v|^2 / 2). It is summed over all
pairs, or over a grid in time linear in the samples.
"""
from libc.math cimport INFINITY, exp, fabs, fmax, fmin, log, pow, sqrt
from libc.stdint cimport int32_t
from libc.string cimport memset

from skmi._kernels.grids cimport (
    MAX_AXIS,
    Grid,
    fold_axes,
    make_room,
    read_points,
    smooth,
    spread_points,
)
from skmi._kernels.scratch cimport Scratch
from skmi._kernels.whitening cimport center, diagonalize, measure_spread

cdef enum:
    N_TILE = 1024    # samples whose sums stay in the cache
    N_PRODUCT = 32   # sums below 2^31 whose product is finite
    MAX_CELLS = 4194304  # of a grid, or 8 for a sample

# nanoseconds: of the kernel of a pair, a point in one dimension, a tap on a cell
cdef double PER_PAIR = 6, PER_POINT = 15, PER_TAP = 0.4
cdef double NEGLIGIBLE = 700  # exp(-700) is 0 beside 1

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


cdef struct Group:
    const double** rows
    double* z         # (d, m): the rows of the group, centred
    double* u         # and whitened, in cells of the grid
    double* others    # by sample, the sum of the kernel over the other samples
    double* sd
    double* R
    double* V
    double* W
    double q[N_TILE]
    Grid grid


cdef void fetch(
    Group* group, const int32_t* samples, Py_ssize_t d, Py_ssize_t m
) noexcept nogil:
    """Copy some samples of the rows, centre them and measure their spread."""
    cdef Py_ssize_t a, i
    cdef const double* row
    cdef double* z
    for a in range(d):
        row, z = group.rows[a], group.z + a * m
        for i in range(m):
            z[i] = row[samples[i]]
        center(z, m)
    measure_spread(group.z, d, m, group.sd, group.R)


cdef bint set_whitening(Group* group, Py_ssize_t d, double* log_det) noexcept nogil:
    """Make W = R^(-1/2) / sd; return whether no column is collinear or constant."""
    cdef Py_ssize_t a, b, k
    cdef bint regular = True
    cdef double eigenvalue
    log_det[0] = 0
    diagonalize(group.R, group.V, d)
    memset(group.W, 0, d * d * sizeof(double))
    for k in range(d):
        eigenvalue = group.R[k * d + k]
        regular &= eigenvalue >= LEAST and group.sd[k] >= LEAST
        eigenvalue = fmax(eigenvalue, LEAST)
        group.sd[k] = fmax(group.sd[k], LEAST)
        log_det[0] += log(eigenvalue) / 2 + log(group.sd[k])
        for a in range(d):
            for b in range(d):
                group.W[a * d + b] += (
                    group.V[a * d + k] * group.V[b * d + k] / sqrt(eigenvalue)
                )
    for a in range(d):
        for b in range(d):
            group.W[a * d + b] /= group.sd[b]
    return regular


cdef void whiten(
    Group* group, Py_ssize_t d, Py_ssize_t m, double factor
) noexcept nogil:
    """Compute u = factor W z."""
    cdef Py_ssize_t a, b, i
    cdef double w
    cdef double* u
    cdef const double* z
    memset(group.u, 0, d * m * sizeof(double))
    for a in range(d):
        u = group.u + a * m
        for b in range(d):
            z, w = group.z + b * m, factor * group.W[a * d + b]
            for i in range(m):
                u[i] += w * z[i]


cdef void sum_pairs(
    Group* group, Py_ssize_t d, Py_ssize_t m, Py_ssize_t first, double scale
) noexcept nogil:
    """Add the kernel of every pair of which one is `first` or later, tile by tile."""
    cdef Py_ssize_t a, i, j, begin, end, start, tile
    cdef double x, kernel, total
    cdef double* q = group.q
    cdef const double* u
    memset(group.others + first, 0, (m - first) * sizeof(double))
    for tile in range((m - first + N_TILE - 1) // N_TILE):
        start = first + tile * N_TILE
        end = min(start + N_TILE, m)
        for i in range(end):
            begin = max(i + 1, start)
            for j in range(end - begin):
                q[j] = 0
            for a in range(d):
                u = group.u + a * m + begin
                x = group.u[a * m + i]
                for j in range(end - begin):
                    q[j] += (u[j] - x) * (u[j] - x)
            total = 0
            for j in range(end - begin):
                kernel = exp(-fmin(q[j] * scale, NEGLIGIBLE))
                group.others[begin + j] += kernel
                total += kernel
            group.others[i] += total


cdef Py_ssize_t put_inside_first(
    double* u, Py_ssize_t d, Py_ssize_t m, double radius
) noexcept nogil:
    """Move the points in a cube about 0 to the front; return how many they are."""
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


cdef inline double cell_cost(
    const Grid* grid, Py_ssize_t d, Py_ssize_t m
) noexcept nogil:
    """Return the time to smooth the grid, infinite if it has too many cells."""
    cdef double n_cells = (
        <double> grid.axes[0].n * grid.axes[1].n * grid.axes[2].n
    )
    if n_cells > fmax(MAX_CELLS, 8. * m):
        return INFINITY
    return n_cells * (PER_TAP * grid.reach * d)


cdef Py_ssize_t choose_cube(
    Scratch scratch, Group* group, Py_ssize_t d, Py_ssize_t m, bint exact_allowed
) except -1 nogil:
    """Find the cube whose grid, with the pairs left over, takes the least time.

    Return the number of points inside, which come first, with the axes laid over them;
    or 0 if summing all pairs takes less time.
    """
    cdef Grid* grid = &group.grid
    cdef Py_ssize_t i, n_inside = m, n_best = 0
    cdef double of_points, of_cells, of_pairs, radius = 0, best_radius = -1
    cdef double least = PER_PAIR * m * m / 2 if exact_allowed else INFINITY
    for i in range(d * m):
        radius = fmax(radius, fabs(group.u[i]))
    if radius > MAX_AXIS / 4:
        radius = MAX_AXIS / 4
        n_inside = put_inside_first(group.u, d, m, radius)
    while n_inside > 0:
        of_pairs = PER_PAIR * (m - n_inside) * (m + n_inside) / 2
        if of_pairs >= least:
            break
        of_points, of_cells = PER_POINT * n_inside * d * d, INFINITY
        if fold_axes(scratch, grid, group.u, d, m, n_inside):
            of_cells = cell_cost(grid, d, m)
        if of_points + of_cells + of_pairs < least:
            least = of_points + of_cells + of_pairs
            n_best, best_radius = n_inside, radius
        if of_cells < of_points or radius < 1:
            break
        radius *= 0.7
        n_inside = put_inside_first(group.u, d, m, radius)
    if 0 < n_best != n_inside:
        put_inside_first(group.u, d, m, best_radius)
        fold_axes(scratch, grid, group.u, d, m, n_best)
    return n_best


cdef Py_ssize_t sum_by_grid(
    Scratch scratch, Group* group, Py_ssize_t d, Py_ssize_t m, bint exact_allowed
) except -1 nogil:
    """Sum the kernel of pairs inside a cube by a grid; return the number inside."""
    cdef Grid* grid = &group.grid
    cdef Py_ssize_t n_inside = choose_cube(scratch, group, d, m, exact_allowed)
    if n_inside > 0:
        make_room(scratch, grid)
        spread_points(grid, group.u, d, m, n_inside)
        smooth(grid)
        read_points(grid, group.u, d, m, n_inside, group.others)
    return n_inside


cdef double mean_log(
    const double* others, Py_ssize_t m, bint leave_one_out
) noexcept nogil:
    """Return the mean of ln (m f / K(0)); no f is taken below K(0) / m."""
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


cdef int add_entropy(
    Scratch scratch, Group* group, const Rule* rule, const int32_t* samples,
    Py_ssize_t d, Py_ssize_t m, const int32_t* all_samples, Py_ssize_t n, double* out,
) except -1 nogil:
    """Add m / n times -mean ln f of a group of m samples, out of n.

    Where columns are collinear or constant in the group, all n whiten it.
    """
    cdef double log_det, bandwidth = rule.scale * pow(m, rule.power)
    cdef Py_ssize_t n_inside = 0
    fetch(group, samples, d, m)
    if not set_whitening(group, d, &log_det) and m < n:
        fetch(group, all_samples, d, n)
        set_whitening(group, d, &log_det)
        fetch(group, samples, d, m)
    whiten(group, d, m, rule.per_bandwidth / bandwidth)
    if rule.grid_allowed and d <= 3:
        n_inside = sum_by_grid(scratch, group, d, m, rule.exact_allowed)
    sum_pairs(group, d, m, n_inside, 0.5 / rule.per_bandwidth**2)
    out[0] += <double> m / n * (
        log_det + d * (log(bandwidth) + LOG_2_PI / 2) + log(<double> m)
        - mean_log(group.others, m, rule.leave_one_out)
    )
    return 0


def group_entropies(
    const double[:, :, ::1] values, const Py_ssize_t[::1] columns,
    const double[:, ::1] fixed, const int32_t[::1] order, const Py_ssize_t[::1] starts,
    double scale, double power, bint leave_one_out, bint grid_allowed,
    bint exact_allowed, double per_bandwidth, const double[::1] taps, double[::1] out,
):
    """Write the entropy of columns beside fixed rows, the mean over groups of samples.

    Parameters
    ----------
    values : array of shape (n_columns, n_dims, n_samples)
        Standardized.
    columns : array of shape (n_out,)
        The columns to take, in any order.
    fixed : array of shape (n_fixed, n_samples)
        Rows that are taken beside each column.
    order : array of shape (n_kept,)
        The samples, group by group.
    starts : array of shape (n_groups + 1,)
        Where groups start; a group has at least two samples or none.
    scale, power : float
        The bandwidth of m samples is scale * m**power.
    leave_one_out : bool
        Whether a sample is left out of the density at itself.
    grid_allowed, exact_allowed : bool
        Both: the faster one. A grid has at most three dimensions and a limited number
        of cells; the pairs of points outside are summed in any case.
    per_bandwidth : float
        Cells of the grid along one bandwidth.
    taps : array
        What a cell of the grid adds to cells at distance 0, 1, ... along an axis.
    out : array of shape (n_out,)
        Written.
    """
    cdef Py_ssize_t n = order.shape[0], n_dims = values.shape[1]
    cdef Py_ssize_t d = n_dims + fixed.shape[0], a, g, i, m
    cdef Scratch scratch = Scratch()
    cdef Group group
    cdef Rule rule
    rule.scale, rule.power, rule.leave_one_out = scale, power, leave_one_out
    rule.grid_allowed, rule.exact_allowed = grid_allowed, exact_allowed
    rule.per_bandwidth = per_bandwidth
    memset(&group.grid, 0, sizeof(Grid))
    group.grid.taps, group.grid.reach = &taps[0], taps.shape[0] - 1
    group.rows = <const double**> scratch.take(d, sizeof(double*))
    group.z = scratch.doubles(d * n)
    group.u = scratch.doubles(d * n)
    group.others = scratch.doubles(n)
    group.sd = scratch.doubles(d)
    group.R = scratch.doubles(d * d)
    group.V = scratch.doubles(d * d)
    group.W = scratch.doubles(d * d)
    with nogil:
        for a in range(d - n_dims):
            group.rows[n_dims + a] = &fixed[a, 0]
        for i in range(columns.shape[0]):
            for a in range(n_dims):
                group.rows[a] = &values[columns[i], a, 0]
            out[i] = 0
            for g in range(starts.shape[0] - 1):
                m = starts[g + 1] - starts[g]
                if m > 0:
                    add_entropy(
                        scratch, &group, &rule, &order[starts[g]], d, m, &order[0], n,
                        &out[i],
                    )


def group_samples(
    const int32_t[::1] codes, int32_t[::1] order, Py_ssize_t[::1] starts
):
    """Order the samples by code; those of one code stay in ascending order.

    Samples with a code of -1 are left out. starts has n_codes + 1 zeros, and becomes
    the positions in order where the samples of each code start.
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
