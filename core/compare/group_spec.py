"""What runs are grouped by, as text: columns, or "all but seed" for all flags but some.

Why "all but seed" is kept as these words and not as the flags that it means now: runs that come
later may have a flag that none had, and would be put together although they differ in it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from core.compare.column_spec import ColumnSpec, parse_columns

_ALL_FLAGS_BUT = re.compile(r"all (?:flags )?but (?P<names>.*)", re.DOTALL)


def text_left_out(text: str) -> str | None:
    """Where all flags but some make the groups, how those are written; else None."""
    found = _ALL_FLAGS_BUT.fullmatch(text.lstrip())
    return None if found is None else found["names"]


def flags_left_out(text: str) -> list[str] | None:
    """Where all flags but some make the groups, the names of those; else None.

    Raises:
        QueryError: The names are not understood.
    """
    written = text_left_out(text)
    return None if written is None else [spec.name for spec in parse_columns(written)]


def all_flags_but(names: Iterable[str]) -> str:
    """The text that means all flags but these, at least one."""
    return "all but " + ", ".join(str(ColumnSpec("flag", name)) for name in names)


def check_group_text(text: str) -> None:
    """Make sure that a text says what runs are to be grouped by.

    Raises:
        QueryError: It does not.
    """
    if flags_left_out(text) is None:
        parse_columns(text)
