import shutil

import pytest

from core.home import Home
from core.index.index import RunIndex
from core.index.news import News
from core.index.watch import Watch
from core.jobs import JobQueue
from gui.job_bridge import JobBridge
from gui.table.index_feed import IndexFeed
from tests.support.patience import PATIENCE
from tests.support.runs import make_run

A, B = "a" * 32, "b" * 32


@pytest.fixture
def home(tmp_path):
    home = Home(tmp_path / "home")
    make_run(home.runs_dir, A, attrs={"label": "one"})
    return home


@pytest.fixture
def feed(qtbot, home, tmp_path, monkeypatch):
    monkeypatch.setattr("core.index.watch.LIST_SECONDS", 3600.0)  # a listing has its reason
    queue = JobQueue()
    bridge = JobBridge(queue)
    feed = IndexFeed(bridge, RunIndex(home, tmp_path / "cache"))
    with qtbot.waitSignal(feed.settled):
        feed.start()
    yield feed
    feed.stop()
    assert queue.close(PATIENCE)


def label(feed, run_id):
    slot = feed.index.columns.slot_of(run_id)
    return None if slot is None else feed.index.columns.value("label", slot)


def test_everything_is_known_when_it_settles(feed):
    assert feed.is_settled
    assert label(feed, A) == "one"


def test_new_changed_and_gone_runs_arrive_by_themselves(feed, home, qtbot):
    make_run(home.runs_dir, B, attrs={"label": "two"})
    qtbot.waitUntil(lambda: label(feed, B) == "two")

    feed.set_urgent([feed.index.columns.slot_of(A)])
    (home.runs_dir / A / ".guild" / "attrs" / "label").write_text("other\n")
    qtbot.waitUntil(lambda: label(feed, A) == "other")

    shutil.rmtree(home.runs_dir / B)
    qtbot.waitUntil(lambda: label(feed, B) is None)


def test_edit_out_of_sight_arrives_too(feed, home, qtbot):
    (home.runs_dir / A / ".guild" / "attrs" / "label").write_text("other\n")

    qtbot.waitUntil(lambda: label(feed, A) == "other", timeout=15_000)


def test_home_that_vanishes_is_said_and_so_is_its_return(feed, home, qtbot):
    problems = []
    feed.problem.connect(problems.append)

    home.path.rename(home.path.with_name("away"))
    qtbot.waitUntil(lambda: any("is not there now" in problem for problem in problems))
    home.path.with_name("away").rename(home.path)

    qtbot.waitUntil(lambda: problems[-1] == "")
    assert label(feed, A) == "one"


def test_what_is_told_is_seen_before_any_sweep(feed, home, qtbot, monkeypatch):
    monkeypatch.setattr(Watch, "step", lambda *_args, **_kwargs: iter(()))  # no look finds it
    (home.runs_dir / A / ".guild" / "attrs" / "label").write_text("told\n")

    with qtbot.waitSignal(feed.changed) as seen:
        feed.tell(News(touched=((False, A),)))

    assert seen.args[0].changed == (feed.index.columns.slot_of(A),)
    assert label(feed, A) == "told"


def test_a_held_feed_lists_nothing_until_it_is_told(feed, home, qtbot):
    feed.hold()
    make_run(home.runs_dir, B, attrs={"label": "two"})
    feed.look_now()
    qtbot.wait(700)  # nothing may come: there is no condition to wait for
    assert label(feed, B) is None

    feed.tell(News())

    qtbot.waitUntil(lambda: label(feed, B) == "two")
