"""The installed command `rundesk` as a user meets it: in a shell, a terminal, a pipe."""

from __future__ import annotations

import json
import os
import pty
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.support.patience import PATIENCE
from tests.support.runs import make_run

COMMAND = Path(sys.executable).with_name("rundesk")
WRITER = """
import sys, time
with open(sys.argv[1], "ab", buffering=0) as file:
    for number in range(int(sys.argv[2])):
        file.write(b"line %d\\n" % number)
        time.sleep(0.01)
    sys.stdin.read()
"""


@pytest.fixture
def environment(tmp_path):
    """A user of their own; the command is on the path."""
    names = ("LANG", "LC_ALL", "TMPDIR")
    env = {name: os.environ[name] for name in names if name in os.environ}
    (tmp_path / "user").mkdir()
    path = f"{COMMAND.parent}:/usr/bin:/bin"
    return env | {"HOME": str(tmp_path / "user"), "PATH": path, "TERM": "xterm"}


@pytest.fixture
def rundesk(environment, tmp_path):
    def call(*arguments, code=0, cwd=tmp_path):
        done = subprocess.run(
            [COMMAND, *arguments], env=environment, cwd=cwd, capture_output=True, text=True,
            check=False,
        )  # fmt: skip
        assert done.returncode == code, done.stderr
        assert "Traceback" not in done.stderr
        return done.stdout

    return call


def test_a_real_home_is_listed_told_and_read(rundesk, guild_store):
    home = str(guild_store.home)
    runs = json.loads(rundesk("list", "--json", "-H", home))

    assert len(runs) > 40
    assert rundesk("-H", home, "list", "-Fl", "best so far").startswith("[1:")
    run_id = guild_store.id("labelled")
    assert f"id: {run_id}\n" in rundesk("info", "-Fl", "best so far", "-H", home)
    assert rundesk("ls", run_id, "-H", home).startswith(f"{guild_store.run_dir('labelled')}:\n")
    assert "loss" in rundesk("output", run_id, "-H", home)
    opref = (guild_store.run_dir("labelled") / ".guild" / "opref").read_text()
    assert rundesk("cat", run_id, ".guild/opref", "-H", home) == opref
    assert json.loads(rundesk("check", "--json", "-H", home))["runs"] == len(runs)


def test_the_home_is_found_where_guild_finds_it(rundesk, tmp_path):
    make_run(tmp_path / "project" / ".guild" / "runs", "a" * 32)
    (tmp_path / "project" / "deep" / "down").mkdir(parents=True)

    assert "aaaaaaaa" in rundesk("list", cwd=tmp_path / "project" / "deep" / "down")


def test_the_version_needs_no_home(rundesk):
    assert rundesk("--version", "-H", "/nowhere").startswith("rundesk ")


def test_looking_leaves_a_home_as_it_was(rundesk, guild_copy):
    def facts():
        paths = sorted(guild_copy.home.rglob("*"))
        return [(path, path.lstat().st_mtime_ns, path.lstat().st_ctime_ns) for path in paths]

    before = facts()
    run_id = guild_copy.id("grid")
    for command in (["list"], ["info", run_id, "--files"], ["ls", run_id, "-a"], ["check"]):
        rundesk(*command, "-H", str(guild_copy.home))

    assert facts() == before


def test_on_a_terminal_lines_are_coloured_and_fit_its_width(environment, tmp_path):
    attrs = {"started": "1700000000000000", "exit_status": "0", "label": "long " * 50}
    make_run(tmp_path / "home" / "runs", "a" * 32, attrs=attrs)
    env = environment | {"COLUMNS": "90"}

    shown = read_terminal([COMMAND, "list", "-H", tmp_path / "home"], env).rstrip()

    assert "\x1b[32mcompleted\x1b[0m" in shown
    plain = shown
    for code in ("0", "1", "2", "32"):
        plain = plain.replace(f"\x1b[{code}m", "")
    assert "\x1b" not in plain
    assert 80 <= len(plain) <= 90
    assert plain.endswith("…")
    assert "\x1b" not in read_terminal(
        [COMMAND, "list", "-H", tmp_path / "home"], env | {"NO_COLOR": "1"}
    )


def test_output_on_a_terminal_keeps_colours_and_cannot_steer_it(environment, tmp_path):
    output = b"\x1b]0;owned\x07\x1b[31mred\x1b[0m\x1b[2J\n"
    make_run(tmp_path / "home" / "runs", "a" * 32, files={".guild/output": output})

    shown = read_terminal([COMMAND, "output", "-H", tmp_path / "home"], environment)

    assert shown == "\x1b[31mred\x1b[0m\r\n"


def read_terminal(command, env):
    """What a command writes to a terminal of its own."""
    master, terminal = pty.openpty()
    process = subprocess.Popen(command, stdout=terminal, stdin=terminal, env=env)
    os.close(terminal)
    data = b""
    try:
        while piece := os.read(master, 65536):
            data += piece
    except OSError:  # how the end is told on Linux
        pass
    os.close(master)
    assert process.wait(PATIENCE) == 0
    return data.decode()


@pytest.fixture
def growing(tmp_path):
    """A run whose process writes 50 lines and then waits for its stdin to end."""
    run_dir = make_run(tmp_path / "home" / "runs", "a" * 32, files={".guild/output": ""})
    process = subprocess.Popen(
        [sys.executable, "-c", WRITER, run_dir / ".guild" / "output", "50"], stdin=subprocess.PIPE
    )
    (run_dir / ".guild" / "LOCK").write_text(str(process.pid))
    yield process
    process.kill()
    process.wait()
    process.stdin.close()


def test_output_is_followed_until_the_run_ends(environment, growing, tmp_path):
    follower = subprocess.Popen(
        [COMMAND, "output", "-f", "-H", tmp_path / "home"], env=environment, stdout=subprocess.PIPE
    )

    assert read_until(follower.stdout, b"line 49\n").splitlines()[0] == b"line 0"
    assert follower.poll() is None
    growing.stdin.close()

    assert follower.wait(PATIENCE) == 0
    assert follower.stdout.read() == b""
    follower.stdout.close()


def test_following_ends_quietly_with_ctrl_c(environment, growing, tmp_path):
    follower = subprocess.Popen(
        [COMMAND, "output", "--follow", "-H", tmp_path / "home"],
        env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    read_until(follower.stdout, b"line 5\n")

    follower.send_signal(signal.SIGINT)
    _, err = follower.communicate(timeout=PATIENCE)

    assert follower.returncode == 130
    assert err == b""


def read_until(stream, end):
    data, deadline = b"", time.monotonic() + PATIENCE
    while end not in data:
        ready = select.select([stream], [], [], deadline - time.monotonic())[0]
        assert ready, data
        data += os.read(stream.fileno(), 65536)
    return data


def test_bash_completes_with_the_installed_command(environment, tmp_path):
    make_run(tmp_path / "home" / "runs", "ab12" * 8)
    line = f"rundesk -H {tmp_path}/home info a"
    script = (
        'eval "$(rundesk completion bash)"\n'
        f"COMP_LINE='{line}' COMP_POINT={len(line)}\n"
        '_rundesk_completion rundesk; echo "${COMPREPLY[@]}"'
    )

    done = subprocess.run(
        ["bash", "-c", script], env=environment, capture_output=True, text=True, check=True
    )

    assert done.stdout == "ab12ab12\n"
    assert done.stderr == ""
