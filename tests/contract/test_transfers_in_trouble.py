"""What goes wrong around transfers: rights, disks, frozen hosts, odd and enormous runs.

Each ends in a sentence or ends well; no run is half, and nothing else is touched.
"""

import os
import socket
import subprocess
import time

import pytest
from msgspec.structs import replace

from core.errors import Error
from core.home import Home
from remote.memory import TransferMemory
from remote.transport import Packets
from remote.worker import Waiting
from tests.support.patience import PATIENCE
from tests.support.ssh_client import go_on
from tests.support.two_homes import AtBytes, TwoHomes, content, left_over, make_full_run

A, B, C = "a" * 32, "b" * 32, "c" * 32


def said(call) -> str:
    """What a transfer says of why it does not work."""
    try:
        outcome = call()
    except (Error, OSError) as e:
        return str(e)
    assert outcome.refused, "it worked"
    return " ".join(refusal.reason for refusal in outcome.refused)


def runs_in(home):
    return {p.name for p in home.runs_dir.iterdir() if not p.name.startswith(".")}


# Rights


@pytest.fixture(params=["shell", "sftp only"])
def of_user(request, account_name, open_dir, start_ssh_server, tmp_path, connect):
    """Two homes of which the other one belongs to an account with few rights."""
    options = {"sftp_only": True} if request.param == "sftp only" else {}
    server = start_ssh_server(open_dir, **options)
    server.user = account_name[0]
    here, there = Home(tmp_path / "here"), Home(server.login / ".guild")
    for home in (here, there):
        home.runs_dir.mkdir(parents=True)
    return TwoHomes(server, here, there, TransferMemory(tmp_path / "state"), connect)


def test_a_home_there_that_may_not_be_written_is_told(of_user):
    make_full_run(of_user.here.runs_dir, A)

    sentence = said(lambda: of_user.push(A))

    assert "ermission denied" in sentence, sentence
    assert list(of_user.there.runs_dir.iterdir()) == []


def test_a_file_there_that_may_not_be_read_costs_its_run_alone(of_user):
    for run_id in (A, B):
        make_full_run(of_user.there.runs_dir, run_id)
    (of_user.there.runs_dir / A / "model.bin").chmod(0)
    (of_user.there.runs_dir / B / "model.bin").chmod(0o644)

    outcome = of_user.pull()

    assert outcome.new == (B,)
    [refusal] = outcome.refused
    assert refusal.run_id == A
    assert "model.bin cannot be read there" in refusal.reason
    assert runs_in(of_user.here) == {B}


def test_a_directory_there_that_may_not_be_read_costs_its_run_alone(of_user):
    for run_id in (A, B):
        make_full_run(of_user.there.runs_dir, run_id).joinpath("model.bin").chmod(0o644)
    (of_user.there.runs_dir / A / "deep").chmod(0)

    outcome = of_user.pull()

    assert outcome.new == (B,)
    assert [refusal.run_id for refusal in outcome.refused] == [A]
    assert "permission denied" in outcome.refused[0].reason.lower()


def test_a_home_here_that_may_not_be_written_is_told(make_two_homes, open_dir, as_ordinary_user):
    homes = make_two_homes()
    homes = replace(homes, here=Home(open_dir / "here"))
    homes.here.runs_dir.mkdir(parents=True)
    make_full_run(homes.there.runs_dir, A)
    state = open_dir / "state"
    state.mkdir()
    state.chmod(0o777)
    homes = replace(homes, memory=TransferMemory(state))
    connection = homes.connect(homes.server)
    homes = replace(homes, connect=lambda server: connection)

    with as_ordinary_user():
        sentence = said(lambda: homes.pull(A))

    assert "ermission denied" in sentence, sentence
    assert list(homes.here.runs_dir.iterdir()) == []


@pytest.fixture
def read_only():
    """Mounts a directory on itself so that it cannot be written."""
    mounted = []

    def mount(path):
        subprocess.run(["mount", "--bind", path, path], check=True)
        mounted.append(path)
        subprocess.run(["mount", "-o", "remount,ro,bind", path], check=True)

    yield mount
    for path in mounted:
        subprocess.run(["umount", "-l", path], check=True)


@pytest.mark.parametrize("direction", ["push", "pull"])
def test_a_destination_that_is_read_only_is_told(homes, direction, read_only):
    source, target = homes.sides(direction)
    make_full_run(source.runs_dir, A)
    read_only(target.path)

    sentence = said(lambda: homes.move(direction, A))

    # What OpenSSH says of a disk that is read-only is that it is not permitted.
    assert "read-only" in sentence.lower() or "permission denied" in sentence, sentence
    assert list(target.runs_dir.iterdir()) == []


# Lost and crowded servers


def over_session(homes, ssh_user):
    """The same homes over a session of the application, as the program connects."""
    ssh_user.knows(homes.server)
    ssh_user.config.write_text("ServerAliveInterval 1\nServerAliveCountMax 1\n")
    session = ssh_user.session(ssh_user.remote(homes.server, connect_timeout=2))
    return replace(homes, connect=lambda server: session.connection(go_on), waits=(0.2,) * 20)


@pytest.mark.parametrize("direction", ["push", "pull"])
def test_a_server_that_freezes_in_the_middle_is_noticed_and_gone_on_with(
    homes, direction, ssh_user, monkeypatch
):
    monkeypatch.setattr("remote.byte_channel.SILENCE_SECONDS", 4 * PATIENCE)  # not what ends it
    source, _ = homes.sides(direction)
    make_full_run(source.runs_dir, A, **{"big.bin": os.urandom(20_000_000)})
    homes = over_session(homes, ssh_user)
    context = homes.context = AtBytes(5_000_000, homes.server.freeze)

    def thaw_when_noticed(item):
        if isinstance(item, Waiting):
            homes.server.thaw()

    context.follow(thaw_when_noticed)
    start = time.monotonic()
    outcome = homes.move(direction, A)

    assert outcome.new == (A,)
    assert any(isinstance(item, Waiting) for item in context.published)
    assert time.monotonic() - start < 4 * PATIENCE
    near, far = (content(home.runs_dir / A, env=False) for home in (homes.here, homes.there))
    assert near == far


@pytest.mark.parametrize("direction", ["push", "pull"])
def test_a_server_that_refuses_logins_for_a_while_is_waited_for(
    make_two_homes, direction, ssh_user
):
    homes = make_two_homes(lines=("MaxStartups 1:100:1",))
    source, target = homes.sides(direction)
    make_full_run(
        source.runs_dir, A, **{"big.bin": os.urandom(20_000_000)}
    )  # more than is under way
    homes = over_session(homes, ssh_user)
    crowd = []

    def cut_and_crowded():
        homes.server.kill_sessions()
        crowd.append(socket.create_connection((homes.server.host, homes.server.port)))
        crowd[0].recv(4)

    def leave_when_one_was_refused(item):
        if isinstance(item, Waiting) and "before the login" in item.reason:
            crowd[0].close()

    homes.context = AtBytes(2_000_000, cut_and_crowded)
    homes.context.follow(leave_when_one_was_refused)
    outcome = homes.move(direction, A)

    assert outcome.new == (A,)
    reasons = [item.reason for item in homes.context.published if isinstance(item, Waiting)]
    assert any("before the login" in reason for reason in reasons), reasons
    assert left_over(target) == []


@pytest.mark.parametrize("direction", ["push", "pull"])
def test_keys_that_change_all_the_time_disturb_no_transfer(make_two_homes, direction, monkeypatch):
    monkeypatch.setattr(Packets, "REKEY_BYTES", 2**18)
    homes = make_two_homes(lines=("RekeyLimit 300K",))
    homes = replace(homes, waits=(0.05,) * 5)
    source, target = homes.sides(direction)
    for run_id in (A, B, C):
        make_full_run(source.runs_dir, run_id, **{"big.bin": os.urandom(4_000_000)})

    outcome = homes.move(direction, A, B, C)

    assert set(outcome.new) == {A, B, C}
    assert outcome.refused == ()
    assert left_over(target) == []


# Runs of all kinds


@pytest.mark.parametrize("direction", ["push", "pull"])
def test_links_that_lead_in_circles_are_copied_as_links(homes, direction):
    source, target = homes.sides(direction)
    run_dir = make_full_run(source.runs_dir, A)
    (run_dir / "loop").symlink_to(".")
    (run_dir / "deep/up").symlink_to("..")
    (run_dir / "one").symlink_to("other")
    (run_dir / "other").symlink_to("one")

    outcome = homes.move(direction, A)

    assert outcome.new == (A,)
    copy = target.runs_dir / A
    links = ("loop", "deep/up", "one", "other")
    assert [str((copy / name).readlink()) for name in links] == [".", "..", "other", "one"]
    assert content(copy, env=False) == content(run_dir, env=False)


@pytest.mark.parametrize("direction", ["push", "pull"])
def test_what_is_no_file_is_left_out_and_told(homes, direction, monkeypatch):
    source, target = homes.sides(direction)
    run_dir = make_full_run(source.runs_dir, A)
    os.mkfifo(run_dir / "pipe")
    os.mknod(run_dir / "null", 0o020666, os.makedev(1, 3))
    (run_dir / "out").symlink_to("/etc/passwd")
    with socket.socket(socket.AF_UNIX) as listener:
        monkeypatch.chdir(run_dir)
        listener.bind("socket")

    outcome = homes.move(direction, A)

    assert outcome.new == (A,)
    names = {p.name for p in (target.runs_dir / A).iterdir()}
    assert not names & {"pipe", "null", "out", "socket"}
    for name in ("pipe", "null", "out", "socket"):
        assert any(name in remark for remark in outcome.remarks), outcome.remarks


@pytest.mark.parametrize("direction", ["push", "pull"])
def test_a_run_of_very_many_files_arrives_whole(homes, direction):
    count = int(os.environ.get("RUNDESK_MANY_FILES", "3000"))
    source, target = homes.sides(direction)
    run_dir = make_full_run(source.runs_dir, A)
    for number in range(count):
        folder = run_dir / f"shard-{number // 1000}"
        folder.mkdir(exist_ok=True)
        (folder / f"{number}.txt").write_text(str(number))

    outcome = homes.move(direction, A)

    assert outcome.new == (A,)
    copy = target.runs_dir / A
    assert sum(len(names) for _, _, names in os.walk(copy)) >= count
    last = count - 1
    assert (copy / f"shard-{last // 1000}/{last}.txt").read_text() == str(last)
    assert homes.move(direction, A).sent == 0


def make_sparse(path, size):
    """A file that is almost nothing but a hole."""
    with path.open("wb") as file:
        file.write(b"begin")
        file.seek(size // 2)
        file.write(b"middle")
        file.truncate(size)
    os.utime(path, (1_600_000_000, 1_600_000_000))


@pytest.mark.parametrize("direction", ["push", "pull"])
def test_holes_of_files_stay_holes(homes, direction):
    size = int(os.environ.get("RUNDESK_SPARSE_BYTES", str(200_000_000)))
    source, target = homes.sides(direction)
    run_dir = make_full_run(source.runs_dir, A)
    make_sparse(run_dir / "sparse.bin", size)

    outcome = homes.move(direction, A, verify=size < 1_000_000_000)

    assert outcome.new == (A,)
    copy = target.runs_dir / A / "sparse.bin"
    assert copy.stat().st_size == size
    assert copy.stat().st_blocks * 512 < 5_000_000
    with copy.open("rb") as file:
        assert file.read(6) == b"begin\0"
        file.seek(size // 2 - 1)
        assert file.read(8) == b"\0middle\0"
    assert homes.move(direction, A).sent == 0


@pytest.mark.parametrize("direction", ["push", "pull"])
def test_a_cut_in_the_middle_of_a_hole_is_gone_on_with(homes, direction):
    source, target = homes.sides(direction)
    run_dir = make_full_run(source.runs_dir, A)
    make_sparse(run_dir / "sparse.bin", 60_000_000)
    homes = replace(homes, waits=(0.01, 0.01))
    homes.context = AtBytes(20_000_000, homes.server.kill_sessions)

    outcome = homes.move(direction, A)

    assert outcome.new == (A,)
    near, far = (content(home.runs_dir / A, env=False) for home in (homes.here, homes.there))
    assert near == far
    assert left_over(target) == []
