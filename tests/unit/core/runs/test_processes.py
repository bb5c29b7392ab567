from __future__ import annotations

import os
import subprocess
import sys

from core.runs.processes import ProcessWatch
from tests.support.patience import PATIENCE


def test_this_process_uses_memory_and_after_a_second_look_cores():
    times = iter([10.0, 11.0])
    watch = ProcessWatch(clock=lambda: next(times))

    first = watch.look(os.getpid())
    sum(range(3_000_000))
    second = watch.look(os.getpid())

    assert first.cores is None
    assert first.memory > 1_000_000
    assert second.cores > 0


def test_children_count_as_well():
    code = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'input()'])"
    parent = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE)
    try:
        watch = ProcessWatch()
        while (facts := watch.look(parent.pid)) and facts.count < 2:
            pass  # until the child was started
        assert facts.count == 2
    finally:
        parent.communicate(b"\n", timeout=PATIENCE)


def test_a_process_that_ended_has_no_facts():
    done = subprocess.Popen([sys.executable, "-c", ""])
    done.wait(PATIENCE)

    assert ProcessWatch().look(done.pid) is None


def test_a_number_that_is_no_process_has_no_facts():
    assert ProcessWatch().look(1 << 70) is None
    assert ProcessWatch().look(-5) is None


def test_another_process_starts_afresh():
    watch = ProcessWatch(clock=iter([1.0, 2.0, 3.0]).__next__)
    watch.look(os.getpid())

    assert watch.look(os.getppid()).cores is None
