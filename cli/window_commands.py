"""Commands around the window: opening it, and making the desktop know it."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import click

from cli.parsing import DeskCommand, Request
from cli.screen import note
from core.errors import DesktopError

_WINDOWED = "rundesk-gui"
_prefix_option = click.option(
    "--prefix",
    type=click.Path(path_type=Path),
    help="Directory of shared data instead of ~/.local/share.",
)


@click.command(cls=DeskCommand, short_help="Open the window.")
@click.argument("places", nargs=-1, metavar="[HOME|FOLDER|ARCHIVE]...", type=click.Path())
@click.pass_context
def gui(ctx: click.Context, places: tuple[str, ...]) -> None:
    """Open the window, on a home or on the folders given; show what archives would bring."""
    request = ctx.find_object(Request)
    named = [] if request is None or request.named_home is None else [str(request.home.path)]
    from gui.__main__ import main

    ctx.exit(main([*named, *places]))


@click.command(
    "install-desktop",
    cls=DeskCommand,
    needs_home=False,
    short_help="Add the application to the desktop's menu.",
)
@_prefix_option
def install_desktop(prefix: Path | None) -> None:
    """Add the application to the menu of the desktop, with its icons."""
    from core.desktop import install

    files = install(_prefix(prefix), _windowed_command())
    note(f"The desktop knows Rundesk now ({len(files)} files below {_prefix(prefix)}).")


@click.command(
    "uninstall-desktop",
    cls=DeskCommand,
    needs_home=False,
    short_help="Take the application out of the desktop's menu.",
)
@_prefix_option
def uninstall_desktop(prefix: Path | None) -> None:
    """Take the application out of the menu of the desktop."""
    from core.desktop import uninstall

    files = uninstall(_prefix(prefix))
    note(f"The desktop no longer knows Rundesk ({len(files)} files removed).")


def _prefix(named: Path | None) -> Path:
    from core.desktop import default_prefix

    if named is not None:
        return named.expanduser().absolute()
    return default_prefix(os.environ, Path("~").expanduser())


def _windowed_command() -> str:
    """The absolute path of the installed command that the desktop starts.

    Raises:
        DesktopError: It is neither beside this program nor beside its interpreter.
    """
    beside = [str(Path(name).parent.absolute()) for name in (sys.argv[0], sys.executable)]
    found = shutil.which(_WINDOWED, path=os.pathsep.join(beside))
    if found is None:
        raise DesktopError(
            f"The command {_WINDOWED} was not found in {' or '.join(dict.fromkeys(beside))}.",
            hint="Install Rundesk (pipx, uv tool or pip) instead of starting it from its source.",
        )
    return str(Path(found).absolute())
