"""Reading run directories: what is on disk, one module a kind of file."""
