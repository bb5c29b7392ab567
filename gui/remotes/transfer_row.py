"""What the window knows of a run that could be pushed or pulled, and what the user decided.

Why values of our own and not those of the plan: the preview shows sentences and numbers, and
tests fill it with ten thousand rows without a server.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal

from msgspec import Struct, field

if TYPE_CHECKING:
    from remote.plan import Choice

    Decision = Choice | Literal["leave"]
    """What becomes of a conflict: one side counts, both are kept, or neither is touched."""

Direction = Literal["push", "pull", "sync"]
Kind = Literal["new", "newer-here", "newer-there", "conflict", "same", "problem"]


class TransferRow(Struct, frozen=True):
    """One run on both sides.

    Attributes:
        id: Its id.
        operation: What it executes.
        label: Its label.
        kind: What it is on the other side.
        does: What happens to it, in words; for a conflict see `choices`.
        bytes: How much of it is to be copied.
        files: How many files are.
        is_running: It is running on the side it comes from.
        is_push: It goes from here to there; in a sync both ways occur.
        can_copy: Whether something can happen to it.
        choices: What can be done about a conflict, each with what it means for this run; the
            first one is suggested.
        leaving: The choice that changes nothing, which is what no tick means.
        why: Why it cannot be copied; for a conflict, what differs.
        short: Its label as a cell shows it; empty where that is the label.
    """

    id: str
    operation: str
    label: str
    kind: Kind
    does: str = ""
    bytes: int = 0
    files: int = 0
    is_running: bool = False
    is_push: bool = False
    can_copy: bool = True
    choices: Mapping[Decision, str] = field(default_factory=dict)
    leaving: Decision = "mine"
    why: str = ""
    short: str = ""


class TransferTitle(Struct, frozen=True):
    """What a preview is about.

    Attributes:
        direction: Which way.
        place: The other side, as the user calls it.
        where: Address and directory there: "me@gpu1.lab:2222 · /home/me/.guild".
        can_remove: Whether what is extra on the side that receives may be removed.
        can_send_env: Whether the environment may be taken along.
        source: The remote that runs come from, where that is not this computer.
    """

    direction: Direction
    place: str
    where: str = ""
    can_remove: bool = True
    can_send_env: bool = False
    source: str = ""


class TransferOptions(Struct, frozen=True):
    """How runs are copied.

    Attributes:
        verify: Compare checksums on both sides after copying.
        remove_extra: Remove files of a run that its other side does not have.
        follow: Copy what running runs add until they end.
        with_env: Take the environment along.
        compare: Read what looks the same on both sides, and compare the checksums before.
    """

    verify: bool = False
    remove_extra: bool = False
    follow: bool = False
    with_env: bool = False
    compare: bool = False


class TransferWanted(Struct, frozen=True):
    """What the user decided.

    Attributes:
        ids: The runs to which something is to happen.
        choices: What becomes of those that changed on both sides, by id.
        options: How.
        running: Those of them that are running where they come from.
    """

    ids: tuple[str, ...]
    choices: Mapping[str, Decision]
    options: TransferOptions
    running: tuple[str, ...] = ()

    @property
    def decided(self) -> dict[str, Choice]:
        """The choices but those that leave both sides as they are."""
        return {run_id: choice for run_id, choice in self.choices.items() if choice != "leave"}
