"""What looks for a needle in lines of text: plain text here, regular expressions in a process.

Why a process: Python's regular expressions can take time without end on a short line ("(a+)+$"),
hold the interpreter's lock meanwhile, and cannot be stopped. A process can: when one page takes
longer than LIMIT_SECONDS it is ended, and the search says so. It reads no file and runs a script
of the standard library only.

What counts is the time of the process's own, as far as that is patient: on a machine that has much
else to do it may get a tenth of a processor, and has to be started first.
"""

from __future__ import annotations

import json
import re
import struct
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import IO, NamedTuple, Protocol

from msgspec import Struct

from core.errors import Cancelled, QueryError

LIMIT_SECONDS = 3.0
"""Of a processor, for one page."""
_LATE = 10  # times as long by the clock, if it did not get a processor
_SCRIPT = Path(__file__).with_name("output_regex_process.py")
_FOUND = struct.Struct("=III")


class Needle(Struct, frozen=True):
    """What to look for.

    Attributes:
        text: The text, or the regular expression.
        ignore_case: Whether "a" finds "A".
        is_regex: Whether `text` is a regular expression; it is applied to each line by itself.
    """

    text: str
    ignore_case: bool = True
    is_regex: bool = False


class Found(NamedTuple):
    """One match inside a text: line number in that text, first character, character after it.

    A named tuple, since a page of text may have thousands.
    """

    line: int
    start: int
    end: int


class Matcher(Protocol):
    """Looks for a needle in lines of text. A match is never empty and lies within one line."""

    def count(self, text: str) -> int:
        """How many matches the lines of `text` have."""

    def find(self, text: str) -> list[Found]:
        """All matches in the lines of `text`, in order."""

    def close(self) -> None:
        """End it, from any thread; it must not be used afterwards."""


def make_matcher(needle: Needle) -> Matcher:
    """What looks for a needle.

    Raises:
        QueryError: It is a regular expression that is not understood.
    """
    return RegexMatcher(needle) if needle.is_regex else TextMatcher(needle)


class TextMatcher:
    """Finds a text as it is; case, if ignored, by Unicode's simple folding."""

    def __init__(self, needle: Needle) -> None:
        self._text = needle.text
        self._lower = needle.text.lower() if needle.ignore_case and needle.text.isascii() else None
        self._ignore_case = needle.ignore_case
        flags = re.IGNORECASE if needle.ignore_case else 0
        self._pattern = re.compile(re.escape(needle.text), flags)

    def count(self, text: str) -> int:
        """How many matches the lines of `text` have."""
        if not self._text:
            return 0
        if not self._ignore_case:
            return text.count(self._text)
        if self._lower is not None and text.isascii():
            return text.lower().count(self._lower)
        return sum(1 for _ in self._pattern.finditer(text))

    def find(self, text: str) -> list[Found]:
        """All matches in the lines of `text`, in order."""
        found: list[Found] = []
        line, line_start = 0, 0
        for match in self._pattern.finditer(text) if self._text else ():
            start = match.start()
            line += text.count("\n", line_start, start)
            line_start = text.rfind("\n", 0, start) + 1
            found.append(Found(line, start - line_start, match.end() - line_start))
        return found

    def close(self) -> None:
        """Nothing to end."""


class RegexMatcher:
    """Finds a regular expression, in a process of its own that is ended when it takes too long.

    Any thread may ask; they take turns.

    Raises:
        QueryError: The expression is not understood.
    """

    def __init__(self, needle: Needle) -> None:
        self._is_closed = True  # until there is a process
        self._needle = needle
        self._turn = threading.Lock()
        self._is_too_slow = False
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-S", str(_SCRIPT)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        self._is_closed = False
        try:
            self._compile()
        except BaseException:
            self.close()
            raise

    def count(self, text: str) -> int:
        """How many matches the lines of `text` have (errors as of `find`)."""
        return int.from_bytes(self._ask(b"c", text), "little")

    def find(self, text: str) -> list[Found]:
        """All matches in the lines of `text`, in order.

        Raises:
            QueryError: It takes longer than LIMIT_SECONDS.
            Cancelled: The matcher was closed.
        """
        return [Found._make(fields) for fields in _FOUND.iter_unpack(self._ask(b"f", text))]

    def find_whole(self, text: str) -> list[Found]:
        """All matches in a text that is taken as one line (errors as of `find`)."""
        return [Found._make(fields) for fields in _FOUND.iter_unpack(self._ask(b"w", text))]

    def close(self) -> None:
        """End the process, also while it is asked."""
        self._is_closed = True
        self._process.kill()
        self._process.wait()
        with self._turn:
            for pipe in (self._process.stdin, self._process.stdout):
                _close(pipe)

    def __del__(self) -> None:
        if not self._is_closed:  # whoever asked for it was no longer waiting
            self.close()

    def _compile(self) -> None:
        settings = {"pattern": self._needle.text, "ignore_case": self._needle.ignore_case}
        answer = json.loads(self._ask(b"p", json.dumps(settings)))
        if answer["error"]:
            length = len(self._needle.text)
            position = min(answer["position"], max(0, length - 1))
            raise QueryError(
                f"The regular expression has an error: {answer['error']}.", position=position
            )

    def _ask(self, kind: bytes, text: str) -> bytes:
        with self._turn:
            if self._is_too_slow:
                raise self._too_slow()
            answered = threading.Event()
            watch = threading.Thread(target=self._watch, args=(answered, self._spent()))
            watch.start()
            try:
                answer = self._exchange(kind, text.encode("utf-8", "replace"))
            except (OSError, ValueError, EOFError) as e:
                if self._is_too_slow:
                    raise self._too_slow() from e
                raise Cancelled from e
            finally:
                answered.set()
                watch.join()
            return answer

    def _exchange(self, kind: bytes, data: bytes) -> bytes:
        asked, answered = self._process.stdin, self._process.stdout
        if asked is None or answered is None or self._is_closed:
            raise EOFError
        asked.write(kind + len(data).to_bytes(4, "little") + data)
        asked.flush()
        length = int.from_bytes(_read_exactly(answered, 4), "little")
        return _read_exactly(answered, length)

    def _watch(self, answered: threading.Event, before: float) -> None:
        """End the process if it is given its time, and does not answer."""
        end = time.monotonic() + LIMIT_SECONDS * _LATE
        left = LIMIT_SECONDS
        while not answered.wait(left):
            left = LIMIT_SECONDS - (self._spent() - before)
            if (left <= 0 or time.monotonic() >= end) and not answered.is_set():
                self._is_too_slow = True
                self._process.kill()
                return
            left = max(left, LIMIT_SECONDS / 10)

    def _spent(self) -> float:
        """Seconds of a processor that the process has had; none where it has ended."""
        import psutil

        try:
            times = psutil.Process(self._process.pid).cpu_times()
        except psutil.Error:
            return 0.0
        return times.user + times.system

    def _too_slow(self) -> QueryError:
        return QueryError(
            "The regular expression takes too long on this output.",
            position=0,
            length=len(self._needle.text),
            hint="Repetitions within repetitions, as in (a+)+, are often the cause.",
        )


def _read_exactly(pipe: IO[bytes], length: int) -> bytes:
    data = pipe.read(length)
    if len(data) < length:
        raise EOFError
    return data


def _close(pipe: IO[bytes] | None) -> None:
    if pipe is None:
        return
    try:
        pipe.close()
    except OSError:
        return  # what was left to write to an ended process
