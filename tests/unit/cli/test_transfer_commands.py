"""`push`, `pull` and `sync` on a real sshd: which runs, what is asked, what is said."""

from __future__ import annotations

import os
import signal
import threading
import time

import pytest

from core.directories import Directories
from tests.support.answers import Terminal
from tests.support.processes import end_well, wait_until
from tests.support.runs import make_run

A, B, C = "a1" * 16, "b2" * 16, "c3" * 16


@pytest.fixture
def here(desk):
    """The runs here."""
    return desk.home / "runs"


def runs_in(folder) -> set[str]:
    return {path.name for path in folder.iterdir() if not path.name.startswith(".")}


def three_runs(runs_dir):
    """Three runs, A the oldest, of which B and C have the operation "other.py"."""
    for number, (run_id, script) in enumerate([(A, "train"), (B, "other"), (C, "other")]):
        attrs = {"started": str(1_700_000_000_000_000 + number), "exit_status": "0"}
        opref = f"script:/p '' '' {script}.py"
        make_run(runs_dir, run_id, opref=opref, attrs=attrs, files={"out": "x" * 10})


# Which runs


@pytest.mark.parametrize(
    ("named", "wanted"),
    [
        ([], [A, B, C]),
        ([":"], [A, B, C]),
        ([A[:6]], [A]),
        (["1"], [C]),
        (["2:3"], [A, B]),
        (["--operation", "other.py"], [B, C]),
        (["--operation", "other.py", "2"], [B]),
        (["--filter", "op = train.py"], [A]),
    ],
    ids=str,
)
@pytest.mark.parametrize("command", ["pull", "push"])
def test_runs_are_named_as_everywhere_and_nothing_named_is_all(
    desk, far_runs, here, command, named, wanted
):
    three_runs(far_runs if command == "pull" else here)

    desk(command, "-y", "box", *named)

    assert runs_in(here if command == "pull" else far_runs) == set(wanted)


def test_the_help_says_that_nothing_named_is_all(desk):
    for command in ("push", "pull"):
        assert "all of them where neither runs nor filters" in " ".join(
            desk(command, "--help").out.split()
        )


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["pull", "-y", "box", "ffff"], "ffff"),
        (["pull", "-y", "box", "7:9"], "7:9"),
        (["pull", "-y", "box", "--operation", "none"], "No run matches the filters"),
        (["push", "-y", "box", "ffff"], "ffff"),
        (["pull", "-y", "nobox"], "There is no remote nobox"),
        (["sync", "-y", "nobox"], "There is no remote nobox"),
    ],
    ids=str,
)
def test_what_is_not_there_is_an_error_in_a_sentence(desk, far_runs, here, arguments, words):
    three_runs(far_runs)

    assert words in desk.fails(*arguments).err
    assert runs_in(here) == set()


@pytest.mark.parametrize(
    "arguments",
    [
        ["pull", "-y", "box", "ffff"],
        ["pull", "-y", "box", "7:9"],
        ["info", "-r", "box", "ffff"],
        ["label", "-r", "box", "ffff", "-s", "x"],
    ],
    ids=str,
)
def test_who_names_no_run_there_is_told_which_list_counts(desk, far_runs, here, arguments):
    three_runs(far_runs)

    assert "its number in `rundesk list --remote box`." in desk.fails(*arguments).err


def test_a_home_there_that_is_no_directory_is_said_so(desk, far_runs, here, ssh_server):
    (ssh_server.login / "notes").write_text("x")
    (ssh_server.login / "nowhere").symlink_to("gone")
    three_runs(here)
    for name in ("notes", "nowhere"):
        desk("remote", "edit", "box", "--guild-home", name)
        assert (
            f"{ssh_server.login}/{name}, is no directory" in desk.call("remote", "test", "box").err
        )
        assert f"{ssh_server.login}/{name} is no directory." in desk.fails("push", "-y", "box").err

    desk("remote", "edit", "box", "--guild-home", "notes/inner")
    assert f"{ssh_server.login}/notes is no directory." in desk.fails("push", "-y", "box").err
    assert (ssh_server.login / "notes").read_text() == "x"


@pytest.mark.parametrize(
    "arguments",
    [
        ["push"],
        ["sync", "box", "extra"],
        ["pull", "box", "--on-conflict", "nobody"],
        ["push", "box", "--limit", "fast"],
        ["push", "box", "--limit", "-3"],
        ["pull", "box", "--with-env"],
    ],
    ids=str,
)
def test_a_command_line_that_makes_no_sense_is_a_usage_error(desk, far_runs, arguments):
    assert desk.fails(*arguments, code=2).err


def test_the_runs_that_a_remote_had_are_completed(desk, far_runs, monkeypatch):
    three_runs(far_runs)
    desk("list", "-r", "box")
    monkeypatch.setenv("COMP_WORDS", f"rundesk -H {desk.home} pull box b")
    monkeypatch.setenv("COMP_CWORD", "5")
    monkeypatch.setenv("_RUNDESK_COMPLETE", "bash_complete")

    assert desk.call().out.split() == [f"plain,{B[:8]}"]


def test_nothing_is_completed_for_a_remote_that_nobody_knows(desk, far_runs, monkeypatch):
    monkeypatch.setenv("COMP_WORDS", f"rundesk -H {desk.home} pull nobox b")
    monkeypatch.setenv("COMP_CWORD", "5")
    monkeypatch.setenv("_RUNDESK_COMPLETE", "bash_complete")

    assert desk.call().out.split() == []


# What is asked


@pytest.mark.parametrize("command", ["pull", "push", "sync"])
def test_without_a_yes_nothing_travels(desk, far_runs, here, command):
    make_run(far_runs, A)
    make_run(here, B)

    declined = desk.call("-H", str(desk.home), command, "box")

    assert declined.code == 4
    assert declined.err.endswith("-y says yes.\n")
    assert (runs_in(far_runs), runs_in(here)) == ({A}, {B})


def test_a_person_sees_what_would_be_done_and_declines_it(desk, far_runs, here):
    make_run(far_runs, A)

    with Terminal(desk) as terminal:
        terminal.start("pull", "box")
        seen = terminal.wait_for("Pull 1 run?")
        terminal.type("n\n")
        assert terminal.finish() == 4

    assert "You are about to pull 1 run" in seen
    assert A[:8] in seen
    assert runs_in(here) == set()


def test_where_nothing_is_to_be_done_nothing_is_asked(desk, far_runs, here):
    make_run(far_runs, A)
    desk("pull", "-y", "box")

    assert "Pulled 0 runs" in desk("pull", "box").err


@pytest.mark.parametrize("choice", ["mine", "theirs", "both"])
def test_conflicts_stay_unless_it_is_said_what_becomes_of_them(desk, far_runs, here, choice):
    make_run(far_runs, A, files={"out": "first"})
    desk("pull", "-y", "box")
    for folder, text in ((far_runs, "theirs"), (here, "mine!")):
        (folder / A / "out").write_text(text)
        os.utime(folder / A / "out", (2e9, 2e9))

    assert "1 run left as it is." in desk("pull", "-y", "box").err
    desk("pull", "-y", "box", "--on-conflict", choice)

    assert (here / A / "out").read_text() == ("theirs" if choice == "theirs" else "mine!")
    assert len(runs_in(here)) == (2 if choice == "both" else 1)


# What is said


def test_a_dry_run_says_the_plan_and_changes_nothing(desk, far_runs, here):
    make_run(far_runs, A)

    outcome = desk("pull", "box", "--dry-run")

    assert outcome.lines[0].split()[:2] == [A[:8], "new"]
    assert outcome.err == "1 run: 1 new.\n"
    assert runs_in(here) == set()


def test_a_plan_has_its_shape_in_json(desk, far_runs):
    make_run(far_runs, A, files={"out": "x" * 10})

    plan = desk("pull", "box", "--dry-run", "--json").json
    both = desk("sync", "box", "--dry-run", "--json").json

    assert list(plan) == ["direction", "remote", "size", "items"]
    assert (plan["direction"], plan["remote"]) == ("pull", "box")
    (item,) = plan["items"]
    assert item.pop("size") == plan["size"] >= 10
    assert item == {
        "id": A,
        "verdict": "new",
        "to_do": True,
        "running": False,
        "files": 2,
        "differs": [],
        "extra": [],
        "remarks": [],
        "why": None,
    }
    assert [each["direction"] for each in both] == ["pull", "push"]


def test_an_outcome_has_its_shape_in_json(desk, far_runs):
    make_run(far_runs, A, files={"out": "x" * 10})

    outcome = desk("pull", "-y", "box", "--json").json

    assert outcome.pop("sent") >= 10
    assert outcome == {
        "new": [A],
        "updated": [],
        "merged": [],
        "renamed": {},
        "skipped": [],
        "refused": [],
        "verified": "sizes",
        "remarks": [],
        "cancelled": False,
        "left": [],
    }


def test_a_sync_brings_both_sides_what_the_other_has(desk, far_runs, here):
    make_run(far_runs, A)
    make_run(here, B)

    assert "Synced 2 runs" in desk("sync", "-y", "box").err
    assert runs_in(far_runs) == runs_in(here) == {A, B}


def test_a_run_that_cannot_be_copied_makes_the_command_fail_after_the_others(desk, far_runs, here):
    make_run(far_runs, A)
    make_run(far_runs, B)
    (here / B).write_text("in the way")

    outcome = desk.call("-H", str(desk.home), "pull", "-y", "box")

    assert outcome.code == 1
    assert f"Run {B[:8]} was not copied" in outcome.err
    assert (here / A / ".guild/opref").exists()
    assert (here / B).read_text() == "in the way"


def test_the_environment_goes_only_where_that_is_asked_for(desk, far_runs, here):
    make_run(here, A, attrs={"env": "API_TOKEN: hidden"})
    make_run(here, B, attrs={"env": "API_TOKEN: hidden"})

    desk("push", "-y", "box", A)
    desk("push", "-y", "box", "--with-env", B)

    assert not (far_runs / A / ".guild/attrs/env").exists()
    assert (far_runs / B / ".guild/attrs/env").exists()


def test_a_conflict_has_one_line_in_the_plan_of_a_sync(desk, far_runs, here):
    make_run(here, A, files={"file": "new here"})
    make_run(far_runs, A, files={"file": "new there", "another": "one"})
    os.utime(far_runs / A / "file", (1000, 1000))
    make_run(here, B)

    outcome = desk("sync", "--dry-run", "box")

    assert [line.split()[0:2] for line in outcome.lines] == [["pull", A[:8]], ["push", B[:8]]]
    assert outcome.err.count("1 changed on both sides") == 2


# Checksums


def test_what_only_looks_the_same_is_told_and_repaired(desk, far_runs, here):
    three_runs(far_runs)
    desk("pull", "-y", "box")
    found = (here / A / "out").stat()
    (here / A / "out").write_text("y" * 10)
    os.utime(here / A / "out", ns=(found.st_atime_ns, found.st_mtime_ns))

    assert "3 the same" in desk("pull", "-y", "--dry-run", "box").err
    done = "Pulled 0 runs (0 bytes sent).\n2 runs had nothing new."
    said = desk.fails_after(done, "pull", "-y", "--verify", "box").err
    assert f"Run {A[:8]} differs in out. Sizes and times are the same" in said
    desk("pull", "-y", "--verify", "--on-conflict", "theirs", "box")
    assert (here / A / "out").read_text() == "x" * 10


def test_the_settings_let_every_transfer_be_verified(desk, far_runs, here):
    three_runs(far_runs)
    folder = Directories.of_user().config
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "settings.toml").write_text("transfer_verify = true\n")

    assert "Verified by checksums." in desk("pull", "-y", "box").err


# Runs that go on


def test_a_run_that_goes_on_is_followed_until_it_ends(desk, far_runs, here, start_operation):
    three_runs(far_runs)
    (far_runs / A / ".guild/attrs/exit_status").unlink()
    process = start_operation(far_runs / A)

    def end_once_it_is_here():
        wait_until((here / A).exists)
        (far_runs / A / "out").write_text("the end")
        end_well(far_runs / A, process)

    ender = threading.Thread(target=end_once_it_is_here)
    ender.start()
    said = desk("pull", "-y", "box", "--follow").err
    ender.join()

    assert f"Following run {A[:8]} until it ends; Ctrl+C stops." in said
    assert "Pulled 3 runs" in said
    assert desk("info", A, "--json").json["status"] == "completed"
    assert (here / A / "out").read_text() == "the end"


def test_where_nothing_goes_on_nothing_is_followed(desk, far_runs, here):
    three_runs(far_runs)

    said = desk("pull", "-y", "-f", "box", A).err

    assert "Following" not in said
    assert runs_in(here) == {A}


# What interrupted transfers keep


def interrupted_pull(desk, here, far_runs):
    """A pull of a large run that Ctrl+C ended in the middle."""
    make_run(far_runs, A, files={"model.bin": "x" * (40 << 20)})
    with Terminal(desk) as terminal:
        terminal.start("pull", "-y", "--limit", "1M", "box", A)
        terminal.wait_for(*(f"{number / 10:.1f} MB" for number in range(12, 300)))
        os.killpg(terminal.pid, signal.SIGINT)
        terminal.finish()
    assert not (here / A).exists()


def test_what_an_interrupted_pull_keeps_is_erased_when_agreed(desk, far_runs, here):
    interrupted_pull(desk, here, far_runs)
    assert "to go on with" in desk("check").out

    declined = desk.call("-H", str(desk.home), "remote", "discard", "box")
    assert (declined.code, "here and" in declined.err) == (4, True)
    erased = desk("remote", "discard", "-y", "box")

    assert erased.err.startswith("Erased ")
    assert erased.err.endswith(" on box.\n")
    assert desk("remote", "discard", "-y", "box").err == (
        "Interrupted transfers with box keep nothing.\n"
    )
    assert not (desk.home / "incoming").exists()


def test_the_limit_of_the_settings_holds_for_commands_too(desk, far_runs, here):
    settings = Directories.of_user().config / "settings.toml"
    settings.parent.mkdir(parents=True, exist_ok=True)
    settings.write_text("transfer_limit = 100\n")
    make_run(far_runs, A, files={"model.bin": "x" * 120_000})

    began = time.monotonic()
    desk("pull", "-y", "box", A)

    assert time.monotonic() - began > 1.0
