import os

import pytest

from core.runs import file_facts
from core.runs.file_facts import set_link_times, set_mode, set_times


@pytest.mark.parametrize("by_descriptor", [True, False])
def test_a_file_gets_its_mode_and_times(tmp_path, monkeypatch, by_descriptor):
    monkeypatch.setattr(file_facts, "_BY_DESCRIPTOR", by_descriptor)
    path = tmp_path / "file"
    path.write_text("x")
    descriptor = os.open(path, os.O_RDONLY)

    set_mode(descriptor, 0o640)
    set_times(str(path), descriptor, 1_000_000_001, 2_000_000_002)
    os.close(descriptor)

    found = path.stat()
    assert found.st_mode & 0o7777 == 0o640
    assert (found.st_atime_ns, found.st_mtime_ns) == (1_000_000_001, 2_000_000_002)


@pytest.mark.parametrize("of_links", [True, False])
def test_a_link_gets_times_where_the_platform_knows_them_and_its_target_none(
    tmp_path, monkeypatch, of_links
):
    monkeypatch.setattr(file_facts, "_OF_LINKS", of_links)
    (tmp_path / "file").write_text("x")
    (tmp_path / "link").symlink_to("file")
    before = (tmp_path / "file").stat().st_mtime_ns

    set_link_times(str(tmp_path / "link"), 5, 7)

    assert ((tmp_path / "link").lstat().st_mtime_ns == 7) == of_links
    assert (tmp_path / "file").stat().st_mtime_ns == before
