"""Whether values out of a cache file can be those that were put there.

Why: SQLite gives back what is on the disk, of whatever type. A file that another program wrote
to, or that lost a sector, must neither stop the program nor be shown: a run with such a value
counts as changed, so that it is read again and its row is written anew.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, get_args, get_type_hints

from core.index.row import SUMMARY, Row, decode_comments, decode_links, decode_tags
from core.index.schema import Cache, CacheLost
from core.runs.run import STATUSES

_TYPES: dict[str, frozenset[type]] = {
    name: frozenset(get_args(hint) or (hint,)) for name, hint in get_type_hints(Row).items()
}
_DEFAULTS: dict[str, Any] = Row._field_defaults


class SoundFields:
    """The fields that a cache has, without what cannot be right.

    Attributes:
        suspects: Places of the runs of which the cache said something that cannot be right.
    """

    def __init__(self, cache: Cache) -> None:
        self.suspects: set[int] = set()
        self._cache = cache

    def take(self, names: Sequence[str]) -> dict[str, list[Any]]:
        """Fields of all runs by name.

        Raises:
            CacheLost: Not even which runs there are can be told; the cache is empty now.
        """
        found = self._cache.fields(names)
        if "deleted" in found:
            if not are_keys(found["id"], found["deleted"]):
                self._cache.start_again()
                raise CacheLost
            found["deleted"] = list(map(bool, found["deleted"]))
        self.suspects |= set_right(found)
        return found


def set_right(fields: dict[str, list[Any]]) -> set[int]:
    """Replace values that cannot be right by those of a run of which nothing is known.

    Args:
        fields: Names of fields to their values; changed in place.

    Returns:
        The places of the runs concerned.
    """
    wrong: set[int] = set()
    for name, values in fields.items():
        if name in _DEFAULTS:
            places = _wrong_places(name, values)
            for place in places:
                values[place] = _DEFAULTS[name]
            wrong.update(places)
    if "summaries" in fields and "scalar_keys" in fields:
        for place in _unpaired(fields["scalar_keys"], fields["summaries"]):
            fields["scalar_keys"][place] = fields["summaries"][place] = None
            wrong.add(place)
    return wrong


def are_keys(ids: Sequence[Any], deleted: Sequence[Any]) -> bool:
    """Whether runs can be told apart by these: without that no row is of any use."""
    return set(map(type, ids)) <= {str} and all(place in (0, 1) for place in set(deleted))


def _wrong_places(name: str, values: Sequence[Any]) -> list[int]:
    types, is_right = _TYPES[name], _TESTS.get(name)
    if not set(map(type, values)) <= types:
        return [
            place
            for place, value in enumerate(values)
            if type(value) not in types or not (value is None or not is_right or is_right(value))
        ]
    if is_right is None:
        return []
    wrong = {value for value in set(values) if value is not None and not is_right(value)}
    return [place for place, value in enumerate(values) if value in wrong] if wrong else []


def _unpaired(keys: Sequence[str | None], packed: Sequence[bytes | None]) -> list[int]:
    return [
        place
        for place, (names, numbers) in enumerate(zip(keys, packed, strict=True))
        if (len(numbers) if numbers else 0)
        != (SUMMARY.size * (names.count("\n") + 1) if names else 0)
    ]


def _is_status(text: str) -> bool:
    return text in STATUSES


def _are_tags(text: str) -> bool:
    return _holds(text, decode_tags, lambda tag: isinstance(tag, str))


def _are_links(text: str) -> bool:
    return _holds(text, decode_links, lambda link: all(isinstance(part, str) for part in link))


def _are_comments(text: str) -> bool:
    return _holds(
        text,
        decode_comments,
        lambda comment: (
            all(isinstance(part, str) for part in (comment.body, comment.user, comment.host))
            and (comment.time is None or type(comment.time) is int)
        ),
    )


def _holds(
    text: str, decode: Callable[[str], Sequence[Any]], is_right: Callable[[Any], bool]
) -> bool:
    try:
        found = decode(text) if text.startswith("[") else ()
        return len(found) > 0 and all(map(is_right, found))  # empty ones are kept as None
    except (ValueError, TypeError, RecursionError):
        return False


_TESTS: dict[str, Callable[[Any], bool]] = {
    "status": _is_status,
    "tags": _are_tags,
    "links": _are_links,
    "comments": _are_comments,
}
