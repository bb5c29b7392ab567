"""What a view asks for where the user edits in it: a change of runs, and who is to hear of it."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct

from core.runs.change import Change
from gui.changing.commands import Wording


class WantedChange(Struct, frozen=True):
    """A change that the user entered somewhere in the window.

    Attributes:
        ids: Of which runs.
        change: What is to become of each.
        wording: How it is spoken of.
        tell: To be called with an empty text when it is written, or was so already; else with
            one sentence on why not. Returns whether the user sees it.
    """

    ids: tuple[str, ...]
    change: Change
    wording: Wording
    tell: Callable[[str], bool]
