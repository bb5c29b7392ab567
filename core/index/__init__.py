"""The disposable cache of a home, its columns in memory, and the filter language."""
