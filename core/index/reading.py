"""Reading many runs, in processes of their own where there are many.

Why processes: reading a run is half system calls and half parsing under Python's lock, so threads
make it slower (measured) and would take frames from the window; two processes nearly halve it.
Why plain pipes and not multiprocessing: that imports the caller's main module again, which a
program that embeds this one need not be ready for.
"""

from __future__ import annotations

import marshal
import os
import struct
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from core.errors import RunNotFound
from core.index.documents import prepare
from core.index.row import Row
from core.index.signature import sign
from core.runs.attrs import list_attrs
from core.runs.run_reading import ScalarReader
from core.runs.store import Store

if TYPE_CHECKING:
    import subprocess  # most looks at a home start no process, and read no event file

    from core.runs.scalars import ScalarReading

CHUNK = 100
WORTH_PROCESSES = 400
"""So many runs take longer to read than two processes take to start."""

MOST_BYTES = 1024 * 1024
"""Of an attribute that the index keeps: all runs are held in memory. Who looks at one run reads
its files, which may be larger."""

Reading = tuple[tuple[Any, ...], str, int]
"""A row's values, the run's document, and when its files last changed (ns since 1970)."""

_LENGTH = struct.Struct("<Q")
_ROOT = str(Path(__file__).parents[2])
_START = "import sys; sys.path.insert(0, {root!r}); from core.index.reading import serve; serve()"


HEAVY_BYTES = 32 * 1024 * 1024
"""Event files of more bytes are read when all other runs are there: they take a second or more."""


def own_scalars(run_dir: str, most: int | None = None) -> ScalarReading:
    """The scalars of a run without those of its trials and steps: they are rows themselves."""
    from core.runs.scalars import read_summaries

    return read_summaries(run_dir, linked=False, most=most)


def read_rows(
    store: Store, ids: Sequence[str], scalars: ScalarReader = own_scalars
) -> list[Reading]:
    """Read runs here; those that are gone meanwhile are left out."""
    found: list[Reading] = []
    for run_id in ids:
        try:
            found.append(_read_row(store, run_id, scalars))
        except RunNotFound:
            continue
    return found


def read_light_rows(
    store: Store, ids: Sequence[str], scalars: ScalarReader | None = None
) -> tuple[list[Reading], list[str]]:
    """Read runs but those with very large event files; the ids of these come beside the others.

    Args:
        store: Where they are.
        ids: Which.
        scalars: Reads the scalars of a run, and raises EventsTooLarge.
    """
    from core.runs.scalars import EventsTooLarge

    found: list[Reading] = []
    heavy: list[str] = []
    for run_id in ids:
        try:
            found += read_rows(store, [run_id], scalars or _light_scalars)
        except EventsTooLarge:
            heavy.append(run_id)
    return found, heavy


def read_first_look(store: Store, run_id: str) -> list[Reading]:
    """A run without its scalars, signed so that the next look finds it changed."""
    try:
        run = store.read(run_id, scalars=None)
    except RunNotFound:
        return []
    return [(tuple(Row.of(run)), prepare(run), 0)]


def _light_scalars(run_dir: str) -> ScalarReading:
    return own_scalars(run_dir, HEAVY_BYTES)


def _read_row(store: Store, run_id: str, scalars: ScalarReader) -> Reading:
    run_dir = f"{store.runs_dir}/{run_id}"
    # Signed before it is read: what changes meanwhile makes a difference at the next look.
    names = "\n".join(list_attrs(run_dir)) or None
    signature, newest = sign(run_dir, names)
    run = store.read(run_id, scalars)
    if run.is_batch:
        signature, newest = sign(run_dir, names, is_batch=True)
    return tuple(Row.of(run, signature)), prepare(run), newest


def read_in_processes(
    runs_dir: Path, ids: Sequence[str], processes: int
) -> Iterator[tuple[list[Reading], list[str]]]:
    """Read runs in processes of their own by chunks, in the order given (see read_light_rows)."""
    chunks = [list(ids[start : start + CHUNK]) for start in range(0, len(ids), CHUNK)]
    readers = [_Reader(runs_dir) for _ in range(processes)]
    try:
        asked = 0
        for done in range(len(chunks)):
            while asked < len(chunks) and asked < done + 2 * processes:
                readers[asked % processes].ask(chunks[asked])
                asked += 1
            yield readers[done % processes].answer(chunks[done])
    finally:
        for reader in readers:
            reader.close()


class _Reader:
    """One process that reads; where it fails, its chunks are read here."""

    def __init__(self, runs_dir: Path) -> None:
        self._store = Store(runs_dir, MOST_BYTES)
        self._process: subprocess.Popen[bytes] | None = None
        import subprocess

        try:
            self._process = subprocess.Popen(
                [sys.executable, "-I", "-c", _START.format(root=_ROOT), os.fspath(runs_dir)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )
        except OSError:
            return

    def ask(self, ids: list[str]) -> None:
        """Send a chunk; two of them fit into a pipe, so this does not wait."""
        if self._process is None:
            return
        try:
            _send(self._process.stdin, ids)
        except OSError:
            self.close()

    def answer(self, ids: list[str]) -> tuple[list[Reading], list[str]]:
        """The rows of the chunk that was asked first and not answered yet."""
        if self._process is not None:
            found = _receive(self._process.stdout)
            if found is not None:
                rows, heavy = found
                return [tuple(item) for item in rows], heavy
            self.close()
        return read_light_rows(self._store, ids)

    def close(self) -> None:
        """End the process."""
        if self._process is None:
            return
        process, self._process = self._process, None
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                pipe.close()


def serve() -> None:
    """What a reading process does: chunks of ids in, rows out, until its input ends."""
    if hasattr(os, "nice"):
        os.nice(10)  # the window comes first, also where these processes take every core
    store = Store(Path(sys.argv[1]), MOST_BYTES)
    while (ids := _receive(sys.stdin.buffer)) is not None:
        _send(sys.stdout.buffer, read_light_rows(store, ids))


def _send(pipe: IO[bytes] | None, value: Any) -> None:
    assert pipe is not None
    data = marshal.dumps(value)
    pipe.write(_LENGTH.pack(len(data)) + data)
    pipe.flush()


def _receive(pipe: IO[bytes] | None) -> Any:
    """The next value; None at the end."""
    assert pipe is not None
    head = pipe.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        return None
    data = pipe.read(_LENGTH.unpack(head)[0])
    try:
        return marshal.loads(data)  # from our own process only
    except (EOFError, ValueError, TypeError):
        return None
