"""Opening what Guild keeps of a run: `.guild` and the files in it, never through a link.

Why no link is followed from `.guild` on, not even to a file of the same run: Guild makes none
there, so a link was put there by somebody else, and looking at a run must not show, sum up or copy
what it leads to. Guild itself would follow it. The run's own directory may be a link: people keep
runs on a scratch disk and link them, and whoever can put a link beside the runs owns the store.

Why directories are held open and files opened within them: see `held_directory`. The kernel also
walks one name instead of a whole path: reading the twenty attributes of a run takes a tenth less
time so (measured).

Why nothing but regular files: a pipe would let the reader wait for ever, a device may give bytes
without end. O_NONBLOCK opens a pipe without waiting for somebody to write into it.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager

from core.runs import held_directory
from core.runs.held_directory import Directory

MOST_BYTES = 16 * 1024 * 1024
_SMALL = 64 * 1024


def open_directory(path: str, within: Directory | None = None) -> Directory:
    """A directory, which the caller closes.

    Args:
        path: The directory. Only its last name may be no link.
        within: The directory that a relative `path` begins in.

    Raises:
        OSError: It cannot be opened; `reason` says why.
    """
    return (held_directory.START if within is None else within).directory(path)


@contextmanager
def opened_directory(path: str, within: Directory | None = None) -> Iterator[Directory]:
    """The same, closed at the end of the block."""
    directory = open_directory(path, within)
    try:
        yield directory
    finally:
        directory.close()


def open_file(path: str, within: Directory | None = None, *, follow: bool = False) -> int:
    """The descriptor of a regular file, which the caller closes.

    Args:
        path: The file.
        within: The directory that a relative `path` begins in.
        follow: Whether the file may be a link: the caller has seen where it leads.

    Raises:
        OSError: It cannot be opened, or is no regular file; `reason` says why.
    """
    descriptor = (held_directory.START if within is None else within).open(path, follow=follow)
    try:
        _require_file(descriptor)
    except OSError:
        os.close(descriptor)
        raise
    return descriptor


def open_guild_file(run_dir: str | os.PathLike[str], name: str) -> int:
    """The descriptor of the file `name` in the `.guild` of a run, which the caller closes.

    Raises:
        OSError: It cannot be opened, or is no regular file.
    """
    with opened_directory(f"{os.fspath(run_dir)}/.guild") as guild_dir:
        return open_file(name, guild_dir)


def read_file(
    path: str, within: Directory | None = None, most: int = MOST_BYTES, *, follow: bool = False
) -> bytes:
    """The content of a regular file, or the beginning of it.

    What kind of file it is, is asked only where it may be none: where it has much, or nothing. An
    ordinary attribute costs three system calls.

    Args:
        path: The file.
        within: The directory that a relative `path` begins in.
        most: At least one byte more than this is returned of a larger file.
        follow: Whether the file may be a link: the caller has seen where it leads.

    Raises:
        OSError: It cannot be read, or is no regular file.
    """
    descriptor = (held_directory.START if within is None else within).open(path, follow=follow)
    try:
        data = os.read(descriptor, _SMALL)
        if 0 < len(data) < _SMALL:
            return data
        _require_file(descriptor)
        chunks = [data]
        while chunks[-1] and sum(map(len, chunks)) <= most:
            chunks.append(os.read(descriptor, 1 << 20))
    finally:
        os.close(descriptor)
    return b"".join(chunks)


def reason(error: OSError) -> str:
    """Why a file could not be opened or read, as the end of a sentence."""
    text = error.strerror or str(error)
    return text[:1].lower() + text[1:]


def _require_file(descriptor: int) -> None:
    mode = os.fstat(descriptor).st_mode
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, "it is a directory")
    if not stat.S_ISREG(mode):
        raise OSError(errno.EINVAL, "it is not a file")
