"""Guild's own diff command: the program that the user's configuration of Guild names.

It is started only where somebody asks for it, and never through a shell: the setting is split into
words as Guild splits it, and the two paths are further words. Where the setting has commands by the
ending of a file's name, the same one is chosen as by Guild: an ending as it is, or a regular
expression that is found in it, in the order of the file.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from core.errors import RunDamaged, SettingsError
from core.runs.attrs import load_yaml
from core.runs.guild_files import reason

MOST_OUTPUT = 4 * 1024 * 1024
MOST_CONFIG = 1024 * 1024

_PLAIN = "diff -ru"
_USUAL = {
    "linux": ("meld", "xxdiff -r", "dirdiff", "colordiff"),
    "darwin": ("Kaleidoscope", "meld", "DiffMerge", "FileMerge"),
}
_STOP_SECONDS = 2.0


def guild_config_path(environ: Mapping[str, str], cwd: Path, user_home: Path) -> Path:
    """The file that Guild reads its user configuration from; it need not exist."""
    named = environ.get("GUILD_CONFIG")
    if named:
        return cwd / named
    here = cwd / "guild-config.yml"
    return here if here.is_file() else user_home / ".guild" / "config.yml"


def read_diff_commands(path: Path) -> Mapping[str, str]:
    """Commands by ending (or regular expression) of names, "default" for all others.

    Args:
        path: The configuration file.

    Raises:
        SettingsError: It cannot be read, or the setting is no command.
    """
    try:
        with path.open("rb") as file:
            text = file.read(MOST_CONFIG).decode("utf-8", "replace")
        config = load_yaml(text)
    except FileNotFoundError:
        return {}
    except OSError as e:
        raise SettingsError(f"Cannot read {path}: {reason(e)}.") from e
    except RunDamaged as e:
        raise SettingsError(f"{path} {e}.", hint="Correct it, or name a command with -c.") from e
    section = config.get("diff") if isinstance(config, dict) else None
    command = section.get("command") if isinstance(section, dict) else None
    return _commands_of(command, path)


def choose_command(commands: Mapping[str, str], path: str) -> list[str]:
    """The words of the command for a file or directory.

    Args:
        commands: As `read_diff_commands` gives them.
        path: What is compared; only the ending of its name counts.

    Raises:
        SettingsError: The command cannot be split into words, or is empty.
    """
    ending = os.path.splitext(path)[1]  # noqa: PTH122 - the same text that Guild looks at
    for pattern, command in commands.items():
        if pattern != "default" and _is_meant(pattern, ending):
            return split_command(command)
    return split_command(commands.get("default", _usual_command(ending)))


def split_command(command: str) -> list[str]:
    """The words of a command.

    Raises:
        SettingsError: A quote does not end, or there is no word.
    """
    try:
        words = shlex.split(command)
    except ValueError as e:
        raise SettingsError(f"The diff command {command!r} is not understood: {e}.") from e
    if not words:
        raise SettingsError("The diff command is empty.", hint="Name one with -c.")
    return words


def run_attached(words: list[str], left: Path, right: Path) -> int:
    """Run a command on the terminal of this process and wait for it; returns its exit status.

    Raises:
        SettingsError: It cannot be started.
    """
    try:
        return subprocess.run([*words, str(left), str(right)], check=False).returncode
    except OSError as e:
        raise _cannot_start(words, e) from e


def run_apart(
    words: list[str],
    left: Path,
    right: Path,
    *,
    interrupt_with: Callable[[Callable[[], None]], None],
) -> str:
    """Run a command, wait until it ends, and return what it printed, up to some limit.

    A program with a window ends when that is closed; until then the job goes on.

    Args:
        words: The command.
        left: First path that it is given.
        right: Second one.
        interrupt_with: Is given what ends the program (`JobContext.interrupt_with`).

    Raises:
        SettingsError: It cannot be started.
    """
    try:
        process = subprocess.Popen(
            [*words, str(left), str(right)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    except OSError as e:
        raise _cannot_start(words, e) from e
    interrupt_with(lambda: _end(process))
    with process:
        assert process.stdout is not None
        kept = process.stdout.read(MOST_OUTPUT)
        while process.stdout.read(1 << 16):
            pass  # a program that cannot write would wait for ever
    return kept.decode("utf-8", "replace")


def _commands_of(command: Any, path: Path) -> Mapping[str, str]:
    if command is None:
        return {}
    if isinstance(command, str):
        return {"default": command}
    if isinstance(command, dict) and all(isinstance(each, str) for each in command.values()):
        return {str(pattern): each for pattern, each in command.items()}
    raise SettingsError(
        f"The setting diff.command in {path} is no command.",
        hint="It is one line, or a map of endings to one line each.",
    )


def _is_meant(pattern: str, ending: str) -> bool:
    if pattern == ending:
        return True
    try:
        return re.search(pattern, ending) is not None
    except re.error:
        return False


def _usual_command(ending: str) -> str:
    """What Guild takes where nothing is set: the first program that is installed."""
    usual = _USUAL.get(sys.platform, ())
    candidates = ("nbdiff-web -M",) if ending == ".ipynb" else usual
    return next((each for each in candidates if shutil.which(each.split()[0])), _PLAIN)


def _end(process: subprocess.Popen[bytes]) -> None:
    """Ask a program to end, and see to it that it does; returns at once."""
    process.terminate()
    later = threading.Timer(_STOP_SECONDS, process.kill)
    later.daemon = True
    later.start()


def _cannot_start(words: list[str], error: OSError) -> SettingsError:
    return SettingsError(
        f"Cannot start the diff command {words[0]}: {reason(error)}.",
        hint="Install it, or set diff.command in Guild's config.yml.",
    )
