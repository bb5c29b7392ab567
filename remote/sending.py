"""Bringing the files of runs into our area on a server, each by the way that is best for it."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress

from msgspec import Struct, field
from msgspec.structs import replace

from core.archives.entries import ArchiveEntry
from core.check import Check
from core.home import Home
from remote.byte_channel import ByteChannel
from remote.errors import RemoteBusy, RemoteRefused
from remote.files import Store, Tree
from remote.found import FIND_ALL, Records, listed, parse_found
from remote.hashes import can_copy, copying_there, hash_here, hashes_there
from remote.holes import is_sparse
from remote.looking import look_at_all
from remote.manifest import Manifest, are_same, listing_there
from remote.moves import GROWN_SIZE, Build, Move, Tally
from remote.packing import GONE, SHORTER, Packing, Parcel
from remote.remote_home import RemoteHome
from remote.remote_shelf import RemoteShelf
from remote.running import Completed
from remote.springs import BytesSpring, FileSpring
from remote.tar_stream import begin_unpacking, unpacking

PIECE_SIZE = 1 << 20
"""Bytes from which on a file is kept there while it is not complete."""

_MODES = 0o777
_USUAL = 0o755
_UNPROVEN = ".unproven"


class Leaving(Struct, eq=False):  # two of them are never compared by what is in them
    """One run that is being pushed.

    Attributes:
        name: How it is called in the area: its id, or a new one where it is put beside.
        entries: What it will consist of.
        names: Files that are to be sent, and have not arrived.
        small: Contents of files that are ours and not the run's: attributes, LOCK.remote.
        dirs: Directories, below the area, that are made by the tar that brings the files.
        words: What people wrote, of the attributes that were sent just now.
    """

    move: Move
    build: Build
    name: str
    source: Manifest
    entries: dict[str, ArchiveEntry]
    names: list[str]
    small: dict[str, bytes] = field(default_factory=dict)
    dirs: list[str] = field(default_factory=list)
    words: dict[str, bytes] = field(default_factory=dict)

    @property
    def run_id(self) -> str:
        """The run."""
        return self.move.run_id


class _Sorted(Struct):
    """Files by the way that they go."""

    by_tar: list[Parcel] = field(default_factory=list)
    by_sftp: list[Store] = field(default_factory=list)
    pieces: dict[str, str] = field(default_factory=dict)
    springs: list[FileSpring] = field(default_factory=list)


class Unpacker:
    """The tar at a server that unpacks and lists, begun before it is needed where that can be.

    Args:
        there: The server's home.
    """

    def __init__(self, there: RemoteHome) -> None:
        self._there = there
        self._begun: ByteChannel | None = None

    def prepare(self) -> None:
        """Begin it, unless it will not be needed, or would take the only session."""
        can = self._there.capabilities
        if can.can_untar and can.can_find and self._there.connection.has_room:
            with suppress(RemoteBusy):  # then it has to wait until it is needed
                self._begun = begin_unpacking(self._there, FIND_ALL)

    def take(self) -> ByteChannel:
        """One that belongs to the caller from now on."""
        begun, self._begun = self._begun, None
        return begin_unpacking(self._there, FIND_ALL) if begun is None else begun

    def close(self) -> None:
        """End it where nobody took it."""
        begun, self._begun = self._begun, None
        if begun is not None:
            begun.close()


class Sending:
    """Sends files into the area of our home.

    Args:
        home: The home here.
        there: The home there.
        tally: Counts.
        shelf: The area.
        unpacker: Of the server.

    Attributes:
        unread: Why the last sending left something out, as clauses by the names of runs there.
    """

    def __init__(
        self,
        home: Home,
        there: RemoteHome,
        tally: Tally,
        shelf: RemoteShelf,
        unpacker: Unpacker,
    ) -> None:
        self._home = home
        self._there = there
        self._tally = tally
        self._shelf = shelf
        self._unpacker = unpacker
        self.unread: dict[str, str] = {}

    def prepare(self, leaving: Sequence[Leaving]) -> None:
        """Make directories, and take what is there: from an earlier try, or from the run."""
        check = self._tally.check
        left = self._shelf.left([each.name for each in leaving])
        strange = [
            f"{self._shelf.part}/{name}"
            for name, found in left.items()
            if any(n not in _by_name(leaving, name).entries for n in found)
        ]
        self._there.files.remove_trees(strange, check)
        left = {name: e for name, e in left.items() if f"{self._shelf.part}/{name}" not in strange}
        dirs: list[str] = []
        for each in leaving:
            each.dirs = [each.name, *(f"{each.name}/{d}" for d in _dirs_of(each))]
            if (
                not self._there.capabilities.can_untar
                or each.build.from_target
                or each.name in left
            ):
                dirs += (f"{self._shelf.part}/{d}" for d in each.dirs)
                each.dirs = []
        made = self._there.files.make_dirs(dirs, check)
        self._open_up([each for each in leaving if each.name in left], made)
        shared: dict[str, str] = {}
        owners: dict[str, tuple[Leaving, str]] = {}
        for each in leaving:
            found = left.get(each.name, {})
            self._keep_begun(each, found)
            each.names = [n for n in each.names if not _is_done(each.entries[n], found.get(n))]
            for name in each.build.from_target:
                if each.entries[name].kind == "file" and name not in found:
                    new = f"{self._shelf.part}/{each.name}/{name}"
                    shared[new] = f"{self._there.run_dir(each.run_id)}/{name}"
                    owners[new] = each, name
        # What goes to the trash shares no file on the disk with what stays, where the server can
        # copy: somebody may write into one of them in place.
        copied = {new: old for new, old in shared.items() if owners[new][0].build.keeps_old}
        left_to_link = {*shared} - {*copied}
        left_to_link.update(self._shelf.copy_there(copied))
        linked = {new: shared[new] for new in shared if new in left_to_link}
        failed = list(self._there.files.share(linked, check))
        failed = self._shelf.copy_there({new: shared[new] for new in failed})
        for new in failed:
            each, name = owners[new]
            self._tally.refuse(each.run_id, f"{name} cannot be copied there")

    def _open_up(self, begun: Sequence[Leaving], made: Collection[str]) -> None:
        """Give what holds a run its usual mode: a tar that is cut leaves it to its owner alone."""
        tops = [path for each in begun if (path := f"{self._shelf.part}/{each.name}") not in made]
        entry = ArchiveEntry("", "dir", 0, _USUAL)
        self._there.files.give_facts(dict.fromkeys(tops, entry), self._tally.check)

    def _keep_begun(self, each: Leaving, found: Mapping[str, ArchiveEntry]) -> None:
        """Go on with large files of which tar wrote a part: where it is a beginning of the file."""
        check = self._tally.check
        begun = {
            name: found[name].size
            for name in each.names
            if name in found and PIECE_SIZE <= found[name].size < each.entries[name].size
        }
        if not begun or not self._there.capabilities.can_hash:
            return
        top = f"{self._shelf.part}/{each.name}"
        there = hashes_there(self._there, top, begun, check)
        for name, size in begun.items():
            own = f"{self._home.runs_dir}/{each.run_id}/{name}"
            if there[name] == hash_here(own, size, check):
                piece = self._shelf.piece(each.name, each.entries[name])
                self._there.files.rename_all([(f"{top}/{name}", piece)], check)

    @contextmanager
    def sent(
        self, leaving: Sequence[Leaving]
    ) -> Iterator[Callable[[Mapping[str, Records]], Mapping[str, Tree]]]:
        """Send all files that are wanted and not there; the call tells what is there then.

        All was read here when the block begins, while the server may still be working on it. The
        call is given what is expected of runs; of those that are just so the trees only say that
        (Tree.is_known).

        Raises:
            RemoteError: The server is gone, or refuses all.
        """
        sorted_out = self._sorted(leaving)
        check = self._tally.check
        names = [each.name for each in leaving]
        packing = Packing(sorted_out.by_tar, self._tally)
        if sorted_out.by_tar and not sorted_out.by_sftp and self._there.capabilities.can_find:
            # One command unpacks and lists: half a second less where a server is far away.
            stream = self._unpacker.take()
            with unpacking(stream, self._there, self._shelf.part, packing.pieces(), check) as done:
                self._note_read(packing, leaving)
                yield lambda wanted: self._seen(packing, names, done(), wanted)
            self._send_small(leaving)
            return
        try:
            if sorted_out.by_tar:
                area = self._shelf.part
                stream = begin_unpacking(self._there)
                with unpacking(stream, self._there, area, packing.pieces(), check) as done:
                    done()
                self._note_read(packing, leaving)
                self._remove_broken(packing)
            if sorted_out.by_sftp:
                self._there.files.store(sorted_out.by_sftp, check)
        finally:
            for spring in sorted_out.springs:
                spring.close()
        self._finish_pieces(sorted_out.pieces, check)
        self._send_small(leaving)
        with listing_there(self._there, self._shelf.part, names, check) as listing:
            yield lambda wanted: listing()

    def _sorted(self, leaving: Sequence[Leaving]) -> _Sorted:
        """Each file by the way that is best for it."""
        sorted_out = _Sorted()
        known = self._pieces(leaving)
        can_untar = self._there.capabilities.can_untar
        for each in leaving:
            dirs = tuple(_directory(each, name) for name in each.dirs)
            each.dirs = []
            by_tar = []
            own = f"{self._home.runs_dir}/{each.run_id}"
            for name in each.names:
                entry = each.entries[name]
                is_alone = entry.size >= PIECE_SIZE and (
                    self._shelf.piece(each.name, entry) in known or is_sparse(f"{own}/{name}")
                )  # tar there would fill holes
                if can_untar and not is_alone:
                    by_tar.append(entry)
                else:
                    self._by_sftp(each, entry, known, sorted_out)
            if dirs or by_tar:
                sorted_out.by_tar.append(Parcel(own, each.name, dirs, tuple(by_tar)))
        return sorted_out

    def _by_sftp(
        self, each: Leaving, entry: ArchiveEntry, known: Mapping[str, int], sorted_out: _Sorted
    ) -> None:
        """A part of a large file that is there is gone on with; small ones go whole."""
        name = entry.name
        path = f"{self._shelf.part}/{each.name}/{name}"
        spring = FileSpring(f"{self._home.runs_dir}/{each.run_id}/{name}", entry, self._tally)
        sorted_out.springs.append(spring)
        if entry.size < PIECE_SIZE:
            sorted_out.by_sftp.append(Store(path, entry, spring))
            return
        piece = self._shelf.piece(each.name, entry)
        spring.offset = known.get(piece, 0)
        self._tally.spare(spring.offset)
        sorted_out.pieces[piece] = path
        sorted_out.by_sftp.append(Store(piece, entry, spring, spring.offset))

    def _seen(
        self,
        packing: Packing,
        names: Sequence[str],
        done: Completed,
        wanted: Mapping[str, Records],
    ) -> Mapping[str, Tree]:
        """What the server lists, without what is not what it looks like."""
        output = listed(done.output, self._there.name)
        wanted = {} if packing.broken else wanted
        trees = parse_found(output, names, done.errors, has_others=True, wanted=wanted)
        self._remove_broken(packing)
        for top, name in packing.broken:
            tree = trees[top]
            left = tuple(entry for entry in tree.entries if entry.name != name)
            trees[top] = replace(tree, entries=left)
        return trees

    def _remove_broken(self, packing: Packing) -> None:
        for top, name in packing.broken:
            self._there.files.remove(f"{self._shelf.part}/{top}/{name}")

    def _note_read(self, packing: Packing, leaving: Sequence[Leaving]) -> None:
        for each in leaving:
            each.words.update(packing.words.get(each.name, {}))
        self.unread = {
            top: f"{name} cannot be read here ({why})"
            for top, name, why in packing.problems
            if why not in (SHORTER, GONE)
        }

    def _pieces(self, leaving: Sequence[Leaving]) -> dict[str, int]:
        """Beginnings of large files that are there: of earlier tries, and of files that grew."""
        large = [
            (each, name)
            for each in leaving
            for name in each.names
            if each.entries[name].size >= PIECE_SIZE
        ]
        if not large:
            return {}
        known = self._shelf.pieces()
        sizes: dict[str, int] = {}
        grown: dict[str, tuple[Leaving, str]] = {}
        for each, name in large:
            old = each.move.target.entries.get(name) if each.move.target else None
            is_new = self._shelf.piece(each.name, each.entries[name]) not in known
            if old and is_new and GROWN_SIZE <= old.size < each.entries[name].size:
                sizes[f"{each.run_id}/{name}"] = old.size
                grown[f"{each.run_id}/{name}"] = each, name
        if grown and self._there.capabilities.can_hash:
            begin = self._copied if can_copy(self._there) else self._proven_and_copied
            known.update(begin(grown, sizes))
        return known

    def _copied(
        self, grown: Mapping[str, tuple[Leaving, str]], sizes: Mapping[str, int]
    ) -> dict[str, int]:
        """Copy beginnings there while they are hashed on both sides; those that are proven equal.

        A copy is called otherwise until then: what is killed before leaves nothing that counts.
        """
        check = self._tally.check
        pieces = {path: self._shelf.piece(e.name, e.entries[n]) for path, (e, n) in grown.items()}
        copies = {path: (sizes[path], f"{piece}{_UNPROVEN}") for path, piece in pieces.items()}
        with copying_there(self._there, self._there.runs_dir, copies, check) as answer:
            own = {p: hash_here(f"{self._home.runs_dir}/{p}", sizes[p], check) for p in grown}
            there = answer()
        looks = look_at_all(self._there, [new for _, new in copies.values()], check)
        fine = []
        for path, (size, new) in copies.items():
            entry = looks[new].entry
            if there[path] == own[path] and entry is not None and entry.size == size:
                fine.append((new, pieces[path]))
            elif entry is not None:
                self._there.files.remove(new)
        failed = self._there.files.rename_all(fine, check)
        done = {piece for new, piece in fine if new not in failed}
        return {pieces[path]: sizes[path] for path in grown if pieces[path] in done}

    def _proven_and_copied(
        self, grown: Mapping[str, tuple[Leaving, str]], sizes: Mapping[str, int]
    ) -> dict[str, int]:
        """The same of servers that can only do one after the other."""
        done: dict[str, int] = {}
        there = hashes_there(self._there, self._there.runs_dir, sizes, self._tally.check)
        for path, (each, name) in grown.items():
            own = f"{self._home.runs_dir}/{path}"
            if there[path] == hash_here(own, sizes[path], self._tally.check):
                piece = self._shelf.piece(each.name, each.entries[name])
                source = f"{self._there.runs_dir}/{path}"
                if self._copy_beginning(source, piece, sizes[path]):
                    done[piece] = sizes[path]
        return done

    def _copy_beginning(self, source: str, piece: str, size: int) -> bool:
        if self._there.files.begin_copy(source, piece, size, self._tally.check):
            return True
        return not self._shelf.copy_there({piece: source})

    def _finish_pieces(self, pieces: Mapping[str, str], check: Check) -> None:
        failed = self._there.files.rename_all(list(pieces.items()), check)
        again = {old: new for old, new in pieces.items() if old in failed}
        for old, new in again.items():  # another version is in the way
            with suppress(RemoteRefused):
                self._there.files.replace(old, new)

    def _send_small(self, leaving: Sequence[Leaving]) -> None:
        """Write what is ours, and make the links."""
        check = self._tally.check
        stores = []
        links: dict[str, ArchiveEntry] = {}
        for each in leaving:
            top = f"{self._shelf.part}/{each.name}"
            for name, data in each.small.items():
                entry = ArchiveEntry(name, "file", len(data), 0o644)
                stores.append(Store(f"{top}/{name}", entry, BytesSpring(data)))
            for name, entry in each.entries.items():
                if entry.kind == "link":
                    links[f"{top}/{name}"] = entry
        self._there.files.store(stores, check)
        self._there.files.make_links(links, check)


def _directory(each: Leaving, name: str) -> ArchiveEntry:
    """The entry of a directory for the same tar; modes are given last, when all is in it."""
    known = each.entries.get(name.partition("/")[2])
    return ArchiveEntry(f"./{name}", "dir", 0, _USUAL, known.mtime_ns if known else time.time_ns())


def _by_name(leaving: Sequence[Leaving], name: str) -> Leaving:
    return next(each for each in leaving if each.name == name)


def _dirs_of(each: Leaving) -> Iterator[str]:
    """Directories of a run, also those that only names in it tell of."""
    found = {name for name, entry in each.entries.items() if entry.kind == "dir"}
    for name in (*each.entries, *each.small):
        parent = name.rpartition("/")[0]
        while parent and parent not in found:
            found.add(parent)
            parent = parent.rpartition("/")[0]
    yield from sorted(found)


def is_there(wanted: ArchiveEntry, found: ArchiveEntry | None) -> bool:
    """Whether a file has arrived as it is wanted."""
    return found is not None and are_same(wanted, found)


def _is_done(wanted: ArchiveEntry, found: ArchiveEntry | None) -> bool:
    """Whether an earlier try has finished a file: its mode and time are set last."""
    if found is None or not is_there(wanted, found):
        return False
    return (wanted.mode ^ found.mode) & _MODES == 0
