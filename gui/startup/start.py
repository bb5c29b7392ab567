"""The start of the program: hands over to a running one, or becomes it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from core.archives.archive_name import is_archive_name
from core.directories import Directories
from gui.app import App, make_qt_application, quit_when_interrupted
from gui.startup.first_home import first_home, homes_in
from gui.startup.single_instance import Call, claim_name, hand_over, server_name
from gui.window_state import WindowState


def start(folders: Sequence[Path], config_dir: Path | None, *, is_choosing: bool = False) -> int:
    """Show the homes that the folders mean, until the last window is closed.

    Args:
        folders: Each opens a window; none opens the usual home. Archives are previewed in the
            first one, as imports.
        config_dir: See `gui.app.App`.
        is_choosing: Ask for a home once there is a window.

    Returns:
        The exit status.
    """
    archives = archives_in(folders) if folders else []
    homes, problem = homes_in([path for path in folders if path not in archives])
    explicit, further = (homes[0] if homes else None), homes[1:]
    directories = Directories.within(config_dir) if config_dir else Directories.of_user()
    home = first_home(explicit, WindowState(directories.config)).home
    name = server_name(directories.config, home.path if home else None)
    claimed = None if problem else claim_name(name)
    make_qt_application()
    if claimed is None and not problem:
        if hand_over(name, Call((*further, *_absolute(archives)), is_choosing)):
            return 0
        claimed = claim_name(name, is_left_over=True)
    app = App(explicit, config_dir, problem, claimed)
    interrupts = quit_when_interrupted(app.qt)
    try:
        for folder in further:
            app.open_folder(folder)
        if archives:
            app.preview(_absolute(archives))
        if is_choosing:
            app.choose_home()
        status = app.run()
    finally:
        interrupts.stop()
        all_ended = app.shutdown()
    return status if all_ended else 1


def archives_in(paths: Sequence[Path]) -> list[Path]:
    """Those that are called like archives of runs."""
    return [path for path in paths if is_archive_name(path)]


def _absolute(paths: Sequence[Path]) -> list[Path]:
    return [path.absolute() for path in paths]
