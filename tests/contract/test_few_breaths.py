"""What is far away is asked seldom: sessions are used again, and listings answer all at once."""

import pytest

from remote.connection import Connection
from remote.remote_home import open_remote_home
from remote.ssh_library import paramiko
from tests.support.runs import make_run
from tests.support.two_homes import KINDS

A, B = "a" * 32, "b" * 32


@pytest.fixture
def counted(monkeypatch):
    """Names of what a connection was asked for, in order."""
    asked = []
    for name in ("open_sftp", "start"):
        real = getattr(Connection, name)

        def counting(connection, *arguments, real=real, name=name, **more):
            asked.append(name)
            return real(connection, *arguments, **more)

        monkeypatch.setattr(Connection, name, counting)
    return asked


@pytest.mark.parametrize("kind", KINDS)
def test_whoever_needs_a_home_again_finds_its_channel_open(make_two_homes, counted, kind):
    homes = make_two_homes(**KINDS[kind])
    make_run(homes.there.runs_dir, A)
    connection = homes.connect(homes.server)
    first = open_remote_home(connection, homes.path)
    path = first.path
    first.close()
    counted.clear()

    second = open_remote_home(connection, homes.path)

    assert second.path == path
    assert [entry.name for entry in second.files.names(second.runs_dir)] == [A]
    assert counted == []


def test_a_channel_that_the_server_closed_meanwhile_is_opened_anew(make_two_homes):
    homes = make_two_homes()
    connection = homes.connect(homes.server)
    first = open_remote_home(connection, homes.path)
    with first.files.opened() as sftp:
        first.close()
        sftp.close()

    second = open_remote_home(connection, homes.path)

    assert second.files.names(second.path.rpartition("/")[0]) is not None


def test_what_comes_too_late_for_a_channel_costs_the_connection_nothing(make_two_homes):
    homes = make_two_homes()
    connection = homes.connect(homes.server)
    stream = connection.start("exit 0")
    assert stream.exit_code() == 0
    channel = stream._channel
    while not channel.closed:
        stream.read(1)
    late = paramiko.Message()
    late.add_byte(bytes([96]))
    late.add_int(channel.remote_chanid)

    connection._transport._send_user_message(late)

    for _ in range(3):  # OpenSSH ends the connection at once where it gets such a message
        assert connection.run("echo here").output == b"here\n"


@pytest.mark.parametrize("kind", ["shell", "sftp only"])
def test_all_runs_of_a_server_are_found_however_they_are_listed(make_two_homes, kind):
    homes = make_two_homes(**KINDS[kind])
    runs = homes.there.runs_dir
    make_run(runs, A)
    make_run(runs, B)
    make_run(runs / ".hidden", "c" * 32)
    (runs / "a file").write_text("no run")
    (runs / "empty").mkdir()

    found = homes.verdicts("pull")

    assert found == {A: "new", B: "new", "empty": "problem"}


def test_a_server_of_very_many_runs_is_listed_part_by_part(make_two_homes, counted):
    homes = make_two_homes()
    make_run(homes.there.runs_dir, A)
    for number in range(1001):
        (homes.there.runs_dir / f"{number:032x}").mkdir()

    verdicts = homes.verdicts("pull")

    assert (len(verdicts), verdicts[A]) == (1002, "new")
    assert counted.count("start") == 5  # what it can, whether it is small, and three parts


def test_a_missing_directory_of_runs_is_one_without_runs(make_two_homes):
    homes = make_two_homes()

    assert homes.verdicts("pull") == {}
