"""The menu of what can become of runs that changed on both sides, each with what that means."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QMenu, QWidget

from gui.models.transfer_model import TransferModel
from gui.naming import named

if TYPE_CHECKING:
    from gui.remotes.transfer_row import Decision, TransferRow

_PULL: Mapping[Decision, tuple[str, str]] = {
    "both": ("Keep &Both", "theirs comes in under a new id"),
    "theirs": ("Take &Theirs", "mine goes to the trash"),
    "mine": ("Keep &Mine", "nothing is copied"),
}
_PUSH: Mapping[Decision, tuple[str, str]] = {
    "both": ("Keep &Both", "mine goes there under a new id"),
    "mine": ("Send &Mine", "theirs goes to the trash there"),
    "theirs": ("Leave &Theirs", "nothing is copied"),
}

_SYNC: Mapping[Decision, tuple[str, str]] = {
    "both": _PULL["both"],
    "theirs": _PULL["theirs"],
    "mine": _PUSH["mine"],
    "leave": ("&Leave As They Are", "nothing is copied"),
}


def choice_menu(model: TransferModel, rows: Sequence[int], parent: QWidget) -> QMenu:
    """What can be done about conflicts; the choice that all of them have by now is checked.

    Args:
        model: What is decided about.
        rows: Rows of conflicts; without any the menu is empty.
        parent: Owner; the menu ends when it is closed.
    """
    menu = named(QMenu(parent), "transferChoices")
    items = [model.item(row) for row in rows]
    texts = _texts_of(model, items)
    if len(items) == 1 and items[0].why:
        menu.addAction(items[0].why.replace("&", "&&")).setEnabled(False)
        menu.addSeparator()
    for choice, (title, meaning) in texts.items():
        if any(choice in item.choices for item in items):
            action = menu.addAction(f"{title} — {meaning}", partial(model.choose, rows, choice))
            action.setCheckable(True)
            action.setChecked({model.choice(item) for item in items} == {choice})
    menu.aboutToHide.connect(menu.deleteLater)
    return menu


def _texts_of(
    model: TransferModel, items: Sequence[TransferRow]
) -> Mapping[Decision, tuple[str, str]]:
    """What each choice is called here, and what it means."""
    if not items:
        return {}
    if model.sides:
        source, target = (side.replace("&", "&&") for side in model.sides)
        return {
            "both": ("Keep &Both", f"that of {source} goes to {target} under a new id"),
            "mine": (f"&Send That of {source}", f"that of {target} goes to the trash there"),
            "theirs": (f"&Leave That of {target}", "nothing is copied"),
        }
    if items[0].leaving == "leave":
        return _SYNC
    return _PUSH if items[0].is_push else _PULL
