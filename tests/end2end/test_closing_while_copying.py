"""The window is closed while runs are being copied: what is asked, and what each answer does."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.support.desktop import BIN, Desktop, wait_until
from tests.support.driven_window import open_window
from tests.support.known_servers import know_servers
from tests.support.patience import PATIENCE
from tests.support.runs import make_run
from tests.support.ssh_server import SshServer

NEAR = "a" * 32
LIMIT = 400  # kilobytes a second
SIZE = LIMIT * 3_000


@pytest.fixture
def server(start_ssh_server, desktop) -> SshServer:
    """The remote gpu1, which the user of the screen knows."""
    server = start_ssh_server()
    know_servers(desktop.user_home, gpu1=server)
    return server


@pytest.fixture
def there(server) -> Path:
    """The runs of the remote."""
    return server.login / ".guild" / "runs"


@pytest.fixture
def pushing(desktop, server, there, tmp_path):
    """A window that pushes a run, and was asked to close; what it asks.

    The server stands still until it is let go on, so that the copying goes on as well.
    """
    home, config = tmp_path / "home", config_of(desktop)
    run = make_run(home / "runs", NEAR, attrs={"label": "near"})
    (run / "model.bin").write_bytes(os.urandom(SIZE))
    config.mkdir(parents=True)
    (config / "settings.toml").write_text(f"transfer_limit = {LIMIT}\n")
    window = open_window(desktop, home, config)
    window.wait_for("the remote is a place", lambda s: "gpu1" in s["places"])
    window.select_first(1)
    desktop.key("ctrl+u")
    window.press("Push 1 Run")
    wait_until(lambda: list(there.parent.glob("incoming/**/model.bin*")), "the copying begins")
    server.freeze()
    desktop.key("ctrl+q")
    window.wait_for("it is asked", lambda s: "Keep Open" in s["buttons"])
    return window


def config_of(desktop: Desktop) -> Path:
    """Where the application keeps its settings if nobody says otherwise."""
    return desktop.user_home / ".config" / "rundesk"


def test_whoever_keeps_the_window_open_sees_the_copy_end(desktop, server, there, pushing):
    pushing.press("Keep Open")
    server.thaw()

    pushing.wait_for("it is done", lambda s: s["bar"].startswith("Pushed 1 run"))
    assert (there / NEAR / "model.bin").stat().st_size == SIZE
    desktop.key("ctrl+q")
    assert pushing.program.wait(PATIENCE) == 0  # nothing goes on any more: nothing is asked


def test_in_the_background_it_goes_on_without_a_window_and_then_ends(
    desktop, server, there, pushing
):
    pushing.press("Go On in Background")

    wait_until(lambda: not desktop.windows("Rundesk"), "the window is away")
    assert not (there / NEAR).exists()
    assert pushing.program.poll() is None
    server.thaw()
    assert pushing.program.wait(PATIENCE) == 0
    assert (there / NEAR / "model.bin").stat().st_size == SIZE


def test_a_second_start_brings_the_window_back_and_it_stays(
    desktop, server, there, pushing, tmp_path
):
    pushing.press("Go On in Background")
    wait_until(lambda: not desktop.windows("Rundesk"), "the window is away")

    second = desktop.start(BIN / "rundesk-gui", tmp_path / "home")

    assert second.wait(PATIENCE) == 0, desktop.logs()
    desktop.wait_for_window("home — Rundesk")
    server.thaw()
    pushing.wait_for("it is done", lambda s: s["bar"].startswith("Pushed 1 run"))
    assert desktop.windows("home — Rundesk")
    desktop.key("ctrl+q")
    assert pushing.program.wait(PATIENCE) == 0


def test_what_was_stopped_is_no_run_there_and_is_offered_at_the_next_start(
    desktop, server, there, pushing, tmp_path
):
    pushing.press("Stop 1 Job and Close")
    server.thaw()

    assert pushing.program.wait(PATIENCE) == 0
    assert not (there / NEAR).exists()
    again = open_window(desktop, tmp_path / "home", config_of(desktop))
    state = again.wait_for("it is offered", lambda s: "Go On" in s["notice_buttons"])
    assert state["notice"] == "Copying 1 run to gpu1 was interrupted. What has arrived is kept."
    again.press("Go On")
    again.wait_for("it is done", lambda s: s["bar"].startswith("Pushed 1 run"))
    assert (there / NEAR / "model.bin").stat().st_size == SIZE


FAR = "f" * 32


FOLLOWING = [f"Follow run {FAR[:8]} on gpu1", "following"]


def follow(desktop, window):
    """Pull the run of the remote, and follow it."""
    window.wait_for("the remote is a place", lambda s: "gpu1" in s["places"])
    window.press_place("gpu1")
    window.wait_for("its run is shown", lambda s: s.get("ids") == [FAR])
    desktop.key("ctrl+d")
    window.wait_for("the preview is ready", lambda s: "Pull 1 Run" in s["buttons"])
    x, y, _ = window.ask()["boxes"]["Follow running runs"]
    desktop.click(x, y)
    window.wait_for("it is checked", lambda s: s["boxes"]["Follow running runs"][2])
    window.press("Pull 1 Run")
    window.wait_for("it is followed", lambda s: FOLLOWING in [job[:2] for job in s["jobs"]])


def finish(guild, process):
    """Let a run end well."""
    process.kill()
    process.wait()
    (guild / "attrs" / "exit_status").write_text("0\n")
    (guild / "LOCK").unlink()


def test_following_a_run_goes_on_after_the_program_was_killed(
    desktop, there, tmp_path, start_operation
):
    home = make_run(tmp_path / "home" / "runs", NEAR).parents[1]
    guild = make_run(there, FAR, attrs={"label": "far"}) / ".guild"
    here = home / "runs" / FAR / ".guild"
    process = start_operation(there / FAR)
    (guild / "output").write_text("step 1\n")
    window = open_window(desktop, home, config_of(desktop))
    follow(desktop, window)
    window.program.kill()
    window.program.wait(PATIENCE)
    (guild / "output").write_text("step 1\nstep 2\n")

    again = open_window(desktop, home, config_of(desktop))
    state = again.wait_for("it is offered", lambda s: "Go On" in s["notice_buttons"])
    assert state["notice"] == "Following 1 run on gpu1 was interrupted."
    again.press("Go On")
    again.wait_for("it is followed", lambda s: [job[:2] for job in s["jobs"]] == [FOLLOWING])
    wait_until(lambda: (here / "output").read_text() == "step 1\nstep 2\n", "what is new comes")
    assert (here / "LOCK.remote").exists()
    finish(guild, process)

    again.wait_for("it has ended", lambda s: s["jobs"][0][1] == "done, 1 run ended")
    assert (here / "attrs" / "exit_status").read_text() == "0\n"
    assert not (here / "LOCK.remote").exists()
