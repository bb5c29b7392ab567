"""Remotes at the window: what is copied where, the questions that jobs ask, the state of hosts."""
