"""Export and import of many small runs and of a large one, beside Guild, zip, tar with zstd.

What keeps small runs below their targets, of 500 runs with 14,400 files, in milliseconds of
processor (two cores are there; what is said of wall time is of quiet ones):

* `tar | zstd` takes 205: tar 145, nearly all in the system, and zstd 60 beside it; it has ended
  after 170. Ours takes 400. 80 of it pass on one core before the first file is looked at: Python
  11, click and msgspec 40, our modules 30. 310 are the work, which two processes share: 160 to
  list, open, read and close (the system's part of that, 90, is what tar has too; SHA-256 15; the
  rest is 5 microseconds of Python for a file), 35 for headers, 10 to join them, 40 for zstd, and
  60 for memory that is touched for the first time, pipes, and the helper. The end waits 5 to 10
  for the disk, which tar does not. So 80 + 310 / 2 + 10 = 245 stand against 170. Seen
  were 256 and 167. In a program that is open already it is 310 / 2 + 10, as much as tar takes (seen
  were 152 and 167); in the window 345 / 2, since its helper must start anew.
* Of 5,000 runs it is 4.7 s against 2.1 s: ten times as much, and 0.75 s for the rows of the index
  with which such an archive opens at once.
* Tried, and no quicker: threads in place of the helper (see core.archives.side_process); one
  compressor for all parts; runs that are compressed one after the other as they are read; no
  checksum of zstd; paths in place of descriptors; no collector. Parts of 4 runs save 8 and make
  the archive an eighth larger.
* Guild writes a zip in 1,300, of which 130 are its start; ours takes 620. A fifth of Guild's is
  260, and start, reading and entries alone are 80 + 190 / 2; zlib takes 200 for 4,900 files that
  are worth it, 150 at its lowest level, at which zips are 4 % larger.
* Guild copies into a directory in 1.5 s, `cp -a` in 0.85 s, we in 1.3 s, nearly all of it in the
  file system: making, writing, setting the time of and closing so many files takes the system
  1.1 s (a row of its own), to which 1,900 directories and the reading come. A second process does
  not make the file system quicker by as much as it has to do. A bare loop of open, read, write, set
  the time and close is no quicker than we are, nor is `cp -r`: with paths or descriptors of
  directories, in one process or two; `copy_file_range` is slower for files so small.
* A tar of others is unpacked twice, for the preview and for the import. That is 11 of 820 with
  zstd and 47 of 1,900 with gzip (23 MB); to keep what was unpacked until then takes 10.

A large run is bound by two things that tar has not: SHA-256 (0.6 s for a GiB, on the other core)
and an archive that is on the disk before it has its name. 256 MiB take 505 of processor, 80 of them
the start and 150 SHA-256, and wait 30 to 50 for the disk; `tar | zstd` takes 430, on two cores.
"""

from __future__ import annotations

import os
import resource
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path

from benchmarks.report import Figure
from benchmarks.setting import PEER, ROOT, Setting, own_directories, runs_of
from core.archives.export import ExportOptions, export_runs
from core.archives.importing import import_runs
from core.archives.plan import plan_import
from core.archives.shelf import archive_shelf
from core.archives.source import open_source
from core.errors import Cancelled
from core.home import Home
from core.runs.store import Store
from core.scratch import Scratch

RUNS = (100, 500)
OPENED = (1000, 10_000)
LARGE = (256 << 20, 1 << 30)
ROUNDS = 3
TIMES_GUILD, TIMES_TOOL = 5.0, 0.9
MOST_FIRST, MOST_OPEN = 1.0, 2.0
MOST_MB, MOST_CANCEL = 100.0, 0.5
FORMS = ("zip", "tar.zst")
_FILES_OF_A_RUN = 26


def figures(setting: Setting) -> Iterator[Figure]:
    """Small runs against Guild and the tools, then a large run, its memory and its cancelling."""
    scratch = setting.scratch("archives")
    for count in RUNS:
        home = _some_runs(setting.home(1000), scratch / f"home-{count}", count)
        yield from _commands(home, runs_of(count), scratch, with_guild=True)
        yield from _directories(home, runs_of(count), scratch)
        yield from _floors(home, runs_of(count), scratch)
    for count in OPENED:
        yield from _opening(setting.home(count), runs_of(count), _empty(scratch / "place"))
    for size in LARGE:
        home = _large_run(scratch / f"large-{size}", size)
        yield from _commands(home, f"{size >> 20:,} MiB", scratch, with_guild=size == LARGE[0])
        yield from _memory_and_cancel(home, f"{size >> 20:,} MiB", scratch)
        shutil.rmtree(home)
    shutil.rmtree(scratch)


def _commands(home: Path, size: str, scratch: Path, *, with_guild: bool) -> Iterator[Figure]:
    """Whole commands in turns with the others."""
    for form in FORMS:
        ours, tool, guild = [], [], []
        back, unpack, guild_back = [], [], []
        for _ in range(ROUNDS):
            place = _empty(scratch / "work")
            ours.append(_rundesk(home, place, "export", "-y", place / f"a.{form}", ":"))
            tool.append(_timed(lambda p=place, f=form: _pack(home, p, f)))
            (place / "into").mkdir()
            back.append(_rundesk(place / "into", place, "import", "-y", place / f"a.{form}"))
            unpack.append(_timed(lambda p=place, f=form: _unpack(p, f)))
            if form == "zip" and with_guild and not guild:  # it takes minutes
                guild.append(_guild(home, "export", "-y", str(place / "g.zip")))
                (place / "guild").mkdir()
                guild_back.append(_guild(place / "guild", "import", "-y", str(place / "g.zip")))
        name = "zip -r" if form == "zip" else "tar | zstd -T0"
        yield _figure(f"rundesk export, {form}", size, ours, tool, name, TIMES_TOOL)
        name = "unzip" if form == "zip" else "tar -x"
        yield _figure(f"rundesk import, {form}", size, back, unpack, name, TIMES_TOOL)
        if guild:
            yield _figure(f"rundesk export, {form}", size, ours, guild, "guild export", TIMES_GUILD)
            yield _figure(
                f"rundesk import, {form}", size, back, guild_back, "guild import", TIMES_GUILD
            )


def _directories(home: Path, size: str, scratch: Path) -> Iterator[Figure]:
    """The form in which Guild exports where it is not told another."""
    ours, tool, guild = [], [], []
    for _ in range(ROUNDS):
        place = _empty(scratch / "work")
        ours.append(_rundesk(home, place, "export", "-y", place / "a", ":"))
        tool.append(
            _timed(lambda p=place: _run(["cp", "-a", str(home / "runs"), str(p / "c")], ROOT))
        )
        guild.append(_guild(home, "export", "-y", str(place / "g")))
    yield _figure("rundesk export, directory", size, ours, tool, "cp -a", TIMES_TOOL)
    yield _figure("rundesk export, directory", size, ours, guild, "guild export", TIMES_GUILD)


def _floors(home: Path, size: str, scratch: Path) -> Iterator[Figure]:
    """What the system calls alone take in Python, on one core: nothing here can be quicker."""
    contents: list[bytes] = []
    reading = _timed(lambda: contents.extend(_read_all(os.fspath(home / "runs"))))
    place = _empty(scratch / "floor")
    writing = _timed(lambda: _write_all(os.fspath(place), contents))
    yield Figure("floor: list, open, read and close every file", size, reading)
    yield Figure("floor: make, write, set the time of and close every file", size, writing)


def _read_all(top: str) -> Iterator[bytes]:
    with os.scandir(top) as found:
        entries = list(found)
    for entry in entries:
        if entry.is_dir(follow_symlinks=False):
            yield from _read_all(entry.path)
        elif entry.is_file(follow_symlinks=False):
            size = entry.stat(follow_symlinks=False).st_size
            file = os.open(entry.path, os.O_RDONLY)
            yield os.read(file, size)
            os.close(file)


def _write_all(top: str, contents: Sequence[bytes]) -> None:
    within = -1
    for number, content in enumerate(contents):
        if number % _FILES_OF_A_RUN == 0:
            if within >= 0:
                os.close(within)
            Path(f"{top}/{number}").mkdir()
            within = os.open(f"{top}/{number}", os.O_RDONLY)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
        file = os.open(str(number), flags, 0o644, dir_fd=within)
        os.write(file, content)
        os.utime(file, ns=(0, 0))
        os.close(file)
    os.close(within)


def _opening(home: Path, size: str, place: Path) -> Iterator[Figure]:
    """An archive that is opened as a place: the first rows, and all of them."""
    runs = Home(home)
    for form in FORMS:
        path = place / f"place.{form}"
        export_runs(runs, Store(runs.runs_dir).ids(), path, ExportOptions())
        first, whole = [], []
        for _ in range(ROUNDS):
            begin, scratch = time.perf_counter(), Scratch(place / "scratch")
            shelf, seen = archive_shelf(path, scratch), 0.0
            for _changes in shelf.read(lambda: None):
                seen = seen or time.perf_counter() - begin
            first.append(seen)
            whole.append(time.perf_counter() - begin)
            shelf.close()
            scratch.close()
        what = f"archive as a place, {form}"
        yield Figure(f"{what}: first rows", size, statistics.median(first), at_most=MOST_FIRST)
        yield Figure(f"{what}: all rows", size, statistics.median(whole), at_most=MOST_OPEN)


def _memory_and_cancel(home: Path, size: str, scratch: Path) -> Iterator[Figure]:
    for form in FORMS:
        place = _empty(scratch / "memory")
        yield Figure(f"memory over the start, {form} there and back", size,
                     _peak(home, place, form), "MB", at_most=MOST_MB)  # fmt: skip
        yield Figure(f"cancel of an export, {form}", size,
                     _cancel_seconds(home, _empty(place), form), at_most=MOST_CANCEL)  # fmt: skip


def _peak(home: Path, place: Path, form: str) -> float:
    """Megabytes that a child takes beyond what it has when everything is imported."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        start = _peak_kib()
        path = place / f"m.{form}"
        export_runs(Home(home), Store(home / "runs").ids(), path, ExportOptions())
        into = Home(place / "into")
        into.path.mkdir()
        with closing(open_source(path)) as source:
            import_runs(into, plan_import(into, [source]))
        os.write(writing, str((_peak_kib() - start) / 1024).encode())
        os._exit(0)
    os.waitpid(pid, 0)
    os.close(writing)
    with os.fdopen(reading) as file:
        return float(file.read())


def _peak_kib() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def _cancel_seconds(home: Path, place: Path, form: str) -> float:
    """From the request, in the middle, to the end."""
    asked: list[float] = []
    done = 0

    def advance(amount: int) -> None:
        nonlocal done
        done += amount
        if done > 64 << 20:
            asked.append(time.perf_counter())
            raise Cancelled

    export_runs(
        Home(home), Store(home / "runs").ids(), place / f"c.{form}", ExportOptions(),
        advance=advance,
    )  # fmt: skip
    return time.perf_counter() - asked[0]


def _figure(
    what: str, size: str, ours: list[float], peer: list[float], name: str, ratio: float
) -> Figure:
    medians = statistics.median(ours), statistics.median(peer)
    return Figure(what, size, medians[0], peer=medians[1], peer_name=name, ratio=ratio)


def _pack(home: Path, place: Path, form: str) -> None:
    runs = home / "runs"
    if form == "zip":
        _run(["zip", "-qry", str(place / "t.zip"), "."], runs)
    else:
        _run(["sh", "-c", f"tar -cf - . | zstd -q -T0 -o '{place}/t.tar.zst'"], runs)


def _unpack(place: Path, form: str) -> None:
    target = _empty(place / "unpacked")
    if form == "zip":
        _run(["unzip", "-q", str(place / "t.zip"), "-d", str(target)], place)
    else:
        _run(["tar", "--zstd", "-xf", str(place / "t.tar.zst"), "-C", str(target)], place)


def _rundesk(home: Path, place: Path, *arguments: object) -> float:
    program = str(Path(sys.executable).with_name("rundesk"))
    argv = [program, "-H", str(home), *map(str, arguments)]
    return _timed(lambda: _run(argv, ROOT, own_directories(place / "own")))


def _guild(home: Path, *arguments: str) -> float:
    environ = {"NO_WARN_RUNDIR": "1", "PYTHONWARNINGS": "ignore"}
    argv = [str(PEER / "guild"), "-H", str(home), *arguments]
    return _timed(lambda: _run(argv, ROOT, environ))


def _some_runs(home: Path, target: Path, count: int) -> Path:
    (target / "runs").mkdir(parents=True)
    for run_dir in sorted((home / "runs").iterdir())[:count]:
        shutil.copytree(run_dir, target / "runs" / run_dir.name, symlinks=True)
    for path in target.glob("runs/*/*"):  # Guild's export into a zip breaks off at a dead link
        if path.is_symlink() and not path.exists():
            path.unlink()
    return target


def _large_run(home: Path, size: int) -> Path:
    """A run whose one half cannot be compressed and whose other half is text."""
    run_dir = home / "runs" / ("e" * 32)
    (run_dir / ".guild" / "attrs").mkdir(parents=True)
    (run_dir / ".guild" / "opref").write_text("script:/p '' '' train.py")
    with (run_dir / "weights.bin").open("wb") as file:
        for _ in range(size >> 21):
            file.write(os.urandom(1 << 20))
    text = b"".join(b"step: %d loss: %.6f\n" % (n, 1 / (n + 1)) for n in range(40_000))
    with (run_dir / "log.txt").open("wb") as file:
        for number in range((size >> 1) // len(text)):
            file.write(b"epoch %d\n" % number + text)
    return home


def _empty(path: Path) -> Path:
    shutil.rmtree(path, ignore_errors=True)
    path.mkdir(parents=True)
    return path


def _timed(work: Callable[[], object]) -> float:
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def _run(argv: Sequence[str], cwd: Path, environ: dict[str, str] | None = None) -> None:
    subprocess.run(
        argv, cwd=cwd, env=os.environ | (environ or {}), check=True,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
