"""The log of a command: the file is opened when there is something to write."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from core.log_file import LogFile


class LateLog(logging.Handler):
    """Opens the log file for the first warning.

    Why late: most commands log nothing, and rotating files cost them more time to import than
    all their options. Without any handler Python would write warnings to stderr, which is for
    one sentence.
    """

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.file: LogFile | None = None

    def emit(self, record: logging.LogRecord) -> None:
        """Open the file, once; its own handler stands behind this one and takes the record."""
        if self.file is not None:
            return
        from core.directories import Directories
        from core.log_file import LogFile

        self.file = LogFile(Directories.of_user().state)
        self.file.start()

    def __enter__(self) -> LateLog:
        logging.getLogger().addHandler(self)
        return self

    def __exit__(self, *exc: object) -> None:
        logging.getLogger().removeHandler(self)
        if self.file is not None:
            self.file.close()
