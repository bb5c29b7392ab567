"""The SSH protocol as paramiko speaks it, tuned for many runs and made to end when it must.

What differs from paramiko as it comes (figures from our own measurements on one machine):

* AES-GCM first: twice the speed of paramiko's first choice, which has GCM last.
* Packets of 256 KiB towards us, a window of 8 MiB, and TCP_NODELAY (paramiko never sets it).
* New keys every 64 GiB, OpenSSH's own limit for these ciphers, not every 512 MiB.
* No dead-lock while keys change. A message from the host (the end of a channel, say) that wants an
  answer while new keys are negotiated lets paramiko's reading thread wait for itself; half a minute
  later the connection dies (https://github.com/paramiko/paramiko/issues/822). Here such answers are
  kept until the new keys are in use. That matters for hosts whose own RekeyLimit is low.
* Nothing is said on a channel after it was closed. A command that ends by itself is closed by
  paramiko's reading thread; what another thread was about to send on it then made OpenSSH end the
  whole connection ("packet referred to nonexistent channel").
* Packets are read many at once (remote.wire.ReadAhead). Where the host sends drop by drop, as it
  does to tell how much it has taken, half a millisecond is waited for more of them: whoever makes
  what is sent needs Python's lock, too, and goes on meanwhile.
* The time of the last packet is known, so that a connection that stands still can be told from one
  that is busy; see `remote/watch.py`.
"""

from __future__ import annotations

import contextlib
import logging
import socket
import threading
import time
from typing import Any

from core.check import Check
from remote.errors import RemoteUnreachable
from remote.host_text import shown
from remote.interruptible import interruptible
from remote.ssh_library import Packetizer, paramiko
from remote.wire import ReadAhead

WINDOW_BYTES = 8 * 2**20
PACKET_BYTES = 256 * 2**10
KEY_CHANGE_SECONDS = 20.0
CHANNEL_SECONDS = 30.0
LOGIN_SECONDS = 120.0  # what OpenSSH grants a login; an agent may ask the person meanwhile
LOST_MILLISECONDS = 25_000
CONNECT_FAILED = 2  # RFC 4254
_ADJUST, _DATA = 93, 94
_LARGE = 4 << 10  # an answer is shorter, and somebody waits for it
_MANY = 4
_GATHER_SECONDS = 0.0005
_MOST_WORDS = 200
_CLOSE = bytes([97])
_ON_CHANNELS = frozenset(bytes([kind]) for kind in (93, 94, 95, 96, 98))
_CHANNEL_HEAD = 5
"""Bytes of a message on a channel that say what it is, and which channel the host knows it by."""

_FIRST_CIPHERS = (
    *("aes128-gcm@openssh.com", "aes256-gcm@openssh.com"),
    *("aes128-ctr", "aes256-ctr", "aes192-ctr"),
)
_FIRST_MACS = ("hmac-sha2-256-etm@openssh.com", "hmac-sha2-512-etm@openssh.com")
_WEAK = ("3des", "md5", "-cbc", "sha1-96")

# What paramiko warns of goes to the log where there is one, never to the terminal by itself.
logging.getLogger("paramiko").addHandler(logging.NullHandler())


class Packets(Packetizer):
    """Reads and writes packets, and knows when the last one came.

    Attributes:
        heard: time.monotonic() of the last packet.
    """

    REKEY_BYTES = 2**36
    REKEY_PACKETS = 2**30

    def __init__(self, sock: socket.socket) -> None:
        super().__init__(sock)
        self.heard = time.monotonic()
        self._ahead = sock if isinstance(sock, ReadAhead) else None
        self._in_row = 0

    def close(self) -> None:
        """End, with the timer of a handshake that failed: it would hold up the program's end."""
        self.complete_handshake()
        super().close()

    def read_message(self) -> Any:
        """The next packet, as paramiko wants it."""
        if self._in_row >= _MANY and self._ahead is not None and self._ahead.comes_in_drops:
            time.sleep(_GATHER_SECONDS)
        kind, message = super().read_message()
        self.heard = time.monotonic()
        is_bulk = kind == _ADJUST or (kind == _DATA and len(message.asbytes()) > _LARGE)
        self._in_row = self._in_row + 1 if is_bulk else 0
        return kind, message


class Farewell(paramiko.SSHException):
    """A host ended the connection by saying so.

    Args:
        said: Its words.
    """

    def __init__(self, said: bytes) -> None:
        words = " ".join(shown(said).split())
        super().__init__(words[:_MOST_WORDS] or "goodbye")


class TunedTransport(paramiko.Transport):
    """One SSH connection.

    Args:
        sock: Connected to the host; a channel of another connection does as well.
        timeout: Seconds for the greeting and for the negotiation of keys.

    Attributes:
        is_service_wanted: Whether the host was asked to let somebody log in.
        is_service_granted: Whether it said that somebody may.
        is_careful: Whether nothing is offered before.
    """

    def __init__(self, sock: Any, timeout: float) -> None:
        self.is_service_wanted = False
        self.is_service_granted = False
        self.is_careful = False
        self._held: list[paramiko.Message] = []
        self._ended: set[bytes] = set()
        carrier: Any = ReadAhead(sock) if isinstance(sock, socket.socket) else sock
        super().__init__(
            carrier,
            default_window_size=WINDOW_BYTES,
            default_max_packet_size=PACKET_BYTES,
            packetizer_class=Packets,
        )
        self.banner_timeout = timeout
        self.handshake_timeout = timeout
        self.auth_timeout = LOGIN_SECONDS
        self.channel_timeout = CHANNEL_SECONDS
        self.clear_to_send_timeout = KEY_CHANGE_SECONDS
        security = self.get_security_options()
        security.ciphers = _ordered(security.ciphers, _FIRST_CIPHERS)
        security.digests = _ordered(security.digests, _FIRST_MACS)
        if isinstance(sock, socket.socket) and sock.family != getattr(socket, "AF_UNIX", None):
            _tune(sock)

    @property
    def silence(self) -> float:
        """Seconds since the host was last heard."""
        assert isinstance(self.packetizer, Packets)
        return time.monotonic() - self.packetizer.heard

    def close(self) -> None:
        """End the connection. Never raises: what carries it may have ended before."""
        with contextlib.suppress(EOFError, OSError, paramiko.SSHException):
            super().close()

    def get_exception(self) -> Exception | None:
        """Why the connection ended, or what was refused; None, or of the kinds that are expected.

        Where a host sends what makes no sense, paramiko's reading thread ends with whatever its
        parser runs into.
        """
        error = super().get_exception()
        if error is None or isinstance(error, (OSError, EOFError, paramiko.SSHException)):
            return error
        strange = paramiko.SSHException("the host sent what makes no sense")
        strange.__cause__ = error
        return strange

    # What paramiko calls

    def _parse_disconnect(self, message: paramiko.Message) -> None:
        """The host ends the connection, and says why."""
        message.get_int()
        self.saved_exception = Farewell(message.get_binary())

    def _send_user_message(self, data: paramiko.Message) -> None:
        if threading.current_thread() is self and not self.clear_to_send.is_set():
            self._held.append(data)  # this thread alone can end the change of keys
            return
        super()._send_user_message(data)  # type: ignore[misc]  # the stubs leave it out

    def _send_message(self, data: paramiko.Message) -> None:
        # Messages of channels come here one after another.
        head = data.asbytes()[:_CHANNEL_HEAD]
        kind, channel = head[:1], head[1:]
        if kind == _CLOSE:
            self._ended.add(channel)
        elif kind in _ON_CHANNELS and channel in self._ended:
            return
        super()._send_message(data)  # type: ignore[misc]  # the stubs leave it out

    def _parse_channel_open_success(self, message: paramiko.Message) -> None:
        self._ended.discard(message.asbytes()[4:8])  # the host calls another one so now
        super()._parse_channel_open_success(message)  # type: ignore[misc]  # here, too

    def _parse_newkeys(self, message: paramiko.Message) -> None:
        super()._parse_newkeys(message)  # type: ignore[misc]  # the stubs leave it out
        held, self._held = self._held, []
        for data in held:
            self._send_user_message(data)


def open_tunnel(
    transport: TunedTransport, address: tuple[str, int], remote: str, check: Check
) -> paramiko.Channel:
    """A channel through a host to another one, to carry a connection.

    Args:
        transport: The connection to the host in between.
        address: Name and port of the other, as the host in between knows it.
        remote: The remote's name, for errors.
        check: Called many times a second; what it raises gives the attempt up.

    Raises:
        RemoteUnreachable: The host in between cannot reach it.
        ChannelException: It does not want to.
    """
    try:
        return interruptible(
            lambda: transport.open_channel("direct-tcpip", address, ("127.0.0.1", 0)),
            paramiko.Channel.close,
            (OSError, EOFError, paramiko.SSHException),
            check,
        )
    except paramiko.ChannelException as e:
        if e.code != CONNECT_FAILED:
            raise
        raise RemoteUnreachable(
            f"Cannot connect to {remote}: the host in between cannot reach {address[0]}, port "
            f"{address[1]}",
            remote=remote,
        ) from e


def _ordered(offered: Any, first: tuple[str, ...]) -> tuple[str, ...]:
    """Algorithms that paramiko has, those of `first` first, without the weak ones."""
    rest = (name for name in offered if not any(part in name for part in _WEAK))
    return tuple(dict.fromkeys((*(name for name in first if name in offered), *rest)))


def _tune(sock: socket.socket) -> None:
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    if hasattr(socket, "TCP_USER_TIMEOUT"):  # Linux: what was sent and stays unanswered
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, LOST_MILLISECONDS)
