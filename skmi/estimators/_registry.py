"""The estimators by name, and what each provides."""

from collections.abc import Callable, Iterable

from sklearn.base import clone

from skmi._utils.sklearn import validate_parameters
from skmi.estimators._base import CAPABILITIES, Estimator
from skmi.estimators._copula import GaussianCopula
from skmi.estimators._kde import KDE
from skmi.estimators._ksg import KSG
from skmi.estimators._plugin import PlugIn

__all__ = ["ESTIMATORS", "get_estimator", "require", "serves"]

ESTIMATORS: dict[str, type[Estimator]] = {
    "copula": GaussianCopula,
    "kde": KDE,
    "ksg": KSG,
    "plugin": PlugIn,
}


def get_estimator(
    estimator: str | Estimator, choose: Callable[[], Estimator] | None = None
) -> Estimator:
    """Return the estimator with this name, or a checked clone of the given one.

    If "auto" is allowed, `choose` chooses an estimator for the table.
    """
    if choose is not None and isinstance(estimator, str) and estimator == "auto":
        return choose()
    if isinstance(estimator, Estimator):
        checked: Estimator = clone(estimator)
    elif isinstance(estimator, str) and estimator in ESTIMATORS:
        checked = ESTIMATORS[estimator]()
    else:
        names = sorted([*ESTIMATORS, *(["auto"] if choose else [])])
        called = " (call the class to make one)" if isinstance(estimator, type) else ""
        raise ValueError(
            f"estimator={estimator!r} is not known; give one of {names} "
            f"or an object of `skmi.estimators`{called}."
        )
    validate_parameters(checked)
    unknown = sorted(checked.provides - CAPABILITIES.keys())
    if unknown:
        raise ValueError(
            f"{type(checked).__name__}.provides contains {unknown}; give capabilities "
            f"out of {[*CAPABILITIES]}."
        )
    return checked


def serves(estimator: Estimator | type[Estimator], needed: Iterable[str]) -> bool:
    """Return whether an estimator, or an estimator class, provides what is needed."""
    return estimator.provides.issuperset(needed)


def require(
    estimator: Estimator,
    needed: Iterable[str],
    what: str,
    instead: str = "",
) -> None:
    """Raise ValueError if an estimator does not provide everything that is needed.

    Parameters
    ----------
    estimator : Estimator
    needed : iterable of str
        Names in `CAPABILITIES`.
    what : str
        What needs these capabilities, such as "criterion DISR".
    instead : str
        What the user can do instead, such as "choose criterion JMI".
    """
    needed = frozenset(needed)
    lacking = [
        phrase
        for capability, phrase in CAPABILITIES.items()
        if capability in needed - estimator.provides
    ]
    if not lacking:
        return
    others = [e.__name__ for e in ESTIMATORS.values() if serves(e, needed)]
    ways = [f"use {' or '.join(others)}"] if others else []
    ways += [instead] if instead else []
    advice = f"; {', or '.join(ways)}" if ways else ""
    raise ValueError(
        f"{what} needs {' and '.join(lacking)}, which {type(estimator).__name__} does "
        f"not provide{advice}."
    )
