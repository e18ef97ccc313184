"""Messages, units, tests, and the only users of joblib and private scikit-learn."""
