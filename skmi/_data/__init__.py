"""X and y: how they are read, and the columns that estimators see."""
