"""Changes one remote in the text of Guild's configuration, and not a letter more.

Why by lines and not by writing the whole file anew: a YAML writer hangs comments on the values
before them, so that one on the next remote moved into this one, or went with a key that was
removed; and it knows neither Windows' ends of lines nor a byte order mark. Here the places of keys
and values are taken from the reader, and only their lines are touched.

What cannot be done so (lists in braces, values that other places share) is refused with `Unfit`;
the caller has another way, and proves of either what the result says.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import yaml
from msgspec import Struct

from core.errors import RunDamaged
from core.runs.attrs import load_yaml

_BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
MARK = "\ufeff"
"""Where some editors of Windows begin a text."""

_PLAIN = re.compile(r"[\w./~@][\w ./~@+-]*(?<! )", re.ASCII)
_USUAL_STEP = 2

Spell = Callable[[Any], str]


class Unfit(Exception):
    """This text cannot be changed by lines."""


class Edit(Struct, frozen=True):
    """What becomes of one remote.

    Attributes:
        name: The remote.
        values: Key to its new value; None takes the key out.
        is_new: It is not there yet.
        is_gone: It is to be taken out whole.
    """

    name: str
    values: Mapping[str, Any]
    is_new: bool = False
    is_gone: bool = False


def edited(text: str, section: str, edit: Edit, spell: Spell) -> str:
    """The text with one remote changed.

    Args:
        text: Of the configuration.
        section: The key below which remotes are.
        edit: What becomes of which.
        spell: A key or value as YAML writes it on one line.

    Raises:
        Unfit: It cannot be done by lines.
    """
    mark = MARK if text.startswith(MARK) else ""
    page = _Page(text.removeprefix(MARK), spell)
    if edit.is_new:
        page.add(section, edit)
    elif edit.is_gone:
        page.remove(section, edit.name)
    else:
        page.change(section, edit)
    return mark + page.text()


def spelled(value: Any) -> str:
    """A value as it is written on one line: quoted where Guild would not read it without."""
    if isinstance(value, str) and is_plain(value):
        return value
    return json.dumps(value, ensure_ascii=False)


def is_plain(text: str) -> bool:
    """Whether Guild reads a text as it is without quotes."""
    try:
        return _PLAIN.fullmatch(text) is not None and load_yaml(text) == text
    except RunDamaged:
        return False


class _Page:
    """The lines of a text, and where its keys are."""

    def __init__(self, text: str, spell: Spell) -> None:
        self._lines = list(_lines_of(text))
        self._spell = spell
        ends = [line[len(_bare(line)) :] for line in self._lines]
        self._end = max(("\n", *ends), key=lambda end: (bool(end), ends.count(end)))
        try:
            self._root = yaml.compose(text, Loader=yaml.SafeLoader)
        except yaml.YAMLError as e:
            raise Unfit from e

    def text(self) -> str:
        return "".join(self._lines)

    def add(self, section: str, edit: Edit) -> None:
        items = self._find(self._root, section)
        if items is None:
            at, indent, step = len(self._lines), "", " " * self._step()
            new = [f"{self._spell(section)}:"]
        elif isinstance(items.value, yaml.ScalarNode) and items.value.value == "":
            at, indent, step, new = items.line + 1, "", " " * self._step(), []
        else:
            pairs = _block(items.value)
            at = self._last_line(pairs[-1]) + 1
            indent, step, new = "", " " * pairs[0].column, []
        inner = step + " " * self._step()
        new.append(f"{indent}{step}{self._spell(edit.name)}:")
        new += [f"{inner}{self._spell(key)}: {self._spell(v)}" for key, v in edit.values.items()]
        self._insert(at, new)

    def remove(self, section: str, name: str) -> None:
        items = self._require(self._root, section)
        entry = self._require(items.value, name)
        self._cut(items if len(_block(items.value)) == 1 else entry)

    def change(self, section: str, edit: Edit) -> None:
        # From the last place to the first, so that those before stay where they are.
        entry = self._require(self._require(self._root, section).value, edit.name)
        pairs = _block(entry.value)
        known = {pair.key: pair for pair in pairs}
        new = {k: v for k, v in edit.values.items() if k not in known and v is not None}
        if not known.keys() - {k for k, v in edit.values.items() if v is None} and not new:
            raise Unfit
        added = [
            f"{' ' * pairs[0].column}{self._spell(k)}: {self._spell(v)}" for k, v in new.items()
        ]
        self._insert(self._last_line(pairs[-1]) + 1, added)
        for pair in reversed(pairs):
            if pair.key not in edit.values:
                continue
            value = edit.values[pair.key]
            self._cut(pair) if value is None else self._replace(pair, self._spell(value))

    # Inside

    def _find(self, node: yaml.Node | None, key: str) -> _Pair | None:
        if node is None:
            return None
        found = [pair for pair in _block(node) if pair.key == key]
        if len(found) > 1:
            raise Unfit
        return found[0] if found else None

    def _require(self, node: yaml.Node | None, key: str) -> _Pair:
        found = self._find(node, key)
        if found is None:
            raise Unfit
        return found

    def _step(self) -> int:
        """How many blanks one level more is indented here."""
        for line in self._lines:
            blanks = len(line) - len(line.lstrip(" "))
            if blanks and _bare(line).strip() and line.lstrip()[0] not in "#-":
                return blanks
        return _USUAL_STEP

    def _insert(self, at: int, lines: list[str]) -> None:
        if lines and at and not self._lines[at - 1].endswith(("\n", "\r")):
            self._lines[at - 1] += self._end
        self._lines[at:at] = [line + self._end for line in lines]

    def _cut(self, pair: _Pair) -> None:
        del self._lines[pair.line : self._last_line(pair) + 1]

    def _replace(self, pair: _Pair, text: str) -> None:
        """Put another value in the place of one; what follows it on its line stays."""
        start, end = pair.value.start_mark, pair.value.end_mark
        is_whole = not isinstance(pair.value, yaml.ScalarNode) or pair.value.style in ("|", ">")
        if is_whole and not getattr(pair.value, "flow_style", False):
            line = self._lines[pair.line]
            head = line[: pair.colon + 1]
            self._lines[pair.line : self._last_line(pair) + 1] = [f"{head} {text}{self._end}"]
            return
        before, after = self._lines[start.line][: start.column], self._lines[end.line][end.column :]
        blank = "" if before.endswith(" ") else " "
        self._lines[start.line : end.line + 1] = [f"{before}{blank}{text}{after}"]

    def _last_line(self, pair: _Pair) -> int:
        """The last line that says something of a pair."""
        line = max(pair.line, self._last_of(pair.value, pair))
        while line > pair.line and not self._lines[line].strip():
            line -= 1
        return line

    def _last_of(self, node: yaml.Node, pair: _Pair) -> int:
        if node.start_mark.index < pair.index:
            raise Unfit  # it is said elsewhere, and only meant here
        if isinstance(node, yaml.CollectionNode) and not node.flow_style:
            parts = [
                p for item in node.value for p in (item if isinstance(item, tuple) else [item])
            ]
            return max(self._last_of(part, pair) for part in parts)
        end: int = node.end_mark.line
        return end - 1 if node.end_mark.column == 0 and end else end


class _Pair(Struct, frozen=True):
    """A key and its value in a block of them.

    Attributes:
        line: Of the key, from 0.
        column: The same; blanks alone are before it.
        index: Where the key begins in the text.
        colon: The column of what ends the key.
    """

    key: str
    value: yaml.Node
    line: int
    column: int
    index: int
    colon: int


def _block(node: yaml.Node) -> list[_Pair]:
    """The pairs of a map that is written with a line for each."""
    if not isinstance(node, yaml.MappingNode) or node.flow_style or not node.value:
        raise Unfit
    pairs = []
    for key, value in node.value:
        start, end = key.start_mark, key.end_mark
        if not isinstance(key, yaml.ScalarNode) or start.line != end.line:
            raise Unfit
        pairs.append(_Pair(key.value, value, start.line, start.column, start.index, end.column))
    return pairs


def _lines_of(text: str) -> Iterator[str]:
    """The lines of a text with their ends, as the reader counts them."""
    position = 0
    for match in _BREAK.finditer(text):
        yield text[position : match.end()]
        position = match.end()
    if position < len(text):
        yield text[position:]


def _bare(line: str) -> str:
    return _BREAK.sub("", line)
