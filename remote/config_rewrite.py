"""Writes Guild's configuration anew with a change in it, where its lines cannot be touched alone.

ruamel.yaml keeps order, quotes and most comments; who calls this makes sure that none is lost.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.nodes import ScalarNode
from ruamel.yaml.resolver import VersionedResolver
from ruamel.yaml.scalarstring import DoubleQuotedScalarString

from remote.config_text import MARK, Unfit, is_plain

Spell = Callable[[Any], Any]


def rewritten(whole: str, change: Callable[[Any, Spell], None], *, is_empty: bool) -> str:
    """The text with a change in it.

    Args:
        whole: The text.
        change: Changes what it says; it is given how to spell values.
        is_empty: Whether nothing is left after it: then only the comments at the top stay.

    Raises:
        Unfit: It cannot be done so.
    """
    mark, end = whole[: whole.startswith(MARK)], "\r\n" if "\r\n" in whole else "\n"
    text = whole.removeprefix(MARK).replace("\r\n", "\n")
    tool = YAML(typ="rt")
    tool.Resolver = _Verbatim
    tool.preserve_quotes = True
    tool.width = 1_000_000  # long values stay on their lines
    tool.indent(*_indents(text))
    try:
        document = tool.load(text)
        document = tool.map() if document is None else document
        change(document, _spelled)
        out = io.StringIO()
        tool.dump(document, out)
    except (YAMLError, RecursionError, KeyError, TypeError) as e:
        raise Unfit from e
    # An empty map would be written as {}.
    said = text[: _start(text)] if is_empty else out.getvalue()
    return mark + said.replace("\n", end)


class _Verbatim(VersionedResolver):
    """Takes every plain value for text, so that it is written as it was.

    ruamel.yaml would understand `0e1` as a number and write `0e0`, which is another text to Guild.
    """

    def resolve(self, kind: Any, value: Any, implicit: Any) -> Any:
        """The tag of a value, for ruamel.yaml."""
        if kind is ScalarNode and implicit[0] and value not in ("", "<<"):
            return self.DEFAULT_SCALAR_TAG
        return super().resolve(kind, value, implicit)


def _spelled(value: Any) -> Any:
    if not isinstance(value, str):
        return json.dumps(value)
    return value if is_plain(value) else DoubleQuotedScalarString(value)


def _start(text: str) -> int:
    """Where the first line is that is neither blank nor a comment."""
    position = 0
    for line in text.splitlines(keepends=True):
        if line.strip() and not line.lstrip().startswith("#"):
            break
        position += len(line)
    return position


def _indents(text: str) -> tuple[int, int, int]:
    """How the file indents: maps, lists, and the dash in a list."""
    lines = [line for line in text.splitlines() if line.strip() and line.lstrip()[0] != "#"]
    indents = [len(line) - len(line.lstrip(" ")) for line in lines]
    step = next((n for n in indents if n), 2)
    for above, line, indent in zip(lines, lines[1:], indents[1:], strict=False):
        if line.lstrip().startswith("- ") and above.rstrip().endswith(":"):
            offset = indent - (len(above) - len(above.lstrip(" ")))
            return step, offset + 2, offset
    return step, step, 0
