"""Runs with curves on disk, and what a plot of them needs around it."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.runs.tfevents import EventWriter
from tests.support.chosen import Chosen
from tests.support.columns import columns_of
from tests.support.runs import make_run

BEGUN = 1_700_000_000.0


def run_id(number: int) -> str:
    """The id of the run of that number."""
    return f"{number:032x}"


def write_events(
    run_dir: Path, scalars, *, name: str = "events.out.tfevents.0000000001.h", begun: float = 0.0
) -> None:
    """Write values by tag: as many steps as there are values, with times where it has begun."""
    place = run_dir / ".guild"
    place.mkdir(parents=True, exist_ok=True)
    with EventWriter(str(place / name)) as writer:
        for tag, values in scalars.items():
            for step, value in enumerate(values):
                writer.add(step, [(tag, value)], wall_time=begun + step if begun else 0.0)


@pytest.fixture
def chosen_of(tmp_path):
    """Makes runs, a mapping of flags and one of scalars for each, and chooses all of them.

    A second mapping of scalars is of those that are written with times.
    """

    def make(*runs) -> Chosen:
        home = tmp_path / "plotted"
        for number, (flags, scalars, *timed) in enumerate(runs):
            text = "\n".join(f"{name}: {value}" for name, value in flags.items())
            path = make_run(
                home / "runs",
                run_id(number),
                attrs={
                    "flags": text or "{}",
                    "started": str(1_700_000_000_000_000 + number),
                    "label": f"run {number}",
                },
            )
            write_events(path, scalars)
            for more in timed:
                write_events(path, more, name="events.out.tfevents.2.timed", begun=BEGUN)
        return Chosen(columns_of(home), home / "runs")

    return make
