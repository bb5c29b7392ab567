"""Tests of core/runs/output_search.py and the matchers it uses."""

from __future__ import annotations

import threading

import pytest

from core.errors import Cancelled, QueryError
from core.runs import output_matchers
from core.runs.output import OutputReader, TextPosition
from core.runs.output_matchers import Found, Needle, make_matcher
from core.runs.output_pages import PAGE
from core.runs.output_search import OutputSearch
from tests.support.patience import PATIENCE

SCRIPT = output_matchers._SCRIPT


def go_on():
    pass


@pytest.fixture
def run(tmp_path):
    (tmp_path / "b2" / ".guild").mkdir(parents=True)
    return tmp_path / "b2"


@pytest.fixture
def search(run):
    searches = []

    def start(data, needle):
        (run / ".guild" / "output").write_bytes(data)
        searches.append(OutputSearch(OutputReader(run), needle))
        return searches[-1]

    yield start
    for one in searches:
        one.close()


def state_of(search):
    return list(search.extend(go_on))[-1]


@pytest.mark.parametrize(
    ("needle", "count"),
    [
        (Needle("loss"), 3),
        (Needle("loss", ignore_case=False), 2),
        (Needle("é"), 2),
        (Needle("l.ss"), 0),
        (Needle(""), 0),
        (Needle("l.ss", is_regex=True), 3),
        (Needle("^loss", is_regex=True), 2),
        (Needle("x*", is_regex=True), 0),
        (Needle("[^z]*1$", is_regex=True), 1),
        (Needle(r"loss:\s\d", is_regex=True), 3),
    ],
)
def test_matches_are_counted_in_the_text_as_shown(search, needle, count):
    found = search(b"loss: 1\nthe \x1b[31mlo\x1b[0mss: 2 \xc3\xa9\r\nLOSS: 3 \xc3\x89", needle)

    assert state_of(found).count == count


def test_next_and_previous_walk_over_all_matches_of_all_pages(search):
    lines = [b"needle %d needle" % i if i % 5000 == 0 else b"hay %d" % i for i in range(60_000)]
    data = b"\n".join(lines)
    assert len(data) > 2 * PAGE
    found = search(data, Needle("needle"))

    assert state_of(found).count == 24
    at, numbers, forward = TextPosition(0, -1), [], []
    while (match := found.next(at, go_on)) is not None:
        numbers.append(match.number)
        forward.append(match)
        at = match.begin
    assert numbers == list(range(1, 25))
    at, back = TextPosition(len(data) + 1, 0), []
    while (match := found.next(at, go_on, forward=False)) is not None:
        back.append(match)
        at = match.begin
    assert back == forward[::-1]
    assert all(data[m.begin.offset + m.begin.column :].startswith(b"needle") for m in forward)


def test_a_search_goes_on_where_the_output_grew(search, run):
    found = search(b"a needle\nhalf a nee", Needle("needle"))
    assert state_of(found).count == 1

    with (run / ".guild" / "output").open("ab") as file:
        file.write(b"dle\n")

    assert state_of(found).count == 2
    assert found.next(TextPosition(9, 0), go_on).number == 2


def test_a_search_begins_anew_when_the_run_does(search, run):
    found = search(b"needle\n" * 10, Needle("needle"))
    first = state_of(found)

    (run / ".guild" / "output").write_bytes(b"one needle\n")
    second = state_of(found)

    assert (first.count, second.count) == (10, 1)
    assert first.generation != second.generation


def test_a_match_in_an_unfinished_last_line_is_found_from_both_sides(search):
    found = search(b"x\nneedle", Needle("needle"))
    state_of(found)

    assert found.next(TextPosition(0, 0), go_on).begin == TextPosition(2, 0)
    assert found.next(TextPosition(9, 0), go_on, forward=False).begin == TextPosition(2, 0)


def test_very_long_lines_are_searched_as_far_as_they_are_shown(search):
    found = search(b"needle " + b"x" * PAGE * 3 + b" needle\nneedle\n", Needle("needle"))

    assert state_of(found).count == 2


def test_a_bad_expression_says_where(search):
    with pytest.raises(QueryError, match="unterminated") as caught:
        search(b"x\n", Needle("loss (", is_regex=True))

    assert caught.value.position == 5


def test_an_expression_without_end_is_stopped(search, monkeypatch):
    monkeypatch.setattr(output_matchers, "LIMIT_SECONDS", 0.3)
    found = search(b"a" * 60 + b"!\n", Needle("(a+)+$", is_regex=True))

    with pytest.raises(QueryError, match="takes too long"):
        state_of(found)
    with pytest.raises(QueryError, match="takes too long"):
        found.find_in(["a"])


def test_a_process_that_begins_late_is_not_taken_for_a_search_without_end(
    search, monkeypatch, tmp_path
):
    script = tmp_path / "late.py"
    script.write_text(f"import time; time.sleep(1); exec(open({str(SCRIPT)!r}).read())")
    monkeypatch.setattr(output_matchers, "_SCRIPT", script)
    monkeypatch.setattr(output_matchers, "LIMIT_SECONDS", 0.3)
    monkeypatch.setattr(output_matchers, "_LATE", PATIENCE / 0.3)

    assert state_of(search(b"aa\n", Needle("a+", is_regex=True))).count == 1


def test_closing_ends_a_search_that_is_busy(search, monkeypatch):
    monkeypatch.setattr(output_matchers, "LIMIT_SECONDS", 3600.0)  # not that it took too long
    found = search(b"a" * 60 + b"!\n", Needle("(a+)+$", is_regex=True))
    ended = []

    def work():
        try:
            state_of(found)
        except Cancelled:
            ended.append("cancelled")

    thread = threading.Thread(target=work)
    thread.start()
    found.close()
    thread.join(PATIENCE)

    assert ended == ["cancelled"]


def test_a_cancelled_search_can_go_on(search):
    found = search(b"needle\n" * PAGE, Needle("needle"))
    steps = found.extend(go_on)
    next(steps)
    steps.close()

    assert state_of(found).count == PAGE


def test_matches_in_shown_lines_are_marked_by_line(search):
    found = search(b"x", Needle("ab"))

    assert found.find_in(["ab ab", "", "xAB"]) == [Found(0, 0, 2), Found(0, 3, 5), Found(2, 1, 3)]


def test_text_without_ascii_is_found_whatever_its_case():
    matcher = make_matcher(Needle("ÄRGER"))

    assert matcher.count("ärger\nÄrger") == 2
    assert matcher.find("x\nein ärger") == [Found(1, 4, 9)]


def test_a_match_ahead_is_found_before_all_that_comes_first_was_looked_through(search):
    lines = b"some words on a line\n" * (3 * PAGE // 21)
    found = search(
        lines + b"\x1b[31mneedle\x1b[0m one\n" + lines + b"needle two\n", Needle("needle")
    )

    first = found.ahead(TextPosition(0, -1), go_on)
    second = found.ahead(first.begin, go_on)

    assert (first.begin, first.number) == (TextPosition(len(lines), 0), 0)
    assert second.begin.offset > 2 * len(lines)
    assert found.ahead(second.begin, go_on) is None
