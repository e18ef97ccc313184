"""Private and changing parts of scikit-learn, which only this module uses."""

from collections.abc import Callable
from typing import Any, Self, TypeVar

from sklearn.base import BaseEstimator, _fit_context
from sklearn.feature_selection import SelectorMixin
from sklearn.metrics._scorer import _BaseScorer as BaseScorer
from sklearn.utils import _param_validation
from sklearn.utils._param_validation import Interval, Options, RealNotInt, StrOptions

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

Function = TypeVar("Function", bound=Callable[..., Any])


def fit_context(
    *, prefer_skip_nested_validation: bool
) -> Callable[[Function], Function]:
    """Decorate `fit` so that it first checks the parameters of its object."""
    decorator: Callable[[Function], Function] = _fit_context(
        prefer_skip_nested_validation=prefer_skip_nested_validation
    )
    return decorator


def validate_params(
    constraints: dict[str, list[Any]], *, prefer_skip_nested_validation: bool
) -> Callable[[Function], Function]:
    """Decorate a function so that it first checks its arguments."""
    decorator: Callable[[Function], Function] = _param_validation.validate_params(
        constraints, prefer_skip_nested_validation=prefer_skip_nested_validation
    )
    return decorator


class Configurable(BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """An object with parameters, which may be objects with parameters of their own."""

    def set_params(self, **params: Any) -> Self:
        """Set the parameters of this object, and of the objects among its parameters.

        Parameters
        ----------
        **params : dict
            Parameters. `name__parameter` sets `parameter` of the object that the
            parameter `name` contains.

        Returns
        -------
        self : object
            The object.

        Raises
        ------
        ValueError
            If a parameter does not exist, or belongs to an object that is given only by
            its name.
        """
        current = self.get_params(deep=False)
        for key in params:
            name, _, inner = key.partition("__")
            value = params.get(name, current.get(name))
            if inner and isinstance(value, str):
                raise ValueError(
                    f"{key} cannot be set, because {name} is the name {value!r}; give "
                    "an object instead of the name."
                )
        super().set_params(**params)
        return self


def validate_parameters(configurable: Configurable) -> None:
    """Check parameters against `_parameter_constraints`."""
    configurable._validate_params()
