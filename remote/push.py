"""Runs go from this computer to a server (see remote.remote_shelf for what a crash leaves).

1. The files that are wanted are written into our area there; what is there already is taken from
   the run that is there (as a second name of the same file), and of what has only grown the end is
   sent.
2. What is in the area is listed and compared, and so are the runs here: what changed meanwhile is
   sent again.
3. Runs that are complete appear, or take the place of the version that was there.

The environment stays here unless it is asked for, LOCK always does. A run that is going on here is
sent as it is, and is shown there as running on this computer; the next push after its end settles
it.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing

from msgspec.structs import replace

from core.archives.entries import ArchiveEntry
from core.home import Home
from core.runs.attr_dump import dump_yaml
from core.runs.status import names_of_this_machine
from remote.errors import RemoteFull
from remote.found import Records, records_of
from remote.hashes import hash_here, hashes_of_both
from remote.local_shelf import key_of, opened_shelf, own_key
from remote.looking import look_at_all
from remote.manifest import (
    ATTRS,
    LOCK_REMOTE,
    Manifest,
    is_as_listed,
    manifest_here,
    manifest_of,
    manifests_there,
)
from remote.moves import (
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
from remote.pull import written_words
from remote.remote_home import RemoteHome
from remote.remote_shelf import RemoteShelf
from remote.sending import Leaving, Sending, Unpacker, is_there
from remote.small_writes import SmallWrite, problems_of

PIECE_SIZE = 1 << 20
"""Bytes from which on a file is kept there while it is not complete."""

_MODES = 0o777
_WORDS_AT_ONCE = 200
_MOST_EXPECTED = 40_000


class Push:
    """Pushes runs to one remote.

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
        """Push runs; one that cannot be pushed costs the others nothing.

        Raises:
            RemoteError: The server is gone, refuses all, or is not to be believed.
            Cancelled: The job was stopped.
        """
        words = [move for move in moves if is_only_words(move, self._options)]
        self._write_words(words)
        others = [move for move in moves if not is_only_words(move, self._options)]
        if not others:
            return
        # Held against a second push of ours, which would use the same area there.
        with opened_shelf(self._home, key_of(self._there.name, self._there.path)):
            parts = list(parts_of(others))
            with closing(Unpacker(self._there)) as unpacker:
                unpacker.prepare()
                shelf = RemoteShelf(self._there, own_key(self._home), self._tally.check)
                for part in parts:
                    self._push_what_fits(part, shelf, unpacker, is_last=part is parts[-1])
            shelf.close()

    def _push_what_fits(
        self, moves: Sequence[Move], shelf: RemoteShelf, unpacker: Unpacker, *, is_last: bool
    ) -> None:
        """Push runs together; one by one where the disk is full, so that whole ones appear."""
        try:
            self._push_part(moves, shelf, unpacker, is_last=is_last)
        except RemoteFull:
            if len(moves) == 1:
                raise
            for move in moves:
                self._push_part([move], shelf, unpacker, is_last=False)

    def _push_part(
        self, moves: Sequence[Move], shelf: RemoteShelf, unpacker: Unpacker, *, is_last: bool
    ) -> None:
        sending = Sending(self._home, self._there, self._tally, shelf, unpacker)
        leaving = [self._begin(move) for move in moves]
        sending.prepare(leaving)
        leaving = [each for each in leaving if each.run_id not in self._tally.refused]
        for turn in range(ROUNDS):
            again = self._send(leaving, sending, shelf)
            leaving = [each for each in leaving if each.run_id not in self._tally.refused]
            if not again:
                break
            if turn == ROUNDS - 1:
                self._there.files.require_room(f"{shelf.part}/{again[0].name}", "store")
                for each in again:
                    why = f"{each.names[0]} did not arrive as it is here"
                    self._tally.refuse(each.run_id, sending.unread.get(each.name, why))
                leaving = [each for each in leaving if each not in again]
        if self._is_verified:
            leaving = self._verified(leaving, shelf)
        self._place(leaving, shelf, is_last=is_last)

    def _begin(self, move: Move) -> Leaving:
        build = build_of(move, self._options)
        entries = dict(build.entries)
        names = [n for n in build.from_source if entries[n].kind == "file"]
        each = Leaving(move, build, move.run_id, move.source, entries, names)
        each.small.update(build.written)
        if build.is_beside:
            each.name = uuid.uuid4().hex
            each.small[f"{ATTRS}id"] = dump_yaml(each.name)
            if f"{ATTRS}id" in names:
                names.remove(f"{ATTRS}id")
        if move.source.is_running:
            each.small[LOCK_REMOTE] = max(names_of_this_machine() - {"localhost"}, key=len).encode()
        return each

    def _send(
        self, leaving: Sequence[Leaving], sending: Sending, shelf: RemoteShelf
    ) -> list[Leaving]:
        """Send, then compare both sides; returns the runs of which more is to be sent."""
        with sending.sent(leaving) as listed:
            for each in leaving:  # all was read by now, and the server is still at work
                self._take_changes(each)
            trees = listed(dict(_expected(leaving)))
        again = []
        modes: dict[str, ArchiveEntry] = {}
        for each in leaving:
            if trees[each.name].is_known:
                each.names = []
                continue  # all that is expected is there, and nothing else: as nearly always
            found = {entry.name: entry for entry in trees[each.name].entries}
            self._remove_vanished(each, found, shelf)
            wanted = [
                n for n, e in each.entries.items() if e.kind == "file" and n not in each.small
            ]
            each.names = [n for n in wanted if not is_there(each.entries[n], found.get(n))]
            if any(n in each.build.from_target and n not in found for n in each.names):
                self._tally.refuse(each.run_id, f"{each.names[0]} is not there any more")
            elif each.names:
                again.append(each)
            else:
                top = f"{shelf.part}/{each.name}"
                modes.update((f"{top}/{name}", dir_) for name, dir_ in _other_modes(each, found))
        self._there.files.give_facts(modes, self._tally.check)
        return again

    def _remove_vanished(
        self, each: Leaving, found: Mapping[str, ArchiveEntry], shelf: RemoteShelf
    ) -> None:
        """Remove over there what arrived and is not here any more."""
        for name in found.keys() - each.entries.keys() - each.small.keys():
            if found[name].kind != "dir":
                self._there.files.remove(f"{shelf.part}/{each.name}/{name}")

    def _take_changes(self, each: Leaving) -> None:
        """Note what changed here while it was sent; of one that goes on, the listing counts."""
        run_dir = f"{self._home.runs_dir}/{each.run_id}"
        self._tally.check()
        if is_as_listed(each.source, run_dir):
            return  # as nearly always
        now = manifest_here(each.run_id, run_dir, self._tally.check)
        if now.problem or ".guild/opref" not in now.entries:
            self._tally.refuse(each.run_id, now.problem or "it is not here any more")
            return
        if now.is_running:
            return
        if now.entries == each.source.entries:
            each.source = now
            return
        sent = set(each.build.from_source)
        kept = {*each.build.from_target, *each.small}
        for name, entry in now.entries.items():
            if name in kept or (name not in sent and name in each.source.entries):
                continue
            each.entries[name] = entry
        for name in sent - now.entries.keys():
            each.entries.pop(name, None)
        each.source = now

    def _verified(self, leaving: Sequence[Leaving], shelf: RemoteShelf) -> list[Leaving]:
        """Compare checksums; returns the runs of which all are equal."""
        names = {
            each.name: [n for n in each.build.from_source if _is_file(each, n)] for each in leaving
        }
        sizes = {
            f"{each.name}/{name}": each.entries[name].size
            for each in leaving
            for name in names[each.name]
        }
        ids = {each.name: each.run_id for each in leaving}
        check = self._tally.check

        def own(path: str) -> str:
            top, _, name = path.partition("/")
            return hash_here(f"{self._home.runs_dir}/{ids[top]}/{name}", sizes[path], check)

        here, there = hashes_of_both(self._there, shelf.part, sizes, own, check)
        fine = []
        for each in leaving:
            paths = {n: f"{each.name}/{n}" for n in names[each.name]}
            wrong = [n for n, path in paths.items() if there[path] != here[path]]
            if wrong:
                for name in wrong:
                    self._there.files.remove(f"{shelf.part}/{each.name}/{name}")
                self._tally.refuse(
                    each.run_id, f"{wrong[0]} did not arrive as it is here (checksum)"
                )
            else:
                fine.append(each)
        return fine

    def _place(self, leaving: Sequence[Leaving], shelf: RemoteShelf, *, is_last: bool) -> None:
        over = [each for each in leaving if each.move.target and not each.build.is_beside]
        others = [each for each in leaving if each not in over]
        over = self._untouched(over)
        failed = shelf.put([each.name for each in others], {}, is_last=is_last and not over)
        kept = [each.name for each in over if each.build.keeps_old]
        failed.update(shelf.exchange([each.name for each in over], kept))
        for each in (*others, *over):
            if each.name in failed:
                self._tally.refuse(each.run_id, failed[each.name])
            elif each.build.is_beside:
                self._tally.renamed[each.run_id] = each.name
                self._tally.known[each.run_id] = known_apart(each.move, each.move.source)
            else:
                (self._tally.updated if each in over else self._tally.new).append(each.run_id)
                self._note(each)

    def _untouched(self, over: Sequence[Leaving]) -> list[Leaving]:
        """The runs that still are there what the plan was made from."""
        before = {each.run_id: each.move.target for each in over if each.move.target}
        now = manifests_there(self._there, list(before), self._tally.check, before)
        fine = []
        for each in over:
            known, found = each.move.target, now.get(each.run_id)
            if found is not None and found.is_running:
                self._tally.refuse(each.run_id, "it is running there by now")
            elif known and found and _are_alike(known, found):
                fine.append(each)
            else:
                self._tally.refuse(each.run_id, "it was changed there meanwhile")
        return fine

    def _note(self, each: Leaving) -> None:
        """Remember what is equal now."""
        self._tally.remarks += [f"Run {each.run_id[:8]}: {text}" for text in each.source.remarks]
        run_dir = self._home.runs_dir / each.run_id
        attrs = dict(each.source.attrs) or written_words(each.source, run_dir, each.words)
        source = replace(each.source, attrs=attrs)
        if not each.small and each.entries == source.entries:
            target = source
        else:
            listed = (n for n in each.entries if n not in each.small or n.startswith(ATTRS))
            target = manifest_of(each.run_id, [each.entries[name] for name in listed])
        self._tally.known[each.run_id] = known_of(each.move, source, target)

    def _write_words(self, moves: Sequence[Move]) -> None:
        """Write what people wrote here into the runs there, each attribute by one rename."""
        for start in range(0, len(moves), _WORDS_AT_ONCE):
            self._write_some_words(moves[start : start + _WORDS_AT_ONCE])

    def _write_some_words(self, moves: Sequence[Move]) -> None:
        now = self._words_there(moves)
        fine: list[Move] = []
        for move in moves:
            if is_unsaid(move, now[move.run_id]):
                fine.append(move)
            else:
                self._tally.refuse(
                    move.run_id, "what is written about it was changed there meanwhile"
                )
        failed = self._written(fine)
        self._settle([m for m in fine if m.item.settles and m.run_id not in failed])
        for move in fine:
            if move.run_id in failed:
                self._tally.refuse(move.run_id, failed[move.run_id])
                continue
            is_merged = bool(_merged(move))
            (self._tally.merged if is_merged else self._tally.updated).append(move.run_id)
            if move.target is not None:
                self._tally.known[move.run_id] = known_of(move, move.source, move.target)

    def _written(self, moves: Sequence[Move]) -> dict[str, str]:
        """Write the words of runs; ids of those that could not be written, and why."""
        owners = {
            f"{self._there.run_dir(move.run_id)}/{ATTRS}{name}": (move.run_id, data)
            for move in moves
            for name, data in _merged(move).items()
        }
        looks = look_at_all(self._there, owners, self._tally.check)
        failed: dict[str, str] = {}
        writes = []
        for path, (run_id, data) in owners.items():
            entry = looks[path].entry
            if entry is None or entry.kind == "file":
                writes.append(SmallWrite(path, data, entry.mode if entry else 0o644))
            else:
                failed[run_id] = f"{path.rpartition('/')[2]} is no file there, and stays as it is"
        for path, why in problems_of(self._there, writes, self._tally.check).items():
            failed.setdefault(owners[path][0], f"{path.rpartition('/')[2]}: {why}")
        return failed

    def _words_there(self, moves: Sequence[Move]) -> dict[str, dict[str, bytes | None]]:
        """What is written now about runs there, of the attributes that the plan knows."""
        paths = {
            (move.run_id, name): f"{self._there.run_dir(move.run_id)}/{ATTRS}{name}"
            for move in moves
            if move.target
            for name in move.target.attrs
        }
        contents = self._there.files.read([*paths.values()], self._tally.check) if paths else {}
        found: dict[str, dict[str, bytes | None]] = {move.run_id: {} for move in moves}
        for (run_id, name), path in paths.items():
            found[run_id][name] = contents[path]
        return found

    def _settle(self, moves: Sequence[Move]) -> None:
        """Remove the notes that runs are going on here."""
        paths = [f"{self._there.run_dir(move.run_id)}/{LOCK_REMOTE}" for move in moves]
        for path, data in self._there.files.read(paths, self._tally.check).items():
            text = (data or b"").decode("utf-8", "replace")
            if text.partition(":")[0].strip() in names_of_this_machine():
                self._there.files.remove(path)


def _merged(move: Move) -> Mapping[str, bytes | None]:
    """What is to be written of what people wrote, attribute to bytes."""
    return {
        **move.item.merged,
        **{name: move.source.attrs.get(name) for name in move.item.unsettled},
    }


def _expected(leaving: Sequence[Leaving]) -> Iterator[tuple[str, Records]]:
    """What is there of runs when all was sent but what is ours; not of more than memory is for."""
    count = 0
    for each in leaving:
        count += len(each.entries)
        if count > _MOST_EXPECTED:
            return
        sent = [entry for name, entry in each.entries.items() if name not in each.small]
        yield each.name, records_of(each.name, sent)


def _other_modes(
    each: Leaving, found: Mapping[str, ArchiveEntry]
) -> Iterator[tuple[str, ArchiveEntry]]:
    """Directories there whose modes are not those of here: given last, when all is in them.

    They differ where the mode here is an unusual one, where a tar was cut before it gave any, and
    where the server takes rights away from what is made.
    """
    for name, entry in each.entries.items():
        wanted = entry.mode & _MODES
        made = found.get(name)
        if entry.kind == "dir" and wanted and made is not None and (made.mode ^ wanted) & _MODES:
            yield name, entry._replace(mode=wanted, mtime_ns=0)


def _is_file(each: Leaving, name: str) -> bool:
    entry = each.entries.get(name)
    return entry is not None and entry.kind == "file" and name not in each.small


def _are_alike(one: Manifest, other: Manifest) -> bool:
    if other.problem:
        return False
    return one.entries is other.entries or _looks(one) == _looks(other)


def _looks(manifest: Manifest) -> list[tuple[str, int, int]]:
    return sorted((n, e.size, e.mtime_ns) for n, e in manifest.entries.items() if e.kind == "file")
