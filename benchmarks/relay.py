"""`python -m benchmarks.relay PORT SECONDS`: a port that leads to another one, far away.

Every byte comes later by so many seconds, each way. A program of its own, so that what it costs is
not counted for what is measured.
"""

from __future__ import annotations

import queue
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_Waiting = queue.Queue[tuple[float, bytes]]
_ROOT = Path(__file__).parents[1]


@contextmanager
def relayed(port: int, delay: float) -> Iterator[int]:
    """A port that leads to `port`, later by `delay` seconds each way; itself where that is 0."""
    if not delay:
        yield port
        return
    argv = [sys.executable, "-m", "benchmarks.relay", str(port), str(delay)]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, cwd=_ROOT) as process:
        assert process.stdout is not None
        try:
            yield int(process.stdout.readline())
        finally:
            process.terminate()


def main() -> None:
    """Print the port, then relay until it is ended."""
    port, delay = int(sys.argv[1]), float(sys.argv[2])
    listener = socket.create_server(("127.0.0.1", 0))
    print(listener.getsockname()[1], flush=True)
    while True:
        client, _ = listener.accept()
        server = socket.create_connection(("127.0.0.1", port))
        for source, target in ((client, server), (server, client)):
            source.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            waiting: _Waiting = queue.Queue(4096)
            threading.Thread(target=_read, args=(source, waiting, delay), daemon=True).start()
            threading.Thread(target=_write, args=(target, waiting), daemon=True).start()


def _read(source: socket.socket, waiting: _Waiting, delay: float) -> None:
    data = b"-"
    while data:
        try:
            data = source.recv(1 << 18)
        except OSError:
            data = b""
        waiting.put((time.monotonic() + delay, data))


def _write(target: socket.socket, waiting: _Waiting) -> None:
    with suppress(OSError):
        while True:
            when, data = waiting.get()
            time.sleep(max(0.0, when - time.monotonic()))
            if not data:
                target.shutdown(socket.SHUT_WR)
                return
            target.sendall(data)


if __name__ == "__main__":
    main()
