"""Many requests at once over one SFTP channel: what makes SFTP as quick as the network allows.

A task is a generator that yields the requests of its next step and is given their answers: one
file is one task, and hundreds go on side by side in one thread. The server answers each request by
its number; OpenSSH in their order, others as they like.

Why what is under way is bounded: a server stops reading requests while its answers are not taken,
so that more of them than the channel's window holds would block both sides for ever.
"""

from __future__ import annotations

import struct
from collections import deque
from collections.abc import Generator, Iterable, Iterator
from typing import NamedTuple

from msgspec import Struct, field

from core.check import Check, go_on
from remote import sftp_wire as wire
from remote.byte_channel import ByteChannel
from remote.errors import RemoteRefused, RemoteUnreachable, UnsafeAnswer
from remote.sftp_wire import Reply, text

MOST_UNDER_WAY = 3 << 20
"""Bytes of content that are under way."""

MOST_REQUESTS = 2000
_VERSION = 3
_LIMITS = b"limits@openssh.com"
_OUR_LIMIT = 255 << 10
_SAFE_LIMIT = 32 << 10
_LARGEST_ANSWER = 1 << 20
_HEAD = struct.Struct(">IBI")
_SIZES = struct.Struct(">IB")
_ANSWER_COST = 64
_TO_COME = Reply(0, b"")

Requests = list["Request"]
Task = Generator[Requests, list[Reply], None]


class Request(NamedTuple):
    """What a server is asked; a tuple, as listings ask hundreds of thousands of times.

    Attributes:
        kind: Its type.
        body: What follows its number.
        cost: Bytes that it, or its answer, keeps under way.
    """

    kind: int
    body: bytes
    cost: int = _ANSWER_COST


class _Step(Struct):
    """The requests of one step of a task."""

    task: Task
    replies: list[Reply]
    left: int


class Limits(Struct, frozen=True):
    """What a server takes at once.

    Attributes:
        read: Bytes of one answer.
        write: Bytes of one request.
        handles: Files that may be open.
    """

    read: int = _SAFE_LIMIT
    write: int = _SAFE_LIMIT
    handles: int = 64


class SftpChannel(Struct):
    """A channel that speaks SFTP; used by one thread at a time, useless after any error.

    Attributes:
        channel: The channel, which belongs to this object.
        name: How the remote is called.
        extensions: Names of what the server can beyond version 3, with their versions.
        limits: What it takes at once.
        where: Its answer to where it begins (a REALPATH of ".").
    """

    channel: ByteChannel
    name: str
    extensions: dict[bytes, bytes] = field(default_factory=dict)
    limits: Limits = field(default_factory=Limits)
    where: Reply = _TO_COME
    _next: int = 0
    _out: bytearray = field(default_factory=bytearray)
    _in: bytearray = field(default_factory=bytearray)
    _at: int = 0
    _under_way: int = 0
    _waiting: dict[int, tuple[_Step, int, int]] = field(default_factory=dict)

    def begin(self, check: Check = go_on) -> None:
        """Agree on the version, and ask in the same breath what is asked of every server.

        Requests are taken one after another, so that those behind the first message are understood
        by who answers it; a server without limits says that it does not know what is asked.

        Raises:
            RemoteRefused: What answers does not speak SFTP.
        """
        self._out += _SIZES.pack(5, wire.INIT) + struct.pack(">I", _VERSION)
        asked = _Step(_nothing(), [_TO_COME] * 2, 2)
        self._send(Request(wire.EXTENDED, text(_LIMITS)), asked, 0)
        self._send(Request(wire.REALPATH, text(".")), asked, 1)
        self._flush(check)
        size, kind = _SIZES.unpack(self._take(5, check))
        if kind != wire.VERSION or not 5 <= size <= 1 << 16:
            raise RemoteRefused(
                f"{self.name} does not answer as SFTP does.",
                hint="Something there prints a text at each login: look at ~/.bashrc.",
                remote=self.name,
            )
        reply = Reply(kind, self._take(size - 1, check))
        reply.number()
        while not reply.is_at_end:
            extension = reply.text()
            self.extensions[extension] = reply.text()
        while asked.left:
            self._pump(deque(), check)
        limits, self.where = asked.replies
        if _LIMITS in self.extensions:
            self._take_limits(limits)

    def ask(self, request: Request, check: Check = go_on) -> Reply:
        """One request and its answer."""
        found: list[Reply] = []

        def task() -> Task:
            found.extend((yield [request]))

        self.run([task()], check)
        return found[0]

    def run(self, tasks: Iterable[Task], check: Check = go_on, most: int | None = None) -> None:
        """Do tasks side by side until all are done.

        Args:
            tasks: Taken one after another, each when there is room for it.
            check: Called often; raises to stop.
            most: How many at once; None for as many as the server has handles for.

        Raises:
            RemoteUnreachable: The connection ended.
            UnsafeAnswer: The server answered what was not asked.
        """
        most = self.limits.handles if most is None else most
        source = iter(tasks)
        blocked: deque[tuple[Task, list[Reply] | None]] = deque()
        active = 0
        is_empty = False
        while True:
            while self._has_room:
                if blocked:
                    active -= not self._advance(*blocked.popleft())
                elif active < most and not is_empty:
                    task = next(source, None)
                    is_empty = task is None
                    if task is not None:
                        active += self._advance(task, None)
                else:
                    break
            if not self._waiting:
                if is_empty and not blocked:
                    return
                continue
            self._pump(blocked, check)

    def stream(self, requests: Iterable[Request], check: Check = go_on) -> Iterator[Reply]:
        """The answers to requests in their order, as many under way as may be.

        For one large file: the next piece is asked for before the last one has come.
        """
        source = iter(requests)
        steps: deque[_Step] = deque()
        ready: deque[tuple[Task, list[Reply] | None]] = deque()
        while True:
            while self._has_room:
                request = next(source, None)
                if request is None:
                    break
                steps.append(_Step(_nothing(), [_TO_COME], 1))
                self._send(request, steps[-1], 0)
                if len(self._out) > _LARGEST_ANSWER:
                    self._flush(check)
            if not steps:
                return
            while steps[0].left:
                self._pump(ready, check)
            ready.clear()
            yield from steps.popleft().replies

    @property
    def is_idle(self) -> bool:
        """Whether nothing is under way."""
        return not self._waiting

    def close(self) -> None:
        """Close the channel."""
        self.channel.close()

    @property
    def _has_room(self) -> bool:
        return self._under_way < MOST_UNDER_WAY and len(self._waiting) < MOST_REQUESTS

    def _advance(self, task: Task, replies: list[Reply] | None) -> bool:
        """Let a task go on; returns whether it waits for answers again."""
        try:
            requests = next(task) if replies is None else task.send(replies)
            while not requests:
                requests = task.send([])
        except StopIteration:
            return False
        step = _Step(task, [_TO_COME] * len(requests), len(requests))
        for place, request in enumerate(requests):
            self._send(request, step, place)
        return True

    def _send(self, request: Request, step: _Step, place: int) -> None:
        self._next = (self._next + 1) & 0xFFFF_FFFF
        self._waiting[self._next] = step, place, request.cost
        self._under_way += request.cost
        self._out += _HEAD.pack(len(request.body) + 5, request.kind, self._next)
        self._out += request.body

    def _pump(self, ready: deque[tuple[Task, list[Reply] | None]], check: Check) -> None:
        """Send what is to be sent, wait for an answer, and take all that came with it."""
        if self._out:
            self._flush(check)
        check()
        while not self._take_replies(ready):
            self._receive(check)

    def _take_replies(self, ready: deque[tuple[Task, list[Reply] | None]]) -> int:
        """Take the answers that are there whole; returns how many."""
        data, at, end = self._in, self._at, len(self._in)
        count = 0
        while end - at >= _HEAD.size:
            size, kind, number = _HEAD.unpack_from(data, at)
            if not 5 <= size <= _LARGEST_ANSWER:
                raise UnsafeAnswer(f"{self.name} sends no SFTP.", remote=self.name)
            after = at + 4 + size
            if after > end:
                break
            found = self._waiting.pop(number, None)
            if found is None:
                raise UnsafeAnswer(f"{self.name} answers what was not asked.", remote=self.name)
            step, place, cost = found
            step.replies[place] = Reply(kind, bytes(data[at + _HEAD.size : after]))
            at = after
            count += 1
            self._under_way -= cost
            step.left -= 1
            if not step.left:
                ready.append((step.task, step.replies))
        self._at = at
        return count

    def _take(self, size: int, check: Check) -> bytes:
        while len(self._in) - self._at < size:
            self._receive(check)
        data = bytes(self._in[self._at : self._at + size])
        self._at += size
        return data

    def _receive(self, check: Check) -> None:
        """Wait for more bytes."""
        if self._at:
            del self._in[: self._at]
            self._at = 0
        data = self.channel.read(1 << 18, check)
        if not data:
            self._tell_end()
        self._in += data

    def _tell_end(self) -> None:
        said = self.channel.errors().splitlines()[:1]
        more = f" ({said[0]})" if said else ""
        raise RemoteUnreachable(f"{self.name} ended its SFTP{more}.", remote=self.name)

    def _flush(self, check: Check) -> None:
        out, self._out = self._out, bytearray()
        self.channel.write(memoryview(out), check)

    def _take_limits(self, reply: Reply) -> None:
        if reply.kind != wire.EXTENDED_REPLY:
            return
        _packet, read, write, handles = (reply.long() for _ in range(4))
        self.limits = Limits(
            max(_SAFE_LIMIT, min(_OUR_LIMIT, read or _SAFE_LIMIT)),
            max(_SAFE_LIMIT, min(_OUR_LIMIT, write or _SAFE_LIMIT)),
            max(4, min(900, (handles or 64) - 16)),
        )


def begun(channel: ByteChannel, name: str) -> SftpChannel:
    """A channel on which both sides have agreed to speak SFTP; closed where they do not."""
    sftp = SftpChannel(channel, name)
    try:
        sftp.begin()
    except BaseException:
        sftp.close()
        raise
    return sftp


def _nothing() -> Task:
    """The task of a request that stands alone."""
    yield []
