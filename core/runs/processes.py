"""What the process of a running run uses: processor and memory, its children included.

Why a watch and not one question: "1.8 cores" is the processor time between two looks, so the
look before must be remembered. psutil is imported at the first look: most windows never show a
run that is going on, and its import takes 20 to 45 ms.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from msgspec import Struct


class ProcessFacts(Struct, frozen=True):
    """One look at a process and everything it started.

    Attributes:
        pid: The process id.
        cores: Processor cores kept busy since the look before; None at the first look.
        memory: Bytes of main memory in use.
        count: Number of processes, at least 1.
    """

    pid: int
    cores: float | None
    memory: int
    count: int


class ProcessWatch:
    """Looks at one process again and again. Not for several threads at once.

    Args:
        clock: Seconds that only ever rise; tests pass their own.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._pid = 0
        self._looked = 0.0
        self._used = 0.0

    def look(self, pid: int) -> ProcessFacts | None:
        """What `pid` uses now; None when it has ended or may not be looked at."""
        import psutil

        try:
            root = psutil.Process(pid)
            family = [root, *root.children(recursive=True)]
            used, memory = _usage(root)
        except (psutil.Error, OSError, OverflowError, ValueError):
            return None
        count = 1
        for process in family[1:]:
            try:
                more_used, more_memory = _usage(process)
            except (psutil.Error, OSError):
                continue  # it ended between the listing and this look
            used, memory, count = used + more_used, memory + more_memory, count + 1
        return ProcessFacts(pid, self._cores(pid, used), memory, count)

    def _cores(self, pid: int, used: float) -> float | None:
        now = self._clock()
        elapsed = now - self._looked
        is_first = pid != self._pid
        spent = used - self._used
        self._pid, self._looked, self._used = pid, now, used
        return None if is_first or elapsed <= 0 else max(0.0, spent / elapsed)


def _usage(process: object) -> tuple[float, int]:
    """Seconds of processor time, children that ended included, and bytes of memory."""
    import psutil

    assert isinstance(process, psutil.Process)
    times = process.cpu_times()
    ended = getattr(times, "children_user", 0.0) + getattr(times, "children_system", 0.0)
    return times.user + times.system + ended, process.memory_info().rss
