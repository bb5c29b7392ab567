"""Shell completion: the script a shell loads, and the answers it asks for while one types."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Callable
from itertools import islice
from typing import Any

import click
from click.shell_completion import (
    BashComplete,
    CompletionItem,
    FishComplete,
    ShellComplete,
    ZshComplete,
    split_arg_string,
)

from cli.parsing import COMPLETE_VARIABLE, DeskCommand, Request
from cli.screen import PROGRAM, printable, write_text
from core.errors import Error

SHELLS = ("bash", "zsh", "fish")

_MOST = 200
_END = "\x01"
"""Stands where the cursor is, so that a word that was not begun yet is one, too."""
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
    asked = kind(program, {"obj": request}, PROGRAM, COMPLETE_VARIABLE)
    args, incomplete = asked.get_completion_args()
    found = filter(_is_one_line, asked.get_completions(args, incomplete))
    write_text("".join(f"{asked.format_completion(item)}\n" for item in found) or "\n")
    return 0


def _is_one_line(item: CompletionItem[Any]) -> bool:
    """Whether a shell takes an answer for one, and for nothing but a word.

    What follows a line end in a name that somebody chose would be another answer, which no shell
    quotes, and could be a command.
    """
    return all(text == printable(text) for text in (item.value, item.help or ""))


class _BashComplete(BashComplete):
    """The same answers for bash, which takes words apart at other letters than blanks, too.

    Of "m:train", bash replaces what stands behind the colon, so that no answer may begin with what
    is before it. Answers are quoted, since bash takes them as they are. It is the line as a whole
    that is asked about: of its words bash cannot tell which were one.
    """

    source_template = """\
%(complete_func)s() {
    local answer
    COMPREPLY=()
    while IFS= read -r answer; do
        case ${answer%%%%,*} in
            dir) compopt -o dirnames ;;
            file) compopt -o default ;;
            plain) COMPREPLY+=("${answer#*,}") ;;
        esac
    done < <(env COMP_WORDS="${COMP_LINE:0:COMP_POINT}" COMP_BREAKS="$COMP_WORDBREAKS" \\
        %(complete_var)s=bash_complete "$1" 2>/dev/null)
}

complete -o nosort -F %(complete_func)s %(prog_name)s
"""
    _kept = ""
    _quote: Callable[[str], str] = staticmethod(shlex.quote)

    def get_completion_args(self) -> tuple[list[str], str]:
        """The words before the one that is typed, and what there is of that."""
        line = os.environ.get("COMP_WORDS", "")
        *words, last = split_arg_string(line + _END)
        last = last.removesuffix(_END)
        breaks = os.environ.get("COMP_BREAKS", "")
        begun_with = line[: len(line) - len(last)][-1:] if line.endswith(last) else "'"
        self._kept = "" if begun_with in ("'", '"') else _before_break(last, breaks)
        if begun_with == '"':  # that bash leaves on the line
            self._quote = _in_double_quotes
        return words[1:], last

    def get_completions(self, args: list[str], incomplete: str) -> list[CompletionItem[str]]:
        """What can stand there; click forgets a word that is "=" and nothing more."""
        found = super().get_completions(args, incomplete)
        return (
            [item for item in found if item.value.startswith("=")] if incomplete == "=" else found
        )

    def format_completion(self, item: CompletionItem[Any]) -> str:
        """One line of the answer, without what stays on the line as it is."""
        if item.type != "plain":
            return f"{item.type},{item.value}"
        kept = self._kept
        if not item.value.startswith(kept):  # an option and its value in one word
            kept = kept.partition("=")[2]
        value = item.value.removeprefix(kept)
        return f"plain,{self._quote(value)}"


def _in_double_quotes(word: str) -> str:
    """The word as bash reads it between such; of "!" its history would make something else."""
    escaped = re.sub(r'(["$`\\])', r"\\\1", word).replace("!", "\"'!'\"")
    return f'"{escaped}"'


def _before_break(word: str, breaks: str) -> str:
    """What bash takes for other words: up to the last letter at which it takes words apart."""
    return word[: max((word.rfind(each) for each in ":=@" if each in breaks), default=-1) + 1]


class _WholeWords(ShellComplete):
    """The same answers for shells that put them in place of the word that was begun.

    Of "--tag=pa" that is an option, too, without which its value would be another argument.
    """

    def get_completions(self, args: list[str], incomplete: str) -> list[CompletionItem[str]]:
        """What can stand there, whole."""
        found = super().get_completions(args, incomplete)
        option, equals, _ = incomplete.partition("=")
        if equals and option.startswith("--"):
            for item in found:
                if item.type == "plain" and not item.value.startswith("-"):
                    item.value = f"{option}={item.value}"
        return found


class _ZshComplete(_WholeWords, ZshComplete):
    """The same answers, read by a script that finds directories behind an option, too."""

    source_template = ZshComplete.source_template.replace(
        "_path_files", "compset -P 1 '--*='; _path_files"
    )


class _FishComplete(_WholeWords, FishComplete):
    """The same answers, read by a script that keeps what comes after a comma in them."""

    source_template = """\
function %(complete_func)s
    set -lx COMP_WORDS (commandline -cp)
    set -lx COMP_CWORD (commandline -t)
    set -l option (string match -r -- '^--[^=]*=' $COMP_CWORD)
    for completion in (%(complete_var)s=fish_complete %(prog_name)s)
        set -l parts (string split -m 1 , -- $completion)
        switch $parts[1]
            case dir
                __fish_complete_directories $parts[2] | string replace -r -- '^' "$option"
            case file
                __fish_complete_path $parts[2] | string replace -r -- '^' "$option"
            case plain
                echo $parts[2]
        end
    end
end

complete --no-files --command %(prog_name)s --arguments "(%(complete_func)s)"
"""


def _class_of(shell: str) -> type[ShellComplete] | None:
    return {"bash": _BashComplete, "fish": _FishComplete, "zsh": _ZshComplete}.get(shell)


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
