"""A second start on the same home brings the first window to the front and ends by itself."""

from __future__ import annotations

from core.sample import make_sample_store
from tests.support.desktop import BIN, Desktop, wait_until
from tests.support.patience import PATIENCE


def test_second_start_on_the_same_home_raises_the_first_window(desktop: Desktop):
    home = desktop.user_home / ".guild"
    make_sample_store(home, runs=12)
    first = desktop.start(BIN / "rundesk-gui")
    window = desktop.wait_for_window("Rundesk")
    # Something else comes in front.
    cover = desktop.open_folder(home)
    desktop.activate(cover)
    wait_until(lambda: "Rundesk" not in desktop.active_title(), "it is covered")

    second = desktop.start(BIN / "rundesk-gui")

    assert second.wait(PATIENCE) == 0, desktop.logs()
    wait_until(lambda: "Rundesk" in desktop.active_title(), "the first window is in front")
    assert desktop.windows("Rundesk") == [window]
    assert first.poll() is None


def test_second_start_on_another_home_opens_a_window_of_its_own(desktop: Desktop):
    for name in ("one", "two"):
        make_sample_store(desktop.user_home / name, runs=6)
    desktop.start(BIN / "rundesk-gui", desktop.user_home / "one")
    desktop.wait_for_window("one — Rundesk")

    desktop.start(BIN / "rundesk-gui", desktop.user_home / "two")

    desktop.wait_for_window("two — Rundesk")
    assert len(desktop.windows("Rundesk")) == 2


def test_the_socket_of_a_killed_program_does_not_stop_the_next_one(desktop: Desktop):
    make_sample_store(desktop.user_home / ".guild", runs=6)
    first = desktop.start(BIN / "rundesk-gui")
    desktop.wait_for_window("Rundesk")
    first.kill()
    first.wait()
    wait_until(lambda: not desktop.windows("Rundesk"), "the window is gone")

    second = desktop.start(BIN / "rundesk-gui")

    desktop.wait_for_window("Rundesk")
    assert len(desktop.windows("Rundesk")) == 1
    assert second.poll() is None


def test_two_starts_at_once_are_one_window(desktop: Desktop):
    """As after a click too many on an icon."""
    make_sample_store(desktop.user_home / ".guild", runs=6)

    starts = [desktop.start(BIN / "rundesk-gui") for _ in range(3)]

    desktop.wait_for_window("Rundesk")
    ended = wait_until(
        lambda: [start for start in starts if start.poll() is not None][1:], "two of them end"
    )
    assert [start.returncode for start in ended] == [0] * len(ended)
    assert len(desktop.windows("Rundesk")) == 1
    assert sum(start.poll() is None for start in starts) == 1


def test_the_menu_of_the_icon_asks_for_a_home_in_the_window_that_is_open(desktop: Desktop):
    make_sample_store(desktop.user_home / ".guild", runs=6)
    desktop.start(BIN / "rundesk-gui")
    desktop.wait_for_window("Rundesk")

    second = desktop.start(BIN / "rundesk-gui", "--open-home")

    desktop.wait_for_window("Open a home, a project")
    assert second.wait(PATIENCE) == 0, desktop.logs()
