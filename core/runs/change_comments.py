"""Changes of a run's comments, with the results of `guild comment`; editing is ours.

A comment is found by its number, counted from 1. Who changes one that was shown says which it was:
another program may have deleted one before it meanwhile.
"""

from __future__ import annotations

import socket
from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from core.clock import now_us
from core.errors import RunError
from core.runs.run import Comment
from core.runs.run_attrs import Change, RunAttrs, Values
from core.runs.run_reading import comment_of


class AddComment(Struct, Change, frozen=True):
    """Add a comment behind the others.

    Attributes:
        body: Its text, whose lines are kept.
        user: Who writes it; see `author`.
        host: On which machine.
        time: When, in microseconds since 1970-01-01 UTC; None for the time of writing.
    """

    body: str
    user: str
    host: str
    time: int | None = None

    def values(self, attrs: RunAttrs) -> Values:
        """The comments and the new one."""
        written = now_us() if self.time is None else self.time
        body = self.body.strip()
        if not body:
            raise RunError("the comment is empty")
        new = {"body": body, "user": self.user, "host": self.host, "time": written}
        return {"comments": [*attrs.items("comments"), new]}


class EditComment(Struct, Change, frozen=True):
    """Replace the text of a comment; everything else that is recorded of it stays.

    Attributes:
        number: Which, counted from 1.
        body: The new text.
        expected: The comment that is meant; None for whichever has the number.
    """

    number: int
    body: str
    expected: Comment | None = None

    def values(self, attrs: RunAttrs) -> Values:
        """The comments with the new text."""
        comments = attrs.items("comments")
        place = _place(comments, self.number, self.expected)
        comments[place] = {**comments[place], "body": self.body.strip()}
        if not self.body.strip():
            raise RunError("the comment is empty")
        return {"comments": comments}


class DeleteComment(Struct, Change, frozen=True):
    """Take a comment away.

    Attributes:
        number: Which, counted from 1.
        expected: The comment that is meant; None for whichever has the number.
    """

    number: int
    expected: Comment | None = None

    def values(self, attrs: RunAttrs) -> Values:
        """The other comments; an empty list after the last, as Guild leaves it."""
        comments = attrs.items("comments")
        del comments[_place(comments, self.number, self.expected)]
        return {"comments": comments}


class ClearComments(Struct, Change, frozen=True):
    """Take all comments away."""

    def values(self, attrs: RunAttrs) -> Values:
        """No comments."""
        return {"comments": None}


def author(environ: Mapping[str, str], named: str = "") -> tuple[str, str]:
    """User and host of a new comment, by Guild's rules.

    Args:
        environ: The environment of the process.
        named: USER or USER@HOST as the user gave it; empty for the current user.
    """
    host = environ.get("HOST") or socket.gethostname()
    if not named:
        return environ.get("USER", ""), host
    user, _, named_host = named.partition("@")
    return user, named_host or host


def _place(comments: list[Any], number: int, expected: Comment | None) -> int:
    """Index of a comment in the list, which may hold other things too.

    Raises:
        RunError: There is none of that number, or it is another one.
    """
    places = [place for place, item in enumerate(comments) if isinstance(item, dict)]
    if not 1 <= number <= len(places):
        has = f"no comment {number}, only {len(places)}" if places else "no comments"
        raise RunError(f"it has {has}")
    place = places[number - 1]
    if expected is not None and comment_of(comments[place]) != expected:
        raise RunError(f"its comment {number} is another one now")
    return place
