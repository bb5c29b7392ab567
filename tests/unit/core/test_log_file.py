from __future__ import annotations

import logging
import warnings

import pytest

from core.log_file import FAULT_NAME, MAX_BYTES, LogFile, take_fault


@pytest.fixture
def log_file(tmp_path):
    log = LogFile(tmp_path / "state")
    yield log
    log.close()


def test_our_records_reach_the_file_and_debug_ones_only_on_request(log_file, tmp_path):
    log_file.start()
    logging.getLogger("gui.test").info("seen")
    logging.getLogger("gui.test").debug("hidden")
    logging.getLogger("elsewhere").info("other")
    log_file.close()

    text = log_file.path.read_text()
    assert "INFO" in text
    assert "gui.test: seen" in text
    assert "hidden" not in text
    assert "other" not in text


def test_the_level_of_the_settings_is_used(tmp_path):
    log_file = LogFile(tmp_path, "debug")
    log_file.start()
    logging.getLogger("core.test").debug("detail")
    log_file.close()

    assert "detail" in log_file.path.read_text()


def test_python_warnings_are_kept(log_file):
    log_file.start()
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.showwarning("careful", UserWarning, "x.py", 1)
    log_file.close()

    assert "careful" in log_file.path.read_text()


def test_the_file_rotates_and_old_ones_are_dropped(log_file):
    log_file.start()
    for _ in range(70):
        logging.getLogger("gui.test").warning("x" * 100_000)
    log_file.close()

    sizes = [p.stat().st_size for p in log_file.path.parent.iterdir()]
    assert len(sizes) == 5
    assert max(sizes) <= MAX_BYTES


def test_a_state_directory_that_cannot_be_made_is_one_problem(tmp_path):
    (tmp_path / "state").write_text("in the way")
    log_file = LogFile(tmp_path / "state")

    log_file.start()
    log_file.close()

    assert "rundesk.log" in log_file.problem


def test_closing_leaves_logging_as_it_was(log_file):
    before = (list(logging.getLogger().handlers), logging.getLogger("gui").level)

    log_file.start()
    log_file.close()
    log_file.close()

    assert (list(logging.getLogger().handlers), logging.getLogger("gui").level) == before


def test_a_crash_of_an_earlier_program_is_told_once(tmp_path):
    (tmp_path / FAULT_NAME).write_text("Fatal Python error: Aborted\n")

    assert take_fault(tmp_path) == "Fatal Python error: Aborted"
    assert take_fault(tmp_path) == ""
    assert (tmp_path / f"{FAULT_NAME}.1").exists()


@pytest.mark.parametrize("content", [None, b"", b"\n"])
def test_without_a_crash_nothing_is_told(tmp_path, content):
    if content is not None:
        (tmp_path / FAULT_NAME).write_bytes(content)

    assert take_fault(tmp_path) == ""
