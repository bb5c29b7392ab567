"""What a run in an archive consists of, and which names and links are safe to write.

Names come from other people's archives, so nothing of them is believed: `safe_name` refuses what
could leave the run, `sort_out` what could not be written as it stands.

Why some things refuse the whole run and others are only left out: two files of one name, a file
below a link or a name with ".." are made by malice or damage, and nobody can tell what such a run
was. A link to a data set elsewhere, a pipe or a device occurs in honest runs; the rest of the run
is whole without it, and a sentence says what was left out. Its name stays taken: no honest program
lists a file below a link, or another one of its name, whether the link is kept or not.

Why names that differ by case or Unicode form only are kept: they are two files here. Whoever writes
them makes each file anew (O_EXCL), so that a disk that takes both for one refuses the run instead
of mixing them; what is below a link is compared as such a disk would.

Why verdicts on whole lists of names are remembered: nearly all runs of an operation have the same
files, and thousands of them are listed at once before a transfer.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Iterable, Sequence
from functools import lru_cache
from itertools import chain
from operator import attrgetter
from typing import Literal, NamedTuple

from msgspec import Struct

from core.errors import ArchiveError
from core.runs.files import shown

EntryKind = Literal["file", "dir", "link", "other"]

LONGEST_NAME = 4096  # bytes of a whole name, as most systems allow
LONGEST_PART = 255
MOST_ABOVE = 64 << 20
"""Letters of the names of all directories that are above something in a run: a small archive may
name tens of thousands of them for each of its files, which no memory holds."""
MOST_SAID = 5  # remarks of a kind that are told one by one
_MOST_REMEMBERED = 200  # entries of a run of which the verdict is remembered
_NAMES_OF = attrgetter("name", "kind", "target")

_LEADS_UP = re.compile(r"(?:\A|[/\\])\.\.(?:[/\\]|\Z)")
_DRIVE = re.compile(r"[A-Za-z]:(?:\\|\Z)")


class ArchiveEntry(NamedTuple):
    """One file, directory or link of a run; a tuple, as a transfer makes ten thousands of them.

    Attributes:
        name: Relative to the run, with "/"; bytes that are no UTF-8 as surrogates.
        kind: "other" is a device, a pipe or something else that is never written.
        size: Bytes of a file as it is declared; 0 for what is no file.
        mode: Permission bits; 0 where the archive does not say.
        mtime_ns: Modification time in nanoseconds since 1970-01-01 UTC.
        target: What a link says; empty for what is no link.
    """

    name: str
    kind: EntryKind
    size: int = 0
    mode: int = 0
    mtime_ns: int = 0
    target: str = ""


class RunEntries(Struct, frozen=True):
    """The entries of one run that may be written.

    Attributes:
        entries: In the order of the archive.
        remarks: Sentences on what is left out, and on names that some disks take for one.
    """

    entries: Collection[ArchiveEntry]
    remarks: tuple[str, ...] = ()


def safe_name(name: str) -> tuple[str, ...]:
    """The parts of a name that stays below where it begins; "." and a last "/" are left out.

    Raises:
        ArchiveError: It is empty, absolute, has "..", a drive letter or a NUL, or is too long.
    """
    if "\0" in name:
        raise ArchiveError(f"The name {quoted(name)} holds a NUL.")
    if name.startswith(("/", "\\")):
        raise ArchiveError(f"The name {quoted(name)} is absolute.")
    if _LEADS_UP.search(name):
        raise ArchiveError(f"The name {quoted(name)} leads upwards.")
    if _DRIVE.match(name):
        raise ArchiveError(f"The name {quoted(name)} begins with a drive.")
    parts = tuple(part for part in name.split("/") if part not in ("", "."))
    if not parts:
        raise ArchiveError(f"The name {quoted(name)} names nothing.")
    _check_length(name, parts)
    return parts


def is_run_id(name: str) -> bool:
    """Whether a name can be that of a run's directory: one safe part, not hidden, printable."""
    try:
        return safe_name(name) == (name,) and not name.startswith(".") and name.isprintable()
    except ArchiveError:
        return False


def link_problem(name: str, target: str) -> str:
    """Why a link must not be made, as a clause; empty when it stays in the run or beside it.

    Args:
        name: Of the link, relative to the run.
        target: What it says.
    """
    if not target or "\0" in target or len(target.encode("utf-8", "replace")) > LONGEST_NAME:
        return f"{quoted(name)} is a link that says nothing usable"
    if target.startswith(("/", "\\")) or _DRIVE.match(target):
        return f"{quoted(name)} is a link to an absolute place"
    parts = [part for part in target.split("/") if part not in ("", ".")]
    ups = next((n for n, part in enumerate(parts) if part != ".."), len(parts))
    depth = len(safe_name(name)) - 1
    beside = parts[depth + 1 : depth + 2]  # "../<id>" and what is below are sibling runs
    is_inside = ups <= depth or (ups == depth + 1 and beside and is_run_id(beside[0]))
    # Behind a name that is itself a link, ".." would lead from there and not from here.
    if ".." in parts[ups:] or not is_inside:
        return f"{quoted(name)} is a link that leads out of the run"
    return ""


def sort_out(
    entries: Iterable[ArchiveEntry], check: Callable[[], None] = lambda: None
) -> RunEntries:
    """Make sure that the entries of a run can be written, and leave out what must not be.

    Args:
        entries: In the order of the archive.
        check: Called often; raises to stop (core.errors.Cancelled).

    Raises:
        ArchiveError: They cannot, in one sentence.
    """
    check()
    listed = tuple(entries)
    if len(listed) <= _MOST_REMEMBERED and are_plain(tuple(map(_NAMES_OF, listed))):
        return RunEntries(listed)
    sorting = _Sorting()
    for number, entry in enumerate(listed):
        if number % 1000 == 999:
            check()
        sorting.take(entry)
    sorting.check_parents()
    return RunEntries(tuple(sorting.kept.values()), sorting.remarks())


def are_plain(names: tuple[tuple[str, EntryKind, str], ...]) -> bool:
    """Whether entries with these names, kinds and targets are all kept, with nothing to remark."""
    return _are_simple(names) or _are_plain(names)


def _are_simple(names: Sequence[tuple[str, EntryKind, str]]) -> bool:
    """Whether that can be seen of all of them together, at a tenth of the price."""
    paths = [name for name, _, _ in names]
    text = "\n".join(paths).lower()
    if not text.isascii() or not text.replace("\n", "").isprintable() or "\\" in text:
        return False
    if len(set(text.split("\n"))) != len(paths) or max(map(len, paths)) > LONGEST_PART:
        return False  # names with line ends in them make another number
    parts = f"/{text}/".replace("\n", "/")
    if "//" in parts or "/./" in parts or "/../" in parts or ":\n" in f"{text}\n":
        return False
    dirs = {name for name, kind, _ in names if kind == "dir"}
    if not dirs.issuperset({path.rpartition("/")[0] for path in paths} - {""}):
        return False
    others = [each for each in names if each[1] not in ("file", "dir")]
    return all(kind == "link" and not link_problem(name, to) for name, kind, to in others)


@lru_cache(maxsize=1000)  # an import asks for each run twice
def _are_plain(names: tuple[tuple[str, EntryKind, str], ...]) -> bool:
    sorting = _Sorting()
    try:
        for name, kind, target in names:
            sorting.take(ArchiveEntry(name, kind, target=target))
        sorting.check_parents()
    except ArchiveError:
        return False  # told by whoever sorts them out again
    return len(sorting.kept) == len(names) and not sorting.remarks()


class _Sorting:
    """Collects the entries of one run by name."""

    def __init__(self) -> None:
        self.kept: dict[str, ArchiveEntry] = {}
        self._gone: dict[str, ArchiveEntry] = {}
        self._remarks = Remarks()
        self._folded: dict[str, str] = {}

    def take(self, entry: ArchiveEntry) -> None:
        """Add an entry unless it is left out."""
        name = _one_of(entry.name, "/".join(safe_name(entry.name)))
        known = self.kept.get(name) or self._gone.get(name)
        if known is not None:
            if known.kind == entry.kind == "dir":
                return
            raise ArchiveError(f"The name {quoted(name)} occurs twice.")
        problem = problem_of(entry)
        if problem:
            self._remarks.leave_out(problem)
            self._gone[name] = entry
            return
        first = self._folded.setdefault(_one_of(name, folded(name)), name)
        if first != name:
            self._remarks.clash(first, name)
        self.kept[name] = entry

    def check_parents(self) -> None:
        """What is above an entry must be a directory."""
        every = chain(self.kept.items(), self._gone.items())
        solid = {folded(name): entry.kind for name, entry in every if entry.kind != "dir"}
        known: set[str] = set()
        letters = 0
        for name in self.kept:
            parent = folded(name).rpartition("/")[0]
            while parent and parent not in known:
                kind = solid.get(parent)
                if kind is not None:
                    what = "a link" if kind == "link" else "a file"
                    raise ArchiveError(f"{quoted(name)} would be written through {what}.")
                known.add(parent)
                letters += len(parent)
                parent = parent.rpartition("/")[0]
            if letters > MOST_ABOVE:
                raise too_deep()

    def remarks(self) -> tuple[str, ...]:
        """Sentences on what was left out, and on names that clash."""
        return self._remarks.sentences()


class Remarks:
    """Collects what is to be said of entries: of each kind the first ones, and how many more."""

    def __init__(self) -> None:
        self._left_out: list[str] = []
        self._clashes: list[str] = []
        self._more = [0, 0]

    def leave_out(self, clause: str) -> None:
        """An entry is left out."""
        self._note(0, self._left_out, f"{clause} and is left out.")

    def clash(self, first: str, name: str) -> None:
        """Two names are kept that some disks take for one."""
        pair = f"{quoted(first)} and {quoted(name)}"
        self._note(1, self._clashes, f"{pair} are one name on some disks.")

    def sentences(self) -> tuple[str, ...]:
        """All of it."""
        left_out, alike = self._more
        return (
            *self._left_out,
            *([f"{left_out:,} more files are left out."] if left_out else ()),
            *self._clashes,
            *([f"{alike:,} more files are alike."] if alike else ()),
        )

    def _note(self, kind: int, said: list[str], sentence: str) -> None:
        if len(said) < MOST_SAID:
            said.append(sentence)
        else:
            self._more[kind] += 1


def _one_of(known: str, name: str) -> str:
    """The text that is there already, where both are equal: a run may have a million names."""
    return known if known == name else name


def problem_of(entry: ArchiveEntry) -> str:
    """Why an entry is left out, as a clause; empty where it is not."""
    if entry.kind == "link":
        return link_problem(entry.name, entry.target)
    return f"{quoted(entry.name)} is no ordinary file" if entry.kind == "other" else ""


def too_deep() -> ArchiveError:
    """What is said of a run with more directories above its files than `MOST_ABOVE` allows."""
    return ArchiveError("Too many of its directories lie deep inside each other.")


def folded(name: str) -> str:
    """The name as a disk sees it that takes neither case nor Unicode form for a difference."""
    if name.isascii():
        return name.lower()
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def _check_length(name: str, parts: tuple[str, ...]) -> None:
    if len(name) * 4 <= LONGEST_PART:
        return
    if len(name.encode("utf-8", "surrogatepass")) > LONGEST_NAME:
        raise ArchiveError(f"The name {quoted(name)} is longer than {LONGEST_NAME:,} bytes.")
    if any(len(part.encode("utf-8", "surrogatepass")) > LONGEST_PART for part in parts):
        raise ArchiveError(f"A part of the name {quoted(name)} is longer than 255 bytes.")


def quoted(name: str) -> str:
    """A name within a sentence; of a long one its beginning and its end."""
    text = name if len(name) <= 100 else f"{name[:60]}…{name[-30:]}"
    try:
        return f"“{shown(text)}”"
    except UnicodeEncodeError:  # surrogates that stand for no byte
        return f"“{text.encode('utf-8', 'replace').decode()}”"
