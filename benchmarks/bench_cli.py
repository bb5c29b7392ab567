"""Whole commands of `rundesk` with a warm index, beside what Guild needs for the same answer."""

from __future__ import annotations

import compileall
from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct

from benchmarks.report import Figure
from benchmarks.setting import ROOT, Setting, runs_of

EXPRESSION = "lr > 0.01 and dropout < 0.3"
ROOMS = ("core", "cli")


class Pair(Struct, frozen=True):
    """A command and the peer's for the same answer.

    Attributes:
        ours: Arguments of `rundesk`.
        theirs: Arguments of `guild`; empty where it has no such command.
        ratios: How many times quicker it is to be, by number of runs.
    """

    ours: tuple[str, ...]
    theirs: tuple[str, ...] = ()
    ratios: tuple[tuple[int, float], ...] = ()


PAIRS = (
    Pair(("list", "--json"), ("runs", "--json"), ((10_000, 30.0),)),
    Pair(("list", "-F", EXPRESSION), ("runs", "-F", EXPRESSION), ((10_000, 40.0),)),
    Pair(("list",), ("runs",)),
    Pair(("list", "-a"), ("runs", "-a")),
    Pair(("list", "--text", "hamming sgd")),
    Pair(("info",), ("runs", "info")),
    Pair(("check",)),
)


def figures(setting: Setting) -> Iterator[Figure]:
    """Every pair at each size, and the start that all of them share."""
    for room in ROOMS:  # as an installer does; the peer's modules are compiled too
        compileall.compile_dir(ROOT / room, quiet=1)
    cache = setting.scratch("cli")
    version = setting.ours("--version", cache=cache)
    yield Figure("rundesk --version", "", version)
    for size in setting.sizes:
        home = setting.home(size)
        setting.ours("check", "-H", str(home), cache=cache)  # builds the index
        for pair in PAIRS:
            yield _figure(setting, pair, home, size, cache)


def _figure(setting: Setting, pair: Pair, home: Path, size: int, cache: Path) -> Figure:
    ours = setting.ours(*pair.ours, "-H", str(home), cache=cache)
    return Figure(
        f"rundesk {' '.join(pair.ours)}"[:44],
        runs_of(size),
        ours,
        peer=setting.guild(home, *pair.theirs) if pair.theirs else None,
        peer_name=f"guild {' '.join(pair.theirs)}"[:24].rstrip() if pair.theirs else "",
        ratio=dict(pair.ratios).get(size),
    )
