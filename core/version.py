"""The version of the program, as its installation records it."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version

DISTRIBUTION = "rundesk"


def program_version() -> str:
    """E.g. "0.1.0"; "unknown" when the program runs without being installed."""
    try:
        return version(DISTRIBUTION)
    except PackageNotFoundError:
        return "unknown"
