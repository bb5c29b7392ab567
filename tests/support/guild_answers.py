"""Asks the real Guild many `runs --json` questions in one process, since each start takes long."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from msgspec import Struct

from tests.support.peer import Peer

_COMPARE = """
import contextlib, csv, io, json, os, sys
from guild.commands.main import main

home, answers = sys.argv[1], []
for question in json.load(open(sys.argv[2])):
    path = sys.argv[3] + ".csv"
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        arguments = ["-H", home, "compare", "--csv", path, *question]
        main.main(arguments, "guild", standalone_mode=False)
    with open(path, newline="") as file:
        answers.append(list(csv.reader(file)))
json.dump(answers, open(sys.argv[3], "w"))
"""

_ASK = """
import contextlib, io, json, sys, time
from guild.commands.main import main

home, answers = sys.argv[1], []
for question in json.load(open(sys.argv[2])):
    out, err = io.StringIO(), io.StringIO()
    answer = {"ids": None, "error": "", "asked": int(time.time() * 1e6)}
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            main.main(["-H", home, "runs", "--json", *question], "guild", standalone_mode=False)
        answer["ids"] = [run["id"] for run in json.loads(out.getvalue())]
    except SystemExit as e:
        answer["error"] = " ".join(map(str, e.args)) or "exit"
    except Exception as e:
        answer["error"] = f"{type(e).__name__}: {e}"
    answers.append(answer)
json.dump(answers, open(sys.argv[3], "w"))
"""


class Answer(Struct, frozen=True):
    """What Guild says to one question.

    Attributes:
        ids: Ids of the runs it lists, in its order; None when it refuses.
        error: What it says then.
        asked: When it was asked, in microseconds since 1970 UTC.
    """

    ids: list[str] | None
    error: str
    asked: int


def ask_guild(
    peer: Peer, home: Path, questions: Sequence[Sequence[str]], scratch: Path
) -> list[Answer]:
    """Guild's answer to `guild runs --json ARGS` for each list of arguments."""
    asked, answered = scratch / "questions.json", scratch / "answers.json"
    asked.write_text(json.dumps([list(question) for question in questions]))
    peer.python(_ASK, str(home), str(asked), str(answered))
    return [Answer(**answer) for answer in json.loads(answered.read_text())]


def compare_with_guild(
    peer: Peer, home: Path, questions: Sequence[Sequence[str]], scratch: Path
) -> list[list[list[str]]]:
    """The rows of `guild compare --csv` for each list of arguments, the headers first."""
    asked, answered = scratch / "questions.json", scratch / "answers.json"
    asked.write_text(json.dumps([list(question) for question in questions]))
    peer.python(_COMPARE, str(home), str(asked), str(answered))
    answers: list[list[list[str]]] = json.loads(answered.read_text())
    return answers
