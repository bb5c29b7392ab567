"""The log: a rotating file in the state directory, and one line a record.

Why one file for every window: people who report a fault send "the log". Two programs may write
to it at once; each line is one write in append mode, so lines do not mix.
"""

from __future__ import annotations

import logging
import logging.handlers
from pathlib import Path

FILE_NAME = "rundesk.log"
FAULT_NAME = "fault.log"
MAX_BYTES = 1_000_000
OLDER_FILES = 4

_FORMAT = "%(asctime)s %(process)d %(levelname)-7s %(threadName)s %(name)s: %(message)s"
_OURS = ("core", "remote", "gui", "cli")

log = logging.getLogger(__name__)


class LogFile:
    """The log of one program: `start` opens it, `close` ends it.

    Args:
        state_dir: Where the files go; made when missing.
        level: The least serious records kept, e.g. "info".

    Attributes:
        path: The newest file; older ones end in .1, .2, ...
        problem: Why there is no file, as one sentence; empty when there is one.
    """

    def __init__(self, state_dir: Path, level: str = "info") -> None:
        self.path = state_dir / FILE_NAME
        self.problem = ""
        self._level = level.upper()
        self._handler: logging.Handler | None = None
        self._levels: dict[str, int] = {}

    def start(self) -> None:
        """Send the log of our rooms, and warnings of others, to the file. Never raises."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            handler = logging.handlers.RotatingFileHandler(
                self.path, maxBytes=MAX_BYTES, backupCount=OLDER_FILES, encoding="utf-8"
            )
        except OSError as e:
            self.problem = f"Cannot write the log {self.path}: {e.strerror or e}."
            return
        handler.setFormatter(logging.Formatter(_FORMAT))
        self._handler = handler
        logging.getLogger().addHandler(handler)
        for name in _OURS:
            room = logging.getLogger(name)
            self._levels[name] = room.level
            room.setLevel(self._level)
        logging.captureWarnings(capture=True)

    def close(self) -> None:
        """Stop writing; the file stays."""
        if self._handler is None:
            return
        logging.captureWarnings(capture=False)
        logging.getLogger().removeHandler(self._handler)
        for name, level in self._levels.items():
            logging.getLogger(name).setLevel(level)
        self._handler.close()
        self._handler = None


def take_fault(state_dir: Path) -> str:
    """What the interpreter wrote when an earlier program crashed, or an empty text.

    The file is moved aside to `fault.log.1`, so that each crash is told once.
    """
    path = state_dir / FAULT_NAME
    try:
        text = path.read_bytes()[:MAX_BYTES].decode("utf-8", "replace")
        if text.strip():
            path.replace(path.with_name(f"{FAULT_NAME}.1"))
    except OSError:
        return ""
    return text.strip()
