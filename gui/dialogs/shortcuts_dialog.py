"""The list of every shortcut, searchable."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHeaderView,
    QLineEdit,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from gui.actions import AREAS, plain_text
from gui.dialogs.dialog_size import text_size
from gui.naming import named
from gui.theme import Theme
from gui.views.clear_button import add_clear_button
from gui.views.quiet_sentence import quiet_sentence

# Keys of widgets, which no action stands for.
_KEYS: dict[str, tuple[tuple[str, str], ...]] = {
    "Anywhere": (
        ("Press the button that has the keyboard", "Enter or Space"),
        ("Menu of what has the keyboard", "Menu or Shift+F10"),
        ("Back to the runs", "Esc"),
    ),
    "Run table": (
        ("Go to the details of the run", "Enter or Space"),
        ("Go to a run by typing how its row begins", "A letter"),
        ("Select all runs", "Ctrl+A"),
        ("Move", "Up, Down, Page Up, Page Down, Home, End"),
        ("Select more", "Shift with these keys"),
    ),
    "Filter": (
        ("Clear the filter, or go back to the runs", "Esc"),
        ("Filter now", "Enter"),
        ("Earlier and later filters", "Up, Down"),
        ("Complete a name or a value", "Ctrl+Space"),
    ),
    "Places": (
        ("Go there", "Enter"),
        ("Rename a tag or an own list", "F2"),
        ("Menu of a place", "Menu or Shift+F10"),
    ),
    "Comparison": (
        ("Go to the details of the run", "Enter"),
        ("Open and fold a group", "Right, Left"),
        ("Copy the selected cells", "Ctrl+C"),
    ),
    "Plots": (
        ("Zoom in and out", "+, -"),
        ("Move", "Shift with the arrow keys"),
        ("Show everything", "0 or Home"),
    ),
    "Differences": (
        ("Next and previous difference in a file", "N, P"),
        ("Begin and end of the file", "Home, End"),
        ("Turn to the other picture while they blink", "Space"),
    ),
    "Images": (
        ("Go to the details of the run", "Enter"),
        ("Zoom in and out", "+, -"),
        ("Fit into the room again", "0"),
        ("Copy the picture", "Ctrl+C"),
    ),
    "Jobs": (
        ("Answer what the job asks, or show its result", "Enter"),
        ("Let the job wait, or go on", "Space"),
        ("Cancel the job, or take it off the list", "Delete"),
    ),
    "Previews of imports and copies": (
        ("Tick the selected runs, or not", "Space"),
        ("Choose what happens to a run", "F4"),
    ),
    "Comments": (("Add or change the comment", "Ctrl+Enter"),),
    "Scalars": (
        ("Values at the next or previous step", "Right, Left"),
        ("Move along the curve", "Shift with these keys"),
        ("Zoom in and out", "+, -"),
        ("Show everything", "0 or Home"),
    ),
    "Output": (
        ("Search", "Ctrl+F"),
        ("Next and previous match", "F3, Shift+F3"),
        ("Next and previous lines of stderr", "F4, Shift+F4"),
        ("Copy the selected text", "Ctrl+C"),
        ("Select all", "Ctrl+A"),
        ("Begin and end of the output", "Home, End"),
        ("Page down and up", "Space, Shift+Space"),
    ),
    "Files and source": (
        ("Open the file, the folder, or the run of a link", "Enter"),
        ("Copy the path", "Ctrl+C"),
        ("Search in the text", "Ctrl+F"),
        ("Next and previous match", "Enter, Shift+Enter"),
    ),
}


class ShortcutsDialog(QDialog):
    """Read from the actions themselves, so that it cannot be out of date.

    Args:
        actions: What has shortcuts.
        theme: Colours and icons.
        parent: The window.
    """

    def __init__(self, actions: Iterable[QAction], theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("shortcutsDialog")
        self.setWindowTitle("Keyboard shortcuts")
        self._edit = named(QLineEdit(), "shortcutsEdit", "Search shortcuts")
        add_clear_button(self._edit, theme)
        self._edit.setPlaceholderText("Search")
        self.tree = named(QTreeWidget(), "shortcutsTree", "Shortcuts")
        self.tree.setHeaderLabels(["Command", "Keys"])
        self.tree.setRootIsDecorated(False)
        self.tree.setIndentation(12)
        self.tree.setSelectionMode(QTreeWidget.SelectionMode.SingleSelection)
        self.tree.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.tree.header().setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        self.tree.header().setStretchLastSection(False)
        self._nothing = quiet_sentence(self.tree, "No command or key matches.")
        self._groups: list[tuple[QTreeWidgetItem, list[QTreeWidgetItem]]] = []
        self._fill({action.objectName(): action for action in actions})
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 12)
        layout.setSpacing(10)
        layout.addWidget(self._edit)
        layout.addWidget(self.tree, 1)
        layout.addWidget(buttons)
        self._edit.textChanged.connect(self._show_matching)
        self.resize(text_size(self, 88, 35))

    def _fill(self, actions: dict[str, QAction]) -> None:
        for area in AREAS:
            rows = [
                (plain_text(actions[spec.id].text()), _keys(actions[spec.id]))
                for spec in area.actions
            ]
            self._add_group(area.title, [row for row in rows if row[1]])
        for title, keys in _KEYS.items():
            self._add_group(title, list(keys))
        self.tree.expandAll()

    def _add_group(self, title: str, rows: list[tuple[str, str]]) -> None:
        if not rows:
            return
        group = QTreeWidgetItem([title, ""])
        font = group.font(0)
        font.setBold(True)
        group.setFont(0, font)
        group.setFlags(Qt.ItemFlag.ItemIsEnabled)
        items = [QTreeWidgetItem(list(row)) for row in rows]
        group.addChildren(items)
        self._groups.append((group, items))
        self.tree.addTopLevelItem(group)

    @Slot(str)
    def _show_matching(self, text: str) -> None:
        wanted = text.strip().casefold()
        for group, rows in self._groups:
            for row in rows:
                row.setHidden(wanted not in f"{row.text(0)} {row.text(1)}".casefold())
            group.setHidden(all(row.isHidden() for row in rows))
        self._nothing.setVisible(all(group.isHidden() for group, _ in self._groups))


def _keys(action: QAction) -> str:
    return action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
