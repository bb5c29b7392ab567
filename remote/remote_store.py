"""Changing runs where they are, on a server: trash, erasing; labels by remote_edits.

It needs no Guild there, and Guild there sees everything: a run goes to the trash or back by one
rename, as Guild's rule for names that are taken wants it. Hundreds of runs go in a few breaths: all
of a part are looked at together, and then renamed together. A lost connection leaves each in one of
the two places, whole.

A run with a LOCK whose process is not proven to be gone is not moved and not erased; stopping it is
remote/stopping.py's.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Sequence

from msgspec import Struct

from core.check import Check, go_on
from core.errors import Cancelled, Error, RunNotFound
from core.runs.aside import random_suffix
from core.runs.going_along import GoingAlong
from core.runs.purge import PurgeOutcome
from core.runs.refusal import Refusal
from core.runs.trash import Move, MoveOutcome
from remote.errors import RemoteRefused
from remote.looking import Look, look_at_all
from remote.manifest import LOCK, alive_there
from remote.related_there import links_there
from remote.remote_edits import AT_ONCE, refusal_of
from remote.remote_edits import apply_there as apply_there
from remote.remote_edits import revert_there as revert_there
from remote.remote_home import RemoteHome
from remote.remote_shelf import RemotePlace

Advance = Callable[[int], None]

_OPREF = ".guild/opref"
_ERASED_AT_ONCE = 20
"""Fewer: whoever erases a hundred thousand files says nothing meanwhile."""

_DISPLACED = re.compile(r"(.+)_[a-z0-9_]{8}\Z", re.DOTALL)


class _Renaming(Struct, frozen=True):
    """One run that is to be called otherwise.

    Attributes:
        move: What is told of it when it is done.
        old: Its directory.
        new: What it becomes.
        aside: What is to be called otherwise before, and how: a run that has the name now.
    """

    move: Move
    old: str
    new: str
    aside: tuple[str, str] | None = None


Judged = tuple[str, _Renaming | Error]
"""A run, and what is to be renamed, or why nothing is."""


def delete_there(
    home: RemoteHome, ids: Sequence[str], *, advance: Advance, along: Collection[str] = ()
) -> MoveOutcome:
    """Move runs of a server to its trash.

    Args:
        home: The server's home.
        ids: The runs.
        advance: Called with 1 after each run is looked at and with 0 while waiting.
        along: Those of the runs that go only with a run that links to them, and stay where it does.

    Raises:
        RemoteUnreachable: The connection was lost; what was moved by then is.
    """
    home.files.make_dirs([f"{home.path}/trash", home.trash_dir], lambda: advance(0))

    def judge(part: Sequence[str]) -> Iterator[Judged]:
        targets = {run_id: f"{home.trash_dir}/{run_id}" for run_id in part}
        idle = _Idle(home, home.runs_dir, part, lambda: advance(0))
        taken = look_at_all(home, targets.values(), lambda: advance(0))
        for run_id, target in targets.items():
            aside = None
            displaced = ""
            if taken[target].entry is not None:
                displaced = f"{run_id}_{random_suffix()}"
                aside = target, f"{home.trash_dir}/{displaced}"
            move = Move(run_id, run_id, displaced)
            problem = idle.problem(run_id)
            yield run_id, problem or _Renaming(move, home.run_dir(run_id), target, aside)

    company = _company(home, home.runs_dir, along)
    return _each(home, ids, judge, "deleted", advance, company=company)


def restore_there(home: RemoteHome, ids: Sequence[str], *, advance: Advance) -> MoveOutcome:
    """Move deleted runs of a server back, to an id that is free.

    Raises:
        RemoteUnreachable: The connection was lost; what was moved by then is.
    """

    def judge(part: Sequence[str]) -> Iterator[Judged]:
        owns = {name: match[1] if (match := _DISPLACED.match(name)) else name for name in part}
        places = [p for own in owns.values() for p in (home.run_dir(own), _in_trash(home, own))]
        looks = look_at_all(home, places, lambda: advance(0))
        given: set[str] = set()
        for name, own in owns.items():
            is_taken = own in given or any(
                looks[place].entry is not None
                for place in (home.run_dir(own), _in_trash(home, own))
            )
            target = name if own != name and is_taken else own
            given.add(target)
            yield name, _Renaming(Move(name, target), _in_trash(home, name), home.run_dir(target))

    return _each(home, ids, judge, "restored", advance)


def purge_there(
    home: RemoteHome,
    ids: Sequence[str],
    *,
    from_trash: bool,
    advance: Advance,
    along: Collection[str] = (),
) -> PurgeOutcome:
    """Erase runs of a server for ever.

    Each is renamed away first: what a lost connection leaves is no run any more, and is erased with
    the next ones.

    Args:
        home: The server's home.
        ids: The runs.
        from_trash: Whether they are in the trash.
        advance: As for `delete_there`.
        along: As for `delete_there`.

    Raises:
        RemoteUnreachable: The connection was lost; what was erased by then is.
    """
    place = RemotePlace(home, lambda: advance(0))
    base = home.trash_dir if from_trash else home.runs_dir
    aside = f"{home.path}/incoming"
    home.files.make_dirs([aside], lambda: advance(0))
    left = [f"{aside}/{name}" for name in place.names(aside) if name.startswith("removed-")]

    def judge(part: Sequence[str]) -> Iterator[Judged]:
        idle = _Idle(home, base, part, lambda: advance(0))
        for run_id in part:
            away = f"{aside}/removed-{random_suffix()}"
            problem = idle.problem(run_id)
            yield run_id, problem or _Renaming(Move(run_id, ""), f"{base}/{run_id}", away)

    def erase(done: Sequence[_Renaming]) -> None:
        RemotePlace(home, go_on).discard([*(each.new for each in done), *left])
        left.clear()

    company = _company(home, base, along)
    found = _each(home, ids, judge, "erased", advance, erase, company)
    home.files.drop_empty([aside])
    return PurgeOutcome(
        removed=tuple(each.run_id for each in found.moves),
        refused=found.refused,
        cancelled=found.cancelled,
    )


class _Idle:
    """Tells of some runs whether they may be moved: they are there, and not running.

    Args:
        home: The server's home.
        base: The directory that they are in; those in the trash run nowhere.
        ids: The runs.
        check: Called while waiting; raises to stop.
    """

    def __init__(self, home: RemoteHome, base: str, ids: Sequence[str], check: Check) -> None:
        self._home = home
        self._base = base
        paths = [f"{base}/{run_id}/{name}" for run_id in ids for name in (_OPREF, LOCK)]
        self._looks = look_at_all(home, paths, check)
        locked = [i for i in ids if self._look(i, LOCK).entry is not None]
        is_among_runs = base == home.runs_dir
        self._alive = alive_there(home, locked, check) if locked and is_among_runs else set()

    def problem(self, run_id: str) -> Error | None:
        """Why a run must stay, with a clause as its message; None where it may be moved."""
        opref = self._look(run_id, _OPREF)
        if opref.problem:
            why = f"it cannot be looked at: {opref.problem}"
            return RemoteRefused(why, remote=self._home.name)
        if opref.entry is None:
            return RunNotFound("it is not there any more")
        if run_id in self._alive:
            return RemoteRefused("it is running", remote=self._home.name)
        return None

    def _look(self, run_id: str, name: str) -> Look:
        return self._looks[f"{self._base}/{run_id}/{name}"]


def _in_trash(home: RemoteHome, name: str) -> str:
    return f"{home.trash_dir}/{name}"


def _each(
    home: RemoteHome,
    ids: Sequence[str],
    judge: Callable[[Sequence[str]], Iterator[Judged]],
    done: str,
    advance: Advance,
    after: Callable[[Sequence[_Renaming]], None] | None = None,
    company: GoingAlong | None = None,
) -> MoveOutcome:
    """Rename runs, part by part; one that is stopped renames what it had judged by then.

    Of each part first those that somebody chose, and then those that go along with them, unless one
    that links to them could not be renamed: so a crash or a lost connection between the two leaves
    runs in their place that were to go along, and none gone without what it belongs to. One that
    goes along with another one that goes along, and does not, is renamed back.
    """
    once = list(dict.fromkeys(ids))
    most = AT_ONCE if after is None else _ERASED_AT_ONCE
    company = company or GoingAlong((), lambda _id: ())
    moves: list[Move] = []
    refused: list[Refusal] = []
    cancelled = False
    for part in _waves(once, most, company):
        planned: list[_Renaming] = []
        try:
            for run_id, found in judge(part):
                why_kept = company.why_kept(run_id)
                if why_kept or isinstance(found, Error):
                    refused.append(_refusal(run_id, done, found, why_kept))
                    company.note_refused(run_id)
                else:
                    planned.append(found)
                advance(1)
        except Cancelled:
            cancelled = True
        gone, stayed = _gone(home, planned, done, company)
        refused += stayed
        if after is not None and gone:
            after(gone)
        moves += [each.move for each in gone]
        if cancelled:
            break
    return MoveOutcome(tuple(moves), tuple(refused), cancelled)


def _gone(
    home: RemoteHome, planned: Sequence[_Renaming], done: str, company: GoingAlong
) -> tuple[list[_Renaming], list[Refusal]]:
    """Rename; those that are gone, and why the others are not."""
    failed = _renamed(home, planned)
    gone = [each for each in planned if each.old not in failed]
    if not failed:
        return gone, []
    stay = [each for each in planned if each.old in failed]
    for each in stay:
        company.note_refused(each.move.run_id)
    back = _brought_back(home, gone, company)
    refused = [refusal_of(each.move.run_id, done, failed[each.old]) for each in stay]
    refused += [_kept(each.move.run_id, done, company) for each in back]
    return [each for each in gone if each not in back], refused


def _waves(ids: Sequence[str], most: int, company: GoingAlong) -> Iterator[Sequence[str]]:
    """Runs that are renamed together, in their order; who goes along comes after who was chosen."""
    for start in range(0, len(ids), most):
        part = ids[start : start + most]
        chosen = [run_id for run_id in part if not company.goes_along(run_id)]
        along = [run_id for run_id in part if company.goes_along(run_id)]
        yield from (some for some in (chosen, along) if some)


def _brought_back(
    home: RemoteHome, gone: Sequence[_Renaming], company: GoingAlong
) -> list[_Renaming]:
    """Rename those back that belong to a run which stays; those that are back."""
    wrong = [each for each in gone if company.why_kept(each.move.run_id)]
    pairs = []
    for each in wrong:
        pairs.append((each.new, each.old))
        pairs += [(each.aside[1], each.aside[0])] if each.aside else []
    failed = home.files.rename_all(pairs, go_on) if pairs else {}
    return [each for each in wrong if each.new not in failed]


def _company(home: RemoteHome, base: str, along: Collection[str]) -> GoingAlong:
    def linked(run_id: str) -> list[str]:
        # Not to be stopped: it is also asked when runs were renamed, whose outcome must be told.
        links = links_there(home, base, [run_id], go_on)
        return [target for _, target in links.get(run_id, ())]

    return GoingAlong(along, linked)


def _refusal(run_id: str, done: str, found: _Renaming | Error, why_kept: str) -> Refusal:
    if isinstance(found, Error) and not why_kept:
        return refusal_of(run_id, done, found)
    return Refusal(run_id, f"Run {run_id[:8]} was not {done}: {why_kept}.", "kept")


def _kept(run_id: str, done: str, company: GoingAlong) -> Refusal:
    return Refusal(run_id, f"Run {run_id[:8]} was not {done}: {company.why_kept(run_id)}.", "kept")


def _renamed(home: RemoteHome, planned: Sequence[_Renaming]) -> dict[str, str]:
    """Rename all together, in this order; old paths of those that failed, and why."""
    pairs = []
    for each in planned:
        pairs += [each.aside] if each.aside else []
        pairs.append((each.old, each.new))
    return dict(home.files.rename_all(pairs, go_on)) if pairs else {}
