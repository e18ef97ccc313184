"""Estimators of mutual information.

To add an estimator, write a subclass of `Estimator` and add its class to `ESTIMATORS`.
"""

from skmi.estimators._base import CAPABILITIES, Block, Estimator, JoinError, Target
from skmi.estimators._copula import GaussianCopula
from skmi.estimators._corrections import CORRECTIONS
from skmi.estimators._kde import KDE
from skmi.estimators._ksg import KSG
from skmi.estimators._plugin import PlugIn
from skmi.estimators._registry import ESTIMATORS, get_estimator, require, serves

__all__ = [
    "CAPABILITIES",
    "CORRECTIONS",
    "ESTIMATORS",
    "KDE",
    "KSG",
    "Block",
    "Estimator",
    "GaussianCopula",
    "JoinError",
    "PlugIn",
    "Target",
    "get_estimator",
    "require",
    "serves",
]
