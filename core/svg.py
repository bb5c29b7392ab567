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
# PNG, JPEG, GIF and WebP, and nothing behind: a vector graphic within could name files again.
_PIXELS = rb"(?:iVBORw0KGgo|/9j/|R0lGOD|UklGR)(?:[A-Za-z0-9+/=\s]++|&\#(?:10|13|xA|xD);)*+"
_OWN = rb"\s*(?:#[^\"'&/]*|data:[\w/.+;=-]*;base64,\s*" + _PIXELS + rb")[\"']"
_REFERENCE = re.compile(
    rb"""(href\s*=\s*)(?:"(?!OWN)[^"]*"|'(?!OWN)[^']*')""".replace(b"OWN", _OWN), re.IGNORECASE
)
_TEXT_ENTITY = re.compile(rb"<!ENTITY\s+[\w.:-]+\s+(?:\"[^\"<&%]*\"|'[^'<&%]*')\s*>")
"""Short for a text that holds no markup."""
_ENCODING = re.compile(rb"""\bencoding\s*=\s*["']([^"']*)""")
_LIKE_ASCII = re.compile(rb"(?:utf-?8|(?:us-)?ascii|iso-8859-\d+|windows-125\d)", re.IGNORECASE)
"""Encodings in which what looks like a name is one, and nothing else is."""


def without_references(svg: bytes) -> bytes:
    """The same picture with nothing in the place of what it takes from elsewhere.

    Args:
        svg: The whole file.

    Returns:
        The picture; empty where a name could hide: in attributes that it declares itself, in
        what it lets stand for markup, in an unusual encoding, or in compressed data.
    """
    if b"<!ATTLIST" in svg or b"\0" in svg or svg.startswith(b"\x1f\x8b"):
        return b""
    if svg.count(b"<!ENTITY") != len(_TEXT_ENTITY.findall(svg)) or not _is_like_ascii(svg):
        return b""
    return _REFERENCE.sub(rb'\1"' + _NOTHING + b'"', svg)


def _is_like_ascii(svg: bytes) -> bool:
    declaration = svg.partition(b"?>")[0] if b"<?xml" in svg[:16] else b""
    return b"<svg" in svg and all(map(_LIKE_ASCII.fullmatch, _ENCODING.findall(declaration)))
