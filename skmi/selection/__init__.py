"""Selectors: `MISelector`, a greedy search by a criterion, and the filter `FCBF`."""

from skmi.selection._fcbf import FCBF
from skmi.selection._mi_selector import MISelector

__all__ = ["FCBF", "MISelector"]
