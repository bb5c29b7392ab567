"""What is above a diff: which two runs, from difference to difference, how it is shown."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QActionGroup, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QComboBox,
    QHBoxLayout,
    QLabel,
    QMenu,
    QSizePolicy,
    QStyle,
    QStyleOptionComboBox,
    QStylePainter,
    QToolButton,
    QWidget,
)

from core.compare.diff_file import Look
from gui.models.run_choice_model import RunChoice, RunChoiceModel
from gui.naming import in_role, named
from gui.theme import Theme
from gui.tool_tip import plain, plain_tip
from gui.views.compare.diff_wrap import Arrangement
from gui.views.compare.image_pair import PairMode
from gui.views.details.fact_sheet import IconButton

LOOKS: dict[Look, str] = {
    "text": "Text",
    "table": "Table",
    "document": "Keys",
    "image": "Pictures",
    "binary": "Bytes",
}
MODES: dict[PairMode, str] = {
    "beside": "Side by Side",
    "blink": "Blink",
    "slider": "Slider",
    "difference": "Difference",
}
ARRANGEMENTS: dict[Arrangement, tuple[str, str]] = {
    "auto": ("Arrange Texts by Room", "Side by side where the lines have room so"),
    "beside": ("Texts Side by Side", "Also where only the beginnings of lines have room"),
    "stacked": ("Changed Lines Below Each Other", "First those of the left run, then of the right"),
}
_LOOK_TIP = "How the two are compared"
_BLINK_TIP = f"{_LOOK_TIP}. In the picture, Space stops and goes on, Enter shows the other one"
_ROOMY = 100  # letters that all controls side by side need
_SIDES = 20  # pixels left and right of all
_ICON_GAP = 10  # that styles leave beside the icon of a choice


class DiffBar(QWidget):
    """The controls of a diff.

    Args:
        theme: For the icons.
        parent: Owner.

    Signals:
        runs_chosen: The user wants to compare these (left id, right id).
        stepped: To the next difference (1), or to the one before (-1).
        look_chosen: The user wants the file in another look (a Look).
        mode_chosen: The user wants to compare pictures otherwise (a PairMode).
        only_differences_toggled: Leave out what is the same, or not.
        arrangement_chosen: Texts are to be beside each other, or below (an Arrangement).
        wrap_toggled: Long lines are to be wrapped, or not.
        program_wanted: Guild's diff command is to compare.
    """

    runs_chosen = Signal(str, str)
    stepped = Signal(int)
    look_chosen = Signal(str)
    mode_chosen = Signal(str)
    only_differences_toggled = Signal(bool)
    arrangement_chosen = Signal(str)
    wrap_toggled = Signal(bool)
    program_wanted = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("diffBar")
        self._theme = theme
        self._choices = RunChoiceModel(self)
        self.left = named(_RunBox(self._choices), "diffLeft", "Run on the left")
        self.right = named(_RunBox(self._choices), "diffRight", "Run on the right")
        self.swap = named(IconButton(theme, "swap", "Swap the sides"), "diffSwap")
        self.previous = named(
            IconButton(theme, "up", "Previous difference (Alt+PgUp)"), "diffPrevious"
        )
        self.next = named(IconButton(theme, "down", "Next difference (Alt+PgDown)"), "diffNext")
        self.place = in_role(named(plain(QLabel()), "diffPlace"), "muted")
        self.only = named(QToolButton(), "diffOnly", "Only differences")
        self.look = named(QToolButton(), "diffLook", "How it is compared")
        self.more = named(IconButton(theme, "more", "More"), "diffMore")
        self._look_menu = QMenu(self)
        self._more_menu = QMenu(self)
        self._build()
        self._connect()
        theme.changed.connect(self._dress)
        self._dress()

    def show_choices(
        self, ids: Sequence[str], choice_at: Callable[[int], RunChoice], left: str, right: str
    ) -> None:
        """Offer some runs.

        Args:
            ids: Their ids.
            choice_at: Gives the run at a place; asked when it is to be seen.
            left: Id of the one on the left.
            right: The same on the right.
        """
        self._choices.show_choices(ids, choice_at)
        for box, run_id in ((self.left, left), (self.right, right)):
            box.show_run(ids.index(run_id) if run_id in ids else -1)
        for widget in (self.swap, self.more):
            widget.setEnabled(bool(ids))

    def show_place(self, place: int, count: int) -> None:
        """Say which difference of the file this is."""
        if count:
            self.place.setText(f"{place:,} of {count:,}" if place else f"{count:,}")
        else:
            self.place.setText("")

    def show_looks(self, look: Look | None, others: Sequence[Look], mode: PairMode) -> None:
        """Offer other ways to compare the file that is shown."""
        self._look_menu.clear()
        self.look.setVisible(look is not None and (bool(others) or look == "image"))
        if look is None:
            return
        self.look.setText(f"{MODES[mode] if look == 'image' else LOOKS[look]} ▾")
        self.look.setToolTip(_BLINK_TIP if look == "image" and mode == "blink" else _LOOK_TIP)
        self._fit()
        if look == "image":
            for name, title in MODES.items():
                action = self._look_menu.addAction(title)
                action.setCheckable(True)
                action.setChecked(name == mode)
                action.triggered.connect(lambda _=False, name=name: self.mode_chosen.emit(name))
            self._look_menu.addSeparator()
        ordered: list[Look] = [each for each in LOOKS if each == look or each in others]
        for each in ordered:
            action = self._look_menu.addAction(f"As {LOOKS[each]}")
            action.setCheckable(True)
            action.setChecked(each == look)
            action.triggered.connect(lambda _=False, each=each: self.look_chosen.emit(each))

    def _build(self) -> None:
        self.only.setText("Only Differences")
        self.only.setCheckable(True)
        self.only.setToolTip("Leave out what is the same on both sides")
        self.only.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.look.setMenu(self._look_menu)
        self.look.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.look.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.more.setMenu(self._more_menu)
        self.more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.more.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._more_menu.setToolTipsVisible(True)
        self._offer_arrangements()
        action = self._more_menu.addAction("Open in Guild's Diff Program")
        action.setToolTip("Start the program that diff.command in Guild's configuration names")
        action.triggered.connect(self.program_wanted)
        self.place.setMinimumWidth(self.fontMetrics().horizontalAdvance("000 of 000"))
        self._lay_out()

    def _offer_arrangements(self) -> None:
        self._arrangements = QActionGroup(self)
        for name, (title, tip) in ARRANGEMENTS.items():
            action = self._more_menu.addAction(title)
            action.setToolTip(tip)
            action.setCheckable(True)
            action.setData(name)
            action.triggered.connect(lambda _=False, name=name: self.arrangement_chosen.emit(name))
            self._arrangements.addAction(action)
        self._more_menu.addSeparator()
        self.wraps = self._more_menu.addAction("Wrap Long Lines")
        self.wraps.setCheckable(True)
        self.wraps.setChecked(True)
        self.wraps.toggled.connect(self.wrap_toggled)
        self._more_menu.addSeparator()
        self.show_arrangement("auto")

    def show_arrangement(self, arrangement: Arrangement) -> None:
        """Tick how texts are arranged."""
        for action in self._arrangements.actions():
            action.setChecked(action.data() == arrangement)

    def _lay_out(self) -> None:
        runs, controls = QHBoxLayout(), QHBoxLayout()
        self._controls = controls
        for row in (runs, controls):
            row.setSpacing(4)
        runs.addWidget(self.left, 1)
        runs.addWidget(self.swap)
        runs.addWidget(self.right, 1)
        steps: tuple[QWidget, ...] = (self.previous, self.next, self.place)
        for widget in steps:
            controls.addWidget(widget)
        controls.addStretch(1)
        ways: tuple[QWidget, ...] = (self.look, self.only, self.more)
        for widget in ways:
            controls.addWidget(widget)
        self._rows = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._rows.setContentsMargins(12, 5, _SIDES - 12, 5)
        self._rows.setSpacing(6)
        self._rows.addLayout(runs, 1)
        self._rows.addLayout(controls)
        self.look.hide()

    def _connect(self) -> None:
        for box in (self.left, self.right):
            box.activated.connect(self._on_activated)
        self.swap.clicked.connect(self._on_swap)
        self.previous.clicked.connect(lambda: self.stepped.emit(-1))
        self.next.clicked.connect(lambda: self.stepped.emit(1))
        self.only.toggled.connect(self.only_differences_toggled)

    def _turn(self) -> None:
        """Everything in one row, or the runs above the rest where there is no room for that."""
        needed = _ROOMY * self.fontMetrics().averageCharWidth()
        ways = QBoxLayout.Direction
        self._rows.setDirection(ways.LeftToRight if self.width() >= needed else ways.TopToBottom)
        self._fit()

    def _fit(self) -> None:
        """Where a word would be cut, its icon alone."""
        styles = Qt.ToolButtonStyle
        self.only.setToolButtonStyle(styles.ToolButtonTextOnly)
        if self._controls.sizeHint().width() + _SIDES > self.width():
            self.only.setToolButtonStyle(styles.ToolButtonIconOnly)

    def _dress(self) -> None:
        self.only.setIcon(self._theme.icon("filter", "muted"))

    def _on_activated(self) -> None:
        self.runs_chosen.emit(self.left.run_id(), self.right.run_id())

    def _on_swap(self) -> None:
        self.runs_chosen.emit(self.right.run_id(), self.left.run_id())

    # Qt overrides

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._turn()


class _RunBox(QComboBox):
    """A choice of runs, each with its colour; narrow names are cut."""

    def __init__(self, choices: RunChoiceModel) -> None:
        super().__init__()
        self.setModel(choices)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(10)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setIconSize(QSize(10, 10))
        self.setMaxVisibleItems(20)

    def run_id(self) -> str:
        """Id of the run that is chosen; empty for none."""
        return str(self.currentData() or "")

    def show_run(self, place: int) -> None:
        """Have the run at a place chosen; -1 for none."""
        self.setCurrentIndex(place)
        self.setToolTip("" if place < 0 else plain_tip(self.currentText()))
        self.setEnabled(self.count() > 0)

    # Qt overrides

    def paintEvent(self, _event: QPaintEvent) -> None:
        """As usual, with "…" where the style would cut a letter in half."""
        option = QStyleOptionComboBox()
        self.initStyleOption(option)
        painter = QStylePainter(self)
        painter.drawComplexControl(QStyle.ComplexControl.CC_ComboBox, option)
        room = self.style().subControlRect(
            QStyle.ComplexControl.CC_ComboBox, option, QStyle.SubControl.SC_ComboBoxEditField, self
        )
        width = room.width() - self.iconSize().width() - _ICON_GAP
        option.currentText = self.fontMetrics().elidedText(
            option.currentText, Qt.TextElideMode.ElideRight, width
        )
        painter.drawControl(QStyle.ControlElement.CE_ComboBoxLabel, option)
        painter.end()
