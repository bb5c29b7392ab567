"""The output of a run as text."""
