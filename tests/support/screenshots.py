"""Takes the pictures of the readme: `make screenshots`.

A real window on a screen that nobody sees, on a sample store, so that the pictures always show
what there is.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

from msgspec import Struct

from tests.support.patience import PATIENCE

PICTURES = Path(__file__).parents[2] / "resources" / "screenshots"
COLUMNS = (
    "status", "operation", "label", "tags", "started", "flag:lr", "spark:val_accuracy",
)  # fmt: skip
WIDTHS = (196, 894, 350)
TRAINED = "operation contains train and status = completed"
COMPARED = ("=lr", "=batch_size", "=optimizer", "accuracy", "val_accuracy", "min val_loss")


class Picture(Struct, frozen=True):
    """What one picture shows.

    Attributes:
        name: Of the file.
        label: Of the run that is selected.
        tab: Which details of it.
        filter: Typed into the filter box.
        file: Folders and name of the file that is looked into.
        is_compared: Whether the runs are compared, with the selected one as baseline.
        group_by: What compared runs are grouped by.
    """

    name: str
    scheme: Literal["light", "dark"]
    label: str
    tab: str
    filter: str = ""
    file: tuple[str, ...] = ()
    is_compared: bool = False
    group_by: tuple[str, ...] = ()


SHOTS = (
    Picture("window-light", "light", "best so far 🎉", "scalars"),
    Picture("window-dark", "dark", "best so far 🎉", "overview"),
    Picture(
        "files-light",
        "light",
        "best so far 🎉",
        "files",
        "lr < 0.01 and last val_accuracy > 0.7",
        ("results", "confusion.png"),
    ),
    Picture("output-dark", "dark", "too big for this card", "output"),
    Picture("compare-light", "light", "best so far 🎉", "scalars", TRAINED, is_compared=True),
    Picture(
        "compare-dark",
        "dark",
        "best so far 🎉",
        "scalars",
        TRAINED,
        is_compared=True,
        group_by=("=optimizer",),
    ),
)


def main() -> None:
    """Start a screen, and on it this module again with a directory for the store."""
    if len(sys.argv) > 1:
        take(Path(sys.argv[1]))
        return
    from tests.support.desktop import Desktop, start_server

    with tempfile.TemporaryDirectory(prefix="rundesk-pictures-") as place:
        server, display = start_server()
        screen = Desktop(display, Path(place))
        screen.start("openbox")
        screen.wait_for_manager()
        argv = [sys.executable, "-m", "tests.support.screenshots", place]
        status = subprocess.run(argv, env=os.environ | screen.environ, check=False).returncode
        screen.close()
        server.terminate()
        server.wait(PATIENCE)
    sys.exit(status)


def take(place: Path) -> None:
    """Make a store, show it, take every picture."""
    from core.sample import make_sample_store
    from gui.app import App

    home = place / "birds"
    make_sample_store(home, now=time.time_ns() // 1000, story=True, running_pid=os.getpid())
    app = App(home, place / "config")
    window, desk = app.window, app.sessions[0].desk
    spin(app, lambda: desk.feed.is_settled)
    window.resize(1440, 860)
    window.move(0, 20)
    window.splitter.setSizes(list(WIDTHS))
    desk.table.show_columns(list(COLUMNS))
    PICTURES.mkdir(exist_ok=True)
    for shot in SHOTS:
        show(app, window, desk, shot)
        picture = window.screen().grabWindow(window.winId())
        assert picture.save(str(PICTURES / f"{shot.name}.png"))
    app.shutdown()


def show(app: Any, window: Any, desk: Any, shot: Picture) -> None:
    """Bring the window into the state of a picture."""
    from PySide6.QtTest import QTest
    from PySide6.QtWidgets import QLineEdit

    app.shared.theme.force(shot.scheme)
    window.actions_by_id["view.runs"].trigger()
    window.actions_by_id["view.clear-filter"].trigger()
    window.activateWindow()
    QTest.keyClicks(window.findChild(QLineEdit, "filterEdit"), shot.filter)
    rest(app)
    columns = desk.runs.columns
    labels = columns.values("label")
    slot = next(i for i in columns.slots() if labels[i] == shot.label)
    spin(app, lambda: desk.runs.model.row_of(slot) is not None and not desk.runs.is_arranging)
    desk.runs.select_ids([columns.value("id", slot)])
    desk.table.setFocus()
    window.details.show_tab(shot.tab)
    rest(app)
    if shot.tab == "scalars":
        spin(app, lambda: window.details.tab("scalars").plot.picture)
        rest(app)
    if shot.is_compared:
        compare(app, window, desk, shot)
    if shot.file:
        look_into(app, window, shot.file)


def compare(app: Any, window: Any, desk: Any, shot: Picture) -> None:
    """Compare what the filter shows with the selected run."""
    window.actions_by_id["compare.open"].trigger()
    desk.chosen.pin(desk.runs.current_ref().id)
    comparison = window.centre.tabs.page("compare").comparison
    comparison.change(columns=COMPARED, sort=(("val_accuracy", True),), group_by=shot.group_by)
    spin(app, lambda: not comparison.is_waiting)
    rest(app)


def look_into(app: Any, window: Any, names: tuple[str, ...]) -> None:
    """Open folders in the tree of files, and select a file in the last one."""
    from PySide6.QtCore import QModelIndex
    from PySide6.QtWidgets import QTreeView

    tree = window.findChild(QTreeView, "filesTree")
    model, index = tree.model(), QModelIndex()
    for name in names:
        spin(app, lambda: model.rowCount(index))  # noqa: B023 - called before the next turn
        children = [model.index(row, 0, index) for row in range(model.rowCount(index))]
        index = next(child for child in children if child.data() == name)
        tree.expand(index)
        rest(app)
    tree.setCurrentIndex(index)
    rest(app)


def rest(app: Any) -> None:
    """Let what was asked for arrive and be drawn."""
    end = time.monotonic() + 2
    spin(app, lambda: time.monotonic() > end)


def spin(app: Any, is_so: Callable[[], object], patience: float = 30) -> None:
    """Run the event loop until something is so."""
    end = time.monotonic() + patience
    while not is_so():
        assert time.monotonic() < end, "the window does not get ready"
        app.qt.processEvents()
        time.sleep(0.005)


if __name__ == "__main__":
    main()
