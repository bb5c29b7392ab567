from __future__ import annotations

import struct

import pytest

from core.runs.tail import MAX_LINE, TAIL_BYTES, TailLine, read_tail
from tests.support.runs import make_run


def index(*streams):
    return b"".join(struct.pack(">QB", 1_700_000_000_000 + i, s) for i, s in enumerate(streams))


@pytest.fixture
def write(tmp_path):
    def write(output, *streams):
        files = {".guild/output": output, ".guild/output.index": index(*streams)}
        return make_run(tmp_path, files=files)

    return write


def test_the_last_lines_are_read_with_their_streams(write):
    run_dir = write("one\ntwo\nthree\n", 0, 1, 0)

    tail = read_tail(run_dir, 2, ended=True)

    assert tail == (TailLine("two", is_error=True), TailLine("three"))


def test_an_unfinished_line_of_an_ended_run_has_its_record(write):
    run_dir = write("one\ntwo", 0, 1)

    assert read_tail(run_dir, 9, ended=True) == (TailLine("one"), TailLine("two", is_error=True))


def test_an_unfinished_line_of_a_running_run_has_no_record_yet(write):
    run_dir = write("one\ntwo", 1)

    assert read_tail(run_dir, 9, ended=False) == (TailLine("one", is_error=True), TailLine("two"))


def test_a_run_without_output_has_no_tail(tmp_path):
    assert read_tail(make_run(tmp_path), 5, ended=True) == ()


def test_output_without_an_index_is_all_stdout(tmp_path):
    run_dir = make_run(tmp_path, files={".guild/output": "a\nb\n"})

    assert read_tail(run_dir, 5, ended=True) == (TailLine("a"), TailLine("b"))


def test_only_the_end_of_a_large_output_is_read_and_begins_with_a_whole_line(write):
    run_dir = write("x" * TAIL_BYTES + "\nlast line\n", 0, 0)

    assert read_tail(run_dir, 5, ended=True) == (TailLine("last line"),)


def test_escapes_and_progress_bars_are_shown_as_a_terminal_leaves_them(write):
    run_dir = write("\x1b[31mred\x1b[0m\n10%\r50%\r100%\n\x1b]0;title\x07end\n", 0, 0, 0)

    assert [line.text for line in read_tail(run_dir, 5, ended=True)] == ["red", "100%", "end"]


def test_a_very_long_line_is_cut(write):
    run_dir = write("y" * (MAX_LINE + 50) + "\n", 0)

    assert len(read_tail(run_dir, 1, ended=True)[0].text) == MAX_LINE + 1


def test_a_directory_in_place_of_the_output_is_no_tail(tmp_path):
    run_dir = make_run(tmp_path)
    (run_dir / ".guild" / "output").mkdir()

    assert read_tail(run_dir, 5, ended=True) == ()
