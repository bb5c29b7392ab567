from __future__ import annotations

import os

import pytest

from core.errors import RunNotFound
from core.runs.change import ChangeTags, SetLabel, SetMark, apply
from core.runs.details import (
    MAX_RELATED,
    Dependency,
    FlagFact,
    list_dependencies,
    main_scalar,
    read_details,
    read_flags,
)
from core.runs.store import Store
from tests.support.runs import make_run

OTHER = "b" * 32


def details_of(run_dir, parent=None):
    return read_details(Store(run_dir.parent), run_dir, parent)


def test_the_manifest_tells_the_number_of_source_files(tmp_path):
    manifest = "s train.py 1f train.py\ns lib/x.py 2f lib/x.py\nd data - file:data\n"

    details = details_of(make_run(tmp_path, files={".guild/manifest": manifest}))

    assert details.source_files == 2


def test_a_manifest_that_cannot_be_read_leaves_the_number_open(tmp_path):
    run_dir = make_run(tmp_path)
    (run_dir / ".guild" / "manifest").mkdir()

    assert details_of(run_dir).source_files is None


def test_a_batch_knows_its_trials_and_those_that_are_gone(tmp_path):
    run_dir = make_run(tmp_path, files={".guild/proto/.guild/opref": "guildfile:x '' '' train"})
    make_run(tmp_path, OTHER, attrs={"label": "lr=1", "exit_status": "0"})
    (run_dir / OTHER).symlink_to(f"../{OTHER}")
    (run_dir / ("c" * 32)).symlink_to("../" + "c" * 32)

    details = details_of(run_dir)

    assert [(each.id, each.run and each.run.label) for each in details.related] == [
        (OTHER, "lr=1"),
        ("c" * 32, None),
    ]
    assert details.related[0].run.status == "completed"


def test_a_batch_in_the_trash_is_still_the_batch_of_its_trials(tmp_path):
    batch_dir = make_run(
        tmp_path / "trash" / "runs", files={".guild/proto/.guild/opref": "x:y '' '' train"}
    )
    run_dir = make_run(tmp_path / "runs", OTHER)
    (batch_dir / OTHER).symlink_to(f"../{OTHER}")
    runs, trash = Store(run_dir.parent), Store(batch_dir.parent)

    parent = read_details(runs, run_dir, batch_dir.name, trash).parent
    (trial,) = read_details(trash, batch_dir, None, runs).related

    assert (parent.run.id, parent.is_elsewhere) == (batch_dir.name, True)
    assert (trial.run.id, trial.is_elsewhere) == (OTHER, True)


def test_a_pipeline_knows_its_steps_by_name(tmp_path):
    run_dir = make_run(tmp_path, attrs={"steps": "- {run: prepare}"})
    make_run(tmp_path, OTHER)
    (run_dir / "prepare").symlink_to(f"../{OTHER}")

    assert [(each.name, each.id) for each in details_of(run_dir).related] == [("prepare", OTHER)]


def test_a_huge_batch_is_counted_but_not_read_to_its_end(tmp_path):
    run_dir = make_run(tmp_path, files={".guild/proto/.guild/opref": "x"})
    for number in range(MAX_RELATED + 5):
        (run_dir / f"{number:032x}").symlink_to(f"../{number:032x}")

    details = details_of(run_dir)

    assert details.related_count == MAX_RELATED + 5
    assert len(details.related) == MAX_RELATED


def test_the_parent_is_what_the_index_knows(tmp_path):
    run_dir = make_run(tmp_path)
    make_run(tmp_path, OTHER, attrs={"label": "grid"})

    assert details_of(run_dir, OTHER).parent.run.label == "grid"
    assert details_of(run_dir, "d" * 32).parent.run is None
    assert details_of(run_dir).parent is None


def test_the_last_lines_of_output_are_there(tmp_path):
    run_dir = make_run(tmp_path, files={".guild/output": "a\nb\n"})

    assert [line.text for line in details_of(run_dir).tail] == ["a", "b"]


def test_what_cannot_be_read_is_said_and_the_rest_is_there(tmp_path):
    run_dir = make_run(tmp_path, attrs={"label": "{", "host": "box"})

    details = details_of(run_dir)

    assert "label" in details.run.problem
    assert details.run.host == "box"


def test_a_run_that_is_gone_is_an_error(tmp_path):
    with pytest.raises(RunNotFound):
        read_details(Store(tmp_path), tmp_path / OTHER)


def test_something_was_last_seen_when_a_file_was_last_written(tmp_path):
    run_dir = make_run(tmp_path, files={".guild/output": "x"})
    os.utime(run_dir / ".guild" / "output", (4_000_000_000, 4_000_000_000))

    assert details_of(run_dir).last_seen == 4_000_000_000_000_000


@pytest.mark.parametrize("change", [SetMark(True), SetLabel("mine"), ChangeTags(add=("best",))])
def test_what_people_write_is_no_sign_of_a_run(tmp_path, change):
    run_dir = make_run(tmp_path, files={".guild/LOCK.remote": "gpu1", ".guild/output": "x"})
    for name in ("LOCK.remote", "output"):
        os.utime(run_dir / ".guild" / name, (1_700_000_000, 1_700_000_000))

    assert (
        len(apply(Store(tmp_path), [run_dir.name], change, advance=lambda _amount: None).changed)
        == 1
    )

    assert details_of(run_dir).last_seen == 1_700_000_000_000_000


@pytest.mark.parametrize("name", [".guild/events.out.tfevents.1.gpu1", "events.out.tfevents.1.a"])
def test_a_run_that_writes_events_only_is_seen_by_them(tmp_path, name):
    run_dir = make_run(tmp_path, files={".guild/LOCK.remote": "gpu1", name: "x"})
    os.utime(run_dir / name, (4_000_000_000, 4_000_000_000))

    assert details_of(run_dir).last_seen == 4_000_000_000_000_000


def test_flags_are_told_apart_by_who_gave_them(tmp_path):
    run_dir = make_run(tmp_path, attrs={"flags": "lr: 0.1\nseed: 1", "user_flags": "lr: 0.1"})

    reading = read_flags(run_dir)

    assert reading.flags == (FlagFact("lr", 0.1, "user"), FlagFact("seed", 1, "default"))
    assert reading.problem == ""


def test_flags_of_a_trial_are_the_users_where_the_command_of_the_batch_names_them(tmp_path):
    params = "flags:\n- lr=[0.1,0.2]\n- '@more.csv'\n- 5\n"
    attrs = {"flags": "lr: 0.1\nseed: 1", "user_flags": "{}", "run_params": params}

    reading = read_flags(make_run(tmp_path, attrs=attrs))

    assert reading.flags == (FlagFact("lr", 0.1, "user"), FlagFact("seed", 1, "default"))


@pytest.mark.parametrize("params", ["- 1", "flags: 3", "flags: [", "{}"])
def test_a_command_that_is_not_understood_gave_no_flag(tmp_path, params):
    attrs = {"flags": "lr: 0.1", "user_flags": "{}", "run_params": params}

    assert read_flags(make_run(tmp_path, attrs=attrs)).flags == (FlagFact("lr", 0.1, "default"),)


def test_without_user_flags_it_is_unknown_who_gave_a_flag(tmp_path):
    assert read_flags(make_run(tmp_path, attrs={"flags": "lr: 0.1"})).flags == (
        FlagFact("lr", 0.1, "unknown"),
    )


def test_a_batch_shows_the_flags_of_its_prototype_too(tmp_path):
    run_dir = make_run(
        tmp_path,
        attrs={"flags": "random-seed: 7"},
        files={".guild/proto/.guild/attrs/flags": "lr: [0.1, 0.2]\n"},
    )

    assert read_flags(run_dir).flags[-1] == FlagFact("lr", [0.1, 0.2], "prototype")


@pytest.mark.parametrize("text", ["{", "- a", "\x00"])
def test_flags_that_cannot_be_read_are_one_sentence(tmp_path, text):
    reading = read_flags(make_run(tmp_path, attrs={"flags": text}))

    assert reading.flags == ()
    assert reading.problem.startswith("The attribute flags")
    assert reading.problem.endswith(".")


def test_dependencies_lead_to_files_and_to_runs():
    deps = {
        "data": {"file:data.csv": {"uri": "file:data.csv", "paths": ["data.csv"]}},
        "operation:prepare": {"operation:prepare": {"config": OTHER, "paths": []}},
    }

    assert list(list_dependencies(deps)) == [
        Dependency("data", "file:data.csv", ("data.csv",)),
        Dependency("operation:prepare", "operation:prepare", (), OTHER),
    ]


@pytest.mark.parametrize(
    "deps", [None, 3, "text", [1], {"a": None}, {"a": {"b": None}}, {"a": {"b": {"paths": 3}}}]
)
def test_dependencies_of_any_shape_are_listed_without_a_failure(deps):
    assert all(isinstance(each, Dependency) for each in list_dependencies(deps))


def test_older_runs_list_only_the_paths_of_a_dependency():
    assert list(list_dependencies({"data": ["a.csv", "b.csv"]})) == [
        Dependency("data", "", ("a.csv", "b.csv"))
    ]


@pytest.mark.parametrize(
    ("keys", "main"),
    [
        ([], ""),
        (["acc", "loss", "val_loss"], "loss"),
        (["acc", "train#loss"], "train#loss"),
        (["acc", "val_loss"], "val_loss"),
        (["zeta", "acc"], "acc"),
        (["sys/cpu", "zeta"], "zeta"),
        (["ab12/.guild#loss", "acc"], "acc"),
        (["sys/cpu"], "sys/cpu"),
    ],
)
def test_the_main_scalar_is_a_loss_or_the_first_of_the_runs_own(keys, main):
    assert main_scalar(keys) == main
