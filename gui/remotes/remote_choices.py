"""Lets the user choose a remote, or agree that one goes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import QPoint
from PySide6.QtGui import QCursor
from PySide6.QtWidgets import QMenu

from gui.dialogs.runs_question import Question, RunsQuestion
from gui.main_window import MainWindow
from gui.remotes.remote_state import RemoteState
from gui.theme import Theme


def choose_remote(
    window: MainWindow, names: Sequence[str], title: str, do: Callable[[str], object]
) -> None:
    """Do something with the one remote there is, or with the one that is chosen of several.

    Args:
        window: Where the choice opens: at the pointer, as long as that is over the window.
        names: Of the remotes.
        title: What is chosen for.
        do: Hears the name.
    """
    if len(names) == 1:
        do(names[0])
        return
    menu = QMenu(window)
    menu.setObjectName("remoteMenu")
    menu.setAccessibleName(title)
    menu.addSection(title)
    for name in names:
        menu.addAction(name.replace("&", "&&"), partial(do, name))
    menu.aboutToHide.connect(menu.deleteLater)
    place = QCursor.pos()
    if not window.frameGeometry().contains(place):
        place = window.centre.mapToGlobal(QPoint(24, 24))
    menu.popup(place)


def ask_to_remove(
    state: RemoteState, theme: Theme, window: MainWindow, agreed: Callable[[], object]
) -> None:
    """Ask whether a remote is to go from the configuration."""
    question = Question(
        "removeRemoteQuestion",
        f"Remove the remote {state.name}?",
        "It goes from the configuration, which Guild uses too. Its runs stay on the host.",
        [state.address],
        lambda _count: "Remove Remote",
        1,
    )
    dialog = RunsQuestion(question, theme, window)
    dialog.agreed.connect(lambda _also: agreed())
    dialog.open()
