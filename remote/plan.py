"""What a push or pull would do: a pure function of both listings and what was last seen equal.

A run is the same when all its files have the same sizes and times, and what people write about it
(label, tags, comments, mark) says the same. What was changed since both were last seen equal is
sent one way; what was changed on both sides is a conflict, unless only what people write was: that
is merged attribute by attribute.

Where nothing is remembered, times decide: a run of which every file that differs is newer on one
side is newer there. One that is newer here and there is a conflict. Nothing is guessed from the
time of a whole directory. That nobody worked on the older ones is a guess, too: where files are
replaced by it, the version that was there goes to the trash.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from msgspec import Struct, field

from remote.attr_merge import Merged, merge_attrs
from remote.manifest import ATTRS, ENVIRONMENT, USER_ATTRS, USER_FILES, Manifest, are_same, lead_of

Direction = Literal["push", "pull"]
Verdict = Literal["new", "newer here", "newer there", "same", "conflict", "problem"]
Choice = Literal["mine", "theirs", "both"]


class Known(Struct, frozen=True):
    """A run as it was when both sides were last seen equal.

    Attributes:
        here: Its signature here (remote.manifest.Manifest.signature).
        there: And there.
        attrs: What people had written about it then; None for an attribute it had not.
        is_apart: They were not equal: somebody chose to keep both, and the one of each side is
            beside that of the other. Nothing is to be done until one of them changes.
    """

    here: str
    there: str
    attrs: Mapping[str, bytes | None] = field(default_factory=dict)
    is_apart: bool = False


class PlanItem(Struct, frozen=True):
    """What would become of one run.

    Attributes:
        run_id: The run.
        direction: Where it would go.
        verdict: How the two sides differ.
        is_running: Whether it is running where it would come from.
        files: Names of files and links that would be sent.
        size: Bytes of these files; of files that have grown only what is new may travel.
        extra: Names that only the other side has; they stay unless removal is asked for.
        merged: Attributes that would be written there as they result from both sides.
        unsettled: Attributes of a conflict that cannot be merged.
        settles: Whether the copy here stops being shown as running there.
        differs: What differs, for people: attributes by their names, then files.
        remarks: Sentences on what cannot be sent.
        why: What is the problem, or how a conflict was found where it is not plain to see, as a
            sentence.
        is_guessed: Files would be replaced of which times alone say that they are older: what they
            were is to be had from the trash.
    """

    run_id: str
    direction: Direction
    verdict: Verdict
    is_running: bool = False
    files: tuple[str, ...] = ()
    size: int = 0
    extra: tuple[str, ...] = ()
    merged: Mapping[str, bytes | None] = field(default_factory=dict)
    unsettled: tuple[str, ...] = ()
    settles: bool = False
    differs: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    why: str = ""
    is_guessed: bool = False

    @property
    def is_to_do(self) -> bool:
        """Whether anything would be sent without further choices."""
        source = "newer here" if self.direction == "push" else "newer there"
        if self.verdict in ("new", source):
            return True
        return self.verdict not in ("conflict", "problem") and (bool(self.merged) or self.settles)


class Options(Struct, frozen=True):
    """What is asked for beyond the runs.

    Attributes:
        with_env: Whether a push takes the environment along (a pull always does).
        delete: Whether what only the other side has is removed from runs that are sent.
        verify: Whether files that look the same are hashed on both sides.
    """

    with_env: bool = False
    delete: bool = False
    verify: bool = False


def plan_run(
    direction: Direction,
    here: Manifest | None,
    there: Manifest | None,
    known: Known | None = None,
    options: Options | None = None,
) -> PlanItem:
    """What would become of one run.

    Args:
        direction: Where it would go.
        here: What it is on this computer; None where it is not here.
        there: What it is on the server; None where it is not there.
        known: What was last seen equal; None where it never was.
        options: What is asked for.
    """
    source, target = (here, there) if direction == "push" else (there, here)
    options = options or Options()
    if source is None:
        run_id = target.run_id if target else ""
        return PlanItem(run_id, direction, "problem", why="It is not there any more.")
    if source.problem or (target is not None and target.problem):
        why = source.problem or (target.problem if target else "")
        return PlanItem(source.run_id, direction, "problem", source.is_running, why=why)
    if target is None:
        return _new(direction, source, options)
    return _Comparing(direction, source, target, known, options).item()


def sendable(source: Manifest, direction: Direction, options: Options) -> list[str]:
    """Names of files and links of a run that may be sent."""
    stays = ENVIRONMENT if direction == "push" and not options.with_env else frozenset[str]()
    return [name for name, e in source.entries.items() if e.kind != "dir" and name not in stays]


def _new(direction: Direction, source: Manifest, options: Options) -> PlanItem:
    names = sendable(source, direction, options)
    return PlanItem(
        source.run_id,
        direction,
        "new",
        source.is_running,
        tuple(names),
        sum(source.entries[name].size for name in names),
        remarks=source.remarks,
    )


class _Comparing:
    """Compares a run that is on both sides."""

    def __init__(
        self,
        direction: Direction,
        source: Manifest,
        target: Manifest,
        known: Known | None,
        options: Options,
    ) -> None:
        self._direction = direction
        self._source = source
        self._target = target
        self._known = known
        self._options = options
        self._changed: list[str] = []
        self._only_source: list[str] = []
        self._only_target: list[str] = []
        self._is_guess = False
        self._compare()

    def item(self) -> PlanItem:
        """What would become of it."""
        if self._known is not None and self._known.is_apart and self._moved() == "same":
            return PlanItem(self._source.run_id, self._direction, "same", self._source.is_running)
        merged = self._merge()
        side = self._judge()
        if merged.unsettled:
            side = "conflict"
        writes = dict(merged.for_target)
        if side == "same" and (writes or merged.for_source):
            side = "source" if writes else "target"
        extra = tuple(self._only_target)
        names = [*self._changed, *self._only_source] if side in ("source", "conflict") else []
        if side == "same" and extra and self._options.delete:
            side = "source"
        is_cleared = bool(extra) and self._options.delete and side in ("source", "conflict")
        if (names or is_cleared) and self._target.is_running:
            return self._problem("It is running where it would be changed.")
        return PlanItem(
            self._source.run_id,
            self._direction,
            self._verdict(side),
            self._source.is_running,
            tuple(names),
            sum(self._source.entries[name].size for name in names),
            extra,
            writes,
            merged.unsettled,
            self._target.lock_remote and not self._source.is_running,
            tuple(self._differs(merged)),
            self._source.remarks,
            is_guessed=side == "source" and self._is_guess and bool(self._changed),
        )

    def _compare(self) -> None:
        source, target = self._source.entries, self._target.entries
        for name in sorted(source.keys() | target.keys()):
            one, other = source.get(name), target.get(name)
            if name in ENVIRONMENT or name in USER_FILES:
                continue
            if one is None:
                if other is not None and other.kind != "dir":
                    self._only_target.append(name)
            elif other is None:
                if one.kind != "dir":
                    self._only_source.append(name)
            elif not are_same(one, other) and "dir" not in (one.kind, other.kind):
                self._changed.append(name)

    def _merge(self) -> Merged:
        base = self._known.attrs if self._known and not self._known.is_apart else None
        own = {name: self._content(self._source, name) for name in USER_ATTRS}
        others = {name: self._content(self._target, name) for name in USER_ATTRS}
        newer = {name for name in USER_ATTRS if self._is_newer(ATTRS + name)}
        return merge_attrs(own, others, base, newer)

    def _content(self, manifest: Manifest, name: str) -> bytes | None:
        """What an attribute holds; where both look the same it need not have been read."""
        if name in manifest.attrs:
            return manifest.attrs[name]
        return b"" if ATTRS + name in manifest.entries else None

    def _is_newer(self, name: str) -> bool:
        one, other = self._source.entries.get(name), self._target.entries.get(name)
        return one is not None and (other is None or lead_of(one, other) > 0)

    def _judge(self) -> Literal["source", "target", "same", "conflict"]:
        if not (self._changed or self._only_source or self._only_target):
            return "same"
        moved = self._moved()
        is_copy = self._target.lock_remote and self._direction == "pull"
        if moved is not None:
            return "source" if is_copy and moved == "conflict" else moved
        if is_copy:
            return "source"  # a copy of a run that was going on: nobody works in it here
        self._is_guess = True
        leads = [self._lead(name) for name in self._changed]
        if all(lead > 0 for lead in leads) and (leads or self._only_source):
            return "source"
        if all(lead < 0 for lead in leads) and not self._only_source:
            return "target"
        return "conflict"

    def _lead(self, name: str) -> int:
        """By how many nanoseconds a file that is on both sides is newer at the source."""
        return lead_of(self._source.entries[name], self._target.entries[name])

    def _moved(self) -> Literal["source", "target", "same", "conflict"] | None:
        """By what was last seen equal; None where nothing is remembered."""
        if self._known is None:
            return None
        here, there = self._known.here, self._known.there
        of_source, of_target = (here, there) if self._direction == "push" else (there, here)
        source_moved = self._source.signature() != of_source
        target_moved = self._target.signature() != of_target
        if source_moved and target_moved:
            return "conflict"
        if source_moved:
            return "source"
        return "target" if target_moved else "same"

    def _verdict(self, side: Literal["source", "target", "same", "conflict"]) -> Verdict:
        if side == "conflict":
            return "conflict"
        if side == "same":
            return "same"
        is_here = (side == "source") == (self._direction == "push")
        return "newer here" if is_here else "newer there"

    def _differs(self, merged: Merged) -> Sequence[str]:
        files = [*self._changed, *self._only_source, *self._only_target]
        attrs = [name for name in files if name.startswith(ATTRS)]
        return [
            *sorted({*merged.for_target, *merged.for_source, *merged.unsettled}),
            *(name.removeprefix(ATTRS) for name in attrs),
            *(name for name in files if name not in attrs),
        ]

    def _problem(self, why: str) -> PlanItem:
        return PlanItem(
            self._source.run_id, self._direction, "problem", self._source.is_running, why=why
        )
