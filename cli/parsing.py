"""How the command line is read: commands that load late, options that every command has.

Why commands are loaded by name: a command pays only for the modules it needs, so that `--version`
and completions answer at once, and nothing but `gui` ever touches Qt.

Options of two letters behind one dash (`-Fo`, `-Sr`) are Guild's; click reads them as they are,
and options of one letter that follow each other as a group (`-vn5`).
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import click
from msgspec import Struct

from cli.screen import STRICT_JSON, write_line
from core.home import Home, resolve_home

COMPLETE_VARIABLE = "_RUNDESK_COMPLETE"
"""Environment variable in which a shell's completion script asks."""

AnyFunction = TypeVar("AnyFunction", bound=Callable[..., Any])


class Request(Struct):
    """What the user asked for apart from the command's own options.

    Attributes:
        environ: The environment of the process.
        named_home: What -H named; None without.
        on_load: Called when the modules of the command were loaded.
        accepted_keys: Fingerprints of host keys that the user vouches for.
    """

    environ: Mapping[str, str]
    named_home: str | None = None
    on_load: Callable[[], None] = lambda: None
    accepted_keys: tuple[str, ...] = ()

    @property
    def home(self) -> Home:
        """The home the command is about.

        Raises:
            HomeError: -H or GUILD_HOME names no directory.
        """
        named = None if self.named_home is None else Path(self.named_home)
        return resolve_home(named, self.environ, _working_directory(), Path("~").expanduser())


class Count(click.types.IntParamType):
    """A whole number from 1 on."""

    name = "number"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """The number that was written.

        Raises:
            BadParameter: It is none, or less than 1.
        """
        try:
            number = int(value)
        except ValueError:
            number = 0
        if number < 1:
            self.fail(f"{value!s} is not a whole number from 1 on.", param, ctx)
        return number


class _Helpful(click.Command):
    """Writes its help as all data is written: told in a sentence where that cannot be done."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read the arguments; an error knows which command it is about, also where click forgets.

        Raises:
            UsageError: They are not understood.
        """
        try:
            return super().parse_args(ctx, args)
        except click.UsageError as e:
            e.ctx = e.ctx or ctx
            raise

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        """The option `--help`."""
        option = super().get_help_option(ctx)
        if option is not None:
            option.callback = _show_help
        return option


class DeskCommand(_Helpful):
    """A command with `-H/--home` among its options.

    Args:
        needs_home: Whether it is about a home; where not, the option is taken but not offered.
    """

    def __init__(self, *args: Any, needs_home: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.params.append(_home_option(hidden=not needs_home))


class SubGroup(_Helpful, click.Group):
    """Commands about one subject, below the program's own."""


class DeskGroup(_Helpful, click.Group):
    """The program: its commands are imported when they are called.

    Args:
        places: Name of each command to `module:attribute`.
    """

    def __init__(self, *args: Any, places: Mapping[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._places = places
        self.params.append(_home_option())

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names of all commands, in the order of the table in the help."""
        return list(self._places)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Load a command; None where there is none of that name."""
        place = self._places.get(cmd_name)
        if place is None:
            return None
        module, _, attribute = place.partition(":")
        command = getattr(importlib.import_module(module), attribute)
        assert isinstance(command, click.Command)
        request = ctx.find_object(Request)
        if request is not None:
            request.on_load()
        return command


def json_option(function: AnyFunction) -> AnyFunction:
    """Add `--json`, passed on as `as_json`."""
    return click.option(
        "--json", "as_json", is_flag=True, help="Print one JSON document instead of text."
    )(function)


def number_json_options(function: AnyFunction) -> AnyFunction:
    """Add `--json` of documents with numbers of runs, and `--strict-json`; both are `as_json`.

    What is written goes through `cli.screen.json_text`.
    """

    def be_strict(context: click.Context, _option: click.Parameter, is_on: bool) -> None:  # noqa: FBT001 - as click calls it
        context.meta[STRICT_JSON] = is_on

    def either(context: click.Context, _option: click.Parameter, is_on: bool) -> bool:  # noqa: FBT001 - as click calls it
        return is_on or context.meta[STRICT_JSON]

    strict = click.option(
        "--strict-json",
        is_flag=True,
        is_eager=True,
        expose_value=False,
        callback=be_strict,
        help="As --json, with null for NaN and Infinity, which are no JSON.",
    )
    plain = click.option(
        *("--json", "as_json"),
        is_flag=True,
        callback=either,
        help="Print one JSON document instead of text.",
    )
    return plain(strict(function))


def deleted_option(function: AnyFunction) -> AnyFunction:
    """Add `-d/--deleted`: the command is about the trash."""
    return click.option("-d", "--deleted", is_flag=True, help="Look among deleted runs.")(function)


def archive_option(function: AnyFunction) -> AnyFunction:
    """Add `-A/--archive`: the command is about an archive instead of a home."""
    return click.option(
        *("-A", "--archive"),
        metavar="PATH",
        shell_complete=complete_file,
        help="Look at the runs of an export directory, .zip, .tar.gz or .tar.zst.",
    )(function)


def remote_option(*names: str) -> Callable[[AnyFunction], AnyFunction]:
    """Add an option that makes the command one about the runs of a server."""
    return click.option(
        *(names or ("-r", "--remote")),
        "remote",
        metavar="REMOTE",
        shell_complete=_complete_remote,
        help="Use the runs of this remote instead of the home's.",
    )


def check_place(archive: str | None, *, deleted: bool, remote: str | None = None) -> None:
    """An archive has no trash, and only one place can be meant.

    Raises:
        UsageError: Both were asked for.
    """
    if remote is not None and archive is not None:
        raise click.UsageError("-r/--remote and -A/--archive exclude each other.")
    if archive is not None and deleted:
        raise click.UsageError("-A/--archive and -d/--deleted exclude each other.")


def _home_option(*, hidden: bool = False) -> click.Option:
    return click.Option(
        ["-H", "--home"],
        hidden=hidden,
        metavar="PATH",
        expose_value=False,
        callback=_keep_home,
        help="Guild home to use.",
        shell_complete=_complete_directory,
    )


def _show_help(ctx: click.Context, _option: click.Parameter, value: bool) -> None:  # noqa: FBT001 - the shape of a callback
    if value and not ctx.resilient_parsing:
        write_line(ctx.get_help())
        ctx.exit()


def _keep_home(ctx: click.Context, _option: click.Parameter, value: str | None) -> None:
    """The option may stand before and after the command; the later one is nearer and wins."""
    request = ctx.find_object(Request)
    if value is not None and request is not None:
        request.named_home = value


def _complete_directory(
    _ctx: click.Context, _option: click.Parameter, incomplete: str
) -> list[click.shell_completion.CompletionItem]:
    return [click.shell_completion.CompletionItem(incomplete, type="dir")]


def complete_file(
    _ctx: click.Context, _option: click.Parameter, incomplete: str
) -> list[click.shell_completion.CompletionItem]:
    """A path of a file."""
    return [click.shell_completion.CompletionItem(incomplete, type="file")]


def _complete_remote(
    ctx: click.Context, option: click.Parameter, incomplete: str
) -> list[click.shell_completion.CompletionItem]:
    from cli.remote_place import complete_remote  # brings in SSH

    return complete_remote(ctx, option, incomplete)


def _working_directory() -> Path:
    """Where the user stands; the root where that directory was removed under them."""
    try:
        return Path.cwd()
    except FileNotFoundError:
        return Path("/")
