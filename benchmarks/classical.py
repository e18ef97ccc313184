"""Tests of single columns, as textbooks give them, with the Bonferroni correction."""

import numpy as np
import pandas as pd
from scipy.stats import chi2_contingency, f_oneway, pearsonr

ALPHA = 0.05


def is_discrete(x: pd.Series) -> bool:
    """Return whether x is of dtype bool, category, string or object."""
    return x.dtype == bool or not pd.api.types.is_numeric_dtype(x)


def encode_table(X: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Return the table with labels as codes, and the mask of discrete columns."""
    discrete = np.array([is_discrete(X[name]) for name in X])
    columns = [
        pd.factorize(X[name], sort=True)[0] if d else X[name].to_numpy()
        for name, d in zip(X, discrete, strict=True)
    ]
    return np.column_stack(columns).astype(float), discrete


def pvalue(x: np.ndarray, discrete: bool, y: np.ndarray, classes: bool) -> float:
    """Return the p-value of chi-square, of F or of Pearson's correlation."""
    if discrete and classes:
        counts = pd.crosstab(x, y).to_numpy()
        return chi2_contingency(counts, correction=False).pvalue
    if discrete or classes:
        levels, values = (x, y) if discrete else (y, x)
        groups = [values[levels == level] for level in np.unique(levels)]
        return f_oneway(*groups).pvalue
    return pearsonr(x, y).pvalue


def select_by_tests(X: pd.DataFrame, y: np.ndarray) -> list[int]:
    """Return columns whose p-value times their number is at most ALPHA, best first."""
    codes, discrete = encode_table(X)
    classes = np.issubdtype(y.dtype, np.integer)
    pvalues = np.array(
        [pvalue(x, d, y, classes) for x, d in zip(codes.T, discrete, strict=True)]
    )
    order = np.argsort(pvalues, kind="stable")
    return [int(f) for f in order if pvalues[f] * len(pvalues) <= ALPHA]
