"""What a window looked like when it was closed: per home, and never inside the home.

Why QSettings and not the settings file: this is about one screen and one home, changes at every
closing, and nobody wants it in a file they edit and copy to another machine. While a window is open
notes are kept beside it (`going`, `looks`), which cost the window no wait for the disk.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QByteArray, QMargins, QRect, QSettings, QSize
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QSplitter, QWidget

from core.going_notes import GoingNotes
from core.look_notes import LookNotes

FILE_NAME = "windows.ini"
VERSION = 1

_SMALLEST = QSize(640, 400)
_NO_FRAME = QMargins()
_ROOM_FOR_FRAME = QSize(12, 48)
"""What a desktop may draw around the very first window: more than the thickest frame seen."""


class WindowState:
    """Remembered state of the windows of one user.

    Values of another version of the application are ignored, not misread.

    Args:
        config_dir: Directory of the file; made on the first write.

    Attributes:
        going: What is being changed, for a program that is killed.
        looks: How homes look in their windows, for such a program.
    """

    def __init__(self, config_dir: Path) -> None:
        self.going = GoingNotes(config_dir / "going")
        self.looks = LookNotes(config_dir / "looks")
        self._settings = QSettings(str(config_dir / FILE_NAME), QSettings.Format.IniFormat)
        self._is_current = str(self._settings.value("version", VERSION)) == str(VERSION)

    def recent_homes(self, limit: int) -> list[Path]:
        """Homes opened before, the newest first."""
        value = self.read("homes/recent", [])
        paths = value if isinstance(value, list) else [value]
        return [Path(path) for path in paths if isinstance(path, str) and path][:limit]

    def add_recent_home(self, home: Path, limit: int) -> None:
        """Make `home` the newest of the recent homes."""
        others = [path for path in self.recent_homes(50) if path != home]
        self.write("homes/recent", [str(path) for path in (home, *others)][: max(limit, 1)])

    def drop_recent_home(self, home: Path) -> None:
        """Forget one of the recent homes."""
        kept = [str(path) for path in self.recent_homes(50) if path != home]
        self.write("homes/recent", kept)

    def of_home(self, home: Path | None) -> HomeState:
        """The state that belongs to a home; None is a window without one."""
        return HomeState(self, group_of(home))

    def forget_home(self, home: Path) -> None:
        """Keep nothing of a home that will never be there again."""
        self._settings.remove(group_of(home))

    def note_going(self, home: Path, title: str) -> None:
        """Keep on disk, for a program that is killed, that a change goes on; or that it ended.

        Args:
            home: Where.
            title: What the user asked for; empty when it has ended.
        """
        self.going.write(group_of(home), title)

    def sync(self) -> None:
        """Write what changed to the file."""
        self._settings.sync()

    def read(self, key: str, default: Any) -> Any:
        """The value of a key, or `default`."""
        return self._settings.value(key, default) if self._is_current else default

    def write(self, key: str, value: Any) -> None:
        """Change the value of a key; values of another version go with the first change."""
        if not self._is_current:
            self._settings.clear()
            self._is_current = True
        self._settings.setValue("version", VERSION)
        self._settings.setValue(key, value)


class HomeState:
    """The part of the state that belongs to one home; falls back to the window used last.

    Args:
        state: The whole.
        group: Name of this part.
    """

    def __init__(self, state: WindowState, group: str) -> None:
        self._state = state
        self._group = group

    def read(self, key: str, default: Any = None) -> Any:
        """A value of this home, else the one written last for any home, else `default`."""
        anywhere = self._state.read(f"last/{key}", default)
        return self._state.read(f"{self._group}/{key}", anywhere)

    def read_own(self, key: str, default: Any = None) -> Any:
        """A value of this home alone, for what makes no sense in another one."""
        return self._state.read(f"{self._group}/{key}", default)

    def take_killed(self) -> str:
        """What the user had asked for and was going on when the program was killed, once."""
        return self._state.going.take_killed(self._group)

    def note_look(self, look: Mapping[str, str]) -> None:
        """Keep on disk what is shown now, for a program that is killed; from any thread."""
        self._state.looks.write(self._group, look)

    def take_look(self) -> dict[str, str]:
        """What a program that was killed showed of the home last; it stays noted."""
        return self._state.looks.take_killed(self._group)

    def drop_look(self) -> None:
        """What was noted is remembered by now."""
        self._state.looks.drop(self._group)

    def sync(self) -> None:
        """Write what changed to the file."""
        self._state.sync()

    def write(self, key: str, value: Any) -> None:
        """Remember a value for this home, and for homes that have none yet."""
        self._state.write(f"last/{key}", value)
        self.write_own(key, value)

    def write_own(self, key: str, value: Any) -> None:
        """Remember a value for this home alone."""
        self._state.write(f"{self._group}/{key}", value)

    def read_map(self, key: str) -> dict[str, Any]:
        """A map of plain values, as `read`; empty where none that can be understood is kept."""
        try:
            value = json.loads(str(self.read(key, "")))
        except (ValueError, RecursionError):
            return {}
        return value if isinstance(value, dict) else {}

    def write_map(self, key: str, value: Mapping[str, Any]) -> None:
        """Remember a map of plain values, as `write`."""
        self.write(key, json.dumps(value))

    def write_all(self, look: Mapping[str, str]) -> None:
        """Remember several values, as `write`."""
        for key, value in look.items():
            self.write(key, value)

    # What every window has

    def restore_geometry(self, window: QWidget, usual: QSize) -> None:
        """Put a window where it was, but onto a screen that exists."""
        geometry = bytes_of(self.read("geometry"))
        screens = [screen.availableGeometry() for screen in QGuiApplication.screens()]
        if not window.restoreGeometry(geometry):
            # Where it goes is left to the desktop, which knows how high the title bar is.
            room = screens[0].size() - _ROOM_FOR_FRAME if screens else usual
            window.resize(usual.boundedTo(room).expandedTo(_SMALLEST))
        elif not window.isMaximized() and not window.isFullScreen():
            window.setGeometry(clamped(window.geometry(), screens, self._frame()))

    def _frame(self) -> QMargins:
        """What the desktop drew around the window the last time; a hidden one has no frame yet."""
        sides = str(self.read("frame", "")).split()
        if len(sides) != 4 or not all(side.isdecimal() and len(side) < 4 for side in sides):
            return QMargins()
        return QMargins(*map(int, sides))

    def restore_splitter(self, splitter: QSplitter) -> bool:
        """Make the panes as wide as they were; False when nothing was remembered."""
        return splitter.restoreState(bytes_of(self.read(f"splitter/{splitter.objectName()}")))


def geometry_of(window: QWidget) -> dict[str, str]:
    """Where a window is, how large, and whether it fills the screen, for `restore_geometry`."""
    frame = frame_of(window)
    sides = (frame.left(), frame.top(), frame.right(), frame.bottom())
    return {"geometry": text_of(window.saveGeometry()), "frame": " ".join(map(str, sides))}


def splitter_of(splitter: QSplitter) -> dict[str, str]:
    """How wide the panes are, for `restore_splitter`."""
    return {f"splitter/{splitter.objectName()}": text_of(splitter.saveState())}


def text_of(value: QByteArray) -> str:
    """What Qt gives to be kept, as a text: notes for a program that is killed are texts."""
    return bytes(value.toBase64().data()).decode("ascii")


def bytes_of(value: object) -> QByteArray:
    """What `text_of` was given; Qt finds out whether it is anything. Once it was kept as it is."""
    if isinstance(value, QByteArray):
        return value
    return QByteArray.fromBase64(str(value or "").encode("ascii", "ignore"))


def frame_of(window: QWidget) -> QMargins:
    """How far the title bar and the borders reach around a window that is shown."""
    inside, outside = window.geometry(), window.frameGeometry()
    return QMargins(
        inside.left() - outside.left(),
        inside.top() - outside.top(),
        outside.right() - inside.right(),
        outside.bottom() - inside.bottom(),
    )


def clamped(wanted: QRect, screens: Sequence[QRect], frame: QMargins = _NO_FRAME) -> QRect:
    """The rectangle nearest to `wanted` that lies whole on the screen it overlaps most.

    Args:
        wanted: Where a window is to be, without its frame.
        screens: What of each screen windows may take.
        frame: What the desktop draws around the window; that is on the screen too.
    """
    if not screens:
        return wanted
    screen = max(screens, key=lambda area: _overlap(area, wanted)).marginsRemoved(frame)
    size = wanted.size().expandedTo(_SMALLEST).boundedTo(screen.size())
    left = min(max(wanted.left(), screen.left()), screen.right() + 1 - size.width())
    top = min(max(wanted.top(), screen.top()), screen.bottom() + 1 - size.height())
    return QRect(left, top, size.width(), size.height())


def _overlap(area: QRect, wanted: QRect) -> int:
    common = area.intersected(wanted)
    return common.width() * common.height()


def group_of(home: Path | None) -> str:
    """What a home is called in the file; None is a window without one."""
    name = "none" if home is None else hashlib.md5(bytes(home), usedforsecurity=False).hexdigest()
    return f"home-{name[:12]}"
