"""The small sample store: one person, sixty runs, and what she found out about birds.

Why: somebody who tries the application out should meet runs that are worth comparing: a
baseline, a mistake, a search for a learning rate, a night shift, a best run at the end.
"""

from __future__ import annotations

from collections.abc import Iterator

from core.runs.run import Comment
from core.samples.plan import DAY, EXIT_STATUS, Outcome, Planner, SampleRun


def story(planner: Planner) -> Iterator[list[SampleRun]]:
    """Groups of runs, oldest first; they end where the planner's number of runs is reached."""
    for group in _chapters(planner):
        yield from planner.accept(group)
    yield from planner.groups()


def _chapters(planner: Planner) -> Iterator[list[SampleRun]]:
    yield _told(planner.prepared(), "first recordings, from the balcony")
    yield from _first_tries(planner)
    yield _told(planner.older(), "made with the Guild of last year")
    yield _told(planner.batch(is_search=False, trials=8), "which learning rate?", tags=["sweep"])
    for species in ("nightingale", "wren", "chiffchaff"):
        yield _told(planner.pictured(species), None)
    yield _told(planner.prepared(), "second spring: 214 recordings")
    for window in (256, 512, "hann", "hamming"):
        yield _told(planner.trained(window=window, lr=0.001), f"window {window}", tags=["window"])
    yield _told(planner.batch(is_search=True, trials=12), "night shift", tags=["night shift"])
    yield _told(planner.pipeline(), "everything once more")
    yield from _fine_tuning(planner)
    yield _told(planner.packaged(), "from the released package", tags=["v2"])
    yield from _abroad(planner)
    yield from _best(planner)


def _first_tries(planner: Planner) -> Iterator[list[SampleRun]]:
    yield _told(
        planner.trained(lr=0.001, model="small"),
        "baseline, nothing changed",
        tags=["baseline"],
        comment="Everything else is compared with this one.",
        is_marked=True,
    )
    yield _told(
        planner.trained(batch_size=128, model="large"), "too big for this card", outcome="error"
    )
    yield _told(planner.trained(batch_size=16, model="large", lr=0.001), "smaller batches")
    yield _told(planner.trained(lr=0.09), "too fast: stopped by hand", outcome="terminated")


def _fine_tuning(planner: Planner) -> Iterator[list[SampleRun]]:
    yield _told(planner.finetuned(lr=0.0004), "fine-tuned from the large one")
    yield _told(planner.finetuned(lr=0.0009), None)
    yield _told(planner.finetuned(lr=0.06), None, outcome="error", comment="The loss exploded.")


def _abroad(planner: Planner) -> Iterator[list[SampleRun]]:
    for label in (
        "Große Rohrdommel, früh am Morgen",
        "ヒバリ 🐦 雑音なし",
        "قبل الفجر: صوت البلبل",
        "קול הזמיר בלילה",
        "зяблик против пеночки: the same flags as the run of Tuesday, but without the recordings "
        "from the railway bridge, which were mostly trains",
    ):
        yield _told(planner.trained(lr=0.002), label, tags=["field test"])


def _best(planner: Planner) -> Iterator[list[SampleRun]]:
    flags = {"lr": 0.002, "model": "large", "window": "hann", "augment": True, "dropout": 0.3}
    yield _told(
        planner.trained(**flags),
        "best so far 🎉",
        tags=["keep", "paper"],
        comment="Keep. This is the one in figure 3.\n\nChiffchaff and wren are told apart at last:"
        " see results/confusion.png.",
        is_marked=True,
    )


def _told(
    group: list[SampleRun],
    label: str | None,
    *,
    tags: list[str] | None = None,
    comment: str = "",
    outcome: Outcome = "completed",
    is_marked: bool = False,
) -> list[SampleRun]:
    """The group with what was written on its first run."""
    first = group[0]
    first.label, first.tags, first.is_marked = label, tags or [], is_marked
    first.comments = [Comment(comment, "ada", "lark", first.stopped + DAY)] if comment else []
    first.outcome, first.exit_status = outcome, EXIT_STATUS[outcome][0]
    return group
