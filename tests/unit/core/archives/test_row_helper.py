from __future__ import annotations

import os
import signal

import pytest

from core.archives import row_helper
from core.archives.archive_index import ArchiveIndex
from core.archives.row_helper import RowHelper
from core.archives.source import open_source
from core.index.row import Row
from tests.support.archives import zip_runs
from tests.support.runs import make_run

IDS = [f"{n:032x}" for n in range(1, 900)]
DAMAGED = IDS[-3]


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    """Some hundred runs, one of which cannot be read fully."""
    place = tmp_path_factory.mktemp("many")
    for number, run_id in enumerate(IDS):
        flags = "{" if run_id == DAMAGED else f"lr: {number / 8}\nname: run {number}"
        make_run(place / "runs", run_id, attrs={"flags": flags, "label": f"run {number}"})
    return zip_runs(place / "runs", place / "a.zip")


@pytest.fixture
def helper(archive):
    helper = RowHelper(archive)
    yield helper
    helper.close()


@pytest.fixture
def source(archive):
    source = open_source(archive)
    yield source
    source.close()


def expected(source, run_id):
    return tuple(Row.of(source.run(run_id, brief=True)))


def test_it_answers_with_the_rows_that_are_read_here(helper, source):
    helper.ask(IDS[:3])

    ids, rows = helper.answer(wait=True)

    assert list(ids) == IDS[:3]
    assert rows == [expected(source, run_id) for run_id in IDS[:3]]


def test_a_run_that_is_not_there_is_left_to_whoever_asked(helper):
    helper.ask([IDS[0], "f" * 32])

    assert [row is None for row in helper.answer(wait=True)[1]] == [False, True]


def test_it_takes_two_questions_and_answers_them_in_turn(helper):
    assert helper.answer(wait=False) is None
    helper.ask(IDS[:2])
    helper.ask(IDS[2:4])
    assert not helper.wants_more

    answers = [helper.answer(wait=True)[0] for _ in range(2)]

    assert [list(ids) for ids in answers] == [IDS[:2], IDS[2:4]]
    assert helper.wants_more


def test_one_that_is_killed_leaves_everything_to_whoever_asked(helper):
    os.kill(helper._process.pid, signal.SIGKILL)
    helper._process.wait()

    helper.ask(IDS[:2])

    assert helper.answer(wait=True) == (IDS[:2], [None, None])
    assert not helper.wants_more


def test_one_that_cannot_open_the_archive_answers_nothing(tmp_path):
    helper = RowHelper(tmp_path / "nothing.zip")
    helper.ask(IDS[:2])

    assert helper.answer(wait=True) == (IDS[:2], [None, None])
    assert not helper.wants_more


@pytest.mark.parametrize("is_killed", [False, True])
def test_an_index_knows_the_same_with_and_without_one(source, monkeypatch, is_killed):
    monkeypatch.setattr(row_helper, "WORTH_IT", 10**9)
    alone = ArchiveIndex(source)
    list(alone.refresh(scalars=False))
    monkeypatch.setattr(row_helper, "WORTH_IT", 1)
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    if is_killed:
        asked = RowHelper.ask

        def ask_and_kill(self, ids):
            asked(self, ids)
            if self._process is not None:
                self._process.kill()

        monkeypatch.setattr(RowHelper, "ask", ask_and_kill)
    helped = ArchiveIndex(source)

    changes = list(helped.refresh(scalars=False))

    assert changes[-1].checked == changes[-1].total == len(IDS)
    for run_id in IDS:
        here, there = (i.columns.run(i.columns.slot_of(run_id)) for i in (alone, helped))
        assert here == there
    assert helped.columns.run(helped.columns.slot_of(DAMAGED)).problem


def test_stopping_ends_the_process(source, monkeypatch):
    monkeypatch.setattr(row_helper, "WORTH_IT", 1)
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    started = []
    begin = RowHelper.__init__

    def begin_and_note(self, path):
        begin(self, path)
        started.append(self._process)

    monkeypatch.setattr(RowHelper, "__init__", begin_and_note)
    reading = ArchiveIndex(source).refresh(scalars=False)
    next(reading)

    reading.close()

    assert [process.poll() is not None for process in started] == [True]
