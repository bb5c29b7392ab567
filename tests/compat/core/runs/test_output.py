"""Output that the real Guild captured: our lines, streams and times are the bytes on disk."""

from __future__ import annotations

import struct

import pytest

from core.ansi import Span, Style
from core.runs.output import OutputReader, follow_output
from core.runs.output_matchers import Needle
from core.runs.output_search import OutputSearch

# Each write is flushed and left time, so that the order of the two streams is certain.
SCRIPT = r"""
import sys, time

def write(stream, text):
    stream.write(text)
    stream.flush()
    time.sleep(0.4)

write(sys.stdout, "first\n")
write(sys.stderr, "a warning\n")
write(sys.stdout, "\n\n")
write(sys.stderr, "\x1b[31mred\x1b[0m error\n")
write(sys.stdout, "10%\r20%\r30%\n")
write(sys.stdout, "caf\u00e9 \u6f22\n")
sys.stdout.buffer.write(b"not \xff UTF-8\r\n")
write(sys.stdout, "")
write(sys.stdout, "no line feed")
"""
TEXTS = [
    "first", "a warning", "", "", "red error", "30%", "café 漢", "not \ufffd UTF-8", "no line feed",
]  # fmt: skip
STREAMS = [0, 1, 0, 0, 1, 0, 0, 0, 0]


def go_on():
    pass


@pytest.fixture(scope="module")
def run_dir(peer, tmp_path_factory):
    base = tmp_path_factory.mktemp("output")
    (base / "project").mkdir()
    (base / "home").mkdir()
    (base / "project" / "talk.py").write_text(SCRIPT, encoding="utf-8")
    peer.guild(base / "home", "run", "talk.py", "-y", "-q", cwd=base / "project")
    (found,) = (base / "home" / "runs").iterdir()
    return found


@pytest.fixture
def window(run_dir):
    reader = OutputReader(run_dir)
    state = list(reader.extend(go_on))[-1]
    assert state.lines == len(TEXTS)
    return reader.window(0, 0, 100, go_on)


def test_lines_are_those_that_the_run_wrote(run_dir, window):
    data = (run_dir / ".guild" / "output").read_bytes()

    assert [line.text for line in window.lines] == TEXTS
    assert b"".join(data[line.offset : line.end] for line in window.lines) == data
    assert window.lines[4].spans == (Span(0, 3, Style(fg=1)),)


def test_streams_and_times_are_those_of_the_index(run_dir, window):
    index = (run_dir / ".guild" / "output.index").read_bytes()
    records = list(struct.iter_unpack(">QB", index))

    assert [(line.record.time, line.record.stream) for line in window.lines] == records
    assert [line.record.stream for line in window.lines] == STREAMS


def test_times_count_from_the_start_of_the_run(run_dir):
    state = list(OutputReader(run_dir).extend(go_on))[-1]

    started = int((run_dir / ".guild" / "attrs" / "started").read_text())
    assert state.base_time == started // 1000


def test_stretches_of_stderr_are_found(run_dir, window):
    reader = OutputReader(run_dir)
    list(reader.extend(go_on))

    first = reader.next_stderr(0, go_on)
    second = reader.next_stderr(first, go_on)

    assert [first, second] == [window.lines[1].offset, window.lines[4].offset]
    assert reader.next_stderr(second, go_on) is None


def test_a_search_finds_what_colours_divide(run_dir):
    search = OutputSearch(OutputReader(run_dir), Needle("red error"))

    assert list(search.extend(go_on))[-1].count == 1


def test_following_a_run_that_ended_gives_what_guild_prints(peer, run_dir):
    argv = [str(peer.bin / "guild"), "-H", str(run_dir.parents[1]), "cat", "--output"]
    code = "import subprocess, sys; sys.stdout.write(subprocess.check_output(sys.argv[1:]).hex())"
    printed = bytes.fromhex(peer.python(code, *argv).stdout)

    ours = b"".join(follow_output(run_dir, is_running=lambda: False, check=go_on, follow=True))

    assert ours == (run_dir / ".guild" / "output").read_bytes()
    assert printed.removesuffix(b"\n") == ours.removesuffix(b"\n")
