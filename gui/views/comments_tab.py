"""The comments on a run: who wrote what, where and when. Nothing in them is ever taken as HTML."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from html import escape
from typing import ClassVar

from PySide6.QtCore import Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFrame, QLabel, QScrollArea, QVBoxLayout, QWidget

from core.errors import Error
from core.runs.run import Comment, Run
from core.runs.store import Store
from gui.job_bridge import Latest
from gui.services import RunRef, Services
from gui.time_text import exact_time, relative_time
from gui.views.details_tab import DetailsTab
from gui.views.fact_text import FactText, coloured, link
from gui.views.problem_line import ProblemLine

MARGIN = 14
MAX_BODY = 100_000
MAX_COMMENTS = 500
SCHEMES = ("http", "https", "mailto")

_ADDRESS = re.compile(r"\b(?:https?://|mailto:)[^\s<>\"'`]{1,2000}", re.I)
_AFTER = ".,;:!?"
_BRACKETS = {")": "(", "]": "[", "}": "{"}


class CommentsTab(DetailsTab):
    """The comments, oldest first, as one page of text.

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
        clock: Callable[[], int] = lambda: time.time_ns() // 1000,
        open_url: Callable[[QUrl], object] = QDesktopServices.openUrl,
    ) -> None:
        super().__init__(services, parent)
        self._clock = clock
        self._open_url = open_url
        self._comments: tuple[Comment, ...] = ()
        self._latest = Latest(services.bridge, "details", self)
        self.problem = ProblemLine(services.theme, self, margin=MARGIN)
        self.text = FactText(services.theme, name="Comments")
        self.text.link_activated.connect(self._on_link)
        self.nothing = QLabel("No comments.", self, alignment=Qt.AlignmentFlag.AlignCenter)
        self.nothing.setProperty("role", "muted")
        self.nothing.hide()
        self._scroll = self._new_page()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.problem)
        layout.addWidget(self.nothing, 1)
        layout.addWidget(self._scroll, 1)
        services.theme.changed.connect(self._show_comments)

    def _new_page(self) -> QScrollArea:
        page = QWidget()
        page_layout = QVBoxLayout(page)
        page_layout.setContentsMargins(MARGIN, MARGIN, MARGIN, MARGIN)
        page_layout.addWidget(self.text)
        page_layout.addStretch(1)
        scroll = QScrollArea(self)
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(page)
        return scroll

    def _load(self, run: RunRef) -> None:
        store = Store(run.path.parent)
        name = run.path.name
        self._latest.ask(
            "Read comments",
            lambda _: store.read(name, scalars=None),
            self._on_read,
            self._on_error,
        )

    def _clear(self) -> None:
        self._latest.drop()
        self._comments = ()
        self.problem.show_problem("")
        self.nothing.hide()
        self.text.show_html("")
        self._scroll.verticalScrollBar().setValue(0)

    def _on_read(self, run: Run) -> None:
        self._comments = run.comments
        self.problem.show_problem(run.problem if "comments" in run.problem else "")
        self._show_comments()
        self.nothing.setVisible(not run.comments)
        self._scroll.setVisible(bool(run.comments))
        self.shown.emit()

    def _on_error(self, error: Error) -> None:
        self._clear()
        self.problem.show_problem(str(error))

    def _show_comments(self) -> None:
        now = self._clock()
        parts = [self._comment(comment, now) for comment in self._comments[-MAX_COMMENTS:]]
        left_out = len(self._comments) - len(parts)
        if left_out > 0:
            parts.insert(
                0, coloured(f"{left_out:,} older ones are not shown", "muted", self.services.theme)
            )
        self.text.show_html("".join(parts))

    def _comment(self, comment: Comment, now: int) -> str:
        theme = self.services.theme
        author = f"<b>{escape(comment.user)}</b>" if comment.user else ""
        host = coloured(f"on {comment.host}", "muted", theme) if comment.host else ""
        when = ""
        if comment.time is not None:
            said = f"{relative_time(comment.time, now)} · {exact_time(comment.time)}"
            when = coloured(said, "muted", theme)
        head = " ".join(part for part in (author, host) if part)
        head = coloured(" · ", "muted", theme).join(part for part in (head, when) if part)
        body = linked(comment.body[:MAX_BODY], lambda url: link(url, url, theme))
        return (
            f'<p style="margin:0 0 3px 0">{head}</p>'
            f'<p style="margin:0 0 18px 0; white-space:pre-wrap">{body}</p>'
        )

    def _on_link(self, target: str) -> None:
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
