"""What every room may use: messages, units, joblib, and scikit-learn's private parts."""
