"""Metrics of a model's predictions, in bits.

`explained_information` measures predicted probabilities, and `prediction_information`
predicted classes or numbers. Pass their scorers as ``scoring=`` to `GridSearchCV`,
`cross_validate` and similar tools.

The scorers of `explained_information` assign the columns of ``predict_proba`` to labels
by ``classes_``, so a fold may lack a class. A class that is missing from the training
data has probability 0. H(y) is the entropy of the labels that are scored, which is 0 in
a fold of one class. The scorer of `prediction_information` treats the target of a
classifier as discrete and that of a regressor as continuous.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from sklearn.base import is_classifier, is_regressor
from sklearn.metrics import log_loss
from sklearn.preprocessing import LabelEncoder
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_array, column_or_1d

from skmi import measures
from skmi._data.columns import check_lengths
from skmi._data.encoding import encode_vector, is_class_target
from skmi._utils.sklearn import BaseScorer, StrOptions, validate_params
from skmi._utils.units import UNITS_PER_NAT
from skmi.estimators import Estimator, PlugIn
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
    y_true: ArrayLike,
    y_proba: ArrayLike,
    *,
    labels: ArrayLike | None = None,
    sample_weight: ArrayLike | None = None,
    units: str = "bits",
    normalize: bool = False,
) -> float:
    r"""Measure the information about a target in predicted probabilities.

    :math:`H(y) + \frac 1 n \sum_i \log q_i(y_i)` is the entropy of the observed labels
    minus the cross-entropy of the predictions. It is the number of bits per sample that
    the model saves in a code for the labels, compared with a code for their frequencies
    alone. The value is H(y) if the model predicts every label with certainty, 0 if it
    always predicts the frequencies of the labels, and negative if it predicts worse.

    Use it for classifiers whose probabilities matter. Its difference from H(y) is the
    information that the model misses. Two models differ by as much as their log losses
    do. As with the log loss, a few confident errors can outweigh many good predictions.

    Parameters
    ----------
    y_true : array-like of shape (n_samples,)
        Labels.
    y_proba : array-like of shape (n_samples,) or (n_samples, n_classes)
        Predicted probabilities. If there are two labels, an array of one dimension may
        contain the probabilities of the second label. This is the greater label, unless
        `labels` gives another order.
    labels : array-like of shape (n_classes,) or None, default=None
        Labels in the order of the columns of y_proba. None uses the labels in y_true,
        in ascending order.
    sample_weight : array-like of shape (n_samples,) or None, default=None
        Sample weights. They also apply to the entropy.
    units : {"nats", "bits", "hartleys"}, default="bits"
        Unit of the result.
    normalize : bool, default=False
        Whether to divide by H(y). The maximum is then 1 in any unit. The result is 0 if
        H(y) is 0.

    Returns
    -------
    float
        At most H(y), or at most 1 if normalised. As in `sklearn.metrics.log_loss`,
        probabilities are clipped at the precision of their dtype. A label with a
        predicted probability of 0 therefore costs 52 bits (23 bits in float32), instead
        of infinitely many.

    Raises
    ------
    ValueError
        If the lengths differ, a value is missing, the probabilities of a sample do not
        sum to 1 or are outside [0, 1], the number of columns differs from the number of
        labels, y_true contains a label that is not in `labels`, or weights are negative
        or all 0.

    See Also
    --------
    explained_information_scorer : Scorer for `GridSearchCV` and similar tools.
    prediction_information : Measure predictions that are not probabilities.
    sklearn.metrics.d2_log_loss_score : Compute the normalised form for sorted labels.
    skmi.measures.kl_divergence : Loss of a model that predicts the same probabilities
        for every sample.

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
    target, proba = _read_labels(y_true, "y_true"), _read_probabilities(y_proba)
    weight = _read_weights(sample_weight, len(target))
    if len(target) != len(proba) or len(target) != len(weight):
        raise ValueError(
            "y_true, y_proba and sample_weight must have the same length, got "
            f"{len(target)}, {len(proba)} and {len(weight)}; give one row and one "
            "weight for each label."
        )
    classes = np.unique(target) if labels is None else _read_labels(labels, "labels")
    codes = _encode(target, classes)
    if proba.ndim == 1:
        proba = np.column_stack([1 - proba, proba])
    if proba.shape[1] != len(classes):
        raise ValueError(
            f"y_proba contains probabilities of {proba.shape[1]} classes, but the "
            f"labels are {classes.tolist()}; give `labels` in the order of the columns."
        )
    # log_loss requires at least two classes: add one that never occurs.
    cross_entropy = log_loss(
        codes,
        np.pad(proba, [(0, 0), (0, 1)]),
        labels=np.arange(len(classes) + 1),
        sample_weight=weight,
    )
    entropy = measures.entropy(np.bincount(codes, weight), counts=True)
    if not normalize:
        return float((entropy - cross_entropy) * UNITS_PER_NAT[units])
    return float(1 - cross_entropy / entropy) if entropy > 0 else 0.0


def _read_labels(labels: ArrayLike, name: str) -> NDArray[Any]:
    """Return labels as an array of one dimension, without missing values."""
    labels = np.asarray(labels)
    if labels.ndim == 2 and labels.shape[1] == 1:
        labels = labels.ravel()
    if labels.ndim != 1 or not len(labels):
        raise ValueError(
            f"{name} must be a list of labels, got shape {labels.shape}; give an array "
            "of one dimension with at least one label."
        )
    if pd.isna(labels).any():
        raise ValueError(f"{name} contains NaN; drop these samples first.")
    check_classification_targets(labels)
    return labels


def _read_probabilities(y_proba: ArrayLike) -> NDArray[np.floating[Any]]:
    """Return probabilities from 0 to 1. Rows of several columns must sum to 1."""
    proba: NDArray[np.floating[Any]] = check_array(
        y_proba,
        ensure_2d=False,
        dtype=[np.float64, np.float32, np.float16],
        input_name="y_proba",
    )
    low, high = proba.min(), proba.max()
    if low < 0 or high > 1:
        raise ValueError(
            f"y_proba contains {low if low < 0 else high:.10g}, but probabilities are "
            "from 0 to 1; give the result of predict_proba."
        )
    if proba.ndim == 1:
        return proba
    total = proba.sum(axis=1, dtype=np.float64)
    error = np.abs(total - 1)
    row = error.argmax()
    if error[row] > np.sqrt(np.finfo(proba.dtype).eps):
        raise ValueError(
            f"the probabilities of sample {row} in y_proba sum to {total[row]:.10g}, "
            "not to 1; divide each row by its sum, or give a column for every class."
        )
    return proba


def _read_weights(
    sample_weight: ArrayLike | None, n_samples: int
) -> NDArray[np.float64]:
    """Return one weight per sample, 1 by default."""
    if sample_weight is None:
        return np.ones(n_samples)
    weights: NDArray[np.float64] = column_or_1d(
        check_array(
            sample_weight, ensure_2d=False, dtype=np.float64, input_name="sample_weight"
        )
    )
    if weights.min() < 0 or weights.sum() == 0:
        raise ValueError(
            "sample_weight contains negative weights or only zeros; give weights of at "
            "least 0, not all of them 0."
        )
    return weights


def _encode(target: NDArray[Any], labels: NDArray[Any]) -> NDArray[np.intp]:
    """Return the position in `labels` of each label in the target."""
    encoder = LabelEncoder().fit(labels)
    if len(encoder.classes_) != len(labels):
        raise ValueError(
            f"labels contains a label twice: {labels.tolist()}; give each label once."
        )
    unknown = np.setdiff1d(target, labels)
    if len(unknown):
        raise ValueError(
            f"y_true contains {unknown.tolist()}, but labels is {labels.tolist()}; "
            "give every class in labels, and its column in y_proba."
        )
    position: NDArray[np.intp] = np.argsort(encoder.transform(labels))
    codes: NDArray[np.intp] = position[encoder.transform(target)]
    return codes


def prediction_information(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    *,
    estimator: str | Estimator = "auto",
    discrete_target: str | bool = "auto",
    units: str = "bits",
    normalize: str | None = None,
) -> float:
    r"""Estimate the mutual information of a target and its prediction.

    :math:`I(y; \hat y)` is the information about the target in its predictions, which
    are classes or numbers. It measures dependence, not agreement. If a classifier
    separates two classes but swaps their names, it scores as high as a correct
    classifier. A regressor scores as high if its predictions are multiplied by a factor
    or replaced by their ranks.

    Use it for models that rank, for models whose predictions are calibrated later, and
    to compare a classifier with a regressor in bits. A high value does not show that
    the predictions are correct. The result is not clipped, so it can be slightly
    negative. The estimate for classes has a positive bias of about
    (n_classes - 1)^2 / (2 n_samples) nats.

    Parameters
    ----------
    y_true : array-like of shape (n_samples,)
        Target: labels or numbers.
    y_pred : array-like of shape (n_samples,)
        Predictions of the target, or any score. Numbers are continuous if the target is
        continuous or if some of them are not whole numbers.
    estimator : "auto", str or Estimator, default="auto"
        Estimator, by name or as an object of `skmi.estimators` with parameters. "auto"
        uses ``PlugIn(correction=None)`` if both variables are discrete, else "ksg".
        Predictions usually depend strongly on the target, and then the default
        correction of `PlugIn` would subtract too much.
    discrete_target : "auto" or bool, default="auto"
        Whether the target is discrete. With "auto", it is discrete if its dtype is
        bool, category, string or object, or if it contains whole numbers with at most
        max(20, n_samples / 10) distinct values.
    units : {"nats", "bits", "hartleys"}, default="bits"
        Unit of the result. Ignored if the result is normalised.
    normalize : {None, "correlation", "symmetric", "min", "sqrt"}, default=None
        Normalisation, as in `mutual_info`. "correlation" is available for any
        variables. The others divide by entropies and require two discrete variables.

    Returns
    -------
    float
        The estimate. It is 0 if the target or the prediction is constant.

    Raises
    ------
    ValueError
        If the lengths differ, a value is missing or infinite, a parameter is not known,
        or `normalize` requires the entropy of a continuous variable.

    See Also
    --------
    prediction_information_scorer : Scorer for `GridSearchCV` and similar tools.
    explained_information : Measure predicted probabilities, including their errors.
    mutual_info : Estimate the mutual information of any two variables.

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
    target = encode_vector(
        y_true,
        discrete_target,
        "y_true",
        "discrete_target",
        is_discrete=is_class_target,
    )
    is_discrete = bool(target.discrete[0])
    prediction = encode_vector(
        y_pred,
        "auto",
        "y_pred",
        "y_pred",
        is_discrete=lambda values: (
            is_discrete and np.array_equal(values, np.floor(values))
        ),
    )
    check_lengths(target, prediction)
    both_discrete = is_discrete and bool(prediction.discrete[0])
    if isinstance(estimator, str) and estimator == "auto":
        estimator = PlugIn(correction=None) if both_discrete else "ksg"
    return mutual_info(
        y_true,
        y_pred,
        estimator=estimator,
        discrete_x=is_discrete,
        discrete_y=bool(prediction.discrete[0]),
        units=units,
        normalize=normalize,
    )


class _InformationScorer(BaseScorer):  # type: ignore[misc]
    """Base class of the scorers, whose repr names the function and its parameters."""

    def __repr__(self) -> str:
        parameters = ", ".join(f"{k}={value!r}" for k, value in self._kwargs.items())
        return f"<scorer of {self._score_func.__name__}({parameters})>"


class _ProbabilityScorer(_InformationScorer):
    """Scorer of `explained_information`, which reads ``predict_proba``."""

    def _score(
        self,
        method_caller: Callable[..., Any],
        estimator: Any,
        X: ArrayLike,
        y_true: ArrayLike,
        **kwargs: Any,
    ) -> float:
        # The cache of method_caller can contain only one column for two classes.
        y_proba, labels = estimator.predict_proba(X), estimator.classes_
        # Labels that are missing from the training data have probability 0.
        unseen = np.setdiff1d(y_true, labels)
        score: float = self._score_func(
            y_true,
            np.pad(y_proba, [(0, 0), (0, len(unseen))]),
            labels=np.concatenate([labels, unseen]),
            **{**self._kwargs, **kwargs},
        )
        return score


class _PredictionScorer(_InformationScorer):
    """Scorer of `prediction_information`, which reads ``predict``."""

    def _score(
        self,
        method_caller: Callable[..., Any],
        estimator: Any,
        X: ArrayLike,
        y_true: ArrayLike,
        **kwargs: Any,
    ) -> float:
        discrete_target: str | bool = "auto"
        if is_classifier(estimator) or is_regressor(estimator):
            discrete_target = is_classifier(estimator)
        score: float = self._score_func(
            y_true,
            method_caller(estimator, "predict", X),
            discrete_target=discrete_target,
            **{**self._kwargs, **kwargs},
        )
        return score


explained_information_scorer = _ProbabilityScorer(
    explained_information, 1, {}, "predict_proba"
)
normalized_explained_information_scorer = _ProbabilityScorer(
    explained_information, 1, {"normalize": True}, "predict_proba"
)
prediction_information_scorer = _PredictionScorer(prediction_information, 1, {})
