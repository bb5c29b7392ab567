"""What Guild gives its diff command of two runs: pairs of paths, by the same options.

Why the runs' own directories and no copies: such programs let people look around in them. Paths are
only names here, nothing is read; what a path of the user leads to must lie in the run all the same,
as for every other command.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

from core.compare.diff_runs import SectionName
from core.errors import RunDamaged, RunError, RunNotFound
from core.runs.attrs import read_attr
from core.runs.files import shown
from core.runs.opref import parse_opref
from core.runs.store import Store

_ATTRS = ".guild/attrs"
_PLACES: tuple[tuple[SectionName, str], ...] = (
    ("environment", f"{_ATTRS}/env"),
    ("flags", f"{_ATTRS}/flags"),
    ("dependencies", f"{_ATTRS}/deps"),
    ("output", ".guild/output"),
)


def command_paths(
    left: Path, right: Path, sections: Collection[SectionName], paths: Sequence[str]
) -> list[tuple[Path, Path]]:
    """Pairs of paths that are compared one after another, as by Guild; whole runs for nothing.

    Args:
        left: Directory of a run.
        right: Directory of another one.
        sections: What is asked for; "attributes" includes all that are attributes.
        paths: Files or directories in both, or in their source code where that is asked for.

    Raises:
        RunError: A path is none inside of a run.
    """
    for path in paths:
        if path.startswith("/") or ".." in path.split("/"):
            raise RunError(f"{shown(path)} is no path inside of a run", path=left)
    pairs = list(_pairs(left, right, sections, paths))
    return pairs or [(left, right)]


def source_dir(run_dir: Path) -> Path:
    """Where the source code of a run is: by its `op` attribute, as Guild finds it."""
    dest = _of_source_code(run_dir, "dest")
    if dest.startswith("/") or ".." in dest.split("/"):
        return run_dir
    return run_dir / dest


def project_dir(run_dir: Path) -> Path:
    """Where the source code of a run came from.

    Raises:
        RunNotFound: That is not known.
    """
    try:
        project = parse_opref(Store(run_dir.parent).read(run_dir.name, scalars=None).opref)
        path = project.project_dir
    except RunDamaged:
        path = ""
    if not path:
        raise RunNotFound(
            f"It is not known where the source code of run {run_dir.name[:8]} came from.",
            hint="Name the directory with -d DIR.",
        )
    return Path(path, _of_source_code(run_dir, "root"))


def _of_source_code(run_dir: Path, name: str) -> str:
    """What the `op` attribute of a run says of its source code; empty for nothing."""
    try:
        op = read_attr(run_dir, "op")
    except RunDamaged:
        return ""
    sourcecode = op.get("sourcecode") if isinstance(op, dict) else None
    value = sourcecode.get(name) if isinstance(sourcecode, dict) else None
    return value if isinstance(value, str) else ""


def _pairs(
    left: Path, right: Path, sections: Collection[SectionName], paths: Sequence[str]
) -> Iterator[tuple[Path, Path]]:
    if "attributes" in sections:
        yield left / _ATTRS, right / _ATTRS
    for name, place in _PLACES:
        is_attr = place.startswith(_ATTRS)
        if name in sections and not (is_attr and "attributes" in sections):
            yield left / place, right / place
    roots = (left, right)
    if "source" in sections:
        roots = (source_dir(left), source_dir(right))
        if not paths:
            yield roots
    yield from ((roots[0] / path, roots[1] / path) for path in paths)
