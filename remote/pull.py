"""Runs come from a server to this computer (see remote.local_shelf for what a crash leaves).

1. The files that are wanted are written into the area of the remote, what is here already is
   taken from the run that is here, of what has only grown the end is fetched.
2. The runs are listed there again: what changed meanwhile is fetched again.
3. Runs that are complete appear, or take the place of the version that was here.

A run that is going on there is taken as it was when it was listed, and is shown as running on the
remote; the next pull after its end settles it. Of its output and event files only what is new comes
then (remote.growing).
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from msgspec.structs import replace

from core.archives.entries import ArchiveEntry
from core.check import go_on
from core.errors import Error
from core.home import Home
from core.runs.attr_dump import dump_yaml
from core.runs.attr_file import write_attr_bytes
from core.runs.busy import find_busy
from core.runs.guild_files import opened_directory, read_file, reason
from core.text import format_bytes
from remote.errors import RemoteError
from remote.fetching import Arriving, fetch_files
from remote.files import Tree
from remote.growing import append_grown
from remote.hashes import hash_here, hashes_of_both
from remote.local_shelf import LocalShelf, free_bytes, key_of, opened_shelf
from remote.manifest import (
    ATTRS,
    LOCK_REMOTE,
    USER_ATTRS,
    Manifest,
    are_same,
    manifest_here,
    manifests_from,
    manifests_there,
)
from remote.moves import (
    GROWN_SIZE,
    ROUNDS,
    Move,
    Tally,
    build_of,
    is_only_words,
    is_unsaid,
    known_apart,
    known_of,
    parts_of,
)
from remote.plan import Options
from remote.remote_home import RemoteHome

_MOST_WORDS = 1 << 24


class Pull:
    """Pulls runs of one remote.

    Args:
        home: The home here.
        there: The home there.
        tally: Counts.
        options: What is asked for.
        is_verified: Whether checksums are compared.
    """

    def __init__(
        self,
        home: Home,
        there: RemoteHome,
        tally: Tally,
        options: Options,
        *,
        is_verified: bool = False,
    ) -> None:
        self._home = home
        self._there = there
        self._tally = tally
        self._options = options
        self._is_verified = is_verified

    def run(self, moves: Sequence[Move]) -> None:
        """Pull runs; one that cannot be pulled costs the others nothing.

        Raises:
            RemoteError: The server is gone, or is not to be believed.
            Cancelled: The job was stopped.
            OSError: Nothing can be written here.
        """
        moves = append_grown(self._home, self._there, moves, self._tally)
        words = [move for move in moves if is_only_words(move, self._options)]
        for move in words:
            self._write_words(move)
        others = [move for move in moves if not is_only_words(move, self._options)]
        if not others:
            return
        with opened_shelf(self._home, key_of(self._there.name, self._there.path)) as shelf:
            for part in parts_of(others):
                self._pull_part(part, shelf)

    def _pull_part(self, moves: Sequence[Move], shelf: LocalShelf) -> None:
        arriving = [a for move in moves if (a := self._begin(move, shelf)) is not None]
        arriving = _fitting(arriving, self._home.runs_dir, self._tally)
        self._begin_with_grown(arriving)
        for turn in range(ROUNDS):
            seen = fetch_files(self._there, arriving, self._tally, is_hashed=self._is_verified)
            arriving = [each for each in arriving if self._has_come(each)]
            changed = self._look_again(arriving, seen)
            if not changed:
                break
            if turn == ROUNDS - 1:
                for each in changed:
                    self._tally.refuse(each.move.run_id, "it does not stop changing there")
                arriving = [each for each in arriving if each not in changed]
        if self._is_verified:
            arriving = self._verified(arriving)
        self._place([each for each in arriving if self._is_finished(each)], shelf)

    def _begin(self, move: Move, shelf: LocalShelf) -> Arriving | None:
        build = build_of(move, self._options)
        run_dir = f"{self._home.runs_dir}/{move.run_id}"
        try:
            staged = shelf.stage(move.run_id, build.entries)
            for name in staged.missing(build.from_target):
                self._tally.check()
                staged.share(name, run_dir, is_linked=not build.keeps_old)
        except OSError as e:
            self._tally.refuse(move.run_id, reason(e))
            return None
        names = [n for n in build.from_source if build.entries[n].kind == "file"]
        return Arriving(move, build, staged, move.source, names)

    def _begin_with_grown(self, arriving: Sequence[Arriving]) -> None:
        """Take the beginning of files that have only grown from here, where it is proven equal."""
        grown = {f"{each.move.run_id}/{name}": (each, name) for each, name in _grown_of(arriving)}
        if not grown or not self._there.capabilities.can_hash:
            return
        check, runs_dir = self._tally.check, self._home.runs_dir
        sizes = {path: _size_here(*of) for path, of in grown.items()}

        def own(path: str) -> str:
            return hash_here(f"{runs_dir}/{path}", sizes[path], check)

        here, there = hashes_of_both(self._there, self._there.runs_dir, sizes, own, check)
        for path, (each, name) in grown.items():
            if there[path] == here[path]:
                with suppress(OSError):  # then all of it is fetched
                    each.staged.begin_with(name, f"{runs_dir}/{path}", sizes[path])

    def _has_come(self, each: Arriving) -> bool:
        """Whether no file failed for a reason that copying again does not help."""
        for name, problem in each.staged.problems.items():
            if problem not in ("gone", "shorter"):
                self._tally.refuse(each.move.run_id, f"{name} cannot be read there ({problem})")
                return False
        return True

    def _look_again(
        self, arriving: Sequence[Arriving], seen: Mapping[str, Tree] | None
    ) -> list[Arriving]:
        """Compare with how the runs are listed now; returns those of which more is to be fetched.

        Args:
            arriving: The runs.
            seen: How they are listed; None where that is to be asked.
        """
        known = {each.move.run_id: each.source for each in arriving}
        check = self._tally.check
        if seen is None:
            found = manifests_there(self._there, list(known), check, known)
        else:
            found = manifests_from(self._there, list(known), seen, check, known)
        changed = []
        for each in list(arriving):
            now = found.get(each.move.run_id)
            if now is None or now.problem:
                why = now.problem if now else "it is not there any more"
                each.names.clear()
                each.staged.problems[""] = why
            elif self._take_changes(each, now):
                changed.append(each)
        return changed

    def _take_changes(self, each: Arriving, now: Manifest) -> bool:
        """Note what changed while it was copied; whether anything is to be fetched again."""
        if now.is_running:
            # It is taken as it was: the files that were listed, each as long as it was then.
            gone = [n for n, problem in each.staged.problems.items() if problem]
            for name in gone:
                _drop(each, name)
            each.staged.problems.clear()
            return False
        is_same = now is each.source or now.entries == each.source.entries
        if is_same and not each.staged.problems:
            each.source = now
            return False  # nothing has changed, as nearly always
        entries = dict(each.staged.entries)
        again = []
        sent = set(each.build.from_source)
        kept = set(each.build.from_target) | set(each.build.written)
        for name, entry in now.entries.items():
            if name in kept or (name not in sent and name in each.source.entries):
                continue
            old = entries.get(name)
            if old is None or not are_same(old, entry) or name in each.staged.problems:
                entries[name] = entry
                again.append(name)
        gone = [name for name in each.names if name not in now.entries]
        for name in gone:
            entries.pop(name, None)
            _drop(each, name)
        each.doubtful.update(each.staged.problems)
        each.staged.problems.clear()
        each.source = now
        each.staged.entries = entries
        each.names += [n for n in again if n not in each.names and entries[n].kind == "file"]
        return any(entries[name].kind == "file" for name in again)

    def _verified(self, arriving: Sequence[Arriving]) -> list[Arriving]:
        """Compare checksums; returns the runs of which all are equal."""
        sizes = {
            f"{each.move.run_id}/{name}": each.staged.entries[name].size
            for each in arriving
            for name in each.names
        }
        staged = {each.move.run_id: each for each in arriving}

        def own(path: str) -> str:
            run_id, _, name = path.partition("/")
            return self._own(staged[run_id], name)

        here, there = hashes_of_both(
            self._there, self._there.runs_dir, sizes, own, self._tally.check
        )
        fine = []
        for each in arriving:
            run_id = each.move.run_id
            wrong = [n for n in each.names if there[f"{run_id}/{n}"] != here[f"{run_id}/{n}"]]
            if wrong and not each.source.is_running:
                for name in wrong:
                    each.staged.forget(name)
                self._tally.refuse(run_id, f"{wrong[0]} did not arrive as it is there (checksum)")
            else:
                fine.append(each)
        return fine

    def _own(self, each: Arriving, name: str) -> str:
        known = each.staged.digests.get(name)
        return known or hash_here(f"{each.staged.path}/{name}", None, self._tally.check)

    def _is_finished(self, each: Arriving) -> bool:
        """Make the run whole; whether it is."""
        if "" in each.staged.problems:
            self._tally.refuse(each.move.run_id, each.staged.problems[""])
            return False
        missing = each.staged.missing(each.names)
        if missing:
            self._tally.refuse(each.move.run_id, f"{missing[0]} did not arrive")
            return False
        try:
            for name, data in each.build.written.items():
                each.staged.write(name, data)
            each.staged.finish(self._there.name if each.source.is_running else "")
        except OSError as e:
            self._tally.refuse(each.move.run_id, reason(e))
            return False
        return True

    def _place(self, arriving: Sequence[Arriving], shelf: LocalShelf) -> None:
        new = [each for each in arriving if each.move.target is None]
        beside = [each for each in arriving if each.build.is_beside]
        over = [each for each in arriving if each.move.target and not each.build.is_beside]
        over = [each for each in over if self._is_untouched(each)]
        failed = dict(shelf.put([each.staged for each in new]))
        failed.update(shelf.exchange([(each.staged, each.build.keeps_old) for each in over]))
        for each in beside:
            self._put_beside(each, shelf)
        for run_id, why in failed.items():
            self._tally.refuse(run_id, why)
        for each in (*new, *over):
            if each.move.run_id not in failed:
                (self._tally.new if each in new else self._tally.updated).append(each.move.run_id)
                self._note(each)

    def _put_beside(self, each: Arriving, shelf: LocalShelf) -> None:
        """Let a run appear with a new id, beside the one that is here."""
        new_id = uuid.uuid4().hex
        each.staged.write(f"{ATTRS}id", dump_yaml(new_id))
        target = f"{self._home.runs_dir}/{new_id}"
        failed = shelf.place.rename_all([(each.staged.path, target)])
        if failed:
            self._tally.refuse(each.move.run_id, next(iter(failed.values())))
        else:
            self._tally.renamed[each.move.run_id] = new_id
            self._tally.known[each.move.run_id] = known_apart(each.move, each.source)

    def _is_untouched(self, each: Arriving) -> bool:
        """Whether the run here still is what the plan was made from."""
        target = each.move.target
        run_dir = f"{self._home.runs_dir}/{each.move.run_id}"
        if target is None:
            return True
        now = manifest_here(each.move.run_id, run_dir, go_on)
        if now.is_running:
            self._tally.refuse(each.move.run_id, "it is running here by now")
        elif not _are_alike(target, now):
            self._tally.refuse(each.move.run_id, "it was changed here meanwhile")
        else:
            return True
        return False

    def _note(self, each: Arriving) -> None:
        """Remember what is equal now."""
        remarks = each.source.remarks
        self._tally.remarks += [f"Run {each.move.run_id[:8]}: {remark}" for remark in remarks]
        entries = {n: e for n, e in each.staged.entries.items() if n != LOCK_REMOTE}
        run_dir = self._home.runs_dir / each.move.run_id
        attrs = dict(each.source.attrs) or written_words(each.source, run_dir, each.staged.words)
        source = replace(each.source, attrs=attrs)
        target = Manifest(each.move.run_id, entries)
        self._tally.known[each.move.run_id] = known_of(each.move, source, target)

    def _write_words(self, move: Move) -> None:
        """Write what people wrote there into the run here, and settle it."""
        run_dir = self._home.runs_dir / move.run_id
        merged = {**move.item.merged, **{n: move.source.attrs.get(n) for n in move.item.unsettled}}
        if merged and not is_unsaid(move, read_words(run_dir)):
            self._tally.refuse(move.run_id, "what is written about it was changed here meanwhile")
            return
        try:
            for name, data in merged.items():
                write_attr_bytes(run_dir, name, data)
            if move.item.settles:
                _settle(run_dir, self._there.name)
        except (OSError, Error) as e:
            if isinstance(e, RemoteError):
                raise
            self._tally.refuse(move.run_id, reason(e) if isinstance(e, OSError) else str(e))
            return
        (self._tally.merged if merged else self._tally.updated).append(move.run_id)
        if move.target is not None:
            self._tally.known[move.run_id] = known_of(move, move.source, move.target)


def _grown_of(arriving: Sequence[Arriving]) -> Iterator[tuple[Arriving, str]]:
    """Large files that are longer there than here, of which nothing has come yet."""
    for each in arriving:
        for name in each.names:
            size = _size_here(each, name)
            is_grown = GROWN_SIZE <= size < each.build.entries[name].size
            if is_grown and not each.build.is_beside and not each.staged.piece_of(name)[1]:
                yield each, name


def _size_here(each: Arriving, name: str) -> int:
    """Bytes of a file of the run that is here; 0 where it is none."""
    old = each.move.target.entries.get(name) if each.move.target else None
    return old.size if old is not None and old.kind == "file" else 0


def _fitting(arriving: Sequence[Arriving], runs_dir: Path, tally: Tally) -> list[Arriving]:
    """The runs for which there is room here; whatever a server says of sizes fills no disk."""
    free = free_bytes(runs_dir)
    fitting = []
    for each in arriving:
        entries = each.build.entries
        needed = sum(entries[name].size for name in each.staged.missing(each.names))
        if needed > free:
            has = f"it needs {format_bytes(needed)}, and {format_bytes(max(0, free))} are free"
            tally.refuse(each.move.run_id, f"there is not enough space here: {has}")
        else:
            free -= needed
            fitting.append(each)
    return fitting


def _drop(each: Arriving, name: str) -> None:
    """Do without a file of a run."""
    if name in each.names:
        each.names.remove(name)
    if name in each.staged.entries:
        each.staged.forget(name)
        each.staged.entries = {n: e for n, e in each.staged.entries.items() if n != name}


def written_words(
    manifest: Manifest, run_dir: Path, known: Mapping[str, bytes]
) -> Mapping[str, bytes | None]:
    """What people wrote about a run that consists of what was listed: most need not be read.

    Args:
        manifest: The run.
        run_dir: Where it is on this computer.
        known: Files that were read, or written, just now.
    """
    names = [ATTRS + name for name in USER_ATTRS if ATTRS + name in manifest.entries]
    if all(name in known for name in names):
        return {name: known.get(ATTRS + name) for name in USER_ATTRS}
    return read_words(run_dir)


def read_words(run_dir: Path) -> Mapping[str, bytes | None]:
    """What people wrote about a run of this computer, attribute to bytes."""
    found: dict[str, bytes | None] = dict.fromkeys(USER_ATTRS)
    with suppress(OSError), opened_directory(f"{run_dir}/.guild") as guild_dir:
        for name in USER_ATTRS:
            with suppress(OSError):
                found[name] = read_file(f"attrs/{name}", guild_dir, _MOST_WORDS)[:_MOST_WORDS]
    return found


def _are_alike(one: Manifest, other: Manifest) -> bool:
    if other.problem or one.signature() != other.signature():
        return False
    return all(
        _looks(one.entries.get(ATTRS + name)) == _looks(other.entries.get(ATTRS + name))
        for name in USER_ATTRS
    )


def _looks(entry: ArchiveEntry | None) -> tuple[int, int] | None:
    return None if entry is None else (entry.size, entry.mtime_ns)


def _settle(run_dir: Path, remote: str) -> None:
    """Remove the note that a run is going on at a remote, if it is of that one."""
    path = run_dir / LOCK_REMOTE
    with suppress(FileNotFoundError):
        text = path.read_text("utf-8", "replace")[:256]
        if text.partition(":")[0].strip() == remote and find_busy(run_dir) is None:
            path.unlink()
