"""An index that a watch keeps says what a fresh one says, whatever is done to the home meanwhile.

Nothing is listed because time went by: what came and went is found because it was noticed.
"""

import os
import random
import shutil
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from core.home import Home
from core.index.file_notices import FileNotices
from core.index.index import RunIndex
from core.index.news import News, take_news
from core.index.row import FIELDS
from core.index.watch import SWEEP_SECONDS, TICK_SECONDS, TOLD_PASSES, Watch
from tests.support.runs import OPREF, make_run

NAMES = ("a" * 32, "b" * 32, "c" * 32, "d" * 32, "two\nlines", os.fsdecode(b"run-\xff"), ".hidden")
SETTLINGS, ACTS = 6, 10
SETTLED = (TOLD_PASSES + 1) * SWEEP_SECONDS + 1.0


class Clock:
    """The system's, and what was waited for without waiting."""

    ahead = 0.0

    def __call__(self) -> float:
        return time.monotonic() + self.ahead


class Vandal:
    """Does to a home what people and programs do, one thing after another."""

    def __init__(self, home: Home, index: RunIndex, seed: int) -> None:
        self.home = home
        self._index = index
        self._random = random.Random(seed)
        self._count = 0
        self._last = home.path
        self.done: list[str] = []
        self._away = home.path.parent / "away"
        self._away.mkdir()

    def act(self) -> None:
        """Do one thing."""
        act, run = self._random.choice(self.ACTS), self._run()
        self.done.append(f"{act.__name__} {run}")
        with suppress(OSError):  # what it would be done to is not there, or is something else
            act(self, run)

    def pause(self) -> int:
        """How many looks are taken before the next thing is done."""
        ticks = self._random.choice((0, 0, 1, 2, 20))
        self.done.append(f"{ticks} ticks")
        return ticks

    # What is done

    def make(self, run: Path) -> None:
        make_run(run.parent, run.name, attrs={"label": self._text()})

    def make_slowly(self, run: Path) -> None:
        if not run.exists():
            run.mkdir()
        elif not (run / ".guild" / "attrs").exists():
            (run / ".guild" / "attrs").mkdir(parents=True)
        else:
            (run / ".guild" / "opref").write_text(OPREF)

    def write(self, run: Path) -> None:
        self._attr(run).write_text(self._text())

    def replace_attr(self, run: Path) -> None:
        new = self._attr(run).with_name(".new")
        new.write_text(self._text())
        new.rename(self._attr(run))

    def remove_attr(self, run: Path) -> None:
        self._attr(run).unlink()

    def remove(self, run: Path) -> None:
        shutil.rmtree(run)

    def remove_part(self, run: Path) -> None:
        shutil.rmtree(run / ".guild")

    def remove_opref(self, run: Path) -> None:
        (run / ".guild" / "opref").unlink()

    def move(self, run: Path) -> None:
        run.rename(self._run())

    def move_and_tell(self, run: Path) -> None:
        to_trash = run.parent == self.home.runs_dir
        there = (self.home.trash_dir if to_trash else self.home.runs_dir) / run.name
        run.rename(there)
        news = News(moved=((run.name, run.name),), to_trash=to_trash)
        for _ in take_news(self._index, news):
            pass

    def move_away(self, run: Path) -> None:
        run.rename(self._aside())

    def replace(self, run: Path) -> None:
        self.move_away(run)
        self._copy_back(run)

    def replace_guild(self, run: Path) -> None:
        (run / ".guild").rename(self._aside())
        make_run(run.parent, run.name, attrs={"label": self._text()})

    def replace_attrs(self, run: Path) -> None:
        (run / ".guild" / "attrs").rename(self._aside())
        (run / ".guild" / "attrs").mkdir()
        self.write(run)

    def become_file(self, run: Path) -> None:
        self.move_away(run)
        run.write_text("no run")

    def become_link(self, run: Path) -> None:
        if os.path.lexists(run):
            self.move_away(run)
        run.symlink_to(self._linked())

    def replace_place(self, run: Path) -> None:
        place = run.parent
        place.rename(self._aside())
        if self._random.random() < 0.5:
            shutil.copytree(self._last, place, symlinks=True)
        else:
            place.mkdir()

    def remove_place(self, run: Path) -> None:
        if run.parent.is_symlink():
            run.parent.unlink()
        else:
            shutil.rmtree(run.parent)

    def make_place(self, run: Path) -> None:
        run.parent.mkdir(parents=True)

    def link_place(self, run: Path) -> None:
        run.parent.rename(self._aside())
        run.parent.symlink_to(self._last)

    def place_back(self, run: Path) -> None:
        others = [p for p in self._away.iterdir() if not p.is_symlink() and p.is_dir()]
        others = [p for p in others if not (p / ".guild").exists() and not (p / "attrs").exists()]
        run.parent.rename(self._aside())
        if others:
            self._random.choice(others).rename(run.parent)

    def leave(self, run: Path) -> None:
        self.home.path.rename(self._aside())

    def come_back(self, run: Path) -> None:
        if not self.home.path.exists():
            homes = [p for p in self._away.iterdir() if (p / "runs").exists()]
            if homes:
                self._random.choice(homes).rename(self.home.path)

    ACTS: tuple[Callable[["Vandal", Path], None], ...] = (
        make, make, make, make_slowly, make_slowly, make_slowly, write, write, write, write,
        replace_attr, remove_attr, remove, remove_part, remove_opref, move, move, move,
        move_and_tell, move_and_tell, move_away, replace, replace_guild, replace_attrs,
        become_file, become_link, replace_place, remove_place, make_place, link_place, place_back,
        leave, come_back, come_back, come_back,
    )  # fmt: skip

    # Inside

    def _run(self) -> Path:
        place = self.home.runs_dir if self._random.random() < 0.7 else self.home.trash_dir
        return place / self._random.choice(NAMES)

    def _attr(self, run: Path) -> Path:
        name = self._random.choice(("label", "label", "tags", "marked"))
        return run / ".guild" / "attrs" / name

    def _text(self) -> str:
        self._count += 1
        return f"text {self._count}"

    def _aside(self) -> Path:
        self._count += 1
        self._last = self._away / str(self._count)
        return self._last

    def _copy_back(self, run: Path) -> None:
        shutil.copytree(self._last, run, symlinks=True)
        (run / ".guild" / "attrs" / "label").write_text(self._text())

    def _linked(self) -> Path:
        if self._random.random() < 0.3:
            return self._away / "nowhere"
        self._aside()
        return make_run(self._away, self._last.name, attrs={"label": self._text()})


def known(index: RunIndex) -> dict[tuple[bool, str], tuple[object, ...]]:
    """What an index says of each run."""
    ids = index.columns.stored("id")
    names = [name for name in FIELDS if name != "signature"]
    return {
        (place, ids[slot]): tuple(index.columns.stored(name)[slot] for name in names)
        for place in (False, True)
        for slot in index.columns.slots(place)
    }


def on_disk(home: Home) -> dict[tuple[bool, str], tuple[object, ...]]:
    """What one says that is made now."""
    index = RunIndex(home, None)
    for _ in index.refresh():
        pass
    index.close()
    return known(index)


def wait_for_the_next_time(directory: Path) -> None:
    """Until files that are written now have another time than those before."""
    probe = directory / "probe"
    probe.write_text("")
    before = probe.stat().st_mtime_ns
    while probe.stat().st_mtime_ns == before:
        probe.write_text("")


@pytest.mark.parametrize("is_told", [True, False])
@pytest.mark.parametrize("seed", range(6))
def test_watched_index_says_what_is_on_disk(tmp_path, monkeypatch, seed, is_told):
    monkeypatch.setattr("core.index.watch.LIST_SECONDS", 1e9)
    monkeypatch.setattr("core.index.watch.STRANGER_TICKS", 10**9)
    home, clock = Home(tmp_path / "home"), Clock()
    home.runs_dir.mkdir(parents=True)
    index = RunIndex(home, None)
    watch = Watch(index, clock, FileNotices(lambda path: "ext4") if is_told else None)
    vandal = Vandal(home, index, seed)
    for _ in range(SETTLINGS):
        for _ in range(ACTS):
            vandal.act()
            wait_for_the_next_time(tmp_path)
            step(watch, clock, vandal.pause())

        step(watch, clock, int(SETTLED / TICK_SECONDS))

        if home.runs_dir.is_dir():  # else what was last seen is shown
            assert known(index) == on_disk(home), vandal.done
    watch.close()
    index.close()


def step(watch: Watch, clock: Clock, ticks: int) -> None:
    for _ in range(ticks):
        clock.ahead += TICK_SECONDS
        for _ in watch.step():
            pass
