"""The projects whose operations the store maker runs: small, quick, and of every kind."""

from __future__ import annotations

import json
from pathlib import Path

MODEL = """\
- model: m
  sourcecode:
    - include: "*.py"
  operation-defaults:
    pip-freeze: no
  operations:
    train:
      description: Prints three scalars over four steps.
      exec: sh train.sh ${lr} ${batch-size} ${opt}
      flags:
        lr: 0.1
        batch-size: 32
        opt: sgd
      sourcecode:
        - include: "*.sh"
      output-scalars:
        - '(\\key): (\\value)'
    evaluate:
      exec: "sh -c 'echo acc: 0.${k}5'"
      flags:
        k: 1
      requires:
        - operation: m:train
    fail:
      exec: "sh -c 'echo loss: 9; exit ${code}'"
      flags:
        code: 1
    killed:
      exec: sh kill.sh
      sourcecode:
        - include: "*.sh"
    noop:
      exec: "true"
      sourcecode: no
    silent:
      exec: "true"
      flags:
        depth: 2
    needs-file:
      exec: "true"
      requires:
        - file: there-is-no-such-file
    types:
      exec: "true"
      flags:
        number: 1
        float: 0.5
        "yes": yes
        "off": no
        "null": null
        date: {default: 2020-01-01}
        text: some words
        list: null
        map: null
        empty: x
    shadow:
      exec: "sh -c 'echo acc: 0.5; echo host: 3; echo depth: 7; echo deep: 1'"
      flags:
        label: mine
        status: fine
        tags: none
        id: 12
        acc: 0.125
        started: never
        "flag:x": 1
        scalar.y: 2
        operation: other
      output-scalars: '(\\key): (\\value)'
    pipeline:
      steps:
        - run: train
          flags: {lr: 0.02}
        - run: evaluate k=5
      flags:
        opt: sgd
"""

TRAIN = """\
for step in 1 2 3 4; do
  echo "step: $step"
  echo "loss: 0.$((9 - step * 2))"
  echo "acc: 0.$((step * 2))5"
done
echo "lr_used: $1"
"""

FLAT = """\
train:
  main: train
  flags-import: all
  pip-freeze: no
"""

FLAT_TRAIN = """\
x = 0.1
y = 2
print("step: 1")
print("loss:", 0.25)
print("step: 2")
print("loss:", 0.125)
"""

SCRIPT = """\
lr = 0.1
name = "net"
for step in range(3):
    print("step:", step)
    print("loss:", 1 / (step + 1))
"""

TOOL = """\
import argparse

parser = argparse.ArgumentParser()
parser.add_argument("--name", default="x")
parser.add_argument("--fast", action="store_true")
parser.add_argument("--n", type=int, default=3)
print(parser.parse_args())
"""

EVENT_FILES = """\
from tensorboardX import SummaryWriter

seed = 1
for folder, offset in (("logs/train", 0), ("logs/val", 1), (".", 2)):
    with SummaryWriter(folder) as writer:
        for step in range(5):
            writer.add_scalar("loss", offset + 1 / (step + 1), step)
            writer.add_scalar("group/acc", offset + step / 5, step)
print("loss: 42")
"""

LISTS = [
    {"list": [[1, 2, 3]], "text": "one"},
    {"list": [["a", "b"]], "text": "two"},
    {"list": [[]], "text": "three", "map": {"k": [1, {"z": None}]}},
]

FILES = {
    "model/guild.yml": MODEL,
    "model/train.sh": TRAIN,
    "model/kill.sh": "echo dying\nkill -TERM $$\n",
    "model/lists.json": json.dumps(LISTS),
    "flat/guild.yml": FLAT,
    "flat/train.py": FLAT_TRAIN,
    "scripts/train.py": SCRIPT,
    "scripts/tool.py": TOOL,
    "scripts/broken.py": "lr = 0.1\nraise SystemExit(7)\n",
    "scripts/tb.py": EVENT_FILES,
    "scripts/sub/deep.py": "a = 1\nprint('b: 2')\n",
}


def write_projects(root: Path) -> None:
    """Write every project below `root`."""
    for name, text in FILES.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
