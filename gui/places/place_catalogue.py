"""Which places there are and what each puts into the filter box."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from core.clock import now_us
from core.home import Home
from core.index.place_counts import BatchCount, PlaceCounts
from core.index.query_tree import value_text
from core.saved_lists import SavedList
from gui.models.places_model import Place, PlaceKind, Section
from gui.time_text import brief_day, day_text
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


def filter_places(
    counts: PlaceCounts, own: Sequence[SavedList], clock: Callable[[], int] = now_us
) -> dict[Section, list[Place]]:
    """Smart lists, batches and tags.

    Args:
        counts: The numbers beside them.
        own: The user's lists.
        clock: The present in microseconds since 1970-01-01 UTC.
    """
    return {
        Section.LISTS: [
            *(_list(PlaceKind.LIST, saved, counts, icon) for saved, icon in BUILT_IN),
            *(_list(PlaceKind.OWN_LIST, saved, counts, "list") for saved in own),
        ],
        Section.BATCHES: _batches(counts.batches, clock()),
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
    return f"tags contains {value_text(tag)}"


def _batches(batches: Sequence[BatchCount], now: int) -> list[Place]:
    """Batches by their labels, else by what varies in them."""
    titles = [batch.label or " × ".join(batch.varying) or batch.operation for batch in batches]
    alike: dict[str, list[BatchCount]] = {}
    for batch, title in zip(batches, titles, strict=True):
        alike.setdefault(title, []).append(batch)
    return [
        Place(
            PlaceKind.BATCH,
            batch.id,
            title,
            "batch",
            _batch_count(batch),
            tip=_batch_tip(batch, now),
            note=_telling_note(batch, alike[title], now),
        )
        for batch, title in zip(batches, titles, strict=True)
    ]


def _batch_count(batch: BatchCount) -> str:
    """The number of trials, and how many have ended while not all have."""
    total = _number(batch.total)
    return total if batch.done >= batch.total else f"{_number(batch.done)} / {total}"


def _telling_note(batch: BatchCount, alike: Sequence[BatchCount], now: int) -> str:
    """The shortest of day, day and time, and id that tells a batch from those that read alike."""
    if len(alike) == 1:
        return ""
    ways: tuple[Callable[[BatchCount], str], ...] = (
        lambda each: brief_day(each.started, now),
        lambda each: day_text(each.started, now),
        lambda each: day_text(each.started, now, with_clock=True),
    )
    for way in ways:
        note = way(batch)
        if [way(each) for each in alike].count(note) == 1:
            return note
    return batch.id[:8]


def _batch_tip(batch: BatchCount, now: int) -> str:
    """What it is, when it began, what varies, how far it is."""
    lines = [
        batch.label,
        f"{batch.operation}, {day_text(batch.started, now, with_clock=True)}".strip(", "),
        f"Varying: {', '.join(batch.varying)}" if batch.varying else "",
        f"{batch.done} of {batch.total} trials have ended",
    ]
    return "\n".join(line for line in lines if line)


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
