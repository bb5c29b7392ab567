"""What commands write: data to stdout, notes to stderr, aligned and safe for a terminal.

Why text is made printable first: labels, tags and operations come from other people's runs. A
label may hold escape sequences that retitle the window or hide the next line; here they are shown
instead of obeyed. Names of files that are not UTF-8 leave as the bytes they are on disk, so that
what is piped on still names the file; see `prepare_streams`.
"""

from __future__ import annotations

import codecs
import io
import json
import os
import re
import sys
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from typing import Any

from core.errors import Error
from core.runs.run import MICROSECONDS

PROGRAM = "rundesk"
STATUS_COLOURS = {
    "running": "36",
    "completed": "32",
    "terminated": "33",
    "error": "31",
    "pending": "35",
    "staged": "35",
}
DIM, BOLD = "2", "1"
STRICT_JSON = "rundesk.strict_json"
"""Where click's context says whether --strict-json was given."""

# Control characters, and those that turn the direction of the text around them.
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_BLANKS = re.compile(r"[\t\n\v\f\r\x1c-\x1e\x85\u2028\u2029]+")
_AROUND = 60
_ERRORS = "rundesk-bytes"


def prepare_streams() -> None:
    """Let stdout and stderr take any text, whatever the encoding of the terminal."""
    codecs.register_error(_ERRORS, _encode_rest)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=_ERRORS)


def write_text(text: str) -> None:
    """Write data to stdout as it is.

    Raises:
        Error: There is no stdout, or it cannot be written.
        BrokenPipeError: Nobody reads it any more.
    """
    with writing():
        sys.stdout.write(text)


@contextmanager
def writing() -> Iterator[None]:
    """Turn what can go wrong while stdout is written into a sentence.

    Raises:
        Error: There is no stdout, or it cannot be written.
        BrokenPipeError: Nobody reads it any more.
    """
    if sys.stdout is None:
        raise Error("Cannot write: standard output is closed.")
    try:
        yield
    except BrokenPipeError:
        leave_output()
        raise
    except OSError as e:
        leave_output()
        raise Error(f"Cannot write to standard output: {e.strerror or e}.") from e


def leave_output() -> None:
    """Nobody can read stdout any more: let what is still buffered go nowhere, without a word."""
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, sys.stdout.fileno())
    os.close(null)


def write_line(text: str = "") -> None:
    """Write one line of data to stdout."""
    write_text(f"{text}\n")


def write_json(document: Any) -> None:
    """Write the one JSON document of a command."""
    write_line(json_text(json.dumps(document)))


def json_text(text: str) -> str:
    """A JSON value as it is to be written: one that any reader knows with `--strict-json`."""
    import click  # with every command, but not with this module

    context = click.get_current_context(silent=True)
    if context is None or not context.meta.get(STRICT_JSON):
        return text
    from core.runs.run_json import strict_json

    return strict_json(text)


def note(text: str) -> None:
    """Write a message for people to stderr, where it never mixes with data."""
    if sys.stderr is not None:
        lines = map(printable, text.split("\n"))  # it may name runs and files
        with suppress(OSError):  # that nobody can read a note is no reason to stop
            sys.stderr.write("\n".join(lines) + "\n")


def is_terminal() -> bool:
    """Whether a person reads stdout as it is written."""
    return sys.stdout is not None and sys.stdout.isatty()


def terminal_width() -> int | None:
    """Columns of the terminal on stdout; None when the output goes elsewhere."""
    if not is_terminal():
        return None
    try:
        columns = int(
            os.environ.get("COLUMNS") or os.get_terminal_size(sys.stdout.fileno()).columns
        )
    except (OSError, ValueError):
        return None
    return columns if columns > 0 else None


def has_colours() -> bool:
    """Whether colours are wanted: on a terminal that has them, unless NO_COLOR is set."""
    return is_terminal() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def coloured(text: str, code: str) -> str:
    """`text` in a colour or weight, where colours are wanted."""
    return f"\x1b[{code}m{text}\x1b[0m" if code and text and has_colours() else text


def printable(text: str) -> str:
    """`text` on one line, with blanks for line ends and visible forms for control characters."""
    if text.isascii() and text.isprintable():
        return text
    return _UNPRINTABLE.sub(lambda match: _visible(match[0]), _BLANKS.sub(" ", text))


def time_text(time: int | None) -> str:
    """Local date and time with seconds, as Guild lists it; empty for none.

    Args:
        time: Microseconds since 1970-01-01 UTC.
    """
    if time is None:
        return ""
    try:
        then = datetime.fromtimestamp(time // MICROSECONDS, UTC).astimezone()
    except (OverflowError, ValueError, OSError):  # no calendar has that time
        return str(time)
    return then.isoformat(sep=" ")[:19]


def text_width(text: str) -> int:
    """Columns that `text` takes on a terminal."""
    if text.isascii():
        return len(text)
    return sum(_char_width(char) for char in text)


def fitted(text: str, width: int) -> str:
    """`text`, cut with "…" where it is wider than `width` columns (at least 1)."""
    if text_width(text) <= width:
        return text
    kept, used = "", 1
    for char in text:
        used += _char_width(char)
        if used > width:
            break
        kept += char
    return f"{kept}…"


def pointed(text: str, position: int, length: int) -> list[str]:
    """`text` and a line below it that points at some of its characters.

    Args:
        text: What the user typed; of a long one only the surroundings are shown.
        position: Index of the first character that is meant; may be the end of the text.
        length: How many are meant.
    """
    start = max(0, position - _AROUND)
    end = min(len(text), position + length + _AROUND)
    before = ("…" if start else "") + printable(text[start:position])
    meant = printable(text[position : position + length])
    after = printable(text[position + length : end]) + ("…" if end < len(text) else "")
    carets = "^" * min(max(1, text_width(meant)), _AROUND)
    return [f"  {before}{meant}{after}".rstrip(), f"  {' ' * text_width(before)}{carets}"]


def aligned(rows: Sequence[Sequence[str]]) -> list[list[str]]:
    """The cells of a table, each filled with blanks to the width of its column."""
    if not rows:
        return []
    widths = [max(map(text_width, column)) for column in zip(*rows, strict=True)]
    return [
        [cell + " " * (width - text_width(cell)) for cell, width in zip(row, widths, strict=True)]
        for row in rows
    ]


def _char_width(char: str) -> int:
    if unicodedata.combining(char) or unicodedata.category(char) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def _visible(char: str) -> str:
    code = ord(char)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


def _encode_rest(error: UnicodeError) -> tuple[str | bytes, int]:
    """Encode what the encoding lacks: bytes of a name as they were, others as escapes."""
    if not isinstance(error, UnicodeEncodeError):  # a stream that is read as well
        return codecs.lookup_error("surrogateescape")(error)
    rest = error.object[error.start : error.end]
    if all("\udc80" <= char <= "\udcff" for char in rest):
        return bytes(ord(char) - 0xDC00 for char in rest), error.end
    return rest.encode("ascii", "backslashreplace"), error.end
