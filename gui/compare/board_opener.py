"""Runs in TensorBoard: started once for each choice of runs, shown in a browser, ended with us."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QUrl, Signal
from PySide6.QtGui import QDesktopServices

from core.errors import Error
from core.index.columns import RunColumns
from core.jobs import JobContext
from core.scratch import Scratch
from core.tensorboard import (
    TensorBoard,
    boards_scratch,
    find_tensorboard,
    link_runs,
    safe_names,
    start_tensorboard,
)
from core.text import plural
from gui.changing.run_names import run_name
from gui.job_bridge import Latest
from gui.services import RunRef, RunShelf, Services

MOST_RUNS = 1_000
"""TensorBoard does not get along with more runs than these."""

MOST_BOARDS = 3
"""Each takes some 200 MB; of more the oldest ends."""


class BoardOpener(QObject):
    """Opens runs in TensorBoard, which ends with this object.

    What a killed program left running is ended when the first one is made.

    Args:
        columns: What is known of the runs.
        services: Shared services.
        parent: Owner.

    Signals:
        said: What goes on: one sentence.
        answered: TensorBoard is there: one sentence, and the address.
        opened: TensorBoard answers at this address.
        failed: It does not: one sentence.
    """

    said = Signal(str)
    answered = Signal(str, str)
    opened = Signal(str)
    failed = Signal(str)

    def __init__(self, columns: RunColumns, services: Services, parent: QObject) -> None:
        super().__init__(parent)
        self._columns = columns
        self._scratch = boards_scratch(services.directories.cache / "tensorboard")
        self._boards: dict[tuple[Path, ...], TensorBoard] = {}
        self._latest = Latest(services.bridge, "tensorboard", self)
        self._clearing = Latest(services.bridge, "tensorboard", self)
        scratch = self._scratch
        self._clearing.ask("Clear up", lambda _: scratch.clear_abandoned(), lambda _: None)
        self.destroyed.connect(_Ending(self._boards, scratch))

    @property
    def boards(self) -> list[TensorBoard]:
        """Those that run, the oldest first."""
        return [board for board in self._boards.values() if board.is_running]

    def open(self, refs: Sequence[RunRef]) -> None:
        """Start TensorBoard on runs and show it in the browser.

        What runs for the same runs already is shown again.
        """
        shown = refs[:MOST_RUNS]
        key = tuple(ref.path for ref in shown)
        board = self._boards.get(key)
        if board is not None and board.is_running:
            self._show(board, len(shown), len(refs))
            return
        names = safe_names([self._name(ref) for ref in shown])
        scratch = self._scratch
        self._latest.ask(
            "Start TensorBoard",
            lambda context: _start(shown, names, scratch, context),
            lambda board: self._on_started(key, board, len(refs)),
            lambda error: self.failed.emit(error.told),
        )
        self.said.emit(f"TensorBoard is being started with {plural(len(shown), 'run')}…")

    def _name(self, ref: RunRef) -> str:
        slot = self._columns.slot_of(ref.id, ref.deleted)
        return ref.id[:8] if slot is None else run_name(self._columns, slot)

    def _on_started(self, key: tuple[Path, ...], board: TensorBoard, count: int) -> None:
        self._boards.pop(key, None)
        self._boards[key] = board
        while len(self._boards) > MOST_BOARDS:
            _end(self._boards.pop(next(iter(self._boards))).close)
        self._show(board, len(key), count)

    def _show(self, board: TensorBoard, shown: int, count: int) -> None:
        of_all = f" of {count:,}, the first ones" if shown < count else ""
        runs = f"{plural(shown, 'run')}{of_all}"
        text = f"TensorBoard shows {runs} at {board.address} until the window is closed."
        if not QDesktopServices.openUrl(QUrl(board.address)):
            text = f"No browser could be started. {text}"
        self.answered.emit(text, board.address)
        self.opened.emit(board.address)


class _Ending:
    """Ends what was started, without waiting; holds no reference to the object that goes."""

    def __init__(self, boards: Mapping[Any, TensorBoard], scratch: Scratch) -> None:
        self._boards = boards
        self._scratch = scratch

    def __call__(self, *_: object) -> None:
        boards, scratch = list(self._boards.values()), self._scratch

        def end() -> None:
            for board in boards:
                board.close()
            scratch.close()

        _end(end)


def _end(end: Callable[[], object]) -> None:
    threading.Thread(target=end, name="end-tensorboard").start()


def _start(
    refs: Sequence[RunRef], names: Sequence[str], scratch: Scratch, context: JobContext
) -> TensorBoard:
    """On a worker's thread: start it on runs by these names, wherever they are."""
    # Started from the desktop's menu, no PATH leads to the environment that Rundesk is in.
    program = find_tensorboard(os.environ) or find_tensorboard({}, [Path(sys.executable)])
    if program is None:
        raise Error(
            "TensorBoard is neither on the PATH nor beside Rundesk.",
            hint="Install it into the environment that Rundesk is in: pip install tensorboard.",
        )
    check = context.check

    def fill(log_dir: Path) -> None:
        here = [(name, ref.path) for name, ref in zip(names, refs, strict=True) if ref.is_on_disk]
        link_runs(log_dir, here)
        packed: dict[RunShelf, dict[str, Path]] = {}
        for name, ref in zip(names, refs, strict=True):
            if ref.shelf is not None and not ref.is_on_disk:
                packed.setdefault(ref.shelf, {})[ref.id] = log_dir / name
        for shelf, targets in packed.items():
            shelf.copy_events(targets, check)

    return start_tensorboard(program, fill, os.environ, scratch, check=check)
