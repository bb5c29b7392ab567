"""Sentences above the table: which one is shown, and for how long."""

from __future__ import annotations

import pytest

from gui.views import notice_bar
from gui.views.notice_bar import NoticeBar


@pytest.fixture
def bar(services, show_in_window, monkeypatch):
    monkeypatch.setattr(notice_bar, "FADE_MS", 30)
    bar = NoticeBar(services.theme)
    show_in_window(bar, 600, 60)
    return bar


def test_what_was_done_as_asked_is_told_for_a_while(bar, qtbot):
    bar.say("compare", "It is on the clipboard.", "info", fades=True)

    assert bar.text() == "It is on the clipboard."
    qtbot.waitUntil(lambda: bar.text() == "")
    assert bar.isHidden()


def test_what_came_in_its_place_stays(bar, qtbot):
    bar.say("compare", "It is on the clipboard.", "info", fades=True)
    bar.say("compare", "The view is deleted.", "info", "Undo")

    qtbot.wait(90)

    assert bar.text() == "The view is deleted."
