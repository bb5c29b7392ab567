"""The places on the left."""
