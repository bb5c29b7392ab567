"""How long tests wait for what is to come: an end for what hangs, and no figure of anything.

A busy machine makes everything late, and may stand still for many seconds. So a wait ends only when
much time has passed and it was looked many times meanwhile.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from pytestqt.qtbot import QtBot

PATIENCE = 60.0
"""Seconds after which what was waited for is taken for never to come."""
QT_PATIENCE_MS = 30_000
"""Milliseconds likewise for a window, which looks anew at much by itself once a minute."""
LAST_MS = 1_000
LOOKS = 100
"""As often it is looked at least, however late the looks are."""


def comes_true(is_so: Callable[[], object], every: float, patience: float = PATIENCE) -> object:
    """What `is_so()` returns as soon as it is true.

    Args:
        is_so: What is waited for.
        every: Seconds between two looks; not a guess how long something takes.
        patience: Seconds of waiting; up to twice as long where fewer than `LOOKS` looks were had.

    Returns:
        The last, false answer where it did not come true.
    """
    begin, looks = time.monotonic(), 1
    while not (found := is_so()):
        passed = time.monotonic() - begin
        if passed > patience and (looks >= LOOKS or passed > 2 * patience):
            break
        time.sleep(every)
        looks += 1
    return found


class PatientBot(QtBot):
    """Waits long for what is to come; a wait that may come to nothing takes the time it was given.

    pytest-qt waits for five seconds where it is not told another time. Those passed on a machine
    that had much else to do, and tests gave various other times, as it came.
    """

    def waitUntil(self, callback, *, timeout=0):
        """Wait until `callback()` is true, or a function with asserts raises no AssertionError.

        For pytest-qt a callback has come true as well when it gives None, as `lambda: text and …`
        does while there is no text.
        """
        is_expression = getattr(callback, "__name__", "") == "<lambda>"
        is_so = (lambda: bool(callback())) if is_expression else callback
        try:
            super().waitUntil(is_so, timeout=max(timeout, QT_PATIENCE_MS))
        except TimeoutError:  # the machine may have stood still all the time
            super().waitUntil(is_so, timeout=LAST_MS)

    def waitSignal(self, signal, *, timeout=0, raising=None, check_params_cb=None):
        """Wait for a signal; `timeout` milliseconds where `raising` is False."""
        return super().waitSignal(
            signal,
            timeout=timeout if raising is False else max(timeout, QT_PATIENCE_MS),
            raising=raising,
            check_params_cb=check_params_cb,
        )

    def waitSignals(self, signals, *, timeout=0, raising=None, **rest):
        """Wait for several signals; `timeout` milliseconds where `raising` is False."""
        patient = timeout if raising is False else max(timeout, QT_PATIENCE_MS)
        return super().waitSignals(signals, timeout=patient, raising=raising, **rest)


@pytest.fixture
def qtbot(qapp, request) -> PatientBot:
    """The one of pytest-qt, with patience."""
    return PatientBot(request)


def at_best(act: Callable[[], object], seconds: float, tries: int = 10) -> float:
    """How long something takes where nothing else is in its way: it is done again until it is soon.

    A machine that is busy now and then lets one of several tries pass in its time; what always
    waits for something never does.

    Args:
        act: What is done.
        seconds: A try that takes less is the last.
        tries: So often it is done at most.

    Returns:
        Seconds that the quickest try took.
    """
    took = []
    while len(took) < tries and min(took, default=seconds) >= seconds:
        begin = time.monotonic()
        act()
        took.append(time.monotonic() - begin)
    return min(took)
