"""Both ways of working in a run's directories, on a platform that knows the better one only."""

from __future__ import annotations

import pytest

from core.runs import held_directory


@pytest.fixture(params=["descriptors", "paths"])
def way(request, monkeypatch) -> str:
    """Each test twice: with directories that are held open, and as on Windows by their paths."""
    if request.param == "paths":
        monkeypatch.setattr(held_directory, "START", held_directory.BY_PATH)
    return request.param


BOTH_WAYS = pytest.mark.usefixtures("way")
"""For a module of tests that hold both ways."""

HELD_OPEN = pytest.mark.parametrize("way", ["descriptors"], indirect=True)
"""For a test in it of what is only promised where directories are held open."""
