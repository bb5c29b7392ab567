"""A window that is killed shows the next time what it showed, and looks as it looked."""

from __future__ import annotations

import json

from core.sample import make_sample_store
from tests.support.desktop import Desktop, wait_until
from tests.support.driven_window import open_window
from tests.support.patience import PATIENCE

WIDER = 60


def drag(desktop: Desktop, x: int, y: int, by: int) -> None:
    """Press the pointer, move it to the right and let go."""
    desktop.run("xdotool", "mousemove", str(x), str(y), "mousedown", "1", "sleep", "0.2")
    for part in range(1, 5):
        desktop.run("xdotool", "mousemove", str(x + by * part // 4), str(y), "sleep", "0.1")
    desktop.run("xdotool", "mouseup", "1")


def test_columns_and_order_outlive_a_kill(desktop: Desktop):
    home, config = desktop.user_home / ".guild", desktop.user_home / "config"
    make_sample_store(home, runs=12)
    window = open_window(desktop, home, config)
    seen = window.wait_for("headings are there", lambda s: "operation" in s.get("run_headings", {}))
    x, y, width = seen["run_headings"]["operation"]
    desktop.click(x, y)
    window.wait_for("the runs are in another order", lambda s: s["sort"] == ["operation"])
    drag(desktop, x + width // 2 - 1, y, WIDER)
    wider = window.wait_for("it is wider", lambda s: s["run_headings"]["operation"][2] > width + 40)
    wanted = wider["run_headings"]["operation"][2]

    def noted():
        tables = [json.loads(n.read_text())["table"] for n in (config / "looks").glob("home-*")]
        return [json.loads(table)["widths"].get("operation") for table in tables]

    wait_until(lambda: noted() == [wanted], "it is noted")
    window.program.kill()
    window.program.wait(PATIENCE)

    again = open_window(desktop, home, config)

    state = again.wait_for("it looks so again", lambda s: s["sort"] == ["operation"])
    assert state["run_headings"]["operation"][2] == wanted


def test_the_size_of_the_window_and_its_panes_outlive_a_kill(desktop: Desktop):
    home, config = desktop.user_home / ".guild", desktop.user_home / "config"
    make_sample_store(home, runs=12)
    window = open_window(desktop, home, config)
    before = window.ask()
    width, height = before["size"]
    desktop.run(
        "xdotool", "windowsize", desktop.main_window, str(width - WIDER), str(height - WIDER)
    )
    smaller = window.wait_for("it is smaller", lambda s: s["size"][1] < height)
    x, y, first = min(smaller["run_headings"].values())
    drag(desktop, x - first // 2 - 1, y + 200, WIDER)  # the line between places and runs
    wider = window.wait_for("a pane is wider", lambda s: s["panes"][0] > smaller["panes"][0] + 40)
    wanted = " ".join(str(wider["panes"][pane]) for pane in (0, 2))

    def noted():
        looks = [json.loads(note.read_text()) for note in (config / "looks").glob("home-*")]
        return [look["panes/widths"] for look in looks]

    wait_until(lambda: noted() == [wanted], "it is noted")
    window.program.kill()
    window.program.wait(PATIENCE)

    again = open_window(desktop, home, config)

    state = again.wait_for("it is as large again", lambda s: s["size"] == wider["size"])
    assert state["panes"] == wider["panes"]
