"""The line in which a filter is typed."""
