"""Shell completion: the script a shell loads, and the answers it asks for while one types."""

from __future__ import annotations

import shlex
from itertools import islice
from typing import Any

import click
from click.shell_completion import (
    BashComplete,
    CompletionItem,
    FishComplete,
    ShellComplete,
    get_completion_class,
)

from cli.parsing import COMPLETE_VARIABLE, DeskCommand, Request
from cli.screen import PROGRAM, write_text
from core.errors import Error

SHELLS = ("bash", "zsh", "fish")

_MOST = 200
_IN_TRASH = ("restore", "purge")  # commands whose runs are deleted ones


@click.command(cls=DeskCommand, needs_home=False)
@click.argument("shell", metavar="SHELL", type=click.Choice(SHELLS))
def completion(shell: str) -> None:
    """Print the completion script for a shell.

    \b
    bash:  eval "$(rundesk completion bash)"      in ~/.bashrc
    zsh:   eval "$(rundesk completion zsh)"       in ~/.zshrc
    fish:  rundesk completion fish > ~/.config/fish/completions/rundesk.fish
    """  # noqa: D301 - \b is click's mark for lines that are kept
    kind = _class_of(shell)
    assert kind is not None, shell
    write_text(kind(click.Command(PROGRAM), {}, PROGRAM, COMPLETE_VARIABLE).source())


def answer(program: click.Command, request: Request, instruction: str) -> int:
    """Answer what a shell's completion script asks; returns the exit code.

    Args:
        program: The group of all commands.
        request: Takes the home named on the line so far.
        instruction: Content of the script's variable, e.g. "bash_complete".
    """
    shell, _, task = instruction.partition("_")
    kind = _class_of(shell)
    if kind is None or task != "complete":
        return 1
    write_text(kind(program, {"obj": request}, PROGRAM, COMPLETE_VARIABLE).complete() + "\n")
    return 0


class _BashComplete(BashComplete):
    """Bash takes a completion as it is: one with blanks must come quoted."""

    def format_completion(self, item: CompletionItem[Any]) -> str:
        return f"{item.type},{shlex.quote(item.value) if item.type == 'plain' else item.value}"


class _FishComplete(FishComplete):
    """The same answers, read by a script that keeps what comes after a comma in them."""

    source_template = """\
function %(complete_func)s
    set -lx COMP_WORDS (commandline -cp)
    set -lx COMP_CWORD (commandline -t)
    for completion in (%(complete_var)s=fish_complete %(prog_name)s)
        set -l parts (string split -m 1 , -- $completion)
        switch $parts[1]
            case dir
                __fish_complete_directories $parts[2]
            case file
                __fish_complete_path $parts[2]
            case plain
                echo $parts[2]
        end
    end
end

complete --no-files --command %(prog_name)s --arguments "(%(complete_func)s)"
"""


def _class_of(shell: str) -> type[ShellComplete] | None:
    own: dict[str, type[ShellComplete]] = {"bash": _BashComplete, "fish": _FishComplete}
    return own.get(shell) or get_completion_class(shell)


# What is typed into options and arguments


def complete_run(
    ctx: click.Context, _param: click.Parameter, incomplete: str
) -> list[CompletionItem[str]]:
    """Ids of runs, newest first, told apart by operation and label."""
    from cli.listing import known_runs

    return [
        CompletionItem(short_id, help=text)
        for short_id, text in _known(ctx, known_runs)
        if short_id.startswith(incomplete)
    ][:_MOST]


def complete_operation(
    ctx: click.Context, _param: click.Parameter, incomplete: str
) -> list[CompletionItem[str]]:
    """Names of operations."""
    from cli.listing import known_operations

    return _starting(_known(ctx, known_operations), incomplete)


def complete_tag(
    ctx: click.Context, _param: click.Parameter, incomplete: str
) -> list[CompletionItem[str]]:
    """Tags that runs have."""
    from cli.listing import known_tags

    return _starting(_known(ctx, known_tags), incomplete)


def complete_columns(
    ctx: click.Context, _param: click.Parameter, incomplete: str
) -> list[CompletionItem[str]]:
    """Column specifications, the last of a list with commas."""
    from cli.listing import known_columns

    begun, comma, last = incomplete.rpartition(",")
    found = _starting([str(spec) for spec in _known(ctx, known_columns)], last)
    return [CompletionItem(f"{begun}{comma}{item.value}") for item in found]


def complete_header(
    ctx: click.Context, _param: click.Parameter, incomplete: str
) -> list[CompletionItem[str]]:
    """What stands above a column."""
    from cli.listing import known_columns

    return _starting(list({spec.header for spec in _known(ctx, known_columns)}), incomplete)


def complete_path(
    ctx: click.Context, _param: click.Parameter, incomplete: str
) -> list[CompletionItem[str]]:
    """Files of the run of a home that is named before; hidden ones where a dot is typed."""
    from cli.named_run import files_beginning

    request, run = ctx.find_object(Request), ctx.params.get("run")
    if request is None or run is None or ctx.params.get("remote") or ctx.params.get("archive"):
        return []
    deleted = bool(ctx.params.get("deleted"))
    try:
        found = list(islice(files_beginning(request, run, incomplete, deleted=deleted), _MOST))
    except (Error, OSError):
        return []
    return [CompletionItem(path) for path in sorted(found)]


def _starting(names: list[str], incomplete: str) -> list[CompletionItem[str]]:
    return [CompletionItem(name) for name in sorted(names) if name.startswith(incomplete)][:_MOST]


def _known(ctx: click.Context, ask: Any) -> list[Any]:
    """What the home knows; nothing where it cannot be read, since nobody asked for a sentence."""
    request = ctx.find_object(Request)
    if request is None:
        return []
    deleted = bool(ctx.params.get("deleted")) or ctx.info_name in _IN_TRASH
    try:
        return list(ask(request.home, deleted=deleted))
    except (Error, OSError):
        return []
