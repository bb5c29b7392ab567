"""The last lines of a run's output, plain: for a glance, whatever the size of the output.

Why not the output view's line index: a glance needs the last few kilobytes only, at any size and
without a pass over the file.
"""

from __future__ import annotations

import os

from msgspec import Struct

from core.ansi import plain_text
from core.runs.guild_files import open_guild_file

TAIL_BYTES = 16 * 1024
MAX_LINE = 2000
RECORD = 9
"""Bytes of a record of `output.index`: eight of time, one of stream (1 is stderr)."""


class TailLine(Struct, frozen=True):
    """One line of output.

    Attributes:
        text: As a terminal would leave it: without escapes, and of a progress bar the last state.
        is_error: Whether it came through stderr.
    """

    text: str
    is_error: bool = False


def read_tail(run_dir: str | os.PathLike[str], count: int, *, ended: bool) -> tuple[TailLine, ...]:
    """The last lines of a run's output; none when it has no output or it cannot be read.

    Args:
        run_dir: The run's directory.
        count: How many lines at most.
        ended: Whether the run is over, so that an unfinished last line has its record too.
    """
    data, is_cut = _last_bytes(run_dir, "output", TAIL_BYTES)
    lines = data.decode("utf-8", "replace").split("\n")
    is_open = lines[-1] != ""
    if not is_open:
        lines.pop()
    if is_cut and len(lines) > 1:
        lines.pop(0)
    lines = lines[-count:]
    unrecorded = 1 if is_open and not ended else 0
    streams = _last_streams(run_dir, len(lines) - unrecorded) + [False] * unrecorded
    return tuple(map(TailLine, map(_shown, lines), streams))


def _shown(line: str) -> str:
    text = plain_text(line).expandtabs(8)
    return text if len(text) <= MAX_LINE else f"{text[:MAX_LINE]}…"


def _last_streams(run_dir: str | os.PathLike[str], count: int) -> list[bool]:
    """Of the last `count` lines, whether each came through stderr; no index: none did."""
    if count <= 0:
        return []
    records, _ = _last_bytes(run_dir, "output.index", count * RECORD)
    streams = [byte == 1 for byte in records[RECORD - 1 :: RECORD]]
    return [False] * (count - len(streams)) + streams


def _last_bytes(run_dir: str | os.PathLike[str], name: str, limit: int) -> tuple[bytes, bool]:
    """The last bytes of a file in `.guild`, and whether there are more before them."""
    try:
        descriptor = open_guild_file(run_dir, name)
    except OSError:
        return b"", False
    try:
        size = os.fstat(descriptor).st_size
        start = max(0, size - limit)
        os.lseek(descriptor, start, os.SEEK_SET)
        return os.read(descriptor, limit), start > 0
    except OSError:
        return b"", False
    finally:
        os.close(descriptor)
