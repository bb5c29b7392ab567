"""The menu of columns beside a plot."""

from __future__ import annotations

from gui.views.plots.plot_buttons import KeyButton

KEYS = [*(f"scalar:last:s{n}" for n in range(3000)), "flag:lr", "started"]


def menu_of(button, title):
    (action,) = [a for a in button.menu().actions() if a.text() == title]
    return action.menu()


def test_the_columns_of_a_family_are_in_its_menu_as_soon_as_that_opens(qtbot):
    button = KeyButton("Colour")
    qtbot.addWidget(button)
    button.offer([("", "each run")], KEYS)
    menu = menu_of(button, "Scalars")
    before = len(menu.actions())

    menu.aboutToShow.emit()
    menu.aboutToShow.emit()

    assert [a.text() for a in button.menu().actions()] == ["each run", "Scalars", "Flags", "Fields"]
    assert before == 0
    assert len(menu.actions()) == 3000


def test_what_is_chosen_is_ticked_and_named(qtbot):
    button = KeyButton("Colour")
    qtbot.addWidget(button)
    button.offer([("", "each run")], KEYS)
    button.choose("flag:lr")
    flags = menu_of(button, "Flags")
    flags.aboutToShow.emit()
    ticked = [a.isChecked() for a in flags.actions()]
    with qtbot.waitSignal(button.chosen) as chosen:
        button.menu().actions()[0].trigger()

    assert ticked == [True]
    assert chosen.args == [""]
    assert button.text() == "Colour: each run ▾"
    assert [a.isChecked() for a in flags.actions()] == [False]
