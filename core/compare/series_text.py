"""Every step of scalars as rows: the columns of TensorBoard's export, as Guild writes it.

Why a row at a time: a run may have thirty million values.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from core.errors import RunDamaged
from core.runs.files import shown
from core.runs.guild_files import reason
from core.runs.scalars import find_event_directories
from core.text import float_text

if TYPE_CHECKING:
    from core.runs.tfevents import Points

HEADER = ("run", "path", "tag", "value", "step")

AT_ONCE = 5_000

_GUILD = ".guild"


class ScalarValue(Struct, frozen=True):
    """One value of a scalar at one step.

    Attributes:
        run: Id of the run.
        path: Directory of its event file below the run; empty for the run itself.
        tag: Name of the scalar there.
        value: Float32 read as float64; may be nan or infinite.
        step: Its step.
        wall_time: Seconds since 1970-01-01 UTC; 0.0 where not written.
    """

    run: str
    path: str
    tag: str
    value: float
    step: int
    wall_time: float

    @property
    def key(self) -> str:
        """The scalar's key, as everywhere else."""
        return f"{self.path}#{self.tag}" if self.path not in ("", _GUILD) else self.tag


def scalar_values(
    run_id: str,
    run_dir: Path,
    *,
    wanted: Callable[[str], bool] = lambda key: True,
    check: Callable[[], None] = lambda: None,
) -> Iterator[ScalarValue]:
    """Every value of a run, a file after the other, of each in the order it was written.

    Args:
        run_id: The run.
        run_dir: Its directory.
        wanted: Which scalar keys.
        check: Called often; raises to stop.

    Raises:
        RunDamaged: A file cannot be read or is damaged; what comes before was given out.
    """
    directories, problem = find_event_directories(run_dir, linked=False)
    for directory in reversed(directories):
        path = _path_of(run_dir, directory.path)
        for name in directory.names:
            batches = _batches(directory.path / name, check)
            try:
                for tag, points in batches:
                    if wanted(directory.prefix + tag):
                        rows = zip(points.values, points.steps, points.wall_times, strict=True)
                        for value, step, wall_time in rows:
                            yield ScalarValue(run_id, path, tag, value, step, wall_time)
            except RunDamaged as e:
                problem = problem or str(e)
    if problem:
        raise RunDamaged(f"Run {run_id[:8]}: {problem}.", path=run_dir)


def _batches(path: Path, check: Callable[[], None]) -> Iterator[tuple[str, Points]]:
    """The points of a file, a tag of a chunk after the other."""
    from core.runs.tfevents import EventReader

    reader = EventReader(str(path), timed=True)
    try:
        for batch in reader.batches():
            check()
            yield from ((tag, points) for tag, points in batch.items() if points.values)
    except OSError as e:
        raise RunDamaged(f"Cannot read {shown(path.name)}: {reason(e)}", path=path) from e
    if reader.problem:
        raise RunDamaged(reader.problem, path=path)


def csv_pieces(values: Iterable[ScalarValue]) -> Iterator[str]:
    """Values as CSV, a piece at a time; numbers with every digit that matters."""
    yield _csv([HEADER])
    for some in in_batches(values):
        yield _csv((v.run, v.path, v.tag, float_text(v.value), v.step) for v in some)


def in_batches(values: Iterable[ScalarValue]) -> Iterator[list[ScalarValue]]:
    """Some thousand values at a time."""
    rest = iter(values)
    while some := list(islice(rest, AT_ONCE)):
        yield some


def _csv(rows: Iterable[Sequence[Any]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()


def document(value: ScalarValue) -> dict[str, Any]:
    """A value as JSON: what is no number in JSON is a text there."""
    number: float | str = value.value if isfinite(value.value) else float_text(value.value)
    return {
        "run": value.run,
        "path": value.path,
        "tag": value.tag,
        "key": value.key,
        "value": number,
        "step": value.step,
        "wall_time": value.wall_time,
    }


def _path_of(run_dir: Path, directory: Path) -> str:
    path = directory.relative_to(run_dir).as_posix()
    return "" if path == "." else path
