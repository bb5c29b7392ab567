"""What can be done to labels, as data: the dialog makes a button of each."""

from __future__ import annotations

import re
from collections.abc import Callable

from msgspec import Struct

from core.runs.change import (
    AppendLabel,
    Change,
    ClearLabel,
    PrependLabel,
    RemoveFromLabel,
    ResetLabel,
    SetLabel,
)
from gui.commands import Wording


def patterns_in(text: str) -> tuple[str, ...]:
    """The regular expressions in a line, between which stand a semicolon and a blank.

    Why the blank: a semicolon without one belongs to a word, which has no blanks.
    """
    return tuple(filter(None, (part.strip() for part in _BETWEEN.split(text))))


_BETWEEN = re.compile(r";(?:\s+|$)")


class Mode(Struct, frozen=True):
    """One thing to do to labels.

    Attributes:
        key: For object names.
        text: Of its button, with a mnemonic.
        wording: How it is spoken of.
        hint: Stands in the empty field.
        make: The change, from what was typed; None where nothing is typed.
        is_template: Whether `${flag}` means a flag's value in what is typed.
        always: The change where nothing is typed.
    """

    key: str
    text: str
    wording: Wording
    hint: str = ""
    make: Callable[[str], Change] | None = None
    is_template: bool = True
    always: Change | None = None


MODES = (
    Mode(
        "set",
        "&Set",
        Wording("Set Label of", "Labelling", "Labelled"),
        "The label; ${flag} stands for a flag’s value",
        SetLabel,
    ),
    Mode(
        "append",
        "&Append",
        Wording("Append to Label of", "Appending to the label of", "Appended to the label of"),
        "What to put after the label",
        AppendLabel,
    ),
    Mode(
        "prepend",
        "&Prepend",
        Wording("Prepend to Label of", "Prepending to the label of", "Prepended to the label of"),
        "What to put before the label",
        PrependLabel,
    ),
    Mode(
        "remove",
        "&Remove",
        Wording("Shorten Label of", "Shortening the label of", "Shortened the label of"),
        "A word of the label, or a regular expression for one; more after a semicolon",
        lambda text: RemoveFromLabel(patterns_in(text)),
        is_template=False,
    ),
    Mode(
        "clear",
        "&Clear",
        Wording("Clear Label of", "Clearing the label of", "Cleared the label of"),
        always=ClearLabel(),
    ),
    Mode(
        "default",
        "&Default",
        Wording("Reset Label of", "Resetting the label of", "Reset the label of"),
        always=ResetLabel(),
    ),
)

EXPLAINED = {
    "clear": "The runs will have no label.",
    "default": "The label becomes what Guild gives by itself: all flags with their values.",
}
"""What the modes without a text do."""
