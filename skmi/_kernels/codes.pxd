"""The integers that stand for the levels of discrete columns.

A block stores its codes in the smallest of these types that fits all of them.
"""
from libc.stdint cimport int32_t, uint8_t, uint16_t

ctypedef fused code_t:
    uint8_t
    uint16_t
    int32_t
