"""Trees of a server as its `find` prints them, and what of them need not be understood again.

Why all fields end with NUL: one call of C takes them apart, and columns of them are taken over at
once. Twelve thousand files cost fifteen milliseconds so, line by line they cost sixty.

Why runs that were sent are compared with what is expected of them, record by record: nearly always
all of it is there, and then nothing need be understood. That takes a fifth of the time, and most of
it goes by while the server is at work.

Why a digest of what was printed of each run: a transfer lists runs twice, before and after it
copies, and of nearly all of them the same is printed. Whoever knows the digest need not understand
it again. Another order of the same names only costs the time.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise

from msgspec.structs import replace

from core.archives.entries import ArchiveEntry, EntryKind
from remote.errors import UnsafeAnswer
from remote.files import MOST_ENTRIES, Tree
from remote.sftp_wire import decode, encode

_PRINT = '-printf "%y\\\\0%s\\\\0%m\\\\0%T@\\\\0%p\\\\0%l\\\\0"'
_FIELDS = 6
FIND = (
    "if cd -- {runs} 2>/dev/null; then xargs -0 sh -c "
    f"'find \"$@\" {_PRINT}' sh;"
    " else cat >/dev/null; fi; echo done"
)
"""Lists the directories whose names it is given, each as "./NAME" with a NUL behind it."""

FIND_NAMED = (
    "if cd -- {runs} 2>/dev/null; then w=; for d in {words}; do"
    ' if [ -e "$d" ] || [ -L "$d" ]; then w="$w $d"; fi; done;'
    f' [ -z "$w" ] || find $w {_PRINT}; fi; echo done'
)
"""The same of names that are words (`words_of`), of which those are passed over that are not there.

What is in the command need not wait until there is room for an input: half the time far away.
"""

MOST_WORDS = 64 << 10
"""Bytes of words in a command: Linux takes 128 KiB."""

FIND_ALL = f"find . -mindepth 1 {_PRINT}; echo done"
"""Lists everything in the directory in which it is run."""

MOST_AT_ONCE = 1000
"""Runs that are listed by one command whose names nobody knows before."""

FIND_STORE = (
    "if cd -- {runs} 2>/dev/null && [ -r . ] &&"
    f' [ "$(ls -f | head -n {MOST_AT_ONCE + 3} | wc -l)" -lt {MOST_AT_ONCE + 3} ];'
    f' then find . -mindepth 1 \\( -path "./.*" -prune -o {_PRINT} \\); echo done;'
    " else echo many; fi"
)
"""Lists all that is not hidden in a directory, of no more than MOST_AT_ONCE names."""

FIND_WORDS = f"find $words {_PRINT}; echo done"
"""Lists the directories that are words of a variable, as `words_of` makes them."""

_is_word = re.compile(r"[0-9A-Za-z_][0-9A-Za-z_-]*").fullmatch
MANY = b"many\n"
"""What FIND_STORE says of a directory of more names, and of one that cannot be listed so."""

_DONE = b"done\n"
_NAMED = re.compile(r"\./([^/'’]+)(?=[/'’])")
_KINDS: dict[str, EntryKind] = {"f": "file", "d": "dir", "l": "link"}
_PATH = 4
_WORTH_READING = 1 << 17
_MODES = 0o777
_AS_WANTED = b"as wanted"

Records = frozenset[tuple[bytes, ...]]
"""What `find` prints of a directory and all in it, as `records_of` makes it."""


def words_of(names: Sequence[str]) -> str | None:
    """Names as words of a shell that quotes nothing; None where one of them needs quotes."""
    return " ".join(f"./{name}" for name in names) if all(map(_is_word, names)) else None


class StoreReader:
    """Understands what FIND_STORE prints while it is printed, directories that are complete."""

    def __init__(self) -> None:
        self._trees: dict[str, Tree] = {}
        self._rest: list[bytes] = []
        self._size = 0
        self._enough = _WORTH_READING

    def take(self, piece: bytes) -> None:
        """The next piece of what is printed.

        Raises:
            UnsafeAnswer: It is nothing that find prints.
        """
        self._rest.append(piece)
        self._size += len(piece)
        if self._size < self._enough:
            return
        fields = b"".join(self._rest).split(b"\0")
        whole = (len(fields) - 1) // _FIELDS
        paths = fields[_PATH : whole * _FIELDS : _FIELDS]
        last = next((n for n in range(whole - 1, -1, -1) if paths[n].count(b"/") == 1), 0)
        self._understand(fields[: last * _FIELDS])
        self._rest = [b"\0".join(fields[last * _FIELDS :])]
        self._size = len(self._rest[0])
        self._enough = self._size + max(_WORTH_READING, self._size)  # it may be a huge directory

    def trees(self, name: str, errors: str) -> dict[str, Tree]:
        """All that was printed, where it came to its end: trees by their names, without files.

        Of what is no directory they are empty.

        Args:
            name: How the remote is called.
            errors: What `find` complained of.

        Raises:
            UnsafeAnswer: It is nothing that find prints, or did not come to its end.
        """
        fields = listed(b"".join(self._rest), name).split(b"\0")
        if fields.pop():
            raise _not_understood()
        self._understand(fields)
        for each, problem in _problems_of(errors).items():
            if each in self._trees:
                self._trees[each] = replace(self._trees[each], problem=problem)
        return self._trees

    def _understand(self, fields: list[bytes]) -> None:
        for name, own in _by_directory(fields):
            if own[0] != b"f":
                self._trees[name] = _tree_of(name, b"\0".join(own), "")


def parse_found(
    output: bytes,
    names: Sequence[str],
    errors: str = "",
    *,
    has_others: bool = False,
    known: Mapping[str, bytes] | None = None,
    wanted: Mapping[str, Records] | None = None,
) -> dict[str, Tree]:
    """Understand what `find` printed of directories.

    Args:
        output: What it printed, without "done".
        names: The directories that were asked for.
        errors: What it complained of.
        has_others: Whether there may be more beside them, which are passed over.
        known: Digests of directories; those of which the same was printed are not understood, and
            say so (Tree.is_known).
        wanted: What is expected of directories; the same holds for those of which just that was
            printed.

    Raises:
        UnsafeAnswer: It is nothing that find prints.
    """
    known, wanted = known or {}, wanted or {}
    problems = _problems_of(errors)
    trees = {name: Tree(problem=problems.get(name, "")) for name in names}
    found = output.split(b"\0")
    if found.pop():
        raise _not_understood()
    for name, fields in _by_directory(found):
        tree = trees.get(name)
        if tree is None:
            if has_others:
                continue
            raise UnsafeAnswer("The server lists files that were not asked for.")
        if tree.digest:
            raise UnsafeAnswer("The server lists a directory twice.")
        if name in wanted and not tree.problem and _records_of(fields) == wanted[name]:
            trees[name] = Tree(digest=_AS_WANTED, is_known=True)
        else:
            trees[name] = _tree_of(name, b"\0".join(fields), tree.problem, known.get(name))
    return trees


def records_of(name: str, entries: Iterable[ArchiveEntry]) -> Records:
    """What is printed of a directory that consists of files and directories as they are given.

    Of directories it is only their modes: they have other sizes on each disk, and other times.
    """
    top = encode(f"./{name}")
    found: set[tuple[bytes, ...]] = set()
    dirs = [("", 0o755)]
    for path, kind, size, mode, mtime_ns, _ in entries:
        if kind == "dir":
            dirs.append((path, mode & _MODES))
            continue
        when = b"%d.%09d0" % divmod(mtime_ns, 1_000_000_000)
        found.add(
            (b"f", b"%d" % size, b"%o" % (mode & _MODES), when, b"%b/%b" % (top, encode(path)))
        )
    for path, mode in dirs:
        found.add((b"d", b"%o" % mode, b"%b/%b" % (top, encode(path)) if path else top))
    return frozenset(found)


def _records_of(fields: Sequence[bytes]) -> set[tuple[bytes, ...]]:
    columns = [fields[place::_FIELDS] for place in range(_PATH + 1)]
    return {
        (kind, mode, path) if kind == b"d" else (kind, size, mode, when, path)
        for kind, size, mode, when, path in zip(*columns, strict=True)
    }


def _tree_of(name: str, whole: bytes, problem: str, known: bytes | None = None) -> Tree:
    digest = hashlib.blake2b(whole, digest_size=16).digest()
    if known == digest and not problem:
        return Tree(digest=digest, is_known=True)
    return Tree(_entries_of(name, decode(whole)), problem, digest)


def listed(output: bytes, name: str) -> bytes:
    """What was printed, where it came to its end.

    Raises:
        UnsafeAnswer: It did not.
    """
    if not output.endswith(_DONE):
        raise UnsafeAnswer(f"{name} lists its files in no known form.", remote=name)
    return output[: -len(_DONE)]


def _by_directory(fields: list[bytes]) -> Iterator[tuple[str, list[bytes]]]:
    """The fields of each directory: it is listed before what is in it."""
    if len(fields) % _FIELDS:
        raise _not_understood()
    paths = fields[_PATH::_FIELDS]
    starts = [place for place, path in enumerate(paths) if path.count(b"/") == 1]
    if paths and starts[:1] != [0]:
        raise _not_understood()
    for start, end in pairwise([*starts, len(paths)]):
        if end - start > MOST_ENTRIES:
            raise UnsafeAnswer("The server lists files without end.")
        name = decode(paths[start].removeprefix(b"./"))
        yield name, fields[start * _FIELDS : end * _FIELDS]


def _entries_of(top: str, listed_of_it: str) -> tuple[ArchiveEntry, ...]:
    """What is in a directory, without the directory itself."""
    fields = listed_of_it.split("\0")[_FIELDS:]
    above = f"./{top}/"
    if not all(path.startswith(above) for path in fields[_PATH::_FIELDS]):
        raise _not_understood()
    cut = len(above)
    kinds = [_KINDS.get(kind, "other") for kind in fields[0::_FIELDS]]
    try:
        sizes = [
            max(0, int(size)) if kind == "file" else 0
            for kind, size in zip(kinds, fields[1::_FIELDS], strict=True)
        ]
        modes = {mode: int(mode, 8) & 0o7777 for mode in set(fields[2::_FIELDS])}
        times = list(map(_time_of, fields[3::_FIELDS]))
    except ValueError as e:
        raise _not_understood() from e
    names = [path[cut:] for path in fields[_PATH::_FIELDS]]
    targets = [
        target if kind == "link" else ""
        for kind, target in zip(kinds, fields[5::_FIELDS], strict=True)
    ]
    columns = (names, kinds, sizes, [modes[m] for m in fields[2::_FIELDS]], times, targets)
    return tuple(map(ArchiveEntry._make, zip(*columns, strict=True)))


def _time_of(text: str) -> int:
    """Nanoseconds of seconds with a fraction, of which find prints ten digits."""
    whole, _, part = text.partition(".")
    return int(whole + part[:9]) if len(part) > 8 else int(f"{whole}{part:0<9}")


def _problems_of(errors: str) -> dict[str, str]:
    """What `find` said of the directories it was given: the first complaint of each."""
    problems: dict[str, str] = {}
    for line in errors.splitlines():
        why = line.rpartition(":")[2].strip().lower() or "it cannot be read"
        for name in _NAMED.findall(line):
            problems.setdefault(name, why)
    return problems


def _not_understood() -> UnsafeAnswer:
    return UnsafeAnswer("The server lists its files in no known form.")
