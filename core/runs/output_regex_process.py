"""Matches a regular expression with the lines it is sent; runs as a process of its own.

Standard library only. Asked on standard input, answers on standard output, both binary: a
question is a letter, a length of four bytes (little-endian) and a UTF-8 text of that length; an
answer is a length and that many bytes.

    p   the expression as JSON: {"pattern", "ignore_case"}; answer: {"error", "position"}
    c   count the matches in the lines of a text; answer: a number, little-endian
    f   find them; answer: line, start and end of each as three 32-bit numbers
    w   find them in a text that is taken as one line; the same answer

Why not one search over the whole text: an expression such as [^x]*y would reach over line ends.
Where that cannot be (see _NEEDS_LINES), a search over the whole text finds the lines that match,
which is ten times faster when few do.
"""

from __future__ import annotations

import json
import re
import struct
import sys
from collections.abc import Iterator

_FOUND = struct.Struct("=III")
# Constructs whose result in one line may differ from that in a text of many lines.
_NEEDS_LINES = re.compile(r"\[\^|\\[sDWAZnrxuUN0-9]|\(\?(?!:)|[*+?}]\+|\\[abtfv]-|[\x00-\x1f]")


class Finder:
    """Finds matches of one expression, line by line."""

    def __init__(self, pattern: str, *, ignore_case: bool) -> None:
        flags = re.IGNORECASE if ignore_case else 0
        self._line = re.compile(pattern, flags)
        is_simple = _NEEDS_LINES.search(pattern) is None
        self._text = re.compile(pattern, flags | re.MULTILINE) if is_simple else None

    def find(self, text: str) -> Iterator[tuple[int, int, int]]:
        """Line number, start and end of each match that is not empty."""
        for number, line in self._candidates(text):
            for match in self._line.finditer(line):
                if match.end() > match.start():
                    yield number, match.start(), match.end()

    def find_whole(self, text: str) -> Iterator[tuple[int, int, int]]:
        """The same of a text that is one line, whatever line ends it has."""
        for match in self._line.finditer(text):
            if match.end() > match.start():
                yield 0, match.start(), match.end()

    def _candidates(self, text: str) -> Iterator[tuple[int, str]]:
        if self._text is None:
            yield from enumerate(text.split("\n"))
            return
        at, number = 0, 0
        while (match := self._text.search(text, at)) is not None:
            number += text.count("\n", at, match.start())
            begin = text.rfind("\n", 0, match.start()) + 1
            end = text.find("\n", match.start())
            end = len(text) if end < 0 else end
            yield number, text[begin:end]
            at, number = end + 1, number + 1
            if at > len(text):
                return


def main() -> None:
    """Answer questions until standard input ends."""
    asked, answered = sys.stdin.buffer, sys.stdout.buffer
    finder = Finder("", ignore_case=False)
    while len(head := asked.read(5)) == 5:
        text = asked.read(int.from_bytes(head[1:], "little")).decode("utf-8", "replace")
        if head[:1] == b"p":
            finder, answer = _compile(finder, text)
        elif head[:1] == b"c":
            answer = sum(1 for _ in finder.find(text)).to_bytes(8, "little")
        else:
            find = finder.find_whole if head[:1] == b"w" else finder.find
            answer = b"".join([_FOUND.pack(*found) for found in find(text)])
        answered.write(len(answer).to_bytes(4, "little") + answer)
        answered.flush()


def _compile(finder: Finder, text: str) -> tuple[Finder, bytes]:
    settings = json.loads(text)
    problem = {"error": "", "position": 0}
    try:
        finder = Finder(settings["pattern"], ignore_case=settings["ignore_case"])
    except re.error as e:
        problem = {"error": e.msg, "position": e.pos or 0}
    except (OverflowError, RecursionError):
        problem = {"error": "it is too large", "position": 0}
    return finder, json.dumps(problem).encode()


if __name__ == "__main__":
    main()
