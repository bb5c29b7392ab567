"""The JSON text of a run, prepared when the run is read, for commands that print thousands.

Why: encoding 10,000 runs takes longer than loading the whole index. What may change without the
run being read again (its place, status, process and batch) is left open and filled in when printed.
"""

from __future__ import annotations

import json
from typing import Any

from core.runs.run import Run
from core.runs.run_json import run_document

OPEN = ("run_dir", "status", "pid", "batch")
_SEPARATOR = "\x1e"  # no JSON text holds this character unescaped


def prepare(run: Run) -> str:
    """The text between the values that stay open."""
    parts: list[dict[str, Any]] = [{}]
    for key, value in run_document(run).items():
        if key in OPEN:
            parts.append({})
        else:
            parts[-1][key] = value
    return _SEPARATOR.join(json.dumps(part)[1:-1] for part in parts)


def as_json(text: str) -> str:
    """The text in JSON; quicker than the encoder for what needs no escapes, such as an id."""
    return f'"{text}"' if text.isascii() and text.isalnum() else json.dumps(text)


def is_whole(prepared: str | None) -> bool:
    """Whether a text can be one that `prepare` made: a cache file may be damaged."""
    return type(prepared) is str and prepared.count(_SEPARATOR) == len(OPEN)


def complete(prepared: str, run_dir: str, status: str, pid: int | None, batch: str) -> str:
    """The whole JSON object of a run.

    Args:
        prepared: What `prepare` made of the run.
        run_dir: Its directory, as JSON text.
        status: Its status, one plain word.
        pid: Its process.
        batch: The id of its batch, as JSON text.
    """
    # One format instead of an encoder: this is done for every run that is printed.
    id_, names, facts, command, problem = prepared.split(_SEPARATOR)
    process = "null" if pid is None else pid
    return (
        f'{{{id_}, "run_dir": {run_dir}, {names}, "status": "{status}", {facts}, '
        f'"pid": {process}, {command}, "batch": {batch}, {problem}}}'
    )
