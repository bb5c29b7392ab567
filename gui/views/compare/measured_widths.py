"""How wide the columns of a comparison are by what their cells say, kept while the runs stay."""

from __future__ import annotations

from collections.abc import Sequence

from gui.compare.compared import Compared


class MeasuredWidths:
    """Widths in pixels by header; measured again only where cells say more or less than before."""

    def __init__(self) -> None:
        self._widths: dict[str, int] = {}
        self._kind: tuple[bool, ...] | None = None
        self._slots: frozenset[int] = frozenset()

    def forget_for(self, answer: Compared | None, *, is_turned: bool) -> None:
        """Forget all where deltas or groups came or went, or most runs are others.

        In another order, or with a few new runs, columns stay as wide as they are.
        """
        if answer is None:
            return
        kind = (answer.baseline is not None, bool(answer.groups), is_turned)
        slots, known = frozenset(answer.table.slots), self._slots
        are_others = len(slots ^ known) * 2 > max(len(slots), len(known))
        if kind != self._kind or are_others:
            self._widths.clear()
            self._kind, self._slots = kind, slots

    def of(self, header: str) -> int | None:
        """The width of a column; None where it is not measured."""
        return self._widths.get(header)

    def put(self, header: str, width: int) -> int:
        """Keep the width of a column; returns it."""
        self._widths[header] = width
        return width

    def missing(self, headers: Sequence[str]) -> list[int]:
        """Places of the columns that are not measured."""
        return [place for place, header in enumerate(headers) if header not in self._widths]
