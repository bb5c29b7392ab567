"""Run directories written by hand, a file at a time, for tests of what reads them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

OPREF = "script:/home/ada/project '' '' train.py"


def make_run(
    runs_dir: Path,
    run_id: str = "a" * 32,
    *,
    opref: str | bytes | None = OPREF,
    attrs: Mapping[str, str | bytes] | None = None,
    files: Mapping[str, str | bytes] | None = None,
) -> Path:
    """A run whose attributes and other files hold exactly the texts given.

    Args:
        runs_dir: Where the run is made.
        run_id: Name of its directory.
        opref: Content of `.guild/opref`; None makes no opref.
        attrs: Attribute name to the text of its file, without the final newline.
        files: Path below the run to content.
    """
    run_dir = runs_dir / run_id
    (run_dir / ".guild" / "attrs").mkdir(parents=True)
    if opref is not None:
        _write(run_dir / ".guild" / "opref", opref)
    for name, value in (attrs or {}).items():
        _write(
            run_dir / ".guild" / "attrs" / name, f"{value}\n" if isinstance(value, str) else value
        )
    for name, value in (files or {}).items():
        _write(run_dir / name, value)
    return run_dir


def _write(path: Path, content: str | bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
