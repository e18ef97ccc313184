"""The only user of what scikit-learn keeps private or changes between versions."""

from sklearn.base import BaseEstimator
from sklearn.base import _fit_context as fit_context
from sklearn.feature_selection import SelectorMixin
from sklearn.metrics._scorer import _BaseScorer as BaseScorer
from sklearn.utils._param_validation import (
    Interval,
    Options,
    RealNotInt,
    StrOptions,
    validate_params,
)

__all__ = [
    "BaseScorer",
    "Interval",
    "Options",
    "RealNotInt",
    "SelectorMixin",
    "StrOptions",
    "fit_context",
    "validate_parameters",
    "validate_params",
]


def validate_parameters(holder: BaseEstimator) -> None:
    """Check parameters against `_parameter_constraints`."""
    holder._validate_params()
