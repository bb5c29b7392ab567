"""The desktop integration: the entry in the menu, the icon, archives of runs, software centres.

Why: the application is installed from a wheel, and no wheel can put files where a desktop looks
for them. These files are written one by one, atomically, and each is recorded, so that
uninstalling removes exactly these files and the directories made for them, and nothing else.
"""

from __future__ import annotations

import logging
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from importlib import resources
from pathlib import Path

from core.errors import DesktopError

log = logging.getLogger(__name__)

APPLICATION_ID = "io.github.rundesk.Rundesk"
ICON_SIZES = (16, 24, 32, 48, 64, 128, 256, 512)

_RECORD = Path("rundesk", "desktop-files.txt")
_ENTRY = Path("applications", f"{APPLICATION_ID}.desktop")
_METAINFO = Path("metainfo", f"{APPLICATION_ID}.metainfo.xml")
_MIME = Path("mime")
_TYPES = _MIME / "packages" / f"{APPLICATION_ID}.xml"
_HICOLOR = Path("icons", "hicolor")
# What the desktop's own tools leave in directories that only we made.
_CACHES = (
    *("mimeinfo.cache", "icon-theme.cache", "mime.cache", "types", "globs", "globs2", "magic"),
    *("XMLnamespaces", "treemagic", "subclasses", "icons", "generic-icons", "aliases", "version"),
)
# Where the desktop's own tool writes what it makes of our types.
_MADE_OF_TYPES = _MIME / "application" / "made"
_TOOL_SECONDS = 30
_ELSEWHERE = ("win32", "darwin")
_LARGEST_RECORD = 1_000_000


def default_prefix(environ: Mapping[str, str], user_home: Path) -> Path:
    """Where the user's desktop looks first: `$XDG_DATA_HOME`, else `~/.local/share`."""
    chosen = environ.get("XDG_DATA_HOME", "")
    return Path(chosen) if Path(chosen).is_absolute() else user_home / ".local" / "share"


def install(prefix: Path, command: str) -> list[Path]:
    """Put entry, icons and metainfo below `prefix`; doing it again replaces them.

    Args:
        prefix: A directory of shared data, e.g. `~/.local/share`.
        command: Absolute path of the installed `rundesk-gui`.

    Returns:
        The files that are there now.

    Raises:
        DesktopError: The command is not there, or a file cannot be written, or this platform has
            other ways.
    """
    if sys.platform in _ELSEWHERE:
        raise DesktopError(
            "The desktop entry cannot be installed: desktops of this platform have no such files",
            hint="Put the command rundesk-gui where you start programs from.",
        )
    if not os.access(command, os.X_OK) or not Path(command).is_absolute():
        raise DesktopError(
            f"The desktop entry cannot be installed: {command} cannot be started",
            hint="Install Rundesk first, then give the absolute path of its command rundesk-gui.",
        )
    files = _files(command)
    try:
        made = _make_directories(prefix, [*files, _RECORD, _MADE_OF_TYPES])
        record = sorted({*_read_record(prefix), *map(str, files), *(f"{path}/" for path in made)})
        _write(prefix / _RECORD, "".join(f"{line}\n" for line in record).encode())
        for path, content in files.items():
            _write(prefix / path, content)
    except OSError as e:
        raise _failed("installed", prefix, e) from e
    _refresh_caches(prefix)
    return [prefix / path for path in files]


def uninstall(prefix: Path) -> list[Path]:
    """Remove what `install` put below `prefix`, and nothing else; doing it again is no error.

    Returns:
        The files that were removed.

    Raises:
        DesktopError: A file cannot be removed.
    """
    record = _read_record(prefix)
    files = [prefix / line for line in record if not line.endswith("/")]
    present = [path for path in files if os.path.isfile(path) or os.path.islink(path)]  # noqa: PTH113, PTH114 - never raise
    try:
        for path in present:
            path.unlink()
        (prefix / _RECORD).unlink(missing_ok=True)
        _refresh_caches(prefix)
        # Longest first, so that a directory is empty before its parent is looked at.
        for line in sorted((x for x in record if x.endswith("/")), key=len, reverse=True):
            _remove_if_ours(prefix / line)
    except OSError as e:
        raise _failed("removed", prefix, e) from e
    return present


def _files(command: str) -> dict[Path, bytes]:
    """Path below the prefix to content of each file."""
    shipped = resources.files("resources")
    entry = (shipped / f"{APPLICATION_ID}.desktop").read_text(encoding="utf-8")
    found = {
        _ENTRY: _entry_for(command, entry).encode(),
        _METAINFO: (shipped / f"{APPLICATION_ID}.metainfo.xml").read_bytes(),
        _TYPES: (shipped / f"{APPLICATION_ID}.xml").read_bytes(),
    }
    icons = shipped / "icons"
    for size in ICON_SIZES:
        path = _HICOLOR / f"{size}x{size}" / "apps" / f"{APPLICATION_ID}.png"
        found[path] = (icons / f"app-{size}.png").read_bytes()
    scalable = _HICOLOR / "scalable" / "apps" / f"{APPLICATION_ID}.svg"
    symbolic = _HICOLOR / "symbolic" / "apps" / f"{APPLICATION_ID}-symbolic.svg"
    found[scalable] = (icons / "app.svg").read_bytes()
    found[symbolic] = (icons / "app-symbolic.svg").read_bytes()
    return found


def _entry_for(command: str, entry: str) -> str:
    """The shipped entry with the absolute path of the command in it."""
    lines = []
    for line in entry.splitlines():
        if line.startswith("Exec="):
            _, _, arguments = line.partition(" ")
            lines.append(f"Exec={_quoted(command)} {arguments}")
        elif line.startswith("TryExec="):
            lines.append(f"TryExec={_escaped(command)}")
        else:
            lines.append(line)
    return "\n".join([*lines, ""])


def _quoted(command: str) -> str:
    """One word of an Exec line, by the rules of the Desktop Entry Specification."""
    word = command.replace("%", "%%")
    if not any(letter in word for letter in " \t\n\"'\\><~|&;$*?#()`"):
        return word
    for letter in '\\"`$':
        word = word.replace(letter, f"\\{letter}")
    return _escaped(f'"{word}"')


def _escaped(text: str) -> str:
    """`text` as a value of type string, where a backslash begins an escape."""
    return text.replace("\\", "\\\\").replace("\n", "\\n").replace("\t", "\\t")


def _make_directories(prefix: Path, files: list[Path]) -> list[Path]:
    """Make the directories of `files`; returns those that were not there, below the prefix."""
    wanted = {parent for path in files for parent in path.parents if parent != Path()}
    prefix.mkdir(parents=True, exist_ok=True)
    made = []
    for folder in sorted(wanted):
        if not (prefix / folder).is_dir():
            (prefix / folder).mkdir()
            made.append(folder)
    return made


def _write(path: Path, content: bytes) -> None:
    """Replace a file in one step: a desktop may read it at any moment."""
    beside = path.with_name(f".{path.name}.new")
    beside.write_bytes(content)
    beside.replace(path)


def _read_record(prefix: Path) -> list[str]:
    """Recorded paths below the prefix; directories end with a slash."""
    try:
        with (prefix / _RECORD).open("rb") as file:
            text = file.read(_LARGEST_RECORD).decode("utf-8")
    except (OSError, UnicodeDecodeError):
        return []
    return [line for line in text.splitlines() if _is_inside(line)]


def _is_inside(line: str) -> bool:
    """Whether a recorded path leads nowhere but below the prefix."""
    path = Path(line)
    return bool(path.parts) and not path.is_absolute() and ".." not in path.parts


def _remove_if_ours(folder: Path) -> None:
    """Remove a directory that `install` made, unless somebody else's files are in it."""
    if not os.path.isdir(folder) or os.path.islink(folder):  # noqa: PTH112, PTH114 - never raise
        return
    left = list(folder.iterdir())
    if any(path.name not in _CACHES for path in left):
        return
    for path in left:
        path.unlink()
    folder.rmdir()


def _refresh_caches(prefix: Path) -> None:
    """Tell the desktop at once; without these tools it notices at the next log-in."""
    applications, hicolor = prefix / _ENTRY.parent, prefix / _HICOLOR
    for argv in (
        ["update-mime-database", str(prefix / _MIME)],
        ["update-desktop-database", "-q", str(applications)],
        ["gtk-update-icon-cache", "-q", "-t", "-f", str(hicolor)],
    ):
        tool = shutil.which(argv[0])
        if tool is None or not Path(argv[-1]).is_dir():
            continue
        try:
            subprocess.run(
                [tool, *argv[1:]], check=False, timeout=_TOOL_SECONDS, capture_output=True
            )
        except (OSError, subprocess.TimeoutExpired):
            log.warning("%s did not refresh its cache", tool, exc_info=True)


def _failed(what: str, prefix: Path, error: OSError) -> DesktopError:
    return DesktopError(
        f"The desktop integration in {prefix} could not be {what}: {error.strerror}",
        hint="Check that you may write there, or choose another directory.",
    )
