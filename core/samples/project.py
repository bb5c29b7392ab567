"""The project behind the sample runs: telling birds apart by their songs.

Its source code changes a little from month to month, so that source digests, commits and
the differences between two runs' files mean something.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache
from typing import Literal

from msgspec import Struct

HOME = "/home/ada"
PROJECT = f"{HOME}/projects/birdsong"
PYTHON = f"{PROJECT}/.venv/bin/python3"
VERSIONS = 24
# From this version on the project has a package of its own and the dependency labels.json.
GROWN_UP = 16

OperationName = Literal[
    "prepare", "train", "evaluate", "all", "batch", "search", "finetune", "spectrogram", "package"
]


class SourceFile(Struct, frozen=True):
    """A file of the project as it was at one version."""

    path: str
    content: bytes
    sha1: str


class Version(Struct, frozen=True):
    """The project at one time.

    Attributes:
        files: Its source files, sorted by path.
        digest: Guild's digest of them.
        commit: What Guild writes about the version control system.
        guildfile_md5: Third word of an opref made from its guild.yml.
    """

    files: tuple[SourceFile, ...]
    digest: str
    commit: str
    guildfile_md5: str


@lru_cache(maxsize=VERSIONS)
def version(number: int) -> Version:
    """The project after `number` changes."""
    files = tuple(
        SourceFile(path, content, hashlib.sha1(content, usedforsecurity=False).hexdigest())
        for path, content in sorted(_contents(number).items())
    )
    digest = hashlib.md5(usedforsecurity=False)
    for file in files:
        digest.update(file.path.encode() + b"\0" + file.content + b"\0")
    guildfile = next(file.content for file in files if file.path == "guild.yml")
    commit = hashlib.sha1(b"commit %d" % number, usedforsecurity=False).hexdigest()
    return Version(
        files,
        digest.hexdigest(),
        f"git:{commit}" + ("*" if number % 5 == 4 else ""),
        hashlib.md5(guildfile, usedforsecurity=False).hexdigest(),
    )


def opref(operation: OperationName, number: int, *, is_old: bool = False) -> str:
    """The line that tells which operation a run executes."""
    if operation == "batch":
        return "builtin:guildai 0.9.0 '' +"
    if operation == "search":
        return "builtin:guildai 0.9.0 skopt random"
    if operation in ("finetune", "spectrogram"):
        return f"script:{PROJECT} '' '' {operation}.py"
    if operation == "package":
        return f"package:birdsong 0.{number + 1}.0 birdsong train"
    place = PROJECT if is_old else f"{PROJECT}/guild.yml"
    return f"guildfile:{place} {version(number).guildfile_md5} birdsong {operation}"


LABELS_FILE = b'["blackbird", "chaffinch", "chiffchaff", "great tit", "nightingale", "wren"]\n'
LABELS_SHA1 = hashlib.sha1(LABELS_FILE, usedforsecurity=False).hexdigest()


def _contents(number: int) -> dict[str, bytes]:
    texts = {"guild.yml": _GUILDFILE, "train.py": _TRAIN}
    if number >= GROWN_UP:
        texts["birdsong/audio.py"] = _AUDIO
    changed = {
        "guild.yml": number // 6,
        "train.py": number,
        "birdsong/audio.py": number // 3,
    }
    return {
        path: text.replace("@VERSION@", f"0.{changed[path] + 1}").encode()
        for path, text in texts.items()
    }


_GUILDFILE = """\
# Birdsong @VERSION@
- model: birdsong
  operations:
    prepare:
      description: Cut the recordings into songs
      main: prepare
      flags-import: all
    train:
      description: Learn to tell the birds apart
      main: train
      flags-import: all
      requires:
        - file: labels.json
        - operation: prepare
          select: songs.csv
          name: data
      compare:
        - =lr
        - loss
        - accuracy
    evaluate:
      main: evaluate
      requires:
        - operation: train
          name: weights
    all:
      steps:
        - run: prepare
        - run: train
        - run: evaluate
"""

_TRAIN = '''\
"""Learn to tell birds apart by their songs (version @VERSION@)."""

import json
import math

from birdsong.audio import load_songs, spectrogram

lr = 0.001
batch_size = 32
dropout = 0.2
epochs = 40
model = "small"
optimizer = "adam"
augment = True
window = "hann"
seed = 1


def main():
    songs = load_songs("songs.csv", seed=seed)
    with open("labels.json") as f:
        labels = json.load(f)
    network = build(model, len(labels), dropout)
    for epoch in range(epochs):
        loss, accuracy = network.fit(songs, lr=lr, batch_size=batch_size)
        print(f"step: {epoch}")
        print(f"loss: {loss:.6f}")
        print(f"accuracy: {accuracy:.4f}")
        if not math.isfinite(loss):
            raise SystemExit("the loss is not finite any more")


if __name__ == "__main__":
    main()
'''

_AUDIO = '''\
"""From a recording to a picture of its sound (version @VERSION@)."""

import csv

WINDOW = 512
HOP = 128


def load_songs(path, seed):
    """Read the list of songs that the operation `prepare` wrote."""
    with open(path, newline="", encoding="utf-8") as f:
        return list(csv.DictReader(f))


def spectrogram(samples, window="hann"):
    """Power of each frequency over time, in decibels."""
    frames = [samples[i : i + WINDOW] for i in range(0, len(samples) - WINDOW, HOP)]
    return [decibels(transform(taper(frame, window))) for frame in frames]
'''
