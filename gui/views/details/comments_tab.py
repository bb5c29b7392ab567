"""The comments on a run: who wrote what, where and when, and where to write another.

Nothing in a comment is ever taken as HTML.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from html import escape
from typing import ClassVar

from PySide6.QtCore import Qt, QTimer, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from core.clock import now_us
from core.errors import Error
from core.runs.change import AddComment, Change, DeleteComment, EditComment, author
from core.runs.run import Comment, Run
from core.text import plural
from gui.changing.commands import COMMENTING, Wording
from gui.changing.comment_drafts import MANY, CommentDrafts, Draft
from gui.changing.wanted_change import WantedChange
from gui.job_bridge import Latest
from gui.services import RunRef, Services
from gui.time_text import exact_time, is_date, relative_time
from gui.views.details.comment_box import CommentBox
from gui.views.details.details_tab import DetailsTab
from gui.views.details.fact_text import FactText, coloured, icon_link, link
from gui.views.elided_label import ElidedLabel
from gui.views.problem_line import ProblemLine
from gui.views.time_ticker import TimeTicker

MARGIN = 14
MAX_BODY = 100_000
MAX_COMMENTS = 500
MAX_NAME = 60  # letters of the label in a sentence
SCHEMES = ("http", "https", "mailto")

_ADDRESS = re.compile(r"\b(?:https?://|mailto:)[^\s<>\"'`]{1,2000}", re.I)
_AFTER = ".,;:!?"
_BRACKETS = {")": "(", "]": "[", "}": "{"}
_EDIT, _DELETE = "edit:", "delete:"
EDITING = Wording("Edit a comment of", "Editing a comment of", "Edited a comment of")
DELETING = Wording("Delete a comment of", "Deleting a comment of", "Deleted a comment of")


class CommentsTab(DetailsTab):
    """The comments, oldest first, as one page of text, over a field for another one.

    Args:
        services: Shared services.
        parent: Owner.
        clock: The present, in microseconds since 1970-01-01 UTC.
        open_url: Shows an address in its program.

    Signals:
        shown: What was read is on the page.
    """

    name: ClassVar[str] = "comments"
    title: ClassVar[str] = "Comments"
    shown = Signal()

    def __init__(
        self,
        services: Services,
        parent: QWidget | None = None,
        *,
        clock: Callable[[], int] = now_us,
        open_url: Callable[[QUrl], object] = QDesktopServices.openUrl,
    ) -> None:
        super().__init__(services, parent)
        self._clock = clock
        self._open_url = open_url
        self._comments: tuple[Comment, ...] = ()
        self._name, self._names_run = "", False  # the latter where several runs are selected
        self._drafts = CommentDrafts()
        # Whose draft was refused, which text, and why.
        self._refused: tuple[str, str, str] | None = None
        self._written: set[str] = set()  # whose drafts are being written
        self._latest = Latest(services.bridge, "details", self)
        self.problem = ProblemLine(services.theme, self, margin=MARGIN)
        self.text = FactText(services.theme, name="Comments")
        self.text.link_activated.connect(self._on_link)
        self.nothing = ElidedLabel(self, Qt.AlignmentFlag.AlignHCenter)
        self.nothing.setContentsMargins(MARGIN, 0, MARGIN, 0)
        self.nothing.setProperty("role", "muted")
        self.nothing.hide()
        self._scroll = self._new_page()
        self.box = CommentBox(self)
        self.box.hide()
        self.box.entered.connect(self._on_entered)
        self.box.given_up.connect(self._on_given_up)
        self.box.typed.connect(self._on_typed)
        services.theme.changed.connect(self._show_comments)
        self.ticker = TimeTicker(self, self._show_comments)
        self._lay_out()

    def _lay_out(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.problem)
        layout.addWidget(self.nothing, 1)
        layout.addWidget(self._scroll, 1)
        layout.addWidget(self.box)

    def _new_page(self) -> QScrollArea:
        page = QWidget()
        page_layout = QVBoxLayout(page)
        page_layout.setContentsMargins(MARGIN, MARGIN, MARGIN, MARGIN)
        page_layout.addWidget(self.text)
        page_layout.addStretch(1)
        scroll = QScrollArea(self)
        scroll.setAccessibleName("Comments on the run")
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(page)
        return scroll

    def write_comment(self) -> None:
        """Put the keyboard where a comment is typed."""
        self.box.text.setFocus(Qt.FocusReason.ShortcutFocusReason)

    # Reading

    def _load(self, run: RunRef) -> None:
        contents = run.contents
        self._latest.ask(
            "Read comments",
            lambda context: contents.run(context.check),
            self._on_read,
            self._on_error,
        )

    def _clear(self) -> None:
        self._latest.drop()
        if self.run is None:
            self._written.clear()  # the home may be left, and then nobody tells how it ended
        self._comments, self._name = (), ""
        self.problem.show_problem("")
        self.nothing.hide()
        self.text.show_html("")
        self._scroll.verticalScrollBar().setValue(0)
        self._show_box()

    def _on_read(self, run: Run) -> None:
        is_longer = 0 < len(self._comments) < len(run.comments)
        self._comments = run.comments
        named = run.label or run.operation
        words = " ".join(named[:MAX_NAME].split()) + ("…" if len(named) > MAX_NAME else "")
        self._name = f"{run.short_id}{f' · {words}' if words else ''}"
        self.problem.show_problem(run.problem if "comments" in run.problem else "")
        self._keep(self._draft().found_in(run.comments))
        self._show_comments()
        self._show_box()
        self.nothing.setVisible(not run.comments)
        self._scroll.setVisible(bool(run.comments))
        if is_longer:
            QTimer.singleShot(0, self, self._show_newest)
        self.shown.emit()

    def _on_error(self, error: Error) -> None:
        self._clear()
        self.problem.show_problem(str(error))

    # The comments

    def _show_newest(self) -> None:
        bar = self._scroll.verticalScrollBar()
        bar.setValue(bar.maximum())

    def _show_comments(self) -> None:
        now, first = self._clock(), max(0, len(self._comments) - MAX_COMMENTS)
        parts = [
            self._comment(number, comment, now)
            for number, comment in enumerate(self._comments[first:], start=first + 1)
        ]
        self._names_run = self.selected_count > 1
        whose = f" on {self._name}" if self._names_run and self._name else ""
        self.nothing.setText(f"No comments{whose}." if whose else "This run has no comments.")
        if first:
            left_out = f"{first:,} older ones are not shown"
            parts.insert(0, coloured(left_out, "muted", self.services.theme))
        if whose and parts:
            heading = coloured(f"Comments{whose}", "muted", self.services.theme)
            parts.insert(0, f'<p style="margin:0 0 12px 0">{heading}</p>')
        self.text.show_html("".join(parts))

    def _comment(self, number: int, comment: Comment, now: int) -> str:
        theme = self.services.theme
        author = f"<b>{escape(comment.user)}</b>" if comment.user else ""
        host = coloured(f"on {comment.host}", "muted", theme) if comment.host else ""
        when = ""
        if comment.time is not None:
            relative, exact = relative_time(comment.time, now), exact_time(comment.time)
            said = exact if is_date(relative) else f"{relative} · {exact}"
            when = coloured(said, "muted", theme)
        head = " ".join(part for part in (author, host) if part)
        head = coloured(" · ", "muted", theme).join(part for part in (head, when) if part)
        body = linked(comment.body[:MAX_BODY], lambda url: link(url, url, theme))
        return (
            f'<p style="margin:0 0 3px 0">{head}{self._tools(number)}</p>'
            f'<p style="margin:0 0 18px 0; white-space:pre-wrap">{body}</p>'
        )

    def _tools(self, number: int) -> str:
        """Links to change and to delete a comment."""
        if not self._can_change():
            return ""
        theme = self.services.theme
        tools = (
            icon_link("edit", f"{_EDIT}{number}", theme, "Change this comment"),
            icon_link("trash", f"{_DELETE}{number}", theme, "Delete this comment"),
        )
        return "&nbsp;&nbsp;" + "&nbsp;&nbsp;".join(tools)

    def _can_change(self) -> bool:
        return self.run is not None and self.run.can_change

    # The box

    def _on_selected(self, _count: int) -> None:
        """Other runs are selected."""
        if self.run is not None and self.selected_count > 1:
            self._drafts.spread(self.run.id)
        if self._names_run != (self.selected_count > 1):
            self._show_comments()
        self._show_box()

    def _key(self) -> str:
        """Whose draft stands in the field."""
        if self.run is None or self.selected_count > 1:
            return MANY
        return self.run.id

    def _draft(self) -> Draft:
        return self._drafts.of(self._key())

    def _keep(self, draft: Draft) -> None:
        self._drafts.keep(self._key(), draft)

    def _show_box(self) -> None:
        self.box.setVisible(self._can_change())
        draft, count = self._draft(), self.selected_count
        is_editing = draft.number is not None
        if is_editing:
            whose = f" on {self._name}" if count > 1 else ""
            verb, sentence = "Save Comment", f"Changing comment {draft.number}{whose}."
        elif count > 1:
            verb = f"Add to {plural(count, 'Run')}"
            sentence = f"{count:,} runs are selected: each of them gets the comment."
        else:
            verb, sentence = "Add Comment", ""
        self.box.set_busy(on=self._key() in self._written)
        self.box.show_task(verb, "Write a comment (Ctrl+Enter adds it)", can_cancel=is_editing)
        self.box.put(draft.text)
        if self._refused is not None and self._refused[:2] == (self._key(), draft.text):
            self.box.say(self._refused[2], "error")
        else:
            self.box.say(sentence)

    def _on_typed(self) -> None:
        if self.run is not None and self.box.body() != self._draft().text:
            self._keep(self._draft().typed(self.box.body()))

    def _on_given_up(self) -> None:
        self._keep(self._draft().without_edit())
        self._show_box()
        self.write_comment()

    def _on_entered(self, body: str) -> None:
        if self.run is None:
            return
        draft = self._draft()
        if draft.number is not None and draft.comment is not None:
            change: Change = EditComment(draft.number, body.strip(), draft.comment)
            self._want((self.run.id,), change, EDITING, body)
        else:
            change = AddComment(body.strip(), *author(os.environ))
            self._want(tuple(self.selected_ids()), change, COMMENTING, body)

    def _want(self, ids: tuple[str, ...], change: Change, wording: Wording, body: str) -> None:
        key, is_edit = self._key(), wording is EDITING
        self._written.add(key)
        self.box.set_busy(on=True)

        def tell(sentence: str) -> bool:
            self._written.discard(key)
            if not sentence and is_edit:
                self._drafts.keep(key, self._drafts.of(key).without_edit())
            elif not sentence:
                self._drafts.written(ids, body)
            self._refused = (key, body, sentence) if sentence else None
            self._show_box()
            return key == self._key() and self.box.isVisible()

        self.change_wanted.emit(WantedChange(ids, change, wording, tell))

    def _edit(self, number: int) -> None:
        self._keep(self._draft().editing(number, self._comments[number - 1]))
        self._show_box()
        self.write_comment()

    def _delete(self, number: int) -> None:
        if self.run is None:
            return
        change = DeleteComment(number, self._comments[number - 1])

        def tell(sentence: str) -> bool:
            if sentence:
                self.refresh()  # what is shown is not what is there
            return False

        self.change_wanted.emit(WantedChange((self.run.id,), change, DELETING, tell))

    # Links

    def _on_link(self, target: str) -> None:
        for prefix, do in ((_EDIT, self._edit), (_DELETE, self._delete)):
            number = target.removeprefix(prefix)
            if number != target:
                if number.isdecimal() and 0 < int(number) <= len(self._comments):
                    do(int(number))
                return
        url = QUrl(target, QUrl.ParsingMode.StrictMode)
        if url.isValid() and url.scheme().lower() in SCHEMES:
            self._open_url(url)


def linked(text: str, make_link: Callable[[str], str]) -> str:
    """The text as HTML: everything escaped, its addresses made links.

    Args:
        text: Plain text.
        make_link: HTML of a link, from the address (not escaped).
    """
    parts = []
    at = 0
    for match in _ADDRESS.finditer(text):
        address = _without_tail(match[0])
        parts += [_plain(text[at : match.start()]), make_link(address)]
        at = match.start() + len(address)
    return "".join([*parts, _plain(text[at:])])


def _without_tail(address: str) -> str:
    """An address without the punctuation of the sentence around it."""
    while address:
        last = address[-1]
        opening = _BRACKETS.get(last, "")
        is_unpaired = bool(opening) and address.count(last) > address.count(opening)
        if last not in _AFTER and not is_unpaired:
            break
        address = address[:-1]
    return address


def _plain(text: str) -> str:
    return escape(text).replace("\n", "<br>")
