"""The right of the diff page: what differs in one file or one section, as what it is."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtWidgets import QLabel, QStackedWidget, QVBoxLayout, QWidget

from core.compare.diff_facts import Fact
from core.compare.diff_file import FileDiff, Look
from core.compare.diff_side import OUTPUT
from core.runs.files import shown
from core.runs.source_code import OLD_PLACE
from core.text import format_bytes, plural
from gui.compare.diff_look import DecodedPicture, FoundFile
from gui.compare.picture_difference import PictureDifference, picture_difference
from gui.job_bridge import Latest
from gui.models.diff_table_models import CellsModel, FactsModel
from gui.naming import in_role, named
from gui.services import Services
from gui.tool_tip import plain
from gui.views.compare.diff_canvas import DiffCanvas
from gui.views.compare.diff_table import DiffTable
from gui.views.compare.image_pair import ImagePair, PairMode
from gui.views.details.code_view import CodeView
from gui.views.image_view import why_not_decoded
from gui.views.tab_order import lead_through

PATIENCE_MS = 300
"""So long what was looked at before may stay while a file is compared; most are there sooner."""


class DiffPane(QWidget):
    """Shows one diff at a time.

    Args:
        services: Shared services.
        parent: Owner.

    Signals:
        place_changed: Another difference was gone to, or there are others.
    """

    place_changed = Signal()

    def __init__(self, services: Services, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        theme = services.theme
        self._latest = Latest(services.bridge, "diff-picture", self)
        self._facts_model, self._cells_model = FactsModel(self), CellsModel(self)
        self.canvas = named(DiffCanvas(theme), "diffCanvas", "Both texts side by side")
        self.facts = named(DiffTable(self._facts_model, theme), "diffFacts", "Values of both runs")
        self.cells = named(DiffTable(self._cells_model, theme), "diffCells", "Cells of both tables")
        self.pictures = named(ImagePair(theme), "diffPictures", "Both pictures")
        self.printed = named(
            CodeView(theme, numbered=False), "diffPrinted", "What the program said"
        )
        self.message = in_role(named(plain(QLabel()), "diffMessage"), "muted")
        self.heading = in_role(named(plain(QLabel()), "diffHeading"), "heading")
        self.note = in_role(named(plain(QLabel()), "diffNote"), "muted")
        self._stack = QStackedWidget()
        self._patience = QTimer(self, singleShot=True, interval=PATIENCE_MS)
        self.look: Look | None = None
        self.other_looks: tuple[Look, ...] = ()
        self._expected = ""
        self._facts: tuple[str, Sequence[Fact], tuple[str, str]] | None = None
        self._build()

    def show_message(self, text: str) -> None:
        """Show a sentence instead of a diff."""
        self._latest.drop()
        self.message.setText(text)
        self._show(self.message, None, "", "")

    def expect(self, name: str) -> None:
        """A file is being compared: say so where that takes its time."""
        self._expected = f"Comparing {_title_of(name)}…"
        self._patience.start()

    def show_facts(
        self, title: str, facts: Sequence[Fact], titles: tuple[str, str], *, stay: bool = False
    ) -> None:
        """Show values by name."""
        count = sum(fact.change != "same" for fact in facts)
        note = f"{count:,} of {len(facts):,} differ" if facts else "Neither run has any"
        self._fill_facts(facts, ("Name", *titles), stay=stay)
        if self._facts_model.rowCount():
            self._show(self.facts, None, title, note)
        else:
            self.message.setText("Nothing differs here." if facts else "")
            self._show(self.message, None, title, note)
        self._facts = title, facts, titles

    def show_file(self, found: FoundFile, titles: tuple[str, str], *, stay: bool = False) -> None:
        """Show what differs between two files."""
        diff = found.diff
        self.other_looks = diff.other_looks
        title = _title_of(found.paths.name)
        if diff.look == "table":
            self._cells_model.show_table(diff.table)
            self._show(self.cells, diff, title, _note(found))
            self.cells.fit_columns()
        elif diff.look == "document":
            self._fill_facts(diff.document, ("Key", *titles), stay=stay)
            self._show(self.facts, diff, title, _note(found))
        elif diff.look == "image":
            left, right = (each.image if each else None for each in found.pictures)
            first, second = (why_not_decoded(p.size) if p else "" for p in found.pictures)
            self.pictures.show_images(left, right, titles, (first, second))
            self._show(self.pictures, diff, title, _note(found))
            self._look_for_difference()
        else:
            is_text = diff.look == "text"
            self.canvas.show_diff(diff.text, found.rows, stay=stay, numbered=is_text)
            self._show(self.canvas, diff, title, _note(found))

    def show_printed(self, title: str, text: str) -> None:
        """Show what a program printed."""
        self.printed.show_text(text, numbered=False)
        self._show(self.printed, None, title, "")

    def show_only_differences(self, *, on: bool) -> None:
        """Leave out what is the same, or show it too."""
        self._facts_model.show_only_differences(on=on)
        self._cells_model.show_only_differences(on=on)
        self.canvas.show_only_differences(on=on)
        if self._facts is not None:
            self.show_facts(*self._facts, stay=True)
        self.place_changed.emit()

    def set_mode(self, mode: PairMode) -> None:
        """Compare pictures in another way."""
        self.pictures.set_mode(mode)
        self._look_for_difference()

    def go_to_difference(self, by: int) -> bool:
        """Go to the next difference of what is shown, or to the one before; False for none."""
        view = self._view()
        return view is not None and view.go_to_difference(by)

    def go_to_last_difference(self) -> None:
        """Go to the last difference of what is shown."""
        view = self._view()
        if view is not None:
            view.go_to_last_difference()

    def place(self) -> tuple[int, int]:
        """Which difference was gone to, from 1, and how many there are."""
        current = self._stack.currentWidget()
        if current is self.canvas:
            return self.canvas.difference, len(self.canvas.rows.changes)
        if isinstance(current, DiffTable):
            return current.difference, current.count
        return 0, 0

    def focus(self) -> None:
        """Give the keyboard to what is shown."""
        widget = self._stack.currentWidget()
        if widget is not None:
            widget.setFocus(Qt.FocusReason.OtherFocusReason)

    # Inside

    def _build(self) -> None:
        self.message.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.message.setWordWrap(True)
        self.message.setMargin(16)
        self.message.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.note.setWordWrap(True)
        self.note.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        head = QWidget()
        rows = QVBoxLayout(head)
        rows.setContentsMargins(12, 6, 12, 6)
        rows.setSpacing(1)
        rows.addWidget(self.heading)
        rows.addWidget(self.note)
        self._head = head
        views = (self.message, self.canvas, self.facts, self.cells, self.pictures, self.printed)
        for widget in views:
            self._stack.addWidget(widget)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(head)
        layout.addWidget(self._stack, 1)
        lead_through(*views[1:])
        self._patience.timeout.connect(self._say_what_is_compared)
        self.canvas.difference_changed.connect(self.place_changed)
        self.facts.row_changed.connect(self.place_changed)
        self.cells.row_changed.connect(self.place_changed)

    @Slot()
    def _say_what_is_compared(self) -> None:
        """What was looked at before would be taken for it."""
        self.show_message(self._expected)

    def _view(self) -> DiffCanvas | DiffTable | None:
        current = self._stack.currentWidget()
        return current if isinstance(current, DiffCanvas | DiffTable) else None

    def _fill_facts(
        self, facts: Sequence[Fact], titles: tuple[str, str, str], *, stay: bool
    ) -> None:
        top = self.facts.verticalScrollBar().value()
        self._facts_model.show_facts(facts, titles)
        if stay:
            self.facts.verticalScrollBar().setValue(top)

    def _show(self, widget: QWidget, diff: FileDiff | None, title: str, note: str) -> None:
        self._patience.stop()
        self.look = diff.look if diff is not None else None
        self._facts = None
        self.heading.setText(title)
        self.note.setText(note)
        self._head.setVisible(bool(title))
        self._stack.setCurrentWidget(widget)
        if widget is self.facts:
            self.facts.fit_columns()
        self.place_changed.emit()

    def _look_for_difference(self) -> None:
        """Ask where the pictures differ, if that is to be shown."""
        left, right = self.pictures.images
        if not self.pictures.lacks_difference or left is None or right is None:
            return
        self._latest.ask(
            "Compare two pictures",
            lambda _context: picture_difference(left, right),
            self._on_difference,
        )

    def _on_difference(self, found: PictureDifference) -> None:
        self.pictures.show_difference(found.image)
        text = (
            "no pixel differs" if not found.share else f"{_percent(found.share)} of pixels differ"
        )
        scaled = ", the right one scaled to the size of the left one" if found.is_scaled else ""
        before = self.note.text().partition(" · Difference: ")[0]
        self.note.setText(f"{before} · Difference: {text}{scaled}")


def _title_of(name: str) -> str:
    """What a file of a run is called here."""
    return "Output" if name == OUTPUT else shown(name.removeprefix(f"{OLD_PLACE}/"))


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %" if share >= 0.001 else "less than 0.1 %"


def _note(found: FoundFile) -> str:
    """Facts of both files in a line, and what is left out."""
    diff = found.diff
    sizes = [
        None if facts is None else format_bytes(facts.size) for facts in (diff.left, diff.right)
    ]
    if diff.left is None or diff.right is None:
        size = sizes[0] or sizes[1]
        facts = [f"Only on the {'left' if diff.right is None else 'right'}", str(size)]
    elif diff.is_same:
        facts = ["The same on both sides", str(sizes[0])]
    else:
        facts = [*_differences(diff), " → ".join(dict.fromkeys(map(str, sizes)))]
    if any(found.pictures):
        facts.append(" → ".join(dict.fromkeys(map(_picture_text, found.pictures))))
    digests = [each.digest[:12] for each in (diff.left, diff.right) if each and each.digest]
    if digests:
        facts.append(f"SHA-256 {' → '.join(dict.fromkeys(digests))}…")
    return "  ".join([" · ".join(facts), *diff.notes])


def _differences(diff: FileDiff) -> list[str]:
    """What differs, counted."""
    if diff.look == "text" and diff.text is not None:
        if not diff.text.removed + diff.text.added:
            return ["No line differs"]
        return [f"−{diff.text.removed:,} +{diff.text.added:,} lines"]
    if diff.look == "document":
        count = sum(fact.change != "same" for fact in diff.document)
        return [f"{plural(count, 'value')} differ{'s' if count == 1 else ''}"]
    if diff.table is not None:
        key = f", known by {diff.table.key}" if diff.table.key else ""
        rows = sum(row.change != "same" for row in diff.table.rows)
        return [f"{rows:,} of {plural(len(diff.table.rows), 'row')} differ{key}"]
    return []


def _picture_text(picture: DecodedPicture | None) -> str:
    if picture is None:
        return "none"
    if picture.image.isNull():
        return why_not_decoded(picture.size)
    return f"{picture.size.width()} × {picture.size.height()} {picture.kind.upper()}"
