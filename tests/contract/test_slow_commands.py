"""What a server computes for long without a word is waited for, as long as the server is there."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

import remote.byte_channel
from core.jobs import JobContext
from remote.errors import RemoteUnreachable
from remote.hashes import hashes_there
from remote.watch import Watch
from tests.support.patience import PATIENCE
from tests.support.ssh_server import make_programs
from tests.support.two_homes import left_over, make_full_run

A = "a" * 32
SILENCE = 3.0
SLOW = 2 * SILENCE


@pytest.fixture
def homes(make_two_homes, tmp_path):
    """Two homes, and a server whose first checksums take several times the longest silence."""
    times = tmp_path / "times"
    folder = make_programs(
        tmp_path / "slow",
        ["sha256sum"],
        f"""case "$*" in
          "") echo >> '{times}'; [ $(wc -l < '{times}') -gt 3 ] || sleep {SLOW} ;;
        esac
        exec /usr/bin/sha256sum "$@\"""",
    )
    assert Path("/usr/bin/sha256sum").exists()
    return make_two_homes(first_on_path=folder)


@pytest.fixture
def there(homes, monkeypatch):
    """The home of that server, open."""
    make_full_run(homes.there.runs_dir, A)
    there = homes.remote()
    monkeypatch.setattr(remote.byte_channel, "SILENCE_SECONDS", SILENCE)
    return there


@pytest.fixture
def watched():
    """Watches connections as sessions do, but more closely."""
    watches = []

    def watch(connection):
        watches.append(Watch(connection._transport, SILENCE / 5, SILENCE))
        return connection

    yield watch
    for each in watches:
        each.end()


def test_a_checksum_that_takes_longer_than_the_longest_silence_is_waited_for(there, watched):
    watched(there.connection)
    begun = time.monotonic()

    found = hashes_there(there, there.runs_dir, {f"{A}/.guild/opref": 10}, lambda: None)

    assert len(found[f"{A}/.guild/opref"]) == 64
    assert time.monotonic() - begun > SLOW


def test_a_server_that_stands_still_meanwhile_is_given_up(homes, there, watched):
    watched(there.connection)
    frozen = []

    def check():
        if not frozen:
            homes.server.freeze()
            frozen.append(time.monotonic())

    with pytest.raises(RemoteUnreachable):
        hashes_there(there, there.runs_dir, {f"{A}/.guild/opref": 10}, check)

    assert time.monotonic() - frozen[0] < PATIENCE


def test_without_a_sign_of_life_of_the_host_the_usual_silence_counts(there):
    with pytest.raises(RemoteUnreachable, match="it said nothing for 3 seconds"):
        hashes_there(there, there.runs_dir, {f"{A}/.guild/opref": 10}, lambda: None)


def test_runs_are_verified_by_a_slow_server(homes, watched, connect, monkeypatch):
    make_full_run(homes.here.runs_dir, A)
    monkeypatch.setattr(remote.byte_channel, "SILENCE_SECONDS", SILENCE)
    connection = watched(connect(homes.server))
    homes.connect = lambda _server: connection
    homes.context = JobContext()

    outcome = homes.push(A, verify=True)

    assert (outcome.new, outcome.verified, outcome.refused) == ((A,), "checksums", ())
    assert left_over(homes.there) == []
