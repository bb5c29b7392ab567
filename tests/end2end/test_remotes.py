"""Runs dragged between this computer and real servers, by a real pointer on a real screen."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from core.sample import make_sample_store
from tests.support.desktop import Desktop, wait_until
from tests.support.driven_window import DrivenWindow, open_window
from tests.support.known_servers import know_servers
from tests.support.runs import make_run

FAR = "f" * 32


@pytest.fixture
def home(tmp_path) -> Path:
    home = tmp_path / "home"
    make_sample_store(home, runs=12, seed=3)
    return home


@pytest.fixture
def server(start_ssh_server):
    """A server with a shell."""
    server = start_ssh_server()
    make_run(server.login / ".guild" / "runs", FAR, attrs={"label": "from afar"})
    return server


@pytest.fixture
def sftp_server(start_ssh_server):
    """A server that knows nothing but SFTP."""
    return start_ssh_server(sftp_only=True)


@pytest.fixture
def configure(desktop):
    """Writes remotes into the configuration of the user of the screen."""
    return partial(know_servers, desktop.user_home)


def open_desk(desktop: Desktop, home: Path, tmp_path: Path, *places: str) -> DrivenWindow:
    window = open_window(desktop, home, tmp_path / "config")
    (found,) = desktop.windows("Rundesk")
    desktop.run("xdotool", "windowsize", "--sync", found, "1300", "820")
    desktop.run("xdotool", "windowmove", "--sync", found, "0", "20")
    desktop.activate(found)
    window.wait_for("the remotes are places", lambda s: set(places) <= set(s["places"]))
    window.wait_for("the rows have places", lambda s: s["cells"]["label"])
    return window


def drag(desktop: Desktop, start: list[int], end: list[int]) -> None:
    """Press on a place, move on in steps as a hand does, and let go."""
    (x, y), (to_x, to_y), steps = start, end, 10
    desktop.run("xdotool", "mousemove", str(x + 8), str(y), "sleep", "0.1")
    desktop.run("xdotool", "mousedown", "1", "sleep", "0.2")
    for n in range(1, steps + 1):
        at = (str(x + (to_x - x) * n // steps), str(y + (to_y - y) * n // steps))
        desktop.run("xdotool", "mousemove", *at, "sleep", "0.06")
    desktop.run("xdotool", "sleep", "0.3", "mouseup", "1")


def test_runs_dropped_on_a_remote_are_pushed_and_guild_lists_them_there(
    desktop, home, server, configure, tmp_path, peer
):
    configure(gpu1=server)
    window = open_desk(desktop, home, tmp_path, "gpu1")
    state = window.ask()
    first, second = state["ids"][2], state["ids"][3]
    desktop.click(state["cells"]["label"][2][0] + 8, state["cells"]["label"][2][1])
    desktop.run("xdotool", "keydown", "shift")
    desktop.click(state["cells"]["label"][3][0] + 8, state["cells"]["label"][3][1])
    desktop.run("xdotool", "keyup", "shift")
    state = window.wait_for("two runs are selected", lambda s: s["selected"] == 2)

    drag(desktop, state["cells"]["label"][2], state["places"]["gpu1"])
    window.press("Push 2 Runs")

    there = server.login / ".guild" / "runs"
    wait_until(lambda: (there / first).is_dir() and (there / second).is_dir(), "both arrive", 30)
    window.wait_for("the bar says it", lambda s: s["bar"].startswith("Pushed 2 runs"))
    listed = peer.json(server.login / ".guild", "runs", "list", "--json", "--all")
    assert {first, second, FAR} <= {run["id"] for run in listed}


def test_runs_of_a_remote_dropped_on_this_computer_are_pulled(
    desktop, home, server, configure, tmp_path, peer
):
    configure(gpu1=server)
    window = open_desk(desktop, home, tmp_path, "gpu1")
    window.press_place("gpu1")
    state = window.wait_for("its run is shown", lambda s: s.get("ids") == [FAR])
    wait_until(lambda: window.ask()["cells"]["label"], "the row has a place")
    state = window.ask()

    drag(desktop, state["cells"]["label"][0], state["places"]["This computer"])
    window.press("Pull 1 Run")

    wait_until(lambda: (home / "runs" / FAR).is_dir(), "the run arrives", 30)
    window.press_place("This computer")
    window.wait_for("it is among the runs here", lambda s: FAR in s.get("ids", ()))
    assert FAR in {run["id"] for run in peer.json(home, "runs", "list", "--json", "--all")}


def test_runs_go_to_a_server_that_knows_nothing_but_sftp_and_back(
    desktop, home, sftp_server, configure, tmp_path
):
    configure(plain=sftp_server)
    window = open_desk(desktop, home, tmp_path, "plain")
    state = window.ask()
    run_id = state["ids"][1]

    drag(desktop, state["cells"]["label"][1], state["places"]["plain"])
    window.press("Push 1 Run")
    there = sftp_server.login / ".guild" / "runs" / run_id
    wait_until(there.is_dir, "the run arrives", 30)
    window.wait_for("the bar says it", lambda s: s["bar"].startswith("Pushed 1 run"))

    window.press_place("plain")
    window.wait_for("it is listed there", lambda s: s.get("ids") == [run_id])


def test_a_drop_where_runs_cannot_go_changes_nothing(desktop, home, server, configure, tmp_path):
    configure(gpu1=server)
    window = open_desk(desktop, home, tmp_path, "gpu1")
    state = window.ask()

    drag(desktop, state["cells"]["label"][1], state["places"]["Add Remote…"])

    desktop.run("xdotool", "sleep", "0.5")
    assert window.ask()["buttons"] == {}
    assert [path.name for path in (server.login / ".guild" / "runs").iterdir()] == [FAR]


def test_runs_of_a_remote_dropped_on_another_one_are_copied_there(
    desktop, home, server, sftp_server, configure, tmp_path
):
    configure(gpu1=server, plain=sftp_server)
    window = open_desk(desktop, home, tmp_path, "gpu1", "plain")
    window.press_place("gpu1")
    window.wait_for("its run is shown", lambda s: s.get("ids") == [FAR])
    wait_until(lambda: window.ask()["cells"]["label"], "the row has a place")
    state = window.ask()

    drag(desktop, state["cells"]["label"][0], state["places"]["plain"])
    window.press("Copy 1 Run")

    there = sftp_server.login / ".guild" / "runs" / FAR
    wait_until(there.is_dir, "the run arrives", 30)
    assert not (home / "runs" / FAR).exists()


def test_transfers_that_wait_are_dragged_to_another_turn(
    desktop, home, server, configure, tmp_path
):
    configure(gpu1=server)
    far = [f"{number}f" * 16 for number in range(3)]
    for run_id in far:
        files = {"model.bin": "x" * 800_000}
        make_run(server.login / ".guild" / "runs", run_id, attrs={"label": "large"}, files=files)
    config = tmp_path / "config"
    config.mkdir()
    (config / "settings.toml").write_text("transfer_limit = 40\n")
    window = open_desk(desktop, home, tmp_path, "gpu1")
    window.press_place("gpu1")
    window.wait_for("its runs are shown", lambda s: set(far) <= set(s.get("ids", ())))
    for run_id in far:
        wait_until(lambda: window.ask()["cells"]["label"], "the rows have places")
        state = window.ask()
        row = state["cells"]["label"][state["ids"].index(run_id)]
        drag(desktop, row, state["places"]["This computer"])
        window.press("Pull 1 Run")
        window.wait_for("the preview is closed", lambda s: not s["buttons"])
    titles = [f"Pull run {run_id[:8]} from gpu1" for run_id in far]
    state = window.wait_for("all are listed", lambda s: len(s["jobs"]) == 3)
    assert [job[0] for job in state["jobs"]] == titles

    drag(desktop, state["jobs"][2][2], [state["jobs"][1][2][0], state["jobs"][1][2][1] - 8])

    wanted = [titles[0], titles[2], titles[1]]
    window.wait_for("they changed places", lambda s: [j[0] for j in s["jobs"]] == wanted)
