"""The plan of a transfer as rows for its preview, and what the user decided as an order.

A sync is two plans that are carried out one after the other: first what comes, then what goes. A
run is in only one of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from msgspec import Struct, field

from gui.remotes.run_words import RunWords, Words
from gui.remotes.transfer_row import Kind, TransferRow
from gui.remotes.where_text import Relation

if TYPE_CHECKING:
    from gui.remotes.transfer_row import Decision
    from remote.plan import PlanItem
    from remote.transfer import TransferPlan

MOST_NAMED = 4
_USER_ATTRS = frozenset({"label", "tags", "comments", "marked"})
_KINDS: Mapping[str, Kind] = {
    "new": "new",
    "newer here": "newer-here",
    "newer there": "newer-there",
    "same": "same",
    "conflict": "conflict",
    "problem": "problem",
}
_URGENCY: Mapping[Kind, int] = {"conflict": 0, "problem": 1, "new": 2, "newer-there": 2,
                                "newer-here": 2}  # fmt: skip
RELATIONS: Mapping[str, Relation] = {
    "same": "same",
    "newer here": "newer-here",
    "newer there": "newer-there",
    "conflict": "differs",
}
"""What a verdict says of a run that is on both sides."""

_MORE: Mapping[str, str] = {
    "newer here": "nothing: this computer has more of it",
    "newer there": "nothing: there is more of it there",
}


class Compared(Struct, frozen=True):
    """Both sides, compared.

    Attributes:
        plans: What could be done: one plan, or two for a sync.
        seconds: How long it took.
        where: Address and directory of the other side.
        words: Operation and label of runs that are only there, by id.
        source: The remote that runs come from, where that is not this computer.
    """

    plans: tuple[TransferPlan, ...]
    seconds: float
    where: str = ""
    words: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    source: str = ""


def rows_of(compared: Compared, words: Words) -> list[TransferRow]:
    """The rows of a preview: what wants a decision first, what needs nothing last."""

    def known(run_id: str) -> RunWords:
        found, there = words(run_id), compared.words.get(run_id)
        if there is None or (found.short and found.label == there[1]):
            return found
        return RunWords(*there)

    is_sync = len(compared.plans) > 1
    sides = ("mine", "theirs")
    if compared.source:
        sides = (f"that of {compared.source}", f"that of {compared.plans[0].remote}")
    items = (item for plan in compared.plans for item in plan.items)
    rows = [_row(item, known, sides, is_sync=is_sync) for item in items]
    return sorted(rows, key=lambda row: _URGENCY.get(row.kind, len(_URGENCY)))


def _row(item: PlanItem, words: Words, sides: tuple[str, str], *, is_sync: bool) -> TransferRow:
    is_push, kind = item.direction == "push", _KINDS[item.verdict]
    called = words(item.run_id)
    is_conflict = kind == "conflict"
    return TransferRow(
        item.run_id,
        called.operation,
        called.label,
        kind,
        "" if is_conflict else _does(item, item.direction if is_sync else "copy"),
        item.size,
        len(item.files),
        item.is_running,
        is_push,
        is_conflict or item.is_to_do,
        _choices(item, sides, is_sync=is_sync) if is_conflict else {},
        "leave" if is_sync else "theirs" if is_push else "mine",
        _why(item),
        called.short,
    )


def _does(item: PlanItem, verb: str) -> str:
    """What happens to a run; a sync names the direction, which its title does not say."""
    if item.verdict == "new":
        return verb
    if not item.is_to_do:
        return _MORE.get(item.verdict, "nothing")
    said = []
    if item.files:
        said.append(f"{verb} what is newer: {_named(item.files)}")
    if item.merged:
        said.append(f"take over {_named(sorted(item.merged))}")
    return ", ".join(said) or verb


def _choices(item: PlanItem, sides: tuple[str, str], *, is_sync: bool) -> dict[Decision, str]:
    """What can be done about a conflict; the first one loses nothing."""
    files = [name for name in item.differs if name not in _USER_ATTRS]
    what = _named(files or item.unsettled or item.differs)  # what merges is no conflict
    keep: dict[Decision, str] = {"both": f"{what} differs: keep both"}
    if "," in what or " more" in what:
        keep["both"] = f"{what} differ: keep both"
    if is_sync:
        return keep | {
            "theirs": "take theirs in place of mine",
            "mine": "send mine in place of theirs",
            "leave": "leave both as they are",
        }
    if item.direction == "push":
        mine, theirs = sides
        return keep | {"mine": f"send {mine} in place of {theirs}", "theirs": f"leave {theirs}"}
    return keep | {"theirs": "take theirs in place of mine", "mine": "keep mine"}


def _why(item: PlanItem) -> str:
    said = [item.why] if item.why else []
    if item.differs and item.verdict != "new":
        said.append(f"Differs: {', '.join(item.differs[:20])}.")
    return " ".join([*said, *item.remarks])


def _named(names: Sequence[str]) -> str:
    shown = [name.rpartition("/")[2] for name in names[:MOST_NAMED]]
    more = len(names) - len(shown)
    return f"{', '.join(shown)}{f' and {more:,} more' if more > 0 else ''}"
