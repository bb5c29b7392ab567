"""Changes of a run's label, with the results of `guild label`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from msgspec import Struct

from core.errors import Error, QueryError
from core.runs.label_text import default_label, render
from core.runs.label_words import LabelWords, Span, word_pattern
from core.runs.run_attrs import Change, RunAttrs, Values


class SetLabel(Struct, Change, frozen=True):
    """Replace the label.

    Attributes:
        template: The new label, with references to flags and to the old label.
    """

    template: str

    def values(self, attrs: RunAttrs) -> Values:
        """The rendered template."""
        return {"label": _rendered(self.template, attrs).strip()}


class AppendLabel(Struct, Change, frozen=True):
    """Put a text behind the label.

    Attributes:
        template: The text, as in `SetLabel`.
    """

    template: str

    def values(self, attrs: RunAttrs) -> Values:
        """The label, a blank and the rendered template."""
        return {"label": f"{attrs.label()} {_rendered(self.template, attrs)}".strip()}


class PrependLabel(Struct, Change, frozen=True):
    """Put a text before the label.

    Attributes:
        template: The text, as in `SetLabel`.
    """

    template: str

    def values(self, attrs: RunAttrs) -> Values:
        """The rendered template, a blank and the label."""
        return {"label": f"{_rendered(self.template, attrs)} {attrs.label()}".strip()}


@dataclass(frozen=True, slots=True)
class RemoveFromLabel(Change):
    """Take words out of the label.

    Attributes:
        patterns: Regular expressions, each for one word or several between blanks.
    """

    patterns: tuple[str, ...]
    _words: LabelWords = field(default_factory=LabelWords, compare=False, repr=False)

    def values(self, attrs: RunAttrs) -> Values:
        """The label without the words."""
        label = str(attrs.label())
        for pattern in self.patterns:
            check_patterns((pattern,))
            label = _without(label, self._words.find(label, pattern))
        return {"label": label.strip()}

    def close(self) -> None:
        """End the search for words."""
        self._words.close()


class ClearLabel(Struct, Change, frozen=True):
    """Let the run have no label."""

    def values(self, attrs: RunAttrs) -> Values:
        """No label."""
        return {"label": None}


class ResetLabel(Struct, Change, frozen=True):
    """Go back to the default label: all flags that are not null; none where there are none."""

    def values(self, attrs: RunAttrs) -> Values:
        """The default label."""
        return {"label": default_label(attrs.flags()) or None}


def without_word(label: str, pattern: str) -> str:
    """A label without the words that a pattern matches.

    As in Guild, of two such words beside each other one stays. Groups and alternatives within the
    pattern are kept together, where Guild leaves the word or fails.

    Raises:
        QueryError: The pattern is no regular expression. The message is a clause.
    """
    return _without(label, [match.span() for match in _word(pattern).finditer(label)])


def check_patterns(patterns: Iterable[str]) -> None:
    """Make sure that patterns for `RemoveFromLabel` are understood.

    Raises:
        QueryError: One is not.
    """
    for pattern in patterns:
        _word(pattern)


def _without(label: str, spans: Iterable[Span]) -> str:
    pieces, end = [], 0
    for start, following in spans:
        pieces.append(label[end:start])
        end = following
    return " ".join(filter(None, (piece.strip() for piece in [*pieces, label[end:]])))


def _word(pattern: str) -> re.Pattern[str]:
    try:
        re.compile(pattern)  # by itself: the positions of its errors are those that were typed
        return re.compile(word_pattern(pattern))
    except (re.error, RecursionError, OverflowError) as e:
        position = getattr(e, "pos", None) or 0
        raise QueryError(
            f"{pattern!r} is no regular expression ({getattr(e, 'msg', e)})",
            position=position,
            hint="Put a backslash before a character that is meant as it is: \\(.",
        ) from e


def _rendered(template: str, attrs: RunAttrs) -> str:
    if "${" not in template:
        return template.strip()
    values: dict[Any, Any] = attrs.flags()
    values["label"] = _old_label(template, attrs)
    return render(template, values).strip()


def _old_label(template: str, attrs: RunAttrs) -> Any:
    """The label, which need not be understood where the template does not use it."""
    try:
        return attrs.label()
    except Error:
        if "label" in template:  # default_label too
            raise
        return ""
