"""Vector graphics of others, made safe to draw.

Why: a picture may name other files, and what draws it would open them: one outside of the run, or
a pipe that nobody writes to, which is waited for without end.
"""

from __future__ import annotations

import re

# One transparent pixel: an empty name would be complained about.
_NOTHING = (
    b"data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNkYAAAAAYA"
    b"AjCB0C8AAAAASUVORK5CYII="
)
_OWN = rb"\s*(?:#|data:[^\"',]*;base64,)"
_REFERENCE = re.compile(
    rb"""(href\s*=\s*)(?:"(?!OWN)[^"]*"|'(?!OWN)[^']*')""".replace(b"OWN", _OWN), re.IGNORECASE
)


def without_references(svg: bytes) -> bytes:
    """The same picture with nothing in the place of what it takes from elsewhere.

    Args:
        svg: The whole file.

    Returns:
        The picture; empty where a name could hide: in attributes that it declares itself, in an
        encoding of two bytes a letter, or in compressed data.
    """
    if b"<!ATTLIST" in svg or b"\0" in svg or svg.startswith(b"\x1f\x8b"):
        return b""
    return _REFERENCE.sub(rb'\1"' + _NOTHING + b'"', svg)
