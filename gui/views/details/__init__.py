"""The details of one run: a tab a subject."""
