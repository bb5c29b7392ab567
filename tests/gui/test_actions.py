from __future__ import annotations

import re
from pathlib import Path

import pytest
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QMainWindow, QMenu

from gui.action_set import ActionSet, fill_menu_bar
from gui.actions import AREAS, specs
from gui.menus import (
    LIST_MENU,
    MENUS,
    SEPARATOR,
    TABLE_MENU,
    TOOLBAR,
    TRASH_MENU,
    MenuSpec,
)
from gui.theme import Theme


@pytest.fixture
def window(qtbot) -> QMainWindow:
    window = QMainWindow()
    qtbot.addWidget(window)
    return window


@pytest.fixture
def actions(window) -> ActionSet:
    return ActionSet(Theme("light"), window)


def ids_in(menu: MenuSpec) -> list[str]:
    found: list[str] = []
    for entry in menu.entries:
        if isinstance(entry, MenuSpec):
            found += ids_in(entry)
        elif entry != SEPARATOR:
            found.append(entry)
    return found


ALL_IDS = [spec.id for spec in specs()]


def test_there_are_actions_and_no_two_have_the_same_id():
    assert len(ALL_IDS) > 30
    assert len(set(ALL_IDS)) == len(ALL_IDS)


def test_every_action_has_its_id_as_object_name_a_text_and_a_tip(actions):
    for id_ in ALL_IDS:
        action = actions[id_]
        assert action.objectName() == id_
        assert action.text()
        assert action.statusTip()
        assert action.statusTip() in action.toolTip()


def test_every_action_has_a_mnemonic():
    assert [spec.id for spec in specs() if "&" not in spec.text] == []


def test_no_two_actions_share_a_shortcut(actions):
    keys = [action.shortcut().toString() for action in actions if not action.shortcut().isEmpty()]

    assert len(keys) > 20
    assert sorted(keys) == sorted(set(keys))


def test_every_shortcut_is_one_that_qt_understands():
    for spec in specs():
        if spec.shortcut:
            sequence = QKeySequence(spec.shortcut)
            assert sequence.toString(QKeySequence.SequenceFormat.PortableText) == spec.shortcut


def test_no_shortcut_is_one_that_desktops_keep_for_themselves():
    """Other workspace, the desktop, a terminal, locking the screen: we would never get it."""
    kept = {f"Ctrl+Alt+{key}" for key in ("Left", "Right", "Up", "Down", "D", "T", "L", "Del")}

    assert [spec.id for spec in specs() if spec.shortcut in kept] == []


def test_ids_begin_with_their_area():
    for area in AREAS:
        assert all(spec.id.startswith(f"{area.prefix}.") for spec in area.actions)


def test_every_action_is_in_exactly_one_place_of_the_menu_bar():
    in_menus = [id_ for menu in MENUS for id_ in ids_in(menu)]

    assert sorted(in_menus) == sorted(ALL_IDS)


@pytest.mark.parametrize(
    "menu", [*MENUS, TABLE_MENU, TRASH_MENU, LIST_MENU], ids=lambda menu: menu.title
)
def test_no_two_entries_of_a_menu_share_a_mnemonic(menu):
    texts = {spec.id: spec.text for spec in specs()}
    entries = [e for e in menu.entries if e != SEPARATOR]
    titles = [e.title if isinstance(e, MenuSpec) else texts[e] for e in entries]
    letters = [title[title.index("&") + 1].lower() for title in titles]

    assert sorted(letters) == sorted(set(letters))


def test_toolbar_actions_have_icons_and_short_texts(actions):
    for id_ in TOOLBAR:
        if id_ != SEPARATOR:
            assert not actions[id_].icon().isNull()
            assert len(actions[id_].iconText()) <= 12


def test_the_menu_bar_has_its_menus_and_gives_the_recent_homes(window, actions):
    named = fill_menu_bar(window.menuBar(), actions)

    titles = [action.text().replace("&", "") for action in window.menuBar().actions()]
    assert titles == ["File", "Edit", "View", "Run", "Compare", "Remotes", "Jobs", "Help"]
    assert isinstance(named["recent"], QMenu)


def test_actions_of_a_group_exclude_each_other(actions):
    actions["view.scheme-light"].setChecked(True)
    actions["view.scheme-dark"].setChecked(True)

    assert not actions["view.scheme-light"].isChecked()


def test_an_action_calls_what_it_is_connected_to(actions):
    calls = []
    actions.on("view.refresh", lambda: calls.append("refresh"))

    actions["view.refresh"].trigger()

    assert calls == ["refresh"]


def without_icon(actions) -> list[str]:
    with_icon = (spec.id for spec in specs() if spec.icon)
    return [id_ for id_ in with_icon if actions[id_].icon().isNull()]


def test_icons_of_menus_are_drawn_a_while_after_those_that_are_seen(actions, qtbot):
    shown = {*TOOLBAR, "app.commands"} - {SEPARATOR}

    assert without_icon(actions)
    assert not shown.intersection(without_icon(actions))
    qtbot.waitUntil(lambda: without_icon(actions) == [])


def test_a_menu_that_opens_has_all_its_icons(window, actions):
    fill_menu_bar(window.menuBar(), actions)
    menu = window.menuBar().actions()[0].menu()
    assert without_icon(actions)

    menu.aboutToShow.emit()

    assert without_icon(actions) == []


def test_icons_follow_the_colours_soon(actions, qtbot):
    actions.draw_now()
    theme = actions._theme
    before = {spec.id: actions[spec.id].icon().cacheKey() for spec in specs() if spec.icon}

    theme.force("dark")

    assert actions[TOOLBAR[0]].icon().cacheKey() != before[TOOLBAR[0]]
    qtbot.waitUntil(
        lambda: all(actions[id_].icon().cacheKey() != key for id_, key in before.items())
    )


def test_titles_of_dialogs_are_like_sentences():
    sources = (
        path.read_text() for path in sorted((Path(__file__).parents[2] / "gui").rglob("*.py"))
    )
    titles = [t for s in sources for t in re.findall(r'setWindowTitle\(f?"([^"]+)"', s)]

    assert len(titles) > 10
    assert [title for title in titles if re.search(r"(?<!^)\b[A-Z](?!undesk)", title)] == []
