"""Runs of a server that are set side by side: their files, pictures and values."""

from __future__ import annotations

import csv

import pytest

from core.runs.tfevents import EventWriter
from tests.support.diff_pages import png
from tests.support.far_desk import BOTH, THERE, front, trigger
from tests.support.runs import make_run

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")

COLOURS = {THERE: "#ff0000", BOTH: "#0000ff"}


@pytest.fixture
def there(server):
    """Two runs on the server, with files that differ."""
    runs = server.login / ".guild" / "runs"
    for number, (run_id, colour) in enumerate(COLOURS.items()):
        run = make_run(
            runs,
            run_id,
            attrs={"flags": f"lr: 0.{number + 1}"},
            files={"note.txt": f"run {number}\n", "plots/a.png": png(colour)},
        )
        with EventWriter(str(run / ".guild" / "events.out.tfevents.1.box")) as writer:
            for step in range(3):
                writer.add(step, [("loss", number + step)])
    return runs


@pytest.fixture
def desk(open_desk, configure, server, there, qtbot):
    """The server's runs in front."""
    configure(server)
    app, home = open_desk()
    found = front(app, qtbot)
    columns = found.shelf.columns
    qtbot.waitUntil(lambda: "loss" in columns.scalar_keys(), timeout=20_000)
    return app, found, home


def test_two_runs_of_a_server_are_set_side_by_side(desk, qtbot):
    app, shelf, _home = desk
    trigger(app, "view.diff")
    page = shelf.tabs.current()
    page.look_at("files", "note.txt")

    qtbot.waitUntil(lambda: page.pane.look == "text", timeout=20_000)
    assert "−1 +1 lines" in page.pane.note.text()
    page.look_at("flags")
    qtbot.waitUntil(lambda: page.pane.heading.text() == "Flags")
    assert page.pane.note.text() == "1 of 1 differ"


def test_the_pictures_of_a_server_are_shown(desk, qtbot):
    app, shelf, _home = desk
    trigger(app, "view.images")
    page = shelf.tabs.current()

    def colours():
        pictures = [page._store.get(tile.key) for tile in page.tiles.seen() if tile.key]
        return {p.image.pixelColor(0, 0).name() for p in pictures if p is not None}

    qtbot.waitUntil(lambda: colours() == set(COLOURS.values()), timeout=20_000)


def test_the_values_of_a_server_are_written(desk, qtbot, tmp_path):
    app, shelf, _home = desk
    trigger(app, "view.plots")
    page = shelf.tabs.current()
    page.show_mode("curves")
    qtbot.waitUntil(lambda: "loss" in page.curves.scalars.keys, timeout=10_000)
    path = tmp_path / "values.csv"

    with qtbot.waitSignal(page.values.saved, timeout=20_000):
        page.values.save(path)

    found = [(r["run"], float(r["value"])) for r in csv.DictReader(path.read_text().splitlines())]
    assert sorted(found) == sorted(
        (run_id, float(n + step)) for n, run_id in enumerate(COLOURS) for step in range(3)
    )


def test_a_server_that_is_gone_is_told_in_one_sentence(desk, qtbot, server):
    app, shelf, home = desk
    trigger(app, "view.diff")
    page = shelf.tabs.current()
    page.look_at("files", "note.txt")
    qtbot.waitUntil(lambda: page.pane.look == "text", timeout=20_000)
    server.stop()
    home.remotes.session("gpu1").close()

    page.look_at("files", "plots/a.png")

    qtbot.waitUntil(lambda: "gpu1" in page.pane.message.text(), timeout=30_000)
    assert page.pane.message.isVisible()
