"""What is searched for plain words: one text a run, in lower case, made when first asked for.

Why: looking through the fields one by one took 135 ms for two words and 100,000 runs, most of it
for making texts of flags again at each letter that is typed. One text a run of 200 letters takes
10 ms to look through, and 25 MB. Why numbers are apart: most words can be in no number, and there
are as many different ones as runs.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from core.index.flag_columns import FlagColumns
from core.index.row import decode_comments, decode_tags
from core.text import flag_text


class TextColumn:
    """Texts by slot; those of runs that changed are made again when they are asked for.

    Args:
        fields: The stored fields.
        flags: The flags.
    """

    def __init__(self, fields: Mapping[str, Sequence[Any]], flags: FlagColumns) -> None:
        self._fields = fields
        self._flags = flags
        self._words = _Texts(self._words_of)
        self._numbers = _Texts(self._numbers_of)
        self._heads: set[str] = set()
        self._heads_seen = 0

    def may_begin_id(self, word: str) -> bool:
        """Whether some id begins like the word: most words begin with no digit of one."""
        for run_id in self._fields["id"][self._heads_seen :]:  # there are only ever more
            if run_id is None:
                break  # being added at this moment
            self._heads.add(run_id[:1])
            self._heads_seen += 1
        return word[:1] in self._heads

    def words(self) -> list[str]:
        """Operation, label, tags, comments and flags but floats, a line each. Do not change it."""
        return self._made(self._words)

    def numbers(self) -> list[str]:
        """Flags that are floats, a line each. Shared: do not change it."""
        return self._made(self._numbers)

    def forget(self, slot: int) -> None:
        """The run changed."""
        self._words.forget(slot)
        self._numbers.forget(slot)

    def clear(self) -> None:
        """All runs are others."""
        self._heads_seen = 0
        self._words.clear()
        self._numbers.clear()

    def _made(self, texts: _Texts) -> list[str]:
        size = len(self._fields["id"])
        names = self._flags.names()
        columns = [(f"{name}=", self._flags.column(name, size)) for name in sorted(names)]
        return texts.make(size, columns)

    def _words_of(self, slot: int, columns: Sequence[tuple[str, list[Any]]]) -> str:
        fields = self._fields
        label = fields["label"][slot] or ""
        parts = [fields["operation"][slot] or "", label]
        if tags := fields["tags"][slot]:
            parts += decode_tags(tags)
        if comments := fields["comments"][slot]:
            parts += [comment.body for comment in decode_comments(comments)]
        for name, column in columns:
            value = column[slot]
            if value is not None and value.__class__ is not float:
                part = name + (value if value.__class__ is str else flag_text(value))
                if part not in label:  # labels that nobody wrote are made of flags
                    parts.append(part)
        return "\n".join(parts).lower()

    def _numbers_of(self, slot: int, columns: Sequence[tuple[str, list[Any]]]) -> str:
        found = ((name, column[slot]) for name, column in columns)
        return "\n".join(f"{n}{v!r}" for n, v in found if v.__class__ is float).lower()


class _Texts:
    """A text a slot, of which some are to be made again."""

    def __init__(self, make: Callable[[int, Sequence[tuple[str, list[Any]]]], str]) -> None:
        self._make = make
        self._texts: list[str] = []
        self._asked = 0  # runs whose texts were made, or are being made
        self._stale: set[int] = set()
        self._lock = threading.Lock()

    def make(self, size: int, columns: Sequence[tuple[str, list[Any]]]) -> list[str]:
        with self._lock:
            # First: what changes while its text is made is stale again.
            self._asked = max(size, self._asked)
            stale, self._stale = self._stale, set()
            texts = self._texts
            for slot in stale:
                if slot < len(texts):
                    texts[slot] = self._make(slot, columns)
            for slot in range(len(texts), size):
                texts.append(self._make(slot, columns))
            return texts

    def forget(self, slot: int) -> None:
        if slot < self._asked:
            self._stale.add(slot)

    def clear(self) -> None:
        with self._lock:
            self._texts, self._stale, self._asked = [], set(), 0
