"""Which places there are and what each puts into the filter box."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from core.home import Home
from core.index.place_counts import PlaceCounts
from core.saved_lists import SavedList
from gui.models.places_model import Place, PlaceKind, Section
from gui.views.status_line import short_path

RUNS = (PlaceKind.RUNS, "")
TRASH = (PlaceKind.TRASH, "")

BUILT_IN: tuple[tuple[SavedList, str], ...] = (
    (SavedList("Marked", "marked = true"), "star"),
    (SavedList("Running", "status = running"), "status-running"),
    (SavedList("Failed this week", "status = error and started this week"), "status-error"),
)
"""Lists that everybody has, with their icons."""


def all_lists(own: Sequence[SavedList]) -> list[SavedList]:
    """The lists that everybody has and the user's own."""
    return [*(saved for saved, _ in BUILT_IN), *own]


def home_places(counts: PlaceCounts) -> dict[Section, list[Place]]:
    """This computer and the trash."""
    return {
        Section.PLACES: [
            Place(
                PlaceKind.RUNS,
                "",
                "This computer",
                "computer",
                _number(counts.runs),
                tip="All runs of this home",
            ),
            Place(
                PlaceKind.TRASH,
                "",
                "Trash",
                "trash",
                _number(counts.trash),
                tip="Deleted runs: their files are still there",
            ),
        ]
    }


def filter_places(counts: PlaceCounts, own: Sequence[SavedList]) -> dict[Section, list[Place]]:
    """Smart lists, batches and tags."""
    return {
        Section.LISTS: [
            *(_list(PlaceKind.LIST, saved, counts, icon) for saved, icon in BUILT_IN),
            *(_list(PlaceKind.OWN_LIST, saved, counts, "list") for saved in own),
        ],
        Section.BATCHES: [
            Place(
                PlaceKind.BATCH,
                batch.id,
                batch.title,
                "batch",
                f"{_number(batch.done)} / {_number(batch.total)}",
                tip=f"{batch.done} of {batch.total} trials of {batch.title} have ended",
            )
            for batch in counts.batches
        ],
        Section.TAGS: [
            Place(
                PlaceKind.TAG,
                tag,
                tag,
                count=_number(count),
                filter=tag_filter(tag),
                tip=f"Runs with the tag “{tag}”",
            )
            for tag, count in counts.tags.items()
        ],
    }


def recent_places(
    homes: Iterable[Path], current: Path | None, user_home: Path
) -> dict[Section, list[Place]]:
    """Homes opened before; the open one is left out."""
    return {
        Section.HOMES: [
            Place(
                PlaceKind.HOME,
                str(home),
                Home(home).name,
                "home",
                tip=f"Open {short_path(home, user_home)} in this window",
            )
            for home in homes
            if home != current
        ]
    }


def tag_filter(tag: str) -> str:
    """The text of the filter box that shows the runs with a tag."""
    return f"tags contains {quoted(tag)}"


def quoted(text: str) -> str:
    """A text as a value in a filter."""
    if text.replace("-", "").replace("_", "").isalnum() and not text[0].isdigit():
        return text
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _list(kind: PlaceKind, saved: SavedList, counts: PlaceCounts, icon: str) -> Place:
    count = counts.lists.get(saved.name)
    is_known = saved.name in counts.lists
    text = "?" if is_known and count is None else "" if count is None else _number(count)
    tip = saved.filter or "Every run"
    if text == "?":
        tip = f"{tip}\nThis filter is not understood: edit the list."
    return Place(kind, saved.name, saved.name, icon, text, saved.filter, tip)


def _number(count: int) -> str:
    return f"{count:,}"
