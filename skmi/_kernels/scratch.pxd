"""Scratch memory: arrays with names, freed together however the kernel ends.

    cdef Scratch scratch = Scratch()
    cdef double* sorted_values = scratch.doubles(n)

An allocation that fails raises MemoryError. Each array is a block of its own, so that
AddressSanitizer sees an index outside it.
"""
from cython cimport final
from libc.stdint cimport int32_t

cdef enum:
    MOST_BLOCKS = 32


@final
cdef class Scratch:
    cdef void* blocks[MOST_BLOCKS]
    cdef int n_blocks

    cdef void* add_block(self, void* block) except NULL nogil
    cdef void* take(self, size_t n, size_t item_size) except NULL nogil
    cdef void* take_zeros(self, size_t n, size_t item_size) except NULL nogil
    cdef double* doubles(self, size_t n) except NULL nogil
    cdef int32_t* ints(self, size_t n) except NULL nogil
    cdef int32_t* zero_ints(self, size_t n) except NULL nogil
    cdef void give_back(self, void* block) noexcept nogil
