"""All that can narrow a list of runs, as one value: the options of `list` and the filter box.

Every part must match; where a part has several choices (operations, labels, tags, comments,
statuses), one of them must. The answers are Guild's for the options they share, but for one: an
operation that is no operation's name to Guild (`m:train+skopt:gp`, as it lists a batch) matches
everything there, and that name here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from msgspec import Struct
from msgspec.structs import replace

from core.errors import QueryError
from core.runs.run import RunStatus

if TYPE_CHECKING:  # most commands have no expression, and need not load what understands one
    from core.index.query import Query
    from core.index.query_values import Columns
    from core.index.time_range import TimeRange

_Test = Callable[[Any], bool]
_ColumnTest = tuple[str, _Test]

NONE = "-"
"""As a label or comment to look for: runs that have none."""

_SPEC = re.compile(
    r"""(?: (?P<pkg>[^/:]+) / (?: (?P<pkg_model>[^/:?]*) : )? | (?P<model>[^/:]*) : )?
        (?P<op>[^/:]+) \Z""",
    re.VERBOSE,
)


class Filters(Struct, frozen=True):
    """What runs must be like; empty fields ask nothing.

    Attributes:
        expression: Filter expression (`-F`), see core.index.query.
        text: Words that must all occur (`--text`), see core.index.free_text.
        operations: Names (`-Fo`), by parts `[[package/]model:]operation`, `*` for any letters; or
            regular expressions where they begin with ^ or end with $.
        labels: Parts of labels (`-Fl`), or NONE.
        unlabeled: Only runs without a label (`-Fu`).
        tags: Whole tags (`-Ft`).
        comments: Parts of a comment's text, user or host regardless of case (`-Fc`), or NONE.
        marked: Only marked runs (`-Fm`).
        unmarked: Only runs without a mark (`-Fn`).
        started: When runs began (`-Fs`), see core.index.time_range.
        digest: How their source code's digest begins (`-Fd`).
        statuses: One of these (`-Sr`, `--running` and so on).
        not_statuses: None of these (`--not-running` and so on).
        trials_of: Only trials of the batch with this id.
    """

    expression: str = ""
    text: str = ""
    operations: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    unlabeled: bool = False
    tags: tuple[str, ...] = ()
    comments: tuple[str, ...] = ()
    marked: bool = False
    unmarked: bool = False
    started: str = ""
    digest: str = ""
    statuses: tuple[RunStatus, ...] = ()
    not_statuses: tuple[RunStatus, ...] = ()
    trials_of: str = ""

    @classmethod
    def of_box(cls, text: str) -> Filters:
        """What the text of the filter box asks for: an expression or words."""
        from core.index.query import is_expression

        if not text.strip():
            return cls()
        return cls(expression=text) if is_expression(text) else cls(text=text)

    @property
    def is_empty(self) -> bool:
        """Whether every run matches because nothing is asked, as by an empty part of a label."""
        asked = replace(
            self,
            operations=tuple(filter(None, self.operations)),
            labels=tuple(filter(None, self.labels)),
            comments=tuple(filter(None, self.comments)),
        )
        return asked == Filters()

    def validate(self) -> None:
        """Make sure that `select` will understand everything.

        Raises:
            QueryError: The expression or the time range is not understood, or options exclude
                each other. The position is that within the text concerned.
        """
        if self.labels and self.unlabeled:
            raise QueryError("A label and no label cannot both be asked for.", position=0)
        if self.marked and self.unmarked:
            raise QueryError("Marked and unmarked cannot both be asked for.", position=0)
        if self.expression:
            _query(self.expression)
        if self.started:
            _range(self.started)

    def select(self, columns: Columns, slots: Sequence[int], *, now: int) -> list[int]:
        """Those of `slots` whose runs match, in the same order.

        Args:
            columns: A core.index.columns.RunColumns.
            slots: The runs to look at.
            now: Current time in microseconds since 1970-01-01 UTC.

        Raises:
            QueryError: As `validate`, or the time range leads out of the calendar.
        """
        self.validate()
        left = list(slots)
        for key, test in self._tests():
            column = columns.values(key)
            left = [s for s in left if test(column[s])]
        if self.started:
            left = _select_started(columns, left, self.started, now)
        if self.expression:
            left = _query(self.expression).select(columns, left, now=now)
        if not self.text:
            return left
        from core.index.free_text import select_text

        return select_text(columns, left, self.text)

    def _tests(self) -> list[_ColumnTest]:
        """Those of the simple parts that are asked."""
        wanted, unwanted = frozenset(self.statuses), frozenset(self.not_statuses)
        tags, digest = self.tags, self.digest
        parts: list[tuple[object, str, _Test]] = [
            (wanted, "status", lambda status: status in wanted),
            (unwanted, "status", lambda status: status not in unwanted),
            (self.marked, "marked", bool),
            (self.unmarked, "marked", lambda marked: not marked),
            (self.operations, "operation", _operation_test(self.operations)),
            (self.labels or self.unlabeled, "label", _label_test(self.labels or (NONE,))),
            (tags, "tags", _tag_test(tags)),
            (self.comments, "comments", _comment_test(self.comments)),
            (digest, "sourcecode_digest", lambda found: (found or "").startswith(digest)),
            (self.trials_of, "batch", lambda batch: batch == self.trials_of),
        ]
        return [(key, test) for asked, key, test in parts if asked]


@lru_cache(maxsize=256)
def _query(text: str) -> Query:
    from core.index.query import parse

    return parse(text)


def _range(text: str) -> TimeRange:
    from core.index.time_range import parse_range

    return parse_range(text)


def _select_started(columns: Columns, slots: list[int], text: str, now: int) -> list[int]:
    """By start, else by when the run was made; runs with neither never match."""
    start, end = _range(text).span(now)
    started, made = columns.values("started"), columns.values("initialized")
    timed = ((s, started[s] or made[s]) for s in slots)
    return [
        s
        for s, time in timed
        if time and (start is None or time >= start) and (end is None or time < end)
    ]


def _label_test(labels: tuple[str, ...]) -> _Test:
    def matches(label: str | None) -> bool:
        text = (label or "").strip()
        return any(not text if part == NONE else part in text for part in labels)

    return matches


def _tag_test(tags: tuple[str, ...]) -> _Test:
    @lru_cache(maxsize=10_000)
    def matches(found: tuple[str, ...] | None) -> bool:
        return any(tag in (found or ()) for tag in tags)

    return matches


def _comment_test(comments: tuple[str, ...]) -> _Test:
    parts = [part.lower() for part in comments]

    def matches(found: Any) -> bool:
        text = "\n".join(f"{c.user}\n{c.host}\n{c.body}" for c in found or ()).lower()
        return any(not text if part == NONE else part in text for part in parts)

    return matches


def _operation_test(names: tuple[str, ...]) -> _Test:
    @lru_cache(maxsize=10_000)
    def matches(operation: str | None) -> bool:
        return any(_is_operation(name, operation or "") for name in names)

    return matches


def _is_operation(wanted: str, operation: str) -> bool:
    if wanted.startswith("^") or wanted.endswith("$"):
        try:
            return re.search(wanted, operation) is not None
        except re.error:
            return False
    asked = _parts(wanted)
    if asked is None:
        return fnmatchcase(operation, wanted)
    found = _parts(operation) or ("", "", "")
    return all(
        not part or (name and (fnmatchcase(name, part) if "*" in part else name == part))
        for part, name in zip(asked, found, strict=True)
    )


def _parts(name: str) -> tuple[str, str, str] | None:
    """Package, model and operation; None where a name has not this form."""
    match = _SPEC.match(name)
    if match is None:
        return ("", "", "") if not name else None
    return match["pkg"] or "", match["pkg_model"] or match["model"] or "", match["op"]
