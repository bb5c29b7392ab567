"""What is known of the tags of some runs, and of their home, before they are changed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct


class TagCounts(Struct, frozen=True):
    """What is known of tags.

    Attributes:
        groups: Runs that have the same tags: the tags, and how many runs.
        home: All tags of the home with the number of runs.
    """

    groups: tuple[tuple[frozenset[str], int], ...]
    home: Mapping[str, int]

    @classmethod
    def of(cls, tags: Iterable[Sequence[str]], home: Mapping[str, int]) -> TagCounts:
        """The counts of some runs, given the tags of each."""
        return cls(tuple(Counter(frozenset(some) for some in tags).items()), home)

    @property
    def runs(self) -> int:
        """How many runs it is about."""
        return sum(count for _, count in self.groups)

    def having(self, tag: str) -> int:
        """How many of the runs have a tag."""
        return sum(count for tags, count in self.groups if tag in tags)

    def changed_by(self, add: Iterable[str], delete: Iterable[str]) -> int:
        """How many of the runs would have other tags."""
        added, deleted = frozenset(add), frozenset(delete)
        return sum(n for tags, n in self.groups if added - tags or deleted & tags)
