from pathlib import Path

import pytest

from core.compare.column_spec import parse_column
from core.compare.direction import Directions, best_of, guess_direction, objectives_of
from core.compare.operation_hints import ProjectHints
from core.index.columns import RunColumns
from core.runs.run import Run

NAN, INF = float("nan"), float("inf")


@pytest.mark.parametrize(
    "key",
    [
        *(
            "loss",
            "val_loss",
            "train/loss",
            "test#error",
            "RMSE",
            "wer",
            "accuracy loss",
            "perplexity",
        ),
        *(
            "neg_log_likelihood",
            "logs/validation#crossEntropyLoss",
            "score_error",
            "negative reward",
        ),
    ],
)
def test_small_is_better_by_name(key):
    assert guess_direction(key) == "down"


@pytest.mark.parametrize(
    "key",
    [
        *("acc", "val_accuracy", "F1", "f1_score", "mAP", "top_5", "ROC_AUC", "loss#acc", "valAcc"),
        *("mean_reward", "r2", "test/IoU", "error_score"),
    ],
)
def test_large_is_better_by_name(key):
    assert guess_direction(key) == "up"


@pytest.mark.parametrize(
    "key", ["lr", "epoch", "", "x", "step_time", "loss_weight", "glossary", "accident", "loss#lr"]
)
def test_where_a_name_says_nothing_nothing_is_guessed(key):
    assert guess_direction(key) is None


def test_the_user_wins_over_the_objective_and_that_over_the_name():
    directions = Directions({"loss": None, "x": "up"}, {"loss": "up", "acc": "down", "x": "down"})

    found = {key: directions.of(parse_column(key)) for key in ("loss", "acc", "x", "err", "lr")}

    assert found == {"loss": None, "acc": "down", "x": "up", "err": "down", "lr": None}


def test_only_values_of_scalars_have_a_direction():
    directions = Directions({"loss": "down"})

    for text in ("loss step", "count loss", "=loss", ".loss"):
        assert directions.of(parse_column(text)) is None
    assert directions.of(parse_column("max loss")) == "down"


def test_objectives_are_those_of_projects_and_of_batches(tmp_path):
    (tmp_path / "guild.yml").write_text("train: {objective: {maximize: max gain}}\n")
    values = {"b" * 32: "-score", "c" * 32: "a b", "d" * 32: ["x"]}
    columns = RunColumns(read_attr=lambda run_id, deleted, name: values[run_id])
    columns.put(Run("a" * 32, Path("/r"), opref=f"guildfile:{tmp_path}/guild.yml 0 '' train"))
    for run_id in values:
        columns.put(Run(run_id, Path("/r"), attr_names=("objective",)))

    found = objectives_of(columns, range(4), ProjectHints())

    assert found == {"gain": "up", "score": "up"}


@pytest.mark.parametrize(
    ("values", "direction", "best"),
    [
        ([1, 2.5, 3], "up", {2}),
        ([1, 2.5, 3], "down", {0}),
        ([1, 2, 1], "down", {0, 2}),
        ([1, 2], None, set()),
        ([1, 1], "up", set()),
        ([1], "up", set()),
        ([], "up", set()),
        ([NAN, 2, 1, None], "up", {1}),
        ([INF, 2, 1], "up", {1}),
        ([-INF, 2, 1], "down", {2}),
        (["9", True, 2, 1], "up", {2}),
        ([NAN, 2], "up", set()),
    ],
)
def test_the_best_values_are_found(values, direction, best):
    assert best_of(values, direction) == best
