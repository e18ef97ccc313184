# cython: language_level=3, boundscheck=False, wraparound=False
# cython: cdivision=True, initializedcheck=False
"""Sums of c log c over the contingency tables of a block of discrete columns.

A column is a row of codes from 0 to its number of levels - 1. Small tables are dense
and filled four columns at a time, so that no count waits for the one before; large
ones are filled level by level, in time linear in the samples whatever the levels.
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
    N_LOGS = 1024     # counts whose c log c is tabulated
    N_SMALL = 16384   # cells of a table that is dense whatever the number of samples


cdef struct Scratch:
    double* c_log_c
    int32_t* tables   # four dense tables, or the counts of one level
    int32_t* groups   # counts of one level, by group
    int32_t* start
    int32_t* sorted
    int32_t* touched


cdef inline double c_log_c(const Scratch* scratch, int32_t count) noexcept nogil:
    if count < N_LOGS:
        return scratch.c_log_c[count]
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


cdef void sum_dense(
    const int32_t* table, Py_ssize_t size, Py_ssize_t group, const Scratch* scratch,
    double* joint, double* grouped,
) noexcept nogil:
    cdef Py_ssize_t i, cell = 0
    cdef int32_t count
    cdef double by_cell = 0, by_group = 0
    while cell < size:
        count = 0
        for i in range(cell, cell + group):
            if table[i]:
                count += table[i]
                by_cell += c_log_c(scratch, table[i])
        if count:
            by_group += c_log_c(scratch, count)
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
            by_cell += c_log_c(scratch, scratch.tables[i])
            scratch.tables[i] = 0
            if scratch.groups[i // group]:
                by_group += c_log_c(scratch, scratch.groups[i // group])
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
    scratch.c_log_c = <double*> malloc(N_LOGS * sizeof(double))
    scratch.tables = <int32_t*> calloc(4 * largest, sizeof(int32_t))
    scratch.groups = <int32_t*> calloc(n_z // group, sizeof(int32_t))
    scratch.start = <int32_t*> malloc((most_levels + 1 + 2 * n) * sizeof(int32_t))
    scratch.sorted = scratch.start + most_levels + 1
    scratch.touched = scratch.sorted + n
    try:
        if (
            scratch.c_log_c == NULL or scratch.tables == NULL
            or scratch.groups == NULL or scratch.start == NULL
        ):
            raise MemoryError
        with nogil:
            scratch.c_log_c[0] = 0
            for i in range(1, N_LOGS):
                scratch.c_log_c[i] = i * log(<double> i)
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
                            scratch.tables, size, group, &scratch, &joint[i],
                            &grouped[i],
                        )
                        memset(scratch.tables, 0, size * sizeof(int32_t))
                    i += 1
                    continue
                count_four(
                    &codes[quad[0], 0], &codes[quad[1], 0], &codes[quad[2], 0],
                    &codes[quad[3], 0], &z[0], n, n_z, scratch.tables, size,
                )
                for j in range(4):
                    if i < n_columns:
                        sum_dense(
                            scratch.tables + j * size, n_levels[quad[j]] * n_z, group,
                            &scratch, &joint[i], &grouped[i],
                        )
                        i += 1
                memset(scratch.tables, 0, 4 * size * sizeof(int32_t))
    finally:
        free(scratch.c_log_c)
        free(scratch.tables)
        free(scratch.groups)
        free(scratch.start)
