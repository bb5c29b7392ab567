from __future__ import annotations

from gui.startup.first_home import homes_in


def test_what_is_no_folder_is_said_to_be_none(tmp_path):
    picture = tmp_path / "photo.jpg"
    picture.write_text("no folder")

    assert homes_in([picture]) == ([], f"Cannot open {picture}: it is no folder.")


def test_a_folder_that_is_not_there_is_told_and_the_others_are_opened(tmp_path):
    gone = tmp_path / "gone"

    found, problem = homes_in([gone, tmp_path])

    assert found == [tmp_path]
    assert problem == f"Cannot open {gone}: there is no such folder."
