"""The greedy search: terms of candidates, their scores, the path and where it stops."""
