"""How much of a target's information a model extracts.

The scorers go to ``scoring=`` of `GridSearchCV`, `cross_validate` and their kin. Those
of `explained_information` read the columns of ``predict_proba`` by ``classes_``, so
that a fold may lack a class; a class that was not there in training has probability 0.
H(y) is that of the labels scored: in a fold of one class nothing is left to explain.
The scorer of `prediction_information` takes the target of a classifier for discrete,
and that of a regressor for continuous.
"""

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import is_classifier, is_regressor
from sklearn.metrics import log_loss
from sklearn.preprocessing import LabelEncoder
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_array, column_or_1d

from skmi import measures
from skmi._data.columns import check_lengths
from skmi._data.encoding import encode_vector, is_class_target
from skmi._utils.units import UNITS_PER_NAT
from skmi._utils.sklearn import BaseScorer, StrOptions, validate_params
from skmi.estimators import Estimator
from skmi.samples import mutual_info

__all__ = [
    "explained_information",
    "explained_information_scorer",
    "normalized_explained_information_scorer",
    "prediction_information",
    "prediction_information_scorer",
]


@validate_params(
    {"units": [StrOptions(set(UNITS_PER_NAT))], "normalize": ["boolean"]},
    prefer_skip_nested_validation=True,
)
def explained_information(
    y_true,
    y_proba,
    *,
    labels=None,
    sample_weight=None,
    units: str = "bits",
    normalize: bool = False,
) -> float:
    r"""Information about the target that predicted probabilities hold.

    :math:`H(y) + \frac 1 n \sum_i \log q_i(y_i)`, the entropy of the observed labels
    less the cross-entropy of the predictions: by how much a sample's label costs less
    to write down with the model than with the frequencies of the labels alone. H(y)
    where every label is predicted with certainty, 0 for a model that predicts these
    frequencies, and negative for one that does worse.

    To take for classifiers whose probabilities are used, and to see in bits how far
    from all there is to know they are. Its differences between models are those of the
    log loss; a few confident errors outweigh much else, as there.

    Parameters
    ----------
    y_true : array-like of shape (n_samples,)
        Labels.
    y_proba : array-like of shape (n_samples,) or (n_samples, n_classes)
        Predicted probabilities. One dimension: of the second of two labels, which is
        the greater one unless `labels` says otherwise.
    labels : array-like of shape (n_classes,) or None, default=None
        The labels in the order of the columns. None: those in y_true, ascending.
    sample_weight : array-like of shape (n_samples,) or None, default=None
        Weights, of the entropy too.
    units : {"nats", "bits", "hartleys"}, default="bits"
        Unit of the result.
    normalize : bool, default=False
        Whether to divide by H(y): then 1 is all there is to know, whatever the unit.
        0 if H(y) is 0.

    Returns
    -------
    float
        At most H(y), or 1 if normalised. As in `sklearn.metrics.log_loss`,
        probabilities are clipped at the precision of their dtype, so that a label that
        was held for impossible costs 52 bits (of float32, 23) rather than infinitely
        many.

    Raises
    ------
    ValueError
        If the lengths differ, a value is missing, the probabilities of a sample do not
        sum to one or are outside [0, 1], the number of columns is not that of the
        labels, y_true holds a label not in `labels`, or weights are negative or all 0.

    See Also
    --------
    explained_information_scorer : For ``scoring=`` in `GridSearchCV` and its kin.
    prediction_information : Of predictions that are no probabilities.
    sklearn.metrics.d2_log_loss_score : The normalised form, for sorted labels.
    skmi.measures.kl_divergence : What a model with one prediction for all loses.

    References
    ----------
    .. [1] T. M. Cover and J. A. Thomas, Elements of Information Theory, 2nd edition,
       Wiley 2006, theorem 5.4.3 (the cost of a wrong code) and section 6.2 (gambling
       with side information).
    .. [2] D. McFadden, Conditional logit analysis of qualitative choice behavior, in:
       Frontiers in Econometrics, Academic Press 1974 (normalised, the pseudo-R²).

    Examples
    --------
    >>> from skmi.metrics import explained_information
    >>> y = ["no", "no", "yes", "yes"]
    >>> round(explained_information(y, [0, 0, 1, 1]), 6)
    1.0
    >>> explained_information(y, [0.5, 0.5, 0.5, 0.5])
    0.0
    >>> round(explained_information(y, [0.1, 0.1, 0.9, 0.1]), 2)
    0.06
    """
    y_true, y_proba = _read_labels(y_true, "y_true"), _read_probabilities(y_proba)
    weight = _read_weights(sample_weight, len(y_true))
    if len(y_true) != len(y_proba) or len(y_true) != len(weight):
        raise ValueError(
            "y_true, y_proba and sample_weight must have one length, got "
            f"{len(y_true)}, {len(y_proba)} and {len(weight)}."
        )
    labels = np.unique(y_true) if labels is None else _read_labels(labels, "labels")
    codes = _code(y_true, labels)
    if y_proba.ndim == 1:
        y_proba = np.column_stack([1 - y_proba, y_proba])
    if y_proba.shape[1] != len(labels):
        raise ValueError(
            f"y_proba tells the probabilities of {y_proba.shape[1]} classes, but the "
            f"labels are {labels.tolist()}; give `labels` in the order of the columns."
        )
    # log_loss wants two classes or more: beside them, one that never occurs
    spent = log_loss(
        codes,
        np.pad(y_proba, [(0, 0), (0, 1)]),
        labels=np.arange(len(labels) + 1),
        sample_weight=weight,
    )
    available = measures.entropy(np.bincount(codes, weight), counts=True)
    if not normalize:
        return float((available - spent) * UNITS_PER_NAT[units])
    return float(1 - spent / available) if available > 0 else 0.0


def _read_labels(y, name: str) -> NDArray:
    y = np.asarray(y)
    if y.ndim == 2 and y.shape[1] == 1:
        y = y.ravel()
    if y.ndim != 1 or not len(y):
        raise ValueError(f"{name} must be a list of labels, got shape {y.shape}.")
    if pd.isna(y).any():
        raise ValueError(f"{name} contains NaN; drop these samples first.")
    check_classification_targets(y)
    return y


def _read_probabilities(y_proba) -> NDArray:
    y_proba = check_array(
        y_proba,
        ensure_2d=False,
        dtype=[np.float64, np.float32, np.float16],
        input_name="y_proba",
    )
    low, high = y_proba.min(), y_proba.max()
    if low < 0 or high > 1:
        raise ValueError(
            f"y_proba holds {low if low < 0 else high:.10g}, and probabilities are "
            "from 0 to 1; give what predict_proba returns."
        )
    if y_proba.ndim == 1:
        return y_proba
    total = y_proba.sum(axis=1, dtype=np.float64)
    error = np.abs(total - 1)
    row = error.argmax()
    if error[row] > np.sqrt(np.finfo(y_proba.dtype).eps):
        raise ValueError(
            f"the probabilities of sample {row} in y_proba sum to {total[row]:.10g}, "
            "not to 1; divide each row by its sum, or give a column for every class."
        )
    return y_proba


def _read_weights(weights, n_samples: int) -> NDArray[np.float64]:
    if weights is None:
        return np.ones(n_samples)
    weights = check_array(
        weights, ensure_2d=False, dtype=np.float64, input_name="sample_weight"
    )
    weights = column_or_1d(weights)
    if weights.min() < 0 or weights.sum() == 0:
        raise ValueError(
            "sample_weight holds negative weights or nothing but 0; give what each "
            "sample counts for."
        )
    return weights


def _code(y_true: NDArray, labels: NDArray) -> NDArray[np.intp]:
    """The position in `labels` of each label in y_true."""
    encoder = LabelEncoder().fit(labels)
    if len(encoder.classes_) != len(labels):
        raise ValueError(f"labels holds a label twice: {labels.tolist()}.")
    unknown = np.setdiff1d(y_true, labels)
    if len(unknown):
        raise ValueError(
            f"y_true holds {unknown.tolist()}, which labels, {labels.tolist()}, does "
            "not; give every class and its column."
        )
    return np.argsort(encoder.transform(labels))[encoder.transform(y_true)]


def prediction_information(
    y_true,
    y_pred,
    *,
    estimator: str | Estimator = "auto",
    discrete_target: str | bool = "auto",
    units: str = "bits",
    normalize: str | None = None,
) -> float:
    r"""Estimate the mutual information of a target and its prediction.

    :math:`I(y; \hat y)` is what is learned of the target by hearing the prediction, of
    classes or of numbers. It asks whether the two go together, not whether they are
    equal: two classes told apart and called by each other's names have all of it, and a
    regression that is off by a factor, or a rank, as much as one that is right.

    To take for models that rank, or whose scale is calibrated later, and to compare a
    classifier with a regression in bits. A good value does not say that the predictions
    are right. Not clipped: near 0 it may be below; that of classes is biased upwards by
    about (n_classes - 1)^2 / 2 n_samples nats.

    Parameters
    ----------
    y_true : array-like of shape (n_samples,)
        Target: labels or numbers.
    y_pred : array-like of shape (n_samples,)
        Prediction of it, or any score. Continuous if it is numeric and the target is
        continuous, or it holds other than whole numbers.
    estimator : "auto", str or Estimator, default="auto"
        How to estimate: a name, or an object of `skmi.estimators`, which sets its
        parameters. "auto": "plugin" if both are discrete, else "ksg".
    discrete_target : "auto" or bool, default="auto"
        Whether the target is discrete. "auto": if it is bool, category, string or
        object, or of whole numbers with at most max(20, n_samples / 10) distinct ones.
    units : {"nats", "bits", "hartleys"}, default="bits"
        Unit of the result. What is normalised has none, and `units` is not used.
    normalize : {None, "correlation", "symmetric", "min", "sqrt"}, default=None
        What to make of it, as in `mutual_info`: "correlation" for numbers, and for
        classes also the others, which divide by entropies.

    Returns
    -------
    float
        The estimate. 0 if one of the two is constant.

    Raises
    ------
    ValueError
        If the lengths differ, a value is missing or infinite, or a parameter is not
        known or asks for the entropy of numbers.

    See Also
    --------
    prediction_information_scorer : For ``scoring=`` in `GridSearchCV` and its kin.
    explained_information : What predicted probabilities tell, errors included.
    mutual_info : The same of any two variables.

    References
    ----------
    .. [1] B.-G. Hu, R. He and X.-T. Yuan, Information-theoretic measures for objective
       evaluation of classifications, Acta Automatica Sinica 38, 1169 (2012).

    Examples
    --------
    >>> from skmi.metrics import prediction_information
    >>> prediction_information(["a", "a", "b", "b"], ["b", "b", "a", "a"])
    1.0
    >>> import numpy as np
    >>> x = np.random.default_rng(0).standard_normal((1000, 2))
    >>> round(prediction_information(x[:, 0] + x[:, 1], x[:, 0]), 1)  # -log2(0.5) / 2
    0.5
    """
    of_true = encode_vector(
        y_true,
        discrete_target,
        "y_true",
        "discrete_target",
        is_discrete=is_class_target,
    )
    is_discrete = bool(of_true.discrete[0])
    of_pred = encode_vector(
        y_pred,
        "auto",
        "y_pred",
        "y_pred",
        is_discrete=lambda values: (
            is_discrete and np.array_equal(values, np.floor(values))
        ),
    )
    check_lengths(of_true, of_pred)
    both_discrete = is_discrete and bool(of_pred.discrete[0])
    if isinstance(estimator, str) and estimator == "auto":
        estimator = "plugin" if both_discrete else "ksg"
    return mutual_info(
        y_true,
        y_pred,
        estimator=estimator,
        discrete_x=is_discrete,
        discrete_y=bool(of_pred.discrete[0]),
        units=units,
        normalize=normalize,
    )


class _InformationScorer(BaseScorer):
    """A scorer that asks the model for more than its predictions."""

    def __repr__(self):
        chosen = ", ".join(f"{name}={value!r}" for name, value in self._kwargs.items())
        return f"<scorer of {self._score_func.__name__}({chosen})>"


class _OfProbabilities(_InformationScorer):
    def _score(self, method_caller, estimator, X, y_true, **kwargs):
        # not from the cache of method_caller, which has one column of two
        y_proba, labels = estimator.predict_proba(X), estimator.classes_
        unseen = np.setdiff1d(y_true, labels)  # in training: they have probability 0
        return self._score_func(
            y_true,
            np.pad(y_proba, [(0, 0), (0, len(unseen))]),
            labels=np.concatenate([labels, unseen]),
            **{**self._kwargs, **kwargs},
        )


class _OfPredictions(_InformationScorer):
    def _score(self, method_caller, estimator, X, y_true, **kwargs):
        kind = "auto"
        if is_classifier(estimator) or is_regressor(estimator):
            kind = is_classifier(estimator)
        return self._score_func(
            y_true,
            method_caller(estimator, "predict", X),
            discrete_target=kind,
            **{**self._kwargs, **kwargs},
        )


explained_information_scorer = _OfProbabilities(
    explained_information, 1, {}, "predict_proba"
)
normalized_explained_information_scorer = _OfProbabilities(
    explained_information, 1, {"normalize": True}, "predict_proba"
)
prediction_information_scorer = _OfPredictions(prediction_information, 1, {})
