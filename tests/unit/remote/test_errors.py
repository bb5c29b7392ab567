"""What paramiko and the system raise, in sentences."""

from __future__ import annotations

import errno
import socket

import paramiko
import pytest

from remote.errors import (
    AuthenticationFailed,
    RemoteBusy,
    RemoteError,
    RemoteFull,
    RemoteIncompatible,
    RemotePermission,
    RemoteTimeout,
    RemoteUnreachable,
    translating,
)

CASES = [
    (EOFError(), RemoteUnreachable, "the connection was lost"),
    (TimeoutError("timed out"), RemoteTimeout, "the host did not answer in time"),
    (socket.gaierror(-2, "Name or service not known"), RemoteUnreachable, "cannot be resolved"),
    (ConnectionRefusedError(errno.ECONNREFUSED, "Connection refused"), RemoteUnreachable,
     "connection refused"),
    (ConnectionResetError(errno.ECONNRESET, "Connection reset by peer"), RemoteUnreachable,
     "connection reset by peer"),
    (OSError(errno.EHOSTUNREACH, "No route to host"), RemoteUnreachable, "no route to host"),
    (OSError(errno.ENETUNREACH, "Network is unreachable"), RemoteUnreachable,
     "network is unreachable"),
    (OSError("Socket is closed"), RemoteUnreachable, "the connection was lost"),
    (PermissionError(errno.EACCES, "Permission denied"), RemotePermission, "permission denied"),
    (OSError(errno.EROFS, "Read-only file system"), RemotePermission, "read-only file system"),
    (OSError(errno.ENOSPC, "No space left on device"), RemoteFull, "no space left on device"),
    (OSError("Failure"), RemoteError, "failure"),
    (paramiko.SSHException("SSH session not active"), RemoteUnreachable, "the connection was lost"),
    (paramiko.SSHException("Error reading SSH protocol banner"), RemoteBusy, "before the login"),
    (paramiko.AuthenticationException("Authentication failed."), AuthenticationFailed,
     "refused the login"),
    (paramiko.ssh_exception.IncompatiblePeer("no acceptable kex algorithm"), RemoteIncompatible,
     "no acceptable kex algorithm"),
    (paramiko.ChannelException(1, "Administratively prohibited"), RemoteIncompatible,
     "does not permit it"),
    (paramiko.ChannelException(2, "Connect failed"), RemoteBusy, "opens no further session"),
    (paramiko.ChannelException(4, "Resource shortage"), RemoteBusy, "opens no further session"),
    (paramiko.ChannelException(3, "Unknown channel type"), RemoteError, "unknown channel type"),
]  # fmt: skip


@pytest.mark.parametrize(("raised", "kind", "words"), CASES, ids=lambda case: str(case)[:40])
def test_each_becomes_one_sentence_of_its_kind(raised, kind, words):
    with pytest.raises(RemoteError) as caught, translating("list the runs of box", "box"):
        raise raised

    assert type(caught.value) is kind
    assert str(caught.value).startswith("Cannot list the runs of box: ")
    assert words in str(caught.value)
    assert caught.value.remote == "box"
    assert caught.value.__cause__ is raised


def test_what_may_pass_is_worth_another_try_and_nothing_else():
    retryable = {kind for _, kind, _ in CASES if kind.retryable}

    assert retryable == {RemoteUnreachable, RemoteTimeout, RemoteBusy}


def test_what_is_already_a_sentence_is_left_alone():
    error = RemoteFull("No space on box", remote="box")

    with pytest.raises(RemoteFull) as caught, translating("push runs", "box"):
        raise error

    assert caught.value is error


def test_a_mistake_of_the_program_stays_one():
    with pytest.raises(KeyError), translating("push runs", "box"):
        raise KeyError("x")
