"""Imports modules that a window needs later, in parts that nobody feels, each on the right thread.

Why what defines or first uses a class of Qt is imported on the GUI thread: before Python 3.12
PySide6 keeps the classes it knows in a table without a lock, and Qt looks into that table without
Python's lock (for each `qobject_cast` while a frame is drawn). A worker that enters classes
meanwhile moves the table away: the process dies (seen by a user who selected a run while a worker
imported a library of plots; under a debugger once in six times, in `MetaObjectBuilder::update`).

Why in parts: together they take some hundred milliseconds. Modules are imported one by one, those
first that others need, a few in each turn of the event loop. What has nothing to do with Qt (numpy,
Pygments, core) is imported on a worker before.
"""

from __future__ import annotations

import dis
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from importlib import import_module
from importlib.abc import InspectLoader
from importlib.util import find_spec

from PySide6.QtCore import QObject, QTimer

from core.jobs import JobContext
from gui.job_bridge import JobBridge, Latest

LANE = "imports"
PART_SECONDS = 0.004
"""So long the GUI thread imports in one turn, and the rest of what it began."""

_QT = ("PySide6", "shiboken6")
_OURS = "gui"


class GentleImports(QObject):
    """Imports some modules and tells when they are there.

    Args:
        bridge: Runs the worker's share.
        parent: Owner.
        lane: Of the worker's share.
        rest: Seconds between two modules on the worker, and between two turns of the GUI thread.
    """

    def __init__(
        self, bridge: JobBridge, parent: QObject, lane: str = LANE, rest: float = 0.0
    ) -> None:
        super().__init__(parent)
        self._rest = rest
        self._latest = Latest(bridge, lane, self)
        self._parts: Iterator[None] = iter(())
        self._on_ready: Callable[[], None] = lambda: None
        self._timer = QTimer(self, interval=round(rest * 1000))
        self._timer.timeout.connect(self._on_time)

    @property
    def is_busy(self) -> bool:
        """Whether some are still to come."""
        return self._latest.is_waiting or self._timer.isActive()

    def want(self, names: Sequence[str], on_ready: Callable[[], None]) -> None:
        """Import these in place of those that were wanted before; `on_ready` hears of the end."""
        self.stop()
        self._on_ready = on_ready
        self._latest.ask(
            "Import modules",
            lambda context: import_plain(names, lambda: self._pause(context)),
            self._begin,
        )

    def stop(self) -> None:
        """Import nothing more."""
        self._latest.drop()
        self._timer.stop()

    def _pause(self, context: JobContext) -> None:
        context.check()
        if self._rest:
            context.sleep(self._rest)

    def _begin(self, names: list[str]) -> None:
        self._parts = import_parts(names)
        self._timer.start()

    def _on_time(self) -> None:
        end = time.perf_counter() + PART_SECONDS
        try:
            for _ in self._parts:
                if time.perf_counter() > end:
                    return
        except BaseException:
            self._timer.stop()
            raise
        self._timer.stop()
        self._on_ready()


def lacking(names: Iterable[str]) -> list[str]:
    """Those that are not imported, or not to their end by now."""
    return [name for name in names if not _is_whole(name)]


def _is_whole(name: str) -> bool:
    """Whether nobody would have to wait for a module.

    One that another thread is importing is known already; that it is not whole is told by the same
    sign by which Python knows it.
    """
    module = sys.modules.get(name)
    is_going_on = getattr(module and module.__spec__, "_initializing", False)
    return module is not None and not is_going_on


def import_plain(names: Sequence[str], pause: Callable[[], None] = lambda: None) -> list[str]:
    """Import what these modules need and what has nothing to do with Qt; on any thread.

    Args:
        names: Whole names.
        pause: Called between two modules; may raise to stop.

    Returns:
        What is left for the GUI thread, in an order in which each finds what it needs.
    """
    left: dict[str, None] = {}
    seen: set[str] = set()

    def visit(name: str) -> None:
        if name in seen or name in sys.modules:
            return
        seen.add(name)
        root = name.partition(".")[0]
        if root == _OURS:
            for needed in _needs(name):
                visit(needed)
            left[name] = None
        elif root not in _QT:
            pause()
            import_module(name)

    for name in names:
        visit(name)
    return [*left]


def import_parts(names: Sequence[str]) -> Iterator[None]:
    """Import modules on the GUI thread, a part at each step."""
    for name in names:
        if name not in sys.modules:
            import_module(name)
            yield


def _needs(name: str) -> Iterator[str]:
    """Names of the modules that a module imports when it is imported, types aside."""
    spec = find_spec(name)
    if spec is None or not isinstance(spec.loader, InspectLoader):
        return
    code = spec.loader.get_code(name)
    skipped_to, is_about_types = 0, False
    for step in dis.get_instructions(code) if code is not None else ():
        if step.offset < skipped_to:
            continue
        if is_about_types and "JUMP" in step.opname:
            skipped_to = step.argval
        is_about_types = step.opname == "LOAD_NAME" and step.argval == "TYPE_CHECKING"
        if step.opname == "IMPORT_NAME":
            yield step.argval
