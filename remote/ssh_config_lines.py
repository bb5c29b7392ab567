"""OpenSSH client configuration as text: its lines, arguments and included files.

Why our own reader: paramiko's ignores Include and runs the command of `Match exec` while it reads.
Here reading only reads; `remote/ssh_config.py` decides what applies to a host, and asks first.

Include is followed when a file is read, as the patterns of OpenSSH say: relative names are below
`~/.ssh` (below `/etc/ssh` for the system's file), matches in alphabetical order, 16 levels at most,
and a file that is not there is no error.
"""

from __future__ import annotations

import glob
from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct

from remote.errors import RemoteConfigError

MAX_BYTES = 1_000_000
MAX_DEPTH = 16
MAX_FILES = 500
_BLANKS = " \t\r\f"
# The rest of their line is one value, with quotes and "#" in it.
_WHOLE_LINES = frozenset({"proxycommand", "localcommand", "remotecommand", "knownhostscommand"})


class Place(Struct, frozen=True):
    """Where something is written.

    Attributes:
        path: The file.
        line: From 1.
    """

    path: Path
    line: int

    def __str__(self) -> str:
        return f"{self.path}, line {self.line}"


class Line(Struct, frozen=True):
    """A keyword with its arguments.

    Attributes:
        keyword: In lower case.
        arguments: At least one.
        place: Where it stands.
        included: What an Include brings in: the lines of each of its files.
    """

    keyword: str
    arguments: tuple[str, ...]
    place: Place
    included: tuple[tuple[Line, ...], ...] = ()


def read_ssh_config(path: Path, folder: Path) -> tuple[Line, ...]:
    """The lines of a file and of all that it includes; none where there is no such file.

    Args:
        path: The file.
        folder: Where relative names in Include are; its parent stands for `~`.

    Raises:
        RemoteConfigError: A file cannot be read, or a line not be understood.
    """
    return _Reader(folder).read(path, 0)


def split_arguments(text: str) -> tuple[str, ...]:
    """Words of a line as OpenSSH splits them: quotes, backslashes, and "#" before a comment.

    Raises:
        ValueError: A quotation does not end.
    """
    words: list[str] = []
    rest = text.strip(_BLANKS)
    while rest and not rest.startswith("#"):
        word, rest = _first_word(rest)
        words.append(word)
        rest = rest.lstrip(_BLANKS)
    return tuple(words)


def _first_word(text: str) -> tuple[str, str]:
    word, quote, index = "", "", 0
    while index < len(text):
        char, following = text[index], text[index + 1 : index + 2]
        if char == "\\" and (following in ("'", '"', "\\") or (following == " " and not quote)):
            word += following
            index += 1
        elif quote:
            quote = "" if char == quote else quote
            word += char if quote else ""
        elif char in "'\"":
            quote = char
        elif char in _BLANKS:
            break
        else:
            word += char
        index += 1
    if quote:
        raise ValueError("a quotation does not end")
    return word, text[index:]


class _Reader:
    """Reads one file and what it includes."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files = 0

    def read(self, path: Path, depth: int) -> tuple[Line, ...]:
        text = _text_of(path)
        self._files += 1
        if self._files > MAX_FILES:
            raise RemoteConfigError(f"{path} is one included file too many", path=path)
        return tuple(self._lines(text, path, depth))

    def _lines(self, text: str, path: Path, depth: int) -> Iterator[Line]:
        for number, raw in enumerate(text.split("\n"), 1):
            stripped = raw.strip(_BLANKS)
            if stripped and not stripped.startswith("#"):
                yield self._line(stripped, Place(path, number), depth)

    def _line(self, text: str, place: Place, depth: int) -> Line:
        keyword, rest = _keyword_of(text)
        try:
            words = (rest,) if keyword in _WHOLE_LINES else split_arguments(rest)
        except ValueError as e:
            raise RemoteConfigError(f"{place}: {e}", path=place.path) from e
        if not any(words):
            raise RemoteConfigError(f"{place}: “{keyword}” needs a value", path=place.path)
        included = self._included(words, place, depth) if keyword == "include" else ()
        return Line(keyword, words, place, included)

    def _included(
        self, patterns: tuple[str, ...], place: Place, depth: int
    ) -> tuple[tuple[Line, ...], ...]:
        if depth >= MAX_DEPTH:
            raise RemoteConfigError(
                f"{place}: files include each other more than {MAX_DEPTH} levels deep",
                path=place.path,
            )
        paths = [path for pattern in patterns for path in self._matches(pattern)]
        return tuple(self.read(path, depth + 1) for path in paths if path.is_file())

    def _matches(self, pattern: str) -> list[Path]:
        if pattern.startswith("~/"):
            pattern = str(self._folder.parent / pattern[2:])
        elif not pattern.startswith("/"):
            pattern = str(self._folder / pattern)
        # pathlib's own glob knows no absolute patterns.
        return [Path(name) for name in sorted(glob.glob(pattern))]


def _keyword_of(text: str) -> tuple[str, str]:
    """The keyword in lower case, and what follows it and at most one "="."""
    end = next((n for n, char in enumerate(text) if char in f"{_BLANKS}="), len(text))
    rest = text[end:].lstrip(_BLANKS)
    if rest.startswith("="):
        rest = rest[1:].lstrip(_BLANKS)
    return text[:end].strip('"').lower(), rest


def _text_of(path: Path) -> str:
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        return ""
    except OSError as e:
        raise RemoteConfigError(
            f"Cannot read {path}: {(e.strerror or str(e)).lower()}", path=path
        ) from e
    if len(data) > MAX_BYTES:
        raise RemoteConfigError(f"{path} is longer than {MAX_BYTES:,} bytes", path=path)
    return data.decode("utf-8", "surrogateescape")
