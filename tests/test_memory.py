"""Peak memory of a fit, as allocated by Python and NumPy, without its input.

The scratch memory of the kernels, a few words per sample, is not traced.
"""

import tracemalloc

import numpy as np
import pytest

from skmi import (
    MIScorer,
    MISelector,
    mutual_info_classif,
    mutual_info_matrix,
    mutual_info_regression,
)
from skmi.estimators import ESTIMATORS

N, P = 10_000, 50
CODES = N * P * 4  # bytes: one int32 per value
# the target before and after it is prepared, and tables of the digamma function
VECTORS = 20 * N * 8


def peak(call, *arguments):
    call(*arguments)  # one-time allocations, such as imports, are not counted
    tracemalloc.start()
    try:
        call(*arguments)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


CALLS = {
    f"{kind} {estimator}": call
    for estimator in ESTIMATORS
    for kind, call in {
        "scorer": MIScorer(estimator),
        "discrete scorer": MIScorer(estimator, discrete_features=True),
        "mim": MISelector(5, criterion="mim", estimator=estimator).fit,
        "mrmr": MISelector(5, criterion="mrmr", estimator=estimator).fit,
    }.items()
} | {
    "jmi": MISelector(5, criterion="jmi").fit,
    "jmi copula": MISelector(5, criterion="jmi", estimator="copula").fit,
    "jmi ksg": MISelector(5, criterion="jmi", estimator="ksg").fit,
    "cmim": MISelector(5, criterion="cmim").fit,
    "jmi3": MISelector(5, criterion="jmi3").fit,
    "cmi": MISelector(5, criterion="cmi").fit,
    "discrete disr": MISelector(5, criterion="disr", discrete_features=True).fit,
    "discrete jmi": MISelector(5, criterion="jmi", discrete_features=True).fit,
    "classif": mutual_info_classif,
    "regression": mutual_info_regression,
}


@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("call", CALLS)
def test_fit_allocates_at_most_one_copy_and_codes(rng, call, order):
    X = np.asarray(rng.integers(0, 10, (N, P)) * 1.0, order=order)
    if "discrete" not in call:
        X += rng.random((N, P))
    y = rng.integers(0, 3, N)
    allocated = peak(CALLS[call], X, y)
    assert allocated <= X.nbytes + CODES + VECTORS


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_matrix_allocates_one_copy_and_the_result(rng, estimator):
    n = N // 5
    X = rng.standard_normal((n, P))
    allocated = peak(lambda: mutual_info_matrix(X, estimator=estimator))
    matrices = 3 * P * P * 8  # the result, and tiles of slightly more than half of it
    assert allocated <= X.nbytes + (CODES + VECTORS) * n / N + matrices
