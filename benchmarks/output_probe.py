"""A program that shows one output in a window, measures what happens, and prints JSON.

    python -m benchmarks.output_probe show RUN     first screen, end, counting, searching, memory
    python -m benchmarks.output_probe follow RUN   following a file that grows at 50 MB/s

Started by `bench_output` as a process of its own, so that its memory is that of one output.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from PySide6.QtWidgets import QApplication

from benchmarks.probe import MB, Gaps, rss, settle, wait_until
from core.directories import Directories
from core.jobs import JobQueue
from gui.job_bridge import JobBridge
from gui.services import RunRef, Services
from gui.theme import Theme
from gui.views.details.output_tab import OutputTab

RARE, COMMON = "needle", "loss"
FOLLOW_SECONDS = 10.0
FOLLOW_RATE = 50_000_000

# Writes as a busy run does, a piece of 4 KiB after the other, at a steady rate.
_WRITER = """
import sys, time
path, rate, seconds = sys.argv[1], float(sys.argv[2]), float(sys.argv[3])
piece = b"step: 1180 loss: 0.0831 acc: 0.9712\\n" * 114
begin, written = time.perf_counter(), 0
with open(path, "wb", buffering=0) as file:
    while (now := time.perf_counter() - begin) < seconds:
        while written < now * rate:
            written += file.write(piece)
        time.sleep(0.002)
"""


def main() -> None:
    """Do what the arguments say."""
    what, run_dir = sys.argv[1], Path(sys.argv[2])
    app = QApplication([])
    theme = Theme("light")
    app.setPalette(theme.palette())
    app.setStyleSheet(theme.style_sheet())
    queue = JobQueue()
    with tempfile.TemporaryDirectory() as own:
        services = Services(JobBridge(queue), theme, Directories.within(Path(own)))
        tab = OutputTab(services)
        tab.resize(700, 900)
        tab.show()
        settle()
        found = _show(tab, run_dir) if what == "show" else _follow(tab, run_dir)
        tab.show_run(None)
        tab.close()
        queue.close(10)
    print(json.dumps(found))


def _show(tab: OutputTab, run_dir: Path) -> dict[str, float]:
    before = rss()
    found: dict[str, float] = {}
    gaps = Gaps()
    with gaps.of("gap", found):
        begin = time.perf_counter()
        tab.show_run(RunRef(run_dir.name, run_dir))
        wait_until(lambda: tab.view.rows.window.lines)
        found["first"] = time.perf_counter() - begin
        tab.view.go_to("end")
        wait_until(lambda: tab.view.rows.is_at_end)
        found["end"] = time.perf_counter() - begin - found["first"]
        wait_until(lambda: tab.feed.state.size and tab.feed.state.is_counted)
        found["counted"] = time.perf_counter() - begin
        for name, text in (("rare", RARE), ("common", COMMON)):
            found[name] = _search(tab, text)
    found["memory"] = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 - before) / MB
    return found


def _search(tab: OutputTab, text: str) -> float:
    """Seconds until all of the output was searched for a text as it is."""
    tab.find_bar.case.setChecked(True)
    tab.bar.search.trigger()
    tab.find_bar.edit.setText(text)
    tab.search.stop()
    begin = time.perf_counter()
    tab.find_bar.needle_changed.emit(tab.find_bar.needle)
    wait_until(lambda: tab.search.state is not None and tab.search.state.is_complete)
    return time.perf_counter() - begin


def _follow(tab: OutputTab, run_dir: Path) -> dict[str, float]:
    output = run_dir / ".guild" / "output"
    output.unlink(missing_ok=True)
    (run_dir / ".guild" / "LOCK").write_text(str(os.getpid()))  # a running run is followed
    tab.show_run(RunRef(run_dir.name, run_dir))
    argv = [sys.executable, "-c", _WRITER, str(output), str(FOLLOW_RATE), str(FOLLOW_SECONDS)]
    before, gaps, behind = rss(), Gaps(), 0
    found: dict[str, float] = {}
    with subprocess.Popen(argv) as writer, gaps.of("gap", found):
        wait_until(lambda: output.exists() and tab.view.rows.window.lines)
        while writer.poll() is None:
            begin = time.perf_counter()
            wait_until(lambda: time.perf_counter() - begin > 0.1, interval=20)  # noqa: B023
            behind = max(behind, output.stat().st_size - tab.view.rows.window.size)
    size = output.stat().st_size
    wait_until(lambda: tab.view.rows.window.size == size and tab.view.rows.is_at_end)
    found["rate"] = size / FOLLOW_SECONDS / MB
    found["behind"] = behind / FOLLOW_RATE
    found["memory"] = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 - before) / MB
    return found


if __name__ == "__main__":
    main()
