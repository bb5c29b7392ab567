"""A home of runs made by hand that are awkward to compare, and readable by the real Guild."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path

from core.samples.events import event_file
from tests.support.runs import make_run

START = 1_700_000_000_000_000
HOUR = 3_600_000_000

PROJECT = """\
- config: base
  params:
    best: min loss as best
  operation-defaults:
    compare:
      - =lr
      - loss step as step
      - loss
  operations:
    evaluate:
      compare: [acc, "max acc as top, .label as said"]
    odd:
      compare: ["a b c", "{{ best }}"]
- model: m
  extends: base
  operations:
    train:
      main: train
      objective: {maximize: acc}
    plain:
      compare: []
"""


def run_id(number: int) -> str:
    """The id of one of the runs."""
    return f"{number:02x}" * 16


def make_compare_home(base: Path) -> Path:
    """Make the home and a project below `base`; returns the home."""
    home, project = base / "home", base / "project"
    project.mkdir(parents=True)
    (project / "guild.yml").write_text(PROJECT)
    maker = _Maker(home / "runs", project / "guild.yml")
    maker.run(
        1,
        "m train",
        "{lr: 0.1, seed: 1, opt: sgd}",
        {".guild": {"loss": [3, 2, 1.5], "acc": [0.25, 0.5]}},
    )
    maker.run(
        2, "m train", "{lr: 0.2, seed: 2, opt: null}", {".guild": {"loss": [0.7], "sys/mem": [5]}}
    )
    maker.run(3, "m evaluate", "{k: 1}", {".guild": {"acc": [0.5, 0.75, 0.625]}}, label="one two")
    maker.run(4, "m odd", "{lr: 3}", {".guild": {"loss": [4, 2, 8]}})
    maker.run(
        5,
        "m plain",
        "{b: 1, a: two}",
        {"logs/val": {"loss": [5]}, "logs/train": {"loss": [4], "acc": [1]}},
    )
    maker.run(6, "m gone", "{lr: text, seed: '3'}", {"Logs/x": {"loss": [6], "acc": [2]}})
    maker.run(7, "other op", "{lr: [1, 2], when: 2020-01-01, really: yes, map: {z: 1}}", {})
    maker.run(
        8, "other op", "{lr: 1e-05, none: null}", {".guild": {"loss": [math.nan, 1, math.inf]}}
    )
    maker.run(9, "other op", "{}", {".guild": {"loss": [math.inf], "x/y": [-1, -2], "-z": [3]}})
    maker.run(10, "other op", "{lr: 7}", {".guild": {"loss": [1, 2]}}, compare="[=lr, max loss]")
    maker.run(11, "other op", "{lr: 8}", {}, tags="[a, b]", marked="true", comments="[]")
    maker.run(12, "steps steps", "{opt: adam}", {}, steps="[{run: train}]")
    for name, number in (("train", 1), ("evaluate", 3)):
        (home / "runs" / run_id(12) / name).symlink_to(f"../{run_id(number)}")
    maker.run(13, "other op", "{}", {".guild": {"loss": [9, 8]}})
    again = event_file({"loss": [1, 2]}, first_step=1)
    (home / "runs" / run_id(13) / ".guild" / "events.out.tfevents.2.host").write_bytes(again)
    maker.batch(14, "{lr: [1, 2]}")
    both = {".": {"loss": [1, 2]}, ".guild": {"loss": [7, 8, 9], "acc": [0.5]}}
    oldest = {"started": str(START - HOUR), "stopped": str(START)}
    maker.run(15, "other op", "{lr: 9}", both, **oldest)
    return home


class _Maker:
    def __init__(self, runs_dir: Path, project: Path) -> None:
        self._runs_dir = runs_dir
        self._project = project

    def run(
        self,
        number: int,
        operation: str,
        flags: str,
        scalars: Mapping[str, Mapping[str, Sequence[float]]],
        **attrs: str,
    ) -> None:
        """A completed run; scalars by directory and tag."""
        started = START + number * HOUR
        known = {
            **{"id": f"'{run_id(number)}'", "flags": flags, "exit_status": "0"},
            **{"started": str(started), "stopped": str(started + number * 61_000_000)},
            "sourcecode_digest": f"abc{number:029x}",
        }
        make_run(
            self._runs_dir,
            run_id(number),
            opref=f"guildfile:{self._project} 0 {operation}",
            attrs=known | attrs,
            files={
                f"{directory or '.'}/events.out.tfevents.1.host": event_file(curves)
                for directory, curves in scalars.items()
            },
        )

    def batch(self, number: int, flags: str) -> None:
        """A batch over the operation `train`."""
        opref = f"guildfile:{self._project} 0 m train"
        make_run(
            self._runs_dir,
            run_id(number),
            opref="builtin:guildai 0.9.0 '' +",
            attrs={"started": str(START), "flags": "{}", "id": run_id(number)},
            files={".guild/proto/.guild/opref": opref, ".guild/proto/.guild/attrs/flags": flags},
        )
