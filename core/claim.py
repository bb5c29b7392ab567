"""Owning the name of a local socket before there is anything to answer with.

Why: a window takes half a second to appear, and what it talks with (Qt's network classes) is only
loaded after that. The system keeps who calls in the meantime waiting.
"""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path

MOST_CALLS = 16
"""So many may wait at once."""


class Claim:
    """A socket that listens, and is nobody's job yet.

    Args:
        path: Where it is.
        listening: The socket.

    Attributes:
        path: Where it is.
    """

    def __init__(self, path: Path, listening: socket.socket) -> None:
        self.path = path
        self._socket = listening

    def take(self) -> int:
        """The descriptor of the socket, which is the caller's from now on."""
        return self._socket.detach()

    def close(self) -> None:
        """Give the name up, unless the socket was taken; doing it again is no error."""
        if self._socket.fileno() >= 0:
            self.path.unlink(missing_ok=True)
            self._socket.close()


def claim(path: Path, *, is_left_over: bool = False) -> Claim | None:
    """Own a name from now on; None where somebody has it, or this platform has no such sockets.

    Args:
        path: Where the socket is to be.
        is_left_over: What is there is nobody's any more, and replaced.
    """
    claimed = None
    if sys.platform != "win32":
        found = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        mask = os.umask(0o077)  # nobody else is to call
        try:
            if is_left_over:
                path.unlink(missing_ok=True)
            found.bind(os.fspath(path))
            found.listen(MOST_CALLS)
            claimed = Claim(path, found)
        except OSError:
            found.close()
        finally:
            os.umask(mask)
    return claimed
