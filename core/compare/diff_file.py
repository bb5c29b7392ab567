"""Two files beside each other: as text, table, document, picture or bytes, as both are.

Why the content decides and the name only chooses among ways to read it: as for previews. What
cannot be read in its own way (a document that is not valid, a table that is too large) is compared
as text, and a sentence says so.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import PurePosixPath
from typing import Any, BinaryIO, Literal

from msgspec import Struct
from msgspec.structs import replace

from core.ansi import plain_text
from core.check import Check
from core.compare.diff_document import diff_documents
from core.compare.diff_facts import MOST_KEYS, Fact
from core.compare.diff_side import OUTPUT, DiffSide
from core.compare.diff_table import TableDiff, diff_tables
from core.compare.diff_text import RawText, TextDiff, diff_texts
from core.compare.diff_window import CONTEXT, PIECE, Window, find_window, first_difference, size_of
from core.errors import RunDamaged, RunError
from core.runs.attrs import load_yaml
from core.runs.files import shown
from core.runs.guild_files import reason
from core.runs.preview import MOST_IMAGE_BYTES, guess_encoding, hex_lines, image_format
from core.text import format_bytes

MOST_TEXT = 16 * 1024 * 1024
"""Bytes of each side that are compared line by line."""
MOST_TABLE = 8 * 1024 * 1024
MOST_DOCUMENT = {"json": 4 * 1024 * 1024, "yaml": 1024 * 1024}
HEX_BYTES = 4096

Look = Literal["text", "table", "document", "image", "binary"]

_TABLES = {".csv": ",", ".tsv": "\t", ".tab": "\t"}
_DOCUMENTS = {".json": "json", ".yml": "yaml", ".yaml": "yaml"}
_WIDE = ("utf-16", "utf-32")


class FileFacts(Struct, frozen=True):
    """What is known of one file.

    Attributes:
        path: In its run, with "/".
        size: Bytes.
        digest: SHA-256 in hexadecimal; empty where it was not asked for.
    """

    path: str
    size: int
    digest: str = ""


class Picture(Struct, frozen=True):
    """The bytes of a picture, not decoded yet.

    Attributes:
        data: The whole file.
        kind: Its format, e.g. "png".
    """

    data: bytes
    kind: str


class FileDiff(Struct, frozen=True):
    """What differs between two files.

    Attributes:
        look: How it is best shown; the fields below belong to one look each.
        left: Facts on the left; None where there is no such file.
        right: The same on the right.
        is_same: Whether not a byte differs.
        text: Lines; of binary files the bytes around the first difference.
        table: Cells.
        document: Values by key.
        pictures: Left and right; None where there is no such file.
        other_looks: Other ways in which the same files can be compared.
        notes: A sentence each on what is left out.
    """

    look: Look
    left: FileFacts | None
    right: FileFacts | None
    is_same: bool
    text: TextDiff | None = None
    table: TableDiff | None = None
    document: tuple[Fact, ...] = ()
    pictures: tuple[Picture | None, Picture | None] = (None, None)
    other_looks: tuple[Look, ...] = ()
    notes: tuple[str, ...] = ()


def diff_files(
    left: tuple[DiffSide, str | None],
    right: tuple[DiffSide, str | None],
    check: Check,
    look: Look | None = None,
) -> FileDiff:
    """Compare a file of one side with one of the other.

    Args:
        left: A side, and the path of a file in it; None for no file.
        right: The same of the other side.
        check: Called often; raises to stop (core.errors.Cancelled).
        look: How to compare them; None for the way that suits them.

    Raises:
        Error: A file cannot be opened or read.
    """
    with ExitStack() as stack:
        files = [
            None if path is None else stack.enter_context(side.open(path))
            for side, path in (left, right)
        ]
        try:
            pair = _Pair((left[1], right[1]), (files[0], files[1]), check)
            return pair.compared(look)
        except OSError as e:
            raise RunError(f"Cannot read {shown(right[1] or left[1] or '')}: {reason(e)}") from e


class _Pair:
    """Two open files, at least one of which is there."""

    def __init__(
        self,
        paths: tuple[str | None, str | None],
        files: tuple[BinaryIO | None, BinaryIO | None],
        check: Check,
    ) -> None:
        self._paths = paths
        self._files = files
        self._check = check
        self.name = paths[1] or paths[0] or ""
        self._suffix = PurePosixPath(self.name).suffix.lower()
        self._sizes = [0 if file is None else size_of(file) for file in files]
        self._heads = [b"" if file is None else _read(file, CONTEXT) for file in files]
        self._encodings = [guess_encoding(head) if head else "" for head in self._heads]

    def compared(self, asked: Look | None) -> FileDiff:
        """The diff in the look that was asked for, or in one that is possible."""
        looks = self._looks()
        notes: list[str] = []
        for look in [asked, *looks] if asked in looks else looks:
            others = tuple(each for each in looks if each != look)
            found = self._as(look, notes) if look else None
            if found is not None:
                return replace(found, other_looks=others, notes=(*notes, *found.notes))
        return self._as_binary()

    def _looks(self) -> list[Look]:
        """Ways in which the two can be compared, the best one first."""
        looks: list[Look] = []
        heads = [head for head in self._heads if head]
        if heads and all(image_format(head) for head in heads) and self._size <= MOST_IMAGE_BYTES:
            looks.append("image")
        if all(self._encodings[i] for i in (0, 1) if self._heads[i]):
            if self._suffix in _TABLES:
                looks.append("table")
            if self._suffix in _DOCUMENTS:
                looks.append("document")
            looks.append("text")
        return [*looks, "binary"]

    @property
    def _size(self) -> int:
        return max(self._sizes)

    def _as(self, look: Look, notes: list[str]) -> FileDiff | None:
        """The diff in one look; None where that cannot be, and a note why."""
        if look == "image":
            return self._as_pictures()
        if look == "table":
            return self._as_table(notes)
        if look == "document":
            return self._as_document(notes)
        return self._as_text() if look == "text" else self._as_binary()

    def _made(
        self, look: Look, *, is_same: bool, digests: tuple[str, str] = ("", ""), **fields: Any
    ) -> FileDiff:
        left, right = (
            None if path is None else FileFacts(path, size, digest)
            for path, size, digest in zip(self._paths, self._sizes, digests, strict=True)
        )
        return FileDiff(look, left, right, is_same, **fields)

    def _is_same(self) -> bool:
        left, right = self._files
        if left is None or right is None:
            return False
        return first_difference(left, right, self._check) is None

    # Looks

    def _as_pictures(self) -> FileDiff:
        left, right = (
            None if file is None else _picture(_read(file, MOST_IMAGE_BYTES + 1))
            for file in self._files
        )
        return self._made("image", is_same=left == right, pictures=(left, right))

    def _as_table(self, notes: list[str]) -> FileDiff | None:
        if self._size > MOST_TABLE:
            notes.append(_too_large("a table", MOST_TABLE))
            return None
        left, right = self._whole_texts()
        if not (left and right):
            return None
        table = diff_tables(left, right, _TABLES[self._suffix], self._check)
        if table is None:
            notes.append("It is compared as text, since it cannot be read as a table.")
            return None
        return self._made("table", is_same=self._is_same(), table=table, notes=table.notes)

    def _as_document(self, notes: list[str]) -> FileDiff | None:
        language = _DOCUMENTS[self._suffix]
        if self._size > MOST_DOCUMENT[language]:
            notes.append(_too_large(f"a {language.upper()} document", MOST_DOCUMENT[language]))
            return None
        if None in self._files:
            return None
        values = []
        for side, text in zip(("left", "right"), self._whole_texts(), strict=True):
            self._check()
            try:
                values.append(_parsed(language, text))
            except _NOT_VALID as e:
                notes.append(f"On the {side} it is not valid {language.upper()}: {_first(e)}.")
                return None
        self._check()
        facts, is_all = diff_documents(values[0], values[1], self._check)
        cut = () if is_all else (f"Only the first {MOST_KEYS:,} values are compared.",)
        return self._made("document", is_same=self._is_same(), document=facts, notes=cut)

    def _as_text(self) -> FileDiff:
        window = self._window()
        left, right = (
            RawText(
                _decoded(data, self._encodings[side]),
                self._encodings[side],
                self._files[side] is not None,
                not window.left_out[side],
            )
            for side, data in enumerate((window.left, window.right))
        )
        cleaned = plain_text if self.name == OUTPUT else None
        text = diff_texts(left, right, self._check, window=window, cleaned=cleaned)
        return self._made("text", is_same=text.is_same, text=text, notes=text.notes)

    def _window(self) -> Window:
        left, right = self._files
        is_wide = any(encoding.startswith(_WIDE) for encoding in self._encodings)
        if left is not None and right is not None and not (is_wide and self._size > MOST_TEXT):
            return find_window(left, right, MOST_TEXT, self._check)
        place: int | None = 0
        if left is not None and right is not None:
            place = first_difference(left, right, self._check)
        parts = [b"" if file is None else _read(file, MOST_TEXT) for file in self._files]
        rest = [size - len(part) for size, part in zip(self._sizes, parts, strict=True)]
        return Window(
            parts[0], parts[1], first_difference=place, left_out=(max(0, rest[0]), max(0, rest[1]))
        )

    def _as_binary(self) -> FileDiff:
        left, right = self._files
        place = None
        if left is not None and right is not None:
            place = first_difference(left, right, self._check)
        start = max(0, (place or 0) - HEX_BYTES // 4) // 16 * 16
        return self._made(
            "binary",
            is_same=place is None and None not in self._files,
            digests=(_digest(left, self._check), _digest(right, self._check)),
            text=diff_texts(_hex(left, start), _hex(right, start), self._check),
            notes=tuple(self._binary_notes(place, start)),
        )

    def _binary_notes(self, place: int | None, start: int) -> Iterator[str]:
        if place is not None:
            yield f"The first difference is at byte {place:,}."
        if self._size > HEX_BYTES:
            yield f"{format_bytes(HEX_BYTES)} from byte {start:,} on are shown."

    def _whole_texts(self) -> tuple[str, str]:
        texts = [
            "" if file is None else _decoded(_read(file, self._size), encoding)
            for file, encoding in zip(self._files, self._encodings, strict=True)
        ]
        return texts[0], texts[1]


_NOT_VALID = (ValueError, RecursionError, RunDamaged)


def _parsed(language: str, text: str) -> Any:
    return json.loads(text) if language == "json" else load_yaml(text)


def _first(error: Exception) -> str:
    """What a parser says, as the end of a sentence."""
    if isinstance(error, RecursionError):
        return "it is nested too deeply"
    return str(error).partition("\n")[0].rstrip(".")


def _too_large(what: str, most: int) -> str:
    return f"It is compared as text, since as {what} it is larger than {most // 2**20} MB."


def _read(file: BinaryIO, most: int) -> bytes:
    file.seek(0)
    return file.read(most)


def _decoded(data: bytes, encoding: str) -> str:
    """The text, without the mark that an encoding may begin with."""
    return data.decode(encoding or "utf-8", "replace").removeprefix("\ufeff")


def _picture(data: bytes) -> Picture:
    return Picture(data, image_format(data))


def _hex(file: BinaryIO | None, start: int) -> RawText:
    if file is None:
        return RawText("", is_there=False)
    file.seek(start)
    return RawText(hex_lines(file.read(HEX_BYTES), start))


def _digest(file: BinaryIO | None, check: Check) -> str:
    if file is None:
        return ""
    file.seek(0)
    digest = hashlib.sha256()
    for piece in iter(lambda: file.read(PIECE), b""):
        check()
        digest.update(piece)
    return digest.hexdigest()
