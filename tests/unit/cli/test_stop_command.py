"""`stop`, and what `delete` offers for runs that are running."""

from __future__ import annotations

import socket

import pytest

from core.runs import stop as stop_module
from tests.support.answers import Terminal
from tests.support.patience import PATIENCE
from tests.support.processes import STUBBORN
from tests.support.runs import make_run

A, B = "ab12" * 8, "cd34" * 8


@pytest.fixture(autouse=True)
def nobody_writes_the_end(monkeypatch):
    """Here no supervisor writes how a run ended, so that it is not waited for long."""
    monkeypatch.setattr(stop_module, "SETTLE_SECONDS", 0.1)


@pytest.fixture
def runs(desk):
    for run_id in (A, B):
        make_run(
            desk.home / "runs",
            run_id,
            attrs={"host": socket.gethostname(), "exit_status": "-15", "label": run_id[:2]},
        )
    return desk.home / "runs"


def test_a_run_is_stopped_and_said_what_became_of_it(desk, runs, start_operation):
    process = start_operation(runs / A)

    outcome = desk("stop", "-y", A)

    assert outcome.err == f"Stopping {A}\nRun {A[:8]} is terminated now (-15).\n"
    assert process.wait(PATIENCE) == -15


@pytest.mark.parametrize("option", ["--force", "--timeout=0.2"])
def test_what_does_not_listen_is_killed(desk, runs, start_operation, option):
    process = start_operation(runs / A, STUBBORN)

    assert "1 process killed" in desk("stop", "-y", option, A).err
    assert process.wait(PATIENCE) == -9


def test_without_waiting_the_run_is_only_asked(desk, runs, start_operation):
    process = start_operation(runs / A, STUBBORN)

    assert desk("stop", "-yn", A).err == f"Stopping {A}\n"
    assert process.poll() is None


def test_filters_choose_among_running_runs(desk, runs, start_operation):
    process = start_operation(runs / A)

    assert B not in desk("stop", "-y", "-Sr").err
    assert process.wait(PATIENCE) == -15
    assert "None of the runs" in desk.fails("stop", "-y", "-Fl", "cd").err


def test_a_named_run_that_does_not_run_is_an_error(desk, runs):
    outcome = desk.fails("stop", "-y", B)

    assert outcome.err == f"rundesk: Run {B[:8]} cannot be stopped: it is not running.\n"


def test_killing_at_once_excludes_waiting(desk, runs):
    assert desk.fails("stop", "--force", "-n", A, code=2)


def test_without_a_terminal_nothing_is_stopped(desk, runs, start_operation):
    process = start_operation(runs / A)

    assert desk.call("-H", str(desk.home), "stop", A).code == 4
    assert process.poll() is None


def test_deleting_a_running_run_is_refused(desk, runs, start_operation):
    start_operation(runs / A)

    outcome = desk.fails_after("Deleted 1 run.", "delete", "-y", A, B)

    assert f"Run {A[:8]} cannot be deleted: it is running" in outcome.err
    assert "Stop a running run first: rundesk stop RUN." in outcome.err
    assert [path.name for path in runs.iterdir()] == [A]


@pytest.mark.parametrize("answer", ["y", ""])
def test_on_a_terminal_a_running_run_can_be_stopped_first(desk, runs, start_operation, answer):
    process = start_operation(runs / A)

    with Terminal(desk) as terminal:
        terminal.start("delete", A, B)
        terminal.wait_for("(Y/n)")
        terminal.type("y\n")
        terminal.wait_for("1 run is still running. Stop and go on? (y/N)")
        if answer:
            terminal.type(f"{answer}\n")
            assert process.wait(PATIENCE) == -15
            # As its supervisor does; of one that is very late the run is gone without it.
            (runs / A / ".guild" / "LOCK").unlink(missing_ok=True)
        else:
            terminal.type("\n")
        code = terminal.finish()

    assert (runs / A).exists() is (answer == "")
    assert not (runs / B).exists()
    assert code == (0 if answer else 1)


def test_a_run_that_ends_while_the_question_stands_is_deleted(desk, runs, start_operation):
    process = start_operation(runs / A)

    with Terminal(desk) as terminal:
        terminal.start("delete", A)
        terminal.wait_for("(Y/n)")
        terminal.type("y\n")
        terminal.wait_for("1 run is still running. Stop and go on? (y/N)")
        process.kill()
        process.wait()
        terminal.type("y\n")
        code = terminal.finish()

    assert code == 0
    assert not (runs / A).exists()
