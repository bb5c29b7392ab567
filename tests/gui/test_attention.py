"""Another machine is asked for what somebody looks at."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QDialog, QWidget

from gui.views.attention import BEHIND_SECONDS, Attention

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")


class Clock:
    """Goes on when it is told to."""

    now = 100.0

    def __call__(self):
        return self.now


@pytest.fixture
def window(qtbot):
    window = QWidget()
    qtbot.addWidget(window)
    window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    return window


@pytest.fixture
def other(qtbot, window):
    """Another window, to which the keyboard goes when it is shown."""
    other = QWidget()
    qtbot.addWidget(other)
    return other


def test_a_window_in_front_may_ask_at_any_time(window):
    attention = Attention(window, Clock())

    assert [attention.may_ask() for _ in range(3)] == [True, True, True]


def test_a_window_behind_may_ask_now_and_then(window, other, qtbot):
    clock = Clock()
    attention = Attention(window, clock)
    other.show()
    other.activateWindow()
    qtbot.waitUntil(other.isActiveWindow)

    asked = []
    for _ in range(41):
        asked.append(attention.may_ask())
        clock.now += BEHIND_SECONDS / 10

    assert sum(asked) == 5


def test_a_window_with_a_dialog_in_front_of_it_is_in_front(window, qtbot):
    dialog = QDialog(window)
    dialog.show()
    dialog.activateWindow()
    qtbot.waitUntil(dialog.isActiveWindow)

    assert Attention(window, Clock()).is_in_front
    dialog.close()


def test_a_window_that_is_minimised_or_hidden_may_never_ask(window, qtbot):
    clock = Clock()
    attention = Attention(window, clock)
    window.showMinimized()
    qtbot.waitUntil(window.isMinimized)
    clock.now += 10 * BEHIND_SECONDS

    assert not attention.may_ask()
    window.showNormal()
    window.hide()
    assert not attention.may_ask()
