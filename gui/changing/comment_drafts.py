"""Comments that were typed and are not written yet, kept for each run."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct
from msgspec.structs import replace

from core.runs.run import Comment

MANY = ""
"""In place of a run's id: the comment for all selected runs."""


class Draft(Struct, frozen=True):
    """What is being typed about one run.

    Attributes:
        new: A new comment.
        number: Of the comment that is being changed, from 1; None for none.
        comment: That comment as it was when the user began.
        edited: What is to become of its text.
    """

    new: str = ""
    number: int | None = None
    comment: Comment | None = None
    edited: str = ""

    @property
    def text(self) -> str:
        """What stands in the field."""
        return self.new if self.number is None else self.edited

    def typed(self, text: str) -> Draft:
        """The same with another text in the field."""
        if self.number is None:
            return replace(self, new=text)
        return replace(self, edited=text)

    def editing(self, number: int, comment: Comment) -> Draft:
        """The same, with the text of a comment in the field."""
        return Draft(self.new, number, comment, comment.body)

    def without_edit(self) -> Draft:
        """Back to the new comment."""
        return Draft(self.new)

    def found_in(self, comments: tuple[Comment, ...]) -> Draft:
        """The same where other comments came or went: the one being changed by its new number."""
        if self.comment is None or self.number is None:
            return self
        if comments[self.number - 1 : self.number] == (self.comment,):
            return self
        if comments.count(self.comment) == 1:
            return replace(self, number=comments.index(self.comment) + 1)
        return self


class CommentDrafts:
    """Drafts by run id."""

    def __init__(self) -> None:
        self._drafts: dict[str, Draft] = {}

    def of(self, run_id: str) -> Draft:
        """The draft of a run; an empty one where nothing was typed."""
        return self._drafts.get(run_id, Draft())

    def keep(self, run_id: str, draft: Draft) -> None:
        """Remember a draft."""
        if draft == Draft():
            self._drafts.pop(run_id, None)
        else:
            self._drafts[run_id] = draft

    def spread(self, run_id: str) -> None:
        """More runs were selected: what was typed for one is for all, where nothing was yet."""
        if not self.of(MANY).new:
            self.keep(MANY, Draft(self.of(run_id).new))

    def written(self, run_ids: Iterable[str], body: str) -> None:
        """A new comment on these runs was written: it is no draft of theirs any more."""
        for run_id in (*run_ids, MANY):
            draft = self.of(run_id)
            if draft.new.strip() == body.strip():
                self.keep(run_id, replace(draft, new=""))
