"""The program: its commands, and what becomes of everything that can go wrong in one."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Sequence

import click

from cli.late_log import LateLog
from cli.parsing import COMPLETE_VARIABLE, DeskGroup, Request
from cli.screen import PROGRAM, note, prepare_streams, writing
from core.errors import Cancelled, Error

DONE, ERROR, USAGE, INTERRUPTED = 0, 1, 2, 130

_SURPLUS = re.compile(r"Got unexpected extra arguments? \((.*)\)", re.DOTALL)

PLACES = {
    "gui": "cli.window_commands:gui",
    "check": "cli.check_command:check",
    "list": "cli.list_command:list_runs",
    "info": "cli.info_command:info",
    "ls": "cli.file_commands:ls",
    "cat": "cli.file_commands:cat",
    "output": "cli.file_commands:output",
    "diff": "cli.diff_command:diff",
    "compare": "cli.compare_command:compare",
    "scalars": "cli.scalars_command:scalars",
    "label": "cli.label_command:label",
    "tag": "cli.tag_command:tag",
    "mark": "cli.mark_command:mark",
    "comment": "cli.comment_command:comment",
    "delete": "cli.trash_commands:delete",
    "restore": "cli.trash_commands:restore",
    "purge": "cli.trash_commands:purge",
    "export": "cli.export_command:export",
    "import": "cli.import_command:import_",
    "push": "cli.transfer_commands:push",
    "pull": "cli.transfer_commands:pull",
    "sync": "cli.transfer_commands:sync",
    "remotes": "cli.remote_commands:remotes",
    "remote": "cli.remote_commands:remote",
    "stop": "cli.stop_command:stop",
    "completion": "cli.completion_command:completion",
    "install-desktop": "cli.window_commands:install_desktop",
    "uninstall-desktop": "cli.window_commands:uninstall_desktop",
}


def _show_version(ctx: click.Context, _option: click.Parameter, value: bool) -> None:  # noqa: FBT001 - the shape of a callback
    if not value or ctx.resilient_parsing:
        return
    from cli.screen import write_line
    from core.version import program_version

    write_line(f"{PROGRAM} {program_version()}")
    ctx.exit()


@click.group(
    PROGRAM,
    cls=DeskGroup,
    places=PLACES,
    invoke_without_command=True,
    epilog="Without a command, the window opens.",
)
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_show_version,
    help="Print the version.",
)
@click.pass_context
def desk(ctx: click.Context) -> None:
    """See, find, understand and tidy the runs of a Guild home."""
    if ctx.invoked_subcommand is None:
        from cli.window_commands import gui

        ctx.invoke(gui, places=())


def run_command(arguments: Sequence[str]) -> int:
    """Run one command and tell what goes wrong in one sentence; returns the exit code."""
    prepare_streams()
    with LateLog() as late_log:
        code = _guarded(arguments, late_log)
    try:
        if sys.stdout is not None:
            with writing():
                sys.stdout.flush()
    except BrokenPipeError:
        return code
    except Error as e:
        return _tell_error(str(e))
    return code


def _guarded(arguments: Sequence[str], late_log: LateLog) -> int:
    try:
        return _invoke(arguments, late_log)
    except click.exceptions.NoArgsIsHelpError as e:
        note(e.format_message())
        return USAGE
    except click.UsageError as e:
        return _tell_usage(e)
    except click.exceptions.Exit as e:
        return e.exit_code
    except (KeyboardInterrupt, Cancelled, click.Abort):
        return INTERRUPTED
    except (Error, OSError) as e:
        return _tell_failure(e, late_log)
    except ImportError:  # Which installation is at fault is told where nothing need be imported.
        raise
    except Exception as e:  # noqa: BLE001 - what nobody foresaw is logged and told in a sentence
        return _tell_unexpected(e, late_log)


def _invoke(arguments: Sequence[str], late_log: LateLog) -> int:
    request = Request(os.environ, on_load=late_log.watch)
    instruction = os.environ.get(COMPLETE_VARIABLE)
    if instruction:
        from cli.completion_command import answer

        return answer(desk, request, instruction)
    with desk.make_context(PROGRAM, list(arguments), obj=request) as ctx:
        desk.invoke(ctx)
    return DONE


def _tell_failure(error: Error | OSError, late_log: LateLog) -> int:
    """A failure that was to be expected somewhere; that nobody reads any more is none."""
    if isinstance(error, Error):
        return _tell_error(str(error), error.hint)
    if isinstance(error, BrokenPipeError):
        return DONE
    late_log.error("A command failed", error)
    return _tell_error(f"{_subject(error)}: {error.strerror or error}.")


def _tell_usage(error: click.UsageError) -> int:
    path = error.ctx.command_path if error.ctx else PROGRAM
    note(f"{PROGRAM}: {_sentence(_usage_text(error.format_message()))}")
    note(f"Try '{path} --help'.")
    return USAGE


def _usage_text(message: str) -> str:
    """What click says, in one line and without its brackets; what points at a place stays."""
    surplus = _SURPLUS.fullmatch(message)
    if surplus:
        return f"Nothing more was expected here: {surplus[1]}"
    return message.replace("\n\t", " ")


def _tell_error(message: str, hint: str = "") -> int:
    note(f"{PROGRAM}: {_sentence(message)}")
    if hint:
        note(hint)
    return ERROR


def _tell_unexpected(error: Exception, late_log: LateLog) -> int:
    late_log.error("A command broke", error)
    what = str(error).partition("\n")[0]
    file = late_log.file
    details = (file.problem or f"Details are in {file.path}.") if file else ""
    return _tell_error(f"Something unexpected happened: {type(error).__name__} ({what}).", details)


def _subject(error: OSError) -> str:
    return f"Cannot use {error.filename}" if error.filename else "The system refused"


def _sentence(text: str) -> str:
    """`text` with its full stop; a text that ends by pointing at a place has it elsewhere."""
    return text if text.endswith((".", "?", "!", ")", "^")) or "\n" in text else f"{text}."
