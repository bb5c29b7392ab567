"""What a change of attributes is, and the attributes it is decided on.

A change is a value: it says what the attributes become, and neither reads nor writes by itself.
`core.runs.change` asks it under the lock of the run, so that what it decides on is what is there.

Why some changes do not mind a damaged attribute: what sets or clears an attribute whole keeps
nothing of what was there, the user said so, and an undo brings the old bytes back. Guild clears
without reading too. What adds to a value, or takes from it, refuses: it would lose the rest.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from core.errors import RunDamaged
from core.runs.attrs import load_yaml

Values = Mapping[str, Any]
"""Attribute name to its new value; None removes the attribute."""


class RunAttrs:
    """The attributes of one run, read when they are asked for.

    Args:
        run_id: The run.
        read: Gives the bytes of an attribute; None where there is none.
    """

    def __init__(self, run_id: str, read: Callable[[str], bytes | None]) -> None:
        self.run_id = run_id
        self._read = read
        self._known: dict[str, bytes | None] = {}

    def content(self, name: str) -> bytes | None:
        """The bytes of an attribute, always the same ones; None where there is none.

        Raises:
            RunDamaged: It cannot be read.
        """
        if name not in self._known:
            self._known[name] = self._read(name)
        return self._known[name]

    def value(self, name: str) -> Any:
        """The value of an attribute; None where there is none.

        Raises:
            RunDamaged: It cannot be understood. The message is a clause.
        """
        data = self.content(name)
        if data is None:
            return None
        if not data.strip():
            raise RunDamaged(f"attribute {name} is empty, as if it were just being written")
        try:
            return load_yaml(data.decode("utf-8"))
        except UnicodeDecodeError as e:
            raise RunDamaged(f"attribute {name} holds bytes that are not text") from e
        except RunDamaged as e:
            raise RunDamaged(f"attribute {name} {e}") from e

    def label(self) -> Any:
        """The label: a text, or a number or date where one was written by hand; "" for none.

        Raises:
            RunDamaged: It is a list or a map, or cannot be understood.
        """
        label = self.value("label") or ""
        if isinstance(label, list | dict):
            raise RunDamaged("attribute label is not a text")
        return label

    def flags(self) -> dict[Any, Any]:
        """The flags by name; a new dictionary.

        Raises:
            RunDamaged: They are no map, or cannot be understood.
        """
        flags = self.value("flags")
        if flags is None:
            return {}
        if not isinstance(flags, dict):
            raise RunDamaged("attribute flags is not a map")
        return dict(flags)

    def items(self, name: str) -> list[Any]:
        """An attribute that is a list; empty where there is none.

        Raises:
            RunDamaged: It is something else, or cannot be understood.
        """
        value = self.value(name)
        if value is None:
            return []
        if not isinstance(value, list):
            raise RunDamaged(f"attribute {name} is not a list")
        return list(value)


class Change:
    """Something to be done to the attributes of runs."""

    def values(self, attrs: RunAttrs) -> Values:
        """What the attributes become; those that are not named stay as they are.

        Raises:
            Error: The change does not suit this run. The message is a clause that follows "Run
                abcd1234 cannot be changed:".
        """
        raise NotImplementedError

    def close(self) -> None:
        """Let go of what it needed to decide; it may be asked again."""
