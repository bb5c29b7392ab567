"""Merging what people wrote about a run elsewhere into the run here: nothing of either is lost.

Label: the one here, unless it has none. Tags: all of both. Mark: when either has it. Comments: all
of both, each once, by their times. Files and other attributes of the run here stay as they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from msgspec import Struct

from core.archives.source import RunSource
from core.runs.change_tags import ChangeTags
from core.runs.run_attrs import Change, RunAttrs, Values


class Merge(Struct, Change, frozen=True):
    """What people wrote about the same run elsewhere.

    Attributes:
        label: Its label; empty without one.
        tags: Its tags.
        comments: Records of its comments.
        marked: Whether it is marked.
    """

    label: str = ""
    tags: tuple[str, ...] = ()
    comments: tuple[Any, ...] = ()
    marked: bool = False

    def values(self, attrs: RunAttrs) -> Values:
        """The attributes of both together; those that stay as they are are not named."""
        values: dict[str, Any] = {}
        if self.label and not attrs.label():
            values["label"] = self.label
        own_tags = attrs.items("tags")
        if set(self.tags) - {str(tag) for tag in own_tags}:
            values.update(ChangeTags(add=self.tags).values(attrs))
        own = attrs.items("comments")
        more = [comment for comment in self.comments if comment not in own]
        if more:
            values["comments"] = sorted([*own, *more], key=_time_of)
        if self.marked and not attrs.value("marked"):
            values["marked"] = True
        return values


def merge_of(source: RunSource, run_id: str) -> Merge:
    """What people wrote about a run of a source.

    Raises:
        RunDamaged: An attribute cannot be read. The message is a clause.
    """
    label = source.attr(run_id, "label")
    return Merge(
        label=label if isinstance(label, str) else "",
        tags=tuple(str(tag) for tag in _items(source.attr(run_id, "tags"))),
        comments=tuple(c for c in _items(source.attr(run_id, "comments")) if isinstance(c, dict)),
        marked=bool(source.attr(run_id, "marked")),
    )


def _items(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list) else ()


def _time_of(comment: Any) -> int:
    time = comment.get("time") if isinstance(comment, dict) else None
    return time if isinstance(time, int) else 0
