"""The page that shows what differs between two of the chosen runs.

Left what differs, section by section; right the file or the values that are looked at. The page
asks nothing while it is hidden. While a run writes, what is shown follows at a pace that can be
read, and the place that is looked at stays.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from PySide6.QtCore import QModelIndex, QTimer, Slot
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import (
    QVBoxLayout,
    QWidget,
)

from core.compare.diff_command import (
    choose_command,
    guild_config_path,
    read_diff_commands,
    run_apart,
)
from core.compare.diff_file import Look
from core.compare.diff_runs import RunDiff, SectionName
from core.errors import Error
from core.jobs import JobContext
from gui.compare.chosen_runs import ChosenRuns
from gui.compare.diff_choice import DiffChoice
from gui.compare.diff_look import DiffLookup, FilePaths, FoundFile
from gui.job_bridge import Latest
from gui.models.diff_list_model import (
    TITLES,
    DiffListModel,
    SectionRole,
)
from gui.naming import named
from gui.services import Services
from gui.views.compare.diff_bar import DiffBar
from gui.views.compare.diff_list import DiffList, key_of
from gui.views.compare.diff_pane import DiffPane
from gui.views.compare.diff_room import DiffRoom
from gui.views.compare.image_pair import PairMode
from gui.views.details.details_tab import set_sizes
from gui.views.list_splitter import ListSplitter
from gui.views.problem_line import ProblemLine
from gui.views.tab_order import lead_through

_NOT_ON_DISK = "Other programs can compare runs on this computer only: import or pull them first."
FOLLOW_MS = 2000  # between two looks at runs that say something else


def make(chosen: ChosenRuns, services: Services) -> QWidget:
    """The page about these runs."""
    return DiffView(chosen, services)


class DiffView(QWidget):
    """Shows what differs between two runs.

    Args:
        chosen: The runs that can be compared.
        services: Shared services.
        parent: Owner.

    Attributes:
        bar: Which runs, and how they are compared.
        list: What differs.
    """

    def __init__(
        self, chosen: ChosenRuns, services: Services, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("diffView")
        self.choice = DiffChoice(chosen, services, self)
        self.lookup = DiffLookup(services, self)
        self._program = Latest(services.bridge, "diff-program", self)
        self._stale = True
        self._wanted: tuple[SectionName, str] | None = None  # what the user looks at
        self._look: Look | None = None
        self._arriving = 0  # by going through differences: 1 from above, -1 from below
        self._shown_name = ""  # of the file on screen
        self.bar = DiffBar(services.theme)
        self.model = DiffListModel(self)
        self.list = named(DiffList(self.model, services.theme), "diffList", "What differs")
        self._problem = ProblemLine(services.theme)
        self._follow = QTimer(self, interval=FOLLOW_MS)
        self._follow.setSingleShot(True)
        self.room = DiffRoom(services, self.bar, self.lookup, self.list)
        self._build()
        self._connect()

    @property
    def pane(self) -> DiffPane:
        """The file or the values that are looked at."""
        return self.room.pane

    @property
    def is_waiting(self) -> bool:
        """Whether something is compared, or will be in a moment."""
        return self.room.is_waiting or self.lookup.is_waiting

    # Between two starts

    def state(self) -> dict[str, object]:
        """What the next start restores."""
        return {
            "only_differences": self.bar.only.isChecked(),
            "sizes": self.splitter.wanted_sizes(),
            **self.room.state(),
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Take what `state` gave; what is not understood is left as it is."""
        if isinstance(state.get("only_differences"), bool):
            self.bar.only.setChecked(state["only_differences"])
        self.room.restore(state)
        set_sizes(self.splitter, state.get("sizes"))

    # What the user asks for

    def go_to_difference(self, by: int) -> None:
        """Go to the next difference, in the next file if need be, or (-1) to the one before."""
        if self.pane.go_to_difference(by):
            return
        index = self.list.target(by)
        if index.isValid():
            self._arriving = by
            self.list.setCurrentIndex(index)

    def swap(self) -> None:
        """Have the left run on the right."""
        left, right = self.choice.ids
        self.choice.choose(right, left)

    def look_at(self, section: SectionName, file: str = "") -> None:
        """Look at a section, or at a file in it, as soon as it is known."""
        self._wanted = (section, file)
        index = self.model.index_of(section, file)
        if index.isValid():
            self.list.setCurrentIndex(index)

    def open_program(self) -> None:
        """Let the program compare that Guild's configuration names."""
        refs = self.choice.refs
        if refs is None:
            return
        if not all(ref.is_on_disk for ref in refs):
            self._problem.show_problem(_NOT_ON_DISK)
            return
        paths = self.list.current_paths() or FilePaths("", "")
        left, right = refs[0].path / (paths.left or ""), refs[1].path / (paths.right or "")

        def work(context: JobContext) -> str:
            config = guild_config_path(os.environ, Path.cwd(), Path("~").expanduser())
            words = choose_command(read_diff_commands(config), str(left))
            return run_apart(words, left, right, interrupt_with=context.interrupt_with)

        self._program.ask("Guild's diff program", work, self._on_printed, self._on_failed)

    # Inside

    def _build(self) -> None:
        self.splitter = named(ListSplitter(self.list, self.room), "diffSplitter")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.bar)
        layout.addWidget(self._problem)
        layout.addWidget(self.splitter, 1)
        lead_through(self.bar, self.list)
        self.bar.only.setChecked(True)

    def _connect(self) -> None:
        choice, lookup, bar = self.choice, self.lookup, self.bar
        choice.changed.connect(self._on_runs_changed)
        choice.choices_changed.connect(self._show_choices)
        choice.news.connect(self._on_news)
        lookup.section_found.connect(self._on_section)
        lookup.runs_found.connect(self._on_runs_found)
        lookup.file_found.connect(self._on_file)
        lookup.failed.connect(self._on_failed)
        bar.runs_chosen.connect(choice.choose)
        bar.stepped.connect(self.go_to_difference)
        bar.look_chosen.connect(self._on_look_chosen)
        bar.mode_chosen.connect(self._on_mode_chosen)
        bar.only_differences_toggled.connect(self._on_only_toggled)
        bar.program_wanted.connect(self.open_program)
        self.list.selectionModel().currentChanged.connect(self._on_current_changed)
        self._follow.timeout.connect(self._ask)
        self.room.completed.connect(lambda: self._ask(anew=True))
        self.room.place_changed.connect(self._show_place)

    def _ask(self, *, anew: bool = False) -> None:
        """Compare the runs, if somebody looks."""
        if not self.isVisible() or not self.room.is_made:
            self._stale = True
            return
        self._stale = False
        refs = self.choice.refs
        if anew:
            self._problem.show_problem("")
            self.model.clear()
        if refs is None:
            self.lookup.drop()
            self.pane.show_message(
                "Two runs are needed to compare. Select some in the table of runs."
            )
            return
        if anew:
            self.pane.show_message("Comparing…")
        self.lookup.ask_runs(*refs)

    def _show_current(self, *, stay: bool = False) -> None:
        index = self.list.currentIndex().siblingAtColumn(0)
        refs = self.choice.refs
        if not index.isValid() or refs is None:
            return
        paths = self.list.current_paths()
        section = self.model.section(index.data(SectionRole))
        if paths is not None:
            self.lookup.ask_file(refs, paths, self._look)
            if not stay:
                self.pane.expect(paths.name)
        elif section is not None and section.name not in ("source", "files", "output"):
            self.lookup.drop_file()
            self.pane.show_facts(
                TITLES[section.name], section.facts, self.choice.names(), stay=stay
            )
            self._after_showing()
        elif section is not None:
            self.lookup.drop_file()
            self.pane.show_message(
                _about_files(section.name, section.differing, len(section.files))
            )

    def _after_showing(self) -> None:
        """Whoever goes through the differences is at the first one, or comes from behind."""
        if self._arriving < 0:
            self.pane.go_to_last_difference()
        elif self._arriving > 0 and not self.pane.place()[0]:
            self.pane.go_to_difference(1)
        self._arriving = 0

    def _choose_row(self) -> None:
        """Look at what was looked at, or at the first thing that differs."""
        wanted = self.model.index_of(*self._wanted) if self._wanted else QModelIndex()
        if not wanted.isValid():
            targets = self.model.targets()
            wanted = targets[0] if targets else QModelIndex()
        if wanted.isValid() and wanted != self.list.currentIndex():
            kept = self._wanted
            self.list.setCurrentIndex(wanted)
            self._wanted = kept or self._wanted
        elif wanted.isValid():
            self._show_current(stay=True)

    # Slots

    @Slot()
    def _on_runs_changed(self) -> None:
        self._follow.stop()
        self.bar.show_looks(None, (), self.room.mode)
        self._ask(anew=True)

    @Slot()
    def _on_news(self) -> None:
        if not self._follow.isActive():
            self._follow.start()

    @Slot()
    def _show_choices(self) -> None:
        self.bar.show_choices(*self.choice.choices(), *self.choice.ids)

    @Slot(object)
    def _on_section(self, section: Any) -> None:
        if self.model.section(section.name) is None:
            self.model.add(section)
            self.list.expandAll()

    @Slot(object)
    def _on_runs_found(self, diff: RunDiff) -> None:
        self.model.show_diff(diff)
        self.list.expandAll()
        problems = dict.fromkeys(each.problem for each in diff.sections if each.problem)
        self._problem.show_problem(" ".join(problems))
        if any(section.differing for section in diff.sections):
            self._choose_row()
        else:
            self.pane.show_message("Nothing differs between these two runs.")

    @Slot(object)
    def _on_file(self, found: FoundFile) -> None:
        is_again = found.paths.name == self._shown_name
        self._shown_name = found.paths.name
        self.pane.show_file(found, self.choice.names(), stay=is_again)
        self.bar.show_looks(found.diff.look, found.diff.other_looks, self.room.mode)
        self._after_showing()

    @Slot(object)
    def _on_failed(self, error: Error) -> None:
        self.bar.show_looks(None, (), self.room.mode)
        self.pane.show_message(error.told)

    @Slot(str)
    def _on_printed(self, text: str) -> None:
        if text.strip():
            self.pane.show_printed("What the program said", text)

    @Slot(str)
    def _on_look_chosen(self, look: Look) -> None:
        self._look = look
        self._shown_name = ""
        self._show_current()

    @Slot(str)
    def _on_mode_chosen(self, mode: PairMode) -> None:
        self.room.set_mode(mode)
        if self.pane.look == "image":
            self.bar.show_looks("image", self.pane.other_looks, mode)
        else:
            self._on_look_chosen("image")

    @Slot(bool)
    def _on_only_toggled(self, on: bool) -> None:
        kept = self._wanted
        self.model.show_only_differences(on=on)
        self.list.expandAll()
        if kept is not None:
            self.list.mark(*kept)

    @Slot()
    def _show_place(self) -> None:
        self.bar.show_place(*self.pane.place())

    @Slot(QModelIndex, QModelIndex)
    def _on_current_changed(self, current: QModelIndex, _before: QModelIndex) -> None:
        if not current.isValid():
            return
        self._wanted = key_of(current)
        self._look = None
        self._shown_name = ""
        self.bar.show_looks(None, (), self.room.mode)
        self._show_current()

    # Qt overrides

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.choice.watch(on=True)
        if not self.room.is_made:
            self.room.complete_soon()
        elif self._stale:
            self._ask(anew=not self.model.rowCount())

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.choice.watch(on=False)
        self._follow.stop()
        if self.lookup.is_waiting:
            self.lookup.drop()
            self._stale = True


def _about_files(section: SectionName, differing: int, count: int) -> str:
    if not count:
        return f"{TITLES[section]}: neither run has any."
    if not differing:
        return f"{TITLES[section]}: all {count:,} are the same."
    return f"{TITLES[section]}: {differing:,} of {count:,} differ. Choose one on the left."
