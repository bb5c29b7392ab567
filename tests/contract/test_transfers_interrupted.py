"""Whatever dies while runs travel: each run is whole or not there, and the next try ends it.

The number of random points is RUNDESK_SEEDS, a handful where it is not set.
"""

import os
import random
import signal
import threading
import time

import pytest
from msgspec.structs import replace

from core.errors import Cancelled, Error
from core.home import Home
from core.jobs import JobContext
from remote import swap
from remote.errors import RemoteError, RemoteFull
from remote.local_shelf import LocalPlace, finish_pulls
from remote.memory import Unfinished
from remote.plan import Options
from remote.remote_home import open_remote_home
from remote.remote_shelf import RemotePlace, recover_there
from remote.transfer import Order
from remote.worker import TransferRequest, TransferWork, Waiting, note_request, request_of
from tests.support.patience import at_best
from tests.support.processes import wait_until
from tests.support.runs import make_run
from tests.support.two_homes import AtBytes, content, left_over, make_full_run

SEEDS = range(int(os.environ.get("RUNDESK_SEEDS", "4")))
IDS = [letter * 32 for letter in "abcdef"]
A = IDS[0]


def fill(home):
    for run_id in IDS:
        make_full_run(home.runs_dir, run_id, **{"big.bin": os.urandom(1_500_000)})


def check_whole(homes, direction):
    """Every run that has come is what it is where it came from."""
    source, target = homes.sides(direction)
    for run_dir in target.runs_dir.iterdir():
        if not run_dir.name.startswith("."):
            is_pull = direction == "pull"
            assert content(run_dir) == content(source.runs_dir / run_dir.name, env=is_pull)


@pytest.mark.parametrize("direction", ["push", "pull"])
@pytest.mark.parametrize("seed", SEEDS)
def test_a_cut_connection_is_made_anew_and_the_transfer_ends_well(homes, direction, seed):
    source, target = homes.sides(direction)
    fill(source)
    homes.context = AtBytes(random.Random(seed).randrange(9_000_000), homes.server.kill_sessions)

    outcome = replace(homes, waits=(0.01, 0.01, 0.01)).move(direction, *IDS)

    assert outcome.refused == ()
    check_whole(homes, direction)
    assert {p.name for p in target.runs_dir.iterdir()} == set(IDS)
    assert left_over(target) == []
    waits = [item for item in homes.context.published if isinstance(item, Waiting)]
    assert all(item.reason for item in waits)


@pytest.mark.parametrize("direction", ["push", "pull"])
def test_bytes_that_arrived_before_the_cut_are_not_sent_again(homes, direction):
    source, _ = homes.sides(direction)
    make_full_run(source.runs_dir, A, **{"big.bin": os.urandom(30_000_000)})
    homes.context = AtBytes(15_000_000, homes.server.kill_sessions)  # 8 may be under way

    with pytest.raises(RemoteError):
        homes.move(direction, A)
    homes.context = JobContext()
    outcome = homes.move(direction, A)

    check_whole(homes, direction)
    assert outcome.sent < 20_000_000
    progress = homes.context.progress  # goes up to what travelled, and not to what was kept
    assert progress.done == outcome.sent
    assert 0 <= progress.total - progress.done < 100_000  # small files that had come are counted


def test_directories_that_a_cut_tar_left_get_their_modes(homes):
    """As GNU's tar leaves them: to their owner alone, until all is in them."""
    make_full_run(homes.here.runs_dir, A, **{"big.bin": os.urandom(30_000_000)})
    (homes.here.runs_dir / A / "shared").mkdir(mode=0o775)
    (homes.here.runs_dir / A / "shared").chmod(0o775)
    homes.context = AtBytes(25_000_000, homes.server.kill_sessions)
    with pytest.raises(RemoteError):
        homes.move("push", A)
    (begun,) = homes.there.path.glob(f"incoming/*/*/{A}")
    for path in (begun, *begun.rglob("*")):
        if path.is_dir():
            path.chmod(0o700)

    homes.context = JobContext()
    homes.move("push", A)

    check_whole(homes, "push")
    assert (homes.there.runs_dir / A).stat().st_mode & 0o777 == 0o755


def test_what_nobody_went_on_with_for_two_weeks_is_removed_there(homes):
    for run_id in IDS[:2]:
        make_full_run(homes.here.runs_dir, run_id, **{"big.bin": os.urandom(9_000_000)})
    homes.context = AtBytes(8_000_000, homes.server.kill_sessions)
    with pytest.raises(RemoteError):
        homes.move("push", *IDS[:2])
    homes.context = JobContext()
    begun = [
        p for part in ("part", "pieces") for p in homes.there.path.glob(f"incoming/*/{part}/*")
    ]
    assert begun
    for path in begun:
        os.utime(path, (time.time() - 13 * 86_400,) * 2)
    homes.verdicts("push", A)
    assert all(path.exists() for path in begun)

    for path in begun:
        os.utime(path, (time.time() - 15 * 86_400,) * 2)
    homes.verdicts("push", A)

    assert left_over(homes.there) == []


@pytest.mark.parametrize("direction", ["push", "pull"])
@pytest.mark.parametrize("seed", SEEDS)
def test_a_killed_process_leaves_whole_runs_and_the_next_one_goes_on(homes, direction, seed):
    source, target = homes.sides(direction)
    fill(source)
    pid = os.fork()
    if pid == 0:
        wait = random.Random(seed).uniform(0.05, 1.2)
        threading.Timer(wait, lambda: os.kill(os.getpid(), signal.SIGKILL)).start()
        try:
            homes.move(direction, *IDS)
        finally:
            os._exit(0)
    os.waitpid(pid, 0)
    wait_until(lambda: homes.server.connections() == 0)  # what it had asked for is done or dropped

    check_whole(homes, direction)
    homes.move(direction, *IDS)
    check_whole(homes, direction)
    assert {p.name for p in target.runs_dir.iterdir()} == set(IDS)
    assert left_over(target) == []


@pytest.mark.parametrize("direction", ["push", "pull"])
def test_what_a_killed_process_was_asked_is_in_the_journal_until_it_is_done(homes, direction):
    source, _ = homes.sides(direction)
    fill(source)
    pid = os.fork()
    if pid == 0:
        homes.context = AtBytes(2_000_000, lambda: os.kill(os.getpid(), signal.SIGKILL))
        homes.move(direction, *IDS)
        os._exit(0)
    os.waitpid(pid, 0)

    [unfinished] = homes.memory.unfinished(homes.here.path)

    assert (unfinished.remote, unfinished.direction) == ("box", direction)
    assert unfinished.runs == tuple(IDS)
    homes.memory.end(unfinished.id)
    homes.move(direction, *IDS)
    assert homes.memory.unfinished(homes.here.path) == []


@pytest.mark.parametrize("direction", ["push", "pull"])
def test_a_cancelled_transfer_ends_at_once_and_keeps_what_it_has(homes, direction):
    source, target = homes.sides(direction)
    make_full_run(source.runs_dir, A, **{"big.bin": os.urandom(20_000_000)})

    def cancelled():
        context = homes.context = AtBytes(1_000_000, lambda: context.cancel())
        outcome = homes.move(direction, A)
        assert outcome.cancelled
        assert not (target.runs_dir / A).exists()

    assert at_best(cancelled, 1.0) < 1
    homes.context = JobContext()
    assert homes.move(direction, A).new == (A,)
    check_whole(homes, direction)


# The exchange of a run


class DyingPlace:
    """A place that dies after so many renames."""

    def __init__(self, place, left):
        self.place, self.left = place, left

    def rename_all(self, pairs):
        for pair in pairs:
            if self.left == 0:
                raise Cancelled
            self.left -= 1
            assert self.place.rename_all([pair]) == {}
        return {}

    def discard(self, paths):
        if self.left == 0:
            raise Cancelled
        self.place.discard(paths)

    def __getattr__(self, name):
        return getattr(self.place, name)


@pytest.mark.parametrize("where", ["here", "there"])
@pytest.mark.parametrize("renames", [0, 1, 2, 3])
def test_an_exchange_that_dies_after_any_rename_is_finished_or_taken_back(homes, where, renames):
    home = homes.here if where == "here" else homes.there
    remote = open_remote_home(homes.connect(homes.server), homes.path)
    place = LocalPlace(home) if where == "here" else RemotePlace(remote, lambda: None)
    area = home.path / "incoming" / ("pull-12345678" if where == "here" else "push-12345678")
    for name in ("part", "swap"):
        (area / name).mkdir(parents=True)
    make_full_run(home.runs_dir, A, which="old")
    make_full_run(area / "part", A, which="new")
    base = str(area) if where == "here" else f"{remote.path}/incoming/push-12345678"
    runs_dir = str(home.runs_dir) if where == "here" else remote.runs_dir
    one = [swap.Swap(A, f"{base}/part/{A}")]

    with pytest.raises(Cancelled):
        swap.exchange(DyingPlace(place, renames), one, f"{base}/swap", runs_dir)
    if where == "here":
        finish_pulls(home)
    else:
        recover_there(remote, "12345678", lambda: None)

    assert (home.runs_dir / A / "which").read_text() == ("new" if renames >= 2 else "old")
    assert list((area / "swap").iterdir() if (area / "swap").exists() else []) == []
    trashed = home.trash_dir / A / "which"
    assert not trashed.exists() or trashed.read_text() == "old"


# Where nothing can be written


@pytest.mark.parametrize("direction", ["push", "pull"])
def test_a_full_disk_ends_in_a_sentence_and_no_half_run(homes, direction, make_disk):
    source, target = homes.sides(direction)
    make_disk(target.path)
    target.runs_dir.mkdir()
    make_full_run(source.runs_dir, A, **{"big.bin": os.urandom(8_000_000)})

    try:
        outcome = homes.move(direction, A)
    except (Error, OSError) as e:
        said = str(e)
    else:
        said = outcome.refused[0].reason
    assert "full" in said or "space" in said.lower(), said
    assert not (target.runs_dir / A).exists()


def test_a_disk_that_is_full_in_the_middle_of_the_last_file_is_told_as_full(homes, make_disk):
    source, target = homes.sides("push")
    make_disk(target.path)
    target.runs_dir.mkdir()
    make_run(source.runs_dir, A, files={"z.bin": "z" * 8_000_000})

    with pytest.raises(RemoteFull):
        homes.move("push", A)


def test_runs_that_still_fit_onto_a_full_disk_there_are_there_in_the_end(homes, make_disk):
    source, target = homes.sides("push")
    make_disk(target.path)
    target.runs_dir.mkdir()
    make_full_run(source.runs_dir, A, **{"small.bin": os.urandom(1_000_000)})
    make_full_run(source.runs_dir, IDS[1], **{"big.bin": os.urandom(8_000_000)})

    with pytest.raises(RemoteFull) as raised:
        homes.move("push", *IDS[:2])

    assert "its disk is full" in str(raised.value)
    assert [path.name for path in target.runs_dir.iterdir()] == [A]
    check_whole(homes, "push")


@pytest.mark.parametrize(
    ("choice", "count", "text"), [("both", 2, "here"), ("theirs", 1, "there"), ("mine", 1, "here")]
)
def test_what_was_decided_about_conflicts_outlives_a_kill(homes, choice, count, text):
    for home, said in ((homes.here, "here"), (homes.there, "there")):
        run_dir = make_run(home.runs_dir, A, files={"note.txt": said})
        os.utime(run_dir / "note.txt", (1_700_000_000, 1_700_000_000))
    order = Order((A,), {A: choice})
    request = TransferRequest(homes.here, "box", homes.path, ("pull",), (A,), Options(), order)
    note_request(request, homes.memory)  # and no more came of it

    [unfinished] = homes.memory.unfinished(homes.here.path)
    for _ in range(2):  # killed again before its line was struck out
        again = request_of(unfinished, homes.here)
        work = TransferWork(again, lambda _check: homes.connect(homes.server), homes.memory)
        assert work(JobContext()).refused == ()

    runs = [path for path in homes.here.runs_dir.iterdir() if not path.name.startswith(".")]
    assert len(runs) == count
    assert (homes.here.runs_dir / A / "note.txt").read_text() == text


@pytest.mark.parametrize("said", [None, "neither", 7, ["mine"], {A: "neither"}, {A: ["mine"]}])
def test_what_the_journal_says_of_conflicts_is_not_believed_blindly(tmp_path, said):
    unfinished = Unfinished(1, "", "box", "pull", (A,), {"choices": said}, 0)

    assert request_of(unfinished, Home(tmp_path)).order.choices == {}
