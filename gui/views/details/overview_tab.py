"""The overview: one page that says what a run is, how it goes, and where it comes from.

Why one job for the page and another for the curve: the facts are there in a few milliseconds,
whatever the size of the event files.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QHideEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from core.clock import now_us
from core.errors import Error
from core.index.columns import RunColumns
from core.jobs import JobContext
from core.runs.contents import RunContents
from core.runs.details import Details
from core.runs.processes import ProcessFacts, ProcessWatch
from core.runs.run import Run
from gui.file_manager import open_path, reveal_path
from gui.job_bridge import Latest
from gui.services import RunRef, Services
from gui.table.automatic_labels import AutomaticLabels
from gui.tool_tip import plain_tip
from gui.views.details.chip_row import ChipRow
from gui.views.details.details_tab import DetailsTab, RunLookup
from gui.views.details.fact_sheet import CodeBlock, FactSheet, IconButton, Section, heading_font
from gui.views.details.fact_text import FactText
from gui.views.details.glance_curve import BLANK_MS, GlanceCurve
from gui.views.details.label_heading import LabelHeading
from gui.views.details.overview_text import COPY, RUN, TAB, OverviewText
from gui.views.follow_timer import FollowTimer
from gui.views.problem_line import ProblemLine
from gui.views.time_ticker import TimeTicker

TICK_MS = 1000
MARGIN = 14
LONG_LABEL = 60

FACTS: tuple[tuple[str, Callable[[OverviewText], str]], ...] = (
    ("Status", OverviewText.status),
    ("Started", OverviewText.started),
    ("Stopped", OverviewText.stopped),
    ("Flags", OverviewText.flags),
    ("Part of", OverviewText.parent),
    ("Made by", OverviewText.origin),
    ("Source", OverviewText.source),
    ("Commit", OverviewText.commit),
    ("Comments", OverviewText.comments),
)
_OF_TIME = frozenset({"Status", "Started", "Stopped"})


class OverviewTab(DetailsTab):
    """The page about one run; follows it while it is going on.

    Args:
        services: Shared services.
        parent: Owner.
        lookup: What the index knows of other runs; may be set later as well.
        clock: The present, in microseconds since 1970-01-01 UTC.

    Signals:
        shown: What was read is on the page.
    """

    name: ClassVar[str] = "overview"
    title: ClassVar[str] = "Overview"
    shown = Signal()

    def __init__(
        self,
        services: Services,
        parent: QWidget | None = None,
        *,
        lookup: RunLookup | None = None,
        clock: Callable[[], int] = now_us,
    ) -> None:
        super().__init__(services, parent)
        self.lookup = lookup
        self._clock = clock
        self._details: Details | None = None
        self._shown_label = ""
        self._process: ProcessFacts | None = None
        self._watch = ProcessWatch()
        self._latest = Latest(services.bridge, "details", self)
        self._follow = FollowTimer(self, self.refresh)
        self._tick = QTimer(self, interval=TICK_MS)
        self._tick.timeout.connect(self._show_times)
        self._blank = QTimer(self, interval=BLANK_MS, singleShot=True)
        self._blank.timeout.connect(self._show_nothing)
        self._build()
        self.ticker = TimeTicker(self, self._show_times)
        services.theme.changed.connect(self._show_details)

    def _build(self) -> None:
        """Everything in its parent from the beginning: Qt dresses what moves a second time."""
        theme, page = self.services.theme, self._make_page()
        self.problem = ProblemLine(theme, page, margin=0)
        self.label = LabelHeading(theme, page)
        self.heading = self.label.text
        self.tags = ChipRow(theme, page)
        self.subtitle = FactText(theme, page, name="Run")
        self.facts = FactSheet(theme, page)
        for caption, _ in FACTS:
            self.facts.add_fact(caption).link_activated.connect(self._on_link)
        related = FactText(theme, page, name="Trials or steps")
        dependencies = FactText(theme, page, name="Dependencies")
        for body in (related, dependencies):
            body.link_activated.connect(self._on_link)
        self.related = Section("", related, page)
        self.curve = GlanceCurve(self.services, page)
        output, command, directory = (
            CodeBlock(theme, name, page)
            for name in ("Last lines of output", "Command", "Directory")
        )
        self.output = Section("Output", output, page)
        self.dependencies = Section("Dependencies", dependencies, page)
        self.command = Section("Command", command, page)
        self.directory = Section("Directory", directory, page)
        self._add_tools()
        self._lay_out()
        self.tags.tag_clicked.connect(self.tag_requested)
        self.label.label_typed.connect(self.label_typed)
        self.label.dialog_wanted.connect(lambda: self.action_requested.emit("run.label"))
        self.label.tags_wanted.connect(lambda: self.action_requested.emit("run.tag"))

    def _make_page(self) -> QWidget:
        self._scroll = QScrollArea(self)
        self._scroll.setAccessibleName("Overview of the run")
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._page = QWidget(self._scroll)
        self._scroll.setWidget(self._page)
        self._page.hide()
        return self._page

    def _lay_out(self) -> None:
        page = QVBoxLayout(self._page)
        page.setContentsMargins(MARGIN, MARGIN, MARGIN, MARGIN)
        page.setSpacing(4)
        for widget in (self.problem, self.label, self.tags, self.subtitle):
            page.addWidget(widget)
        sections = (
            self.facts,
            self.related,
            self.curve,
            self.output,
            self.dependencies,
            self.command,
            self.directory,
        )
        for section in sections:
            section.setContentsMargins(0, 8, 0, 0)  # one that is hidden leaves no gap
            page.addWidget(section)
        page.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._scroll)

    def _add_tools(self) -> None:
        self._disk_tools: list[IconButton] = []
        tools: tuple[tuple[Section, str, str, Callable[[], object]], ...] = (
            (self.output, "log", "Show all output", lambda: self.tab_requested.emit("output")),
            (self.command, "copy", "Copy the command", self.copy_command),
            (self.directory, "folder-open", "Open the directory", self.open_directory),
            (self.directory, "reveal", "Show it in the file manager", self.reveal_directory),
            (self.directory, "copy", "Copy the path", self.copy_directory),
        )
        for section, icon, name, slot in tools:
            button = IconButton(self.services.theme, icon, name, section)
            button.clicked.connect(lambda _=False, slot=slot: slot())
            section.add_tool(button)
            if icon in ("folder-open", "reveal"):
                self._disk_tools.append(button)

    def choices(self) -> dict[str, Any]:
        return self.curve.choices()

    def set_choices(self, choices: Mapping[str, Any]) -> None:
        self.curve.set_choices(choices)

    def copy_command(self) -> None:
        """Copy the whole command, quoted for a shell."""
        if self._details is not None:
            QGuiApplication.clipboard().setText(shlex.join(self._details.run.cmd))

    def copy_directory(self) -> None:
        """Copy the path of the run's directory."""
        if self.run is not None:
            QGuiApplication.clipboard().setText(str(self.run.path))

    def open_directory(self) -> None:
        """Open the run's directory in the file manager."""
        if self.run is not None:
            open_path(self.run.path)

    def reveal_directory(self) -> None:
        """Show the run's directory selected in its parent."""
        if self.run is not None:
            reveal_path(self.run.path)

    def _load(self, run: RunRef) -> None:
        parent = self.lookup.parent(run.id) if self.lookup is not None else None
        watch, contents = self._watch, run.contents
        self._follow.is_far = run.is_far
        self._follow.begin()
        self._latest.ask(
            f"Read run {run.id[:8]}",
            lambda context: _read(contents, parent, watch, context),
            self._on_read,
            self._on_error,
        )

    def _clear(self) -> None:
        self._latest.drop()
        self._follow.stop()
        self._tick.stop()
        self._details = None
        self._process = None
        self.curve.clear()
        if self.run is None:
            self._show_nothing()
        else:
            self._blank.start()

    def _show_nothing(self) -> None:
        self._blank.stop()
        self.curve.blank()
        self._page.hide()
        self._scroll.verticalScrollBar().setValue(0)

    def _on_read(self, answer: tuple[Details, ProcessFacts | None]) -> None:
        is_other = self._details is None
        self._details, self._process = answer
        self._blank.stop()
        self._show_details()
        if is_other:
            self._scroll.verticalScrollBar().setValue(0)
        if self.run is not None:
            self.curve.load(self.run.contents)
        if self._details.run.status == "running":
            self._tick.start()
            self._follow.schedule()
        else:
            self._tick.stop()
        self.shown.emit()

    def _on_error(self, error: Error) -> None:
        self._clear()
        self._show_nothing()
        self.problem.show_problem(str(error))
        for widget in (self.label, self.tags, self.subtitle, self.facts, *self._sections()):
            widget.hide()
        self._page.show()

    def _sections(self) -> tuple[Section, ...]:
        return self.related, self.output, self.dependencies, self.command, self.directory

    def _text(self) -> OverviewText | None:
        if self._details is None or self.run is None:
            return None
        return OverviewText(
            self._details,
            self.services.theme,
            self._clock(),
            deleted=self.run.deleted,
            process=self._process,
            label=self._shown_label,
        )

    def _label_of(self, run: Run) -> str:
        """A label that somebody typed; of one that is all flags what tells the run from others.

        The flags stand below it, and in a narrow pane such a label fills a dozen of lines.
        """
        columns, deleted = self.lookup, self.run is not None and self.run.deleted
        slot = columns.slot_of(run.id, deleted) if isinstance(columns, RunColumns) else None
        if slot is None or not isinstance(columns, RunColumns):
            return run.label
        return AutomaticLabels(columns).text(slot, run.label, LONG_LABEL)

    def _show_details(self) -> None:
        if self._details is not None:
            self._shown_label = self._label_of(self._details.run)
        text = self._text()
        if text is None or self._details is None:
            return
        run = self._details.run
        self.problem.show_problem(run.problem)
        self.heading.setFont(heading_font(self.font(), is_long=len(text.label) > LONG_LABEL))
        self.heading.setToolTip(plain_tip(run.label) if text.label != run.label else "")
        self.heading.show_html(text.title())
        self.subtitle.show_html(text.subtitle())
        self.tags.show_tags(run.tags, lead="★ marked" if run.marked else "")
        self.tags.setVisible(bool(run.tags or run.marked))
        for caption, write in FACTS:
            self.facts.show_fact(caption, write(text))
        if self.run is not None:
            self.label.show_run(self.run, run.label)
        for widget in (self.label, self.subtitle, self.facts):
            widget.show()
        self._show_sections(text)
        self._page.show()

    def _show_sections(self, text: OverviewText) -> None:
        is_running = self._details is not None and self._details.run.status == "running"
        self.related.set_title(text.related_title())
        is_followed = self._details is not None and self._details.is_followed
        state = " · following" if is_running and is_followed else " · so far" if is_running else ""
        self.output.set_title(f"Output{state}")
        assert self.run is not None
        self.directory.set_title("Directory" if self.run.is_on_disk else "Place")
        for tool in self._disk_tools:
            tool.setVisible(self.run.is_on_disk)
        for section, html in (
            (self.related, text.related()),
            (self.output, text.output()),
            (self.dependencies, text.dependencies()),
            (self.command, text.command()),
            (self.directory, text.path(self.run.path)),
        ):
            _text_of(section).show_html(html)
            section.setVisible(bool(html))

    def _show_times(self) -> None:
        text = self._text()
        if text is None:
            return
        for caption, write in FACTS:
            if caption in _OF_TIME:
                self.facts.show_fact(caption, write(text))

    def _on_link(self, target: str) -> None:
        if target.startswith(RUN):
            self.run_requested.emit(target.removeprefix(RUN))
        elif target.startswith(TAB):
            self.tab_requested.emit(target.removeprefix(TAB))
        elif target.startswith(COPY):
            QGuiApplication.clipboard().setText(target.removeprefix(COPY))

    # Qt overrides

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._details is not None and self._details.run.status == "running":
            self.refresh()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._tick.stop()
        self._follow.stop()


def _text_of(section: Section) -> FactText:
    body = section.body
    if isinstance(body, CodeBlock):
        return body.text
    assert isinstance(body, FactText)
    return body


def _read(
    contents: RunContents, parent: str | None, watch: ProcessWatch, context: JobContext
) -> tuple[Details, ProcessFacts | None]:
    details = contents.details(parent, context.check)
    context.check()
    pid = details.run.pid
    return details, watch.look(pid) if pid is not None else None
