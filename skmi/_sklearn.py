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
    "Configurable",
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


class Configurable(BaseEstimator):
    """An object some of whose parameters are names, or objects with parameters."""

    def set_params(self, **params):
        """Set the parameters of this object, and of those it holds.

        Parameters
        ----------
        **params : dict
            Parameters; those of an object that it holds as `object__parameter`.

        Returns
        -------
        self : object
            The object.

        Raises
        ------
        ValueError
            If there is no such parameter, or it belongs to what is given by name only.
        """
        held = self.get_params(deep=False)
        for key in params:
            name, _, inner = key.partition("__")
            value = params.get(name, held.get(name))
            if inner and isinstance(value, str):
                raise ValueError(
                    f"{key} cannot be set, as {name} is the name {value!r}; give an "
                    f"object instead, which has parameters."
                )
        return super().set_params(**params)
