"""Which pictures runs have, by their names: those that most runs have first.

Names that differ only in one number ("step_100.png", "step_200.png") are one series, so that a
training of a thousand steps is one entry and not a thousand.

Why in parts: the pictures of the first runs are looked at while thousands more are listed.

Why the names decide here and the content only when a picture is looked at: opening every file of
hundreds of runs takes minutes on a cold disk. What is called a picture and is none is said then.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from msgspec import Struct

from core.compare.diff_side import DiffSide
from core.errors import Error
from core.text import natural_key

MOST_RUNS = 10_000
MOST_FILES = 20_000
"""Files of a run that are looked at."""
MOST_PICTURES = 300_000
"""Of all runs together; what more runs have is not looked at."""
FIRST_TOLD = 100
"""Runs after which what was found so far is told; then after twice as many, and so on."""
SUFFIXES = (".png", ".jpg", ".jpeg", ".gif", ".webp", ".bmp", ".svg", ".tif", ".tiff", ".ico")

_NUMBER = re.compile(r"\d+")


class ImageSeries(Struct, frozen=True):
    """One picture that runs have, or several that differ in a number.

    Attributes:
        name: The path in its run; with "#" in place of the number where there are several.
        steps: The numbers, ascending; one None for a single picture.
        paths: For each step the path in each run that has it, by the place of the run.
    """

    name: str
    steps: tuple[int | None, ...]
    paths: tuple[dict[int, str], ...] = ()

    @property
    def runs(self) -> int:
        """How many runs have any of it."""
        return len(set().union(*self.paths))

    def path(self, run: int, step: int) -> str | None:
        """Path of the picture in a run at a place in `steps`; None where it has none."""
        return self.paths[step].get(run)


class FoundImages(Struct, frozen=True):
    """The pictures of some runs.

    Attributes:
        series: Those that most runs have first, then in natural order.
        problems: A sentence each on runs that could not be read.
        looked: How many runs were looked at, from the first on.
    """

    series: tuple[ImageSeries, ...] = ()
    problems: tuple[str, ...] = ()
    looked: int = 0


def find_images(
    sides: Sequence[DiffSide],
    check: Callable[[], None],
    tell: Callable[[FoundImages], None] = lambda _: None,
) -> FoundImages:
    """The pictures of runs, by their names.

    Args:
        sides: The runs.
        check: Called often; raises to stop (core.errors.Cancelled).
        tell: Hears what the first runs have, now and then.
    """
    found: dict[str, dict[int, str]] = {}
    problems: list[str] = []
    looked, count, next_told = 0, 0, FIRST_TOLD
    for run, side in enumerate(sides):
        if run == next_told:
            next_told *= 2
            tell(_found(found, problems, looked))
        try:
            for path in _images_of(side, check):
                found.setdefault(path, {})[run] = path
                count += 1
        except Error as e:
            problems.append(f"Run {side.name[:8]}: {str(e).rstrip('.')}.")
        looked = run + 1
        if count >= MOST_PICTURES:
            break
    return _found(found, problems, looked)


def _found(found: dict[str, dict[int, str]], problems: Sequence[str], looked: int) -> FoundImages:
    """What was found by now, as others may keep it."""
    copied = {path: dict(runs) for path, runs in found.items()}
    series = sorted(_series_of(copied), key=lambda each: (-each.runs, natural_key(each.name)))
    return FoundImages(tuple(series), tuple(problems), looked)


def _images_of(side: DiffSide, check: Callable[[], None]) -> list[str]:
    found = []
    for number, entry in enumerate(side.files(check)):
        if number >= MOST_FILES:
            break
        if entry.shape == "file" and not entry.problem and entry.name.lower().endswith(SUFFIXES):
            found.append(entry.path)
    return found


def _series_of(found: dict[str, dict[int, str]]) -> list[ImageSeries]:
    """Paths put together that differ in one number only, the last one that differs."""
    groups: dict[str, dict[int, str]] = {}
    for path in found:
        for match in _NUMBER.finditer(path):
            name = f"{path[: match.start()]}#{path[match.end() :]}"
            groups.setdefault(name, {})[int(match[0][:18])] = path
    made: list[ImageSeries] = []
    taken: set[str] = set()
    for name, by_step in sorted(groups.items(), key=lambda item: -len(item[1])):
        steps = sorted(step for step, path in by_step.items() if path not in taken)
        if len(steps) > 1:
            taken.update(by_step[step] for step in steps)
            paths = tuple(found[by_step[step]] for step in steps)
            made.append(ImageSeries(name, tuple(steps), paths))
    made += [
        ImageSeries(path, (None,), (runs,)) for path, runs in found.items() if path not in taken
    ]
    return made
