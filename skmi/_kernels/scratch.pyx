"""Scratch memory, and a limit on it for tests."""
from libc.stdint cimport int32_t
from libc.stdlib cimport calloc, free, malloc

cdef int n_allowed = -1  # allocations that may still succeed; -1: all


def limit_allocations(int n):
    """Let the next n allocations succeed and the later ones fail; all if n is -1.

    For tests: the limit applies to all threads.
    """
    global n_allowed
    n_allowed = n


cdef inline bint is_allowed() noexcept nogil:
    """Count an allocation, and return whether it may succeed."""
    global n_allowed
    if n_allowed > 0:
        n_allowed -= 1
        return True
    return n_allowed < 0


cdef class Scratch:
    """Owns blocks of memory, and frees them when the kernel returns or raises."""

    def __dealloc__(self):
        cdef int i
        for i in range(self.n_blocks):
            free(self.blocks[i])

    cdef void* add_block(self, void* block) except NULL nogil:
        """Own a block; raise MemoryError if it could not be allocated."""
        if block == NULL or self.n_blocks == MOST_BLOCKS:
            free(block)
            with gil:
                raise MemoryError("a kernel has no room for its scratch memory")
        self.blocks[self.n_blocks] = block
        self.n_blocks += 1
        return block

    cdef void* take(self, size_t n, size_t item_size) except NULL nogil:
        """Return a block of n items that are not initialised."""
        cdef size_t n_bytes = n * item_size if n > 0 else 1
        return self.add_block(malloc(n_bytes) if is_allowed() else NULL)

    cdef void* take_zeros(self, size_t n, size_t item_size) except NULL nogil:
        """Return a block of n items that are 0."""
        n = n if n > 0 else 1
        return self.add_block(calloc(n, item_size) if is_allowed() else NULL)

    cdef double* doubles(self, size_t n) except NULL nogil:
        """Return an array of n doubles that are not initialised."""
        return <double*> self.take(n, sizeof(double))

    cdef int32_t* ints(self, size_t n) except NULL nogil:
        """Return an array of n 32-bit integers that are not initialised."""
        return <int32_t*> self.take(n, sizeof(int32_t))

    cdef int32_t* zero_ints(self, size_t n) except NULL nogil:
        """Return an array of n 32-bit integers that are 0."""
        return <int32_t*> self.take_zeros(n, sizeof(int32_t))

    cdef void give_back(self, void* block) noexcept nogil:
        """Free a block before the kernel ends; NULL is ignored."""
        cdef int i
        for i in range(self.n_blocks):
            if self.blocks[i] == block:
                free(block)
                self.n_blocks -= 1
                self.blocks[i] = self.blocks[self.n_blocks]
                return
