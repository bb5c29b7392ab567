"""What takes a while is begun before anybody needs it: the next session of a connection.

A command far away costs two breaths: its session, and its answer. The first of them can be had in
advance, while the command before is at work. An open session costs a server nothing until something
runs in it, and whoever needs one next takes it, whatever for.

Where a server refuses it (`MaxSessions 1`), it is not asked again.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from typing import Generic, TypeVar

_WAIT_SECONDS = 60.0  # what opens a session gives up long before

Value = TypeVar("Value")


class Ahead(Generic[Value]):
    """Gets one value at a time, in a thread that ends with it.

    Args:
        get: Gets it; None where it is refused. Called in that thread; raises nothing.
    """

    def __init__(self, get: Callable[[], Value | None]) -> None:
        self._get = get
        self._lock = threading.Lock()
        self._getting: _Getting[Value] | None = None
        self._is_refused = False

    @property
    def is_refused(self) -> bool:
        """Whether none was to be had the last time, or that is not known yet."""
        with self._lock:
            getting = self._getting
        return self._is_refused or (getting is not None and not getting.is_had)

    def prepare(self) -> None:
        """Begin to get one, unless there is one."""
        with self._lock:
            if self._getting is None and not self._is_refused:
                self._getting = _Getting(self._get)

    def first(self) -> Value | None:
        """The first to be had of two that are begun now; the other is for whoever needs one next.

        Which of two questions is answered first is for the other side to say: OpenSSH may keep
        its second answer back until something more is said to it.
        """
        ended: queue.SimpleQueue[_Getting[Value]] = queue.SimpleQueue()
        with self._lock:
            own = _Getting(self._get, ended.put)
            if self._getting is None and not self._is_refused:
                self._getting = _Getting(self._get, ended.put)
        while (getting := ended.get()) is not own:
            value = getting.result()
            with self._lock:
                if self._getting is getting and value is not None:
                    self._getting = own
                    return value
        value = own.result()
        if value is None:
            value = self.take()
            self._is_refused = True
        return value

    def take(self) -> Value | None:
        """The value, which belongs to the caller from now on; None where there is none."""
        with self._lock:
            getting, self._getting = self._getting, None
        if getting is None:
            return None
        value = getting.result()
        self._is_refused = value is None
        return value


class _Getting(Generic[Value]):
    """A value that is on its way."""

    def __init__(
        self,
        get: Callable[[], Value | None],
        tell: Callable[[_Getting[Value]], object] = lambda _getting: None,
    ) -> None:
        self._value: Value | None = None
        self._thread = threading.Thread(
            target=self._run, args=(get, tell), name="ssh-session-ahead", daemon=True
        )
        self._thread.start()

    @property
    def is_had(self) -> bool:
        return self._value is not None

    def result(self) -> Value | None:
        self._thread.join(_WAIT_SECONDS)
        return self._value

    def _run(
        self, get: Callable[[], Value | None], tell: Callable[[_Getting[Value]], object]
    ) -> None:
        try:
            self._value = get()
        finally:
            tell(self)
