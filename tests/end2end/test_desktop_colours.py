"""The desktop turns dark while the window is open, and the window with it."""

from __future__ import annotations

import shlex
import sys

import pytest
from PySide6.QtGui import QImage

from core.sample import make_sample_store
from tests.support.desktop import BIN, ROOT, Desktop, wait_until

_SESSION = "cd {root} && {{ {python} -m tests.support.portal {wish} & }} && exec {gui} {home}"


@pytest.fixture
def wish(desktop: Desktop):
    """The file that says what the desktop looks like; a window is open on that desktop."""
    wish, home = desktop.user_home / "wish", desktop.user_home / "birds"
    make_sample_store(home, runs=12)
    words = {
        "root": ROOT, "python": sys.executable, "wish": wish, "gui": BIN / "rundesk-gui",
        "home": home,
    }  # fmt: skip
    line = _SESSION.format(**{name: shlex.quote(str(word)) for name, word in words.items()})
    # Qt asks the portal where the desktop is one that has it.
    desktop.start("dbus-run-session", "--", "bash", "-c", line, XDG_CURRENT_DESKTOP="GNOME")
    window = desktop.wait_for_window("Rundesk")
    desktop.run("xdotool", "windowmove", "--sync", window, "0", "0")
    return wish


def lightness(desktop: Desktop) -> int:
    """From 0 to 255, the median of a line across the screen through the rows of the table."""
    picture = desktop.user_home / "screen.png"
    desktop.screenshot(picture)
    screen = QImage(str(picture))
    values = sorted(screen.pixelColor(x, 500).lightness() for x in range(20, 1200))
    return values[len(values) // 2]


def test_the_window_follows_the_desktop_from_light_to_dark_and_back(desktop, wish):
    wait_until(lambda: lightness(desktop) > 220, "the window is light")

    wish.write_text("dark")
    wait_until(lambda: lightness(desktop) < 60, "the window is dark")

    wish.write_text("light")
    wait_until(lambda: lightness(desktop) > 220, "the window is light again")
