"""Other processes that work beside this one, and how work is shared out among them.

Why processes: what is done with a run is half system calls and half Python, so that threads gain
nothing (measured) and would take frames from the window.

Why a helper is forked where that is safe (the command line: one thread and no Qt): it is at work
after three milliseconds, and not after sixty, which is as long as five hundred runs take.

Nothing depends on a helper: what it does not answer is done here. It ends with its input, and so
when whoever asked it is killed.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections import deque
from collections.abc import Callable, Generator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, TypeVar

from core.archives.messages import is_ready, receive, send
from core.archives.squeeze import worker_count

if sys.platform == "linux":
    import fcntl

if TYPE_CHECKING:
    from subprocess import Popen

Ids = Sequence[str]
Serve = Callable[[IO[bytes], IO[bytes]], None]
"""What a helper does: reads questions from the first file, writes answers to the second."""

AnswerT = TypeVar("AnswerT")

_MOST_ASKED = 2
_PIPE = 1 << 20
_SET_PIPE_SIZE = 1031  # of Linux
_ROOT = str(Path(__file__).parents[2])
_START = "import sys; sys.path.insert(0, {root!r}); from {module} import serve; serve()"


class Helper:
    """Asks another process about runs.

    Args:
        serve: What it does where it is forked; None where it is never.
        module: Whose function `serve` it calls where it is started anew; empty where it cannot be.
        arguments: Of the process that is started anew.
    """

    def __init__(
        self, serve: Serve | None, module: str = "", arguments: Sequence[str] = ()
    ) -> None:
        self._waiting: deque[Ids] = deque()
        self._pid = 0
        self._process: Popen[bytes] | None = None
        self._to: IO[bytes] | None = None
        self._from: IO[bytes] | None = None
        with suppress(OSError):
            if serve is not None and may_fork():
                self._to, self._from = self._fork(serve)
            elif module:
                self._to, self._from = self._start(module, arguments)
            _enlarge(self._from)

    @property
    def asked(self) -> int:
        """How many questions are not answered yet."""
        return len(self._waiting)

    @property
    def wants_more(self) -> bool:
        """Whether it lives and has room for another question."""
        return self._to is not None and self.asked < _MOST_ASKED

    def ask(self, ids: Ids) -> None:
        """Send a question; two of them fit into a pipe, so this does not wait."""
        self._waiting.append(ids)
        try:
            send(self._to, list(ids))
        except OSError:
            self.close()

    def answer(self, *, wait: bool) -> tuple[Ids, Any] | None:
        """The first question and its answer, None in place of one that will not come.

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
        return self._waiting.popleft(), found

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

    def _start(
        self, module: str, arguments: Sequence[str]
    ) -> tuple[IO[bytes] | None, IO[bytes] | None]:
        import subprocess  # 2 ms that a forked one does without

        code = _START.format(root=_ROOT, module=module)
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-c", code, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,  # what is in the pipe is not in a buffer: `is_ready` sees it
        )
        return self._process.stdin, self._process.stdout

    def _fork(self, serve: Serve) -> tuple[IO[bytes] | None, IO[bytes] | None]:
        questions, answers = os.pipe(), os.pipe()
        if sys.platform != "win32":  # `may_fork` has made sure
            self._pid = os.fork()
        if self._pid == 0:
            _serve_and_end(questions, answers, serve)
        os.close(questions[0])
        os.close(answers[1])
        return open(questions[1], "wb", 0), open(answers[0], "rb", 0)


def may_fork() -> bool:
    """Whether this process can be copied: only one thread knows what it was about."""
    is_alone = threading.active_count() == 1 and "PySide6.QtCore" not in sys.modules
    return sys.platform == "linux" and is_alone


def share_out(
    pieces: Sequence[Ids],
    helper: Callable[[], Helper] | None,
    understand: Callable[[Any], AnswerT],
    here: Callable[[Ids], AnswerT],
) -> Generator[tuple[Ids, AnswerT], None, None]:
    """Pieces of work and what came of them, whoever is ready first.

    Args:
        pieces: Runs that are dealt with together.
        helper: Makes one; None where all is done here.
        understand: Makes an answer of a helper's.
        here: Does a piece in this process.
    """
    left = deque(pieces)
    helpers = list[Helper]()
    try:
        if helper is not None:
            helpers += [helper() for _ in range(worker_count() - 1)]
        while left or any(each.asked for each in helpers):
            for each in helpers:
                _ask_more(each, left)
                while (found := each.answer(wait=not left)) is not None:
                    _ask_more(each, left)  # before this is dealt with: it would wait meanwhile
                    ids, answer = found
                    yield ids, here(ids) if answer is None else understand(answer)
            if left:
                some = left.popleft()
                yield some, here(some)
    finally:
        for each in helpers:
            each.close()


def _ask_more(helper: Helper, left: deque[Ids]) -> None:
    while left and helper.wants_more:
        helper.ask(left.popleft())


def portions(ids: Sequence[str], count: int) -> list[Ids]:
    """The runs, so many at a time."""
    return [ids[at : at + count] for at in range(0, len(ids), count)]


def answer_all(
    asking: IO[bytes], answering: IO[bytes], work: Callable[[Sequence[str]], Any]
) -> None:
    """Answer questions until there are none: what a helper does.

    Args:
        asking: Where they come from.
        answering: Where answers go.
        work: Gives the answer to a question, of plain types.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever asks is interrupted, and ends us
    while (ids := receive(asking)) is not None:
        send(answering, work(ids))


def _enlarge(pipe: IO[bytes] | None) -> None:
    """Let a whole answer fit into a pipe, so that a helper need not wait until it is fetched."""
    if sys.platform == "linux" and pipe is not None:
        with suppress(OSError):
            fcntl.fcntl(pipe.fileno(), _SET_PIPE_SIZE, _PIPE)


def _serve_and_end(questions: tuple[int, int], answers: tuple[int, int], serve: Serve) -> None:
    """What a forked helper does. It never comes back into the program that it is a copy of."""
    try:
        os.close(questions[1])
        os.close(answers[0])
        with open(questions[0], "rb", 0) as asking, open(answers[1], "wb", 0) as answering:
            serve(asking, answering)
    finally:
        os._exit(0)
