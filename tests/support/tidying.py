"""What tests of tidying look at, and what they press."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QLabel, QPushButton

from tests.support.application import wait_until_settled


def shown(desk) -> list[str]:
    ids = desk.runs.columns.stored("id")
    return [ids[slot] for slot in desk.runs.model.order]


def plain_ids(desk) -> list[str]:
    """Shown runs that have ended and neither start nor belong to others."""
    value = desk.runs.columns.value
    return [
        value("id", slot)
        for slot in desk.runs.model.order
        if value("status", slot) not in ("running", "staged", "pending")
        and not value("links", slot)
        and not value("problem", slot)
    ]


def idle(desk) -> bool:
    return not desk.tidying.changer.is_busy and not desk.runs.is_arranging


def select(desk, ids) -> None:
    assert desk.runs.select_ids(ids)


def go(qtbot, app, place) -> None:
    app.sessions[0].desk.navigation.go(place)
    wait_until_settled(qtbot, app)


def names_in(directory) -> set[str]:
    return {entry.name for entry in directory.iterdir()} if directory.is_dir() else set()


def dialog(window, name: str) -> QDialog:
    found = window.findChild(QDialog, name)
    assert found is not None
    assert found.isVisible()
    return found


def text_of(question, name: str) -> str:
    return question.findChild(QLabel, name).text()


def press(widget, name: str, qtbot) -> None:
    qtbot.mouseClick(widget.findChild(QPushButton, name), Qt.MouseButton.LeftButton)


def press_in_bar(bar, text, qtbot) -> None:
    """Press a button of the bar as soon as it takes that: not at once where progress was shown."""
    qtbot.waitUntil(lambda: bar.button(text) is not None and not bar._guard.isActive())
    qtbot.mouseClick(bar.button(text), Qt.MouseButton.LeftButton)
