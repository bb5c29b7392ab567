"""Labelling and tagging a thousand runs, beside `guild label` and `guild tag`.

A store of its own is changed, since Guild writes into the files themselves. Before each start the
runs are brought back to where they were and the index is brought up to date, outside of the time.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from msgspec import Struct

from benchmarks.report import Figure
from benchmarks.setting import PEER_LIMIT, Setting, median_ms, own_directories, runs_of
from core.runs.change import Change, ChangeTags, ClearLabel, Outcome, SetLabel, apply
from core.runs.store import Store

COUNT = 1000
SECONDS, RATIO = 0.5, 1.5
LARGEST = PEER_LIMIT
"""Copying a larger store takes longer than everything that is measured on it."""


class Kind(Struct, frozen=True):
    """A change in the words of both programs.

    Attributes:
        arguments: Of `rundesk` and of `guild`.
        change: The same for `apply`.
        back: What brings the runs back.
    """

    arguments: tuple[str, ...]
    change: Change
    back: Change


KINDS = (
    Kind(
        ("label", "-y", "-s", "lr=${lr} of a long night"),
        SetLabel("lr=${lr} of a long night"),
        ClearLabel(),
    ),
    Kind(
        ("tag", "-y", "-a", "measured"), ChangeTags(add=("measured",)), ChangeTags(clear=True)
    ),
)  # fmt: skip


def figures(setting: Setting) -> Iterator[Figure]:
    """Each change at each size: within the program, and as a command."""
    for size in setting.sizes:
        if COUNT <= size <= LARGEST:
            place = setting.scratch("change")
            home = place / "home"
            shutil.copytree(setting.home(size) / "runs", home / "runs", symlinks=True)
            yield from _figures(setting, home, size, place)
            shutil.rmtree(place)


def _figures(setting: Setting, home: Path, size: int, cache: Path) -> Iterator[Figure]:
    store = Store(home / "runs")
    ids = sorted(store.ids())[:COUNT]
    for kind in KINDS:

        def change(wanted: Change) -> Outcome:
            outcome = apply(store, ids, wanted, advance=lambda _: None)
            assert not outcome.refused
            return outcome

        name = f"{kind.arguments[0]} {COUNT:,} runs"
        seconds = _seconds(kind, change)
        yield Figure(f"{name}, in the program", runs_of(size), seconds, at_most=SECONDS)
        yield _command(setting, kind, home, size, cache)


def _seconds(kind: Kind, change: Callable[[Change], Outcome]) -> float:
    """Half of a change and the way back, which costs the same."""

    def there_and_back() -> None:
        assert len(change(kind.change).changed) == COUNT
        change(kind.back)

    return median_ms(there_and_back, times=5) / 2000


def _command(setting: Setting, kind: Kind, home: Path, size: int, cache: Path) -> Figure:
    store = Store(home / "runs")
    ids = store.ids()
    program = str(Path(sys.executable).with_name("rundesk"))
    environ = os.environ | own_directories(cache)

    def bring_back() -> None:
        apply(store, ids, kind.back, advance=lambda _: None)
        subprocess.run([program, "check", "-H", home], env=environ, capture_output=True, check=True)

    arguments = (*kind.arguments, f"1:{COUNT}")
    once = Setting(setting.sizes, setting.directory, repeats=min(3, setting.repeats))
    ours = once.command_seconds(
        [program, *arguments, "-H", str(home)], own_directories(cache), bring_back
    )
    return Figure(
        f"rundesk {kind.arguments[0]} 1:{COUNT}",
        runs_of(size),
        ours,
        peer=once.guild(home, *arguments, before=bring_back),
        peer_name=f"guild {kind.arguments[0]} 1:{COUNT}",
        ratio=RATIO,
    )
