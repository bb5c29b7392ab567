"""The menu of what can become of runs that changed on both sides, each with what that means."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QMenu, QWidget

from gui.models.transfer_model import TransferModel
from gui.naming import named

if TYPE_CHECKING:
    from core.archives.importing import Choice

_PULL: Mapping[Choice, tuple[str, str]] = {
    "both": ("Keep &Both", "theirs comes in under a new id"),
    "theirs": ("Take &Theirs", "mine goes to the trash"),
    "mine": ("Keep &Mine", "nothing is copied"),
    "merge": ("Mer&ge", "what people wrote on both sides"),
}
_PUSH: Mapping[Choice, tuple[str, str]] = {
    "both": ("Keep &Both", "mine goes there under a new id"),
    "mine": ("Send &Mine", "theirs goes to the trash there"),
    "theirs": ("Leave &Theirs", "nothing is copied"),
    "merge": ("Mer&ge", "what people wrote on both sides"),
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
    is_push = bool(items) and items[0].is_push
    if len(items) == 1 and items[0].why:
        menu.addAction(items[0].why.replace("&", "&&")).setEnabled(False)
        menu.addSeparator()
    for choice, (title, meaning) in (_PUSH if is_push else _PULL).items():
        if any(choice in item.choices for item in items):
            action = menu.addAction(f"{title} — {meaning}", partial(model.choose, rows, choice))
            action.setCheckable(True)
            action.setChecked({model.choice(item) for item in items} == {choice})
    menu.aboutToHide.connect(menu.deleteLater)
    return menu
