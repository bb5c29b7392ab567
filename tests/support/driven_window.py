"""The real application with an ear: keys come from the screen, questions by its standard input.

    python -m tests.support.driven_window HOME CONFIG

Each line in names a question, each line out is its answer as JSON. It changes nothing: what the
window does is what the keys made it do.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from msgspec import Struct

from tests.support.desktop import PATIENCE, ROOT, Desktop, wait_until


class DrivenWindow(Struct):
    """A running application, from the outside."""

    desktop: Desktop
    program: subprocess.Popen[str]

    def ask(self) -> dict[str, Any]:
        """What the window shows at this moment."""
        self.desktop.keep_manager()
        assert self.program.poll() is None, f"the window is gone\n{self.desktop.logs()}"
        self.program.stdin.write("state\n")
        self.program.stdin.flush()
        answer = self.program.stdout.readline()
        assert answer, f"the window ended: {self.program.wait(PATIENCE)}\n{self.desktop.logs()}"
        return json.loads(answer)

    def wait_for(self, what: str, is_so) -> dict[str, Any]:
        """The first state of which `is_so(state)` is true."""
        last: dict[str, Any] = {}

        def look():
            last.update(self.ask())
            return is_so(last)

        try:
            wait_until(look, what)
        except BaseException:
            print(f"The last state: {json.dumps(last, indent=2)}")
            raise
        return last

    def press(self, button: str) -> None:
        """Click a button of the dialog in front, of a notice or of the bar (see `_click`)."""
        self._click(button, ("buttons", "notice_buttons", "bar_buttons"))

    def press_place(self, name: str, button: int = 1) -> None:
        """Click a place in the sidebar (see `_click`)."""
        self._click(name, ("places",), button)

    def _click(self, name: str, kinds: Sequence[str], button: int = 1) -> None:
        """Click what stands still: a dialog is moved, and a row too when others come before it."""

        def place() -> list[int] | None:
            state = self.ask()
            return next((state[kind][name] for kind in kinds if name in state[kind]), None)

        def place_at_rest() -> list[int] | None:
            before = place()
            time.sleep(0.2)
            return before if before == place() else None

        self.desktop.click(*wait_until(place_at_rest, f"{name} stands still"), button=button)

    def select_first(self, count: int) -> dict[str, Any]:
        """Select the first rows of the table by keys; what the window shows then.

        Again where a key was lost: a busy screen may take Shift for released too early.
        """
        for _ in range(5):
            self.desktop.key("ctrl+f", "Down")
            self.wait_for("the table has the keyboard", lambda s: "runTable" in s["focus"])
            self.desktop.key("Down", "Home", *["shift+Down"] * (count - 1))
            end = time.monotonic() + PATIENCE / 5
            while time.monotonic() < end:
                if (state := self.ask())["selected"] == count:
                    return state
                time.sleep(0.05)
        pytest.fail(f"{count} runs are not selected but {state['selected']}\n{state['focus']}")


def open_window(desktop: Desktop, home: Path, config: Path) -> DrivenWindow:
    """Start the application on a screen, in front and with the keyboard."""
    log = desktop.user_home / "window.log"
    with log.open("ab") as errors:
        program = subprocess.Popen(
            [sys.executable, "-m", "tests.support.driven_window", str(home), str(config)],
            cwd=ROOT, env=desktop.environ | {"PYTHONUNBUFFERED": "1", "PYTHONFAULTHANDLER": "1"},
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, text=True,
            start_new_session=True,
        )  # fmt: skip
    desktop.programs.append(program)
    driven = DrivenWindow(desktop, program)
    driven.wait_for("the window is settled", lambda state: state["settled"])
    window = desktop.main_window = desktop.wait_for_window("Rundesk")

    def has_keyboard() -> bool:
        # Again: a window manager may pass over one that just appeared. Where it goes on doing so,
        # the keyboard is given without it. Nothing here waits for what may never come.
        desktop.run("xdotool", "windowactivate", window)
        if driven.ask()["in_front"]:
            return True
        desktop.run("xdotool", "windowfocus", window)
        return bool(driven.ask()["in_front"])

    wait_until(has_keyboard, "the window has the keyboard")
    desktop.catch_up()
    return driven


def main() -> int:
    """Run the application until its window is closed."""
    from PySide6.QtCore import QSocketNotifier

    from gui.app import App

    app = App(Path(sys.argv[1]), Path(sys.argv[2]))
    notifier = QSocketNotifier(sys.stdin.fileno(), QSocketNotifier.Type.Read)

    def answer() -> None:
        try:
            for _ in os.read(sys.stdin.fileno(), 4096).splitlines():
                print(json.dumps(state_of(app)), flush=True)
        except BaseException:
            app.qt.exit(4)  # else who asked would wait for ever
            raise

    notifier.activated.connect(answer)
    status = app.run()
    notifier.setEnabled(False)
    return status if app.shutdown() else 1


def state_of(app: Any) -> dict[str, Any]:
    """What can be seen, found by the names of widgets."""
    from PySide6.QtWidgets import QLineEdit, QTableView, QTabWidget, QTreeView

    from gui.models.places_model import Section

    window = app.sessions[-1].window
    desk = app.sessions[-1].desk
    tables = window.findChildren(QTableView, "runTable")
    table = next((each for each in tables if each.isVisible()), None)
    filter_edit = window.findChild(QLineEdit, "filterEdit")
    tabs = window.findChild(QTabWidget, "detailsTabs")
    places = window.findChild(QTreeView, "placesTree")
    top = app.qt.activeWindow()
    found = {
        "settled": desk is None or desk.feed.is_settled,
        "title": window.windowTitle(),
        "size": window.size().toTuple(),
        "panes": window.splitter.sizes(),
        "in_front": top.windowTitle() if top else "",
        "focus": focus_path(app.qt.focusWidget()),
        "filter": filter_edit.text() if filter_edit else None,
        "tab": tabs.tabText(tabs.currentIndex()) if tabs and tabs.count() else "",
        "place": str(places.currentIndex().data()) if places else "",
        "clipboard": app.qt.clipboard().text(),
        "menu": menu_texts(app.qt.activePopupWidget()),
        "dark": app.shared.theme.scheme == "dark" if hasattr(app.shared.theme, "scheme") else None,
        "rows": 0,
        "current": "",
    }
    if table is not None:
        found |= rows_of(table, desk)
    found |= said_by(window, top) | compared_in(window, desk)
    found["places"] = places_of(places) if places else {}
    found["files"], found["tab_places"] = files_of(window), details_tabs_of(tabs)
    found["tags"] = [place.key for place in window.places_model.places(Section.TAGS)]
    return found | {
        "diff": diff_of(window),
        "remotes": remotes_of(window),
        "jobs": jobs_of(window),
    }


def rows_of(table: Any, desk: Any) -> dict[str, Any]:
    """The runs that a table shows, and which of them are chosen."""
    model, columns = table.model(), table.model().columns
    slots = list(model.order)
    ids = [str(columns.value("id", slot)) for slot in slots[:500]]
    found = {
        "rows": model.rowCount(),
        "ids": ids,
        "selected": sum(part.height() for part in table.selectionModel().selection()),
        "labels": labels_of(model),
        "tags_of": [columns.value("tags", slot) or () for slot in slots[:20]],
        "cells": {key: cells_of(table, key) for key in ("label", "tags")},
        "selected_ids": desk.front.runs.selected_ids(),
        "marked": [run_id for run_id in ids if is_marked(columns, run_id)],
    }
    current = table.currentIndex()
    if current.isValid():
        found["current"] = str(columns.value("id", slots[current.row()]))
    return found | order_of(table, desk)


def order_of(table: Any, desk: Any) -> dict[str, Any]:
    """By which columns runs are sorted; middle and width of each heading by its column."""
    sort = [level.key for level in desk.front.runs.view.sort]
    return {"sort": sort, "run_headings": headings_of(table)}


def headings_of(table: Any) -> dict[str, list[int]]:
    """The middle of each heading on the screen and its width, by the key of its column."""
    from PySide6.QtCore import QPoint

    header, found = table.horizontalHeader(), {}
    for section, key in enumerate(table.model().keys):
        width = header.sectionSize(section)
        middle = QPoint(header.sectionViewportPosition(section) + width // 2, header.height() // 2)
        point = header.viewport().mapToGlobal(middle)
        found[key] = [point.x(), point.y(), width]
    return found


def jobs_of(window: Any) -> list[list[Any]]:
    """Title and state of each job, and where on the screen its row is."""
    from PySide6.QtWidgets import QTableView

    table = window.findChild(QTableView, "jobsTable")
    found = []
    for number, row in enumerate(window.jobs.jobs):
        area = table.visualRect(table.model().index(number, 0))
        point = table.viewport().mapToGlobal(area.center())
        found.append([row.job.title, row.look.text, [point.x(), point.y()]])
    return found


def remotes_of(window: Any) -> dict[str, str]:
    """How each remote is, by its name."""
    from gui.models.places_model import Section

    remotes = window.places_model.places(Section.REMOTES)
    return {place.title: place.spoken for place in remotes}


def diff_of(window: Any) -> dict[str, str]:
    """What the page Diff says; nothing while it is not seen."""
    from PySide6.QtWidgets import QLabel, QTreeView

    tree = window.findChild(QTreeView, "diffList")
    if tree is None or not tree.isVisible():
        return {}
    labels = {name: window.findChild(QLabel, name) for name in ("diffHeading", "diffPlace")}
    if None in labels.values():
        return {}  # the right part of the page comes a moment after the left one
    seen = {name: label.text() for name, label in labels.items()}
    return seen | {"row": str(tree.currentIndex().siblingAtColumn(0).data() or "")}


def labels_of(model: Any) -> dict[str, str]:
    """The labels shown, by run id."""
    columns = model.columns
    slots = list(model.order)[:500]
    return {str(columns.value("id", s)): columns.value("label", s) or "" for s in slots}


def said_by(window: Any, top: Any) -> dict[str, Any]:
    """What the bar says, what is typed, and what is asked in front of the window."""
    from PySide6.QtWidgets import QPlainTextEdit

    comment = window.findChild(QPlainTextEdit, "commentEdit")
    bar = window.undo_bar
    return {
        "bar": bar.sentence,
        "bar_buttons": {} if bar._guard.isActive() else buttons_of(bar),
        "notice": window.centre.notices.text(),
        "notice_buttons": buttons_of(window.centre.notices),
        "parcel": middle_of(window.centre.parcel),
        "comment": comment.toPlainText() if comment else None,
        "buttons": buttons_of(top) if top is not None and top is not window else {},
        "boxes": boxes_of(top) if top is not None and top is not window else {},
        "words": words_of(top) if top is not None and top is not window else [],
    }


def words_of(widget: Any) -> list[str]:
    """What the labels and logs of a dialog say, from the first to the last."""
    from PySide6.QtWidgets import QLabel, QPlainTextEdit

    labels = [w.text() for w in widget.findChildren(QLabel) if w.isVisible() and w.text()]
    logs = [w.toPlainText() for w in widget.findChildren(QPlainTextEdit) if w.isVisible()]
    return labels + logs


def compared_in(window: Any, desk: Any) -> dict[str, Any]:
    """Which page is beside the runs, and what the comparison says; places on the screen."""
    tabs = window.centre.tabs
    found: dict[str, Any] = {"page": tabs.page_name(), "tabs": {}, "compared": [], "headings": {}}
    for place in range(tabs.bar.count()):
        point = tabs.bar.mapToGlobal(tabs.bar.tabRect(place).center())
        found["tabs"][tabs.bar.tabText(place)] = [point.x(), point.y()]
    page = tabs.current()
    if found["page"] != "compare" or page is None or page.comparison.is_waiting:
        return found
    table, model = page.table, page.table.compare_model
    ids = desk.runs.columns.stored("id")
    slots = [model.slot(line) for line in range(len(model.lines))]
    found["compared"] = [model.name(n) if s is None else ids[s] for n, s in enumerate(slots)]
    found["pinned"] = desk.chosen.pinned
    found["sort"] = [list(level) for level in page.comparison.view.sort]
    found["picked"] = desk.runs.selected_ids()
    head = table.columns_head
    for section in range(len(model.facts) if not model.is_turned else 0):
        x = head.sectionViewportPosition(section) + 14
        point = head.viewport().mapToGlobal(head.viewport().rect().topLeft())
        if 0 <= x < head.viewport().width():
            found["headings"][model.title(section)] = [point.x() + x, point.y() + 12]
    areas = [table.visualRect(model.index_of(line)) for line in range(min(20, len(slots)))]
    points = [table.viewport().mapToGlobal(area.center()) for area in areas]
    found["lines"] = [[p.x(), p.y()] for p in points]
    return found


def is_marked(columns: Any, run_id: str) -> bool:
    """Whether a run is shown as marked."""
    slot = columns.slot_of(run_id)
    return slot is not None and bool(columns.value("marked", slot))


def buttons_of(widget: Any) -> dict[str, list[int]]:
    """Where on the screen each button is, by its text."""
    from PySide6.QtWidgets import QPushButton

    shown = [b for b in widget.findChildren(QPushButton) if b.isVisible() and b.text()]
    points = [button.mapToGlobal(button.rect().center()) for button in shown]
    return {b.text(): [p.x(), p.y()] for b, p in zip(shown, points, strict=True)}


def boxes_of(widget: Any) -> dict[str, list[int]]:
    """Where on the screen the sign of each check box is, by its text, and whether it is checked."""
    from PySide6.QtCore import QPoint
    from PySide6.QtWidgets import QCheckBox

    found = {}
    for box in widget.findChildren(QCheckBox):
        if box.isVisible():
            point = box.mapToGlobal(QPoint(10, box.height() // 2))
            found[box.text().replace("&", "")] = [point.x(), point.y(), box.isChecked()]
    return found


def middle_of(widget: Any) -> list[int]:
    """Where on the screen the left part of a widget is; empty while it is hidden."""
    from PySide6.QtCore import QPoint

    if not widget.isVisible():
        return []
    point = widget.mapToGlobal(QPoint(40, widget.height() // 2))
    return [point.x(), point.y()]


def cells_of(table: Any, key: str) -> list[list[int]]:
    """Where the cells of a column begin on the screen: left edge and middle of each row."""
    keys = table.column_keys()
    if key not in keys:
        return []
    section = keys.index(key)
    areas = [table.visualRect(table.model().index(row, section)) for row in range(20)]
    points = [table.viewport().mapToGlobal(area.center()) for area in areas]
    return [[p.x() - a.width() // 2, p.y()] for p, a in zip(points, areas, strict=True)]


def places_of(places: Any) -> dict[str, list[int]]:
    """Where on the screen each place is, by its title."""
    model, found = places.model(), {}
    for section in range(model.rowCount()):
        above = model.index(section, 0)
        for row in range(model.rowCount(above)):
            index = model.index(row, 0, above)
            point = places.viewport().mapToGlobal(places.visualRect(index).center())
            found[str(index.data())] = [point.x(), point.y()]
    return found


def files_of(window: Any) -> dict[str, list[int]]:
    """Where on the screen each top entry of a run's files is, by its name."""
    from PySide6.QtWidgets import QTreeView

    tree = window.findChild(QTreeView, "filesTree")
    if tree is None or not tree.isVisible() or tree.model() is None:
        return {}
    rows = [tree.model().index(row, 0) for row in range(tree.model().rowCount())]
    found = {}
    for index in rows:
        area = tree.visualRect(index)
        point = tree.viewport().mapToGlobal(area.center())
        found[str(index.data())] = [point.x() - area.width() // 4, point.y()]
    return found


def details_tabs_of(tabs: Any) -> dict[str, list[int]]:
    """Where on the screen each tab of the details is that can be pressed, by its text."""
    from PySide6.QtCore import QPoint
    from PySide6.QtWidgets import QToolButton

    if tabs is None or not tabs.isVisible():
        return {}
    bar, found = tabs.tabBar(), {}
    arrows = [arrow.x() for arrow in bar.findChildren(QToolButton) if arrow.isVisible()]
    for place in range(tabs.count()):
        tab = bar.tabRect(place)
        right = min(tab.right(), *(x - 1 for x in arrows), bar.width())
        if right - tab.left() > 8:
            point = bar.mapToGlobal(QPoint((tab.left() + right) // 2, tab.center().y()))
            found[tabs.tabText(place)] = [point.x(), point.y()]
    return found


def menu_texts(popup: Any) -> list[str]:
    """What the open menu offers; empty while none is open."""
    actions = popup.actions() if popup is not None and popup.inherits("QMenu") else []
    return [action.text().replace("&", "") for action in actions if action.text()]


def focus_path(widget: Any) -> str:
    """Object names from the focused widget up to its window."""
    names = []
    while widget is not None:
        names.append(widget.objectName())
        widget = widget.parentWidget()
    return " < ".join(name for name in names if name)


if __name__ == "__main__":
    sys.exit(main())
