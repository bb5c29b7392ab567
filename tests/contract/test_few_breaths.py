"""What is far away is asked seldom: sessions are used again, and listings answer all at once."""

import contextlib

import psutil
import pytest

from core.check import go_on
from core.jobs import JobContext
from remote.byte_channel import ByteChannel
from remote.connection import Connection
from remote.moves import Tally
from remote.remote_home import open_remote_home
from remote.sftp_channel import SftpChannel
from remote.ssh_library import paramiko
from remote.transfer import Order, run_transfer
from tests.support.processes import wait_until
from tests.support.runs import make_run
from tests.support.two_homes import KINDS, content, left_over

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


@pytest.fixture
def breaths(monkeypatch):
    """A list that grows each time that SFTP sends what it has, to wait for the answers."""
    found = []
    real = SftpChannel._flush

    def counting(channel, check):
        found.append(bytes(channel._out))
        return real(channel, check)

    monkeypatch.setattr(SftpChannel, "_flush", counting)
    return found


@pytest.mark.parametrize("kind", KINDS)
def test_all_that_is_asked_at_the_beginning_goes_out_together(make_two_homes, breaths, kind):
    homes = make_two_homes(**KINDS[kind])

    home = open_remote_home(homes.connect(homes.server), homes.path)

    assert home.path == str(homes.there.path)
    assert len(breaths) == 1
    with home.files.opened() as sftp:
        assert sftp.limits.write > 32 << 10  # OpenSSH tells its limits


def test_new_runs_appear_and_their_area_goes_in_one_breath(make_two_homes, breaths):
    homes = make_two_homes()
    for run_id in (A, B):
        make_run(homes.here.runs_dir, run_id)
    plan = homes.plan("push")
    breaths.clear()

    outcome = homes.push(plan=plan)

    assert sorted(outcome.new) == [A, B]
    assert left_over(homes.there) == []
    assert len(breaths) == 3  # the channel, the area, and both runs with the end of the area


def test_an_area_in_which_something_stays_is_left_there(make_two_homes):
    homes = make_two_homes()
    for run_id in (A, B):
        make_run(homes.here.runs_dir, run_id)
    plan = homes.plan("push")
    make_run(homes.there.runs_dir, B, attrs={"label": "of somebody else"})

    outcome = homes.push(plan=plan)

    assert outcome.new == (A,)
    assert [each.run_id for each in outcome.refused] == [B]
    [area] = (homes.there.path / "incoming").iterdir()
    assert [path.name for path in (area / "part").iterdir()] == [B]


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


@pytest.mark.parametrize("sessions", [1, 2, 3])
def test_few_sessions_are_enough(make_two_homes, sessions):
    homes = make_two_homes(lines=(f"MaxSessions {sessions}",))
    for run_id in (A, B):
        make_run(homes.here.runs_dir, run_id, files={"output": b"1"})
    assert sorted(homes.push().new) == [A, B]
    with (homes.here.runs_dir / A / "output").open("ab") as file:
        file.write(b"2")

    assert homes.push().updated == (A,)
    assert homes.verdicts("pull") == {A: "same", B: "same"}
    assert left_over(homes.there) == []


def test_a_tar_that_is_not_needed_is_not_left_there(make_two_homes):
    homes = make_two_homes()
    make_run(homes.here.runs_dir, A)
    (homes.here.runs_dir / A / "empty").mkdir()
    with (homes.here.runs_dir / A / "sparse").open("wb") as file:
        file.truncate(4 << 20)  # goes by SFTP
    remote, tally = homes.remote(), Tally(JobContext())
    plan = homes.plan("push")

    run_transfer(homes.here, remote, plan, Order(), memory=homes.memory, tally=tally)

    assert tally.new == [A]
    wait_until(lambda: not {"sh", "tar"} & names_of(homes.server))


def names_of(server):
    """Names of programs that sessions of a server run."""
    found = set()
    for process in server.sessions():
        with contextlib.suppress(psutil.NoSuchProcess):
            found.add(process.name())
    return found


@pytest.fixture
def told(monkeypatch):
    """All that was written to commands and channels."""
    found = bytearray()
    real = ByteChannel.write

    def recording(channel, data, check=go_on):
        found.extend(data)
        return real(channel, data, check)

    monkeypatch.setattr(ByteChannel, "write", recording)
    return found


def test_whole_runs_are_asked_for_by_their_names_alone(make_two_homes, told):
    homes = make_two_homes()
    far = make_run(homes.there.runs_dir, A, files={"model": b"1", "in/two": b"22"})
    (far / ".guild" / "LOCK").write_text("999999999")

    assert homes.pull().new == (A,)

    assert b"model" not in told
    assert content(homes.here.runs_dir / A) == {
        name: facts for name, facts in content(far).items() if not name.endswith("LOCK")
    }
    (far / "model").write_bytes(b"123")
    (homes.here.runs_dir / A / "in" / "two").unlink()
    assert homes.pull(choices="theirs").updated == (A,)
    assert b"model" in told
    assert (homes.here.runs_dir / A / "model").read_bytes() == b"123"


def test_what_came_into_a_run_after_the_plan_arrives_too(make_two_homes):
    homes = make_two_homes()
    far = make_run(homes.there.runs_dir, A, files={"model": b"1"})
    plan = homes.plan("pull")
    (far / "late").write_bytes(b"late")

    assert homes.pull(plan=plan).new == (A,)

    assert content(homes.here.runs_dir / A) == content(far)
