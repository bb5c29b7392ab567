"""Words of labels are found in a time that has an end, whatever the pattern."""

from __future__ import annotations

import re
import threading
import time

import pytest

from core.errors import Cancelled, QueryError
from core.runs import output_matchers
from core.runs.change import RemoveFromLabel, apply
from core.runs.label_words import LONGEST, LabelWords, is_quick, word_pattern
from core.runs.store import Store
from tests.support.patience import PATIENCE
from tests.support.processes import wait_until
from tests.support.runs import make_run

ENDLESS = "(a+)+b"
HOSTILE = "a" * 60
RUNS = ["a" * 32, "b" * 32]


@pytest.fixture
def words():
    words = LabelWords()
    yield words
    words.close()


@pytest.mark.parametrize(
    "pattern",
    [
        "best",
        r"lr=0\.1",
        "seed=.*",
        "v[0-9]+",
        r"\d{3}",
        "(?:a|b)",
        "[*+]+",
        r"\(a\)+",
        "",
        "^x",
        "red|green|blue",
    ],
)
def test_ordinary_patterns_are_searched_here(pattern):
    assert is_quick(pattern, "a label")


@pytest.mark.parametrize(
    "pattern",
    [
        ENDLESS,
        "(a|a)*",
        "a*a*",
        "(?:.*)+",
        "a?" * 20 + "a" * 20,
        r"(.*)\1",
        "(ab){99}",
        "[)]+.*",
        "(a|a)" * 30,
        "(?P<n>.*)(?P=n)",
    ],
)
def test_patterns_that_may_search_without_end_are_not(pattern):
    assert not is_quick(pattern, "a label")


def test_no_pattern_is_searched_here_in_a_huge_label():
    assert not is_quick("best", "x" * (LONGEST + 1))


@pytest.mark.parametrize("pattern", [".*x", r"\s*x", r"[^x]*x", "(?:x|.)y*", r".{0,2000}x"])
def test_the_worst_of_what_is_searched_here_ends_soon(words, pattern):
    label = f"y{' ' * (LONGEST - 2)}y"
    assert is_quick(pattern, label)
    began = time.process_time()

    words.find(label, pattern)

    assert time.process_time() - began < 0.5


@pytest.mark.parametrize(
    "label", ["", "aab", "x aab y", "aab aab\naab", "aab\n", "é aaab é", "nothing"]
)
def test_a_process_finds_what_is_found_here(words, label):
    assert not is_quick(ENDLESS, label)

    found = words.find(label, ENDLESS)

    assert found == [match.span() for match in re.finditer(word_pattern(ENDLESS), label)]


def test_a_search_without_end_is_ended_and_the_next_is_refused_at_once(words, monkeypatch):
    for limit in (0.3, PATIENCE):
        monkeypatch.setattr(output_matchers, "LIMIT_SECONDS", limit)
        began = time.monotonic()
        with pytest.raises(QueryError, match=r"'\(a\+\)\+b' takes too long on its label"):
            words.find(HOSTILE, ENDLESS)

    assert time.monotonic() - began < PATIENCE


def test_a_search_is_ended_from_another_thread(words):
    def end():
        wait_until(lambda: words._matchers)
        words.close()

    thread = threading.Thread(target=end)
    thread.start()

    with pytest.raises(Cancelled):
        words.find(HOSTILE, ENDLESS)

    thread.join()


def test_runs_whose_labels_take_too_long_are_refused_and_the_others_changed(tmp_path, monkeypatch):
    monkeypatch.setattr(output_matchers, "LIMIT_SECONDS", 0.3)
    monkeypatch.setattr(output_matchers, "_LATE", PATIENCE / 0.3)  # only what it works counts
    for run_id, label in zip(RUNS, (f"aab {'c' * 9}", HOSTILE), strict=True):
        make_run(tmp_path, run_id, attrs={"label": label})
    change = RemoveFromLabel((ENDLESS,))

    outcome = apply(Store(tmp_path), RUNS, change, advance=lambda _: None)

    assert outcome.changed == (RUNS[0],)
    assert Store(tmp_path).read(RUNS[0]).label == "c" * 9
    assert [(r.run_id, r.reason) for r in outcome.refused] == [
        (RUNS[1], "Run bbbbbbbb cannot be changed: '(a+)+b' takes too long on its label.")
    ]
    assert change == RemoveFromLabel((ENDLESS,))
    assert change._words == LabelWords()  # its process has ended
