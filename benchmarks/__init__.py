"""Every figure the project promises, measured beside the peer: `make bench`."""
