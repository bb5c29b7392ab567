"""The small files of one run of an archive, as `core.runs.run_reading` asks for them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from functools import lru_cache
from typing import Any

from core.errors import RunDamaged
from core.runs.attrs import decode_attr, decode_text
from core.runs.guild_files import MOST_BYTES
from core.runs.links import MAX_LINKS, linked_run
from core.runs.status import Markers, lock_text

GUILD = ".guild/"
ATTRS = ".guild/attrs/"

ReadSmall = Callable[[str], bytes | None]
"""The content of a file by its name relative to the run; None where there is none. Raises
RunDamaged where it cannot be read or is too large."""


_ALIKE = frozenset(["exit_status", "host", "user", "sourcecode_digest", "vcs_commit", "marked"])
"""Attributes that are a word or a number, and the same for most runs of an archive."""

_SHORT = 200


@lru_cache(maxsize=1000)
def _decode_word(name: str, text: str) -> Any:
    return decode_attr(name, text, empty_is_damage=True)


@lru_cache(maxsize=500)
def _sorted_out(names: frozenset[str]) -> tuple[frozenset[str], frozenset[str]]:
    """Names in `.guild` and names of attributes: the same for nearly all runs of an operation."""
    attrs = {name for name in names if name.startswith(ATTRS)}
    others = (name[len(GUILD) :] for name in names if name not in attrs)
    found = {name.partition("/")[0] for name in others}
    below = (name[len(ATTRS) :] for name in attrs)
    return (
        frozenset(found | {"attrs"} if attrs else found) - {""},
        frozenset(name for name in below if name and "/" not in name),
    )


class SmallFiles:
    """What an archive knows of one run (see core.runs.run_reading.RunFiles).

    Args:
        run_dir: The archive and the run's place in it.
        names: Names of its entries in `.guild`, relative to the run.
        read: Reads one of them.
        mtime: When one of them was modified, in seconds since 1970.
        links: Gives name and target of each of its links; asked only of batches and pipelines.
    """

    def __init__(
        self,
        run_dir: str,
        names: Collection[str],
        read: ReadSmall,
        mtime: Callable[[str], float],
        links: Callable[[], Iterable[tuple[str, str]]],
    ) -> None:
        self.run_dir = run_dir
        self.names, self.attr_names = _sorted_out(frozenset(names))
        self.problem = ""
        self._read = read
        self._mtime = mtime
        self._links = links

    def attr(self, name: str) -> Any:
        """The decoded attribute; None when there is none."""
        text = self._text(ATTRS + name, f"attribute {name}")
        if text is None:
            return None
        if name in _ALIKE and len(text) < _SHORT:
            value = _decode_word(name, text)
            if not isinstance(value, list | dict | set):  # those must not be shared
                return value
        return decode_attr(name, text, empty_is_damage=True)

    def text(self, path: str, what: str) -> str | None:
        """A small text file below `.guild`; None when there is none."""
        return self._text(GUILD + path, what)

    def markers(self) -> Markers:
        """The marker files."""
        lock = self._lock("LOCK")
        return Markers(
            "PENDING" in self.names,
            "STAGED" in self.names,
            (self._lock("LOCK.remote") or "") if "LOCK.remote" in self.names else None,
            lock,
            0.0 if lock is None else self._mtime(f"{GUILD}LOCK"),
        )

    def exit_time(self) -> float | None:
        """When the exit status was written, in seconds since 1970."""
        return self._mtime(f"{ATTRS}exit_status")

    def links(self) -> tuple[tuple[str, str], ...]:
        """Name and run id of each link to a sibling run, sorted by name."""
        found = {name: linked_run(target, "..") for name, target in self._links()}
        links = [(name, run_id) for name, run_id in found.items() if run_id and "/" not in name]
        return tuple(sorted(links[:MAX_LINKS]))

    def _lock(self, name: str) -> str | None:
        if name not in self.names:
            return None
        try:
            data = self._read(GUILD + name)
        except RunDamaged:
            return None
        return None if data is None else lock_text(name, data)

    def _text(self, name: str, what: str) -> str | None:
        try:
            data = self._read(name)
        except RunDamaged as e:
            raise RunDamaged(f"{what} cannot be read ({e})") from e
        return None if data is None else decode_text(data, what, MOST_BYTES)
