"""One run as JSON: the shape that `rundesk list --json` and `info --json` promise to keep.

The keys of a run, in this order (new ones may come at the end, none goes or changes its type):

* `id`, `run_dir`, `opref`, `operation`, `status`: text; opref and operation are null where the
  opref is unreadable.
* `exit_status`: whole number; null until the run ends.
* `started`, `stopped`: microseconds since 1970-01-01 UTC; null where the run has none.
* `label`: text; null where the run has none (an empty one counts as none).
* `tags`: list of texts, `marked`: true or false, `comments`: list of {body, user, host, time}:
  never null, so that a script can loop over them without asking.
* `flags`: {name: value}.
* `scalars`: {tag: {last, last_step, first, first_step, min, min_step, max, max_step, avg, total,
  count}}. Of a tag that the run has of its own and in `.guild` too the latter is told, as by
  Guild's `runs info`; its `compare`, and ours, take the run's own.
* `host`, `user`, `remote`, `sourcecode_digest`, `vcs_commit`: text or null.
* `from`: where the operation comes from as Guild says it (for a batch that is Guild itself; the
  project of its trials is `Run.project`), or null.
* `pid`: of the operation's process while it runs on this machine, else null.
* `cmd`: list of texts or null; `deps`: as the attribute has it, or null.
* `batch`: id of the batch run that started this trial, or null.
* `problem`: one sentence on what could not be read, or null.

Why null for a missing text, but an empty list: it is what Guild prints for a run without a label,
while its null for "no tags" makes every script that loops over them fail on the first plain run.

YAML knows more than JSON: a date or time becomes ISO 8601 text, bytes become base64 text, a set
becomes a list, a key that is no text becomes one. NaN and the infinities are written as Python
writes them (`NaN`, `Infinity`), since a loss of NaN is a result and not a missing one, and Guild
writes them so; `strict_json` makes them null for readers that keep to the standard.
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any

from core.errors import RunDamaged
from core.runs.opref import parse_opref
from core.runs.run import OWN, Comment, Run, ScalarSummary

MAX_DEPTH = 50
"""Levels of lists and maps that are written; what lies deeper, or holds itself, becomes "…"."""

MAX_BITS = 10_000
"""Python refuses to write larger whole numbers in decimal; they are written as hexadecimal text."""


def strict_json(text: str) -> str:
    """The same JSON without what only some readers know: null for NaN and the infinities.

    For readers that keep to the standard (JavaScript's, Go's, Rust's), which refuse all of a
    document for one NaN in it.

    Args:
        text: One whole JSON value, as Python writes it.
    """
    if "NaN" not in text and "Infinity" not in text:
        return text
    return json.dumps(json.loads(text, parse_constant=lambda _name: None))


def run_document(run: Run) -> dict[str, Any]:
    """The run as a value that `json.dumps` writes; the module says what each key means."""
    return {
        "id": run.id,
        "run_dir": str(run.path),
        "opref": run.opref or None,
        "operation": run.operation or None,
        "status": run.status,
        "exit_status": run.exit_status,
        "started": run.started,
        "stopped": run.stopped,
        "label": run.label or None,
        "tags": list(run.tags),
        "marked": run.marked,
        "comments": [_comment_document(comment) for comment in run.comments],
        "flags": plain_value(dict(run.flags)),
        "scalars": _scalars_document(run.scalars),
        "host": run.host or None,
        "user": run.user or None,
        "from": origin(run.opref) or None,
        "remote": run.remote or None,
        "sourcecode_digest": run.sourcecode_digest or None,
        "vcs_commit": run.vcs_commit or None,
        "pid": run.pid,
        "cmd": list(run.cmd) or None,
        "deps": plain_value(run.deps),
        "batch": run.batch,
        "problem": run.problem or None,
    }


def _scalars_document(scalars: Mapping[str, ScalarSummary]) -> dict[str, dict[str, float]]:
    captured = {key.removeprefix(OWN) for key in scalars if key.startswith(OWN)}
    return {
        key.removeprefix(OWN): scalar_document(summary)
        for key, summary in scalars.items()
        if key not in captured
    }


def origin(opref: str) -> str:
    """Where the operation of an opref comes from; empty when the opref is unreadable."""
    try:
        return parse_opref(opref).origin
    except RunDamaged:
        return ""


def scalar_document(summary: ScalarSummary) -> dict[str, float]:
    """The summary of one scalar as JSON shows it."""
    return {
        "last": summary.last,
        "last_step": summary.last_step,
        "first": summary.first,
        "first_step": summary.first_step,
        "min": summary.min,
        "min_step": summary.min_step,
        "max": summary.max,
        "max_step": summary.max_step,
        "avg": summary.average,
        "total": summary.total,
        "count": summary.count,
    }


def plain_value(value: Any, outer: tuple[int, ...] = ()) -> Any:
    """`value`, as YAML may give it, in types that JSON has.

    Args:
        value: Anything that a YAML document can hold, loops of references included.
        outer: Identities of the lists and maps around it.
    """
    if value is None or isinstance(value, str | bool | float):
        return value
    if isinstance(value, int):
        return value if value.bit_length() <= MAX_BITS else hex(value)
    if isinstance(value, Mapping | list | tuple | set | frozenset):
        is_endless = id(value) in outer or len(outer) >= MAX_DEPTH
        return "…" if is_endless else _plain_collection(value, (*outer, id(value)))
    if isinstance(value, date | datetime | time):
        return value.isoformat()
    return b64encode(value).decode("ascii") if isinstance(value, bytes) else str(value)


def _plain_collection(value: Any, outer: tuple[int, ...]) -> Any:
    if isinstance(value, Mapping):
        return {_plain_key(key): plain_value(item, outer) for key, item in value.items()}
    items = [plain_value(item, outer) for item in value]
    return sorted(items, key=repr) if isinstance(value, set | frozenset) else items


def _plain_key(key: Any) -> str:
    """A key as text; `json.dumps` has the same words for true, false, null and numbers."""
    plain = plain_value(key)
    return plain if isinstance(plain, str) else json.dumps(plain)


def _comment_document(comment: Comment) -> dict[str, Any]:
    return {
        "body": comment.body,
        "user": comment.user,
        "host": comment.host,
        "time": comment.time,
    }
