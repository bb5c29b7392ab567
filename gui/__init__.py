"""The windows: PySide6 and pyqtgraph over core and remote."""
