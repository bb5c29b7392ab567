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


def complete(prepared: str, run_dir: str, status: str, pid: int | None, batch: str | None) -> str:
    """The whole JSON object of a run."""
    parts = prepared.split(_SEPARATOR)
    values = (run_dir, status, pid, batch)
    text = parts[0]
    for key, value, part in zip(OPEN, values, parts[1:], strict=True):
        text += f', "{key}": {json.dumps(value)}' + (f", {part}" if part else "")
    return "{" + text + "}"
