"""Messages, units, and the only modules that use joblib and private scikit-learn."""
