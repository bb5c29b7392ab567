"""`rundesk-gui [HOME|FOLDER…]`: opens the window, or raises the one that is open already."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path


def main(argv: Sequence[str] | None = None, config_dir: Path | None = None) -> int:
    """Open a window for each home that is named, or for the usual one.

    Args:
        argv: Homes, projects and runs directories; None takes the arguments of the process.
        config_dir: See `gui.app.App`.

    Returns:
        The exit status.
    """
    names = list(sys.argv[1:] if argv is None else argv)
    if names[:1] in (["--version"], ["-V"]):
        from core.version import program_version  # without a window there is no need of Qt

        sys.stdout.write(f"rundesk {program_version()}\n")
        return 0
    from gui.start import start

    return start([Path(name) for name in names if not name.startswith("--")], config_dir)


if __name__ == "__main__":
    sys.exit(main())
