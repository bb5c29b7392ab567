"""The actions of one window as Qt objects, and the menus and toolbar they make."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtGui import QAction, QActionGroup, QIcon, QKeySequence
from PySide6.QtWidgets import QMenu, QMenuBar, QToolBar, QWidget

from gui.action_spec import ActionSpec
from gui.actions import plain_text, specs, tool_tip
from gui.menus import MENUS, SEPARATOR, TOOLBAR, MenuSpec
from gui.theme import Theme

ICONS_AFTER_MS = 1_200
"""The first rows of most homes are drawn by then, and the details of a run."""

ICONS_EACH_MS = 15
_ICONS_AT_ONCE = 4  # some 3 ms
_SHOWN_AT_ONCE = frozenset({*TOOLBAR, "app.commands"} - {SEPARATOR})


class ActionSet(QObject):
    """The QActions of one window, by id.

    Args:
        theme: Draws the icons, again whenever the scheme changes.
        parent: The window: its shortcuts work wherever its focus is.
    """

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._by_id: dict[str, QAction] = {}
        self._specs = {spec.id: spec for spec in specs()}
        self._tips = {spec.id: tool_tip(spec) for spec in specs()}
        self._stand_ins: dict[str, list[ActionSpec]] = {}
        for spec in specs():
            if spec.stands_in:
                self._stand_ins.setdefault(spec.stands_in, []).append(spec)
        self._why_not: dict[str, str] = {}
        self._held: dict[str, str] = {}
        groups: dict[str, QActionGroup] = {}
        for spec in specs():
            action = self._make(spec, parent)
            if spec.group:
                group = groups.setdefault(spec.group, QActionGroup(self))
                group.addAction(action)
        # Drawing all of them stops the window for 40 ms, and most are in menus that nobody opened.
        self._undrawn: list[str] = []
        self._drawing = QTimer(self, interval=ICONS_AFTER_MS)
        self._drawing.timeout.connect(self._draw_some)
        theme.changed.connect(self._draw_anew)
        self._draw_anew()

    def __getitem__(self, id_: str) -> QAction:
        return self._by_id[id_]

    def __iter__(self) -> Iterator[QAction]:
        return iter(self._by_id.values())

    def icon(self, id_: str) -> QIcon:
        """The icon of an action, for an entry that does the same elsewhere."""
        return self._theme.icon(self._specs[id_].icon, "muted")

    def on(self, id_: str, do: Callable[[], object]) -> None:
        """Call `do` whenever the action is triggered."""
        self._by_id[id_].triggered.connect(lambda _checked=False: do())

    def trigger(self, id_: str) -> None:
        """Do what an action does, where that can be done now."""
        self._by_id[id_].trigger()

    def on_toggled(self, id_: str, do: Callable[[bool], object]) -> None:
        """Call `do` with whether the action is on, whenever that changes."""
        self._by_id[id_].toggled.connect(do)

    def set_enabled(self, id_: str, why_not: str) -> None:
        """Enable an action, or disable it with the reason in its tip.

        Args:
            id_: The action.
            why_not: One sentence on why it cannot be done now; empty when it can.
        """
        self._why_not[id_] = why_not
        self._show_enabled(id_, self._held.get(id_) or why_not)

    def hold(self, ids: Iterable[str], why_not: str) -> None:
        """Disable actions, whatever `set_enabled` says of them, until `release`."""
        for id_ in ids:
            self._held[id_] = why_not
            self._show_enabled(id_, why_not)

    def release(self) -> None:
        """Let `set_enabled` decide about all actions again."""
        held, self._held = self._held, {}
        for id_ in held:
            if id_ in self._why_not:
                self._show_enabled(id_, self._why_not[id_])

    def _show_enabled(self, id_: str, why_not: str) -> None:
        action = self._by_id[id_]
        action.setEnabled(not why_not)
        tip = self._tips[id_]
        action.setToolTip(f"{tip}\n{why_not}" if why_not else tip)
        action.setStatusTip(why_not or self._specs[id_].tip)
        for spec in self._stand_ins.get(id_, ()):
            other = [self._specs[id_].shortcut] if why_not else []
            self._by_id[spec.id].setShortcuts([QKeySequence(k) for k in (spec.shortcut, *other)])

    def bind_to_table(self, table: QWidget) -> None:
        """Let the shortcuts of scope "table" work in `table` alone."""
        for spec in specs():
            if spec.scope == "table":
                table.addAction(self._by_id[spec.id])

    def _make(self, spec: ActionSpec, window: QWidget) -> QAction:
        action = QAction(spec.text, self)
        action.setObjectName(spec.id)
        action.setCheckable(spec.checkable)
        # The style draws either a tick or an icon before the text.
        action.setIconVisibleInMenu(not spec.checkable)
        action.setIconText(spec.short or plain_text(spec.text).removesuffix("…"))
        action.setStatusTip(spec.tip)
        if spec.shortcut:
            action.setShortcut(QKeySequence(spec.shortcut))
        action.setToolTip(self._tips[spec.id])
        if spec.scope == "table":
            action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        else:
            window.addAction(action)
        self._by_id[spec.id] = action
        return action

    def draw_now(self) -> None:
        """Draw the icons that are not drawn yet: a menu opens."""
        self._drawing.stop()
        self._draw(self._undrawn)
        self._undrawn = []

    def _draw_anew(self) -> None:
        """In other colours: those that are seen at once, the others soon."""
        self._draw(_SHOWN_AT_ONCE)
        self._undrawn = [id_ for id_ in self._by_id if id_ not in _SHOWN_AT_ONCE]
        self._drawing.start()

    def _draw_some(self) -> None:
        self._draw(self._undrawn[:_ICONS_AT_ONCE])
        del self._undrawn[:_ICONS_AT_ONCE]
        self._drawing.setInterval(ICONS_EACH_MS)
        if not self._undrawn:
            self._drawing.stop()

    def _draw(self, ids: Iterable[str]) -> None:
        for id_ in ids:
            if self._specs[id_].icon:
                self._by_id[id_].setIcon(self.icon(id_))


def fill_menu(menu: QMenu, spec: MenuSpec, actions: ActionSet) -> dict[str, QMenu]:
    """Add a menu's entries; returns the named menus among them, which others fill."""
    named: dict[str, QMenu] = {}
    for entry in spec.entries:
        if isinstance(entry, MenuSpec):
            further = menu.addMenu(entry.title)
            named |= {entry.name: further} if entry.name else {}
            named |= fill_menu(further, entry, actions)
        elif entry == SEPARATOR:
            menu.addSeparator()
        else:
            menu.addAction(actions[entry])
    return named


def fill_menu_bar(bar: QMenuBar, actions: ActionSet) -> dict[str, QMenu]:
    """Build the menu bar; returns the named menus, which others fill."""
    named: dict[str, QMenu] = {}
    for spec in MENUS:
        menu = bar.addMenu(spec.title)
        menu.aboutToShow.connect(actions.draw_now)
        named |= fill_menu(menu, spec, actions)
    return named


def fill_toolbar(toolbar: QToolBar, actions: ActionSet) -> None:
    """Add the actions of the toolbar."""
    for id_ in TOOLBAR:
        if id_ == SEPARATOR:
            toolbar.addSeparator()
        else:
            toolbar.addAction(actions[id_])
