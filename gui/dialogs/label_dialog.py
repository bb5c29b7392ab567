"""Labels one run or many: what to do, a template, and what becomes of each label.

The preview is worked out from the runs themselves by a job, the first rows before the others, so
that what is shown is what will be written, whoever changed the runs meanwhile.
"""

from __future__ import annotations

from typing import cast

from msgspec import Struct
from PySide6.QtCore import (
    QEvent,
    Qt,
    QTimer,
    Signal,
    Slot,
)
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from core.errors import QueryError
from core.index.columns import RunColumns
from core.jobs import JobContext
from core.runs.change import Change, check_patterns
from core.runs.label_template import TemplateProblem
from core.runs.pattern_risk import may_take_for_ever
from core.text import plural
from gui.changing.label_modes import EXPLAINED, MODES, Mode, patterns_in
from gui.dialogs.dialog_size import text_size
from gui.job_bridge import Latest
from gui.models.label_preview_model import (
    LabelPreview,
    LabelPreviewModel,
    Previews,
    work_out_labels,
)
from gui.naming import in_role, named
from gui.services import Services
from gui.theme import Theme
from gui.tool_tip import plain
from gui.views.previews.label_preview_table import LabelPreviewTable
from gui.views.previews.template_field import TemplateField

LANE = "preview"
TYPING_MS = 60
AGAIN_MS = 2_000
_TOO_SLOW = "A repetition within a repetition could take for ever: write it more simply."
MOST_PREFILLED = 10_000  # a longer label is not put into a line


class Labelled(Struct, frozen=True):
    """The runs that are to be labelled.

    Attributes:
        ids: Which, in the table's order.
        columns: What is known of them.
        slots: Their slots there.
        previews: Works out their labels.
        place: Where they are, where that is not the open home: "gpu1".
    """

    ids: tuple[str, ...]
    columns: RunColumns
    slots: tuple[int, ...]
    previews: Previews
    place: str = ""

    def value(self, row: int, key: str) -> str:
        """A text that is known of a run."""
        return self.columns.value(key, self.slots[row]) or ""


class LabelDialog(QDialog):
    """Asks what to do to the labels of some runs, and shows it before it is done.

    Args:
        runs: The runs.
        services: Shared services of the window.
        parent: The window.

    Signals:
        chosen: The user wants this change of these runs (a Change, and its Wording).
    """

    chosen = Signal(object, object)

    def __init__(self, runs: Labelled, services: Services, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        named(self, "labelDialog")
        self._runs = runs
        self._count = len(runs.ids)
        self.setWindowTitle(f"Label {_runs_text(runs)}")
        self._previews = Latest(services.bridge, LANE, self)
        self._flags = Latest(services.bridge, "query", self)
        self._known = runs.previews
        self._mode = MODES[0]
        self._last_texts: dict[str, str] = {}
        self._long_note = ""
        self._typing = QTimer(self, singleShot=True, interval=TYPING_MS)
        self._typing.timeout.connect(self.work_out)
        self._again = QTimer(self, singleShot=True, interval=AGAIN_MS)
        self._again.timeout.connect(self.work_out)
        self._build(services.theme)
        self._connect()
        self._prefill()
        self._ask_flags()
        self._show_mode()

    # What is chosen

    def change(self) -> Change | None:
        """What would be done; None while it cannot."""
        if self._mode.make is None:
            return self._mode.always
        text = self.field.text()
        if not text.strip() or self._pattern_problem() is not None:
            return None
        return self._mode.make(text)

    def choose_mode(self, key: str) -> None:
        """Do this to the labels."""
        button = self.findChild(QToolButton, f"labelMode-{key}")
        cast("QToolButton", button).click()

    # Building

    def _build(self, theme: Theme) -> None:
        self._modes = QButtonGroup(self)
        self.field = named(TemplateField(theme, self), "labelTemplate", "Label")
        self._note = in_role(named(plain(QLabel()), "labelNote"), "muted")
        self._note.setWordWrap(True)
        self.model = LabelPreviewModel(self._count, self._name_of, self._label_of, self)
        self.table = LabelPreviewTable(self.model, theme, self)
        self._summary = in_role(named(plain(QLabel()), "labelSummary"), "muted")
        self._buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self._apply = named(QPushButton(), "labelApply")
        self._buttons.addButton(self._apply, QDialogButtonBox.ButtonRole.AcceptRole)
        self._lay_out()

    def _lay_out(self) -> None:
        modes = QHBoxLayout()
        modes.setSpacing(4)
        for mode in MODES:
            modes.addWidget(self._mode_button(mode))
        modes.addStretch(1)
        bottom = QHBoxLayout()
        bottom.addWidget(self._summary, 1)
        bottom.addWidget(self._buttons)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(18, 16, 18, 14)
        layout.setSpacing(10)
        layout.addLayout(modes)
        layout.addWidget(self.field)
        layout.addWidget(self._note)
        layout.addWidget(self.table, 1)
        layout.addLayout(bottom)
        rows = min(max(self._count, 1), 12)
        around = text_size(self, 100, 16)  # everything but the rows
        height = around.height() + rows * self.table.verticalHeader().defaultSectionSize()
        most = text_size(self, 100, 1_000).height()
        self.resize(around.width(), min(height, most))
        self.setMinimumSize(text_size(self, 62, 18))
        self._apply.setDefault(True)  # not before it is in the dialog: that would choose another
        self.field.setFocus()

    def _mode_button(self, mode: Mode) -> QToolButton:
        button = named(_ModeButton(self), f"labelMode-{mode.key}")
        button.setText(mode.text)
        button.setCheckable(True)
        button.setProperty("segment", True)  # noqa: FBT003 - Qt's signature
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        button.setChecked(mode is self._mode)
        self._modes.addButton(button, MODES.index(mode))
        return button

    def _connect(self) -> None:
        self._modes.idClicked.connect(self._on_mode_chosen)
        self.field.changed.connect(self._on_changed)
        self.field.entered.connect(self.accept)
        self._buttons.accepted.connect(self.accept)
        self._buttons.rejected.connect(self.reject)

    def _prefill(self) -> None:
        """One run, or runs of one label, begin with that, ready to be replaced."""
        label = self._label_of(0)
        is_one = all(self._label_of(row) == label for row in range(1, self._count))
        if is_one and len(label) <= MOST_PREFILLED:
            self.field.setText(label)
        elif is_one:
            self._long_note = (
                f"The label has {len(label):,} letters and is not put here: "
                "what you type will replace it."
            )
        self.field.end(False)  # noqa: FBT003 - Qt's signature
        self.field.home(True)  # noqa: FBT003 - as above; of a long text the beginning is seen

    def _name_of(self, row: int) -> str:
        return f"{self._runs.ids[row][:8]} {self._runs.value(row, 'operation')}".rstrip()

    def _label_of(self, row: int) -> str:
        return self._runs.value(row, "label")

    # What others find out

    def _ask_flags(self) -> None:
        columns, slots = self._runs.columns, self._runs.slots

        def work(context: JobContext) -> dict[str, int]:
            counts: dict[str, int] = {}
            for slot in slots:
                context.check()
                for name in columns.flags(slot):
                    counts[name] = counts.get(name, 0) + 1
            return counts

        self._flags.ask("List flags", work, self.field.show_flags)

    @Slot()
    def work_out(self) -> None:
        """Find out what the change makes of each label, the first ones first."""
        self._typing.stop()
        self._again.stop()
        change = self.change()
        self.model.forget()
        if change is None:
            self._previews.drop()
            self._show_counts()
            return
        known, ids = self._known, self._runs.ids

        def work(context: JobContext) -> None:
            work_out_labels(known, ids, change, context)

        self._previews.ask("Preview labels", work, self._on_all, on_item=self._on_found)
        self._show_counts()

    def _on_found(self, found: tuple[LabelPreview, ...]) -> None:
        self.model.add(found)
        self._show_counts()

    def _on_all(self, _nothing: None) -> None:
        self._show_counts()
        if self.model.refusals == self._count:
            self._again.start()  # a home that is away may come back

    # Slots

    @Slot(int)
    def _on_mode_chosen(self, number: int) -> None:
        if self._mode.make is not None:
            self._last_texts[self._mode.key] = self.field.text()
        self._mode = MODES[number]
        if self._mode.make is not None:
            self.field.setText(self._last_texts.get(self._mode.key, ""))
            self.field.setFocus()
        self._show_mode()

    @Slot()
    def _on_changed(self) -> None:
        if not self._mode.is_template:
            self.field.show_problem(self._pattern_problem())
        self._show_note()
        self._show_counts()
        self._typing.start()

    def _show_mode(self) -> None:
        is_typed = self._mode.make is not None
        self.field.setVisible(is_typed)
        self.field.setPlaceholderText(self._mode.hint)
        self.field.use_templates(on=is_typed and self._mode.is_template)
        self._show_note()
        self.work_out()

    def _show_note(self) -> None:
        sentence, role = self._note_now()
        if self._note.property("role") != role:
            in_role(self._note, role)
            self._note.style().unpolish(self._note)
            self._note.style().polish(self._note)
        self._note.setText(sentence)

    def _note_now(self) -> tuple[str, str]:
        if self._mode.make is None:
            return EXPLAINED[self._mode.key], "muted"
        found = self.field.problem()
        if found is not None:
            return found.sentence, "error" if found.is_error else "warning"
        if self._long_note and self._mode.key == "set" and not self.field.text():
            return self._long_note, "muted"
        if breaks := self.field.text().count("\n"):
            return f"The text has {plural(breaks, 'line break')}, shown here as blanks.", "muted"
        if self._mode.is_template:
            return "Ctrl+Space lists the flags. Filters: ${lr|%.3f}, ${data|basename}.", "muted"
        return "Only whole words between blanks are removed; “draft; old” removes both.", "muted"

    def _pattern_problem(self) -> TemplateProblem | None:
        text = self.field.text()
        if self._mode.key != "remove" or not text:
            return None
        end = 0
        for pattern in patterns_in(text):
            start = text.index(pattern, end)
            end = start + len(pattern)
            try:
                check_patterns((pattern,))
            except QueryError as e:
                place = start + min(e.position, len(pattern) - 1)
                return TemplateProblem(place, e.length, f"{str(e)[:200]}. {e.hint}")
            if may_take_for_ever(pattern):
                return TemplateProblem(start, len(pattern), _TOO_SLOW)
        return None

    def _show_counts(self) -> None:
        changes, known = self.model.changes, self.model.known
        is_done = known == self._count and not self._typing.isActive()
        can_do = self.change() is not None and (changes > 0 or not is_done)
        shown = changes if is_done and changes else self._count
        self._apply.setText(self._mode.button(shown))
        self._apply.setEnabled(can_do)
        self._summary.setText(self._summary_now(is_done=is_done))

    def _summary_now(self, *, is_done: bool) -> str:
        if self.change() is None:
            return ""
        if not is_done:
            return f"Looking at {self.model.known:,} of {plural(self._count, 'run')}…"
        same = self._count - self.model.changes - self.model.refusals
        parts = [f"{self.model.changes:,} of {plural(self._count, 'label')} will change"]
        parts += [f"{same:,} stay the same"] if same and self.model.changes else []
        parts += [f"{self.model.refusals:,} cannot be changed"] if self.model.refusals else []
        return ", ".join(parts) + "."

    # Qt overrides

    def accept(self) -> None:
        change = self.change()
        if change is None or not self._apply.isEnabled():
            self.field.setFocus()
            return
        super().accept()
        self.chosen.emit(change, self._mode.wording)

    def done(self, result: int) -> None:
        self._typing.stop()
        self._again.stop()
        self._previews.drop()
        self._flags.drop()
        super().done(result)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        held = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        is_enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if is_enter and held == Qt.KeyboardModifier.ControlModifier:
            self.accept()
        else:
            super().keyPressEvent(event)


class _ModeButton(QToolButton):
    """A button whose mnemonic works at once.

    Qt shows it pressed for a tenth of a second first, in which what is typed would go into the
    field of the mode before.
    """

    # Qt overrides

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Shortcut:
            self.click()
            return True
        return super().event(event)


def _runs_text(runs: Labelled) -> str:
    said = f"run {runs.ids[0][:8]}" if len(runs.ids) == 1 else plural(len(runs.ids), "run")
    return f"{said} on {runs.place}" if runs.place else said
