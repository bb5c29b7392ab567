from __future__ import annotations

from core.errors import Cancelled
from core.home import Home
from core.runs.purge import can_finish
from gui.changing.commands import PurgeRuns
from gui.changing.home_runs import HomeRuns
from tests.support.runs import make_run

A = "a" * 32


def test_a_purge_that_is_cancelled_within_a_run_says_what_is_left(tmp_path):
    home = Home(tmp_path)
    files = {f"d{n}/f{m}": "" for n in range(40) for m in range(100)}
    run_dir = make_run(home.runs_dir, A, files=files)

    def advance(_count: int) -> None:
        if not run_dir.exists():
            raise Cancelled

    result = PurgeRuns(HomeRuns(home), (A,), from_trash=False).run(advance)

    assert result.done == (A,)
    assert result.cancelled
    assert can_finish(home)
    assert result.problem.startswith("Files of it are left")


def test_a_purge_that_is_done_says_nothing_more(tmp_path):
    home = Home(tmp_path)
    make_run(home.runs_dir, A)

    assert PurgeRuns(HomeRuns(home), (A,), from_trash=False).run(lambda _count: None).problem == ""
