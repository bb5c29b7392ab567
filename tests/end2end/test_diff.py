"""What differs between two runs of real Guild, seen in a real window, by keys only."""

from __future__ import annotations

import pytest

from tests.support.driven_window import DrivenWindow, open_window


@pytest.fixture
def window(desktop, guild_store, tmp_path) -> DrivenWindow:
    return open_window(desktop, guild_store.home, tmp_path / "config")


def test_two_runs_are_compared_by_keys(window, desktop):
    """Select both, look at what differs, go from difference to difference, come back."""
    window.select_first(2)

    desktop.key("alt+4")
    first = window.wait_for("what differs is listed", lambda s: s["diff"].get("row"))["diff"]
    desktop.key("alt+Next", "alt+Next")
    window.wait_for("the second difference is there", lambda s: s["diff"] != first)
    desktop.key("alt+Prior", "alt+Prior", "alt+Prior")
    window.wait_for("the first row is back", lambda s: s["diff"]["row"] == first["row"])

    desktop.key("alt+1")
    window.wait_for("the runs are back, and selected", lambda s: s.get("selected") == 2)
    desktop.key("alt+5")
    window.wait_for("pictures are looked for", lambda s: "imageGrid" in s["focus"])
