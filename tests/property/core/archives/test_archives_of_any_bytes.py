"""Archives are other people's bytes: whatever they hold, the answer is a run or a sentence."""

from __future__ import annotations

import io
import tarfile
import tempfile
import tracemalloc
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.archives.archive_index import ArchiveIndex
from core.archives.entries import ArchiveEntry, link_problem, safe_name, sort_out
from core.archives.source import open_source
from core.errors import ArchiveError
from tests.support.archives import FORMS
from tests.support.runs import make_run

KINDS = ["zip", "stored zip", "tar", "GNU tar", "tar.gz of many members", "tar.zst of many frames"]
RUNS = [f"{n:02x}" * 16 for n in range(1, 4)]
MOST_MEMORY = 48 << 20

TEXTS = st.text(alphabet=st.sampled_from("aA.\\/:\0\nüu\u0308C "), max_size=12)


@cache
def archive_bytes(kind: str) -> bytes:
    """A whole archive of each kind, with links, odd names and a batch."""
    with tempfile.TemporaryDirectory() as name:
        base = Path(name)
        for run_id in RUNS:
            make_run(
                base / "runs",
                run_id,
                attrs={"label": "fine", "flags": "lr: 0.1", "exit_status": "0"},
                files={"train.py": "print(1)\n" * 50, "dïr/two\nlines": "x", ".guild/manifest": ""},
            )
        (base / "runs" / RUNS[0] / RUNS[1]).symlink_to(f"../{RUNS[1]}")
        (base / "runs" / RUNS[0] / "latest").symlink_to("train.py")
        return FORMS[kind](base / "runs", base).read_bytes()


def read_everything(data: bytes, suffix: str) -> int:
    """Ask everything that can be asked of an archive; returns how many runs it has."""
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / f"any{suffix}"
        path.write_bytes(data)
        try:
            source = open_source(path)
        except ArchiveError as e:
            assert str(e).endswith(".")
            return 0
        try:
            index = ArchiveIndex(source)
            for _ in index.refresh():
                pass
            list(index.json_documents(index.columns.slots()))
            for run_id in source.ids():
                read_run(source, run_id)
            assert all(problem.endswith(".") for problem in source.problems())
            return len(source.ids())
        finally:
            source.close()


def read_run(source, run_id: str) -> None:
    try:
        entries = source.entries(run_id)
        for entry in entries:
            assert "/".join(safe_name(entry.name)) == entry.name.rstrip("/")
            assert entry.kind != "link" or not link_problem(entry.name, entry.target)
        for _, entry, content in source.files([run_id], lambda: None):
            assert len(content.read()) == entry.size
    except ArchiveError as e:
        assert str(e).endswith(".")


@pytest.mark.parametrize("kind", KINDS)
def test_an_archive_that_is_whole_has_its_runs(kind):
    assert read_everything(archive_bytes(kind), f".{kind.split()[-1]}") == len(RUNS)


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
def test_damaged_archives_never_break_anything(kind, data):
    archive = bytearray(archive_bytes(kind))
    places = st.integers(0, len(archive) - 1)
    # The ends hold what is believed about all the rest.
    near_end = st.integers(max(0, len(archive) - 700), len(archive) - 1)
    for place in data.draw(st.lists(st.one_of(places, near_end), min_size=1, max_size=12)):
        archive[place] = data.draw(st.integers(0, 255))
    if data.draw(st.booleans()):
        cut = data.draw(places)
        del archive[cut : cut + data.draw(st.integers(1, 2000))]
    tracemalloc.start()
    try:
        read_everything(bytes(archive), ".zip" if "zip" in kind else ".tar")
        assert tracemalloc.get_traced_memory()[1] < MOST_MEMORY
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("begin", [b"", b"PK\3\4", b"\x1f\x8b\x08\0", b"\x28\xb5\x2f\xfd"])
@given(data=st.binary(max_size=2000))
def test_any_bytes_are_an_archive_or_not(begin, data):
    read_everything(begin + data, "")


@given(
    names=st.lists(TEXTS.filter(lambda t: t.strip("/") and "\0" not in t), max_size=4),
    form=st.sampled_from([tarfile.GNU_FORMAT, tarfile.PAX_FORMAT]),
    size=st.integers(0, 3000),
)
def test_what_tarfile_writes_is_read_as_tarfile_reads_it(names, form, size):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=form) as archive:
        for name in ["r/.guild/opref", *(f"r/{name}" for name in names)]:
            info = tarfile.TarInfo(name)
            info.size = size
            archive.addfile(info, io.BytesIO(b"x" * size))
    with tarfile.open(fileobj=io.BytesIO(buffer.getvalue())) as archive:
        theirs = [(member.name.rstrip("/"), member.size) for member in archive]

    with tempfile.TemporaryDirectory() as base:
        path = Path(base) / "r.tar"
        path.write_bytes(buffer.getvalue())
        source = open_source(path)
        ours = [(f"r/{name}", member.size) for name, member in source._members("r")]
        source.close()

    assert [name for name, _ in ours] == [name for name, _ in theirs]


@given(
    st.lists(
        st.builds(
            ArchiveEntry,
            TEXTS,
            st.sampled_from(["file", "dir", "link", "other"]),
            target=TEXTS,
        ),
        max_size=8,
    )
)
def test_what_is_kept_can_be_written_in_any_order_within_its_run(entries):
    try:
        kept = sort_out(entries).entries
    except ArchiveError as e:
        assert "\0" not in str(e)
        return

    names = ["/".join(safe_name(entry.name)) for entry in kept]
    solid = {name for name, entry in zip(names, kept, strict=True) if entry.kind != "dir"}
    assert len(set(names)) == len(names)
    for name in names:
        parts = name.split("/")
        assert ".." not in parts
        assert not solid & {"/".join(parts[:n]) for n in range(1, len(parts))}
