"""Every test of the window finds what the window imports later there already.

Else the first test of a process that opens a page would get it a moment later than the others
(`tests/gui/test_late_page.py` is about that moment).
"""

from __future__ import annotations

from importlib import import_module

import pytest


@pytest.fixture(scope="session", autouse=True)
def imported_ahead() -> None:
    """Import the pages beside the table of runs."""
    from gui.startup.imports_ahead import MODULES

    for name in MODULES:
        import_module(name)
