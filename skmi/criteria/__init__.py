"""Criteria of greedy selection, and the registry of their names.

To add a criterion, write a subclass of `Criterion` and add its class to `CRITERIA`.
"""

from sklearn.base import clone

from skmi._utils.sklearn import validate_parameters
from skmi.criteria._base import Criterion, Terms
from skmi.criteria._greedy import (
    CIFE,
    CMI,
    CMIM,
    DISR,
    ICAP,
    JMI,
    JMI3,
    JMIM,
    MIFS,
    MIM,
    MIQ,
    MRI,
    MRMR,
    NJMIM,
    NMIFS,
    BetaGamma,
    CondRed,
)

__all__ = [
    "CIFE",
    "CMI",
    "CMIM",
    "CRITERIA",
    "DISR",
    "ICAP",
    "JMI",
    "JMI3",
    "JMIM",
    "MIFS",
    "MIM",
    "MIQ",
    "MRI",
    "MRMR",
    "NJMIM",
    "NMIFS",
    "BetaGamma",
    "CondRed",
    "Criterion",
    "Terms",
    "get_criterion",
]

CRITERIA: dict[str, type[Criterion]] = {
    criterion.__name__.lower(): criterion
    for criterion in (
        MIM, MIFS, NMIFS, MRMR, MIQ, JMI, JMI3, JMIM, NJMIM, DISR, CMIM, CMI, CIFE,
        ICAP, MRI, CondRed, BetaGamma,
    )
}  # fmt: skip


def get_criterion(criterion: str | Criterion) -> Criterion:
    """Return the criterion with this name, or a checked clone of the given one."""
    if isinstance(criterion, Criterion):
        validated: Criterion = clone(criterion)
    elif isinstance(criterion, str) and criterion in CRITERIA:
        validated = CRITERIA[criterion]()
    else:
        hint = " (call the class to make one)" if isinstance(criterion, type) else ""
        raise ValueError(
            f"criterion={criterion!r} is not known; choose one of {sorted(CRITERIA)} "
            f"or pass an object of `skmi.criteria`{hint}."
        )
    validate_parameters(validated)
    return validated
