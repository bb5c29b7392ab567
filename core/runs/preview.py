"""What a file looks like at a glance: text, a table, a picture, or the bytes of its beginning.

Only the beginning of a file is ever read, so a preview costs the same for 1 KB and 1 TB, and a
running run may write on meanwhile.

Why the content decides and not the name: names lie, and a picture or a text is told by its first
bytes for certain. The name only chooses between ways to show the same text (CSV, JSON, colours).
Why JSON is indented token by token: parsing and dumping would change numbers, drop repeated keys
and fail on a cut file; a file that has lines already is shown as it is.
"""

from __future__ import annotations

import codecs
import csv
import io
import os
import re
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import BinaryIO, Literal

from msgspec import Struct

from core.errors import RunError
from core.runs.files import open_file

SHOWN_BYTES = 256 * 1024  # of a text, until more is asked for
MOST_BYTES = 2 * 1024 * 1024  # larger files are shown as plain text
MOST_IMAGE_BYTES = 32 * 1024 * 1024
MOST_ROWS = 1000
MOST_COLUMNS = 200
MOST_CELL = 500  # characters
LONG_LINE = 2000  # characters; longer lines are cut, since no widget lays them out in time
HEX_BYTES = 4096
SMALL_BYTES = 32 * 1024  # of JSON that are indented whatever the limit

Look = Literal["text", "table", "image", "binary", "empty"]

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_IMAGES = (
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"\xff\xd8\xff", "jpeg"),
    (b"GIF87a", "gif"),
    (b"GIF89a", "gif"),
    (b"II*\x00", "tiff"),
    (b"MM\x00*", "tiff"),
    (b"\x00\x00\x01\x00", "ico"),
)
# Nothing is tried twice: comments could be divided in as many ways as there are atoms.
_SVG = re.compile(
    rb"\s*+(?:<\?xml[^>]*>\s*+)?+(?>(?:<!--.*?-->|<!DOCTYPE[^>\[]*(?:\[.*?\]\s*)?>)\s*)*+<svg[\s>]",
    re.DOTALL,
)
_CONTROLS = bytes(set(range(32)) - set(b"\t\n\r\f\x08\x1b")) + b"\x7f"
_TABLES = {".csv": ",", ".tsv": "\t", ".tab": "\t"}
_JSON = frozenset([".json", ".jsonl", ".ndjson", ".geojson", ".ipynb"])
_JSON_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"?|[{}\[\],:]|[^\s"{}\[\],:]+', re.S)


class Preview(Struct, frozen=True):
    """What to show of a file.

    Attributes:
        look: How to show it; the fields below belong to one look each.
        size: Size of the whole file in bytes.
        shown: How many of them the preview is made of.
        text: The text, lines ended by LF; of a binary file its bytes in hexadecimal.
        encoding: How the text was decoded.
        is_indented: Whether the text was broken into lines for reading.
        is_plain: Whether the text is too large to be coloured or made a table.
        rows: The first rows of a table, the header first.
        data: The bytes of an image.
        note: One sentence on what is not as in the file; empty when nothing is left out.
    """

    look: Look
    size: int
    shown: int = 0
    text: str = ""
    encoding: str = ""
    is_indented: bool = False
    is_plain: bool = False
    rows: tuple[tuple[str, ...], ...] = ()
    data: bytes = b""
    note: str = ""

    @property
    def is_cut(self) -> bool:
        """Whether the file has more than the preview was made of."""
        return self.shown < self.size


def read_preview(
    run_dir: str | Path,
    path: str,
    *,
    most: int = SHOWN_BYTES,
    check: Callable[[], None] = lambda: None,
) -> Preview:
    """The preview of a file of a run.

    Args:
        run_dir: The run.
        path: The file, relative to the run.
        most: How many bytes of a text to show.
        check: Called between the steps; raises to stop (core.errors.Cancelled).

    Raises:
        RunError: It is no file, may not be read, or lies outside of the run.
    """
    with open_file(run_dir, path) as file:
        try:
            size = os.fstat(file.fileno()).st_size
            return preview_of(path, file, size, most=most, check=check)
        except OSError as e:
            raise RunError(f"Cannot read {path}: {e.strerror or e}", path=Path(run_dir)) from e


def preview_of(
    path: str,
    file: BinaryIO,
    size: int,
    *,
    most: int = SHOWN_BYTES,
    check: Callable[[], None] = lambda: None,
) -> Preview:
    """The preview of a file that is open, of which only the beginning is read.

    Args:
        path: Its name decides between ways to show the same text.
        file: At its beginning.
        size: Of the whole file.
        most: As for `read_preview`.
        check: As for `read_preview`.

    Raises:
        OSError: It cannot be read.
    """
    head = file.read(most)
    check()
    if image_format(head):
        head += file.read(max(0, MOST_IMAGE_BYTES - len(head)))
    check()
    return make_preview(os.path.basename(path), head, max(size, len(head)))


def make_preview(name: str, head: bytes, size: int) -> Preview:
    """The preview of a file with this name, these first bytes, and this size."""
    if not head:
        return Preview("empty", size, note="" if size == 0 else "The file cannot be read")
    if image_format(head):
        return _image(head, size)
    encoding = guess_encoding(head)
    if not encoding:
        shown = head[:HEX_BYTES]
        return Preview("binary", size, len(shown), hex_lines(shown))
    text = _decoded(head, encoding, is_whole=len(head) >= size)
    return _text(name, Preview("text", size, len(head), text, encoding))


def guess_encoding(head: bytes) -> str:
    """How a file that begins so is to be decoded; empty when it is no text."""
    for bom, encoding in _BOMS:
        if head.startswith(bom):
            return encoding
    if b"\0" in head[:8192]:
        return _guess_utf16(head[:8192])
    controls = len(head) - len(head.translate(None, _CONTROLS))
    if controls * 20 > len(head):
        return ""
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return "latin-1"
    return "utf-8"


def hex_lines(data: bytes, start: int = 0) -> str:
    """Sixteen bytes a line: offset (from `start` on), hexadecimal, and those that are letters."""
    lines = []
    for offset in range(start, start + len(data), 16):
        row = data[offset - start : offset - start + 16]
        pairs = f"{row[:8].hex(' ')}  {row[8:].hex(' ')}"
        letters = "".join(chr(byte) if 32 <= byte < 127 else "." for byte in row)
        lines.append(f"{offset:08x}  {pairs:<48}  {letters}")
    return "\n".join(lines)


def indent_json(text: str) -> str:
    """JSON with one value a line, every token as it was written; works on a cut text too."""
    return "".join(_indented(match[0] for match in _JSON_TOKEN.finditer(text)))


def _indented(tokens: Iterator[str]) -> Iterator[str]:
    depth = 0
    before = ""
    for token in tokens:
        is_close = token in ("}", "]")
        depth -= is_close
        is_empty = is_close and before in ("{", "[")
        if before in ("{", "[", ",") or (is_close and before):
            yield "" if is_empty else "\n" + "  " * min(max(depth, 0), 40)
        elif before and before != ":" and token not in (",", ":"):
            yield "\n"  # another document, as in a file of JSON lines
        yield ": " if token == ":" else token
        depth += token in ("{", "[")
        before = token


def _guess_utf16(head: bytes) -> str:
    """UTF-16 without a mark has its zeros nearly all at odd or all at even places."""
    even, odd = head[::2].count(0), head[1::2].count(0)
    half = max(1, len(head) // 2)
    encoding = "utf-16-le" if odd > even else "utf-16-be"
    if max(even, odd) * 10 < half * 4 or min(even, odd) * 50 > half:
        return ""
    try:
        text = codecs.getincrementaldecoder(encoding)().decode(head)
    except UnicodeDecodeError:
        return ""
    controls = sum(letter < " " and letter not in "\t\n\r\f" for letter in text)
    return "" if controls * 20 > len(text) else encoding


def _decoded(head: bytes, encoding: str, *, is_whole: bool) -> str:
    """The text; a letter cut at the end of a part is left out."""
    decoder = codecs.getincrementaldecoder(encoding)("replace")
    text = decoder.decode(head, final=is_whole)
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "\ufffd")


def _text(name: str, preview: Preview) -> Preview:
    suffix = os.path.splitext(name)[1].lower()
    is_plain = preview.size > MOST_BYTES
    if suffix in _TABLES and not is_plain:
        table = _table(preview, _TABLES[suffix])
        if table is not None:
            return table
    text, is_indented, shown = preview.text, False, preview.shown
    if suffix in _JSON and not is_plain and _has_long_line(text):
        part = max(SMALL_BYTES, preview.shown // 6)  # indenting takes longer than reading
        if len(text) > part:
            text = text[:part]
            shown = min(shown, len(text.encode(preview.encoding, "replace")))
        text, is_indented = indent_json(text), True
    text, cut = _with_short_lines(text)
    notes = []
    if is_indented:
        notes.append("Broken into lines for reading.")
    if cut:
        notes.append(f"Lines longer than {LONG_LINE:,} characters are cut.")
    return Preview(
        *("text", preview.size, shown, text, preview.encoding, is_indented, is_plain),
        note=" ".join(notes),
    )


def _has_long_line(text: str) -> bool:
    return any(len(line) > 200 for line in text.split("\n", 50)[:50])


def _with_short_lines(text: str) -> tuple[str, bool]:
    lines = text.split("\n")
    if not any(len(line) > LONG_LINE for line in lines):
        return text, False
    return "\n".join(x if len(x) <= LONG_LINE else x[:LONG_LINE] + " …" for x in lines), True


def _table(preview: Preview, delimiter: str) -> Preview | None:
    """The text as a table; None when it is none."""
    text = preview.text
    if preview.is_cut:
        text = text[: text.rfind("\n") + 1] or text
    first = text.split("\n", 1)[0]
    if delimiter == "," and first.count(";") > first.count(","):
        delimiter = ";"
    try:
        found = list(islice(csv.reader(io.StringIO(text), delimiter=delimiter), MOST_ROWS + 2))
    except csv.Error:
        return None
    rows = [row for row in found[: MOST_ROWS + 1] if row]
    if not rows:
        return None
    is_wide = any(len(row) > MOST_COLUMNS for row in rows)
    notes = []
    if len(found) > MOST_ROWS + 1 or preview.is_cut:
        notes.append(f"The first {len(rows) - 1:,} rows.")
    if is_wide:
        notes.append(f"The first {MOST_COLUMNS} columns.")
    cells = tuple(tuple(cell[:MOST_CELL] for cell in row[:MOST_COLUMNS]) for row in rows)
    return Preview(
        *("table", preview.size, preview.shown, preview.text, preview.encoding),
        rows=cells,
        note=" ".join(notes),
    )


def image_format(head: bytes) -> str:
    """The format of a picture that begins so, e.g. "png"; empty when it is none."""
    for magic, name in _IMAGES:
        if head.startswith(magic):
            return name
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "webp"
    if head[:2] == b"BM" and head[6:10] == bytes(4) and head[15:18] == bytes(3):
        return "bmp"  # two letters alone could begin a text
    return "svg" if _SVG.match(head[:4096]) else ""


def _image(head: bytes, size: int) -> Preview:
    if len(head) < size:
        shown = head[:HEX_BYTES]
        note = f"The picture is larger than {MOST_IMAGE_BYTES // 2**20} MB."
        return Preview("binary", size, len(shown), hex_lines(shown), note=note)
    return Preview("image", size, len(head), encoding=image_format(head), data=head)
