"""The installed entry is double-clicked in a real file manager, and the window opens."""

from __future__ import annotations

import shutil

import pytest
from PySide6.QtGui import QColor, QImage

from core.desktop import APPLICATION_ID, install, uninstall
from core.sample import make_sample_store
from tests.support.desktop import BIN, Desktop, wait_until

ENOUGH_PIXELS = 100


@pytest.fixture
def installed(desktop):
    """The directory of desktop entries of the user, ours among them."""
    share = desktop.user_home / ".local" / "share"
    install(share, str(BIN / "rundesk-gui"))
    yield share / "applications"
    uninstall(share)


def test_double_click_on_the_entry_opens_the_window(desktop: Desktop, installed):
    make_sample_store(desktop.user_home / ".guild", runs=12)
    assert shutil.which("pcmanfm"), "pcmanfm is not installed: run .ci/install-packages"
    # "Don't ask options on launch executable file", as the file manager's preferences say.
    settings = desktop.user_home / ".config" / "libfm" / "libfm.conf"
    settings.parent.mkdir(parents=True)
    settings.write_text("[config]\nquick_exec=1\n")
    # The file manager shows one icon.
    (installed / "mimeinfo.cache").unlink(missing_ok=True)
    files = desktop.open_folder(installed)
    desktop.run("xdotool", "windowmove", "--sync", files, "0", "0")
    desktop.run("xdotool", "windowsize", "--sync", files, "900", "600")
    icon = wait_until(lambda: find_icon(desktop), "the file manager shows the icon")

    desktop.double_click(*icon)

    desktop.wait_for_window("Rundesk$")


def test_the_entry_opens_the_folder_that_is_given_to_it(desktop: Desktop, installed):
    make_sample_store(desktop.user_home / "lab" / "home", runs=12)

    desktop.start("gtk-launch", APPLICATION_ID, desktop.user_home / "lab" / "home")

    desktop.wait_for_window("home — Rundesk")


def find_icon(desktop: Desktop) -> tuple[int, int] | None:
    """Where on the screen the blue ground of our icon is; None while it is nowhere."""
    picture = desktop.user_home / "screen.png"
    desktop.screenshot(picture)
    screen = QImage(str(picture)).scaled(720, 450)
    found = [
        (x * 2, y * 2)
        for x in range(screen.width())
        for y in range(screen.height())
        if is_icon_blue(screen.pixelColor(x, y))
    ]
    if len(found) < ENOUGH_PIXELS:
        return None
    return tuple(sorted(values)[len(found) // 2] for values in zip(*found, strict=True))


def is_icon_blue(colour: QColor) -> bool:
    """Between the two ends of the gradient of resources/icons/app.svg."""
    red, green, blue = colour.red(), colour.green(), colour.blue()
    return 40 < red < 90 and 55 < green < 115 and 155 < blue < 245 and green - red < 28
