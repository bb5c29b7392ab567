"""Tests of core/runs/output.py and the modules beside it that it reads with."""

from __future__ import annotations

import os
import struct

import pytest

from core.ansi import Span, Style
from core.errors import Cancelled, OutputMissing, RunError
from core.runs.output import OutputReader, TextPosition, follow_output
from core.runs.output_lines import BLOCK, LINE_BYTES
from core.runs.output_times import LineRecord

NOW = 1_700_000_000_000


def go_on():
    pass


@pytest.fixture
def run(tmp_path):
    path = tmp_path / "runs" / ("a1" * 16)
    (path / ".guild" / "attrs").mkdir(parents=True)
    return path


def write(run, data):
    (run / ".guild" / "output").write_bytes(data)


def append(run, data):
    with (run / ".guild" / "output").open("ab") as file:
        file.write(data)


def write_index(run, *records):
    data = b"".join(struct.pack(">QB", NOW + time, stream) for time, stream in records)
    (run / ".guild" / "output.index").write_bytes(data)


def state_of(reader):
    return list(reader.extend(go_on))[-1]


def texts(window):
    return [line.text for line in window.lines]


def test_lines_are_split_at_line_feeds_only(run):
    write(run, b"one\n\ntwo\x0b\x1c\xe2\x80\xa8x\r\nlast")
    reader = OutputReader(run)

    state = state_of(reader)
    window = reader.window(0, 0, 10, go_on)

    assert state.lines == 4
    assert texts(window) == ["one", "", "twox", "last"]
    assert [line.number for line in window.lines] == [0, 1, 2, 3]
    assert window.is_at_end


def test_streams_and_times_come_from_the_index(run):
    write(run, b"out\nerr\nmore\n")
    write_index(run, (0, 0), (5, 1))
    reader = OutputReader(run)
    state_of(reader)

    window = reader.window(0, 0, 10, go_on)

    assert [line.record for line in window.lines] == [
        LineRecord(NOW, 0),
        LineRecord(NOW + 5, 1),
        LineRecord(),
    ]


def test_an_index_longer_than_the_output_or_of_rubbish_is_tolerated(run):
    write(run, b"a\nb\n")
    (run / ".guild" / "output.index").write_bytes(b"\xff" * 50)
    reader = OutputReader(run)
    state_of(reader)

    assert [line.record for line in reader.last(5, go_on).lines] == [LineRecord(), LineRecord()]


def test_relative_times_count_from_the_start_of_the_run(run):
    write(run, b"a\n")
    write_index(run, (2000, 0))
    reader = OutputReader(run)
    assert state_of(reader).base_time == NOW + 2000

    (run / ".guild" / "attrs" / "started").write_text(f"{NOW * 1000}\n")

    assert state_of(OutputReader(run)).base_time == NOW


def test_the_end_is_there_before_anything_is_counted(run):
    write(run, b"".join(b"line %d\n" % i for i in range(50_000)))
    reader = OutputReader(run)

    before = reader.last(3, go_on)
    state_of(reader)
    after = reader.last(3, go_on)

    assert texts(before) == texts(after) == ["line 49997", "line 49998", "line 49999"]
    assert [line.number for line in before.lines] == [None] * 3
    assert [line.number for line in after.lines] == [49997, 49998, 49999]


def test_a_window_in_the_middle_holds_what_was_asked_for(run):
    lines = [b"line %d\n" % i for i in range(50_000)]
    write(run, b"".join(lines))
    reader = OutputReader(run)
    state_of(reader)
    at = sum(map(len, lines[:30_000])) + 3

    window = reader.window(at, 2, 2, go_on)

    assert texts(window) == [f"line {i}" for i in range(29_998, 30_003)]
    assert window.lines[2].number == 30_000
    assert reader.line_offset(30_000, go_on) == window.lines[2].offset
    assert reader.line_offset(50_000, go_on) is None


def test_a_line_of_many_megabytes_is_cut_and_stepped_over(run):
    length = 20_000_000
    write(run, b"before\n" + b"x" * length + b"\nafter\n")
    for reader in (OutputReader(run), OutputReader(run)):
        window = reader.window(7 + length // 2, 1, 1, go_on)
        assert [len(text) for text in texts(window)] == [6, LINE_BYTES, 5]
        assert window.lines[1].hidden == length - LINE_BYTES
        assert texts(reader.last(3, go_on))[2] == "after"
        state_of(reader)
    assert [line.number for line in reader.last(3, go_on).lines] == [0, 1, 2]


def test_a_cut_line_does_not_end_in_half_a_character(run):
    write(run, "漢".encode() * LINE_BYTES)

    line = OutputReader(run).window(0, 0, 0, go_on).lines[0]

    assert set(line.text) == {"漢"}
    assert line.hidden + len(line.text.encode()) == 3 * LINE_BYTES


def test_of_a_long_progress_bar_the_last_state_is_shown(run):
    bar = b"".join(b"\r%6d/99999 [%s]" % (i, b"#" * 40) for i in range(100_000))
    write(run, b"start\n" + bar)

    assert texts(OutputReader(run).last(1, go_on))[-1] == f" 99999/99999 [{'#' * 40}]"


def test_bytes_that_are_not_utf8_are_shown_as_replacement(run):
    write(run, b"caf\xe9 \xff\n")

    assert texts(OutputReader(run).last(1, go_on)) == ["caf\ufffd \ufffd"]


def test_a_style_goes_on_into_a_window_further_down(run):
    write(run, b"\x1b[31mred\nstill red\nstill\n")

    window = OutputReader(run).last(1, go_on)

    assert window.lines[0].spans == (Span(0, 5, Style(fg=1)),)


def test_only_what_was_added_is_counted(run):
    write(run, b"one\ntw")
    reader = OutputReader(run)
    first = state_of(reader)

    append(run, b"o\nthree\n")
    second = state_of(reader)

    assert (first.lines, second.lines) == (2, 3)
    assert first.generation == second.generation
    assert second.is_counted
    assert texts(reader.last(3, go_on)) == ["one", "two", "three"]


def test_a_restarted_run_is_read_from_its_beginning(run):
    write(run, b"first attempt\n" * 100)
    reader = OutputReader(run)
    first = state_of(reader)

    write(run, b"second\n")
    second = state_of(reader)

    assert second.generation != first.generation
    assert second.lines == 1


def test_a_restart_that_outgrew_the_old_output_is_noticed_by_its_times(run):
    write(run, b"epoch 1\n")
    write_index(run, (0, 0))
    reader = OutputReader(run)
    first = state_of(reader)

    write(run, b"epoch 1\nepoch 2\n")
    write_index(run, (70_000, 0), (80_000, 0))

    assert state_of(reader).generation != first.generation


def test_progress_of_counting_is_published_and_can_be_cancelled(run):
    write(run, b"")
    os.truncate(run / ".guild" / "output", 400_000_000)
    reader = OutputReader(run)

    states = list(reader.extend(go_on))

    assert [state.counted for state in states] == sorted(state.counted for state in states)
    assert states[-1].is_counted
    assert states[-1].lines == 1
    with pytest.raises(Cancelled):
        list(OutputReader(run).extend(_cancel))


def _cancel():
    raise Cancelled


def test_missing_and_empty_output_are_one_sentence(run):
    reader = OutputReader(run)
    assert state_of(reader).problem == "There is no output of run a1a1a1a1."

    write(run, b"")
    assert state_of(reader).problem == "Run a1a1a1a1 has written no output yet."

    append(run, b"x")
    assert state_of(reader).problem == ""


def test_what_is_no_file_is_not_read(run, tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("not of this run")
    (run / ".guild" / "output").symlink_to(secret)

    problem = state_of(OutputReader(run)).problem

    assert problem.startswith("The output of run a1a1a1a1 cannot be read: it is a link,")
    with pytest.raises(RunError, match="link"):
        OutputReader(run).window(0, 0, 1, go_on)


def test_output_that_may_not_be_read_is_said_in_a_sentence(open_dir, as_ordinary_user):
    path = open_dir / ("a1" * 16)
    (path / ".guild").mkdir(parents=True)
    write(path, b"secret\n")
    (path / ".guild" / "output").chmod(0)

    with as_ordinary_user():
        problem = state_of(OutputReader(path)).problem

    assert problem == "The output of run a1a1a1a1 cannot be read: permission denied."


def test_a_pipe_in_place_of_the_output_stops_nobody(run):
    os.mkfifo(run / ".guild" / "output")

    assert "is not a file" in state_of(OutputReader(run)).problem


def test_the_next_stretch_of_stderr_is_found_both_ways(run):
    streams = [0, 1, 1, 0, 0, 1, 0]
    write(run, b"".join(b"%d\n" % i for i in range(len(streams))))
    write_index(run, *((i, stream) for i, stream in enumerate(streams)))
    reader = OutputReader(run)
    state_of(reader)

    def step(at, *, forward):
        return reader.next_stderr(at, go_on, forward=forward)

    assert step(0, forward=True) == 2
    assert step(2, forward=True) == 10
    assert step(10, forward=True) is None
    assert step(12, forward=False) == 10
    assert step(10, forward=False) == 2
    assert step(2, forward=False) is None


def test_stderr_is_found_far_away(run):
    count = 200_000
    write(run, b"x\n" * count)
    write_index(run, *((0, int(i == 150_000)) for i in range(count)))
    reader = OutputReader(run)
    state_of(reader)

    assert reader.next_stderr(0, go_on) == 300_000
    assert reader.next_stderr(2 * count - 2, go_on, forward=False) == 300_000


def test_text_between_two_places_is_read_as_shown(run):
    write(run, b"one\n\x1b[31mtwo\x1b[0m\nthree")
    reader = OutputReader(run)
    second, third = reader.last(2, go_on).lines[1:]

    whole = reader.text_between(TextPosition(0, 1), TextPosition(third.offset, 2), 1000, go_on)
    part = reader.text_between(TextPosition(0, 0), TextPosition(third.offset, 5), 6, go_on)
    with_feed = reader.text_between(TextPosition(0, 0), TextPosition(second.offset, 0), 100, go_on)

    within = reader.text_between(TextPosition(0, 1), TextPosition(second.offset, 2), 1000, go_on)

    assert whole == ("ne\ntwo\nth", True)
    assert within == ("ne\ntw", True)
    assert part == ("one\ntw", False)
    assert with_feed == ("one\n", True)


@pytest.mark.parametrize("size", [BLOCK - 1, BLOCK, BLOCK + 1, 3 * BLOCK])
def test_line_feeds_at_the_edges_of_blocks_are_counted_once(run, size):
    write(run, b"x" * (size - 1) + b"\n" + b"tail")
    reader = OutputReader(run)

    assert state_of(reader).lines == 2
    assert reader.line_offset(1, go_on) == size
    assert reader.last(1, go_on).lines[-1].number == 1


def test_following_gives_what_is_there_and_then_what_is_added(run):
    write(run, b"one\n")
    added = iter([b"two\n", b"three\n"])

    def is_running():
        more = next(added, None)
        if more is None:
            return False
        append(run, more)
        return True

    got = b"".join(follow_output(run, is_running=is_running, check=go_on, follow=True))

    assert got == b"one\ntwo\nthree\n"


def test_following_a_restarted_run_goes_on_with_its_new_output(run):
    write(run, b"the first attempt\n")
    steps = iter([lambda: None, lambda: write(run, b"again\n")])

    def is_running():
        step = next(steps, None)
        if step is not None:
            step()
        return step is not None

    got = b"".join(follow_output(run, is_running=is_running, check=go_on, follow=True))

    assert got == b"the first attempt\nagain\n"


def test_following_waits_for_output_that_is_not_there_yet(run):
    steps = iter([lambda: None, lambda: write(run, b"late\n")])

    def is_running():
        step = next(steps, None)
        if step is not None:
            step()
        return step is not None

    assert list(follow_output(run, is_running=is_running, check=go_on, follow=True)) == [b"late\n"]
    (run / ".guild" / "output").unlink()
    with pytest.raises(OutputMissing):
        list(follow_output(run, is_running=lambda: False, check=go_on, follow=True))
