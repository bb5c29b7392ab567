"""A run as one flat row: the form in which the index stores it, loads it and holds it.

Lists and maps are JSON text here and are decoded where they are looked at: most cells of most
runs never are. Scalars are packed numbers, 80 bytes a scalar.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from core.runs.run import Comment, Run, ScalarSummary
from core.runs.run_json import plain_value

SUMMARY = struct.Struct("<dqdqdqdqdq")
SUMMARY_NAMES = (
    "last", "last_step", "first", "first_step", "min", "min_step", "max", "max_step",
    "total", "count",
)  # fmt: skip

OWN_DIRECTORY = ".guild"
"""Its scalars are called by their tag alone."""


class Row(NamedTuple):
    """What the index keeps of a run; the names are those of core.runs.run.Run.

    Attributes:
        signature: What `core.index.signature` said of its files when it was read.
        tags: JSON list; None without tags. Likewise comments, links and flags (a JSON map).
        attr_names: Names of attributes, one a line.
        scalar_keys: Keys of scalars, one a line, in the order of `summaries`.
        summaries: Packed summaries, one SUMMARY each.
    """

    id: str
    opref: str | None = None
    operation: str | None = None
    status: str = "error"
    exit_status: int | None = None
    started: int | None = None
    stopped: int | None = None
    initialized: int | None = None
    label: str | None = None
    tags: str | None = None
    marked: int = 0
    comments: str | None = None
    host: str | None = None
    user: str | None = None
    project: str | None = None
    remote: str | None = None
    sourcecode_digest: str | None = None
    vcs_commit: str | None = None
    pid: int | None = None
    batch: str | None = None
    is_batch: int = 0
    links: str | None = None
    attr_names: str | None = None
    problem: str | None = None
    flags: str | None = None
    scalar_keys: str | None = None
    summaries: bytes | None = None
    signature: int = 0

    @classmethod
    def of(cls, run: Run, signature: int = 0) -> Row:
        """The row of a run."""
        keys = {key.replace("\n", " "): summary for key, summary in run.scalars.items()}
        return cls(
            id=run.id,
            opref=run.opref or None,
            operation=run.operation or None,
            status=run.status,
            exit_status=run.exit_status,
            started=run.started,
            stopped=run.stopped,
            initialized=run.initialized,
            label=run.label or None,
            tags=_dumped(list(run.tags)),
            marked=int(run.marked),
            comments=_dumped([[c.body, c.user, c.host, c.time] for c in run.comments]),
            host=run.host or None,
            user=run.user or None,
            project=run.project or None,
            remote=run.remote or None,
            sourcecode_digest=run.sourcecode_digest or None,
            vcs_commit=run.vcs_commit or None,
            pid=run.pid,
            batch=run.batch,
            is_batch=int(run.is_batch),
            links=_dumped(run.links),
            attr_names="\n".join(run.attr_names) or None,
            problem=run.problem or None,
            flags=encode_flags(run.flags) if run.flags else None,
            scalar_keys="\n".join(keys) or None,
            summaries=b"".join(map(pack_summary, keys.values())) or None,
            signature=signature,
        )

    def to_run(
        self,
        runs_dir: Path,
        flags: Mapping[str, Any],
        scalars: Mapping[str, ScalarSummary],
        batch: str | None,
    ) -> Run:
        """The run again, as far as a row knows it."""
        return Run(
            id=self.id,
            path=runs_dir / self.id,
            opref=self.opref or "",
            operation=self.operation or "",
            status=self.status,  # type: ignore[arg-type]  # only statuses are ever stored
            exit_status=self.exit_status,
            started=self.started,
            stopped=self.stopped,
            initialized=self.initialized,
            label=self.label or "",
            tags=decode_tags(self.tags) if self.tags else (),
            marked=bool(self.marked),
            comments=decode_comments(self.comments) if self.comments else (),
            flags=flags,
            scalars=scalars,
            host=self.host or "",
            user=self.user or "",
            project=self.project or "",
            remote=self.remote or "",
            sourcecode_digest=self.sourcecode_digest or "",
            vcs_commit=self.vcs_commit or "",
            pid=self.pid,
            batch=batch,
            is_batch=bool(self.is_batch),
            links=decode_links(self.links) if self.links else (),
            attr_names=tuple((self.attr_names or "").split("\n")) if self.attr_names else (),
            problem=self.problem or "",
        )


FIELDS = Row._fields

# Columns with few different values: their texts are held once.
INTERNED = frozenset(
    {"opref", "operation", "status", "host", "user", "project", "remote", "attr_names",
     "scalar_keys", "sourcecode_digest", "vcs_commit", "tags"}
)  # fmt: skip


def pack_summary(summary: ScalarSummary) -> bytes:
    """The ten numbers of a summary as bytes; steps outside 64 bits do not occur in event files."""
    return SUMMARY.pack(*(getattr(summary, name) for name in SUMMARY_NAMES))


def unpack_summary(packed: bytes, place: int) -> ScalarSummary:
    """The summary at a place (a number, not an offset) of packed ones."""
    return ScalarSummary(*SUMMARY.unpack_from(packed, place * SUMMARY.size))


@lru_cache(maxsize=4096)
def decode_tags(text: str) -> tuple[str, ...]:
    """The tags of a row."""
    return tuple(json.loads(text))


def decode_comments(text: str) -> tuple[Comment, ...]:
    """The comments of a row."""
    return tuple(Comment(*item) for item in json.loads(text))


def decode_links(text: str) -> tuple[tuple[str, str], ...]:
    """The links of a row."""
    return tuple((name, run_id) for name, run_id in json.loads(text))


def split_key(key: str) -> tuple[str, str]:
    """Directory and tag of the key of a scalar."""
    prefix, hash_sign, tag = key.partition("#")
    return (prefix, tag) if hash_sign else (OWN_DIRECTORY, key)


def decode_flags(text: str) -> dict[str, Any]:
    """The flags of a row.

    Raises:
        ValueError: The text is none that `encode_flags` made.
    """
    (flags,) = decode_many_flags([text])
    return flags


def decode_many_flags(texts: Sequence[str]) -> list[dict[str, Any]]:
    """The flags of many rows; twice as fast as one after another.

    Raises:
        ValueError: One of the texts is none that `encode_flags` made.
    """
    text = f"[{','.join(texts)}]"
    found: list[dict[str, Any]] = json.loads(text)
    if len(found) != len(texts) or not all(flags and type(flags) is dict for flags in found):
        raise ValueError("stored flags are damaged")
    if '{"$date"' not in text:
        return found
    return [{name: _undated(value) for name, value in flags.items()} for flags in found]


def encode_flags(flags: Mapping[str, Any]) -> str:
    """The flags of a row, of which `decode_flags` makes the same again."""
    return json.dumps({name: plain_value(_dated(value)) for name, value in flags.items()})


def _dated(value: Any) -> Any:
    """Dates are marked, so that a date never equals the text that shows it."""
    return {"$date": value.isoformat()} if isinstance(value, date) else value


def _undated(value: Any) -> Any:
    if isinstance(value, dict) and set(value) == {"$date"}:
        try:
            text = value["$date"]
            return datetime.fromisoformat(text) if "T" in text else date.fromisoformat(text)
        except (TypeError, ValueError):
            return value  # a flag may be such a map itself
    return value


def _dumped(value: Any) -> str | None:
    return json.dumps(value) if value else None
