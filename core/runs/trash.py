"""Deleting runs into the trash of their home, and restoring them: whole, or not at all.

A run goes from `runs` to `trash/runs` by one rename. By Guild's rule a run of the same id that is
in the trash already makes room first: it is renamed to `ID_` and eight characters.

What happens when something goes wrong:

* Killed before the rename: nothing happened, or the older run in the trash has its longer name by
  now. Killed after it: the run is in the trash. There is no moment between.
* Trash on another file system: the run is copied to a hidden directory there, compared, flushed to
  the disk and renamed into place; only then the original is put aside by a rename and erased.
  Killed while copying: the run is where it was, and `core.runs.purge.finish` removes the rest.
  Killed between: the run is in both places, whole. Killed while erasing: it is in the trash, and
  `finish` goes on.
* Full disk: the run stays where it was, what was copied is removed, the refusal says so.
* A second process, Guild or another Rundesk, that moves the same run in the same moment: one of
  the renames comes first, the other finds nothing and is a refusal ("gone"). A directory never
  replaces another one: the rename fails, and we look again.
* A run that is still running is refused as "running" (see core.runs.busy), to be stopped first.
* Trials that were to go along with a batch that is refused are refused as "kept".
* A run whose directory is a link is the link: it alone is moved.

Why restoring does not follow Guild where the id is taken: Guild renames the run that is in
`runs`, which changes the id of a run that nobody named. Here that is a refusal. And a run that
waits as `ID_x1y2z3w4` gets its own id back when no other run has it, here or in the trash:
batches, steps and people know it by that. Guild leaves the longer name, and so do we where the id
is taken.
"""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Callable, Collection, Sequence
from pathlib import Path

from msgspec import Struct

from core.errors import Cancelled, RunDamaged, RunError
from core.home import Home
from core.runs.aside import drop_if_empty, erase_aside, place_for_copy, put_aside, random_suffix
from core.runs.attrs import read_attr
from core.runs.busy import find_busy
from core.runs.disk_size import disk_size
from core.runs.erase import find_obstacle
from core.runs.file_facts import set_link_times
from core.runs.going_along import GoingAlong
from core.runs.links import read_links
from core.runs.permissions import may_change
from core.runs.refusal import Refusal, RefusalKind
from core.runs.store import Store
from core.text import format_bytes

_DISPLACED = re.compile(r"(.+)_[a-z0-9_]{8}\Z", re.DOTALL)
_TAKEN = (errno.EEXIST, errno.ENOTEMPTY, errno.ENOTDIR, errno.EISDIR)
_LONG_PATH = 300  # letters
_KINDS: dict[int, RefusalKind] = {
    errno.ENOENT: "gone",
    errno.EACCES: "denied",
    errno.EPERM: "denied",
    errno.EROFS: "denied",
    errno.ENOSPC: "full",
    errno.EDQUOT: "full",
    **dict.fromkeys(_TAKEN, "exists"),
}
_ATTEMPTS = 5


class Move(Struct, frozen=True):
    """A run that went from the runs to the trash, or back.

    Attributes:
        run_id: The name of its directory before.
        name_there: The name of its directory where it is now.
        displaced: The name that a run of this id, which was in the trash before, has now; empty
            without one.
    """

    run_id: str
    name_there: str
    displaced: str = ""


class MoveOutcome(Struct, frozen=True):
    """What became of runs that were to be deleted or restored.

    Attributes:
        moves: Those that were moved, in order.
        refused: Those that are where they were, and why.
        cancelled: Whether the rest was not tried.
    """

    moves: tuple[Move, ...] = ()
    refused: tuple[Refusal, ...] = ()
    cancelled: bool = False


class Refused(Exception):
    """One run is not changed; inside this room only, callers get a Refusal."""

    def __init__(self, kind: RefusalKind, why: str) -> None:
        super().__init__(why)
        self.kind = kind


def delete(
    home: Home,
    ids: Sequence[str],
    *,
    advance: Callable[[int], None] = lambda amount: None,
    unproven: bool = False,
    along: Collection[str] = (),
) -> MoveOutcome:
    """Move runs to the trash.

    Args:
        home: The home of the runs.
        ids: The runs.
        advance: Called with 1 after each run and with 0 while a long one goes on; it may raise
            Cancelled, which ends in an outcome.
        unproven: Take also runs that may be running where we cannot look, e.g. another machine.
        along: Those of the runs that go only with a run that links to them, and stay where it does.
    """
    mover = _Mover(home, Store(home.runs_dir), home.trash_dir, advance)

    def move(run_id: str) -> Move:
        require_idle(mover.source.run_dir(run_id), unproven=unproven)
        return mover.move(run_id, run_id, make_room=True)

    return _each(ids, move, "deleted", advance, going_along(mover.source, along))


def restore(
    home: Home, ids: Sequence[str], *, advance: Callable[[int], None] = lambda amount: None
) -> MoveOutcome:
    """Move deleted runs back, to an id that is free.

    Args:
        home: The home of the runs.
        ids: Names of the runs in the trash.
        advance: As for `delete`.
    """
    mover = _Mover(home, Store(home.trash_dir), home.runs_dir, advance)

    def move(run_id: str) -> Move:
        return mover.move(run_id, _own_name(home, run_id), make_room=False)

    return _each(ids, move, "restored", advance)


def require_run(store: Store, run_id: str) -> None:
    """Make sure that a run is there, and that its name is one that leads nowhere else.

    Raises:
        Refused: It is not.
    """
    if not is_name(run_id) or not store.is_run(run_id):
        where = "in the trash" if store.runs_dir.parent.name == "trash" else "there"
        raise Refused("gone", f"it is not {where} any more")


def is_name(run_id: str) -> bool:
    """Whether a run may be called so: the name leads nowhere else, and is not hidden."""
    return bool(run_id) and not run_id.startswith(".") and not {"/", "\0", os.sep} & set(run_id)


def require_idle(run_dir: Path, *, unproven: bool) -> None:
    """Make sure that nothing runs in a run's directory.

    Raises:
        Refused: Something does, or may do.
    """
    busy = find_busy(run_dir)
    if busy is not None and not (unproven and busy.kind == "elsewhere"):
        raise Refused(busy.kind, f"it {busy.reason}")


def going_along(store: Store, along: Collection[str]) -> GoingAlong:
    """Follows which runs of a store stay because a run does that links to them."""

    def linked(run_id: str) -> list[str]:
        return [target for _, target in read_links(f"{store.runs_dir}/{run_id}")]

    return GoingAlong(along, linked)


def require_no_parent(company: GoingAlong | None, run_id: str) -> None:
    """Make sure that a run was not to go along with one that stays.

    Raises:
        Refused: It was.
    """
    if company is not None and (why := company.why_kept(run_id)):
        raise Refused("kept", why)


def refusal_of(error: Exception, run_id: str, done: str) -> Refusal:
    """What an exception for one run means to the user.

    Args:
        error: What was raised.
        run_id: The run.
        done: What was to be done, e.g. "deleted".
    """
    kind: RefusalKind = "other"
    if isinstance(error, Refused):
        kind, why = error.kind, str(error)
    elif isinstance(error, OSError):
        kind = _KINDS.get(error.errno or 0, "other")
        why = _reason(error, kind)
    else:
        why = str(error)
    return Refusal(run_id, f"Run {run_id[:8]} cannot be {done}: {why}.", kind)


def _each(
    ids: Sequence[str],
    move: Callable[[str], Move],
    done: str,
    advance: Callable[[int], None],
    company: GoingAlong | None = None,
) -> MoveOutcome:
    moves: list[Move] = []
    refused: list[Refusal] = []
    runs = tuple(dict.fromkeys(ids))
    try:
        for run_id in runs:
            try:
                require_no_parent(company, run_id)
                moves.append(move(run_id))
            except (Refused, RunError, OSError) as e:
                refused.append(refusal_of(e, run_id, done))
                if company is not None:
                    company.note_refused(run_id)
            advance(1)
    except Cancelled:
        is_cancelled = len(moves) + len(refused) < len(runs)
        return MoveOutcome(tuple(moves), tuple(refused), is_cancelled)
    return MoveOutcome(tuple(moves), tuple(refused))


class _Mover:
    """Moves runs from one directory to another."""

    def __init__(
        self, home: Home, source: Store, target_dir: Path, advance: Callable[[int], None]
    ) -> None:
        self.source = source
        self._target_dir = os.fspath(target_dir)
        self._made_dirs = [
            os.fspath(path)
            for path in (target_dir.parent, target_dir)
            if path.is_relative_to(home.path) and path != home.path
        ]
        self._has_target_dir = False
        self._check = lambda: advance(0)

    def move(self, run_id: str, name: str, *, make_room: bool) -> Move:
        """Move one run.

        Args:
            run_id: Its name here.
            name: Its name there.
            make_room: Whether a run that has the name there gets another one.

        Raises:
            Refused: It is gone, or its name is taken.
            RunError: It cannot be copied to another file system.
            OSError: The system refuses.
        """
        self._require(run_id, name, "moved to the trash" if make_room else "restored")
        if not self._has_target_dir:
            self._make_target_dir()
            self._has_target_dir = True
        target = f"{self._target_dir}/{name}"
        displaced = ""
        for _ in range(_ATTEMPTS):
            if os.path.lexists(target):
                if not make_room:
                    raise Refused("exists", f"there is a run {name[:8]} already")
                displaced = self._make_room(name)
            try:
                self._go(f"{self.source.runs_dir}/{run_id}", target)
            except BaseException as e:
                if isinstance(e, OSError) and e.errno in _TAKEN:
                    continue
                if isinstance(e, FileNotFoundError) and self._lost_target_dir():
                    continue
                self._take_back(displaced, name)
                raise
            return Move(run_id, name, displaced)
        raise Refused("exists", f"its place is taken again and again ({target})")

    def _lost_target_dir(self) -> bool:
        """Whether somebody removed the directory that runs go to; it is made again."""
        if os.path.isdir(self._target_dir):
            return False
        self._make_target_dir()
        return True

    def _make_target_dir(self) -> None:
        """Make what is missing of it, but never the home: it may have been renamed just now."""
        for path in self._made_dirs:
            try:
                os.mkdir(path)
            except FileExistsError:
                if not os.path.isdir(path):
                    raise

    def _make_room(self, name: str) -> str:
        other = f"{name}_{random_suffix()}"
        try:
            os.rename(f"{self._target_dir}/{name}", f"{self._target_dir}/{other}")
        except FileNotFoundError:
            return ""  # another process took it away
        return other

    def _require(self, run_id: str, name: str, done: str) -> None:
        """Make sure that a run is there; somebody else may have done it already."""
        try:
            require_run(self.source, run_id)
        except Refused as e:
            if is_name(run_id) and Store(Path(self._target_dir)).is_run(name):
                raise Refused("gone", f"it was {done} already") from e
            raise

    def _take_back(self, displaced: str, name: str) -> None:
        """Undo `_make_room`, so that a refusal leaves nothing changed."""
        target = f"{self._target_dir}/{name}"
        if displaced and not os.path.lexists(target):
            os.rename(f"{self._target_dir}/{displaced}", target)

    def _go(self, source: str, target: str) -> None:
        if os.path.islink(source):
            _move_link(source, target)
            return
        try:
            os.rename(source, target)
        except OSError as e:
            if e.errno != errno.EXDEV:
                raise
            self._go_across(source, target)

    def _go_across(self, source: str, target: str) -> None:
        """Move to another file system: the original goes when the copy is whole and in place."""
        obstacle = find_obstacle(source, self._check)
        if obstacle:
            raise Refused("denied", obstacle)
        self._require_room(source)
        with place_for_copy(self._target_dir) as place:
            from core.runs.tree_copy import copy_tree  # 2 ms that a rename does without

            copy_tree(source, place, self._check)
            os.rename(place, target)
            try:
                aside = put_aside(os.path.dirname(source), os.path.basename(source))
            except OSError:
                os.rename(target, place)
                raise
        erase_aside(aside)  # not to be cancelled: the move is done
        drop_if_empty(os.path.dirname(source))

    def _require_room(self, source: str) -> None:
        size = disk_size(source, self._check).bytes
        from shutil import disk_usage  # 2 ms that others do without

        free = disk_usage(self._target_dir).free
        if size > free:
            need, have = format_bytes(size), format_bytes(free)
            raise Refused("full", f"it takes {need}, and {self._target_dir} has {have} left")


def _move_link(source: str, target: str) -> None:
    """Move a link itself; unlike a rename this never replaces what is there."""
    found = os.lstat(source)
    os.symlink(os.readlink(source), target)
    set_link_times(target, found.st_atime_ns, found.st_mtime_ns)
    os.unlink(source)


def _own_name(home: Home, name: str) -> str:
    """The id that a deleted run goes back to."""
    displaced = _DISPLACED.match(name)
    if displaced is None:
        return name
    run_id = displaced[1]
    try:
        is_own = read_attr(f"{home.trash_dir}/{name}", "id") == run_id
    except RunDamaged:
        return name
    places = (home.runs_dir, home.trash_dir)
    is_free = not any(os.path.lexists(f"{place}/{run_id}") for place in places)
    return run_id if is_own and is_free else name


def _brief(path: str) -> str:
    """A path within a sentence: of a very long one its beginning and its end."""
    return path if len(path) <= _LONG_PATH else f"{path[:100]}…{path[-60:]}"


def _reason(error: OSError, kind: RefusalKind) -> str:
    said = (error.strerror or str(error)).lower()
    if kind == "gone":
        return "it is not there any more"
    if kind == "full":
        return said
    if kind != "denied":
        return f"{said} ({_brief(str(error.filename))})" if error.filename else said
    paths = [os.fspath(p) for p in (error.filename, error.filename2) if isinstance(p, str)]
    closed = [
        path
        for each in paths
        for path in (each, os.path.dirname(each))
        if os.path.isdir(path) and not may_change(path)
    ]
    return f"{closed[0]} may not be changed ({said})" if closed else said
