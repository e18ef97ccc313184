"""Sums of c log c over the contingency tables of a block of discrete columns.

A column is a row of codes from 0 to its number of levels - 1. Small tables are dense
and filled four columns at a time, so that no count waits for the one before; where they
are so small that those of two columns together fit the cache, a sample is counted once
for both. Large ones are filled level by level, in time linear in the samples whatever
the levels.
"""
from libc.math cimport log
from libc.stdint cimport int32_t, uint8_t, uint16_t
from libc.stdlib cimport calloc, free, malloc
from libc.string cimport memset

ctypedef fused code_t:
    uint8_t
    uint16_t
    int32_t

cdef enum:
    N_LOGS = 16384    # counts whose c log c is tabulated
    N_SMALL = 16384   # cells of a table that is dense whatever the number of samples
    N_PAIR = 4096     # cells of a table of two columns: two of these fit the cache
    N_STEP = 512      # samples whose cells are found together

cdef double C_LOG_C[N_LOGS]
cdef Py_ssize_t _count
C_LOG_C[0] = 0
for _count in range(1, N_LOGS):
    C_LOG_C[_count] = _count * log(<double> _count)


cdef struct Scratch:
    int32_t* tables   # four dense tables, or the counts of one level
    int32_t* pairs    # two dense tables of two columns each
    int32_t* groups   # counts of one level, by group
    int32_t* start
    int32_t* sorted
    int32_t* touched


cdef inline double c_log_c(int32_t count) noexcept nogil:
    if count < N_LOGS:
        return C_LOG_C[count]
    return count * log(<double> count)


cdef void count_four(
    const code_t* a, const code_t* b, const code_t* c, const code_t* d,
    const int32_t* z, Py_ssize_t n, Py_ssize_t n_z, int32_t* tables, Py_ssize_t size,
) noexcept nogil:
    cdef Py_ssize_t i, of_z
    cdef int32_t* in_b = tables + size
    cdef int32_t* in_c = tables + 2 * size
    cdef int32_t* in_d = tables + 3 * size
    for i in range(n):
        of_z = z[i]
        tables[a[i] * n_z + of_z] += 1
        in_b[b[i] * n_z + of_z] += 1
        in_c[c[i] * n_z + of_z] += 1
        in_d[d[i] * n_z + of_z] += 1


cdef void part_pair(
    int32_t* pair, Py_ssize_t n_a, Py_ssize_t n_b, Py_ssize_t n_z, int32_t* in_a,
    int32_t* in_b,
) noexcept nogil:
    """Add a table of (a, b, z) up to those of (a, z) and (b, z), and empty it."""
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


cdef void sum_dense(
    const int32_t* table, Py_ssize_t size, Py_ssize_t group, double* joint,
    double* grouped,
) noexcept nogil:
    cdef Py_ssize_t i, cell = 0
    cdef int32_t count
    cdef double by_cell = 0, by_group = 0
    while cell < size:
        count = 0
        for i in range(cell, cell + group):
            count += table[i]
        if count:
            by_group += c_log_c(count)
            for i in range(cell, cell + group):
                by_cell += c_log_c(table[i])
        cell += group
    joint[0] = by_cell
    grouped[0] = by_group


cdef void sum_by_level(
    const code_t* codes, Py_ssize_t n_levels, const int32_t* z, Py_ssize_t n,
    Py_ssize_t group, const Scratch* scratch, double* joint, double* grouped,
) noexcept nogil:
    cdef Py_ssize_t i, level, p, n_touched, begin = 0
    cdef int32_t* start = scratch.start
    cdef double by_cell = 0, by_group = 0
    memset(start, 0, (n_levels + 1) * sizeof(int32_t))
    for i in range(n):
        start[codes[i] + 1] += 1
    for level in range(n_levels):
        start[level + 1] += start[level]
    for i in range(n):
        p = start[codes[i]]
        start[codes[i]] = <int32_t> p + 1
        scratch.sorted[p] = z[i]
    for level in range(n_levels):
        n_touched = 0
        for p in range(begin, start[level]):
            i = scratch.sorted[p]
            if scratch.tables[i] == 0:
                scratch.touched[n_touched] = <int32_t> i
                n_touched += 1
            scratch.tables[i] += 1
            scratch.groups[i // group] += 1
        for p in range(n_touched):
            i = scratch.touched[p]
            by_cell += c_log_c(scratch.tables[i])
            scratch.tables[i] = 0
            if scratch.groups[i // group]:
                by_group += c_log_c(scratch.groups[i // group])
                scratch.groups[i // group] = 0
        begin = start[level]
    joint[0] = by_cell
    grouped[0] = by_group


def sum_c_log_c(
    const code_t[:, ::1] codes, const Py_ssize_t[::1] n_levels,
    const Py_ssize_t[::1] columns, const int32_t[::1] z, Py_ssize_t n_z,
    Py_ssize_t group, double[::1] joint, double[::1] grouped,
):
    """Sum c log c over the counts of (column, z) and of (column, z // group).

    Entry i of joint and of grouped is for the row columns[i] of codes; z holds codes
    below n_z, a multiple of group.
    """
    cdef Py_ssize_t i, j, size, largest = 0
    cdef Py_ssize_t n = codes.shape[1], n_columns = columns.shape[0]
    cdef Py_ssize_t most_levels = 0, n_dense = 4 * n if 4 * n > N_SMALL else N_SMALL
    cdef Py_ssize_t quad[4]
    cdef Scratch scratch
    for i in range(n_columns):
        if n_levels[columns[i]] > most_levels:
            most_levels = n_levels[columns[i]]
    largest = most_levels * n_z
    if largest > n_dense:
        largest = n_dense if n_dense > n_z else n_z
    scratch.tables = <int32_t*> calloc(4 * largest, sizeof(int32_t))
    scratch.pairs = <int32_t*> calloc(2 * N_PAIR, sizeof(int32_t))
    scratch.groups = <int32_t*> calloc(n_z // group, sizeof(int32_t))
    scratch.start = <int32_t*> malloc((most_levels + 1 + 2 * n) * sizeof(int32_t))
    scratch.sorted = scratch.start + most_levels + 1
    scratch.touched = scratch.sorted + n
    try:
        if (
            scratch.tables == NULL or scratch.pairs == NULL
            or scratch.groups == NULL or scratch.start == NULL
        ):
            raise MemoryError
        with nogil:
            i = 0
            while i < n_columns:
                # the next four small tables, the last one repeated to make up four
                size = 0
                for j in range(4):
                    quad[j] = columns[i + j if i + j < n_columns else n_columns - 1]
                    if n_levels[quad[j]] * n_z > size:
                        size = n_levels[quad[j]] * n_z
                if size > n_dense or n_columns - i < 3:
                    size = n_levels[quad[0]] * n_z
                    if size > n_dense:
                        sum_by_level(
                            &codes[quad[0], 0], n_levels[quad[0]], &z[0], n, group,
                            &scratch, &joint[i], &grouped[i],
                        )
                    else:
                        for j in range(n):
                            scratch.tables[codes[quad[0], j] * n_z + z[j]] += 1
                        sum_dense(
                            scratch.tables, size, group, &joint[i], &grouped[i],
                        )
                        memset(scratch.tables, 0, size * sizeof(int32_t))
                    i += 1
                    continue
                largest = n_z * max(
                    n_levels[quad[0]] * n_levels[quad[1]],
                    n_levels[quad[2]] * n_levels[quad[3]],
                )
                if largest <= N_PAIR and largest <= n:
                    count_two_pairs(
                        &codes[quad[0], 0], &codes[quad[1], 0], &codes[quad[2], 0],
                        &codes[quad[3], 0], &z[0], n, <uint16_t> n_levels[quad[1]],
                        <uint16_t> n_levels[quad[3]], <uint16_t> n_z, scratch.pairs,
                        scratch.pairs + N_PAIR,
                    )
                    for j in range(0, 4, 2):
                        part_pair(
                            scratch.pairs + (j // 2) * N_PAIR, n_levels[quad[j]],
                            n_levels[quad[j + 1]], n_z, scratch.tables + j * size,
                            scratch.tables + (j + 1) * size,
                        )
                else:
                    count_four(
                        &codes[quad[0], 0], &codes[quad[1], 0], &codes[quad[2], 0],
                        &codes[quad[3], 0], &z[0], n, n_z, scratch.tables, size,
                    )
                for j in range(4):
                    if i < n_columns:
                        sum_dense(
                            scratch.tables + j * size, n_levels[quad[j]] * n_z, group,
                            &joint[i], &grouped[i],
                        )
                        i += 1
                memset(scratch.tables, 0, 4 * size * sizeof(int32_t))
    finally:
        free(scratch.tables)
        free(scratch.pairs)
        free(scratch.groups)
        free(scratch.start)
