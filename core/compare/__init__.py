"""Comparing runs: which columns, their values side by side, groups, and texts of all that."""
