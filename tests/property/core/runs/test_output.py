"""Output of any bytes, with any index beside it, is read line by line as it is on disk."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from core.ansi import plain_text
from core.runs.output import OutputReader, TextPosition
from core.runs.output_lines import BLOCK, LINE_BYTES
from core.runs.output_matchers import Found, Needle, make_matcher
from core.runs.output_regex_process import Finder
from core.runs.output_search import OutputSearch

PIECES = st.one_of(
    st.binary(max_size=30),
    st.sampled_from(
        [b"\n", b"\r\n", b"\r", b"\x1b[31m", b"needle", b"\x1b]0;", b"\xff\xfe", b"\n\n"]
    ),
    st.sampled_from([LINE_BYTES - 1, LINE_BYTES, LINE_BYTES + 1, BLOCK - 3, BLOCK, 2 * BLOCK]).map(
        lambda size: b"x" * size
    ),
)
OUTPUTS = st.lists(PIECES, max_size=25).map(b"".join)


def go_on():
    pass


def run_with(directory, output, index=b""):
    run = Path(directory) / "c3"
    (run / ".guild").mkdir(parents=True)
    (run / ".guild" / "output").write_bytes(output)
    (run / ".guild" / "output.index").write_bytes(index)
    return run


def lines_of(output):
    lines = output.split(b"\n")
    return lines[:-1] if lines[-1] == b"" else lines


@given(OUTPUTS, st.binary(max_size=100))
def test_all_lines_are_read_with_their_places_and_numbers(output, index):
    with tempfile.TemporaryDirectory() as directory:
        reader = OutputReader(run_with(directory, output, index))
        state = list(reader.extend(go_on))[-1]
        window = reader.window(0, 0, len(output) + 1, go_on)

    lines = lines_of(output)
    assert state.lines == len(lines)
    assert [line.number for line in window.lines] == list(range(len(lines)))
    at = 0
    for line, data in zip(window.lines, lines, strict=True):
        assert line.offset == at
        at = min(at + len(data) + 1, len(output))
        assert line.end == at
        if len(data) <= LINE_BYTES:
            assert line.text == plain_text(data.decode("utf-8", "replace"))


@given(OUTPUTS, st.data())
def test_a_window_anywhere_is_a_part_of_the_whole(output, data):
    at = data.draw(st.integers(0, len(output) + 5))
    before, after = data.draw(st.integers(0, 5)), data.draw(st.integers(0, 5))
    with tempfile.TemporaryDirectory() as directory:
        reader = OutputReader(run_with(directory, output))
        uncounted = reader.window(at, before, after, go_on)
        list(reader.extend(go_on))
        whole = reader.window(0, 0, len(output) + 1, go_on)
        window = reader.window(at, before, after, go_on)

        offsets = [line.offset for line in whole.lines]
        here = sum(line.end <= at for line in whole.lines)
        here -= bool(output) and at >= len(output) and not output.endswith(b"\n")
        assert window.lines == whole.lines[max(0, here - before) : here + after + 1]
        assert [line.text for line in uncounted.lines] == [line.text for line in window.lines]
        assert [reader.line_offset(i, go_on) for i in range(len(offsets))] == offsets


@given(OUTPUTS)
def test_a_search_finds_what_a_search_in_the_shown_text_finds(output):
    with tempfile.TemporaryDirectory() as directory:
        reader = OutputReader(run_with(directory, output))
        search = OutputSearch(reader, Needle("needle"))
        state = list(search.extend(go_on))[-1]
        shown = reader.window(0, 0, len(output) + 1, go_on).lines
        found, at = [], TextPosition(0, -1)
        while (match := search.next(at, go_on)) is not None:
            found.append((match.begin.offset, match.begin.column))
            at = match.begin

    expected = [
        (line.offset, match.start())
        for line in shown
        for match in re.finditer("needle", line.text, re.IGNORECASE)
    ]
    assert found == expected
    assert state.count == len(expected)


@given(st.text("abAB \n", max_size=200), st.text("abAB ", min_size=1, max_size=3), st.booleans())
def test_counting_and_finding_agree(text, needle, ignore_case):
    matcher = make_matcher(Needle(needle, ignore_case))

    assert matcher.count(text) == len(matcher.find(text))


@given(
    st.text("ab1 \n", max_size=200),
    st.sampled_from(
        [r"a+b", r"^a", r"b$", r"\d|b ", r"a.b", r"(a|b)1", r"\bb", r"[ab]{2}", r"b+ *$"]
    ),
)
def test_the_fast_way_of_a_regular_expression_finds_what_the_plain_way_finds(text, pattern):
    finder = Finder(pattern, ignore_case=False)
    assert finder._text is not None

    expected = [
        Found(number, match.start(), match.end())
        for number, line in enumerate(text.split("\n"))
        for match in re.finditer(pattern, line)
        if match.group()
    ]
    assert [Found(*found) for found in finder.find(text)] == expected
