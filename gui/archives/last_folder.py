"""The folder in which people are asked for files: where they last chose some, else their own.

Why not the working directory: it is that of whoever started the program, a terminal deep in a
project or the desktop's own, and nobody thinks of it.
"""

from __future__ import annotations

from pathlib import Path

from msgspec import Struct


class LastFolder(Struct):
    """Remembers a folder.

    Attributes:
        path: Where something was chosen last; empty at first.
    """

    path: str = ""

    def note(self, chosen: Path) -> None:
        """Something was chosen (an absolute path)."""
        self.path = str(chosen.parent)

    def begin(self) -> str:
        """Where a dialog begins: the folder, as far as it is there; else the user's own."""
        folder = Path(self.path) if self.path else Path.home()
        while not folder.is_dir() and folder != folder.parent:
            folder = folder.parent
        return str(folder if folder != folder.parent else Path.home())
