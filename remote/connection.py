"""One SSH connection: commands and file channels over a transport that is authenticated.

Why reads and writes wait in short steps: whoever waits for a server must be able to stop within a
second, without breaking the connection that others use, and a server that does not answer must be
noticed. A blocked channel is left by its timeout, not by closing it from another thread.

Why each command prints a mark first: a ~/.bashrc that prints something does so before, and what it
says is no answer.

Why a channel that cannot be opened closes the idle ones for files: servers with `MaxSessions 1`
allow one at a time.

Why nobody waits until a server agrees to run a command: what the command is given may be on its way
meanwhile, and a refusal is told by the first reading. It saves a breath a command.

Why an idle channel for files outlives whoever opened it: the next one who needs one finds it open,
where another would take five breaths and a process there.

Why some commands may say nothing for as long as they like: the checksum of a terabyte takes an
hour. Whether the host is still there is told by what answers for it meanwhile (remote/watch.py).
"""

from __future__ import annotations

import logging
import shlex
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Protocol, TypeVar

from msgspec import Struct

from remote.ahead import Ahead
from remote.errors import (
    RemoteBusy,
    RemoteError,
    RemoteRefused,
    RemoteUnreachable,
    UnsafeAnswer,
    translating,
)
from remote.ssh_library import paramiko
from remote.transport import WINDOW_BYTES, TunedTransport

PIECE = 32 << 10
"""Bytes of one packet to a server: OpenSSH takes no more."""

STEP_SECONDS = 0.25
SILENCE_SECONDS = 60.0
"""After so long without a byte a server is given up; where a command is known to be slow, after so
long without any sign of life."""

_MARK = "rundesk-answers"
_BEGIN = f"{_MARK}\n".encode()
_MOST_NOISE = 1 << 20
_MOST_ERRORS = 64 << 10
_MOST_KEPT = 256 << 20
_CHANNEL_REQUEST = bytes([98])  # RFC 4254
_YIELD_SECONDS = 2.0  # a server notices late that a channel was closed
_PAUSE = 0.05

# A refused channel is an error of ours where it matters; on a terminal nobody wants it twice.
logging.getLogger("paramiko").addHandler(logging.NullHandler())

Check = Callable[[], None]
Answer = TypeVar("Answer")


def go_on() -> None:
    """The default check: nothing asks to stop."""


class Closing(Protocol):
    """A channel that somebody closes."""

    def close(self) -> None:
        """Close it; never raises."""


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

    def read_exactly(self, size: int, check: Check = go_on) -> bytes:
        """So many bytes.

        Raises:
            RemoteUnreachable: They end before.
        """
        first = self.read(size, check)
        if len(first) == size:
            return first
        pieces, left = [first], size - len(first)
        while left:
            if not pieces[-1]:
                raise RemoteUnreachable(
                    f"{self._name} ended its answer too early.", remote=self._name
                )
            pieces.append(self.read(left, check))
            left -= len(pieces[-1])
        return b"".join(pieces)

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

    def result(self, *, most: int = 64 << 20, check: Check = go_on) -> Completed:
        """Wait for its end.

        Args:
            most: Bytes of output after which the server is not believed any more.
            check: Called while waiting; raises to stop.

        Raises:
            UnsafeAnswer: There is more output than `most`.
            RemoteUnreachable: The connection ended.
        """
        with self._lock:
            if self._done is None:
                self._done = self._waited(most, check)
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

    def _waited(self, most: int, check: Check) -> Completed:
        pieces: list[bytes] = []
        left = most
        while piece := self._stream.read(1 << 18, check):
            pieces.append(piece)
            left -= len(piece)
            check()
            if left < 0:
                raise UnsafeAnswer(f"{self._name} answers without end.", remote=self._name)
        return Completed(b"".join(pieces), self._stream.errors(), self._stream.exit_code(check))


class Connection:
    """A connection to a remote, used by several threads; each has channels of its own.

    Args:
        transport: Connected and authenticated; it belongs to this object.
        name: How the remote is called, for errors.
    """

    def __init__(self, transport: paramiko.Transport, name: str = "the server") -> None:
        self.name = name
        self._transport = transport
        self._lock = threading.Lock()
        self._yield: list[Callable[[], bool]] = []
        self._spare: Closing | None = None
        self._ahead = Ahead(self._session)
        self._asking = threading.Lock()
        self._known: object | None = None

    @property
    def is_alive(self) -> bool:
        """Whether the connection is up, as far as is known."""
        return self._transport.is_active() and self._transport.is_authenticated()

    @property
    def server(self) -> str:
        """What the server calls itself, e.g. "SSH-2.0-OpenSSH_9.2p1"."""
        return str(self._transport.remote_version)

    def start(self, command: str, *, is_slow: bool = False) -> ByteChannel:
        """Run a command; the caller closes the channel.

        Args:
            command: For `sh`, whatever the user's shell there is; every value in it is quoted by
                the caller.
            is_slow: It may say nothing for as long as its host is there.

        Raises:
            RemoteRefused: The server runs no commands, or has no channel left.
            RemoteUnreachable: The connection ended.
        """
        line = f"exec sh -c {shlex.quote(f'echo {_MARK}; {command}')}"
        refusal = RemoteRefused(f"{self.name} runs no commands.", remote=self.name)
        return self._asked("exec", line, refusal, is_marked=True, is_slow=is_slow)

    def run(
        self,
        command: str,
        *,
        given: bytes = b"",
        most: int = 64 << 20,
        check: Check = go_on,
        is_slow: bool = False,
    ) -> Completed:
        """Run a command to its end.

        Args:
            command: As for `start`.
            given: Its standard input.
            most: Bytes of output after which the server is not believed any more.
            check: Called while waiting; raises to stop.
            is_slow: As for `start`.

        Raises:
            RemoteRefused: The server runs no commands.
            UnsafeAnswer: There is more output than `most`.
            RemoteUnreachable: The connection ended.
        """
        with self.running(command, given=given, check=check, is_slow=is_slow) as running:
            return running.result(most=most, check=check)

    @contextmanager
    def running(
        self, command: str, *, given: bytes = b"", check: Check = go_on, is_slow: bool = False
    ) -> Iterator[Running]:
        """A command that has been started and given its input; left alone when the block ends.

        Args:
            command: As for `start`.
            given: Its standard input.
            check: Called while waiting; raises to stop.
            is_slow: As for `start`.

        Raises:
            RemoteRefused: The server runs no commands.
            RemoteUnreachable: The connection ended.
        """
        stream = self.start(command, is_slow=is_slow)
        try:
            if given:
                stream.write(given, check)
            stream.end_input()
            running = Running(stream, self.name)
            self.offer_to_yield(running.make_room)
            try:
                yield running
            finally:
                self.withdraw(running.make_room)
        finally:
            stream.close()

    def open_sftp(self) -> ByteChannel:
        """A channel that speaks SFTP; the caller closes it.

        Raises:
            RemoteRefused: The server has no SFTP, or no channel left.
            RemoteUnreachable: The connection ended.
        """
        refusal = RemoteRefused(
            f"{self.name} offers no SFTP.",
            hint="Its sshd needs a line like “Subsystem sftp internal-sftp”.",
            remote=self.name,
        )
        return self._asked("subsystem", "sftp", refusal)

    def offer_to_yield(self, give_up: Callable[[], bool]) -> None:
        """Name something that closes an idle channel and says whether it had one.

        It is asked where the server allows no further channel.
        """
        with self._lock:
            self._yield.append(give_up)

    def withdraw(self, give_up: Callable[[], bool]) -> None:
        """Take back what was offered."""
        with self._lock:
            self._yield = [offer for offer in self._yield if offer != give_up]

    def leave(self, channel: Closing) -> None:
        """Keep an idle channel for files for whoever needs one next; there is one at most."""
        with self._lock:
            before, self._spare = self._spare, channel
        if before is not None:
            before.close()

    def left(self) -> Closing | None:
        """The channel that was left, which belongs to the caller from now on."""
        with self._lock:
            spare, self._spare = self._spare, None
        return spare

    def remembered(self, ask: Callable[[], Answer]) -> Answer:
        """What `ask` found the first time: what a server can is asked once a connection."""
        with self._asking:
            if self._known is None:
                self._known = ask()
            return self._known  # type: ignore[return-value]  # there is one question only

    @property
    def known(self) -> object:
        """What was remembered; None while nothing was asked."""
        return self._known

    def close(self) -> None:
        """End the connection; never raises, and does not wait."""
        self._transport.close()

    def _session(self) -> paramiko.Channel | None:
        """A session before anybody needs it; None where there is none to be had."""
        try:
            return self._transport.open_session() if self._transport.is_active() else None
        except (OSError, EOFError, paramiko.SSHException):
            return None  # whoever needs one asks again, and is told

    def _open(self) -> paramiko.Channel:
        ready = self._ahead.take()
        if ready is not None and not ready.closed:
            return ready
        deadline = time.monotonic() + _YIELD_SECONDS
        while True:
            try:
                with translating(f"open a session on {self.name}", self.name):
                    return self._transport.open_session()
            except RemoteBusy:
                with self._lock:
                    offers = list(self._yield)
                spare = self.left()
                if spare is not None:
                    spare.close()
                given_up = sum(give_up() for give_up in offers) + (spare is not None)
                if not given_up and time.monotonic() > deadline:
                    raise
                time.sleep(_PAUSE)

    def _asked(
        self,
        kind: str,
        word: str,
        refusal: RemoteRefused,
        *,
        is_marked: bool = False,
        is_slow: bool = False,
    ) -> ByteChannel:
        """A channel for which something was asked of the server, which need not have agreed."""
        channel = self._open()
        message = paramiko.Message()
        message.add_byte(_CHANNEL_REQUEST)
        message.add_int(channel.remote_chanid)
        message.add_string(kind)
        message.add_boolean(True)  # noqa: FBT003 - a packet's field: an answer is wanted
        message.add_string(word.encode("utf-8", "surrogateescape"))
        try:
            with translating(f"talk to {self.name}", self.name):
                channel._event_pending()  # type: ignore[attr-defined]  # the stubs leave them out
                self._transport._send_user_message(message)  # type: ignore[attr-defined]  # too
        except RemoteError:
            channel.close()
            raise
        self._ahead.prepare()
        return ByteChannel(
            channel, self.name, is_marked=is_marked, refusal=refusal, is_slow=is_slow
        )
