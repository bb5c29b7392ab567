"""What of a run leaves it: its files, directories and links, in the order they are written.

What stays behind: the environment (`attrs/env` and a staged run's `ENV`; the prototype's too)
unless it is asked for, since secrets are in it; LOCK, which names a process of this machine; an
older record of checksums; pipes, sockets and devices, which are told.

Why links to other runs stay links where resources are copied: they are trials and steps and no
resources, and the runs themselves can be taken along. Guild copies each trial into its batch.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import lru_cache
from itertools import chain, islice
from pathlib import Path

from msgspec import Struct, field

from core.archives.checksums import NAME as RECORD
from core.archives.tree_items import Found, TreeItem, collect
from core.runs.attr_file import TEMPORARY
from core.runs.files import shown
from core.runs.links import linked_run
from core.text import plural

_ENVIRONMENT = ("attrs/env", "ENV")
LOCK = ".guild/LOCK"
_MOST_SORTED = 40_000
_CHECK_EACH = 1000
MOST_DEEP = 200
"""Directories inside each other that copied links may lead through."""


class RunTree(Struct, frozen=True):
    """All of a run that leaves it.

    Attributes:
        items: Directories before what is in them.
        bytes: Sizes of all files together.
        remarks: Clauses on what stays behind, e.g. "data is a pipe and stays here".
        links: Path of each link to what it says.
    """

    items: Collection[TreeItem]
    bytes: int
    remarks: tuple[str, ...] = ()
    links: Mapping[str, str] = field(default_factory=dict)


def look_at(
    run_dir: str | Path,
    *,
    with_env: bool = False,
    copy_resources: bool = False,
    check: Callable[[], None] = lambda: None,
) -> RunTree:
    """Find out what of a run leaves it.

    Args:
        run_dir: The run's directory, which may be a link itself.
        with_env: Whether its environment is taken along.
        copy_resources: Whether links to files and directories become what they lead to.
        check: Called often; raises to stop.

    Raises:
        OSError: A directory cannot be read: without it the run would not be whole.
    """
    looking = _Looking(os.fspath(run_dir), with_env, copy_resources, check)
    passing = _Passing()
    items = collect(passing.noted(looking.walk()))
    return RunTree(items, passing.total, tuple(looking.remarks), passing.links)


def iter_tree(
    run_dir: str | Path, *, with_env: bool, check: Callable[[], None]
) -> Iterator[TreeItem]:
    """What of a run would leave it, one after the other (see `look_at`).

    Raises:
        OSError: A directory cannot be read.
    """
    return _Looking(os.fspath(run_dir), with_env, False, check).walk()  # noqa: FBT003 - private


@lru_cache(maxsize=2000)  # the runs of an operation have the same files
def stays_here(path: str, *, with_env: bool) -> bool:
    """Whether a file is no part of what leaves, by its path relative to the run."""
    if not path.startswith(".guild/"):
        return False
    if path in (RECORD, LOCK) or path.startswith(f".guild/attrs/{TEMPORARY}"):
        return True
    inner = path.removeprefix(".guild/").removeprefix("proto/.guild/")
    return inner in _ENVIRONMENT and not with_env


def in_order(found: Iterator[os.DirEntry[str]]) -> Iterable[os.DirEntry[str]]:
    """What is in a directory, sorted by name unless it is too much for memory."""
    first = list(islice(found, _MOST_SORTED + 1))
    if len(first) > _MOST_SORTED:
        return chain(first, found)
    return sorted(first, key=lambda entry: entry.name)


def signature(tree: RunTree) -> str:
    """A short text that is another one when anything of the run has changed."""
    digest = hashlib.sha256()
    for item in tree.items:
        times = item.found.st_mtime_ns, item.found.st_ctime_ns
        facts = (item.kind, item.size, *(times if item.kind != "dir" else ()), item.target)
        digest.update(repr((item.path, facts)).encode())
    return digest.hexdigest()


def without_links(tree: RunTree, run_dir: str | Path) -> RunTree:
    """What stands in a zip for a run with links: Guild's form, which its importer understands.

    A link to a file is the file, one to a directory an empty directory; of links that lead nowhere
    nothing stands there. Unlike in Guild's zips, neither does anything of what lies outside the
    runs: somebody who exports a run does not expect a data set, or a file of another person, in it.
    """
    runs_dir = os.path.dirname(os.path.realpath(run_dir))
    if not tree.links:
        return tree
    passing = _Passing()
    items = collect(passing.noted(filter(None, (_in_place_of(i, runs_dir) for i in tree.items))))
    outside = sum(1 for item in tree.items if item.kind == "link" and _is_outside(item, runs_dir))
    remarks = tree.remarks
    if outside:
        remarks += (f"{plural(outside, 'link')} to files outside of the runs cannot be in a zip",)
    return RunTree(items, passing.total, remarks)


def _in_place_of(item: TreeItem, runs_dir: str) -> TreeItem | None:
    if item.kind != "link":
        return item
    try:
        found = os.stat(item.source)
    except OSError:
        return None
    if _is_outside(item, runs_dir):
        return None
    if stat.S_ISDIR(found.st_mode):
        return item._replace(kind="dir", found=Found.of(found))
    return (
        item._replace(kind="file", found=Found.of(found)) if stat.S_ISREG(found.st_mode) else None
    )


def _is_outside(link: TreeItem, runs_dir: str) -> bool:
    end = os.path.realpath(link.source)
    return os.path.exists(end) and not end.startswith(f"{runs_dir}/")


class _Passing:
    """Notes what is to be known of items that go by."""

    def __init__(self) -> None:
        self.total = 0
        self.links: dict[str, str] = {}

    def noted(self, items: Iterable[TreeItem]) -> Iterator[TreeItem]:
        """The same items."""
        for item in items:
            self.total += item.size
            if item.kind == "link":
                self.links[item.path] = item.target
            yield item


class _Looking:
    def __init__(
        self,
        top: str,
        with_env: bool,  # noqa: FBT001 - private
        copy_resources: bool,  # noqa: FBT001 - private
        check: Callable[[], None],
    ) -> None:
        self.remarks: list[str] = []
        self._top = top
        self._with_env = with_env
        self._copy_resources = copy_resources
        self._check = check

    def walk(self) -> Iterator[TreeItem]:
        """Every item, each directory before what is in it."""
        waiting = [("", self._top, 0)]
        while waiting:
            directory, source, depth = waiting.pop()
            self._check()
            below = []
            with os.scandir(source) as entries:
                for number, entry in enumerate(in_order(entries)):
                    if number % _CHECK_EACH == _CHECK_EACH - 1:
                        self._check()
                    path = f"{directory}/{entry.name}" if directory else entry.name
                    item = (
                        None
                        if stays_here(path, with_env=self._with_env)
                        else self._item(path, entry, depth)
                    )
                    if item is not None:
                        yield item
                        if item.kind == "dir":
                            below.append((path, item.source, depth + 1))
            waiting += reversed(below)

    def _item(self, path: str, entry: os.DirEntry[str], depth: int) -> TreeItem | None:
        try:
            found = entry.stat(follow_symlinks=False)
        except FileNotFoundError:
            return None  # removed while we looked
        if stat.S_ISREG(found.st_mode):
            return TreeItem(path, "file", entry.path, Found.of(found))
        if stat.S_ISDIR(found.st_mode):
            return TreeItem(path, "dir", entry.path, Found.of(found))
        if stat.S_ISLNK(found.st_mode):
            return self._link(path, entry.path, found, depth)
        self.remarks.append(f"{shown(path)} is no file, directory or link, and is left out")
        return None

    def _link(self, path: str, source: str, found: os.stat_result, depth: int) -> TreeItem:
        link = TreeItem(path, "link", source, Found.of(found), os.readlink(source))
        if not self._copy_resources or depth > MOST_DEEP or self._is_run(link):
            return link
        try:
            at_end = os.stat(source)
        except OSError:
            self.remarks.append(f"{shown(path)} is a link that leads nowhere, and stays one")
            return link
        if stat.S_ISREG(at_end.st_mode):
            return TreeItem(path, "file", source, Found.of(at_end))
        if stat.S_ISDIR(at_end.st_mode) and not _is_around(source):
            return TreeItem(path, "dir", source, Found.of(at_end))
        self.remarks.append(f"{shown(path)} is a link that cannot be copied, and stays one")
        return link

    def _is_run(self, link: TreeItem) -> bool:
        """Whether a link leads to a trial or step, as only links in the run's directory do."""
        return "/" not in link.path and bool(linked_run(link.target, os.path.dirname(self._top)))


def _is_around(source: str) -> bool:
    """Whether a link leads to a directory that it is itself in: following it has no end."""
    end = os.path.realpath(source)
    here = os.path.realpath(os.path.dirname(source))
    return here == end or here.startswith(f"{end.rstrip('/')}/")
