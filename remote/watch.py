"""Notices that a connection is dead although nobody said so.

A host that was switched off, a laptop that changed its network, or an sshd that stands still
leave a connection that looks open: TCP may wait for a quarter of an hour, and paramiko for ever,
as its own signs of life want no answer. Here the host is asked for one whenever it was silent for
a while. Silence counts, not the answer: during a long upload over a slow line the answer may be
far behind, while the host is heard all the time.
"""

from __future__ import annotations

import contextlib
import threading

from remote.ssh_library import paramiko
from remote.transport import TunedTransport

INTERVAL_SECONDS = 8.0
PATIENCE_SECONDS = 16.0  # with the interval before it, less than half a minute
_REQUEST = "keepalive@openssh.com"
_LOOK_SECONDS = 1.0


def watch_times(alive_interval: int, alive_count: int) -> tuple[float, float]:
    """Interval and patience, from ServerAliveInterval and ServerAliveCountMax.

    Who wants signs of life more often gets them; nobody waits longer than half a minute.
    """
    interval = min(alive_interval or INTERVAL_SECONDS, INTERVAL_SECONDS)
    patience = interval * max(1, alive_count) if alive_interval else PATIENCE_SECONDS
    return interval, min(patience, PATIENCE_SECONDS)


class Watch:
    """Closes a connection whose host does not answer any more.

    Args:
        transport: The connection.
        interval: Seconds of silence after which the host is asked for a sign of life.
        patience: Seconds that it has for that.
    """

    def __init__(
        self,
        transport: TunedTransport,
        interval: float = INTERVAL_SECONDS,
        patience: float = PATIENCE_SECONDS,
    ) -> None:
        self._transport = transport
        self._interval = interval
        self._patience = patience
        self._ended = threading.Event()
        self._is_lost = False
        self._asker = threading.Thread(target=self._ask, name="ssh-watch", daemon=True)
        self._asker.start()

    @property
    def is_lost(self) -> bool:
        """Whether the connection was closed because the host was silent."""
        return self._is_lost

    def end(self) -> None:
        """Watch no more."""
        self._ended.set()

    def _ask(self) -> None:
        while not self._ended.wait(self._interval) and self._transport.is_active():
            if self._transport.silence >= self._interval:
                judge = threading.Thread(target=self._judge, name="ssh-judge", daemon=True)
                judge.start()
                # Comes back when there is an answer, or when the connection ends.
                with contextlib.suppress(paramiko.SSHException, EOFError, OSError):
                    self._transport.global_request(_REQUEST, wait=True)
                judge.join()

    def _judge(self) -> None:
        # Twice at least before the host is asked again: meanwhile silence is no sign of anything.
        look = min(_LOOK_SECONDS, self._interval / 2)
        while self._transport.is_active() and not self._ended.is_set():
            left = self._interval + self._patience - self._transport.silence
            if left <= 0:
                self._is_lost = True
                self._transport.close()
            elif self._transport.silence < self._interval or self._ended.wait(min(left, look)):
                return
