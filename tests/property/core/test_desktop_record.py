"""The record of what was installed may say anything; only what is below the prefix may go."""

from __future__ import annotations

import contextlib
import tempfile
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from core.desktop import uninstall
from core.errors import DesktopError

PIECES = (
    *("..", ".", "/", "//", "outside", "prefix", "applications", "linked", "mine.txt", "\0"),
    *("~", " ", "x" * 300, "mimeinfo.cache", "\\", "C:", "é"),
)
paths = st.lists(st.sampled_from(PIECES), max_size=5).map("/".join)
lines = st.one_of(paths, paths.map("{}/".format), st.text(max_size=10))
records = st.one_of(
    st.binary(max_size=100),
    st.lists(lines, max_size=6).map(lambda found: "\n".join(found).encode("utf-8", "replace")),
)


def make_places(top: Path) -> tuple[Path, Path]:
    """A prefix with a file nobody recorded and a link out of it, and what is beside it."""
    prefix, outside = top / "prefix", top / "outside"
    for folder in (prefix / "rundesk", prefix / "applications", outside):
        folder.mkdir(parents=True)
    for path in (prefix / "kept.desktop", outside / "mine.txt", outside / "mimeinfo.cache"):
        path.write_text("mine")
    (prefix / "linked").symlink_to(outside)
    return prefix, outside


@given(records)
def test_nothing_outside_of_the_prefix_is_removed_and_nothing_unrecorded(record):
    with tempfile.TemporaryDirectory() as place:
        prefix, outside = make_places(Path(place))
        (prefix / "rundesk" / "desktop-files.txt").write_bytes(record)

        with contextlib.suppress(DesktopError):
            uninstall(prefix)

        assert (prefix / "kept.desktop").read_text() == "mine"
        assert outside.is_dir()
        recorded = record.split(b"\n")
        for name in ("mine.txt", "mimeinfo.cache"):
            was_named = any(line.rstrip(b"/").endswith(name.encode()) for line in recorded)
            assert (outside / name).exists() or was_named


@given(st.lists(st.sampled_from(["../outside/mine.txt", "linked/", "./", ".//", "/"]), min_size=1))
def test_the_ways_out_lead_nowhere(found):
    with tempfile.TemporaryDirectory() as place:
        prefix, outside = make_places(Path(place))
        record = prefix / "rundesk" / "desktop-files.txt"
        record.write_text("\n".join([*found, str(outside / "mine.txt")]))

        assert uninstall(prefix) == []

        assert sorted(path.name for path in outside.iterdir()) == ["mimeinfo.cache", "mine.txt"]
        assert prefix.is_dir()
