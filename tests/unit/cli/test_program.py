from __future__ import annotations

import errno
import subprocess
import sys

import click
import pytest

from cli.__main__ import run
from cli.program import PLACES
from cli.program import desk as program
from core.errors import Cancelled
from tests.support.runs import make_run


@pytest.fixture
def broken(desk, monkeypatch):
    """Makes the command `broken`, which raises what the test says."""

    def make(error: BaseException):
        @click.command()
        def command():
            raise error

        monkeypatch.setattr(program, "get_command", lambda ctx, name: command)
        return desk.call("broken")

    return make


WITHOUT_HOME = ("completion", "install-desktop", "remote", "remotes", "uninstall-desktop")


def test_every_command_can_be_loaded_and_explains_itself(desk):
    for name in PLACES:
        outcome = desk.call(name, "--help")
        assert outcome.code == 0
        assert outcome.lines[0].startswith(f"Usage: rundesk {name} ")
        assert ("-H, --home PATH" in outcome.out) is (name not in WITHOUT_HOME)


def test_the_help_names_every_command_with_a_sentence(desk):
    lines = desk.call("--help").lines

    for name in PLACES:
        (line,) = (line for line in lines if line.startswith(f"  {name} "))
        assert len(line.split()) > 2
        assert line.endswith("."), "a sentence that is cut says half of it"
        assert not line.endswith("...")


def test_the_version_is_told_without_loading_qt(desk):
    code = (
        "import sys\n"
        "from cli.__main__ import run\n"
        "code = run(['--version'])\n"
        "loaded = [name for name in sys.modules if name.startswith(('PySide6', 'gui', 'psutil'))]\n"
        "sys.exit(f'{code} {loaded}' if code or loaded else 0)\n"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert done.stderr == ""
    assert done.stdout.startswith("rundesk ")


@pytest.mark.parametrize("command", ["list", "info", "check", "ls", "output"])
def test_looking_at_runs_loads_neither_qt_nor_the_runs_parsers_when_warm(desk, command):
    make_run(desk.home / "runs", files={".guild/output": "x\n"})
    desk(command)
    code = (
        "import sys\n"
        "from cli.__main__ import run\n"
        f"run([{command!r}, '-H', {str(desk.home)!r}])\n"
        "print([name for name in sys.modules if name.startswith(('PySide6', 'gui.', 'paramiko'))])"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.splitlines()[-1] == "[]"


def test_an_export_that_asks_nothing_loads_nothing_that_only_others_need(desk, tmp_path):
    make_run(desk.home / "runs")
    others = {"subprocess", "sqlite3", "ctypes", "shutil", "tempfile", "random", "concurrent"}
    code = (
        "import sys\n"
        "before = set(sys.modules)\n"
        "from cli.__main__ import run\n"
        f"run(['-H', {str(desk.home)!r}, 'export', '-y', {str(tmp_path / 'a.tar.zst')!r}, ':'])\n"
        f"print(sorted({others!r} & (sys.modules.keys() - before)))"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert (tmp_path / "a.tar.zst").exists()
    assert done.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["lst"], "No such command 'lst'"),
        (["list", "--nope"], "--nope"),
        (["list", "-n"], "requires an argument"),
        (["list", "surplus"], "surplus"),
        (["list", "-Sx"], "there is no status letter 'x'"),
        (["list", "-S"], "requires an argument"),
        (["list", "-Fm", "-Fn"], "--marked and --unmarked exclude each other"),
        (["list", "-Fl", "x", "-Fu"], "--unlabeled and --label exclude each other"),
        (["completion", "tcsh"], "tcsh"),
    ],
)
def test_a_command_line_that_is_not_understood_is_told_with_a_hint(desk, arguments, word):
    err = desk.fails(*arguments, code=2).err

    assert word in err
    assert err.splitlines()[-1].startswith("Try 'rundesk")


@pytest.mark.parametrize(
    ("arguments", "lines"),
    [
        (
            ["list", "-n"],
            ["rundesk: Option '-n' requires an argument.", "Try 'rundesk list --help'."],
        ),
        (
            ["list", "-n", "few"],
            [
                "rundesk: Invalid value for '-n' / '--limit': few is not a whole number from 1 on.",
                "Try 'rundesk list --help'.",
            ],
        ),
        (
            ["diff", "1", "2", "3", "4"],
            ["rundesk: Nothing more was expected here: 3 4.", "Try 'rundesk diff --help'."],
        ),
        (
            ["completion"],
            [
                "rundesk: Missing argument 'SHELL'. Choose from: bash, zsh, fish.",
                "Try 'rundesk completion --help'.",
            ],
        ),
    ],
    ids=str,
)
def test_what_click_finds_wrong_is_one_sentence_and_names_the_command(desk, arguments, lines):
    assert desk.fails(*arguments, code=2).err.splitlines() == lines


def test_a_group_without_a_command_shows_its_commands(desk):
    outcome = desk.call("remote")

    assert outcome.code == 2
    assert outcome.err.startswith("Usage: rundesk remote ")
    assert "Commands:" in outcome.err


def test_a_bad_expression_is_pointed_at(desk):
    assert desk.fails("list", "-F", "lr < 1 and and", code=2).err.splitlines()[1:3] == [
        "  lr < 1 and and",
        "             ^^^",
    ]


def test_a_bad_time_range_is_pointed_at(desk):
    lines = desk.fails("info", "-Fs", "last fooday", code=2).err.splitlines()

    assert lines[1:3] == ["  last fooday", "       ^^^^^^"]


@pytest.mark.parametrize("error", [KeyboardInterrupt(), Cancelled(), click.Abort()])
def test_an_interrupted_command_ends_with_130_and_without_a_word(broken, error):
    outcome = broken(error)

    assert (outcome.code, outcome.out, outcome.err) == (130, "", "")


def test_an_interrupt_while_the_program_loads_is_quiet_too(monkeypatch, capsys):
    def interrupt(arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr("cli.program.run_command", interrupt)

    assert run([]) == 130
    assert capsys.readouterr() == ("", "")


def test_what_nobody_foresaw_is_one_sentence_and_in_the_log(broken, desk):
    outcome = broken(KeyError("secret\nsecond line"))

    assert outcome.code == 1
    first, second = outcome.err.splitlines()
    assert first.startswith("rundesk: Something unexpected happened: KeyError")
    log = desk.user_home / ".local" / "state" / "rundesk" / "rundesk.log"
    assert second == f"Details are in {log}."
    text = log.read_text()
    assert text.count("Traceback") == 1
    assert "KeyError" in text


def test_without_a_place_for_the_log_the_sentence_is_still_told(broken, desk):
    (desk.user_home / ".local").write_text("in the way")

    outcome = broken(ZeroDivisionError("x"))

    assert outcome.code == 1
    assert "ZeroDivisionError" in outcome.err
    assert "Cannot write the log" in outcome.err
    assert "Traceback" not in outcome.err


def test_a_failure_of_the_system_names_its_file(broken):
    outcome = broken(PermissionError(errno.EACCES, "Permission denied", "/some/file"))

    assert outcome.code == 1
    assert outcome.err == "rundesk: Cannot use /some/file: Permission denied.\n"


def test_a_module_that_is_missing_is_one_sentence(broken):
    missing = ImportError("No module named 'yaml'", name="yaml")
    hidden = ImportError("No module named 'core.home'", name="core.home")

    assert "The installation is incomplete: yaml" in broken(missing).err
    assert "Another installed package hides core.home" in broken(hidden).err


def test_commands_end_with_the_exit_code_they_ask_for(broken):
    assert broken(click.exceptions.Exit(4)).code == 4


def test_a_stream_that_nobody_reads_ends_the_command_quietly(desk):
    for number in range(300):
        make_run(desk.home / "runs", f"{number:032x}", attrs={"label": "x" * 500})

    done = subprocess.run(
        f"{sys.executable} -m cli list -a -H {desk.home} | head -n 1; echo ${{PIPESTATUS[0]}}",
        shell=True, executable="/bin/bash", capture_output=True, text=True, check=True,
    )  # fmt: skip

    assert done.stdout.splitlines()[-1] == "0"
    assert done.stderr == ""


@pytest.mark.parametrize(
    ("redirection", "sentence"),
    [(">&-", "standard output is closed"), ("> /dev/full", "No space left on device")],
)
def test_data_that_cannot_be_written_is_an_error(desk, redirection, sentence):
    make_run(desk.home / "runs")
    command = f"{sys.executable} -m cli list --json -H {desk.home} {redirection}"

    done = subprocess.run(command, shell=True, capture_output=True, text=True, check=False)

    assert done.returncode == 1
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "command", ["list", "output 1", "cat 1 .guild/opref", "--version", "--help", "list --help"]
)
def test_what_cannot_be_written_is_told_once(desk, command):
    make_run(desk.home / "runs", files={".guild/output": "text"})
    line = f"{sys.executable} -m cli -H {desk.home} {command} > /dev/full"

    done = subprocess.run(line, shell=True, capture_output=True, text=True, check=False)

    assert done.stderr == (
        "rundesk: Cannot write to standard output: No space left on device.\n"
    )  # fmt: skip
    assert done.returncode == 1


def test_a_note_that_nobody_can_read_stops_nothing(desk):
    line = f"{sys.executable} -m cli -H {desk.home} check 2> /dev/full"
    (desk.home / "runs").rmdir()

    done = subprocess.run(line, shell=True, capture_output=True, text=True, check=False)

    assert done.returncode == 0
    assert "runs_dir:" in done.stdout
