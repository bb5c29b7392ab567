"""Changing runs where they are, on a server: labels, tags, marks, comments, trash, stop.

It needs no Guild there, and Guild there sees everything: attributes get Guild's bytes, by a hidden
file beside them and one rename (remote.small_writes says what a crash leaves), and a run goes to
the trash or back by one rename, as Guild's rule for names that are taken wants it.

A run with a LOCK whose process is not proven to be gone is not moved and not erased. A process is
stopped only where the server shows that it is the run's own: it works in the run's directory, or
has the run's id in its environment.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from core.errors import Cancelled, Error, RunDamaged, RunNotFound, StopRefused
from core.runs.aside import random_suffix
from core.runs.attr_dump import dump_yaml
from core.runs.change import Change, FileEdit, Outcome, changed_meanwhile
from core.runs.purge import PurgeOutcome
from core.runs.refusal import Refusal, RefusalKind
from core.runs.run_attrs import RunAttrs
from core.runs.trash import Move, MoveOutcome
from remote.connection import Check
from remote.errors import RemoteError, RemoteRefused, RemoteUnreachable
from remote.manifest import ATTRS, LOCK, alive_there
from remote.remote_home import RemoteHome
from remote.remote_shelf import RemotePlace
from remote.sftp_wire import encode
from remote.small_writes import write_small

Advance = Callable[[int], None]

_DISPLACED = re.compile(r"(.+)_[a-z0-9_]{8}\Z", re.DOTALL)
_STOP = (
    'xargs -0 sh -c \'p=$1; d=$(cd -- "$2" && pwd -P) || exit 4;'
    ' c=$(readlink "/proc/$p/cwd") || exit 5;'
    ' case "$c/" in "$d"/*) ;; *) tr "\\\\000" "\\\\n" < "/proc/$p/environ" 2>/dev/null'
    ' | grep -qxF "RUN_ID=$3" || exit 6 ;; esac; kill -TERM "$p"\' sh'
)
_WHY_NOT = {
    4: "its directory is not there",
    5: "its process has ended, or cannot be looked at",
    6: "the process in its LOCK is not evidently its own",
}


def apply_there(
    home: RemoteHome, ids: Sequence[str], change: Change, *, advance: Advance
) -> Outcome:
    """Change what people write about runs of a server, one after another.

    Args:
        home: The server's home.
        ids: Which.
        change: What becomes of each (core.runs.change).
        advance: Called with 1 after each run; raises Cancelled to stop.

    Raises:
        RemoteUnreachable: The connection was lost; what was changed by then is.
    """
    try:
        return _each_edited(
            ids, lambda run_id: _edit(home, run_id, change, lambda: advance(0)), advance
        )
    finally:
        change.close()


def revert_there(home: RemoteHome, edits: Sequence[FileEdit], *, advance: Advance) -> Outcome:
    """Write back what attributes held, where they still hold what was written.

    A run of which an attribute holds something else by now is refused whole.

    Args:
        home: The server's home.
        edits: What was written.
        advance: As for `apply_there`.

    Raises:
        RemoteUnreachable: The connection was lost; what was written back by then is.
    """
    by_run: dict[str, list[FileEdit]] = {}
    for edit in edits:
        by_run.setdefault(edit.run_id, []).append(edit)

    def take_back(run_id: str) -> list[FileEdit]:
        return _take_back(home, by_run[run_id], lambda: advance(0))

    return _each_edited(list(by_run), take_back, advance)


def _each_edited(
    ids: Sequence[str], edit: Callable[[str], list[FileEdit]], advance: Advance
) -> Outcome:
    edits: list[FileEdit] = []
    unchanged: list[str] = []
    refused: list[Refusal] = []
    cancelled = False
    try:
        for run_id in dict.fromkeys(ids):
            try:
                done = edit(run_id)
            except Error as e:
                _raise_if_gone(e)
                refused.append(_refusal(run_id, "changed", e))
            else:
                edits += done
                unchanged += [] if done else [run_id]
            advance(1)
    except Cancelled:
        cancelled = True
    return Outcome(tuple(edits), tuple(unchanged), tuple(refused), cancelled)


def _take_back(home: RemoteHome, edits: Sequence[FileEdit], check: Check) -> list[FileEdit]:
    run_dir = home.run_dir(edits[0].run_id)
    _require_run(home, run_dir)
    for edit in edits:
        found = _read(home, run_dir, edit.attr, check)
        if found != edit.after:
            raise Error(changed_meanwhile(edit.attr, found))
    for edit in edits:
        write_small(home, f"{run_dir}/{ATTRS}{edit.attr}", edit.before, check)
    return [FileEdit(e.run_id, e.attr, e.after, e.before) for e in edits]


def _edit(home: RemoteHome, run_id: str, change: Change, check: Check) -> list[FileEdit]:
    run_dir = home.run_dir(run_id)
    _require_run(home, run_dir)

    def read(name: str) -> bytes | None:
        return _read(home, run_dir, name, check)

    edits = []
    for name, value in change.values(RunAttrs(run_id, read)).items():
        wanted = None if value is None else dump_yaml(value)
        before = read(name)
        if wanted != before:
            write_small(home, f"{run_dir}/{ATTRS}{name}", wanted, check)
            edits.append(FileEdit(run_id, name, before, wanted))
    return edits


def _require_run(home: RemoteHome, run_dir: str) -> None:
    if home.files.look(f"{run_dir}/.guild/opref") is None:
        raise RunNotFound("it is not there any more")


def _read(home: RemoteHome, run_dir: str, name: str, check: Check) -> bytes | None:
    path = f"{run_dir}/{ATTRS}{name}"
    data = home.files.read([path], check)[path]
    if data is None and home.files.look(path) is not None:
        raise RunDamaged(f"attribute {name} is no file, or cannot be read")
    return data


def delete_there(home: RemoteHome, ids: Sequence[str], *, advance: Advance) -> MoveOutcome:
    """Move runs of a server to its trash."""
    home.files.make_dirs([f"{home.path}/trash", home.trash_dir], lambda: advance(0))

    def move(run_id: str) -> Move:
        _require_idle(home, home.run_dir(run_id), run_id, lambda: advance(0))
        target = f"{home.trash_dir}/{run_id}"
        displaced = ""
        pairs = [(home.run_dir(run_id), target)]
        if home.files.look(target) is not None:
            displaced = f"{run_id}_{random_suffix()}"
            pairs.insert(0, (target, f"{home.trash_dir}/{displaced}"))
        _rename(home, pairs)
        return Move(run_id, run_id, displaced)

    return _each(ids, move, "deleted", advance)


def restore_there(home: RemoteHome, ids: Sequence[str], *, advance: Advance) -> MoveOutcome:
    """Move deleted runs of a server back, to an id that is free."""

    def move(name: str) -> Move:
        match = _DISPLACED.match(name)
        own = match[1] if match else name
        taken = any(
            home.files.look(path) is not None
            for path in (home.run_dir(own), f"{home.trash_dir}/{own}")
        )
        target = name if own != name and taken else own
        _rename(home, [(f"{home.trash_dir}/{name}", home.run_dir(target))])
        return Move(name, target)

    return _each(ids, move, "restored", advance)


def purge_there(
    home: RemoteHome, ids: Sequence[str], *, from_trash: bool, advance: Advance
) -> PurgeOutcome:
    """Erase runs of a server for ever.

    Each is renamed away first: what a lost connection leaves is no run any more, and is erased with
    the next ones.
    """
    place = RemotePlace(home, lambda: advance(0))
    base = home.trash_dir if from_trash else home.runs_dir
    aside = f"{home.path}/incoming"
    home.files.make_dirs([aside], lambda: advance(0))
    left = [f"{aside}/{name}" for name in place.names(aside) if name.startswith("removed-")]

    def erase(run_id: str) -> Move:
        _require_idle(home, f"{base}/{run_id}", run_id, lambda: advance(0))
        target = f"{aside}/removed-{random_suffix()}"
        _rename(home, [(f"{base}/{run_id}", target)])
        place.discard([target, *left])
        left.clear()
        return Move(run_id, "")

    found = _each(ids, erase, "erased", advance)
    home.files.drop_empty([aside])
    return PurgeOutcome(
        removed=tuple(each.run_id for each in found.moves),
        refused=found.refused,
        cancelled=found.cancelled,
    )


def stop_there(home: RemoteHome, run_id: str, check: Check) -> None:
    """Ask the process of a run of a server to end (SIGTERM); does not wait for it.

    Raises:
        StopRefused: It is not running, or no process is evidently its own.
    """
    path = f"{home.run_dir(run_id)}/{LOCK}"
    lock = (home.files.read([path], check)[path] or b"").strip()[:10]
    if not lock.isdigit():
        raise StopRefused(f"Run {run_id[:8]} is not running on {home.name}.")
    if not {"kill", "xargs"} <= home.capabilities.programs:
        raise StopRefused(
            f"Run {run_id[:8]} cannot be stopped: {home.name} runs no commands for us.",
            hint="Log in there, and end it.",
        )
    given = b"\0".join((lock, encode(home.run_dir(run_id)), encode(run_id))) + b"\0"
    code = home.connection.run(_STOP, given=given, check=check).code
    if code:
        # xargs says 123 for whatever its command said.
        why = _WHY_NOT.get(code, "its process has ended, or is not evidently its own")
        raise StopRefused(f"Run {run_id[:8]} on {home.name} was not stopped: {why}.")


def _require_idle(home: RemoteHome, run_dir: str, run_id: str, check: Check) -> None:
    """Refuse what may be running.

    Raises:
        RemoteRefused: It may be. The message is a clause.
        RunNotFound: It is not there.
    """
    if home.files.look(f"{run_dir}/.guild/opref") is None:
        raise RunNotFound("it is not there any more")
    is_locked = home.files.look(f"{run_dir}/{LOCK}") is not None
    is_among_runs = run_dir == home.run_dir(run_id)
    if is_locked and is_among_runs and alive_there(home, [run_id], check):
        raise RemoteRefused("it is running", remote=home.name)


def _rename(home: RemoteHome, pairs: Sequence[tuple[str, str]]) -> None:
    failed = home.files.rename_all(pairs, lambda: None)
    if failed:
        raise RemoteRefused(next(iter(failed.values())), remote=home.name)


def _each(
    ids: Sequence[str], work: Callable[[str], Move], done: str, advance: Advance
) -> MoveOutcome:
    moves: list[Move] = []
    refused: list[Refusal] = []
    cancelled = False
    try:
        for run_id in dict.fromkeys(ids):
            try:
                moves.append(work(run_id))
            except Error as e:
                _raise_if_gone(e)
                refused.append(_refusal(run_id, done, e))
            advance(1)
    except Cancelled:
        cancelled = True
    return MoveOutcome(tuple(moves), tuple(refused), cancelled)


def _raise_if_gone(error: Error) -> None:
    """A lost connection concerns all runs and not one."""
    if isinstance(error, RemoteUnreachable):
        raise error


def _refusal(run_id: str, done: str, error: Error) -> Refusal:
    text = str(error).rstrip(".")
    is_running = isinstance(error, RemoteError) and text == "it is running"
    kind: RefusalKind = "running" if is_running else "other"
    return Refusal(run_id, f"Run {run_id[:8]} was not {done}: {text}.", kind)
