"""Any bytes in place of the archive that runs are added to: it is added to or left as it is."""

import gzip
import tempfile
from pathlib import Path

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from core.archives.export import ExportOptions, export_runs
from core.errors import ArchiveError
from core.home import Home
from tests.support.runs import make_run

RUN = "a" * 32
HEADER = st.builds(
    lambda name, size, kind: name.ljust(124, b"\0") + size.ljust(32, b"\0") + kind,
    st.binary(max_size=100),
    st.one_of(st.integers(0, 10_000).map(lambda n: b"%011o" % n), st.binary(max_size=12)),
    st.sampled_from([b"0", b"5", b"x", b"L", b"2"]),
)
TAR = st.lists(st.one_of(st.binary(max_size=700), HEADER.map(lambda h: h.ljust(512, b"\0"))))
PACKED = TAR.map(b"".join).flatmap(
    lambda data: st.sampled_from(
        [data, gzip.compress(data), zstandard.compress(data), b"PK\x05\x06" + data]
    )
)


@settings(deadline=None, max_examples=60)
@given(PACKED, st.sampled_from([".zip", ".tar.gz", ".tar.zst"]))
def test_any_bytes_are_added_to_or_left(data, suffix):
    with tempfile.TemporaryDirectory() as directory:
        home = Home(Path(directory) / "home")
        make_run(home.runs_dir, RUN)
        path = Path(directory) / f"x{suffix}"
        path.write_bytes(data)
        try:
            outcome = export_runs(home, [RUN], path, ExportOptions())
        except ArchiveError:
            assert path.read_bytes() == data
        else:
            assert [*outcome.exported, *outcome.skipped] == [RUN]
        assert sorted(entry.name for entry in Path(directory).iterdir()) == ["home", path.name]


def test_a_tar_that_ends_in_the_middle_is_left_as_it_is(tmp_path):
    home = Home(tmp_path / "home")
    make_run(home.runs_dir, RUN)
    path = tmp_path / "x.tar.zst"
    export_runs(home, [RUN], path, ExportOptions())
    path.write_bytes(path.read_bytes()[:-40])
    before = path.read_bytes()

    with pytest.raises(ArchiveError, match="it is damaged"):
        export_runs(home, [RUN], path, ExportOptions())

    assert path.read_bytes() == before
