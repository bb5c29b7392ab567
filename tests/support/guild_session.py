"""The real Guild in one long-lived process: a start takes a second, a command then a few ms."""

from __future__ import annotations

import base64
import json
import pickle
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from msgspec import Struct

from tests.support.patience import PATIENCE
from tests.support.peer import Peer

_SERVE = """
import base64, contextlib, io, json, os, pickle, sys
from guild import op_util, util, yaml_util
from guild.commands.main import main

answers = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)

def command(home, *args):
    out, err, code = io.StringIO(), io.StringIO(), 0
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            main.main(["-H", home, *args], "guild", standalone_mode=False)
    except SystemExit as e:
        code = 1 if e.args and not isinstance(e.args[0], int) else (*e.args, 0)[0]
    except Exception as e:
        code, _ = 1, err.write(f"{type(e).__name__}: {e}")
    return {"code": code or 0, "out": out.getvalue(), "err": err.getvalue()}

def encode(pickled):
    value = pickle.loads(base64.b64decode(pickled))
    try:
        return {"text": yaml_util.encode_yaml(value, strict=True)}
    except Exception as e:
        return {"error": f"{type(e).__name__}: {e}"}

def label(template, pickled):
    try:
        return {"text": op_util.run_label(template, pickle.loads(base64.b64decode(pickled)))}
    except Exception as e:
        return {"error": f"{type(e).__name__}: {e}"}

def shorten(path, length):
    return {"text": util.shorten_path(path, int(length))}

for line in sys.stdin:
    name, *args = json.loads(line)
    print(json.dumps(globals()[name](*args)), file=answers, flush=True)
"""


class Done(Struct, frozen=True):
    """What a command of Guild left behind."""

    code: int
    out: str
    err: str


class GuildSession:
    """Asks the real Guild, one question after another.

    Args:
        process: The peer's interpreter, serving.
    """

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def __call__(self, home: Path, *args: str) -> Done:
        """Run `guild -H home ARGS`."""
        return Done(**self._ask("command", str(home), *args))

    def encode_yaml(self, value: Any) -> str | None:
        """What Guild writes for a value, without the final newline; None where it fails."""
        pickled = base64.b64encode(pickle.dumps(value)).decode()
        return self._ask("encode", pickled).get("text")

    def run_label(self, template: str | None, values: dict[str, Any]) -> str | None:
        """The label that Guild makes of a template (None: by itself); None where it fails."""
        pickled = base64.b64encode(pickle.dumps(values)).decode()
        return self._ask("label", template, pickled).get("text")

    def shorten_path(self, path: str, length: int) -> str:
        """A path as Guild shortens it."""
        return self._ask("shorten", path, str(length))["text"]

    def _ask(self, *question: str | None) -> dict[str, Any]:
        self._process.stdin.write(json.dumps(question) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        assert line, "Guild's process has ended"
        return json.loads(line)


@pytest.fixture(scope="session")
def guild_session(peer: Peer, tmp_path_factory) -> Iterator[GuildSession]:
    """The real Guild, started once for all tests of this process."""
    errors = tmp_path_factory.mktemp("guild-session") / "stderr"
    with (
        errors.open("w") as stderr,
        subprocess.Popen(
            [str(peer.bin / "python"), "-c", _SERVE],
            **{"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": stderr},
            env=peer.environ | {"USER": "ada", "HOST": "box"},
            text=True,
            encoding="utf-8",
        ) as process,
    ):
        yield GuildSession(process)
        process.stdin.close()
        process.wait(PATIENCE)
