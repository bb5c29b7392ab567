"""Which runs a sample store has: what somebody did over two years, group by group."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from typing import Any, Literal

from msgspec import Struct, field

from core.runs.run import MICROSECONDS, Comment
from core.samples.project import VERSIONS, OperationName
from core.samples.words import COMMENTS, HOSTS, LABELS, SPECIES, TAGS, USERS

DAY = 86_400 * MICROSECONDS
SPAN = 730 * DAY

# "unstarted" is a run whose dependencies were missing: an error without times.
Outcome = Literal[
    "completed", "error", "terminated", "pending", "staged", "running", "remote", "unstarted"
]
_OUTCOMES: tuple[Outcome, ...] = ("completed", "error", "terminated", "unstarted", "remote")
_OUTCOME_WEIGHTS = (86, 7, 5, 1, 1)
# What runs on another machine began in the last few days (as a part of the two years).
_LONGEST_REMOTE = 0.05
LEARNING_RATES = (0.0003, 0.001, 0.003, 0.01)
EXIT_STATUS = {"completed": (0,), "error": (1, 1, 2, 137), "terminated": (-15, -16, -9)}


class SampleRun(Struct):
    """One run to be written.

    Attributes:
        operation: What it executes.
        version: Which version of the project it used.
        started: In microseconds since 1970-01-01 UTC.
        seconds: How long it took.
        label: None for Guild's default label, empty for no label at all.
        data: Id of the run whose songs it was trained on; empty without.
        links: Name and id of each trial or step.
        proto: The prototype of a batch.
        is_old: Whether a Guild before 0.9 made it.
        is_trial: Whether a batch made it.
        is_restarted: Whether it has the event files of two attempts.
        logs: Whether it wrote event files of its own, with times.
    """

    id: str
    operation: OperationName
    version: int
    started: int
    seconds: float = 60.0
    outcome: Outcome = "completed"
    exit_status: int | None = 0
    flags: dict[str, Any] = field(default_factory=dict)
    user_flags: dict[str, Any] = field(default_factory=dict)
    label: str | None = None
    tags: list[str] = field(default_factory=list)
    comments: list[Comment] = field(default_factory=list)
    is_marked: bool = False
    data: str = ""
    links: list[tuple[str, str]] = field(default_factory=list)
    proto: SampleRun | None = None
    is_old: bool = False
    is_trial: bool = False
    is_restarted: bool = False
    logs: bool = False
    user: str = "ada"
    host: str = "lark"

    @property
    def stopped(self) -> int:
        """When it ended, in microseconds since 1970-01-01 UTC."""
        return self.started + int(self.seconds * MICROSECONDS)


class Planner:
    """Invents groups of runs that belong together, oldest first.

    Args:
        rng: Where all choices come from.
        now: Microseconds since 1970-01-01 UTC at which the two years end.
        total: About how many runs there will be.
    """

    def __init__(self, rng: random.Random, now: int, total: int) -> None:
        self._rng = rng
        self._now = now
        self._total = total
        self._made = 0
        self._data = self._new_id()
        self._trained = ""

    def groups(self) -> Iterator[list[SampleRun]]:
        """Groups until `total` runs are made; the first ones show one of each kind."""
        kinds: tuple[tuple[Callable[[], list[SampleRun]], int], ...] = (
            (self.trained, 40), (self.batch, 6), (self.finetuned, 8), (self.prepared, 4),
            (self.pipeline, 3), (self.packaged, 4), (self.older, 5), (self.pictured, 2),
        )  # fmt: skip
        opening = [] if self._made else [self.prepared, *(make for make, _ in kinds)]
        makers, weights = zip(*kinds, strict=True)
        while self._made < self._total:
            make = opening.pop(0) if opening else self._rng.choices(makers, weights)[0]
            yield from self.accept(make())

    def accept(self, group: list[SampleRun]) -> Iterator[list[SampleRun]]:
        """The group, or one run where it has more than are wanted; nothing after the last."""
        left = self._total - self._made
        if len(group) > left:
            group = self.trained()[:left]
        self._made += len(group)
        if group:
            yield group

    def prepared(self) -> list[SampleRun]:
        """Songs are cut out of new recordings."""
        run = self._run("prepare", {"min_seconds": self._rng.choice([2, 3, 2.5]), "rate": 22050})
        run.label = self._rng.choice(["", "", None])
        self._data = run.id
        return [run]

    def trained(self, **flags: Any) -> list[SampleRun]:
        """One network is trained, with what people write on such a run."""
        run = self._run("train", self._train_flags() | flags, logs=self._rng.random() < 0.1)
        self._annotate(run)
        run.is_restarted = run.outcome == "completed" and self._rng.random() < 0.03
        if run.outcome == "completed":
            self._trained = run.id
        return [run]

    def batch(self, *, is_search: bool | None = None, trials: int | None = None) -> list[SampleRun]:
        """One prototype, many trials: a grid or a random search."""
        is_search = self._rng.random() < 0.4 if is_search is None else is_search
        flags = self._train_flags()
        searched: object = "loguniform[0.0001:0.1]" if is_search else list(LEARNING_RATES)
        batch = self._run("search" if is_search else "batch", {})
        batch.outcome, batch.exit_status, batch.label = "completed", 0, ""
        batch.proto = self._like(batch, "train", flags | {"lr": searched})
        batch.proto.outcome = "pending"
        count = self._rng.randint(4, 16) if trials is None else trials
        made = [self._trial(batch, flags, i) for i in range(count)]
        if trials is None and self._rng.random() < 0.15:
            batch.outcome, batch.exit_status = "terminated", -15
            for trial in made[-2:]:
                trial.outcome, trial.label = "pending", None
        batch.seconds = sum(trial.seconds for trial in made)
        batch.links = [(trial.id, trial.id) for trial in made]
        return [batch, *made]

    def finetuned(self, lr: float | None = None) -> list[SampleRun]:
        """A script that logs for TensorBoard by itself."""
        flags = {"base": "large", "lr": lr or self._learning_rate()}
        flags |= {"epochs": self._rng.randint(20, 60)}
        flags["freeze"] = self._rng.choice([True, False, None])
        run = self._run("finetune", flags, logs=True)
        self._annotate(run)
        return [run]

    def pictured(self, species: str = "") -> list[SampleRun]:
        """A script that draws the songs of one species."""
        flags = {
            "species": species or self._rng.choice(SPECIES),
            "window": self._window(),
            "seconds": 4,
        }
        return [self._run("spectrogram", flags)]

    def packaged(self) -> list[SampleRun]:
        """A training from an installed package."""
        run = self._run("package", self._train_flags())
        self._annotate(run)
        return [run]

    def older(self) -> list[SampleRun]:
        """A training made by Guild before 0.9, source code below `.guild`."""
        run = self._run("train", self._train_flags())
        run.is_old = True
        self._annotate(run)
        return [run]

    def pipeline(self) -> list[SampleRun]:
        """All operations one after another, each a run of its own."""
        whole = self._run("all", {})
        data = self._run("prepare", {"min_seconds": 2, "rate": 22050})
        self._data = data.id
        train = self._run("train", self._train_flags())
        evaluate = self._run("evaluate", {"split": "test", "weights": train.id})
        steps = [data, train, evaluate]
        begin = whole.started + MICROSECONDS
        for step in steps:
            step.outcome, step.exit_status, step.label = "completed", 0, None
            step.started, begin = begin, begin + int((step.seconds + 1) * MICROSECONDS)
        whole.outcome, whole.exit_status, whole.label = "completed", 0, ""
        whole.seconds = sum(step.seconds + 1 for step in steps) + 1
        whole.links = [(step.operation, step.id) for step in steps]
        return [whole, *steps]

    def waiting(self, outcome: Outcome) -> SampleRun:
        """A training that is staged, pending or running at this moment."""
        run = self._run("train", self._train_flags())
        run.started = self._now - self._rng.randint(60, 900) * MICROSECONDS
        run.outcome, run.exit_status, run.label = outcome, None, None
        run.seconds = (self._now - run.started) / MICROSECONDS
        return run

    def _trial(self, batch: SampleRun, flags: dict[str, Any], number: int) -> SampleRun:
        lr = self._learning_rate() if batch.operation == "search" else LEARNING_RATES[number % 4]
        seed = flags["seed"] + number // 4
        trial = self._run("train", flags | {"lr": lr, "seed": seed})
        trial.started = batch.started + int((number + 1) * 50 * MICROSECONDS)
        trial.is_trial, trial.version, trial.user_flags = True, batch.version, {}
        trial.tags = ["sweep"] if self._rng.random() < 0.2 else []
        return trial

    def _run(
        self, operation: OperationName, flags: dict[str, Any], *, logs: bool = False
    ) -> SampleRun:
        rng = self._rng
        age = max(0.0, 1 - (self._made + rng.random()) / max(self._total, 1))
        run = SampleRun(
            self._new_id(), operation, int((1 - age) * (VERSIONS - 1)),
            self._now - int(age**1.5 * SPAN) - 1800 * MICROSECONDS,
            seconds=round(rng.lognormvariate(5, 1.2), 6),
            outcome=rng.choices(_OUTCOMES, _OUTCOME_WEIGHTS)[0],
            flags=flags, logs=logs, user=rng.choice(USERS), host=rng.choice(HOSTS),
        )  # fmt: skip
        if run.outcome == "remote" and age > _LONGEST_REMOTE:
            run.outcome = "completed"
        run.exit_status = rng.choice(EXIT_STATUS.get(run.outcome, (None,)))
        run.user_flags = {k: v for k, v in flags.items() if rng.random() < 0.3 and k != "data"}
        run.data = self._data if operation in ("train", "package") else ""
        return run

    def _like(self, batch: SampleRun, operation: OperationName, flags: dict[str, Any]) -> SampleRun:
        return SampleRun(
            "proto", operation, batch.version, batch.started, flags=flags, data=self._data,
            exit_status=None, user=batch.user, host=batch.host,
        )  # fmt: skip

    def _annotate(self, run: SampleRun) -> None:
        rng = self._rng
        if rng.random() < 0.25:
            run.label = rng.choice(LABELS)
        elif rng.random() < 0.1:
            run.label = ""
        if rng.random() < 0.2:
            run.tags = sorted(rng.sample(TAGS, rng.randint(1, 3)))
        if rng.random() < 0.1:
            comment = Comment(rng.choice(COMMENTS), run.user, run.host, run.stopped + DAY)
            run.comments = [comment, *run.comments]
        run.is_marked = rng.random() < 0.04

    def _train_flags(self) -> dict[str, Any]:
        rng = self._rng
        return {
            "augment": rng.random() < 0.6,
            "batch_size": rng.choice([16, 32, 64, 128]),
            "data": self._data,
            "dropout": rng.choice([0.0, 0.1, 0.2, 0.3, 0.5]),
            "epochs": rng.randint(20, 100),
            "lr": self._learning_rate(),
            "model": rng.choice(["small", "medium", "large"]),
            "optimizer": rng.choice(["adam", "sgd", "adam w/ decay"]),
            "scheduler": rng.choice([None, None, "cosine"]),
            "seed": rng.randint(1, 99),
            "window": self._window(),
        }

    def _window(self) -> object:
        """Once a size, since last year a name: a flag of mixed type."""
        is_early = self._made < self._total * 0.45
        return self._rng.choice([256, 512, 1024] if is_early else ["hann", "hamming", 512])

    def _learning_rate(self) -> float:
        return float(f"{10 ** self._rng.uniform(-4.3, -1.2):.2g}")

    def _new_id(self) -> str:
        return f"{self._rng.getrandbits(128):032x}"
