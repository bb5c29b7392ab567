"""Writing the attributes of a run: whole or not at all, in Guild's bytes.

What happens when a change stops after each of its steps:

1. *Locked.* Nothing was written; the lock ends with the process.
2. *New file written* beside the attributes, as `.tmp-rundesk-N`. Every attribute is as it was. The
   file is passed over by `list_attrs`, and goes with the next change of the run.
3. *Renamed over the attribute.* The change is done. A change of two attributes (tags and label)
   writes both files before it renames either, so that a full disk stops it before anything is
   changed; killed between the renames, the first attribute is new and the second as it was.

A full disk, a quota or a missing right stops step 2: the attribute keeps what it held. (Guild
truncates an attribute and writes it in place, and leaves it empty then.)

A second process: two of ours take turns, by a lock on the directory `.guild` that is held from
reading the old value to the rename, so that no change of either is lost. Guild knows no locks: of
two changes within the same few hundred microseconds the earlier is lost, as between two Guilds,
but what stays is whole. A run that is going on does not write the attributes that people write, so
it may be changed meanwhile.

A run that Guild deletes meanwhile: everything goes through the run's open directories, so that the
change goes into the trash with the run. Where the run is erased there is nothing left to write to:
it is "gone", and nothing of it is made anew.

Windows opens no directories and so locks none: there two of ours are to each other as we are to
Guild, and a run that goes to the trash meanwhile is "gone".

Why bytes are forced to the disk only where few runs are changed (`is_durable`): that takes
milliseconds a run, seconds for a thousand. Without, a power cut can undo the changes of the last
seconds; a crash of this program cannot. ext4 and btrfs write the content of a file
that is renamed over another one before its name, so that an attribute is the old one or the new
one. XFS does not: there an attribute may come back empty, and so may on ext4 and btrfs one that
the run did not have before.

Links are refused rather than followed or replaced (`core.runs.guild_files` says why), and so is
what the user may not write: renaming over it would work, but Guild refuses, and it may be meant.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from core.errors import RunDamaged, RunError, RunNotFound
from core.runs.attr_dump import dump_yaml as dump_yaml
from core.runs.guild_files import MOST_BYTES, open_directory, read_file, reason
from core.runs.held_directory import UNABLE, Directory

TEMPORARY = ".tmp-rundesk-"
LOCK_SECONDS = 5.0
"""So long another process may hold a run; a change takes less than a thousandth of it."""

_PAUSE = 0.005
_OLD_SECONDS = 60.0
_MOST_WRITERS = 1000


class AttrFiles:
    """The attributes of one run as files; made by `opened` and `locked`.

    Args:
        guild_dir: The run's `.guild`, which belongs to this object.
    """

    def __init__(self, guild_dir: Directory) -> None:
        self._guild = guild_dir
        self._is_locked = False
        self._attrs: Directory | None = None

    def read(self, name: str) -> bytes | None:
        """The bytes of an attribute; None where the run has none of that name.

        Raises:
            RunDamaged: It cannot be read, or is no file. The message is a clause, as in
                `core.runs.attrs.read_attr`.
        """
        try:
            attrs = self._open_attrs()
            data = None if attrs is None else read_file(name, attrs)
        except FileNotFoundError:
            return None
        except OSError as e:
            raise RunDamaged(f"attribute {name} cannot be read ({reason(e)})") from e
        if data is not None and len(data) > MOST_BYTES:
            raise RunDamaged(f"attribute {name} is larger than {MOST_BYTES >> 20} MB")
        return data

    def write(
        self, values: Mapping[str, bytes | None], *, is_durable: bool = True
    ) -> Iterator[str]:
        """Write attributes, or remove those whose bytes are None.

        Yields:
            Each name when it is done; to be exhausted.

        Raises:
            RunNotFound: The run is not there any more.
            OSError: Something refuses; what was not yielded is as it was.
        """
        self._check_run()
        attrs = self._made_attrs()
        self._clear(attrs)
        staged: dict[str, str] = {}
        try:
            for name, data in values.items():
                _check_writable(attrs, name)
                if data is not None:
                    staged[name] = _write_new(attrs, name, data, is_durable=is_durable)
            for name in values:
                _put(attrs, staged.pop(name, None), name)
                yield name
        finally:
            for temporary in staged.values():
                with contextlib.suppress(OSError):
                    attrs.unlink(temporary)
        if is_durable:
            with contextlib.suppress(OSError):  # what is in the files is on the disk
                attrs.sync()
        self._withdraw_from_erased(attrs, values)

    def lock(self, seconds: float) -> None:
        """Wait for other processes of this program, where the file system knows locks.

        Raises:
            RunError: Another process holds the run for longer than that.
        """
        self._is_locked = _lock(self._guild, seconds)

    def close(self) -> None:
        """Let go of the directories, and of the lock with them."""
        if self._attrs is not None:
            self._attrs.close()
            self._attrs = None
        self._guild.close()

    def _open_attrs(self) -> Directory | None:
        if self._attrs is None:
            try:
                self._attrs = open_directory("attrs", self._guild)
            except FileNotFoundError:
                return None
        return self._attrs

    def _made_attrs(self) -> Directory:
        attrs = self._open_attrs()
        if attrs is None:
            with contextlib.suppress(FileExistsError):
                self._guild.make_directory("attrs")
            attrs = self._attrs = open_directory("attrs", self._guild)
        return attrs

    def _has_opref(self) -> bool:
        try:
            self._guild.stat("opref")
        except FileNotFoundError:
            return False
        return True

    def _check_run(self) -> None:
        if not self._has_opref():
            raise RunNotFound("it is not there any more")

    def _withdraw_from_erased(self, attrs: Directory, names: Mapping[str, bytes | None]) -> None:
        """Take back what was written into a run while it was being erased.

        Raises:
            RunNotFound: It was.
        """
        if self._has_opref():
            return
        for name in names:
            with contextlib.suppress(OSError):
                attrs.unlink(name)
        self._check_run()

    def _clear(self, attrs: Directory) -> None:
        """Remove what killed processes left: under the lock nobody else is writing.

        Where the file system knows no locks, another may be: only what is old is removed then.
        """
        for name in attrs.names():
            if name.startswith(TEMPORARY) and (self._is_locked or _is_old(attrs, name)):
                with contextlib.suppress(FileNotFoundError):
                    attrs.unlink(name)


@contextmanager
def opened(run_dir: str | Path) -> Iterator[AttrFiles]:
    """The attributes of a run, for reading only.

    Raises:
        RunNotFound: There is no such run.
        OSError: Its directory cannot be opened.
    """
    try:
        guild_dir = open_directory(f"{run_dir}/.guild")
    except (FileNotFoundError, NotADirectoryError) as e:
        raise RunNotFound("it is not there any more", path=Path(run_dir)) from e
    files = AttrFiles(guild_dir)
    try:
        yield files
    finally:
        files.close()


@contextmanager
def locked(run_dir: str | Path, *, seconds: float = LOCK_SECONDS) -> Iterator[AttrFiles]:
    """The attributes of a run, held against other processes of this program until the end.

    Args:
        run_dir: The run's directory.
        seconds: How long to wait for another process.

    Raises:
        RunNotFound: There is no such run. The message is a clause, as of the others.
        RunError: Another process holds it.
        OSError: Its directory cannot be opened.
    """
    with opened(run_dir) as files:
        files.lock(seconds)
        yield files


def write_attr_bytes(run_dir: str | Path, name: str, data: bytes | None) -> None:
    """Write one attribute, or remove it where `data` is None.

    Raises:
        RunNotFound: There is no such run.
        RunError: Another process holds it.
        OSError: The attribute cannot be written; it is as it was.
    """
    with locked(run_dir) as files:
        for _ in files.write({name: data}):
            pass


def _lock(directory: Directory, seconds: float) -> bool:
    """Wait for the lock; False where the file system or platform knows none."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            return directory.lock()
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise RunError("another process does not finish changing it") from None
            time.sleep(_PAUSE)


def _check_writable(attrs: Directory, name: str) -> None:
    """Refuse what is no plain file of ours to write.

    Raises:
        OSError: It is a link or a directory, or write-protected.
    """
    try:
        mode = attrs.stat(name).st_mode
    except FileNotFoundError:
        return
    if not stat.S_ISREG(mode):
        what = "a link" if stat.S_ISLNK(mode) else "no file"
        raise OSError(errno.EINVAL, f"attribute {name} is {what}")
    if not attrs.may_write(name):
        raise PermissionError(errno.EACCES, f"attribute {name} is write-protected")


def _write_new(attrs: Directory, name: str, data: bytes, *, is_durable: bool) -> str:
    """A new file with the rights of the one that it is to replace; returns its name."""
    temporary, descriptor = _created(attrs)
    try:
        _copy_rights(attrs, name, descriptor)
        rest = memoryview(data)
        while rest:
            rest = rest[os.write(descriptor, rest) :]
        if is_durable:
            _force(descriptor)
    except BaseException:
        with contextlib.suppress(OSError):
            attrs.unlink(temporary)
        raise
    finally:
        os.close(descriptor)
    return temporary


def _created(attrs: Directory) -> tuple[str, int]:
    """A new file under a name that is free: without a lock another process may be writing, too."""
    for number in range(_MOST_WRITERS):
        with contextlib.suppress(FileExistsError):
            return f"{TEMPORARY}{number}", attrs.create(f"{TEMPORARY}{number}")
    raise FileExistsError(errno.EEXIST, "too many unfinished changes are in the way")


def _force(descriptor: int) -> None:
    """Bring a file to the disk, where the file system can."""
    try:
        os.fsync(descriptor)
    except OSError as e:
        if e.errno not in UNABLE:
            raise


def _copy_rights(attrs: Directory, name: str, descriptor: int) -> None:
    """Owner and mode of the attribute; of the directory where root makes a new one.

    On Windows a new file has the rights of its directory, and what is write-protected is refused.
    """
    try:
        old = attrs.stat(name)
    except FileNotFoundError:
        old = None
    if sys.platform != "win32":
        owner = old or attrs.own_stat()
        new = os.fstat(descriptor)
        if (owner.st_uid, owner.st_gid) != (new.st_uid, new.st_gid) and (old or new.st_uid == 0):
            with contextlib.suppress(PermissionError):  # then it belongs to who changed it
                os.fchown(descriptor, owner.st_uid, owner.st_gid)
        if old and stat.S_IMODE(old.st_mode) != stat.S_IMODE(new.st_mode):
            with contextlib.suppress(PermissionError):
                os.fchmod(descriptor, stat.S_IMODE(old.st_mode))


def _put(attrs: Directory, temporary: str | None, name: str) -> None:
    if temporary is not None:
        attrs.replace(temporary, name)
        return
    with contextlib.suppress(FileNotFoundError):
        attrs.unlink(name)


def _is_old(attrs: Directory, name: str) -> bool:
    try:
        written = attrs.stat(name).st_mtime
    except OSError:
        return False
    return time.time() - written > _OLD_SECONDS
