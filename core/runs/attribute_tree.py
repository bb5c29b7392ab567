"""Every attribute of a run as a tree of short texts, however large or damaged they are.

Why built here and not while it is shown: an attribute may hold a million items; what is shown is
bounded once, on a worker thread, and the view has nothing to guard against.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from core.errors import RunDamaged
from core.runs.attrs import list_attrs, read_attr
from core.text import flag_text, natural_key, plural

FIRST = ("env", "platform", "pip_freeze")
"""Attributes that people look for; they come first, in this order."""

MAX_TEXT = 1000
MAX_CHILDREN = 5000
MAX_NODES = 50_000
MAX_DEPTH = 30
MAX_WHOLE = 1_000_000


@dataclass(frozen=True, slots=True)
class AttrNode:
    """One name and value.

    Attributes:
        name: Attribute, key, or place in a list (from 1).
        text: The value on one line, shortened; of a collection how many it holds.
        children: What a collection holds, as far as it is shown.
        value: The value itself.
        problem: One sentence on why it cannot be read; empty when it can.
    """

    name: str
    text: str
    children: tuple[AttrNode, ...] = ()
    value: Any = field(default=None, compare=False)
    problem: str = ""


def read_attribute_tree(
    run_dir: Path, check: Callable[[], None] = lambda: None
) -> tuple[AttrNode, ...]:
    """Read all attributes of a run; what cannot be read is a node with a problem.

    Args:
        run_dir: The run's directory.
        check: Called between attributes; raises to stop.
    """
    builder = _Builder()
    nodes = []
    for name in sorted(list_attrs(run_dir), key=_rank):
        check()
        try:
            nodes.append(builder.node(name, read_attr(run_dir, name), 0))
        except RunDamaged as e:
            problem = str(e)
            sentence = f"{problem[:1].upper()}{problem[1:]}."
            nodes.append(AttrNode(name, sentence, problem=sentence))
    return tuple(nodes)


def search_nodes(nodes: Iterable[AttrNode], words: Iterable[str]) -> tuple[AttrNode, ...]:
    """The nodes in whose name, text or path all words are found, with those that hold them.

    Args:
        nodes: What to search.
        words: In lower case (`str.casefold`); a word found in a node's name holds for all below.
    """
    return tuple(_matching(nodes, frozenset(words)))


def whole_text(node: AttrNode) -> str:
    """All of a value: a text as it is, a collection in indented lines as in YAML."""
    if node.problem:
        return node.problem
    lines = _lines(node.value, 0)
    text, size = [], 0
    for line in lines:
        text.append(line)
        size += len(line)
        if size > MAX_WHOLE:
            return "\n".join(text)[:MAX_WHOLE] + "\n…"
    return "\n".join(text)


def _rank(name: str) -> tuple[int, object]:
    return (FIRST.index(name) if name in FIRST else len(FIRST), natural_key(name))


class _Builder:
    """Makes nodes, no more than MAX_NODES of them."""

    def __init__(self) -> None:
        self._left = MAX_NODES

    def node(self, name: str, value: Any, depth: int) -> AttrNode:
        self._left -= 1
        if isinstance(value, dict):
            items = ((str(key), each) for key, each in value.items())
            text = plural(len(value), "entry", "entries")
            return AttrNode(name, text, self._children(items, len(value), depth), value)
        if isinstance(value, (list, tuple, set)):
            items = ((str(place), each) for place, each in enumerate(value, 1))
            text = plural(len(value), "item")
            return AttrNode(name, text, self._children(items, len(value), depth), value)
        return AttrNode(name, _short(value), value=value)

    def _children(
        self, items: Iterator[tuple[str, Any]], count: int, depth: int
    ) -> tuple[AttrNode, ...]:
        if depth >= MAX_DEPTH:
            return ()
        children: list[AttrNode] = []
        for name, value in items:
            if len(children) >= MAX_CHILDREN or self._left <= 0:
                break
            children.append(self.node(name, value, depth + 1))
        left_out = count - len(children)
        if left_out:
            children.append(AttrNode("…", f"{left_out:,} more are not shown"))
        return tuple(children)


def _short(value: Any) -> str:
    text = value if isinstance(value, str) else flag_text(value)
    line = " ".join(text[: MAX_TEXT * 2].split()) if isinstance(value, str) else text
    return line if len(line) <= MAX_TEXT else f"{line[:MAX_TEXT]}…"


def _matching(nodes: Iterable[AttrNode], words: frozenset[str]) -> Iterator[AttrNode]:
    for node in nodes:
        name = node.name.casefold()
        below = frozenset(word for word in words if word not in name)
        text = node.text.casefold()
        if not below or (not node.children and all(word in text for word in below)):
            yield node
            continue
        children = tuple(_matching(node.children, below))
        if children:
            yield AttrNode(node.name, node.text, children, node.value, node.problem)


def _lines(value: Any, depth: int) -> Iterator[str]:
    indent = "  " * depth
    if depth > MAX_DEPTH:
        yield f"{indent}…"
    elif isinstance(value, dict) and value:
        for key, each in value.items():
            yield from _entry(f"{indent}{key}:", each, depth)
    elif isinstance(value, (list, tuple, set)) and value:
        for each in value:
            yield from _entry(f"{indent}-", each, depth)
    elif isinstance(value, str):
        yield from (f"{indent}{line}" for line in (value.split("\n") if value else [""]))
    else:
        yield f"{indent}{flag_text(value)}"


def _entry(head: str, value: Any, depth: int) -> Iterator[str]:
    is_nested = isinstance(value, (dict, list, tuple, set)) and bool(value)
    if is_nested or (isinstance(value, str) and "\n" in value):
        yield head
        yield from _lines(value, depth + 1)
    else:
        yield f"{head} {value if isinstance(value, str) else flag_text(value)}"
