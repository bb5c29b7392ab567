"""What of an open home is remembered until the next time it is opened."""

from __future__ import annotations

import json
from typing import Any

from gui.models.places_model import PlaceKind
from gui.navigation import PlaceName
from gui.place_catalogue import RUNS
from gui.window_state import HomeState

_NOT_OWN = (PlaceKind.HOME, PlaceKind.ARCHIVE)
"""Places whose runs are not the home's."""


def read_place(state: HomeState) -> PlaceName:
    """The place that was shown; the runs where none is remembered."""
    kind = state.read_own("place/kind", PlaceKind.RUNS.value)
    known = {place.value: place for place in PlaceKind if place not in _NOT_OWN}
    if not isinstance(kind, str) or kind not in known:
        return RUNS
    return (known[kind], str(state.read_own("place/key", "") or ""))


def write_place(state: HomeState, place: PlaceName) -> None:
    """Remember the place that is shown."""
    kind, key = place
    state.write_own("place/kind", kind.value)
    state.write_own("place/key", key)


def read_map(state: HomeState, key: str) -> dict[str, Any]:
    """A map of plain values; empty where none that can be understood is remembered."""
    try:
        value = json.loads(str(state.read_own(key, "")))
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def texts_of(value: dict[str, Any]) -> list[str]:
    """The texts remembered in a map under "texts"; what is no text is left out."""
    texts = value.get("texts")
    return [text for text in texts if isinstance(text, str)] if isinstance(texts, list) else []


def write_map(state: HomeState, key: str, value: dict[str, Any]) -> None:
    """Remember a map of plain values."""
    state.write_own(key, json.dumps(value))
