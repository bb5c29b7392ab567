"""`rundesk-gui [-H HOME] [HOME|FOLDER|ARCHIVE…]`: opens the window, or raises the one that is open.

Why not click: the window starts sooner without it, and all options are these few.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Sequence
from pathlib import Path


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
        sys.stdout.write("Usage: rundesk-gui [-H HOME] [HOME|FOLDER|ARCHIVE]...\n")
        return 0
    from gui.quick_imports import quicken_imports

    # Nothing imported is garbage, and looking for it costs 9 % of a start; gui.collector goes on.
    gc.disable()
    quicken_imports()  # before there is much to import
    from gui.start import start

    return start(_folders(names), config_dir)


def _folders(names: Sequence[str]) -> list[Path]:
    """What is to be opened: -H and --home only introduce a folder, other options are Qt's."""
    plain = [name.removeprefix("--home=") for name in names]
    return [Path(name) for name in plain if name != "-H" and not name.startswith("--")]


if __name__ == "__main__":
    sys.exit(main())
