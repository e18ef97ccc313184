"""Estimates of whole tables: relevances, matrices, views for a search, p-values."""
