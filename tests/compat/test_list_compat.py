"""`rundesk list --json` tells what `guild runs list --json` tells, on every run and field.

What differs on purpose (core.runs.run_json says why): a run without tags or comments has an empty
list, one without a mark has false, and an empty label counts as none.
"""

from __future__ import annotations

import pytest

from tests.support.guild_answers import ask_guild

FIELDS = {"id", "run_dir", "opref", "exit_status", "cmd", "started", "stopped", "status"}
EMPTY = {"comments": [], "tags": [], "marked": False}

# Options of the command as a user types them; each must list the same runs in the same order.
QUESTIONS = [
    (),
    ("-Fo", "m:train"),
    ("-Fotrain.py",),
    ("--operation", "train", "-Fo", "noop"),
    ("-Fo", "^m:"),
    ("-Fl", "best"),
    ("-Fl", "-"),
    ("-Fu",),
    ("-Ft", "paper"),
    ("-Ft", "seed 2", "-Ft", "swept"),
    ("-Fc", "ADA"),
    ("--comment", "-"),
    ("-Fm",),
    ("-Fn",),
    ("-Fs", "last 2 days"),
    ("--started", "before yesterday"),
    ("-Fd", "0"),
    ("-Sc",),
    ("-Set",),
    ("-Se", "-St"),
    ("-Sp", "-Ss", "-Sr"),
    ("--not-completed",),
    ("--not-completed", "--not-error"),
    ("-Sce", "--not-error"),
    ("-F", "lr < 0.1"),
    ("-F", "lr = 0.1 and status = completed"),
    ("-Flr<0.1", "-Sc", "-Fo", "m:train"),
    ("-Fmn",),
    ("-d",),
    ("--deleted", "-Se"),
    ("-d", "-Fl", "thrown"),
    ("-Fm", "-F", "not label contains x", "-Sc", "-Fo", "m:*"),
]


@pytest.fixture(scope="module")
def answers(peer, guild_home, tmp_path_factory):
    """Guild's ids for each question."""
    return dict(
        zip(
            QUESTIONS,
            ask_guild(peer, guild_home, QUESTIONS, tmp_path_factory.mktemp("questions")),
            strict=True,
        )
    )


@pytest.mark.parametrize("place", [(), ("--deleted",)], ids=["runs", "trash"])
def test_every_field_of_every_run_is_guilds(peer, guild_home, desk, place):
    theirs = peer.json(guild_home, "runs", "list", "--json", *place)
    ours = desk.on(guild_home)("list", "--json", *place).json

    assert len(theirs) > (1 if place else 30)
    assert [run["id"] for run in ours] == [run["id"] for run in theirs]
    for our, their in zip(ours, theirs, strict=True):
        assert {key: our[key] for key in FIELDS} == {key: their[key] for key in FIELDS}
        assert our["label"] == (their["label"] or None)
        assert {key: our[key] for key in EMPTY} == {
            key: their[key] or empty for key, empty in EMPTY.items()
        }
        assert set(their) - {"batch_proto"} <= set(our)


def test_trials_know_their_batch(guild_store, desk):
    runs = {run["id"]: run for run in desk.on(guild_store.home)("list", "--json").json}

    for name in ("grid", "random", "halted"):
        trials = set(guild_store.links(name).values())
        assert len(trials) >= 2
        assert {run_id for run_id, run in runs.items() if run["batch"] == guild_store.id(name)} == (
            trials
        )


@pytest.mark.parametrize("question", QUESTIONS, ids=" ".join)
def test_options_list_the_same_runs_in_the_same_order(answers, guild_home, desk, question):
    answer = answers[question]

    ours = [run["id"] for run in desk.on(guild_home)("list", "--json", *question).json]

    assert not answer.error
    assert ours == answer.ids


def test_questions_tell_runs_apart(answers):
    counts = [len(answer.ids) for answer in answers.values()]

    assert len(set(counts)) > 8
    assert sum(count == 0 for count in counts) <= 3


@pytest.mark.parametrize("text", ["3", "2:5", ":4", "6:", ":"])
def test_indexes_and_slices_mean_the_same_runs(peer, guild_home, desk, text):
    chosen = peer.guild(guild_home, "select", "-A", "-Sc", text).stdout.split()

    listed = [run["id"] for run in desk.on(guild_home)("list", "--json", "-Sc").json]

    assert chosen
    if len(chosen) == 1:
        assert desk.on(guild_home)("info", "--json", "-Sc", text).json["id"] == chosen[0]
    first, last = listed.index(chosen[0]), listed.index(chosen[-1])
    assert listed[first : last + 1] == chosen
