"""A label that was typed over another one, letter by letter as it stands."""

from __future__ import annotations

from msgspec import Struct

from core.errors import RunError
from core.runs.run_attrs import Change, RunAttrs, Values
from core.text import flag_text

PRESS_AGAIN = "; press Enter again to replace it"
"""Ends the sentence of a refusal, for who still is where the label was typed."""

_SHOWN = 60


class TypeLabel(Struct, Change, frozen=True):
    """Replace the label that the user saw by another text; `${…}` in it means nothing.

    Why it knows what it replaces: between F2 and Enter the run may have got another label. The
    newer one stays, and whoever typed decides.

    Attributes:
        text: The new label; empty for none.
        expected: The label that was there when the user began to type.
    """

    text: str
    expected: str

    def values(self, attrs: RunAttrs) -> Values:
        """The text as it is."""
        label = attrs.label()
        now = label if isinstance(label, str) else flag_text(label)
        text = self.text.strip()
        if now != self.expected and now != text:
            shown = now if len(now) <= _SHOWN else f"{now[: _SHOWN - 1]}…"
            is_now = f"is “\u2068{shown}\u2069” now" if now else "was cleared"
            raise RunError(f"its label {is_now}{PRESS_AGAIN}")
        return {"label": text or None}
