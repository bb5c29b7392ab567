"""Changes of a run's tags and of its mark, with the results of `guild tag` and `guild mark`."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Sequence
from typing import Any

from msgspec import Struct

from core.errors import RunDamaged
from core.runs.change_label import without_word
from core.runs.run_attrs import Change, RunAttrs, Values
from core.runs.run_reading import text_of


class ChangeTags(Struct, Change, frozen=True):
    """Take tags away and add others; all tags are sorted then.

    Attributes:
        add: Tags to add.
        delete: Tags to take away, before others are added.
        clear: Take all away before others are added.
        sync_labels: Take the tags that go out of the label too, and put those that come before it.
    """

    add: tuple[str, ...] = ()
    delete: tuple[str, ...] = ()
    clear: bool = False
    sync_labels: bool = False

    def values(self, attrs: RunAttrs) -> Values:
        """The new tags, and the label where it is to follow."""
        old = [] if self.clear and not self.sync_labels else _tags(attrs)
        gone = list(map(tag_text, old)) if self.clear else list(self.delete)
        kept = [] if self.clear else [tag for tag in old if tag_text(tag) not in self.delete]
        tags = {"tags": _sorted_tags([*kept, *self.add])}
        if not self.sync_labels:
            return tags
        return tags | {"label": _synced(str(attrs.label()), self.add, gone)}


class RenameTag(Struct, Change, frozen=True):
    """Call a tag otherwise; a run without it stays as it is.

    Attributes:
        old: The tag.
        new: Its new name; a tag of that name is not doubled.
        sync_labels: Replace it in the label too, where it stands there as a word.
    """

    old: str
    new: str
    sync_labels: bool = False

    def values(self, attrs: RunAttrs) -> Values:
        """The tags with the new name."""
        tags = _tags(attrs)
        if self.old not in map(tag_text, tags):
            return {}
        kept = [tag for tag in tags if tag_text(tag) != self.old]
        values: dict[str, Any] = {"tags": _sorted_tags([*kept, self.new])}
        label = str(attrs.label()) if self.sync_labels else ""
        renamed = _renamed_word(label, self.old, self.new)
        return values if renamed == label else values | {"label": renamed}


class SetMark(Struct, Change, frozen=True):
    """Mark a run, or take its mark away.

    Attributes:
        on: Whether it is to be marked.
    """

    on: bool

    def values(self, attrs: RunAttrs) -> Values:
        """The mark; a run that is not marked has no such attribute."""
        return {"marked": True if self.on else None}


def tag_text(tag: Any) -> str:
    """A tag as it is shown: tags that were written by hand may be numbers, dates or nothing."""
    return text_of(tag)


def _tags(attrs: RunAttrs) -> list[Any]:
    """The stored tags; a single one that is no list counts as one.

    Raises:
        RunDamaged: They are a map, or cannot be understood.
    """
    tags = attrs.value("tags")
    if isinstance(tags, dict):
        raise RunDamaged("attribute tags is not a list")
    return list(tags) if isinstance(tags, list) else [] if tags is None else [tags]


def _sorted_tags(tags: Sequence[Any]) -> list[Any]:
    """Each tag once, sorted; those that are no texts by what they look like, where need be."""
    once = list({tag_text(tag): tag for tag in reversed(tags)}.values())
    try:
        return sorted(once)
    except TypeError:
        return sorted(once, key=tag_text)


def _synced(label: str, add: Iterable[str], gone: Iterable[str]) -> str:
    """The label after its tags: as in Guild, a blank stays behind tags that stand alone."""
    new = label
    for tag in dict.fromkeys(gone):
        new = without_word(new, re.escape(tag))
    words = _words(label)
    missing = [tag for tag in add if tag not in words]
    return f"{' '.join(missing)} {new}" if missing else new


def _words(label: str) -> list[str]:
    """Words of a label, those in quotes as one; Guild fails where quotes are not closed."""
    try:
        return shlex.split(label)
    except ValueError:
        return label.split()


def _renamed_word(label: str, old: str, new: str) -> str:
    return re.sub(rf"(?<!\S){re.escape(old)}(?!\S)", lambda _: new, label)
