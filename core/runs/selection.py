"""Which runs a user means by an index, a slice, an id or the beginning of one.

Indexes count from 1 in the order of the list they were read from, that is after its filters.
Guild's order of meaning is kept: a whole number that is in range is an index, any other text is
the beginning of an id (ids of digits only exist). One thing differs on purpose: a text that is a
whole id means that run even where it begins another id too, because Guild itself makes such pairs
(`ID` and `ID_x1y2z3w4`) in its trash and then refuses both.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

from core.errors import RunAmbiguous, RunNotFound

# No list is longer than 18 digits can say, and Python refuses to read thousands of them.
_SLICE = re.compile(r"(\d{0,18}):(\d{0,18})\Z", re.ASCII)
_INDEX = re.compile(r"\d{1,18}\Z", re.ASCII)
USUAL_LIST = "rundesk list"
_SHOWN = 5
_SHORT = 8
_ID_LENGTH = 32


def needs_order(text: str) -> bool:
    """Whether `text` can be an index or a slice, so that only an ordered list can resolve it."""
    return bool(_INDEX.match(text) or _SLICE.match(text))


def resolve_runs(
    texts: Iterable[str], ids: Sequence[str], *, listed: str = USUAL_LIST
) -> list[int]:
    """Find the runs that several texts mean.

    Args:
        texts: Each an index, a slice `A:B` (both ends included, either may be missing), an id or
            the beginning of one.
        ids: Ids of all runs that may be meant, in the order of the list.
        listed: The command that prints that list, for advice.

    Returns:
        Positions in `ids`, counted from 0, in the order of naming and each only once.

    Raises:
        RunNotFound: A text matches none.
        RunAmbiguous: A text is the beginning of several ids.
    """
    with _advising(listed):
        found = [position for text in texts for position in _resolve(text, ids)]
    return list(dict.fromkeys(found))


def resolve_run(text: str, ids: Sequence[str], *, listed: str = USUAL_LIST) -> int:
    """Find the one run that `text` means; the position in `ids`, counted from 0.

    Raises:
        RunNotFound: It matches none.
        RunAmbiguous: It matches several, as a slice does.
    """
    with _advising(listed):
        found = _resolve(text, ids)
        if len(found) > 1:
            raise _ambiguous(text, [ids[position] for position in found])
    return found[0]


@contextmanager
def _advising(listed: str) -> Iterator[None]:
    """Let advice name the command that prints the list in question."""
    try:
        yield
    except (RunNotFound, RunAmbiguous) as e:
        e.hint = e.hint.replace(f"`{USUAL_LIST}`", f"`{listed}`")
        raise


def _resolve(text: str, ids: Sequence[str]) -> list[int]:
    if _INDEX.match(text) and 1 <= int(text) <= len(ids):
        return [int(text) - 1]
    limits = _SLICE.match(text)
    if limits:
        return _resolve_slice(text, limits[1], limits[2], len(ids))
    return [_resolve_prefix(text, ids)]


def _resolve_slice(text: str, first: str, last: str, count: int) -> list[int]:
    start, end = int(first or 1), int(last or count)
    if not count or not 1 <= start <= end <= count:
        raise _not_found(text, count)
    return list(range(start - 1, end))


def _resolve_prefix(text: str, ids: Sequence[str]) -> int:
    matching = [position for position, run_id in enumerate(ids) if text and run_id.startswith(text)]
    exact = [position for position in matching if ids[position] == text]
    if exact:
        return exact[0]
    if not matching:
        raise _not_found(text, len(ids))
    if len(matching) > 1:
        raise _ambiguous(text, [ids[position] for position in matching])
    return matching[0]


def _not_found(text: str, count: int) -> RunNotFound:
    listed = (
        f"the list has {count} run{'' if count == 1 else 's'}" if count else "the list is empty"
    )
    hint = f"Name a run by its id, the beginning of its id, or its number in `{USUAL_LIST}`."
    if needs_order(text):
        return RunNotFound(f"No run matches {text!r}: {listed}.", hint=hint)
    return RunNotFound(f"No run matches {text!r}.", hint=hint)


def _ambiguous(text: str, ids: Sequence[str]) -> RunAmbiguous:
    shown = ids[:_SHOWN]
    length = max(_SHORT, len(text) + 4)
    while len({run_id[:length] for run_id in shown}) < len(set(shown)):
        length += 4  # enough to tell them apart
    if length > _ID_LENGTH:
        # An id that is twice in the trash: a part of what follows it is no name.
        length = max(map(len, shown))
    names = ", ".join(run_id[:length] for run_id in shown)
    more = ", …" if len(ids) > _SHOWN else ""
    return RunAmbiguous(
        f"{text!r} matches {len(ids)} runs ({names}{more}), but one is needed.",
        hint=f"Give more characters of the id, or one number of `{USUAL_LIST}`.",
    )
