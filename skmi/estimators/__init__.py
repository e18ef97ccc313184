"""Estimators of mutual information, and the names they go by.

To add one: a file with a subclass of `Estimator`, and a line in `ESTIMATORS`.
"""

from sklearn.base import clone

from skmi._sklearn import validate_parameters
from skmi.estimators._base import Estimator
from skmi.estimators._copula import GaussianCopula
from skmi.estimators._corrections import CORRECTIONS
from skmi.estimators._kde import KDE
from skmi.estimators._ksg import KSG
from skmi.estimators._plugin import PlugIn

__all__ = [
    "CORRECTIONS",
    "ESTIMATORS",
    "KDE",
    "KSG",
    "Estimator",
    "GaussianCopula",
    "PlugIn",
    "get_estimator",
]

ESTIMATORS: dict[str, type[Estimator]] = {
    "copula": GaussianCopula,
    "kde": KDE,
    "ksg": KSG,
    "plugin": PlugIn,
}


def get_estimator(estimator: str | Estimator) -> Estimator:
    """Make an estimator of a name, or a checked clone of one given."""
    if isinstance(estimator, Estimator):
        checked: Estimator = clone(estimator)
    elif isinstance(estimator, str) and estimator in ESTIMATORS:
        checked = ESTIMATORS[estimator]()
    else:
        called = " (an object: call the class)" if isinstance(estimator, type) else ""
        raise ValueError(
            f"estimator={estimator!r} is not known; give one of {sorted(ESTIMATORS)} "
            f"or an object of `skmi.estimators`{called}."
        )
    validate_parameters(checked)
    return checked
