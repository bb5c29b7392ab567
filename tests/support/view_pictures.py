"""Takes pictures of every way to compare, for people to look at.

    python -m tests.support.view_pictures DIRECTORY [NAME…]

A real window on a screen that nobody sees, with 2, 20 and 2,000 runs, light and dark, in a small
and in a large window. Names choose some of the views; without names all are taken.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from itertools import product
from pathlib import Path
from typing import Any

from msgspec import Struct

from tests.support.patience import PATIENCE
from tests.support.screenshots import spin

SCREEN = "1960x1140x24"
SIZES = {"small": (1000, 650), "large": (1920, 1080)}
SCHEMES = ("light", "dark")
COUNTS = (2, 20, 2000)
STORE = 2000
CURVES = ("loss", "val_loss", "accuracy", "val_accuracy")


def main() -> None:
    """Start a screen, and on it this module again with the store and the directory."""
    if os.environ.get("RUNDESK_PICTURES_OF"):
        take(Path(os.environ["RUNDESK_PICTURES_OF"]), Path(sys.argv[1]), sys.argv[2:])
        return
    from tests.support.desktop import Desktop, start_server, wait_until

    with tempfile.TemporaryDirectory(prefix="rundesk-pictures-") as place:
        server, display = start_server(SCREEN)
        screen = Desktop(display, Path(place))
        screen.start("openbox")
        wait_until(lambda: screen.run("xdotool", "get_num_desktops") != "", "openbox starts")
        argv = [sys.executable, "-m", "tests.support.view_pictures", *sys.argv[1:]]
        environ = os.environ | screen.environ | {"RUNDESK_PICTURES_OF": place}
        status = subprocess.run(argv, env=environ, check=False).returncode
        screen.close()
        server.terminate()
        server.wait(PATIENCE)
    sys.exit(status)


def make_home(home: Path) -> None:
    """A store of two thousand runs, sixty of which have pictures and tables."""
    from core.sample import make_sample_store

    now = time.time_ns() // 1000
    make_sample_store(home, runs=STORE, seed=2, now=now - 10**12)
    told = home.with_name("told")
    make_sample_store(told, now=now, story=True)
    for run_dir in (told / "runs").iterdir():
        shutil.move(run_dir, home / "runs" / run_dir.name)


class View(Struct, frozen=True):
    """One way to compare, and how it is brought about.

    Attributes:
        page: Of the centre.
        show: Brings the page into the state that is looked at.
        counts: With how many runs.
    """

    page: str
    show: Callable[[Seen, Any], None]
    counts: tuple[int, ...] = COUNTS


class Seen(Struct):
    """A window, and the place that pictures go to."""

    app: Any
    place: Path

    @property
    def window(self) -> Any:
        """The window."""
        return self.app.window

    @property
    def desk(self) -> Any:
        """What its home shows."""
        return self.app.sessions[0].desk

    def rest(self, seconds: float = 0.6) -> None:
        """Let what was asked for arrive and be drawn."""
        end = time.monotonic() + seconds
        bridge = self.app.sessions[0].bridge if hasattr(self.app.sessions[0], "bridge") else None
        spin(self.app, lambda: time.monotonic() > end and not getattr(bridge, "is_busy", False))

    def choose(self, count: int) -> None:
        """Have so many runs compared: trained ones, or all."""
        self.window.actions_by_id["view.runs"].trigger()
        runs = self.desk.runs
        if count >= STORE:
            runs.select_ids([])
            self.rest()
            return
        columns, runs_dir = runs.columns, self.app.sessions[0].home.runs_dir
        status, operation = columns.values("status"), columns.values("operation")
        trained = [
            columns.value("id", slot)
            for slot in runs.model.order
            if status[slot] == "completed" and operation[slot].endswith("train")
        ]
        trained.sort(key=lambda run_id: not (runs_dir / run_id / "results").exists())
        runs.select_ids(trained[:count])
        self.rest(0.3)

    def shoot(self, name: str) -> None:
        """Keep what is on the screen of the window."""
        picture = self.window.screen().grabWindow(self.window.winId())
        assert picture.save(str(self.place / f"{name}.png"))


def compare_with(seen: Seen, page: Any, **changes: Any) -> None:
    """Compare in this way, and wait for it."""
    none = {"columns": None, "added": (), "sort": (), "group_by": (), "only_different": True}
    page.comparison.change(**none | changes)
    spin(seen.app, lambda: not page.comparison.is_waiting)


def flat(seen: Seen, page: Any) -> None:
    """The plain table."""
    compare_with(seen, page)


def grouped(seen: Seen, page: Any) -> None:
    """Groups of a flag, sorted."""
    compare_with(seen, page, group_by=("=optimizer", "=model"), sort=(("val_accuracy", True),))


def turned(seen: Seen, page: Any) -> None:
    """Runs as columns, with a baseline."""
    compare_with(seen, page, only_different=False)
    pinned(seen, page)
    page.turn(on=True)


def pinned(seen: Seen, page: Any) -> None:
    """A baseline that stays in sight."""
    seen.desk.chosen.pin(seen.desk.chosen.ids()[1])
    spin(seen.app, lambda: not page.comparison.is_waiting)


def smooth_curves(seen: Seen, page: Any) -> None:
    """Smoothed curves, a colour a run where there are few."""
    page.show_mode("curves")
    page.curves.scalars.set_keys(CURVES)
    page.curves.scalars.chosen.emit()
    page.curves.smoothing.setValue(70)


def log_curves(seen: Seen, page: Any) -> None:
    """Logarithmic axes and means of groups."""
    smooth_curves(seen, page)
    page.curves.smoothing.setValue(0)
    page.colour_by.chosen.emit("flag:optimizer")
    for box in (page.curves.log_x, page.curves.log_y, page.curves.averages):
        box.setChecked(True)


def one_curve(seen: Seen, page: Any) -> None:
    """One panel, with what is under the pointer."""
    from PySide6.QtCore import QPointF

    page.show_mode("curves")
    page.curves.scalars.set_keys(["loss"])
    page.curves.scalars.chosen.emit()
    seen.rest(1.2)
    panel = page.curves.panels["loss"]
    area = panel.canvas.area
    panel.canvas.pointed.emit(QPointF(area.left() + area.width() * 0.4, area.center().y()))


def scatter(seen: Seen, page: Any) -> None:
    """Dots by a flag and a scalar."""
    page.show_mode("scatter")


def parallel(seen: Seen, page: Any) -> None:
    """All lines."""
    page.show_mode("parallel")


def brushed(seen: Seen, page: Any) -> None:
    """A brush, and the faint lines of the others."""
    page.show_mode("parallel")
    seen.rest()
    page.parallel.plot.set_brushes({page.parallel.plot.axes[-1].key: [(0.55, 0.9)]})


def section(name: str, file: str = "") -> Callable[[Seen, Any], None]:
    """What shows a section of the differences, or a file of it."""

    def show(seen: Seen, page: Any) -> None:
        page.bar.only.setChecked(True)
        page.look_at(name, file)

    return show


def every_value(seen: Seen, page: Any) -> None:
    """Flags and attributes with those that are the same."""
    page.look_at("flags")
    page.bar.only.setChecked(False)


def picture_mode(mode: str) -> Callable[[Seen, Any], None]:
    """What shows two pictures in one of the ways."""

    def show(seen: Seen, page: Any) -> None:
        page.look_at("files", "results/confusion.png")
        seen.rest()
        page.room.set_mode(mode)

    return show


def image_grid(seen: Seen, page: Any) -> None:
    """The same picture of every run."""
    page.look_at("results/confusion.png")


TWO = (2,)
VIEWS: dict[str, View] = {
    "table": View("compare", flat),
    "groups": View("compare", grouped, (20, 2000)),
    "turned": View("compare", turned, (2, 20)),
    "pinned": View("compare", pinned),
    "curves-smooth": View("plots", smooth_curves),
    "curves-log": View("plots", log_curves),
    "curves-one": View("plots", one_curve),
    "scatter": View("plots", scatter),
    "parallel": View("plots", parallel),
    "brushed": View("plots", brushed),
    "diff-flags": View("diff", section("flags"), TWO),
    "diff-all": View("diff", every_value, TWO),
    "diff-environment": View("diff", section("environment"), TWO),
    "diff-source": View("diff", section("source", "train.py"), TWO),
    "diff-output": View("diff", section("output"), TWO),
    "diff-table": View("diff", section("files", "results/predictions.csv"), TWO),
    "diff-keys": View("diff", section("files", "metrics.json"), TWO),
    "diff-yaml": View("diff", section("files", "results/config.yml"), TWO),
    "diff-pictures": View("diff", picture_mode("beside"), TWO),
    "diff-slider": View("diff", picture_mode("slider"), TWO),
    "diff-difference": View("diff", picture_mode("difference"), TWO),
    "images": View("images", image_grid),
}


def take(base: Path, place: Path, names: list[str]) -> None:
    """Make a store, show it, take every picture."""
    from gui.app import App

    home = base / "home"
    make_home(home)
    place.mkdir(parents=True, exist_ok=True)
    app = App(home, base / "config")
    seen = Seen(app, place)
    spin(app, lambda: seen.desk.feed.is_settled, 120)
    chosen = {name: view for name, view in VIEWS.items() if not names or name in names}
    for count, name, view in in_order(chosen):
        try:
            show_one(seen, count, name, view)
        except Exception as e:  # noqa: BLE001 - the others are wanted all the same
            print(f"{name}-{count}: {type(e).__name__}: {e}", flush=True)
    app.shutdown()


def in_order(views: dict[str, View]) -> Iterator[tuple[int, str, View]]:
    """Number of runs by number of runs, page by page."""
    for count, (name, view) in product(COUNTS, views.items()):
        if count in view.counts:
            yield count, name, view


def show_one(seen: Seen, count: int, name: str, view: View) -> None:
    """Take the pictures of one view: both sizes, both schemes."""
    seen.choose(count)
    seen.desk.chosen.pin(None)
    seen.window.actions_by_id["compare.open"].trigger()
    tabs = seen.window.centre.tabs
    tabs.page("compare").turn(on=False)
    tabs.show_page(view.page)
    page = tabs.page(view.page)
    if view.page == "plots":
        reset_plots(page)
    seen.rest()
    for (size, (width, height)), scheme in product(SIZES.items(), SCHEMES):
        seen.window.resize(width, height)
        seen.app.shared.theme.force(scheme)
        seen.rest(0.4)
        view.show(seen, page)
        seen.rest(2.5 if count > 100 else 1)
        seen.shoot(f"{name}-{count}-{size}-{scheme}")


def reset_plots(page: Any) -> None:
    """What another view has left."""
    page.colour_by.chosen.emit("auto")
    page.parallel.plot.set_brushes({})
    for box in (page.curves.log_x, page.curves.log_y, page.curves.averages):
        box.setChecked(False)


if __name__ == "__main__":
    main()
