"""A command that runs on the server, and what it said."""

from __future__ import annotations

import threading
from collections.abc import Callable

from msgspec import Struct

from core.check import Check, go_on
from remote.byte_channel import ByteChannel
from remote.errors import RemoteError, UnsafeAnswer

Take = Callable[[bytes], None]

_MOST_KEPT = 256 << 20


class Completed(Struct, frozen=True):
    """What a command on the server said.

    Attributes:
        output: Its standard output.
        errors: The beginning of its error output.
        code: How it ended; -1 where that is not known.
    """

    output: bytes
    errors: str
    code: int


class Running:
    """A command that runs on the server while something else is done here.

    Args:
        stream: Its channel, which belongs to this object.
        name: How the remote is called, for errors.
    """

    def __init__(self, stream: ByteChannel, name: str) -> None:
        self._stream = stream
        self._name = name
        self._lock = threading.Lock()
        self._done: Completed | RemoteError | None = None

    def result(
        self, *, most: int = 64 << 20, check: Check = go_on, take: Take | None = None
    ) -> Completed:
        """Wait for its end.

        Args:
            most: Bytes of output after which the server is not believed any more.
            check: Called while waiting; raises to stop.
            take: Is given all of the output, piece by piece, when it comes.

        Raises:
            UnsafeAnswer: There is more output than `most`.
            RemoteUnreachable: The connection ended.
        """
        with self._lock:
            if self._done is None:
                self._done = self._waited(most, check, take)
            elif take is not None and isinstance(self._done, Completed):
                take(self._done.output)
        if isinstance(self._done, RemoteError):
            raise self._done
        return self._done

    def make_room(self) -> bool:
        """Wait for its end, and close its channel; whether that could be done now."""
        if not self._lock.acquire(blocking=False):
            return False
        try:
            if self._done is not None:
                return False
            try:
                self._done = self._waited(_MOST_KEPT, go_on)
            except RemoteError as e:
                self._done = e  # told to whoever wants the result
            self._stream.close()
        finally:
            self._lock.release()
        return True

    def _waited(self, most: int, check: Check, take: Take | None = None) -> Completed:
        pieces: list[bytes] = []
        left = most
        while piece := self._stream.read(1 << 18, check):
            pieces.append(piece)
            left -= len(piece)
            check()
            if left < 0:
                raise UnsafeAnswer(f"{self._name} answers without end.", remote=self._name)
            if take is not None:
                take(piece)
        return Completed(b"".join(pieces), self._stream.errors(), self._stream.exit_code(check))
