"""The log of a command: the file is opened when there is something to write.

Why late: most commands log nothing, and the module `logging` alone takes as long to import as all
their options, rotating files as long again. But without any handler Python would write warnings
to stderr, which is for one sentence; so as soon as a command's modules load `logging`, `watch`
puts a handler there that opens the file for the first warning.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import logging

    from core.log_file import LogFile


class LateLog:
    """The log of one command.

    Attributes:
        file: The log file; None as long as nothing was logged.
    """

    def __init__(self) -> None:
        self.file: LogFile | None = None
        self._handler: logging.Handler | None = None

    def watch(self) -> None:
        """Take what the modules that are loaded by now may log."""
        if "logging" in sys.modules:
            self._install()

    def error(self, sentence: str, error: Exception) -> None:
        """Log an exception with its traceback."""
        self._install()
        import logging

        logging.getLogger(__name__).error(sentence, exc_info=error)

    def __enter__(self) -> LateLog:
        return self

    def __exit__(self, *exc: object) -> None:
        if self._handler is not None:
            import logging

            logging.getLogger().removeHandler(self._handler)
        if self.file is not None:
            self.file.close()

    def _install(self) -> None:
        if self._handler is None:
            import logging

            self._handler = _opener(self._open)
            logging.getLogger().addHandler(self._handler)

    def _open(self) -> None:
        """Open the file, once; its own handler stands behind ours and takes the record."""
        if self.file is None:
            from core.directories import Directories
            from core.log_file import LogFile

            self.file = LogFile(Directories.of_user().state)
            self.file.start()


def _opener(open_file: Callable[[], None]) -> logging.Handler:
    """A handler that writes nothing itself."""
    import logging

    class Opener(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            open_file()

    return Opener(logging.WARNING)
