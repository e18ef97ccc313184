"""Select features of the breast cancer table in a grid search, and evaluate them."""

import sys

import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skmi import MISelector
from skmi.estimators import PlugIn

table = pd.read_csv(sys.argv[1])
X, y = table.drop(columns="target"), table["target"]
X_train, X_test, y_train, y_test = train_test_split(X, y, stratify=y, random_state=0)

search = GridSearchCV(
    make_pipeline(
        StandardScaler().set_output(transform="pandas"),
        MISelector(estimator=PlugIn()),
        LogisticRegression(),
    ),
    {
        "miselector__criterion": ["mim", "mrmr", "jmi", "cmim"],
        "miselector__n_features_to_select": [3, 5, 8],
        "miselector__estimator__n_bins": [5, 10, 20],
    },
    scoring="roc_auc",
)
search.fit(X_train, y_train)
all_features = make_pipeline(StandardScaler(), LogisticRegression()).fit(
    X_train, y_train
)

selector = search.best_estimator_["miselector"]
print("\nchosen by cross-validation")
for parameter, value in search.best_params_.items():
    print(f"  {parameter.removeprefix('miselector__')}: {value}")
print("features, in the order picked")
for pick in selector.path_:
    print(f"  {X.columns[pick]}")
print(f"held-out ROC AUC on {len(y_test)} samples")
for n_features, model in [(len(selector.path_), search), (X.shape[1], all_features)]:
    auc = search.scorer_(model, X_test, y_test)
    print(f"  {n_features:2} features  {auc:.3f}")
