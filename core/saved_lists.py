"""Smart lists: filters with a name that the user keeps, in the order they chose.

A list is only its text in the filter box, so that clicking one shows what it does and the text
can be changed by hand. Lists are found by name; two never have the same one.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct
from msgspec.structs import replace

from core.errors import SettingsError


class SavedList(Struct, frozen=True):
    """A named filter.

    Attributes:
        name: Shown in the places; unique, never empty.
        filter: Text of the filter box; empty means every run.
    """

    name: str
    filter: str


Lists = tuple[SavedList, ...]


def add_list(lists: Sequence[SavedList], new: SavedList) -> Lists:
    """Append a list.

    Raises:
        SettingsError: The name is empty or taken.
    """
    return (*lists, _checked(lists, new))


def change_list(lists: Sequence[SavedList], name: str, new: SavedList) -> Lists:
    """Put `new` where the list called `name` is.

    Raises:
        SettingsError: No list has that name, or the new name is empty or taken.
    """
    place = _place(lists, name)
    others = [kept for kept in lists if kept.name != name]
    checked = _checked(others, new)
    return (*lists[:place], checked, *lists[place + 1 :])


def delete_list(lists: Sequence[SavedList], name: str) -> Lists:
    """Leave out the list called `name`.

    Raises:
        SettingsError: No list has that name.
    """
    place = _place(lists, name)
    return (*lists[:place], *lists[place + 1 :])


def move_list(lists: Sequence[SavedList], name: str, by: int) -> Lists:
    """Move the list called `name` by so many places, but not beyond either end.

    Raises:
        SettingsError: No list has that name.
    """
    place = _place(lists, name)
    rest = [kept for kept in lists if kept.name != name]
    target = min(max(place + by, 0), len(rest))
    return (*rest[:target], lists[place], *rest[target:])


def _checked(lists: Sequence[SavedList], new: SavedList) -> SavedList:
    name = " ".join(new.name.split())
    if not name:
        raise SettingsError("A list needs a name", hint="Type a name for the list.")
    if any(kept.name.casefold() == name.casefold() for kept in lists):
        raise SettingsError(f"There is a list called “{name}” already", hint="Choose another name.")
    return replace(new, name=name, filter=new.filter.strip())


def _place(lists: Sequence[SavedList], name: str) -> int:
    for place, kept in enumerate(lists):
        if kept.name == name:
            return place
    raise SettingsError(
        f"There is no list called “{name}”", hint="It may have been deleted in another window."
    )
