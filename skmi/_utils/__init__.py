"""Messages, units, tests, and the only users of joblib and of private scikit-learn."""
