"""Cython kernels: typed memoryviews, no Python objects inside loops."""
