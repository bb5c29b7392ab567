import os

import pytest

from core.own_file import replace_text


def test_a_file_is_made_with_its_directories(tmp_path):
    path = tmp_path / "new" / "deep" / "file.toml"

    replace_text(path, "é\n")

    assert path.read_bytes() == "é\n".encode()
    assert os.listdir(path.parent) == ["file.toml"]  # noqa: PTH208 - names are what is asked


def test_permissions_of_the_file_before_stay(tmp_path):
    path = tmp_path / "file"
    path.write_text("old")
    path.chmod(0o640)

    replace_text(path, "new")

    assert path.read_text() == "new"
    assert path.stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize("text", ["\ud800"])
def test_what_cannot_be_written_leaves_the_file_as_it_was(tmp_path, text):
    path = tmp_path / "file"
    path.write_text("old")

    with pytest.raises(UnicodeEncodeError):
        replace_text(path, text)

    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_directory_in_the_way_is_an_error_and_stays(tmp_path):
    (tmp_path / "file").mkdir()

    with pytest.raises(OSError, match="directory"):
        replace_text(tmp_path / "file", "new")

    assert [path.name for path in tmp_path.iterdir()] == ["file"]
