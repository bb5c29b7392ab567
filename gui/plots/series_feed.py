"""Reads the curves of the chosen runs, for as long as somebody looks at them.

What is read is handed out in small batches, so that the first curves are seen at once; a running
run's files are read on when the index has noticed that it wrote. Runs that went, and scalars that
nobody wants any more, cost nothing: the newest question takes the place of the one before.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence

from msgspec import Struct
from PySide6.QtCore import QObject, Signal, Slot

from core.compare.series import RunSeries, SeriesCache
from core.errors import Error
from core.index.columns import RunColumns
from core.jobs import JobContext
from gui.compare.chosen_runs import ChosenRuns
from gui.job_bridge import Latest
from gui.services import RunRef, Services

LANE = "series"
FIRST_RUNS = 2_000
"""Curves of more runs than these are read when the user asks for all of them."""

_BATCH_SECONDS, _MOST_BATCH_SECONDS = 0.15, 1.5
"""From one batch to the next: every one is drawn, and of thousands of runs that takes a while."""

Found = Mapping[tuple[int, str], RunSeries | None]
"""Series by slot and key; None where a run has no such values (any more)."""


class _Wanted(Struct, frozen=True):
    slot: int
    ref: RunRef
    keys: tuple[str, ...]


class SeriesFeed(QObject):
    """Keeps the series of the chosen runs and the wanted scalars at hand.

    Args:
        chosen: The runs.
        services: Shared services.
        parent: Owner; nothing is read before `look`.

    Signals:
        scalars_found: What scalars the runs have is known, or is another now.
        changed: Some series came, went or grew.
        reading_changed: Reading began, went on or ended.
    """

    scalars_found = Signal()
    changed = Signal()
    reading_changed = Signal()

    def __init__(self, chosen: ChosenRuns, services: Services, parent: QObject) -> None:
        super().__init__(parent)
        self._chosen = chosen
        self._cache = SeriesCache()
        self._series: dict[tuple[int, str], RunSeries] = {}
        self._scalars: dict[str, int] = {}
        self._keys: tuple[str, ...] = ()
        self._most = FIRST_RUNS
        self._is_looked_at = False
        self._is_stale = True
        self._is_known = False
        self._news: set[int] = set()  # runs that wrote, and were not read since
        self._done = self._total = 0
        self._unread: dict[int, str] = {}
        self._scalar_question = Latest(services.bridge, "columns", self)
        self._question = Latest(services.bridge, LANE, self)
        chosen.changed.connect(self._on_chosen)
        chosen.values_changed.connect(self._on_values)

    @property
    def scalars(self) -> Mapping[str, int]:
        """Scalars that the chosen runs have, with the number of runs; those of most runs first."""
        return self._scalars

    @property
    def progress(self) -> tuple[int, int] | None:
        """How many of how many runs are read; None while nothing is read."""
        return (self._done, self._total) if self._question.is_waiting else None

    @property
    def slots(self) -> Sequence[int]:
        """The runs whose curves are wanted, in the table's order."""
        return self._chosen.slots()[: self._most]

    @property
    def left_out(self) -> int:
        """How many chosen runs are left out until `want_all`."""
        return max(0, len(self._chosen.slots()) - self._most)

    @property
    def unread(self) -> Sequence[str]:
        """Why the files of some runs could not be had, a sentence each."""
        return [self._unread[slot] for slot in self.slots if slot in self._unread]

    def series(self, key: str) -> dict[int, RunSeries]:
        """The series of a scalar by slot, in the table's order."""
        return {
            slot: found
            for slot in self.slots
            if (found := self._series.get((slot, key))) is not None
        }

    def want(self, keys: Sequence[str]) -> None:
        """These scalars are shown from now on."""
        if tuple(keys) != self._keys:
            self._keys = tuple(keys)
            self._read()

    def want_all(self) -> None:
        """Read all chosen runs, however many."""
        self._most = len(self._chosen.slots())
        self._read()

    def look(self, *, on: bool) -> None:
        """Whether somebody looks: else nothing is read."""
        self._is_looked_at = on
        if not on:
            self._is_stale = self._is_stale or self._question.is_waiting
            self._question.drop()
        elif self._is_stale:
            self._on_chosen()
        elif self._news:
            self._read_news()

    @Slot()
    def _on_chosen(self) -> None:
        self._is_stale = True
        if self._is_looked_at:
            self._look_for_scalars()
            self._read()

    @Slot(object)
    def _on_values(self, slots: Iterable[int]) -> None:
        self._news.update(slots)
        if self._is_looked_at and not self._question.is_waiting:
            self._read_news()

    def _look_for_scalars(self) -> None:
        columns, slots = self._chosen.columns, list(self._chosen.slots())
        self._scalar_question.ask(
            "Look for scalars", lambda context: _scalars(columns, slots, context), self._on_scalars
        )

    def _on_scalars(self, found: dict[str, int]) -> None:
        is_first, self._is_known = not self._is_known, True
        if is_first or found != self._scalars:
            self._scalars = found
            self.scalars_found.emit()

    def _read(self) -> None:
        """Read all runs; files that are known and did not change cost nothing but a look."""
        if not self._is_looked_at:
            self._is_stale = True
            return
        self._is_stale = False
        self._news.clear()
        slots = self.slots
        known = set(slots)
        self._series = {
            place: series
            for place, series in self._series.items()
            if place[0] in known and place[1] in self._keys
        }
        if not self._keys or not slots:
            self._question.drop()
            self.changed.emit()
            return
        self._ask(slots)

    def _read_news(self) -> None:
        """Read the runs that wrote."""
        slots = [slot for slot in self.slots if slot in self._news]
        self._news.clear()
        self._look_for_scalars()
        if self._keys and slots:
            self._ask(slots)

    def _ask(self, slots: Sequence[int]) -> None:
        wanted = [_Wanted(slot, self._chosen.ref(slot), self._keys) for slot in slots]
        self._done, self._total = 0, len(wanted)
        cache = self._cache

        def work(context: JobContext) -> None:
            _read_all(cache, wanted, context)

        self._question.ask("Read curves", work, self._on_read, on_item=self._on_batch)
        self.reading_changed.emit()

    def _on_batch(self, batch: tuple[int, Found, Mapping[int, str]]) -> None:
        done, found, unread = batch
        self._done = done
        for slot, _key in found:
            self._unread.pop(slot, None)
        self._unread.update(unread)
        news = {place: s for place, s in found.items() if self._series.get(place) is not s}
        for place, series in news.items():
            if series is None:
                del self._series[place]
            else:
                self._series[place] = series
        if news:
            self.changed.emit()
        self.reading_changed.emit()

    def _on_read(self, _: None) -> None:
        self.changed.emit()
        self.reading_changed.emit()
        if self._news:  # runs wrote meanwhile
            self._read_news()


def _scalars(columns: RunColumns, slots: Sequence[int], context: JobContext) -> dict[str, int]:
    """On a worker's thread: the scalars of these runs, and how many of them have each."""
    stored = columns.stored("scalar_keys")
    texts = Counter(stored[slot] for slot in slots if stored[slot])
    counts: Counter[str] = Counter()
    for text, number in texts.items():
        context.check()
        for key in text.split("\n"):
            counts[key] += number
    shown = {key: n for key, n in counts.items() if "/.guild#" not in key}
    return dict(sorted(shown.items(), key=lambda item: (-item[1], item[0])))


def _read_one(
    cache: SeriesCache,
    wanted: _Wanted,
    context: JobContext,
    take: Callable[[Mapping[str, RunSeries]], None],
) -> Mapping[str, RunSeries]:
    """On a worker's thread: one run, wherever it is.

    Raises:
        Error: It is elsewhere, and its files cannot be had.
    """
    ref = wanted.ref
    if ref.shelf is None or ref.is_on_disk:
        return cache.read(ref.path, wanted.keys, check=context.check, on_part=take)
    return ref.shelf.series(ref.id, wanted.keys, context.check)


def _read_all(cache: SeriesCache, wanted: Sequence[_Wanted], context: JobContext) -> None:
    """On a worker's thread: every run after the other, told in batches."""
    batch: dict[tuple[int, str], RunSeries | None] = {}
    unread: dict[int, str] = {}
    told, pause = time.monotonic(), _BATCH_SECONDS

    def tell(done: int) -> None:
        nonlocal batch, unread, told, pause
        context.publish((done, batch, unread))
        batch, unread = {}, {}
        told, pause = time.monotonic(), min(pause * 1.5, _MOST_BATCH_SECONDS)

    for number, each in enumerate(wanted):
        context.check()

        def take(part: Mapping[str, RunSeries], slot: int = each.slot, done: int = number) -> None:
            batch.update({(slot, key): series for key, series in part.items()})
            tell(done)

        try:
            found = _read_one(cache, each, context, take)
        except Error as e:
            found, unread[each.slot] = {}, f"Run {each.ref.id[:8]}: {e}"
        batch.update({(each.slot, key): found.get(key) for key in each.keys})
        if time.monotonic() - told > pause:
            tell(number + 1)
    tell(len(wanted))
