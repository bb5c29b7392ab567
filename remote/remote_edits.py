"""Changing what people write about runs of a server: hundreds of them in a few breaths.

A part of the runs is taken at a time: what they hold is read together, what becomes of each is
decided here, and all that is to be written goes out together, each attribute by one rename
(remote.small_writes says what a crash leaves of it). One run after another a thousand of them took
minutes where a server is far away; so they take a second or two.

What a lost connection leaves: each attribute is as it was or as it should be, and the parts before
are changed. A change that is stopped writes what it had decided by then, and no more.

Why a change is asked again until it is content: it says what it wants to know by asking for it, and
what it asks for of one run is fetched for all the runs of the part.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from core.check import Check, go_on
from core.errors import Cancelled, Error, RunDamaged, RunNotFound
from core.runs.attr_dump import dump_yaml
from core.runs.change import Change, FileEdit, Outcome, changed_meanwhile
from core.runs.refusal import Refusal, RefusalKind
from core.runs.run_attrs import RunAttrs
from remote.errors import RemoteError, RemoteRefused, RemoteUnreachable
from remote.looking import Look, look_at_all
from remote.manifest import ATTRS
from remote.remote_home import RemoteHome
from remote.small_writes import SmallWrite, problems_of

AT_ONCE = 200
"""Runs of a part: what they hold fits into memory many times, and a part takes a second."""

Advance = Callable[[int], None]


class _NotRead(Exception):
    """A change asks for an attribute that was not read yet."""


class _Attrs:
    """What is known of the attributes of some runs of a server.

    Args:
        home: The server's home.
        check: Called while waiting; raises to stop.
    """

    def __init__(self, home: RemoteHome, check: Check) -> None:
        self._home = home
        self._check = check
        self._looks: dict[str, Look] = {}
        self._contents: Mapping[str, bytes | None] = {}
        self._wanted: dict[str, None] = {}

    def require_run(self, run_id: str) -> None:
        """Make sure that it is there.

        Raises:
            RunNotFound: It is not. The message is a clause.
            RemoteRefused: The server does not say.
        """
        look = self._looks[f"{self._home.run_dir(run_id)}/.guild/opref"]
        if look.problem:
            raise RemoteRefused(f"it cannot be looked at: {look.problem}", remote=self._home.name)
        if look.entry is None:
            raise RunNotFound("it is not there any more")

    def read(self, run_id: str, name: str) -> bytes | None:
        """The bytes of an attribute; None where there is none.

        Raises:
            _NotRead: It is not known yet; `fetch` brings it.
            RunDamaged: It is no file, or cannot be read.
        """
        path = self.path(run_id, name)
        if path not in self._looks:
            self._wanted[path] = None
            raise _NotRead
        look, data = self._looks[path], self._contents.get(path)
        if data is None and (look.entry is not None or look.problem):
            raise RunDamaged(f"attribute {name} is no file, or cannot be read")
        return data

    def mode(self, run_id: str, name: str) -> int:
        """The mode of an attribute that was read; that of a new one where there is none."""
        entry = self._looks[self.path(run_id, name)].entry
        return entry.mode if entry is not None else 0o644

    def path(self, run_id: str, name: str) -> str:
        """Where an attribute is."""
        return f"{self._home.run_dir(run_id)}/{ATTRS}{name}"

    def expect(self, ids: Sequence[str], names: Sequence[str] = ()) -> None:
        """Read of runs whether they are there, and some attributes."""
        for run_id in ids:
            self._wanted[f"{self._home.run_dir(run_id)}/.guild/opref"] = None
            self._wanted.update((self.path(run_id, name), None) for name in names)
        self.fetch()

    def fetch(self) -> None:
        """Bring all that was asked for."""
        wanted, self._wanted = list(self._wanted), {}
        looks = look_at_all(self._home, wanted, self._check)
        files = [p for p, look in looks.items() if look.is_file and f"/{ATTRS}" in p]
        contents = self._home.files.read(files, self._check)
        self._looks.update(looks)
        self._contents = {**self._contents, **contents}


def apply_there(
    home: RemoteHome, ids: Sequence[str], change: Change, *, advance: Advance
) -> Outcome:
    """Change what people write about runs of a server.

    Args:
        home: The server's home.
        ids: Which; one that is named twice is changed once.
        change: What becomes of each (core.runs.change).
        advance: Called with 1 for each run; raises Cancelled to stop before the next one.

    Raises:
        RemoteUnreachable: The connection was lost; what was changed by then is.
    """
    try:
        return _in_parts(home, ids, advance, lambda attrs, part: _decided(attrs, part, change))
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
    return _in_parts(
        home, list(by_run), advance, lambda attrs, part: _taken_back(attrs, part, by_run)
    )


def refusal_of(run_id: str, done: str, error: Error | str) -> Refusal:
    """Why a run of a server stays as it is.

    Args:
        run_id: The run.
        done: What was to be done, e.g. "changed".
        error: Its message is a clause.
    """
    text = str(error).rstrip(".")
    is_running = isinstance(error, RemoteError) and text == "it is running"
    kind: RefusalKind = "running" if is_running else "other"
    return Refusal(run_id, f"Run {run_id[:8]} was not {done}: {text}.", kind)


def raise_if_gone(error: Error) -> None:
    """Raise an error again that concerns all runs and not one: the connection was lost."""
    if isinstance(error, RemoteUnreachable):
        raise error


Decided = tuple[str, list[FileEdit] | Error]
"""A run, and what is to be written into it, or why nothing is."""

_Decide = Callable[[_Attrs, Sequence[str]], Iterator[Decided]]


def _in_parts(home: RemoteHome, ids: Sequence[str], advance: Advance, decide: _Decide) -> Outcome:
    once = list(dict.fromkeys(ids))
    edits: list[FileEdit] = []
    unchanged: list[str] = []
    refused: list[Refusal] = []
    cancelled = False
    for start in range(0, len(once), AT_ONCE):
        attrs = _Attrs(home, lambda: advance(0))
        planned: list[FileEdit] = []
        try:
            for run_id, found in decide(attrs, once[start : start + AT_ONCE]):
                if isinstance(found, Error):
                    refused.append(refusal_of(run_id, "changed", found))
                else:
                    planned += found
                    unchanged += [] if found else [run_id]
                advance(1)
        except Cancelled:
            cancelled = True
        failed = _written(home, attrs, planned)
        edits += [edit for edit in planned if (edit.run_id, edit.attr) not in failed]
        why = {run_id: said for (run_id, _), said in reversed(failed.items())}
        refused += [refusal_of(run_id, "changed", said) for run_id, said in why.items()]
        if cancelled:
            break
    return Outcome(tuple(edits), tuple(unchanged), tuple(refused), cancelled)


def _written(
    home: RemoteHome, attrs: _Attrs, planned: Sequence[FileEdit]
) -> dict[tuple[str, str], str]:
    """Write what was decided, not to be stopped in between; what failed, and why."""
    writes = {
        attrs.path(edit.run_id, edit.attr): SmallWrite(
            attrs.path(edit.run_id, edit.attr), edit.after, attrs.mode(edit.run_id, edit.attr)
        )
        for edit in planned
    }
    failed = problems_of(home, list(writes.values()), go_on) if writes else {}
    return {
        (edit.run_id, edit.attr): f"attribute {edit.attr} cannot be written: {why}"
        for edit in planned
        if (why := failed.get(attrs.path(edit.run_id, edit.attr)))
    }


def _decided(attrs: _Attrs, ids: Sequence[str], change: Change) -> Iterator[Decided]:
    """What becomes of each run, in their order."""
    attrs.expect(ids)
    found: dict[str, list[FileEdit] | Error] = {}
    left = list(ids)
    while left:
        still = []
        for run_id in left:
            try:
                found[run_id] = _edits_of(attrs, run_id, change)
            except _NotRead:
                still.append(run_id)
            except Error as e:
                raise_if_gone(e)
                found[run_id] = e
        left = still
        if left:
            attrs.fetch()
    yield from ((run_id, found[run_id]) for run_id in ids)


def _edits_of(attrs: _Attrs, run_id: str, change: Change) -> list[FileEdit]:
    attrs.require_run(run_id)

    def read(name: str) -> bytes | None:
        return attrs.read(run_id, name)

    edits = []
    for name, value in change.values(RunAttrs(run_id, read)).items():
        wanted = None if value is None else dump_yaml(value)
        before = read(name)
        if wanted != before:
            edits.append(FileEdit(run_id, name, before, wanted))
    return edits


def _taken_back(
    attrs: _Attrs, ids: Sequence[str], by_run: Mapping[str, list[FileEdit]]
) -> Iterator[Decided]:
    names = {edit.attr for run_id in ids for edit in by_run[run_id]}
    attrs.expect(ids, sorted(names))
    for run_id in ids:
        try:
            _require_unchanged(attrs, by_run[run_id])
        except Error as e:
            raise_if_gone(e)
            yield run_id, e
        else:
            yield run_id, [FileEdit(e.run_id, e.attr, e.after, e.before) for e in by_run[run_id]]


def _require_unchanged(attrs: _Attrs, edits: Sequence[FileEdit]) -> None:
    """Make sure that attributes of a run hold what was written into them."""
    attrs.require_run(edits[0].run_id)
    for edit in edits:
        now = attrs.read(edit.run_id, edit.attr)
        if now != edit.after:
            raise Error(changed_meanwhile(edit.attr, now))
