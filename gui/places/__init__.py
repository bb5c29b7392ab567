"""The places on the left: which there are, and what each shows."""
