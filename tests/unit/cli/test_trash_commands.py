"""`delete`, `restore` and `purge`: what they take, ask, refuse and say."""

from __future__ import annotations

import os
import re

import pytest

from tests.support.answers import Terminal
from tests.support.runs import make_run

A, B, C = "ab12" * 8, "ab34" * 8, "cd56" * 8


@pytest.fixture
def runs(desk):
    """Three runs, A the newest."""
    for start, (run_id, label) in enumerate([(C, "third"), (B, "second"), (A, "first")]):
        make_run(
            desk.home / "runs",
            run_id,
            attrs={"id": run_id, "started": f"170000000000000{start}", "label": label},
            files={"model": b"x" * 1000},
        )
    return desk.home / "runs"


@pytest.fixture
def trash(desk):
    return desk.home / "trash" / "runs"


def names(directory):
    return sorted(path.name for path in directory.iterdir()) if directory.exists() else []


def test_a_deleted_run_is_in_the_trash(desk, runs, trash):
    outcome = desk("delete", "-y", A)

    assert outcome.err == "Deleted 1 run.\n"
    assert outcome.data == b""
    assert names(runs) == [B, C]
    assert names(trash) == [A]


@pytest.mark.parametrize(
    ("arguments", "left"),
    [
        (["1"], [B, C]),
        (["2:"], [A]),
        ([":"], []),
        (["cd", "1"], [B]),
        (["-Fl", "second"], [A, C]),
        (["-Fl", "ir", "1"], [B, C]),
        (["-F", "label = third"], [A, B]),
    ],
)
def test_runs_are_named_or_chosen_as_in_guild(desk, runs, arguments, left):
    desk("delete", "-y", *arguments)

    assert names(runs) == left


@pytest.mark.parametrize("filters", [[], ["-Fl", ""], ["-Fo", "", "-Fc", ""]], ids=" ".join)
@pytest.mark.parametrize("command", ["delete", "restore", "purge", "stop"])
def test_nothing_named_is_an_error_and_not_all(desk, runs, trash, command, filters):
    desk("delete", "-y", C)

    outcome = desk.fails(command, "-y", *filters)

    assert "No run is named." in outcome.err
    assert names(runs) == [A, B]
    assert names(trash) == [C]


def test_filters_that_match_nothing_are_an_error(desk, runs):
    assert "No run matches the filters." in desk.fails("delete", "-y", "-Fl", "none").err


def test_a_beginning_of_several_ids_is_refused(desk, runs):
    assert "matches 2 runs" in desk.fails("delete", "-y", "ab").err
    assert names(runs) == [A, B, C]


def test_restore_and_purge_look_in_the_trash(desk, runs, trash):
    desk("delete", "-y", A, B)

    assert desk("restore", "-y", "1").err == "Restored 1 run.\n"
    assert desk("purge", "-y", B).err.startswith("Permanently deleted 1 run. 1.")

    assert names(runs) == [A, C]
    assert names(trash) == []


def test_deleting_permanently_keeps_nothing(desk, runs, trash):
    desk("delete", "-yp", A)

    assert names(runs) == [B, C]
    assert names(trash) == []


def test_restoring_onto_a_run_that_is_there_is_refused(desk, runs, trash):
    desk("delete", "-y", A)
    make_run(runs, A, attrs={"label": "new"})

    outcome = desk.fails("restore", "-y", A)

    assert " 0 runs" not in outcome.err
    assert f"Run {A[:8]} cannot be restored: there is a run {A[:8]} already." in outcome.err
    assert names(trash) == [A]


def test_what_could_be_done_is_done_and_the_rest_is_told(desk, runs, trash):
    (runs / B / ".guild" / "LOCK").write_text(str(os.getpid()))
    (runs / B / ".guild" / "attrs" / "host").write_text("some-other-machine\n")

    outcome = desk.fails_after("Deleted 2 runs.", "delete", "-y", ":")

    assert "it may still be running on some-other-machine" in outcome.err
    assert names(runs) == [B]


@pytest.mark.parametrize(
    "arguments", [["delete", A], ["delete", "-p", A], ["restore", C], ["purge", C]]
)
def test_without_a_terminal_a_question_counts_as_declined(desk, runs, trash, arguments):
    desk("delete", "-y", C)

    outcome = desk.call("-H", str(desk.home), *arguments)

    assert outcome.code == 4
    assert "Nobody can answer here" in outcome.err
    assert names(runs) == [A, B]
    assert names(trash) == [C]


def test_the_question_names_count_bytes_and_up_to_five_runs(desk, runs, trash):
    for number in range(5):
        make_run(runs, f"{number}" * 32, attrs={"label": f"label {number}"})

    with Terminal(desk) as terminal:
        terminal.start("delete", ":")
        asked = terminal.wait_for("(Y/n)")
        terminal.type("n\n")
        code = terminal.finish()

    assert code == 4
    assert "You are about to delete 8 runs (3.5 KB):" in asked
    assert "  ab12ab12  train.py  first" in asked
    assert asked.count("train.py") == 5
    assert "  and 3 more" in asked
    assert len(names(runs)) == 8


@pytest.mark.parametrize(
    ("arguments", "answer", "is_done"),
    [
        (["delete", A], "\n", True),
        (["delete", A], "nonsense\nY\n", True),
        (["delete", A], "no\n", False),
        (["delete", "-p", A], "\n", False),
        (["delete", "-p", A], "yes\n", True),
        (["delete", A], "\x04", False),
    ],
)
def test_an_empty_answer_means_yes_only_where_nothing_is_lost(
    desk, runs, arguments, answer, is_done
):
    with Terminal(desk) as terminal:
        terminal.start(*arguments)
        terminal.wait_for("n) ", "N) ")
        terminal.type(answer)
        code = terminal.finish()

    assert code == (0 if is_done else 4)
    assert (runs / A).exists() is not is_done


@pytest.mark.parametrize("command", ["delete", "mark", "label -s x", "tag -a x", "comment -c"])
def test_the_first_runs_of_a_question_are_those_of_the_list(desk, runs, command):
    for number in range(9):  # names in an order of their own
        attrs = {"started": f"18000000000000{number}0", "label": f"run {number}"}
        make_run(runs, f"{(number * 7) % 10}" * 32, attrs=attrs)

    asked = desk.call("-H", str(desk.home), *command.split(), ":").err

    assert re.findall(r"run (\d)", asked) == ["8", "7", "6", "5", "4"]


def test_trials_go_along_when_asked_for(desk, runs, trash):
    batch = make_run(runs, "f" * 32, files={".guild/proto/.guild/opref": "x"})
    for run_id in (A, B):
        (batch / run_id).symlink_to(f"../{run_id}")
    other = make_run(runs, "e" * 32, attrs={"steps": "[]"})
    (other / "step").symlink_to(f"../{B}")

    desk("delete", "-y", "--with-trials", "f" * 32)

    assert names(trash) == [A, "f" * 32]

    desk("restore", "-y", "--with-trials", "f" * 32)
    assert names(trash) == []


def test_trials_of_a_running_batch_stay_with_it(desk, runs, trash, start_operation):
    batch = make_run(runs, "f" * 32, files={".guild/proto/.guild/opref": "x"})
    (batch / A).symlink_to(f"../{A}")
    start_operation(batch)

    outcome = desk.fails("delete", "-y", "--with-trials", "f" * 32)

    assert f"Run {A[:8]} cannot be deleted: it belongs to run ffffffff, which stays." in outcome.err
    assert names(trash) == []

    desk.fails("delete", "-py", "--with-trials", "f" * 32)
    assert names(runs) == [A, B, C, "f" * 32]


def test_trials_go_with_their_batch_when_it_is_stopped_first(desk, runs, trash, start_operation):
    batch = make_run(runs, "f" * 32, files={".guild/proto/.guild/opref": "x"})
    (batch / A).symlink_to(f"../{A}")
    start_operation(batch)

    with Terminal(desk) as terminal:
        terminal.start("delete", "--with-trials", "ff")
        terminal.wait_for("(Y/n)")
        terminal.type("y\n")
        terminal.wait_for("Stop and go on?")
        terminal.type("y\n")
        terminal.finish()

    assert names(trash) == [A, "f" * 32]


def test_a_question_says_that_trials_belong_to_the_runs(desk, runs):
    batch = make_run(runs, "f" * 32, files={".guild/proto/.guild/opref": "x"})
    (batch / A).symlink_to(f"../{A}")

    with Terminal(desk) as terminal:
        terminal.start("delete", "ff")
        asked = terminal.wait_for("(Y/n)")
        terminal.type("n\n")
        terminal.finish()

    assert "1 trial or step belongs to these runs only" in asked


def test_completion_offers_what_the_command_takes(desk, runs, monkeypatch, user_home):
    desk("delete", "-y", C)

    def completed(line):
        monkeypatch.setenv("COMP_WORDS", f"rundesk -H {desk.home} {line}")
        monkeypatch.setenv("COMP_CWORD", str(3 + line.count(" ")))
        monkeypatch.setenv("_RUNDESK_COMPLETE", "bash_complete")
        found = desk.call().out
        monkeypatch.delenv("_RUNDESK_COMPLETE")
        return [row.partition(",")[2] for row in found.splitlines()]

    assert completed("delete ") == [A[:8], B[:8]]
    assert completed("purge ") == [C[:8]]
    assert completed("restore ") == [C[:8]]


def test_many_moved_runs_are_found_where_they_are_by_the_next_command(desk, runs, trash):
    ids = sorted(f"{number:032x}" for number in range(120))
    for run_id in ids:
        make_run(runs, run_id, attrs={"label": f"of {run_id[-3:]}"})
    desk("list", "--json")

    desk("delete", "-y", *ids)

    deleted = {run["id"]: run["label"] for run in desk("list", "--deleted", "--json").json}
    assert deleted == {run_id: f"of {run_id[-3:]}" for run_id in ids}
    assert sorted(run["id"] for run in desk("list", "--json").json) == [A, B, C]
    desk("restore", "-y", ":")
    assert len(desk("list", "--json").json) == 123
    assert desk("list", "--deleted", "--json").json == []


def test_what_an_earlier_purge_left_and_cannot_be_erased_is_told(desk, runs, trash, make_disk):
    desk("delete", "-y", A)
    left = trash / ".rundesk" / "removed-abcdefgh" / "mounted"
    make_disk(left)

    outcome = desk("purge", "-y", A)

    assert outcome.err.splitlines()[0].startswith("Files of erased runs are left in ")
    assert outcome.err.splitlines()[-1].startswith("Permanently deleted 1 run.")


def test_the_next_delete_or_restore_erases_what_a_killed_one_left(desk, runs, trash):
    for command, place in (("delete", trash), ("restore", runs)):
        half = place / ".rundesk" / "copy-abcdefgh"
        half.mkdir(parents=True)
        (half / "model").write_text("half")

        desk(command, "-y", A)

        assert not (place / ".rundesk").exists()


@pytest.mark.parametrize("permanent", [[], ["-p"]], ids=["trash", "permanent"])
def test_where_all_runs_are_refused_nothing_is_said_of_none(desk, runs, permanent):
    (runs / A / ".guild" / "LOCK").write_text(str(os.getpid()))
    (runs / A / ".guild" / "attrs" / "host").write_text("some-other-machine\n")

    outcome = desk.fails("delete", "-y", *permanent, A)

    assert "it may still be running on some-other-machine" in outcome.err
    assert " 0 runs" not in outcome.err


def test_an_id_that_is_twice_in_the_trash_is_named_whole(desk, runs, trash):
    desk("delete", "-y", A)
    make_run(runs, A, attrs={"label": "new"})
    desk("delete", "-y", A)
    twice = [name for name in names(trash) if name.startswith(A)]
    assert len(twice) == 2

    said = desk.fails("restore", "-y", A[:20]).err

    for name in twice:
        assert f"{name}," in said or f"{name})" in said
