"""Runs outside of a home: export directories and archives, read without extracting them."""
