"""The status bar: how much is shown and selected on the left, index and home on the right."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QLabel, QPushButton, QStatusBar, QWidget

from core.text import format_bytes
from gui.naming import named
from gui.table.selection_size import MOST_RUNS
from gui.tool_tip import plain, plain_tip

MOST_LETTERS = 60
"""Of the home's path, and of what is said of the index or a place; the tip has all of it."""


class StatusLine(QStatusBar):
    """Four quiet labels and a button; tips of menu entries show in their place for a while.

    Attributes:
        jobs: Says how many jobs go on; hidden while there is none to tell of.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizeGripEnabled(False)
        self.runs = named(QLabel(), "statusRuns")
        self.selection = named(QLabel(), "statusSelection")
        self.index = named(QLabel(), "statusIndex")
        self.home = named(plain(QLabel()), "statusHome")
        self.addWidget(self.runs)
        self.addWidget(self.selection)
        self.jobs = named(QPushButton(), "statusJobs", "Jobs")
        self.jobs.setFlat(True)
        self.jobs.setToolTip("Show or hide the jobs (F7)")
        self.jobs.hide()
        self.addPermanentWidget(self.jobs)
        self.addPermanentWidget(self.index)
        self.addPermanentWidget(self.home)

    def show_counts(self, shown: int, total: int) -> None:
        """Say how many runs of the place are shown."""
        runs = "run" if total == 1 else "runs"
        text = f"{total:,} {runs}" if shown == total else f"{shown:,} of {total:,} {runs}"
        self.runs.setText(text)

    def show_settled(self, problem: str, *, home: str = "") -> None:
        """Say that what is shown is what is on disk.

        Args:
            problem: Why it must be read anew the next time; empty when it is kept.
            home: Why it is only what was last seen there; empty when it is not.
        """
        text = "Up to date, index not kept" if problem else "Index up to date"
        self.index.setText("As last seen" if home else text)
        self.index.setToolTip(plain_tip(home or problem))

    def show_place(self, text: str) -> None:
        """Say how the place is that is looked at."""
        self.index.setText(_shortened(text))
        self.index.setToolTip(plain_tip(text) if len(text) > MOST_LETTERS else "")

    def show_selection(self, selected: int, size: int | None = None) -> None:
        """Say how many runs are selected, and their size in bytes once it is known."""
        text = f"{selected:,} selected" if selected else ""
        tip = ""
        if selected and size is not None:
            text += f" · {format_bytes(size)}"
        elif selected > MOST_RUNS:
            text += " · size not counted"
            tip = f"The files of more than {MOST_RUNS:,} runs take minutes to list."
        self.selection.setText(text)
        self.selection.setToolTip(tip)

    def show_jobs(self, text: str, *, is_failed: bool) -> None:
        """Say how many jobs go on or failed; nothing hides the button."""
        self.jobs.setText(text)
        self.jobs.setAccessibleName(text or "Jobs")
        self.jobs.setVisible(bool(text))
        if self.jobs.property("failed") != is_failed:
            self.jobs.setProperty("failed", is_failed)
            self.jobs.style().unpolish(self.jobs)
            self.jobs.style().polish(self.jobs)

    def clear_home(self) -> None:
        """No home is open."""
        for label in (self.runs, self.selection, self.index, self.home):
            label.clear()
            label.setToolTip("")

    def show_home(self, home: Path | None, user_home: Path, *, is_sample: bool = False) -> None:
        """Name the home, on one line that is never as long as to make the window wide."""
        if is_sample:
            self.home.setText("Sample store, gone when Rundesk is closed")
            self.home.setToolTip(plain_tip(str(home)))
            return
        path = " ".join(short_path(home, user_home).split()) if home else ""
        self.home.setText(_shortened(path))
        self.home.setToolTip(plain_tip(str(home)) if home else "")


def _shortened(text: str) -> str:
    half = MOST_LETTERS // 2
    return f"{text[:half]}…{text[-half:]}" if len(text) > MOST_LETTERS else text


def short_path(path: Path, user_home: Path) -> str:
    """A path as people write it: `~` for their own directory."""
    if path.is_relative_to(user_home):
        return str(Path("~") / path.relative_to(user_home))
    return str(path)
