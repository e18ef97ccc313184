"""The terms that an estimator provides, and the criteria that work with it."""

from skmi._search.terms import CandidateTerms, needs_of
from skmi.criteria import CRITERIA
from skmi.estimators import ESTIMATORS, serves

TERMS = [name for name in vars(CandidateTerms) if not name.startswith("_")]


def terms_of(estimator):
    """Return the names of all terms that can be computed with an estimator."""
    return {term for term in TERMS if serves(estimator, needs_of(term))}


SERVED = [
    (name, estimator)
    for name, criterion in CRITERIA.items()
    for estimator, cls in ESTIMATORS.items()
    if set(criterion.needs) <= terms_of(cls)
]
