"""Cython kernels: loops over typed memoryviews, without Python objects inside.

Each .pyx file is an extension module of its own, and the compiler cannot inline across
modules. So what several of them use, and each step of a long one, is an inline function
in a .pxd file.
"""
