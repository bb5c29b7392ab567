"""One SSH connection: commands and file channels over a transport that is authenticated.

Why a channel that cannot be opened closes the idle ones for files: servers with `MaxSessions 1`
allow one at a time.

Why an idle channel for files outlives whoever opened it: the next one who needs one finds it open,
where another would take five breaths and a process there.
"""

from __future__ import annotations

import logging
import shlex
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol, TypeVar

from core.check import Check, go_on
from remote.ahead import Ahead
from remote.byte_channel import MARK, ByteChannel
from remote.errors import (
    RemoteBusy,
    RemoteError,
    RemoteRefused,
    translating,
)
from remote.running import Completed, Running
from remote.ssh_library import paramiko

_CHANNEL_REQUEST = bytes([98])  # RFC 4254
_YIELD_SECONDS = 2.0  # a server notices late that a channel was closed
_PAUSE = 0.05

# A refused channel is an error of ours where it matters; on a terminal nobody wants it twice.
logging.getLogger("paramiko").addHandler(logging.NullHandler())

Answer = TypeVar("Answer")


class Closing(Protocol):
    """A channel that somebody closes."""

    def close(self) -> None:
        """Close it; never raises."""


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
    def has_room(self) -> bool:
        """Whether several sessions at once are allowed, as far as is known."""
        return not self._ahead.is_refused

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
        line = f"exec sh -c {shlex.quote(f'echo {MARK}; {command}')}"
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
        deadline = time.monotonic() + _YIELD_SECONDS
        while True:
            ready = self._ahead.take() or self._ahead.first()
            if ready is not None and not ready.closed:
                return ready
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
