"""Sums of c log c over the contingency tables of a block of discrete columns.

Small tables are dense and filled four columns at a time, so that no count waits for the
one before. Where the tables of two columns together are small enough for the cache, a
sample is counted once for both columns. Large tables are filled level by level, in time
linear in the samples. The margins of the same tables show the information that is
expected by chance.
"""
from libc.math cimport log
from libc.stdint cimport int32_t, uint16_t
from libc.string cimport memset

from skmi._kernels.chance cimport N_LOGS, Chance, look_up
from skmi._kernels.codes cimport code_t
from skmi._kernels.scratch cimport Scratch

cdef enum:
    N_SMALL = 16384   # cells of a table that is dense however few the samples
    N_PAIR = 4096     # cells of a table of two columns: two of these fit the cache
    N_STEP = 512      # samples whose cells are found together

cdef double C_LOG_C[N_LOGS]
cdef Py_ssize_t _count
C_LOG_C[0] = 0
for _count in range(1, N_LOGS):
    C_LOG_C[_count] = _count * log(<double> _count)


cdef struct Tables:
    int32_t* dense      # four of them; the first also counts one level of a large one
    int32_t* pairs      # two dense tables of two columns each
    int32_t* groups     # counts of one level, by group
    int32_t* start      # by level, the first of its samples
    int32_t* sorted     # z, level by level
    int32_t* touched    # z of the cells of a level that are not empty
    Py_ssize_t most_cells  # of a dense table
    Py_ssize_t group       # adjacent cells that are one stratum
    Py_ssize_t n_strata
    const Chance* chance   # or NULL
    Py_ssize_t step        # from a column's sum over cells to its sum over groups


cdef inline double c_log_c(int32_t count) noexcept nogil:
    """Return c log c, from the table if it is there."""
    if count < N_LOGS:
        return C_LOG_C[count]
    return count * log(<double> count)


cdef void count_four(
    const code_t* a, const code_t* b, const code_t* c, const code_t* d,
    const int32_t* z, Py_ssize_t n, Py_ssize_t n_z, int32_t* tables, Py_ssize_t size,
) noexcept nogil:
    """Add the samples to four tables that are `size` apart."""
    cdef Py_ssize_t i, z_i
    cdef int32_t* in_b = tables + size
    cdef int32_t* in_c = tables + 2 * size
    cdef int32_t* in_d = tables + 3 * size
    for i in range(n):
        z_i = z[i]
        tables[a[i] * n_z + z_i] += 1
        in_b[b[i] * n_z + z_i] += 1
        in_c[c[i] * n_z + z_i] += 1
        in_d[d[i] * n_z + z_i] += 1


cdef void split_pair(
    int32_t* pair, Py_ssize_t n_a, Py_ssize_t n_b, Py_ssize_t n_z, int32_t* in_a,
    int32_t* in_b,
) noexcept nogil:
    """Sum a table of (a, b, z) to those of (a, z) and (b, z), and empty it."""
    cdef Py_ssize_t a, b, i, n_b_z = n_b * n_z
    for a in range(n_a):
        for i in range(n_b_z):
            in_b[i] += pair[a * n_b_z + i]
        for b in range(n_b):
            for i in range(n_z):
                in_a[a * n_z + i] += pair[a * n_b_z + b * n_z + i]
    memset(pair, 0, n_a * n_b_z * sizeof(int32_t))


cdef void count_two_pairs(
    const code_t* a, const code_t* b, const code_t* c, const code_t* d,
    const int32_t* z, Py_ssize_t n, uint16_t n_b, uint16_t n_d, uint16_t n_z,
    int32_t* in_a_b, int32_t* in_c_d,
) noexcept nogil:
    """Add the samples to the tables of (a, b, z) and (c, d, z)."""
    cdef uint16_t a_b[N_STEP]
    cdef uint16_t c_d[N_STEP]
    cdef Py_ssize_t i, m, start = 0
    while start < n:
        m = n - start if n - start < N_STEP else N_STEP
        for i in range(m):
            a_b[i] = <uint16_t> ((a[i] * n_b + b[i]) * n_z + z[i])
            c_d[i] = <uint16_t> ((c[i] * n_d + d[i]) * n_z + z[i])
        for i in range(m):
            in_a_b[a_b[i]] += 1
            in_c_d[c_d[i]] += 1
        a += m
        b += m
        c += m
        d += m
        z += m
        start += m


cdef void fill_four(
    const Tables* tables, const code_t** rows, const Py_ssize_t* n_levels,
    const int32_t* z, Py_ssize_t n, Py_ssize_t n_z, Py_ssize_t size,
) noexcept nogil:
    """Fill the dense tables of four rows of codes, `size` apart, from empty ones."""
    cdef int32_t* dense = tables.dense
    cdef Py_ssize_t j, n_pair = n_z * max(
        n_levels[0] * n_levels[1], n_levels[2] * n_levels[3]
    )
    if n_pair > N_PAIR or n_pair > n:
        count_four(rows[0], rows[1], rows[2], rows[3], z, n, n_z, dense, size)
        return
    count_two_pairs(
        rows[0], rows[1], rows[2], rows[3], z, n, <uint16_t> n_levels[1],
        <uint16_t> n_levels[3], <uint16_t> n_z, tables.pairs, tables.pairs + N_PAIR,
    )
    for j in range(0, 4, 2):
        split_pair(
            tables.pairs + (j // 2) * N_PAIR, n_levels[j], n_levels[j + 1], n_z,
            dense + j * size, dense + (j + 1) * size,
        )


cdef inline void sum_cells(
    const Tables* tables, const int32_t* table, Py_ssize_t size, const Chance* chance,
    double* out,
) noexcept nogil:
    """Sum over the cells of a dense table, and over groups of adjacent cells."""
    cdef Py_ssize_t i, cell = 0, s = 0, group = tables.group
    cdef int32_t count
    cdef double by_cell = 0, by_group = 0, by_chance = 0
    while cell < size:
        count = 0
        for i in range(cell, cell + group):
            count += table[i]
        if count:
            by_group += c_log_c(count)
            for i in range(cell, cell + group):
                by_cell += c_log_c(table[i])
            if chance != NULL:
                by_chance += look_up(chance, s, count)
        cell += group
        if chance != NULL:
            s = s + 1 if s + 1 < tables.n_strata else 0
    out[0] = by_cell
    out[tables.step] = by_group
    if chance != NULL:
        out[2 * tables.step] = by_chance


cdef void sum_dense(
    const Tables* tables, const int32_t* table, Py_ssize_t size, double* out
) noexcept nogil:
    """Sum over a dense table, by code that is compiled for each of the two cases."""
    if tables.chance == NULL:
        sum_cells(tables, table, size, NULL, out)
    else:
        sum_cells(tables, table, size, tables.chance, out)


cdef void group_by_level(
    const Tables* tables, const code_t* codes, Py_ssize_t n_levels, const int32_t* z,
    Py_ssize_t n,
) noexcept nogil:
    """Sort z by level; start becomes where the samples of each level end."""
    cdef Py_ssize_t i, level, p
    cdef int32_t* start = tables.start
    memset(start, 0, (n_levels + 1) * sizeof(int32_t))
    for i in range(n):
        start[codes[i] + 1] += 1
    for level in range(n_levels):
        start[level + 1] += start[level]
    for i in range(n):
        p = start[codes[i]]
        start[codes[i]] = <int32_t> p + 1
        tables.sorted[p] = z[i]


cdef inline void sum_levels(
    const Tables* tables, Py_ssize_t n_levels, const Chance* chance, double* out
) noexcept nogil:
    """Sum level by level, after `group_by_level`."""
    cdef Py_ssize_t i, level, p, n_touched, begin = 0, group = tables.group
    cdef double by_cell = 0, by_group = 0, by_chance = 0
    for level in range(n_levels):
        n_touched = 0
        for p in range(begin, tables.start[level]):
            i = tables.sorted[p]
            if tables.dense[i] == 0:
                tables.touched[n_touched] = <int32_t> i
                n_touched += 1
            tables.dense[i] += 1
            tables.groups[i // group] += 1
        for p in range(n_touched):
            i = tables.touched[p]
            by_cell += c_log_c(tables.dense[i])
            tables.dense[i] = 0
            if tables.groups[i // group]:
                by_group += c_log_c(tables.groups[i // group])
                if chance != NULL:
                    by_chance += look_up(chance, i // group, tables.groups[i // group])
                tables.groups[i // group] = 0
        begin = tables.start[level]
    out[0] = by_cell
    out[tables.step] = by_group
    if chance != NULL:
        out[2 * tables.step] = by_chance


cdef void sum_by_level(
    const Tables* tables, Py_ssize_t n_levels, double* out
) noexcept nogil:
    """Sum over a large table, by code that is compiled for each of the two cases."""
    if tables.chance == NULL:
        sum_levels(tables, n_levels, NULL, out)
    else:
        sum_levels(tables, n_levels, tables.chance, out)


cdef void sum_one(
    const Tables* tables, const code_t* codes, Py_ssize_t n_levels, const int32_t* z,
    Py_ssize_t n, Py_ssize_t n_z, double* out,
) noexcept nogil:
    """Sum over the table of one row of codes, dense or by level."""
    cdef Py_ssize_t i, size = n_levels * n_z
    if size > tables.most_cells:
        group_by_level(tables, codes, n_levels, z, n)
        sum_by_level(tables, n_levels, out)
        return
    for i in range(n):
        tables.dense[codes[i] * n_z + z[i]] += 1
    sum_dense(tables, tables.dense, size, out)
    memset(tables.dense, 0, size * sizeof(int32_t))


cdef void sum_rows(
    const code_t[:, ::1] codes, const Py_ssize_t[::1] n_levels,
    const Py_ssize_t[::1] columns, const int32_t[::1] z, Py_ssize_t n_z,
    Py_ssize_t group, const Chance* chance, double[:, ::1] out,
) except *:
    """Write the sums of each column to out, joint, grouped and, by chance, expected."""
    cdef Py_ssize_t i, j, c, size, most_levels = 0, most_cells = 0
    cdef Py_ssize_t n = codes.shape[1], n_columns = columns.shape[0]
    cdef const code_t* rows[4]
    cdef Py_ssize_t levels[4]
    cdef Scratch scratch = Scratch()
    cdef Tables tables
    for i in range(n_columns):
        most_levels = max(most_levels, n_levels[columns[i]])
    most_cells = most_levels * n_z
    tables.most_cells = max(4 * n, N_SMALL)
    if most_cells > tables.most_cells:
        most_cells = max(tables.most_cells, n_z)
    tables.dense = scratch.zero_ints(4 * most_cells)
    tables.pairs = scratch.zero_ints(2 * N_PAIR)
    tables.groups = scratch.zero_ints(n_z // group)
    tables.start = scratch.ints(most_levels + 1)
    tables.sorted = scratch.ints(n)
    tables.touched = scratch.ints(n)
    tables.group = group
    tables.n_strata = n_z // group
    tables.chance = chance
    tables.step = out.shape[1]
    with nogil:
        i = 0
        while i < n_columns:
            # the next four tables; the last one is repeated to make up four
            size = 0
            for j in range(4):
                c = columns[i + j if i + j < n_columns else n_columns - 1]
                rows[j], levels[j] = &codes[c, 0], n_levels[c]
                size = max(size, levels[j] * n_z)
            if size > tables.most_cells or n_columns - i < 3:
                sum_one(&tables, rows[0], levels[0], &z[0], n, n_z, &out[0, i])
                i += 1
                continue
            fill_four(&tables, rows, levels, &z[0], n, n_z, size)
            for j in range(min(<Py_ssize_t> 4, n_columns - i)):
                sum_dense(
                    &tables, tables.dense + j * size, levels[j] * n_z, &out[0, i]
                )
                i += 1
            memset(tables.dense, 0, 4 * size * sizeof(int32_t))


def sum_c_log_c(
    const code_t[:, ::1] codes, const Py_ssize_t[::1] n_levels,
    const Py_ssize_t[::1] columns, const int32_t[::1] z, Py_ssize_t n_z,
    Py_ssize_t group, double[:, ::1] out,
):
    """Sum c log c over the counts of (column, z) and of (column, z // group).

    codes has shape (n_rows, n_samples), and the codes of row c are below n_levels[c].
    out[0, i] and out[1, i] are for the row columns[i]. z has codes below n_z, a
    multiple of group.
    """
    sum_rows(codes, n_levels, columns, z, n_z, group, NULL, out)


def sum_with_chance(
    const code_t[:, ::1] codes, const Py_ssize_t[::1] n_levels,
    const Py_ssize_t[::1] columns, const int32_t[::1] z, Py_ssize_t n_z,
    Py_ssize_t group, const Py_ssize_t[::1] first, const Py_ssize_t[::1] size_starts,
    const int32_t[::1] sizes, const int32_t[::1] n_of_size, double[::1] table,
    double[:, ::1] out,
):
    """Also sum the entries of a table over the counts of (column, z // group).

    The strata are the codes of z // group. For a count c in stratum s, the entry is
    table[first[s] + c], and stratum s has first[s + 1] - first[s] - 1 samples. An entry
    that is NaN becomes the information, times the number of samples, that a level of c
    samples has on average if a target is permuted within the stratum. For t from
    size_starts[s] to size_starts[s + 1] - 1, n_of_size[t] levels of the target have
    sizes[t] samples each in stratum s.
    """
    cdef Chance chance
    chance.table = &table[0]
    chance.first = &first[0]
    chance.size_starts = &size_starts[0]
    chance.sizes = &sizes[0]
    chance.n_of_size = &n_of_size[0]
    chance.c_log_c = C_LOG_C
    sum_rows(codes, n_levels, columns, z, n_z, group, &chance, out)
