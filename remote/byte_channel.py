"""A channel of an SSH connection as bytes that are read and written by one thread.

Why reads and writes wait in short steps: whoever waits for a server must be able to stop within a
second, without breaking the connection that others use, and a server that does not answer must be
noticed. A blocked channel is left by its timeout, not by closing it from another thread.

Why each command prints a mark first: a ~/.bashrc that prints something does so before, and what it
says is no answer.

Why nobody waits until a server agrees to run a command: what the command is given may be on its way
meanwhile, and a refusal is told by the first reading. It saves a breath a command.

Why some commands may say nothing for as long as they like: the checksum of a terabyte takes an
hour. Whether the host is still there is told by what answers for it meanwhile (remote/watch.py).
"""

from __future__ import annotations

import time
from contextlib import suppress

from core.check import Check, go_on
from remote.errors import RemoteRefused, UnsafeAnswer, translating
from remote.ssh_library import paramiko
from remote.transport import WINDOW_BYTES, TunedTransport

PIECE = 32 << 10
"""Bytes of one packet to a server: OpenSSH takes no more."""

STEP_SECONDS = 0.25
SILENCE_SECONDS = 60.0
"""After so long without a byte a server is given up; where a command is known to be slow, after so
long without any sign of life."""

MARK = "rundesk-answers"
"""Printed by a marked command before its answer begins."""

_BEGIN = f"{MARK}\n".encode()
_MOST_NOISE = 1 << 20
_MOST_ERRORS = 64 << 10


class ByteChannel:
    """A channel that is read and written by one thread; every wait can be stopped.

    Args:
        channel: An open channel.
        name: How the remote is called, for errors.
        is_marked: Whether what comes before BEGIN is somebody's ~/.bashrc and not the answer.
        refusal: The server was asked for something, and has not said whether it agrees; this is
            raised by the first reading where it does not.
        is_slow: What answers may say nothing for long, as long as its host does not.
    """

    def __init__(
        self,
        channel: paramiko.Channel,
        name: str,
        *,
        is_marked: bool = False,
        refusal: RemoteRefused | None = None,
        is_slow: bool = False,
    ) -> None:
        self._is_slow = is_slow
        self._channel = channel
        self._name = name
        self._is_marked = is_marked
        self._refusal = refusal
        self._errors = bytearray()
        self._had_errors = 0
        channel.settimeout(STEP_SECONDS)

    def read(self, most: int, check: Check = go_on) -> bytes:
        """At most so many bytes; none at the end.

        Args:
            most: Bytes to take at once.
            check: Called while nothing comes; raises to stop (core.errors.Cancelled).

        Raises:
            RemoteUnreachable: The connection ended, or nothing came for SILENCE_SECONDS.
            RemoteRefused: The server did not agree to what it was asked for.
        """
        if self._refusal is not None:
            self._require_agreement(self._refusal, check)
        if self._is_marked:
            self._is_marked = False
            return self._after_mark(most, check)
        begun = time.monotonic()
        while True:
            with translating(f"talk to {self._name}", self._name):
                self._take_errors()
                try:
                    return self._received(most)
                except TimeoutError:
                    self._require_life(begun)
            check()

    def _require_agreement(self, refusal: RemoteRefused, check: Check) -> None:
        """Wait until the server agrees to what it was asked for."""
        begun = time.monotonic()
        while not self._channel.event.wait(STEP_SECONDS):
            with translating(f"talk to {self._name}", self._name):
                self._require_life(begun)
            check()
        if not self._channel.event_ready:
            with translating(f"talk to {self._name}", self._name):
                self._require_life(begun)
            raise refusal
        self._refusal = None

    def _after_mark(self, most: int, check: Check) -> bytes:
        """What follows the mark; nothing where the answer ends without one."""
        seen = b""
        while _BEGIN not in seen:
            more = self.read(most, check)
            if not more:
                return b""
            seen += more
            check()  # where it comes in drops, no read has to wait for long
            if len(seen) > _MOST_NOISE:
                raise UnsafeAnswer(
                    f"{self._name} prints a text at each command that does not end.",
                    hint="Look at ~/.bashrc there.",
                    remote=self._name,
                )
        return seen.partition(_BEGIN)[2] or self.read(most, check)

    def write(self, data: bytes | bytearray | memoryview, check: Check = go_on) -> None:
        """Send all of `data`, or as much of it as a command takes that ends before.

        What such a command says of it is to be read.

        Raises:
            RemoteUnreachable: It cannot be sent, or the server takes nothing for SILENCE_SECONDS.
        """
        rest = memoryview(data)
        begun = time.monotonic()
        while rest:
            with translating(f"talk to {self._name}", self._name):
                sent = self._sent(rest[:PIECE], begun)
            if sent == 0:
                return
            if sent > 0:
                rest = rest[sent:]
                begun = time.monotonic()
            else:
                self._take_errors()
                check()

    def _sent(self, piece: memoryview, begun: float) -> int:
        """How much of a piece was sent; 0 where the command has ended, -1 where it has to wait."""
        try:
            # As bytes: paramiko joins the piece to its message, and copies it then anyway.
            sent = self._channel.send(bytes(piece))
        except TimeoutError:
            self._require_life(begun)
            return -1
        except OSError:
            if self._has_only_ended():
                return 0
            raise
        if sent == 0 and not self._has_only_ended():
            raise EOFError
        return sent

    def end_input(self) -> None:
        """Say that no more will be written."""
        if self._channel.closed:
            return
        with translating(f"talk to {self._name}", self._name):
            self._channel.shutdown_write()

    def errors(self) -> str:
        """What came on the error stream so far, the beginning of it."""
        self._take_errors()
        return self._errors.decode("utf-8", "replace").strip()

    def exit_code(self, check: Check = go_on) -> int:
        """How the command ended; -1 where it was ended by a signal or does not say.

        Raises:
            RemoteUnreachable: The connection ended before.
        """
        if self._refusal is not None:
            self._require_agreement(self._refusal, check)
        begun = time.monotonic()
        while not self._channel.status_event.wait(STEP_SECONDS):
            with translating(f"talk to {self._name}", self._name):
                self._take_errors()
                self._require_life(begun)
            check()
        self._take_errors()
        if self._channel.exit_status == -1:
            with translating(f"talk to {self._name}", self._name):
                self._require_life(begun)
        return self._channel.exit_status

    def close(self) -> None:
        """Close the channel; what runs there gets a closed pipe. Never raises."""
        with suppress(OSError, EOFError, paramiko.SSHException):  # nobody is there to be told
            self._channel.close()

    @property
    def is_open(self) -> bool:
        """Whether both sides still may speak."""
        return not self._channel.closed and not self._channel.eof_received

    def _received(self, most: int) -> bytes:
        data = self._channel.recv(most)
        if not data and not self._channel.eof_received:
            raise EOFError  # not the end of what is sent, but of the connection
        return data

    def _has_only_ended(self) -> bool:
        """Whether the other side closed this channel and not the connection."""
        return self._channel.closed and self._channel.get_transport().is_active()

    def _take_errors(self) -> None:
        """Keep the window free of what nobody reads."""
        while self._channel.recv_stderr_ready():
            data = self._channel.recv_stderr(PIECE)
            if not data:
                return
            self._had_errors += len(data)
            self._errors += data[: max(0, _MOST_ERRORS - len(self._errors))]
            if self._had_errors > WINDOW_BYTES:
                raise EOFError("it complains without end")

    def _require_life(self, begun: float) -> None:
        transport = self._channel.get_transport()
        if not transport.is_active():
            raise EOFError
        silence = time.monotonic() - begun
        if self._is_slow and isinstance(transport, TunedTransport):
            silence = min(silence, transport.silence)
        if silence > SILENCE_SECONDS:
            raise ConnectionError(f"it said nothing for {SILENCE_SECONDS:.0f} seconds")
