"""Sample stores: homes full of invented runs, to try the application out and to measure it.

Why: the same generator serves people (a small store that tells a story), tests and benchmarks
(up to 100,000 runs), so that what is measured is what is looked at. A store depends only on
its arguments: the same ones give the same files.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from pathlib import Path

from core.errors import HomeError
from core.samples.plan import Outcome, Planner, SampleRun
from core.samples.run_files import RunWriter
from core.samples.story import story as tell

# The end of the two years when nobody says otherwise: 2026-01-15 12:00 UTC.
SAMPLE_NOW = 1_768_478_400_000_000
STORY_RUNS = 60

_WAITING: tuple[Outcome, ...] = ("staged", "pending", "staged")


def make_sample_store(
    home_dir: Path,
    *,
    runs: int = STORY_RUNS,
    seed: int = 0,
    now: int = SAMPLE_NOW,
    story: bool = False,
    running_pid: int | None = None,
    check: Callable[[], None] | None = None,
) -> None:
    """Make `home_dir` a Guild home with `runs` runs, and some more in its trash.

    Args:
        home_dir: Made when it does not exist; must hold no runs yet.
        runs: How many runs there will be.
        seed: Another number gives another store.
        now: Where the two years end, in microseconds since 1970-01-01 UTC.
        story: Give the runs pictures, coloured output and longer tables, for people to look at.
        running_pid: Process id of a living process: one run appears to be running.
        check: Called before each run; what it raises ends the work (a job's cancel).

    Raises:
        HomeError: The directory holds runs already, or cannot be written.
    """
    try:
        runs_dir, trash_dir = _make_home(home_dir)
        rng = random.Random(f"sample {seed}")
        writer = RunWriter(rng, with_pictures=story, pid=running_pid)
        waiting = _waiting(runs, running_pid)
        planner = Planner(rng, now, runs - len(waiting))
        groups = tell(planner) if story else planner.groups()
        for run, is_deleted in _plan(planner, groups, waiting):
            if check is not None:
                check()
            writer.write(trash_dir if is_deleted else runs_dir, run)
    except OSError as e:
        raise HomeError(
            f"The sample store in {home_dir} cannot be written: {e.strerror}",
            hint="Choose a directory that can be written and has enough free space.",
        ) from e


def _make_home(home_dir: Path) -> tuple[Path, Path]:
    runs_dir, trash_dir = home_dir / "runs", home_dir / "trash" / "runs"
    if runs_dir.exists() and any(runs_dir.iterdir()):
        raise HomeError(
            f"A sample store cannot be made in {home_dir}: there are runs already",
            hint="Choose a new or an empty directory.",
        )
    for path in (runs_dir, trash_dir, home_dir / "cache"):
        path.mkdir(parents=True, exist_ok=True)
    (home_dir / ".guild-nocopy").touch()
    return runs_dir, trash_dir


def _waiting(runs: int, running_pid: int | None) -> tuple[Outcome, ...]:
    """What the last runs are doing."""
    waiting = _WAITING if runs >= 2 * len(_WAITING) else ()
    return waiting if running_pid is None else (*waiting, "running")


def _plan(
    planner: Planner, groups: Iterator[list[SampleRun]], waiting: tuple[Outcome, ...]
) -> Iterator[tuple[SampleRun, bool]]:
    """Every run to write, and whether it lies in the trash."""
    for number, group in enumerate(groups):
        yield from ((run, False) for run in group)
        if number % 20 == 4:
            yield from ((run, True) for run in planner.trained())
    yield from ((planner.waiting(outcome), False) for outcome in waiting)
