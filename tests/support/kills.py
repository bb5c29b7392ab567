"""Kills a process before each thing that it changes on disk, to see what a crash leaves behind."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from itertools import count
from typing import TypeVar

State = TypeVar("State")

CHANGES = frozenset(
    {
        *("os.rename", "os.mkdir", "os.remove", "os.rmdir", "os.symlink", "os.link"),
        *("os.chmod", "os.chown", "os.utime", "os.truncate", "os.setxattr"),
    }
)
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT
_MOST = 2000


def kill_at_each_step(
    prepare: Callable[[], State],
    work: Callable[[State], object],
    examine: Callable[[State], None],
) -> int:
    """Let a child do the work and kill it before its first change, its second, and so on.

    Args:
        prepare: Makes the state to work on, anew for each child.
        work: What the child does.
        examine: Called after each child, the last of which was not killed.

    Returns:
        How many changes the work makes.
    """
    for step in count():
        state = prepare()
        was_killed = killed_before(lambda state=state: work(state), step)
        examine(state)
        if not was_killed:
            return step
        assert step < _MOST, "the work has no end"
    raise AssertionError


def killed_before(work: Callable[[], object], step: int) -> bool:
    """Run the work in a child that is killed before change number `step`, counted from 0.

    Returns:
        Whether it came to that change.
    """
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            _die_before(step)
            work()
            code = 0
        finally:
            os._exit(code)
    _, status = os.waitpid(pid, 0)
    if os.WIFSIGNALED(status):
        assert os.WTERMSIG(status) == signal.SIGKILL
        return True
    assert os.WEXITSTATUS(status) == 0, "the work failed by itself"
    return False


def _die_before(step: int) -> None:
    left = [step]

    def watch(event: str, args: tuple[object, ...]) -> None:
        is_writing = event == "open" and isinstance(args[2], int) and args[2] & _WRITING
        if event not in CHANGES and not is_writing:
            return
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        left[0] -= 1

    sys.addaudithook(watch)
