"""A socket that is read in large pieces, and the packets that come by it."""

import socket
import threading
import time

import pytest

from remote import transport
from remote.ssh_library import Packetizer, paramiko
from remote.transport import Packets
from remote.wire import ReadAhead
from tests.support.patience import PATIENCE

LIMIT = 0.1


class Counting(socket.socket):
    """Counts how often it is read."""

    count = 0

    def recv_into(self, *arguments):
        self.count += 1
        return super().recv_into(*arguments)


@pytest.fixture
def ends():
    """Both ends of a connection; the first counts."""
    first, other = socket.socketpair()
    own = Counting(fileno=first.detach())
    with own, other:
        yield own, other


def read_all(ahead, size):
    data = b""
    while len(data) < size:
        data += ahead.recv(size - len(data))
    return data


def test_what_came_together_is_read_together(ends):
    own, other = ends
    ahead = ReadAhead(own)
    sent = bytes(range(256)) * 16
    other.sendall(sent)

    found = b"".join(read_all(ahead, 16) for _ in range(len(sent) // 16))

    assert found == sent
    assert own.count == 1


def test_no_more_is_given_than_is_asked_for_and_nothing_is_lost(ends):
    own, other = ends
    ahead = ReadAhead(own)
    sent = bytes(range(251)) * 4000
    sender = threading.Thread(target=lambda: (other.sendall(sent), other.shutdown(1)))
    sender.start()

    pieces = []
    for number in range(10**6):
        pieces.append(ahead.recv(1 + number % 70_000))
        assert len(pieces[-1]) <= 1 + number % 70_000
        if not pieces[-1]:
            break
    sender.join()

    assert b"".join(pieces) == sent
    assert ahead.recv(1) == b""


def test_nothing_in_time_is_a_timeout_and_harms_nothing(ends):
    own, other = ends
    ahead = ReadAhead(own)
    ahead.settimeout(LIMIT)
    begun = time.monotonic()

    with pytest.raises(TimeoutError):
        ahead.recv(10)

    assert LIMIT / 2 < time.monotonic() - begun < PATIENCE
    other.sendall(b"late")
    assert ahead.recv(10) == b"late"


def test_what_nobody_takes_is_a_timeout(ends):
    own, _ = ends
    ahead = ReadAhead(own)
    ahead.settimeout(LIMIT)

    with pytest.raises(TimeoutError):
        sum(ahead.send(bytes(1 << 16)) for _ in range(10**6))


def test_a_broken_connection_is_an_error(ends):
    own, other = ends
    ahead = ReadAhead(own)
    ahead.settimeout(LIMIT)
    other.close()

    with pytest.raises(BrokenPipeError):
        ahead.send(b"data")
    ahead.close()
    with pytest.raises(OSError, match="Bad file descriptor"):
        ahead.recv(1)


def adjust():
    """How a server says that more may be sent."""
    message = paramiko.Message()
    message.add_byte(bytes([93]))
    message.add_int(0)
    message.add_int(15_000)
    return message


def test_drops_are_gathered_and_nothing_else_waits(ends, monkeypatch):
    own, other = ends
    packets, writer = Packets(ReadAhead(own)), Packetizer(other)
    waited = []
    monkeypatch.setattr(transport.time, "sleep", waited.append)

    def received():
        writer.send_message(adjust())
        return packets.read_message()[0]

    assert [received() for _ in range(10)] == [93] * 10
    assert len(waited) == 6
    status = paramiko.Message(bytes([94]) + bytes(30))
    for _ in range(10):
        writer.send_message(status)
        assert packets.read_message()[0] == 94
    assert len(waited) == 7  # an answer that is waited for is not a drop of many
