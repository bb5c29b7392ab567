"""The version of the program, as its installation records it."""

from __future__ import annotations

DISTRIBUTION = "rundesk"


def program_version() -> str:
    """E.g. "0.1.0"; "development" when the program runs without being installed."""
    from importlib.metadata import PackageNotFoundError, version  # 20 ms that few need

    try:
        return version(DISTRIBUTION)
    except PackageNotFoundError:
        return "development"
