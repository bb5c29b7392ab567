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
from core.text import plural
from gui.changing.commands import CLEARING, Wording


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

    def button(self, count: int) -> str:
        """On the button that does it to so many runs: "Set Label of 3 Runs"."""
        return f"{self.wording.verb.replace('the label', 'Label')} {plural(count, 'Run')}"


MODES = (
    Mode(
        "set",
        "&Set",
        Wording("Set the label of", "Labelling", "Labelled"),
        "The label; ${flag} stands for a flag’s value",
        SetLabel,
    ),
    Mode(
        "append",
        "&Append",
        Wording("Append to the label of", "Appending to the label of", "Appended to the label of"),
        "What to put after the label",
        AppendLabel,
    ),
    Mode(
        "prepend",
        "&Prepend",
        Wording(
            "Prepend to the label of", "Prepending to the label of", "Prepended to the label of"
        ),
        "What to put before the label",
        PrependLabel,
    ),
    Mode(
        "remove",
        "&Remove",
        Wording("Shorten the label of", "Shortening the label of", "Shortened the label of"),
        "A word of the label, or a regular expression for one; more after a semicolon",
        lambda text: RemoveFromLabel(patterns_in(text)),
        is_template=False,
    ),
    Mode(
        "clear",
        "&Clear",
        CLEARING,
        always=ClearLabel(),
    ),
    Mode(
        "default",
        "&Default",
        Wording("Reset the label of", "Resetting the label of", "Reset the label of"),
        always=ResetLabel(),
    ),
)

EXPLAINED = {
    "clear": "The runs will have no label.",
    "default": "The label becomes what Guild gives by itself: all flags with their values.",
}
"""What the modes without a text do."""
