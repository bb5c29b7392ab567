"""Completion in real shells: what they offer is what can be typed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest
import yaml

from tests.support.runs import make_run
from tests.support.typed_shell import TypedShell

COMMAND = Path(sys.executable).with_name("rundesk")
TAGS = "- 'a:b c,d'\n- it's\n- paper"
IN_QUOTES = r'a!b "c" $HOME \ `d`'

_BASH = """
eval "$(rundesk completion bash)"
COMP_LINE='%s'; COMP_POINT=${#COMP_LINE}
_rundesk_completion rundesk
printf '%%s\\n' "${COMPREPLY[@]}"
"""


@pytest.fixture
def environment(tmp_path):
    """A user with one run, whose tags have what shells stumble over."""
    home = tmp_path / "home"
    make_run(home / "runs", "ab12" * 8, attrs={"label": "one, two", "tags": TAGS, "started": "1"})
    env = {
        "HOME": str(tmp_path / "user"),
        "PATH": f"{COMMAND.parent}:/usr/bin:/bin",
        "LANG": os.environ.get("LANG", "C.UTF-8"),
        "GUILD_HOME": str(home),
    }
    env["TZ"] = "UTC"
    (tmp_path / "user").mkdir()
    subprocess.run([COMMAND, "list"], env=env, capture_output=True, check=True)
    return env


def lines(argv, environment):
    done = subprocess.run(argv, env=environment, capture_output=True, text=True, check=False)
    assert done.stderr == ""
    return [line.split("\t") for line in done.stdout.splitlines()]


def in_fish(environment, line):
    assert shutil.which("fish"), "fish is not installed: run .ci/install-packages"
    script = f"rundesk completion fish | source; complete -C '{line}'"
    return lines(["fish", "-N", "-c", script], environment)


def in_bash(environment, line):
    return lines(["bash", "--norc", "-c", _BASH % line], environment)


def test_fish_keeps_what_comes_after_a_comma(environment):
    assert in_fish(environment, "rundesk list -Ft ") == [["a:b c,d"], ["it's"], ["paper"]]
    assert in_fish(environment, "rundesk info a") == [
        ["ab12ab12", "train.py 1970-01-01 00:00 one, two"]
    ]


def test_fish_completes_commands_options_and_directories(environment, tmp_path):
    assert in_fish(environment, "rundesk inf") == [["info", "Show everything about a run."]]
    assert in_fish(environment, "rundesk list --mar")[0][0] == "--marked"
    assert in_fish(environment, f"rundesk -H {tmp_path}/us")[0][0] == f"{tmp_path}/user/"


def test_bash_quotes_what_has_blanks(environment):
    assert in_bash(environment, "rundesk list -Ft ") == [["'a:b c,d'"], ["'it'\"'\"'s'"], ["paper"]]
    assert in_bash(environment, "rundesk inf") == [["info"]]


def test_bash_goes_on_with_the_quotes_that_were_begun(environment):
    tags = yaml.safe_dump([IN_QUOTES, "it's"])
    make_run(Path(environment["GUILD_HOME"]) / "runs", "cd" * 16, attrs={"tags": tags})
    subprocess.run([COMMAND, "list"], env=environment, capture_output=True, check=True)

    ((found,),) = in_bash(environment, 'rundesk list -Ft "a!')

    assert found.startswith('"a')
    assert lines(["bash", "-c", f"printf %s {found}"], environment) == [[IN_QUOTES]]
    assert in_bash(environment, 'rundesk list -Ft "it') == [['"it\'s"']]


@pytest.fixture
def type_in(environment):
    """Types a line into an interactive shell, and tells when it reads so on its screen."""
    with ExitStack() as stack:

        def type_in(shell, line, wanted):
            typed = stack.enter_context(TypedShell(SHELLS[shell], environment, START[shell]))
            typed.send(line)
            typed.wait_for(wanted)

        yield type_in


SHELLS = {"bash": ["bash", "--norc"], "zsh": ["zsh", "-f"], "fish": ["fish", "--no-config"]}
START = {
    "bash": 'eval "$(rundesk completion bash)"',
    "zsh": 'autoload -Uz compinit; compinit -u; eval "$(rundesk completion zsh)"',
    "fish": "rundesk completion fish | source",
}


@pytest.mark.parametrize("shell", SHELLS)
def test_tab_completes_in_a_shell_that_is_typed_into(environment, type_in, shell):
    assert shutil.which(shell), f"{shell} is not installed: run .ci/install-packages"
    make_run(Path(environment["GUILD_HOME"]) / "runs", "0b" * 16, opref="guildfile:/p '' m train")
    subprocess.run([COMMAND, "list"], env=environment, capture_output=True, check=True)

    type_in(shell, "rundesk list -Ft pap\t", "-Ft paper")
    type_in(shell, "rundesk list -Fo m:\t", "-Fo m:train")
    type_in(shell, 'rundesk list -Ft "a\t', '"a:b c,d"')
    type_in(shell, "rundesk info 0\t", "info 0b0b0b0b")


@pytest.mark.parametrize("shell", SHELLS)
def test_an_option_and_its_value_in_one_word_stay_one(type_in, shell):
    printed = "\x01printf '[%s]' \x05\r"  # before the line, which then is what is printed

    type_in(shell, f"rundesk list --tag=pap\t{printed}", "[rundesk][list][--tag=paper]")
    type_in(shell, f"rundesk --home=/us\t{printed}", "[rundesk][--home=/usr")
