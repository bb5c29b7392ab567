"""A run as lines of text: what `info` and `list -v` print.

The names of the fields and their order are Guild's, so that habits and scripts that read them
keep working; what Guild does not tell comes after.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from cli.screen import printable, time_text
from core.runs.run import Comment, Run, ScalarSummary
from core.runs.run_json import origin, plain_value
from core.text import flag_text, format_duration

SYSTEM_SCALARS = "sys/"
_AGGREGATES = ("first", "last", "min", "max")


def detail_lines(run: Run) -> list[str]:
    """The fields that Guild tells of every run."""
    fields: dict[str, str] = {
        "id": run.id,
        "operation": run.operation,
        "from": origin(run.opref),
        "status": f"{run.status} ({run.remote})" if run.remote else run.status,
        "started": time_text(run.started),
        "stopped": time_text(run.stopped),
        "marked": flag_text(run.marked),
        "label": run.label,
        "sourcecode_digest": run.sourcecode_digest,
        "vcs_commit": run.vcs_commit,
        "run_dir": str(run.path),
        "command": shlex.join(run.cmd),
        "exit_status": "" if run.exit_status is None else str(run.exit_status),
        "pid": "" if run.pid is None else str(run.pid),
    }
    return [f"{name}: {printable(text)}".rstrip() for name, text in fields.items()]


def further_lines(run: Run, *, now: int) -> list[str]:
    """The fields that only this program tells, where the run has them."""
    duration = run.duration(now)
    fields = {
        "duration": "" if duration is None else format_duration(duration),
        "host": run.host,
        "user": run.user,
        "batch": run.batch or "",
        "problem": run.problem,
    }
    return [f"{name}: {printable(text)}" for name, text in fields.items() if text]


def list_lines(name: str, items: Iterable[str]) -> list[str]:
    """A heading and one line an item."""
    return [f"{name}:", *(f"  - {printable(item)}" for item in items)]


def map_lines(name: str, items: Mapping[str, Any]) -> list[str]:
    """A heading and one line for each name and value, sorted by name."""
    pairs = sorted((str(key), value) for key, value in items.items())
    return [
        f"{name}:",
        *(f"  {printable(key)}: {_value_text(value)}".rstrip() for key, value in pairs),
    ]


def tree_lines(name: str, value: Any) -> list[str]:
    """A heading and whatever a YAML document holds, indented as YAML would be."""
    return list(_branch(f"{printable(name)}:", plain_value(value)))


def scalar_lines(scalars: Mapping[str, ScalarSummary], *, every: bool) -> list[str]:
    """The last value and step of each scalar.

    Args:
        scalars: By key.
        every: Tell all values of a scalar, and also those that Guild measures of the system.
    """
    lines = ["scalars:"]
    for key, summary in sorted(scalars.items()):
        if every:
            lines += [f"  {printable(key)}:", *(f"    {line}" for line in _summary_lines(summary))]
        elif not key.startswith(SYSTEM_SCALARS):
            lines.append(f"  {printable(key)}: {_number(summary.last)} (step {summary.last_step})")
    return lines


def comment_lines(comments: Iterable[Comment]) -> list[str]:
    """Each comment below the line of who wrote it and when."""
    lines: list[str] = []
    for comment in comments:
        writer = f"{comment.user}@{comment.host}" if comment.host else comment.user
        lines.append(printable(f"{writer} {time_text(comment.time)}".strip()))
        lines += [f"  {printable(line)}".rstrip() for line in comment.body.split("\n")]
        lines.append("")
    return lines


def _summary_lines(summary: ScalarSummary) -> Iterator[str]:
    for name in _AGGREGATES:
        value, step = getattr(summary, name), getattr(summary, f"{name}_step")
        yield f"{name}: {_number(value)} (step {step})"
    yield f"avg: {_number(summary.average)}"
    yield f"total: {_number(summary.total)}"
    yield f"count: {summary.count}"


def _number(value: float) -> str:
    """Seven significant digits: what a float32 knows, without the noise behind it."""
    return f"{value:.7g}"


def _value_text(value: Any) -> str:
    return printable(value if isinstance(value, str) else flag_text(value))


def _branches(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _branch(f"{printable(key)}:", item)
    elif isinstance(value, list):
        for item in value:
            yield from _branch("-", item)
    else:
        yield _value_text(value)


def _branch(head: str, item: Any) -> Iterator[str]:
    if isinstance(item, dict | list) and item:
        yield head
        yield from (f"  {line}" for line in _branches(item))
    else:
        yield f"{head} {_value_text(item)}".rstrip()
