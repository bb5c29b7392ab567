"""Guild and Rundesk change runs of one home in turns: as if Guild had done all of it.

A second home is changed by Guild alone. After each step both hold the same bytes, and each program
reads what the other one wrote.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec import Struct

from core.runs.change import (
    AddComment,
    AppendLabel,
    Change,
    ChangeTags,
    ClearComments,
    ClearLabel,
    PrependLabel,
    RemoveFromLabel,
    SetLabel,
    SetMark,
    apply,
)
from core.runs.store import Store
from tests.compat.test_change_compat import without_time
from tests.support.runs import make_run

RUNS = ("aa" * 16, "bb" * 16)
FLAGS = "lr: 0.0001234567\nname: it's café\nsize: [1, 2]\nword: plain"


class Step(Struct, frozen=True):
    """One change in the words of both programs."""

    run: str
    is_ours: bool
    command: tuple[str, ...]
    change: Change


def step(options, change):
    return st.builds(
        Step, st.sampled_from(RUNS), st.booleans(), st.just(tuple(options)), st.just(change)
    )


words = st.sampled_from(["a", "b", "1", "1e-05", "yes", "n", "é", "two words", "x:", "- y", "😀"])
plain_words = st.sampled_from(["a", "b", "1", "c3", "long" * 30])
templates = st.one_of(
    words,
    st.sampled_from(["${lr}", "${name} ${label}", "${size|default:x} ${none}", "${label|unquote}"]),
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), min_size=1)
    .filter(lambda text: not text.startswith("-")),
)  # fmt: skip
steps = st.one_of(
    templates.flatmap(lambda t: step(["label", "-s", t], SetLabel(t))),
    templates.flatmap(lambda t: step(["label", "-a", t], AppendLabel(t))),
    templates.flatmap(lambda t: step(["label", "-p", t], PrependLabel(t))),
    plain_words.flatmap(lambda w: step(["label", "-rm", w], RemoveFromLabel((w,)))),
    step(["label", "-c"], ClearLabel()),
    words.flatmap(lambda w: step(["tag", "-a", w], ChangeTags(add=(w,)))),
    words.flatmap(lambda w: step(["tag", "-d", w], ChangeTags(delete=(w,)))),
    words.flatmap(lambda w: step(["tag", "-c", "-a", w], ChangeTags(add=(w,), clear=True))),
    plain_words.flatmap(
        lambda w: step(["tag", "-d", w, "-a", "new"], ChangeTags(add=("new",), delete=(w,)))
    ),
    step(["mark"], SetMark(on=True)),
    step(["mark", "-c"], SetMark(on=False)),
    words.flatmap(
        lambda w: step(["comment", "-u", "ada@box", "-a", w], AddComment(w, "ada", "box"))
    ),
    step(["comment", "-c"], ClearComments()),
)


def guild_changes(session, home: Path, each: Step) -> bool:
    return session(home, each.command[0], "-y", *each.command[1:], each.run).code == 0


def attrs(home: Path, run: str) -> dict[str, bytes | None]:
    paths = (home / "runs" / run / ".guild" / "attrs").iterdir()
    return {path.name: without_time(path.read_bytes()) for path in paths}


@settings(
    max_examples=40,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(sequence=st.lists(steps, min_size=1, max_size=8))
def test_two_programs_in_turns_are_like_guild_alone(guild_session, tmp_path, sequence):
    homes = [tmp_path / "guild alone", tmp_path / "in turns"]
    for home in homes:
        shutil.rmtree(home, ignore_errors=True)
        for run in RUNS:
            make_run(home / "runs", run, attrs={"flags": FLAGS, "started": "1700000000000000"})
    store = Store(homes[1] / "runs")

    for each in sequence:
        is_done = guild_changes(guild_session, homes[0], each)
        if not is_done:
            continue  # where Guild fails, unit tests say what we do
        if each.is_ours:
            outcome = apply(store, [each.run], each.change, advance=lambda _: None)
            assert not outcome.refused
        else:
            assert guild_changes(guild_session, homes[1], each)
        assert attrs(homes[1], each.run) == attrs(homes[0], each.run)

    for listed in json.loads(guild_session(homes[1], "runs", "--json").out):
        run = store.read(listed["id"])
        assert run.label == (listed["label"] or "")
        assert list(run.tags) == (listed["tags"] or [])
        assert run.marked == bool(listed["marked"])
        assert [each.body for each in run.comments] == [
            each["body"] for each in listed["comments"] or []
        ]
