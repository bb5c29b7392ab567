"""Which pictures runs have, by their names: those that most runs have first.

Names that differ only in one number ("step_100.png", "step_200.png") are one series, so that a
training of a thousand steps is one entry and not a thousand.

Why the names decide here and the content only when a picture is looked at: opening every file of
two hundred runs takes minutes on a cold disk. What is called a picture and is none is said then.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from core.errors import Error
from core.runs.files import FileEntry, walk_files
from core.text import natural_key

MOST_RUNS = 200
MOST_FILES = 20_000
"""Files of a run that are looked at."""
SUFFIXES = (".png", ".jpg", ".jpeg", ".gif", ".webp", ".bmp", ".svg", ".tif", ".tiff", ".ico")

_NUMBER = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class ImageSeries:
    """One picture that runs have, or several that differ in a number.

    Attributes:
        name: The path in its run; with "#" in place of the number where there are several.
        steps: The numbers, ascending; one None for a single picture.
        paths: For each step the path in each run that has it, by the place of the run.
    """

    name: str
    steps: tuple[int | None, ...]
    paths: tuple[dict[int, str], ...] = field(default=(), repr=False)

    @property
    def runs(self) -> int:
        """How many runs have any of it."""
        return len(set().union(*self.paths))

    def path(self, run: int, step: int) -> str | None:
        """Path of the picture in a run at a place in `steps`; None where it has none."""
        return self.paths[step].get(run)


@dataclass(frozen=True, slots=True)
class FoundImages:
    """The pictures of some runs.

    Attributes:
        series: Those that most runs have first, then in natural order.
        problems: A sentence each on runs that could not be read.
    """

    series: tuple[ImageSeries, ...] = ()
    problems: tuple[str, ...] = ()


def find_images(run_dirs: Sequence[Path], check: Callable[[], None]) -> FoundImages:
    """The pictures of runs, by their names.

    Args:
        run_dirs: The runs.
        check: Called often; raises to stop (core.errors.Cancelled).
    """
    found: dict[str, dict[int, str]] = {}
    problems = []
    for run, run_dir in enumerate(run_dirs):
        try:
            for path in _images_of(run_dir, check):
                found.setdefault(path, {})[run] = path
        except Error as e:
            problems.append(f"Run {run_dir.name[:8]}: {str(e).rstrip('.')}.")
    series = sorted(_series_of(found), key=lambda each: (-each.runs, natural_key(each.name)))
    return FoundImages(tuple(series), tuple(problems))


def _images_of(run_dir: Path, check: Callable[[], None]) -> list[str]:
    def enter(entry: FileEntry) -> bool:
        return not entry.target and entry.path != ".guild"

    found = []
    for number, entry in enumerate(walk_files(run_dir, enter=enter, check=check)):
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
