"""Rank and select features by mutual information, the scikit-learn way."""

from skmi import criteria, estimators, measures, metrics
from skmi.comparison import compare_correlation
from skmi.feature_scores import (
    MIScorer,
    mutual_info_classif,
    mutual_info_regression,
)
from skmi.independence import independence_test
from skmi.samples import (
    conditional_mutual_info,
    entropy,
    mutual_info,
    mutual_info_matrix,
)
from skmi.selection import FCBF, MISelector

__all__ = [
    "FCBF",
    "MIScorer",
    "MISelector",
    "__version__",
    "compare_correlation",
    "conditional_mutual_info",
    "criteria",
    "entropy",
    "estimators",
    "independence_test",
    "measures",
    "metrics",
    "mutual_info",
    "mutual_info_classif",
    "mutual_info_matrix",
    "mutual_info_regression",
]

__version__ = "0.1.0"
