"""Finding the words of a label that a pattern matches, in a time that has an end.

Why not always here: a pattern such as `(a+)+b` can search a short label without end, and Python
holds its lock meanwhile, so that a window which shows the result while the pattern is typed would
freeze. Such patterns are asked in a process that can be ended (`core.runs.output_matchers`). A
pattern with one repetition at most, of a single character, on a label of ordinary length ends
within some hundredths of a second at worst (measured), and most are of this kind.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec import Struct, field

from core.errors import QueryError

if TYPE_CHECKING:
    from core.runs.output_matchers import RegexMatcher

LONGEST = 2000
"""So many characters of a label are searched here."""

_LONGEST_PATTERN, _MOST_GROUPS = 200, 3
_CHARACTER = re.compile(r"\\[^1-9]|\[\^?\]?(?:\\.|[^\]\\])*\]", re.DOTALL)  # an escape or a set
_BACK = re.compile(r"\\|\(\?P=")
_REPEATS = re.compile(r"(?<!\()[*+?{]")

Span = tuple[int, int]


def word_pattern(pattern: str) -> str:
    """The expression that finds `pattern` between blanks."""
    return rf"(?:^|\s)(?:{pattern})(?:$|\s)"


def is_quick(pattern: str, label: str) -> bool:
    """Whether the search of a label for a pattern is certain to end soon."""
    bare = _CHARACTER.sub("x", pattern)
    if _BACK.search(bare) or len(label) > LONGEST or len(pattern) > _LONGEST_PATTERN:
        return False
    if "|" in bare and bare.count("(") > _MOST_GROUPS:  # each doubles the ways to try
        return False
    repeats = [match.start() for match in _REPEATS.finditer(bare)]
    return not repeats or (len(repeats) == 1 and bare[repeats[0] - 1 : repeats[0]] != ")")


class LabelWords(Struct):
    """Finds the words of labels; starts a process where a pattern needs one. For one thread."""

    _matchers: dict[str, RegexMatcher] = field(default_factory=dict)

    def find(self, label: str, pattern: str) -> list[Span]:
        """Beginning and end of each match of `word_pattern(pattern)`, which must be understood.

        Raises:
            QueryError: It takes too long. The message is a clause.
            Cancelled: This was closed meanwhile.
        """
        if is_quick(pattern, label):
            return [match.span() for match in re.finditer(word_pattern(pattern), label)]
        try:
            return [found[1:] for found in self._matcher(pattern).find_whole(label)]
        except QueryError as e:
            raise QueryError(
                f"{pattern!r} takes too long on its label",
                position=0,
                length=len(pattern),
                hint=e.hint,
            ) from e

    def close(self) -> None:
        """End the processes; the next question starts one again."""
        while self._matchers:
            self._matchers.popitem()[1].close()

    def _matcher(self, pattern: str) -> RegexMatcher:
        from core.runs.output_matchers import Needle, RegexMatcher  # most need no process

        if pattern not in self._matchers:
            needle = Needle(word_pattern(pattern), ignore_case=False, is_regex=True)
            self._matchers[pattern] = RegexMatcher(needle)
        return self._matchers[pattern]
