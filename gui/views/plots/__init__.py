"""The pages with curves, dots and lines."""
