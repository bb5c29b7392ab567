"""What an action of the window is made of; see `gui.actions`."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct


class ActionSpec(Struct, frozen=True):
    """One command.

    Attributes:
        id: Object name, `area.verb`.
        text: As in menus, with its mnemonic.
        tip: One sentence: what it does; shown in the status bar and as tooltip.
        shortcut: Portable text such as "Ctrl+F"; empty for none.
        icon: Name of the icon; empty for none.
        checkable: Whether it is on or off.
        group: Actions of one group exclude each other.
        scope: "table" for shortcuts that mean something else in a text field.
        short: Text on the toolbar; empty takes `text`.
        stands_in: Id of an action whose shortcut does this one while that one cannot be used.
        full_text: Where neither menu nor icon says what it is about; empty takes `text`.
    """

    id: str
    text: str
    tip: str
    shortcut: str = ""
    icon: str = ""
    checkable: bool = False
    group: str = ""
    scope: Literal["window", "table"] = "window"
    short: str = ""
    stands_in: str = ""
    full_text: str = ""


class Area(Struct, frozen=True):
    """Actions that belong together.

    Attributes:
        prefix: What their ids begin with.
        title: Heading in the list of shortcuts.
        actions: In the order of that list.
    """

    prefix: str
    title: str
    actions: tuple[ActionSpec, ...]
