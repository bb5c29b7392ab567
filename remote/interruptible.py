"""Calls that cannot be interrupted, in threads that may be left behind.

The resolver, connect(2), a channel that a host does not open, an agent that does not answer: each
may block for a long time, and whoever cancels a job is not to wait for them. What such a call still
brings after it was given up is let go of by its own thread.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

from core.check import Check

Value = TypeVar("Value")

TICK_SECONDS = 0.05


def interruptible(
    call: Callable[[], Value],
    discard: Callable[[Value], object],
    errors: tuple[type[Exception], ...],
    check: Check,
) -> Value:
    """The result of a call that may block.

    Args:
        call: Runs in another thread.
        discard: Lets go of a result that nobody waits for any more.
        errors: What the call may raise; raised here.
        check: Called many times a second; what it raises gives the call up.
    """
    running = _Attempt(call, discard, errors)
    running.thread.start()
    try:
        while running.thread.is_alive():
            check()
            running.thread.join(TICK_SECONDS)
    except BaseException:
        running.give_up()
        raise
    return running.result()


class _Attempt(Generic[Value]):
    """A call in a thread of its own."""

    def __init__(
        self,
        call: Callable[[], Value],
        discard: Callable[[Value], object],
        errors: tuple[type[Exception], ...],
    ) -> None:
        self._call = call
        self._discard = discard
        self._kinds = errors
        self._lock = threading.Lock()
        self._is_given_up = False
        self._results: list[Value] = []
        self._errors: list[Exception] = []
        self.thread = threading.Thread(target=self._run, name="ssh-attempt", daemon=True)

    def give_up(self) -> None:
        with self._lock:
            self._is_given_up = True
        for result in self._results:
            self._discard(result)

    def result(self) -> Value:
        for error in self._errors:
            raise error
        return self._results[0]

    def _run(self) -> None:
        try:
            result = self._call()
        except self._kinds as e:
            self._errors.append(e)
            return
        with self._lock:
            if not self._is_given_up:
                self._results.append(result)
                return
        self._discard(result)
