"""The windows: PySide6 over core and remote."""
