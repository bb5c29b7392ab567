"""The command line: the actions of the window without a window."""
