"""Runs in and out: exports, imports, and archives that are places."""
