from __future__ import annotations

from pathlib import Path

from gui.archives.last_folder import LastFolder


def test_at_first_it_is_the_users_own(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))

    assert LastFolder().begin() == str(tmp_path)


def test_then_it_is_where_something_was_chosen(tmp_path):
    folder = LastFolder()

    folder.note(tmp_path / "x.zip")

    assert folder.begin() == str(tmp_path)


def test_of_a_folder_that_is_gone_it_is_what_is_left(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path / "me"))

    assert LastFolder(str(tmp_path / "gone" / "too")).begin() == str(tmp_path)
    assert LastFolder("/gone-for-ever/x").begin() == str(Path.home())
