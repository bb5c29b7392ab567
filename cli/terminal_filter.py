"""Takes out of a stream of bytes what could steer a terminal, and leaves colours.

Why: the output of a run is somebody's bytes. Titles, clipboards, cursor jumps over what was
printed before and character sets are not its business; colours and progress bars are.
"""

from __future__ import annotations

import re

MAX_SEQUENCE = 4096
"""An escape sequence that is longer is none: its beginning is taken out and the rest is text."""

# Colours and styles; erasing in the line; moving up, down and within the line (progress bars).
_KEPT = frozenset(b"mKABCDG")
_TOKEN = re.compile(
    rb"""\x1b\[ [0-?]* [ -/]* (?P<final>[@-~])      # control sequence
       | \x1b [\]PX^_] [^\x07\x1b]* (?:\x07|\x1b\\)  # title, clipboard and other strings
       | \x1b [ -/]* [0-Z\\^-~]                       # any other escape
       | \x1b                                        # one that begins nothing
       | \xc2[\x80-\x9f]                             # control characters of 8 bits, in UTF-8
       | [\x00-\x07\x0b\x0c\x0e-\x1a\x1c-\x1f\x7f]  # control characters
    """,
    re.VERBOSE,
)
_UNFINISHED = re.compile(rb"\x1b(?:\[[0-?]*[ -/]*|[\]PX^_][^\x07\x1b]*\x1b?|[ -/]*)\Z|\xc2\Z")


class TerminalFilter:
    """Filters a stream piece by piece; a sequence may be split between two pieces."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, data: bytes) -> bytes:
        """What of the next piece may be written now."""
        data = self._rest + data
        self._rest = b""
        unfinished = _UNFINISHED.search(data, max(0, len(data) - MAX_SEQUENCE))
        if unfinished:
            self._rest = data[unfinished.start() :]
            data = data[: unfinished.start()]
        return _TOKEN.sub(_replacement, data)


def _replacement(match: re.Match[bytes]) -> bytes:
    final = match["final"]
    return match[0] if final is not None and final[0] in _KEPT else b""
