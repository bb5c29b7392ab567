"""A label template while it is typed: its references, what is wrong with them, what may be meant.

Rendering is `core.runs.label_text`. Guild never refuses a template: a reference that is not closed
stays in the label as it is, an unknown filter writes `#error#`, an unknown name writes nothing.
Who types is told of that before it is in a thousand labels.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import Literal

from msgspec import Struct

FILTERS: dict[str, str] = {
    "default:": "this text where there is no value",
    "basename": "only the last part of a path",
    "unquote": "without the quotes around",
    "%.3f": "three decimals",
    "%05d": "five digits",
}
"""What may stand after a bar, with what it does; the last two are examples of formats."""

OTHER_NAMES: dict[str, str] = {"label": "the label now", "default_label": "all flags"}
"""Names that every run has, with what they stand for."""

_REFERENCE = re.compile(r"\$\{(.+?)\}")  # Guild's: a line break ends the hope for a reference
_OPEN = re.compile(r"\$\{[^}\n]*\Z")
_STRAY = re.compile(r"\$\{(?![^\n]+?\})")
_UP_TO_END = re.compile(r"[^|}\n]*")
_WIDE = re.compile(r"[0-9]{4}")


class TemplateProblem(Struct, frozen=True):
    """Something the user should know of before the template is used.

    Attributes:
        position: Index of its first character in the template.
        length: How many characters it is.
        sentence: What will happen.
        is_error: It is a mistake; otherwise it may be meant.
    """

    position: int
    length: int
    sentence: str
    is_error: bool = True


class TemplateSpot(Struct, frozen=True):
    """What is being typed at the cursor.

    Attributes:
        start: Index of the first character that a completion replaces.
        end: Index behind the last one.
        typed: The letters of the name or filter before the cursor.
        expected: Whether a name or a filter belongs there.
        is_closed: Whether its reference ends with a brace already.
    """

    start: int
    end: int
    typed: str
    expected: Literal["name", "filter"]
    is_closed: bool


def references(template: str) -> Iterator[tuple[int, int]]:
    """First index and end of each `${…}` that Guild will resolve."""
    return ((found.start(), found.end()) for found in _REFERENCE.finditer(template))


def check_template(template: str, names: Collection[str]) -> list[TemplateProblem]:
    """What is wrong with a template, mistakes first.

    Args:
        template: What was typed.
        names: The flags that the runs have; with none, names are not looked at.
    """
    found = [
        TemplateProblem(
            stray.start(),
            len(template) - stray.start() if "\n" not in template[stray.start() :] else 2,
            "A reference is not closed with “}”: it would stand in the label as it is.",
        )
        for stray in _STRAY.finditer(template)
    ]
    for reference in _REFERENCE.finditer(template):
        found += _check_reference(reference, names)
    return sorted(found, key=lambda problem: (not problem.is_error, problem.position))


def spot_at(template: str, cursor: int) -> TemplateSpot | None:
    """What is being typed at a cursor; None outside of references."""
    before = template[:cursor]
    if before.endswith("$"):
        return TemplateSpot(cursor - 1, cursor, "", "name", is_closed=False)
    found = _OPEN.search(before)
    if found is None:
        return None
    bar = before.rfind("|")
    start = bar + 1 if bar > found.start() else found.start() + 2
    rest = _UP_TO_END.match(template, cursor)
    end = cursor if rest is None else rest.end()
    if "${" in template[cursor:end]:  # the brace belongs to the next reference
        end = cursor
    is_closed = template[end : end + 1] in ("}", "|")
    expected: Literal["name", "filter"] = "filter" if bar > found.start() else "name"
    return TemplateSpot(start, end, before[start:], expected, is_closed)


def _check_reference(reference: re.Match[str], names: Collection[str]) -> Iterator[TemplateProblem]:
    name, *filters = reference[1].split("|")
    start = reference.start(1)
    if names and name not in names and name not in OTHER_NAMES and not _has_default(filters):
        sentence = f"No selected run has a flag “{name}”: nothing will stand there."
        yield TemplateProblem(start, max(1, len(name)), sentence, is_error=False)
    start += len(name)
    for text in filters:
        start += 1
        if sentence := _trouble_with_filter(text):
            yield TemplateProblem(start, max(1, len(text)), sentence)
        start += len(text)


def _has_default(filters: list[str]) -> bool:
    return any(text.partition(":")[0] == "default" for text in filters)


def _trouble_with_filter(text: str) -> str:
    name = text.partition(":")[0]
    if name.startswith("%"):
        if _WIDE.search(name):
            return f"“{name}” is too wide for a label."
        return "" if _is_format(name) else f"“{name}” is no format: the value will stand there."
    if name in ("default", "basename", "unquote"):
        return ""
    return f"There is no filter “{name}”: “#error#” would stand in the label."


def _is_format(text: str) -> bool:
    """Whether `text % value` works for some kind of value."""
    for value in (1, 1.5, "a"):
        try:
            return len(text % value) >= 0
        except (TypeError, ValueError, OverflowError):
            continue
    return False
