"""Parts of an archive: some ordinary small runs at a time, read and compressed beside each other.

A part can stand anywhere in its archive: the entries of a zip with a list that counts from the
first of them, a stream of its own of a tar. So parts are made on every core, by this process and
by helpers, and only written one after the other. Which is ready first is written first.

Why processes: it is half system calls and half Python, so that threads gain nothing (measured) and
would take frames from the window. A helper reads runs and answers; it writes no file. Nothing
depends on it: what it does not answer is packed here. One that lost its asker ends with its input.

Why a helper is forked where that is safe (the command line: one thread and no Qt): it is at work
after three milliseconds, and not after sixty, which is as long as five hundred runs take.
"""

from __future__ import annotations

import hashlib
import os
import signal
import struct
import subprocess
import sys
import threading
import zlib
from collections import deque
from collections.abc import Generator, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from stat import S_IFLNK
from typing import IO, Any, NamedTuple

from core.archives.messages import is_ready, receive, send
from core.archives.quick_run import QuickRun, quick_run
from core.archives.quick_tar import KINDS, tar_entries
from core.archives.quick_zip import ZipPart
from core.archives.squeeze import LEVEL, worker_count
from core.archives.tar_packer import GZIP_HEAD, ZSTD_LEVEL

if sys.platform == "linux":
    import fcntl

WORTH_FORK, WORTH_START = 48, 192
"""So many runs take longer to pack than a helper takes until it is at work."""

_RUNS = 16
_MOST_ASKED = 2
_PIPE = 1 << 20
_SET_PIPE_SIZE = 1031  # of Linux
_ROOT = str(Path(__file__).parents[2])
_START = "import sys; sys.path.insert(0, {root!r}); from core.archives.parts import serve; serve()"


class PackedRun(NamedTuple):
    """A run that is in a part.

    Attributes:
        id: Its id.
        record: SHA-256 of the record of checksums that goes with it.
        bytes: What its files hold.
        row: The values of its row (core.index.row); None where that was not asked for.
    """

    id: str
    record: str
    bytes: int
    row: tuple[Any, ...] | None = None


class Part(NamedTuple):
    """A piece of an archive.

    Attributes:
        packed: Whole entries, compressed.
        directory: Of a zip: the list of them, in which offsets count from the first entry on.
        places: Where in the list each of those offsets is.
        runs: What is in it.
        size: Of a tar: bytes before they were compressed.
    """

    packed: bytes
    directory: bytes
    places: Sequence[int]
    runs: Sequence[PackedRun]
    size: int = 0


def pack_part(runs_dir: str, ids: Sequence[str], suffix: str, *, with_rows: bool = False) -> Part:
    """Pack runs; those that are not ordinary (core.archives.quick_run) are not in the part.

    Args:
        runs_dir: Where they are.
        ids: Their ids.
        suffix: Of the archive: ".zip", ".tar.gz" or ".tar.zst".
        with_rows: Whether rows are made for an index (core.archives.row_index).
    """
    packed, runs, in_zip = list[bytes](), list[PackedRun](), ZipPart()
    is_zip = suffix == ".zip"
    for run_id in ids:
        is_usual = run_id.isascii() and run_id.isalnum()
        run = quick_run(f"{runs_dir}/{run_id}", with_links=not is_zip) if is_usual else None
        if run is None or (is_zip and not in_zip.add(run_id, run)):
            continue
        if not is_zip:
            packed += tar_entries(run_id, run)
        row = _row_of(run_id, run) if with_rows else None
        runs.append(PackedRun(run_id, hashlib.sha256(run.record).hexdigest(), run.bytes, row))
    if is_zip:
        listed = b"".join(in_zip.directory)
        return Part(b"".join(in_zip.packed), listed, in_zip.places, runs)
    data = b"".join(packed)
    return Part(_stream(data, suffix) if runs else b"", b"", (), runs, len(data))


def iter_parts(
    runs_dir: Path, ids: Sequence[str], suffix: str, *, with_rows: bool = False
) -> Generator[tuple[Sequence[str], Part], None, None]:
    """Runs that were asked for together, and the part with those of them that are ordinary.

    Args:
        runs_dir: Where they are.
        ids: Their ids.
        suffix: Of the archive.
        with_rows: Whether rows are made for an index.
    """
    top = os.fspath(runs_dir)
    left = deque(ids[at : at + _RUNS] for at in range(0, len(ids), _RUNS))
    pack = partial(pack_part, top, suffix=suffix, with_rows=with_rows)
    helpers = list[_Helper]()
    try:
        if len(ids) >= (WORTH_FORK if _may_fork() else WORTH_START):
            helpers += [_Helper(top, suffix, with_rows) for _ in range(worker_count() - 1)]
        while left or any(helper.asked for helper in helpers):
            for helper in helpers:
                while left and helper.wants_more:
                    helper.ask(left.popleft())
                while (found := helper.answer(wait=not left)) is not None:
                    yield found[0], found[1] or pack(found[0])
            if left:
                some = left.popleft()
                yield some, pack(some)
    finally:
        for helper in helpers:
            helper.close()


def serve(
    asking: IO[bytes] | None = None,
    answering: IO[bytes] | None = None,
    arguments: Sequence[str] = (),
) -> None:
    """What a helper does: ids in, parts out, until its input ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever asks is interrupted, and ends us
    runs_dir, suffix, rows = arguments or sys.argv[1:]
    asking, answering = asking or sys.stdin.buffer, answering or sys.stdout.buffer
    while (ids := receive(asking)) is not None:
        part = pack_part(runs_dir, ids, suffix, with_rows=bool(rows))
        runs = [tuple(run) for run in part.runs]
        send(answering, (part.packed, part.directory, list(part.places), runs, part.size))


class _Helper:
    """Asks another process for parts.

    Args:
        runs_dir: Where the runs are.
        suffix: Of the archive.
        with_rows: Whether rows are made.
    """

    def __init__(self, runs_dir: str, suffix: str, with_rows: bool) -> None:  # noqa: FBT001 - private
        self._waiting: deque[Sequence[str]] = deque()
        self._pid = 0
        self._process: subprocess.Popen[bytes] | None = None
        self._to: IO[bytes] | None = None
        self._from: IO[bytes] | None = None
        begin = self._fork if _may_fork() else self._start
        with suppress(OSError):
            self._to, self._from = begin(runs_dir, suffix, "rows" if with_rows else "")
            _enlarge(self._from)

    @property
    def asked(self) -> int:
        """How many questions are not answered yet."""
        return len(self._waiting)

    @property
    def wants_more(self) -> bool:
        """Whether it lives and has room for another question."""
        return self._to is not None and self.asked < _MOST_ASKED

    def ask(self, ids: Sequence[str]) -> None:
        """Send a question; two of them fit into a pipe, so this does not wait."""
        self._waiting.append(ids)
        try:
            send(self._to, list(ids))
        except OSError:
            self.close()

    def answer(self, *, wait: bool) -> tuple[Sequence[str], Part | None] | None:
        """The first question and its part, None in place of one that will not come.

        Args:
            wait: Whether to wait for it; None is the answer where it is not there yet.
        """
        if not self._waiting:
            return None
        if self._from is None:
            return self._waiting.popleft(), None
        if not wait and not is_ready(self._from):
            return None
        found = receive(self._from)
        if found is None:
            self.close()
        return self._waiting.popleft(), None if found is None else _part_of(found)

    def close(self) -> None:
        """End the process; questions that are open will not be answered."""
        to, self._to, from_, self._from = self._to, None, self._from, None
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        elif sys.platform != "win32" and self._pid:
            os.kill(self._pid, signal.SIGKILL)
            os.waitpid(self._pid, 0)
        self._process, self._pid = None, 0
        for pipe in (to, from_):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()

    def _start(self, *arguments: str) -> tuple[IO[bytes] | None, IO[bytes] | None]:
        code = _START.format(root=_ROOT)
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-c", code, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,  # what is in the pipe is not in a buffer: `is_ready` sees it
        )
        return self._process.stdin, self._process.stdout

    def _fork(self, *arguments: str) -> tuple[IO[bytes] | None, IO[bytes] | None]:
        questions, answers = os.pipe(), os.pipe()
        if sys.platform != "win32":  # `_may_fork` has made sure
            self._pid = os.fork()
        if self._pid == 0:
            _serve_and_end(questions, answers, arguments)
        os.close(questions[0])
        os.close(answers[1])
        return open(questions[1], "wb", 0), open(answers[0], "rb", 0)


def _enlarge(pipe: IO[bytes] | None) -> None:
    """Let a whole part fit into a pipe, so that a helper need not wait until it is fetched."""
    if sys.platform == "linux" and pipe is not None:
        with suppress(OSError):
            fcntl.fcntl(pipe.fileno(), _SET_PIPE_SIZE, _PIPE)


def _serve_and_end(
    questions: tuple[int, int], answers: tuple[int, int], arguments: Sequence[str]
) -> None:
    """What a forked helper does. It never comes back into the program that it is a copy of."""
    try:
        os.close(questions[1])
        os.close(answers[0])
        with open(questions[0], "rb", 0) as asking, open(answers[1], "wb", 0) as answering:
            serve(asking, answering, arguments)
    finally:
        os._exit(0)


def _may_fork() -> bool:
    """Whether this process can be copied: only one thread knows what it was about."""
    is_alone = threading.active_count() == 1 and "PySide6.QtCore" not in sys.modules
    return sys.platform == "linux" and is_alone


def _part_of(found: Any) -> Part:
    packed, directory, places, runs, size = found
    return Part(packed, directory, places, [PackedRun(*run) for run in runs], size)


def _row_of(run_id: str, run: QuickRun) -> tuple[Any, ...] | None:
    from core.archives.written_row import Written, written_row

    written = [Written(path, KINDS[kind], data) for path, kind, _, _, data in run.items]
    links = [(path, os.fsdecode(data)) for path, kind, _, _, data in run.items if kind == S_IFLNK]
    row = written_row(run_id, written, links)
    return None if row is None else tuple(row)


def _stream(data: bytes, suffix: str) -> bytes:
    """Data as a whole compressed stream."""
    if suffix == ".tar.gz":
        deflated = zlib.compress(data, LEVEL, -zlib.MAX_WBITS)
        ending = struct.pack("<2L", zlib.crc32(data), len(data) & 0xFFFF_FFFF)
        return b"%b%b%b" % (GZIP_HEAD, deflated, ending)
    import zstandard

    return zstandard.ZstdCompressor(level=ZSTD_LEVEL, write_checksum=True).compress(data)
