"""Cython kernels: loops over typed memoryviews, without Python objects inside.

Each .pyx file is an extension module of its own. What several of them use stands in
.pxd files as inline functions, since the compiler cannot inline across modules
otherwise.
"""
