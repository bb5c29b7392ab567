"""Plots on a real screen, of runs that real Guild made; and every step as real Guild exports it."""

from __future__ import annotations

import csv
import io
import subprocess
import sys

import pytest

from tests.support.driven_window import DrivenWindow, open_window
from tests.support.peer import ROOT


@pytest.fixture
def window(desktop, guild_store, tmp_path) -> DrivenWindow:
    return open_window(desktop, guild_store.home, tmp_path / "config")


def test_the_selected_runs_are_plotted_and_left_by_keys_alone(window, desktop):
    window.select_first(2)

    desktop.key("alt+3")
    window.wait_for("the plots have the keyboard", lambda s: "plotsPage" in s["focus"])
    reached = set()
    for _ in range(14):
        desktop.key("Tab")
        reached.add(window.ask()["focus"].split(" < ")[0])
    assert "scalarChooser" in reached

    desktop.key("alt+1")
    state = window.wait_for("the table is back", lambda s: "runTable" in s["focus"])
    assert state["selected"] == 2


def run_desk(*arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "cli", *arguments],
        cwd=ROOT, check=True, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    return done.stdout


def test_every_step_is_what_guild_exports(peer, guild_store, tmp_path):
    run_dir = guild_store.run_dir("restarted")
    theirs = tmp_path / "guild.csv"
    peer.guild(guild_store.home, "tensorboard", "--export-scalars", str(theirs), run_dir.name)

    ours = run_desk("-H", str(guild_store.home), "scalars", run_dir.name)

    def rows(text):
        found = list(csv.reader(io.StringIO(text)))
        return found[0], sorted((r, p, t, float(v), int(s)) for r, p, t, v, s in found[1:])

    heading, values = rows(ours)
    their_heading, their_values = rows(theirs.read_text())
    assert heading == their_heading
    short = {row[0] for row in their_values} != {run_dir.name}
    assert [row[1:] for row in values] == [row[1:] for row in their_values]
    assert short or {row[0] for row in values} == {run_dir.name}
