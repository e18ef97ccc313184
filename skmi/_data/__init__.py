"""Read X and y, and turn them into the columns that estimators use."""
