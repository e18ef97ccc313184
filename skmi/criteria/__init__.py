"""Criteria of greedy selection, and the names they go by.

To add one: a subclass of `Criterion`, and its class in `CRITERIA`.
"""

from sklearn.base import clone

from skmi._sklearn import validate_parameters
from skmi.criteria._base import Criterion
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
    """Make a criterion of a name, or a checked clone of one given."""
    if isinstance(criterion, Criterion):
        checked: Criterion = clone(criterion)
    elif isinstance(criterion, str) and criterion in CRITERIA:
        checked = CRITERIA[criterion]()
    else:
        called = " (an object: call the class)" if isinstance(criterion, type) else ""
        raise ValueError(
            f"criterion={criterion!r} is not known; give one of {sorted(CRITERIA)} "
            f"or an object of `skmi.criteria`{called}."
        )
    validate_parameters(checked)
    return checked
