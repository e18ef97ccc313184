"""Mutual information beside correlation, feature by feature."""

from skmi.comparison._compare import compare_correlation

__all__ = ["compare_correlation"]
