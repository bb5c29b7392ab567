"""Writes one sample run as a directory: source code, dependencies, results and `.guild`."""

from __future__ import annotations

import hashlib
import json
import os
import random
import shlex
import struct
from pathlib import Path

from core.runs.run import MICROSECONDS
from core.samples.attributes import attributes
from core.samples.curves import Curves, diverging, skill, training
from core.samples.events import event_file
from core.samples.pictures import confusion, spectrogram
from core.samples.plan import SampleRun
from core.samples.project import GROWN_UP, LABELS_FILE, LABELS_SHA1, opref, version
from core.samples.words import SPECIES

_INDEX_RECORD = struct.Struct(">QB")
_UNFINISHED = ("pending", "staged", "unstarted")
_WITHOUT_SOURCE = ("batch", "search", "all")

Line = tuple[str, int]


class RunWriter:
    """Writes runs below one directory.

    Args:
        rng: Where what the runs computed comes from.
        with_pictures: Whether runs get pictures and longer tables, for people to look at.
        pid: Process id that the LOCK of running runs holds.
    """

    def __init__(self, rng: random.Random, *, with_pictures: bool, pid: int | None) -> None:
        self._rng = rng
        self._with_pictures = with_pictures
        self._pid = pid
        self._songs = _songs(40)
        self._time = 0

    def write(self, runs_dir: Path, run: SampleRun) -> None:
        """Make the directory of `run` below `runs_dir`; for a batch its prototype too."""
        self._time = run.started * 1000
        self._write_run(f"{runs_dir}/{run.id}", run)
        if run.proto is not None:
            self._write_run(f"{runs_dir}/{run.id}/.guild/proto", run.proto)

    def _write_run(self, top: str, run: SampleRun) -> None:
        Path(f"{top}/.guild/attrs").mkdir(parents=True)
        files = self._results(run) if run.outcome not in _UNFINISHED else {}
        manifest = self._sources(run) | self._dependencies(run)
        files |= {f"{_place(run)}{path}": content for path, (_, content) in manifest.items()}
        files[".guild/manifest"] = "".join(f"{line}\n" for line, _ in manifest.values()).encode()
        files[".guild/opref"] = opref(run.operation, run.version, is_old=run.is_old).encode()
        seed = self._rng.getrandbits(32)
        for name, text in attributes(run, seed).items():
            files[f".guild/attrs/{name}"] = text.encode()
        folders = {path.rpartition("/")[0] for path in files} - {"", ".guild", ".guild/attrs"}
        for folder in sorted(folders):
            Path(f"{top}/{folder}").mkdir(parents=True, exist_ok=True)
        for path, content in files.items():
            self._write_file(f"{top}/{path}", content)
        self._mark(top, run)
        for name, run_id in run.links:
            Path(f"{top}/{name}").symlink_to(f"../{run_id}")

    def _write_file(self, path: str, content: bytes) -> None:
        # Unbuffered system calls: a third of the time that open() takes for small files.
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
        try:
            os.write(handle, content)
            os.utime(handle, ns=(self._time, self._time))
        finally:
            os.close(handle)

    def _mark(self, top: str, run: SampleRun) -> None:
        """Write the marker of a run that is not at its end."""
        guild = Path(top, ".guild")
        if run.outcome == "pending":
            (guild / "PENDING").touch()
        elif run.outcome == "staged":
            (guild / "STAGED").touch()
            (guild / "ENV").write_text(f"export RUN_ID={run.id}\n", encoding="utf-8")
        elif run.outcome == "remote":
            (guild / "LOCK.remote").write_text("gpu1", encoding="utf-8")
        elif run.outcome == "running" and self._pid is not None:
            (guild / "LOCK").write_text(str(self._pid), encoding="utf-8")

    def _sources(self, run: SampleRun) -> dict[str, tuple[str, bytes]]:
        """Path to manifest line and content of each source file."""
        if run.operation in _WITHOUT_SOURCE:
            return {}
        files = version(run.version).files
        return {
            file.path: (f"s {file.path} {file.sha1} {file.path}", file.content) for file in files
        }

    def _dependencies(self, run: SampleRun) -> dict[str, tuple[str, bytes]]:
        if run.operation != "train" or run.id == "proto" or run.outcome in _UNFINISHED:
            return {}
        songs = hashlib.sha1(self._songs, usedforsecurity=False).hexdigest()
        found = {"songs.csv": (f"d songs.csv {songs} operation:prepare", self._songs)}
        if run.version >= GROWN_UP:
            line = f"d labels.json {LABELS_SHA1} file:labels.json"
            found["labels.json"] = (line, LABELS_FILE)
        return found

    def _results(self, run: SampleRun) -> dict[str, bytes]:
        """What the operation left: output, event files and files of its own."""
        if run.operation in ("train", "finetune", "package"):
            return self._trained(run)
        if run.operation == "prepare":
            text = f"read 214 recordings\nwrote {40} songs to songs.csv\n"
            return {"songs.csv": self._songs, **self._output(run, _plain(text))}
        if run.operation == "spectrogram":
            return self._pictured(run)
        if run.operation == "evaluate":
            return self._evaluated(run)
        text = "INFO: [guild] Running trial\n" if run.proto else "INFO: [guild] running prepare\n"
        return self._output(run, [(line, 1) for line in text.splitlines()])

    def _trained(self, run: SampleRun) -> dict[str, bytes]:
        steps = self._steps(run)
        is_lost = run.outcome == "error" and self._rng.random() < 0.3
        curves = diverging(self._rng, steps) if is_lost else training(self._rng, run.flags, steps)
        files = self._output(run, self._training_lines(run, curves))
        files |= self._event_files(run, curves, steps)
        if run.outcome == "completed":
            accuracy = curves["val_accuracy"][-1]
            if run.version >= GROWN_UP or self._with_pictures:
                files["metrics.json"] = _json({"accuracy": accuracy, "steps": steps})
            if self._with_pictures:
                files["results/predictions.csv"] = self._predictions(accuracy)
                files["results/confusion.png"] = confusion(self._rng, 6, accuracy)
                files["results/config.yml"] = _config(run)
        return files

    def _steps(self, run: SampleRun) -> int:
        planned = min(max(int(run.flags["epochs"]), 20), 100)
        if run.outcome == "completed":
            return planned
        return max(2, int(planned * self._rng.uniform(0.2, 0.9)))

    def _event_files(self, run: SampleRun, curves: Curves, steps: int) -> dict[str, bytes]:
        seconds = run.started // MICROSECONDS
        name = f"events.out.tfevents.{seconds}.{run.host}.{self._rng.randint(2000, 60000)}"
        if run.logs:
            each = run.seconds / steps
            times = [seconds + i * each for i in range(steps)]
            train = {tag: values for tag, values in curves.items() if not tag.startswith("val_")}
            check = {tag[4:]: values for tag, values in curves.items() if tag.startswith("val_")}
            return {
                f"logs/train/{name}.0": event_file(train, times=times),
                f"logs/validation/{name}.1": event_file(check, times=times),
            }
        if not run.is_restarted:
            return {f".guild/{name}.0": event_file(curves)}
        half = steps // 2
        first = {tag: values[:half] for tag, values in curves.items()}
        second = {tag: values[half:] for tag, values in curves.items()}
        return {
            f".guild/{name}.0": event_file(first),
            f".guild/{name}.1": event_file(second, first_step=half),
        }

    def _training_lines(self, run: SampleRun, curves: Curves) -> list[Line]:
        lines: list[Line] = [(f"training {run.flags.get('model', 'large')} on {run.host}", 0)]
        if self._with_pictures:
            lines.append(("\x1b[33mwarning\x1b[0m: 3 recordings are shorter than a second", 1))
        tags = list(curves)
        for step, values in enumerate(zip(*curves.values(), strict=True)):
            if self._with_pictures:
                lines.append((_progress(step, len(curves["loss"])), 1))
            lines.append((f"step: {step}", 0))
            lines += [(f"{tag}: {value:.6f}", 0) for tag, value in zip(tags, values, strict=True)]
        return lines + _last_words(run)

    def _output(self, run: SampleRun, lines: list[Line]) -> dict[str, bytes]:
        first = run.started // 1000 + 900
        each = run.seconds * 1000 / (len(lines) + 1)
        index = b"".join(
            _INDEX_RECORD.pack(first + int(i * each), stream) for i, (_, stream) in enumerate(lines)
        )
        text = "".join(f"{line}\n" for line, _ in lines)
        return {".guild/output": text.encode(), ".guild/output.index": index}

    def _pictured(self, run: SampleRun) -> dict[str, bytes]:
        name = shlex.quote(str(run.flags["species"]).replace(" ", "-"))
        files = self._output(run, _plain(f"wrote pictures/{name}.png\n"))
        width = 320 if self._with_pictures else 16
        files[f"pictures/{name}.png"] = spectrogram(self._rng, width, width // 2)
        return files

    def _evaluated(self, run: SampleRun) -> dict[str, bytes]:
        accuracy = 0.7 + self._rng.random() * 0.25
        scores: Curves = {"test_accuracy": [accuracy], "f1": [accuracy - 0.02]}
        text = "".join(f"{tag}: {values[0]:.4f}\n" for tag, values in scores.items())
        files = self._output(run, _plain(text))
        files["scores.json"] = _json({name: self._rng.random() for name in SPECIES})
        files["predictions.csv"] = self._predictions(accuracy)
        return files | self._event_files(run, scores, 1)

    def _predictions(self, accuracy: float) -> bytes:
        rows = ["song,species,predicted,probability"]
        for i in range(120 if self._with_pictures else 12):
            species = self._rng.choice(SPECIES)
            is_right = self._rng.random() < accuracy
            guess = species if is_right else self._rng.choice(SPECIES)
            rows.append(f"{i},{species},{guess},{self._rng.uniform(0.3, 1):.3f}")
        return "\n".join([*rows, ""]).encode()


def _place(run: SampleRun) -> str:
    return ".guild/sourcecode/" if run.is_old else ""


def _plain(text: str) -> list[Line]:
    return [(line, 0) for line in text.splitlines()]


def _last_words(run: SampleRun) -> list[Line]:
    if run.outcome == "completed":
        return [(f"\x1b[1;32mdone\x1b[0m in {run.seconds:.0f} s, wrote results/", 0)]
    if run.outcome == "error":
        return [
            ("Traceback (most recent call last):", 1),
            ('  File "train.py", line 41, in <module>', 1),
            ("    main()", 1),
            ("\x1b[31mRuntimeError\x1b[0m: CUDA out of memory: tried to allocate 2.4 GiB", 1),
        ]
    return []


def _progress(step: int, steps: int) -> str:
    done = round(20 * (step + 1) / steps)
    bar = "\x1b[32m" + "━" * done + "\x1b[90m" + "┄" * (20 - done) + "\x1b[0m"
    return f"\x1b[36mepoch {step + 1:>3}/{steps}\x1b[0m {bar}"


def _songs(count: int) -> bytes:
    rng = random.Random(20)
    rows = [f"{i},{rng.choice(SPECIES)},{rng.uniform(1, 9):.2f}" for i in range(count)]
    return "\n".join(["song,species,seconds", *rows, ""]).encode()


def _config(run: SampleRun) -> bytes:
    shown = {"model": run.flags.get("model"), "expected": round(skill(run.flags), 3)}
    body = "".join(f"  {name}: {value}\n" for name, value in shown.items())
    return f"# Written by train.py\nnetwork:\n{body}classes:\n  - wren\n  - robin\n".encode()


def _json(value: object) -> bytes:
    return (json.dumps(value, indent=2) + "\n").encode()
