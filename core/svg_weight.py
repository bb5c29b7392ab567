"""How much drawing a vector graphic asks for, by what it lets be drawn again.

Why: a group may draw another one several times, which may draw a third one several times, so that
a page of text means more than can be drawn in a lifetime, and drawing cannot be stopped.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from xml.parsers.expat import ExpatError, ParserCreate

from msgspec import Struct, field

MOST = 1_000_000
"""Elements that are drawn at most; so many take seconds."""

_MOST_DEEP = 500
_REFERENCE = re.compile(r"url\(\s*['\"]?\s*#([^)'\"]*)|\A\s*#(.*)", re.DOTALL)


def can_be_drawn(svg: bytes) -> bool:
    """Whether a picture is whole, and can be drawn within seconds.

    Args:
        svg: The whole file.
    """
    reading = _Reading()
    parser = ParserCreate()
    parser.ordered_attributes = True
    parser.StartElementHandler = reading.begin
    parser.EndElementHandler = reading.end
    try:
        parser.Parse(svg, True)  # noqa: FBT003 - it takes no keyword
        return _weight("", reading.groups, {}, 0) <= MOST
    except (ExpatError, ValueError, LookupError, _TooDeep):
        return False


class _TooDeep(Exception):
    """Elements within each other, or drawn by each other."""


class _Group(Struct):
    """An element with a name.

    Attributes:
        own: How many elements it consists of, without those that are groups of their own.
        drawn: Names of these, and of others that it draws again, and how often.
    """

    own: int = 0
    drawn: Counter[str] = field(default_factory=Counter)


class _Reading:
    """Collects groups while a picture is parsed; the whole has no name."""

    def __init__(self) -> None:
        self.groups = {"": _Group()}
        self._names = [""]

    def begin(self, _tag: str, attributes: list[str]) -> None:
        """An element begins."""
        if len(self._names) > _MOST_DEEP:
            raise _TooDeep
        around = self._names[-1]
        name = next(
            (v for k, v in zip(attributes[::2], attributes[1::2], strict=True) if k == "id"), ""
        )
        self._names.append(name or around)
        group = self.groups.setdefault(name or around, _Group())
        group.own += 1
        if name and name != around:
            self.groups[around].drawn[name] += 1
        for value in attributes[1::2]:
            if "#" in value:
                group.drawn.update((f[1] or f[2] or "").strip() for f in _REFERENCE.finditer(value))

    def end(self, _tag: str) -> None:
        """An element ends."""
        self._names.pop()


def _weight(name: str, groups: Mapping[str, _Group], known: dict[str, int], depth: int) -> int:
    """How many elements a group draws; what draws itself is not drawn at all."""
    if name in known or name not in groups:
        return known.get(name, 0)
    if depth > _MOST_DEEP:
        raise _TooDeep
    known[name] = 0
    group = groups[name]
    again = (count * _weight(each, groups, known, depth + 1) for each, count in group.drawn.items())
    known[name] = min(group.own + sum(again), MOST + 1)
    return known[name]
