"""How long work is stopped: it calls, often, what raises when nobody wants it any more."""

from __future__ import annotations

from collections.abc import Callable

Check = Callable[[], None]
"""Called often; raises to stop (`core.errors.Cancelled`)."""


def go_on() -> None:
    """The default check: nothing asks to stop."""
