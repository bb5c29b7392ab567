"""`rundesk-gui [-H HOME] [HOME|FOLDER|ARCHIVE…]`: opens the window, or raises the one that is open.

With `--open-home`, which the desktop's menu of the application gives, it then asks for a home.

Why not click: the window starts sooner without it, and all options are these few.
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

_CHOOSE = "--open-home"
_NO_SCREEN = (
    "rundesk: No window can be opened: there is no screen (neither DISPLAY nor WAYLAND_DISPLAY is"
    " set).\nrundesk list shows the runs here, rundesk --help what else there is.\n"
)


def main(argv: Sequence[str] | None = None, config_dir: Path | None = None) -> int:
    """Open a window for each home that is named, or for the usual one.

    Args:
        argv: Homes, projects, runs directories, archives; None takes the process's arguments.
        config_dir: See `gui.app.App`.

    Returns:
        The exit status.
    """
    names = list(sys.argv[1:] if argv is None else argv)
    if names[:1] in (["--version"], ["-V"]):
        from core.version import program_version  # without a window there is no need of Qt

        sys.stdout.write(f"rundesk {program_version()}\n")
        return 0
    if names[:1] == ["--help"]:
        sys.stdout.write("Usage: rundesk-gui [-H HOME] [--open-home] [HOME|FOLDER|ARCHIVE]...\n")
        return 0
    if not has_screen(os.environ, sys.platform):
        sys.stderr.write(_NO_SCREEN)
        return 1
    from gui.startup.quick_imports import quicken_imports

    # Nothing imported is garbage, and looking for it costs 9 % of a start; gui.startup.collector
    # goes on.
    gc.disable()
    quicken_imports()  # before there is much to import
    from gui.startup.start import start

    return start(_folders(names), config_dir, is_choosing=_CHOOSE in names)


def has_screen(environ: Mapping[str, str], platform: str) -> bool:
    """Whether a window could be opened; without a screen Qt ends the process where it stands.

    Args:
        environ: Variables of the process.
        platform: As `sys.platform`.
    """
    if platform in ("darwin", "win32"):
        return True
    names = ("DISPLAY", "WAYLAND_DISPLAY", "WAYLAND_SOCKET", "QT_QPA_PLATFORM")
    if any(environ.get(name) for name in names):
        return True
    runtime = environ.get("XDG_RUNTIME_DIR", "")
    return bool(runtime) and (Path(runtime) / "wayland-0").exists()


def _folders(names: Sequence[str]) -> list[Path]:
    """What is to be opened: -H and --home only introduce a folder, other options are Qt's."""
    plain = [name.removeprefix("--home=") for name in names]
    return [Path(name) for name in plain if name != "-H" and not name.startswith("--")]


if __name__ == "__main__":
    sys.exit(main())
