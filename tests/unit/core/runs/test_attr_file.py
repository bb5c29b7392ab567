"""What stays of an attribute when writing it is stopped, refused or raced."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import threading
from contextlib import contextmanager
from pathlib import Path

import pytest

from core.errors import RunDamaged, RunError, RunNotFound
from core.runs.attr_file import TEMPORARY, locked, opened, write_attr_bytes
from core.runs.attrs import list_attrs
from tests.support.directory_ways import BOTH_WAYS, HELD_OPEN
from tests.support.patience import PATIENCE
from tests.support.runs import make_run

pytestmark = BOTH_WAYS

ROOT = Path(__file__).parents[4]

# Kills itself (as kill -9 would) at the N-th call of the operating system that changes something.
KILLED = """
import os, signal, sys
from core.runs import held_directory
from core.runs.attr_file import locked

run_dir, number = sys.argv[1], int(sys.argv[2])
if sys.argv[3] == "paths":
    held_directory.START = held_directory.BY_PATH
seen = 0

def watch(event, args):
    global seen
    is_write = event == "open" and isinstance(args[2], int) and args[2] & (os.O_WRONLY | os.O_CREAT)
    if is_write or event in ("os.rename", "os.remove", "os.mkdir", "fcntl.flock", "os.chmod"):
        seen += 1
        if seen == number:
            os.kill(os.getpid(), signal.SIGKILL)

sys.addaudithook(watch)
with locked(run_dir) as files:
    for name in files.write({"tags": b"- new\\n", "label": b"new\\n", "marked": None}):
        pass
print(seen)
"""


@pytest.fixture
def run_dir(tmp_path):
    attrs = {"label": "old", "tags": "- old", "marked": "true", "flags": "lr: 1"}
    return make_run(tmp_path / "runs", attrs=attrs)


def attr(run_dir, name):
    path = run_dir / ".guild" / "attrs" / name
    return path.read_bytes() if path.exists() else None


def left_over(run_dir):
    return [p.name for p in (run_dir / ".guild" / "attrs").iterdir() if p.name.startswith(".tmp-")]


def age(run_dir):
    """Make what killed processes left an hour old."""
    for name in left_over(run_dir):
        path = run_dir / ".guild" / "attrs" / name
        os.utime(path, (path.stat().st_mtime - 3600,) * 2)


def write(run_dir, **values):
    with locked(run_dir) as files:
        return list(files.write(values))


def python(code, *args):
    return subprocess.run(
        [sys.executable, "-c", code, *map(str, args)],
        **{"cwd": ROOT, "capture_output": True, "text": True, "timeout": 60, "check": False},
    )


def test_attributes_are_written_and_removed(run_dir):
    assert write(run_dir, label=b"new\n", marked=None, comments=b"[]\n") == [
        "label",
        "marked",
        "comments",
    ]

    assert attr(run_dir, "label") == b"new\n"
    assert attr(run_dir, "marked") is None
    assert attr(run_dir, "comments") == b"[]\n"
    assert left_over(run_dir) == []


def test_removing_what_is_not_there_is_done_already(run_dir):
    assert write(run_dir, comments=None) == ["comments"]


def test_directory_of_attributes_is_made_where_it_is_missing(tmp_path):
    run_dir = make_run(tmp_path)
    (run_dir / ".guild" / "attrs").rmdir()

    write_attr_bytes(run_dir, "label", b"x\n")

    assert attr(run_dir, "label") == b"x\n"


def test_a_run_that_is_not_there_is_not_made(tmp_path):
    with pytest.raises(RunNotFound):
        write_attr_bytes(tmp_path / "gone", "label", b"x\n")

    assert list(tmp_path.iterdir()) == []


def test_a_directory_without_opref_is_no_run(run_dir):
    (run_dir / ".guild" / "opref").unlink()

    with pytest.raises(RunNotFound):
        write_attr_bytes(run_dir, "label", b"x\n")

    assert attr(run_dir, "label") == b"old\n"


def test_a_process_killed_at_any_step_leaves_old_or_new_attributes_whole(run_dir, way):
    steps = int(python(KILLED, run_dir, 0, way).stdout)
    assert steps >= 5  # two new files, two renames, one removal
    seen = set()
    for number in range(1, steps + 1):
        for name, text in (("label", b"old\n"), ("tags", b"- old\n"), ("marked", b"true\n")):
            write_attr_bytes(run_dir, name, text)

        assert python(KILLED, run_dir, number, way).returncode == -signal.SIGKILL

        found = tuple(attr(run_dir, name) for name in ("tags", "label", "marked"))
        assert found[0] in (b"- old\n", b"- new\n")
        assert found[1] in (b"old\n", b"new\n")
        assert found[2] in (b"true\n", None)
        assert not {".tmp-", "opref"} & set(list_attrs(run_dir))
        seen.add(found)
        write_attr_bytes(run_dir, "label", b"after\n")  # nothing of the killed one is in the way
        assert attr(run_dir, "label") == b"after\n"
        if way == "paths":  # without a lock another process might still be writing them
            age(run_dir)
            write_attr_bytes(run_dir, "label", b"later\n")
        assert left_over(run_dir) == []
    assert (b"- old\n", b"old\n", b"true\n") in seen
    assert len(seen) >= 3


def test_a_full_disk_leaves_every_attribute_as_it_was(small_disk):
    run_dir = make_run(small_disk, attrs={"label": "old", "tags": "- old"})
    filler = small_disk / "filler"
    with filler.open("wb", buffering=0) as file:
        while file.write(bytes(4096)) and os.statvfs(small_disk).f_bfree:
            continue

    with pytest.raises(OSError, match="No space"):
        write(run_dir, tags=b"- new\n", label=b"new\n" * 5000)

    assert (attr(run_dir, "label"), attr(run_dir, "tags")) == (b"old\n", b"- old\n")
    assert left_over(run_dir) == []
    filler.unlink()
    write(run_dir, tags=b"- new\n")
    assert attr(run_dir, "tags") == b"- new\n"


def test_a_disk_that_fills_up_in_the_middle_of_a_file_leaves_the_old_one(small_disk):
    run_dir = make_run(small_disk, attrs={"label": "old"})

    with pytest.raises(OSError, match="No space"):
        write(run_dir, marked=b"true\n", label=b"x" * 1_000_000)

    assert attr(run_dir, "label") == b"old\n"
    assert attr(run_dir, "marked") is None
    assert left_over(run_dir) == []


@pytest.fixture
def small_disk(make_disk, tmp_path):
    return make_disk(tmp_path / "small", size="128k")


def test_a_read_only_run_refuses_and_stays(open_dir, as_ordinary_user):
    run_dir = make_run(open_dir, attrs={"label": "old"})

    with as_ordinary_user(), pytest.raises(PermissionError):
        write_attr_bytes(run_dir, "label", b"new\n")

    assert attr(run_dir, "label") == b"old\n"


def test_a_write_protected_attribute_is_not_replaced(open_dir, as_ordinary_user):
    run_dir = make_run(open_dir, attrs={"label": "old"})
    (run_dir / ".guild" / "attrs").chmod(0o777)
    (run_dir / ".guild" / "attrs" / "label").chmod(0o444)

    with as_ordinary_user(), pytest.raises(PermissionError, match="write-protected"):
        write_attr_bytes(run_dir, "label", b"new\n")

    assert attr(run_dir, "label") == b"old\n"


def test_mode_and_owner_of_an_attribute_stay(run_dir):
    path = run_dir / ".guild" / "attrs" / "label"
    path.chmod(0o640)
    before = path.stat()

    write_attr_bytes(run_dir, "label", b"new\n")

    after = path.stat()
    assert (after.st_mode, after.st_uid, after.st_gid) == (
        before.st_mode,
        before.st_uid,
        before.st_gid,
    )


def test_root_leaves_new_attributes_to_who_owns_the_run(run_dir):
    if os.geteuid() == 0:
        os.chown(run_dir / ".guild" / "attrs", 65534, 65534)

    write_attr_bytes(run_dir, "comments", b"[]\n")

    made = (run_dir / ".guild" / "attrs" / "comments").stat()
    assert made.st_uid == (run_dir / ".guild" / "attrs").stat().st_uid


@pytest.mark.parametrize("name", ["label", "attrs"])
def test_a_link_is_refused_and_what_it_leads_to_stays(run_dir, tmp_path, name):
    outside = tmp_path / "outside"
    path = run_dir / ".guild" / "attrs"
    if name == "attrs":
        path.rename(outside)
        path.symlink_to(outside)
    else:
        outside.write_bytes(b"precious\n")
        (path / "label").unlink()
        (path / "label").symlink_to(outside)
    before = (outside / "label").read_bytes() if name == "attrs" else outside.read_bytes()

    with pytest.raises(OSError, match="link"):
        write_attr_bytes(run_dir, "label", b"new\n")
    with opened(run_dir) as files, pytest.raises(RunDamaged, match="link"):
        files.read("label")

    assert before == ((outside / "label") if name == "attrs" else outside).read_bytes()


def test_a_directory_in_place_of_an_attribute_is_refused(run_dir):
    (run_dir / ".guild" / "attrs" / "comments").mkdir()

    with pytest.raises(OSError, match="no file"):
        write_attr_bytes(run_dir, "comments", b"[]\n")

    assert left_over(run_dir) == []


@HELD_OPEN
def test_a_run_that_goes_to_the_trash_meanwhile_takes_the_change_along(run_dir, tmp_path):
    with locked(run_dir) as files:
        assert files.read("label") == b"old\n"
        run_dir.rename(tmp_path / "trash")
        list(files.write({"label": b"new\n"}))

    assert attr(tmp_path / "trash", "label") == b"new\n"
    assert not run_dir.exists()


@pytest.mark.parametrize("way", ["paths"], indirect=True)
def test_a_run_that_goes_to_the_trash_meanwhile_is_gone_where_it_is_known_by_path(
    run_dir, tmp_path
):
    with locked(run_dir) as files:
        assert files.read("label") == b"old\n"
        run_dir.rename(tmp_path / "trash")
        with pytest.raises(RunNotFound):
            list(files.write({"label": b"new\n"}))

    assert attr(tmp_path / "trash", "label") == b"old\n"
    assert not run_dir.exists()


def test_a_run_that_is_erased_meanwhile_is_gone_and_not_made_again(run_dir):
    with locked(run_dir) as files:
        files.read("label")
        for path in (run_dir / ".guild" / "attrs").iterdir():
            path.unlink()
        (run_dir / ".guild" / "opref").unlink()
        (run_dir / ".guild" / "attrs").rmdir()
        with pytest.raises(RunNotFound):
            list(files.write({"label": b"new\n"}))

    assert list((run_dir / ".guild").iterdir()) == []


def test_what_was_written_into_a_run_that_is_being_erased_is_taken_back(run_dir):
    with locked(run_dir) as files:
        writing = files.write({"comments": b"[]\n"})
        next(writing)
        (run_dir / ".guild" / "opref").unlink()
        with pytest.raises(RunNotFound):
            list(writing)

    assert attr(run_dir, "comments") is None


@HELD_OPEN
def test_two_holders_of_a_run_take_turns(run_dir):
    entered = threading.Event()
    order = []

    def second():
        entered.set()
        with locked(run_dir):
            order.append("second")

    with locked(run_dir):
        thread = threading.Thread(target=second)
        thread.start()
        entered.wait(PATIENCE)
        order.append("first")
    thread.join(PATIENCE)

    assert order == ["first", "second"]


@HELD_OPEN
def test_a_run_that_another_process_does_not_let_go_is_refused(run_dir):
    with locked(run_dir), pytest.raises(RunError, match="another process"), held(run_dir):
        pytest.fail("two hold the run")


@contextmanager
def held(run_dir):
    with locked(run_dir, seconds=0.05) as files:
        yield files


COUNT = textwrap.dedent("""
    import sys
    from core.runs.attr_file import locked

    for _ in range(int(sys.argv[2])):
        with locked(sys.argv[1], seconds=60) as files:
            number = int(files.read("count"))
            for _ in files.write({"count": b"%d\\n" % (number + 1)}, is_durable=False):
                pass
""")


@HELD_OPEN
def test_two_processes_lose_no_change_of_each_other(run_dir):
    write_attr_bytes(run_dir, "count", b"0\n")
    argv = [sys.executable, "-c", COUNT, str(run_dir), "200"]

    processes = [subprocess.Popen(argv, cwd=ROOT) for _ in range(2)]
    codes = [process.wait(PATIENCE) for process in processes]

    assert codes == [0, 0]
    assert attr(run_dir, "count") == b"400\n"


def test_leftovers_without_the_lock_go_only_when_they_are_old(run_dir):
    attrs = run_dir / ".guild" / "attrs"
    (attrs / f"{TEMPORARY}7").write_bytes(b"half")
    age(run_dir)
    (attrs / f"{TEMPORARY}8").write_bytes(b"half")

    with opened(run_dir) as files:  # as where a file system knows no locks
        list(files.write({"label": b"new\n"}))

    assert left_over(run_dir) == [f"{TEMPORARY}8"]


@HELD_OPEN
def test_leftovers_go_with_the_next_change_under_the_lock(run_dir):
    (run_dir / ".guild" / "attrs" / f"{TEMPORARY}8").write_bytes(b"half")

    write_attr_bytes(run_dir, "label", b"newer\n")

    assert left_over(run_dir) == []


def test_what_another_writer_has_not_finished_is_left_to_it(run_dir):
    other = run_dir / ".guild" / "attrs" / f"{TEMPORARY}0"
    other.write_bytes(b"half")

    with opened(run_dir) as files:  # as where a file system knows no locks
        list(files.write({"label": b"new\n", "tags": b"- new\n"}))

    assert (attr(run_dir, "label"), attr(run_dir, "tags")) == (b"new\n", b"- new\n")
    assert other.read_bytes() == b"half"
    assert left_over(run_dir) == [other.name]
