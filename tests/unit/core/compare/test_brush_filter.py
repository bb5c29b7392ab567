from pathlib import Path

import pytest

from core.compare.brush_filter import brush_filter
from core.index.arrange import View
from core.index.columns import RunColumns
from core.index.filters import Filters
from core.runs.run import Run, ScalarSummary

NAN = float("nan")


def columns_from(*flags, losses=(), **fields):
    columns = RunColumns()
    for number, found in enumerate(flags):
        scalars = {}
        if number < len(losses) and losses[number] is not None:
            scalars = {"loss": ScalarSummary(losses[number], 9, 1.0, 0, *[losses[number], 1] * 3)}
        run_id = f"{number:08x}" + "0" * 24
        columns.put(Run(run_id, Path("/r"), flags=found, scalars=scalars, **fields))
    return columns


def text_of(columns, slots, keys, before="", view=None):
    return brush_filter(columns, slots, keys, before, view or View(), now=0)


def test_numbers_that_were_brushed_are_a_range():
    columns = columns_from(*({"lr": value} for value in (0.1, 0.2, 0.3, 0.4)))

    assert text_of(columns, [1, 2], ["flag:lr"]) == "lr >= 0.2 and lr <= 0.3"


def test_one_number_is_told_as_it_is():
    columns = columns_from({"lr": 0.1}, {"lr": 0.2}, {"lr": 0.2})

    assert text_of(columns, [1, 2], ["flag:lr"]) == "lr = 0.2"


def test_words_that_were_brushed_are_a_list():
    columns = columns_from(*({"opt": word} for word in ("sgd", "adam", "a b", "10")))

    assert text_of(columns, [1, 2, 3], ["flag:opt"]) == 'opt in [adam, "a b", "10"]'


def test_brushes_on_several_axes_must_all_hold():
    flags = [{"lr": 0.1 * n, "opt": ("sgd", "adam")[n % 2]} for n in range(1, 7)]
    columns = columns_from(*flags, losses=[0.6, 0.5, 0.4, 0.3, 0.2, 0.1])

    found = text_of(columns, [2, 4], ["flag:opt", "scalar:last:loss"])

    assert found == "opt = adam and loss >= 0.2 and loss <= 0.4"


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("scalar:min:loss", "min loss = 0.25"),
        ("operation", "operation = train"),
        ("status", "status = completed"),
    ],
)
def test_other_columns_have_words_of_their_own(key, text):
    columns = columns_from({}, losses=[0.25], operation="train", status="completed")
    columns.put(Run("f" * 32, Path("/r"), operation="eval", status="error"))

    assert text_of(columns, [0], [key]) == text


def test_a_name_that_means_something_else_here_is_told_apart():
    columns = columns_from({"loss": 1}, {"loss": 2}, {"loss": 3}, losses=[0.1, 0.2, 0.3])

    found = text_of(columns, [0, 1], ["scalar:last:loss"])

    assert found == "scalar:loss >= 0.1 and scalar:loss <= 0.2"


def test_a_scalar_of_a_directory_is_no_own_one():
    columns = columns_from({}, {}, losses=[0.1, 0.2])
    below = ScalarSummary(0.15, 9, 1.0, 0, 0.15, 1, 0.15, 1, 0.15, 1)
    columns.put(Run("f" * 32, Path("/r"), scalars={"logs/train#loss": below}))

    found = text_of(columns, [0, 1], ["scalar:last:loss"])

    assert found == "scalar:.guild#loss >= 0.1 and scalar:.guild#loss <= 0.2"
    assert text_of(columns, [2], ["scalar:last:logs/train#loss"]) == "logs/train#loss = 0.15"


def test_what_was_filtered_before_stays_so():
    columns = columns_from(*({"lr": n, "opt": "ab"[n % 2]} for n in range(6)))

    found = text_of(columns, [2, 4], ["flag:lr"], before="opt = a")

    assert found == "opt = a and lr >= 2 and lr <= 4"


def test_among_selected_runs_only_those_are_shown():
    columns = columns_from(*({"lr": n} for n in range(6)))

    assert text_of(columns, [1, 4], ["flag:lr"]) == 'run in ["00000001", "00000004"]'


def test_a_time_has_no_words_and_the_ids_are_told():
    columns = columns_from({}, {})

    assert text_of(columns, [1], ["started"]) == 'run in ["00000001"]'


def test_nan_is_in_no_range():
    columns = columns_from({}, {}, {}, losses=[0.1, NAN, 0.2])

    found = text_of(columns, [0, 2], ["scalar:last:loss"])

    assert found == "loss >= 0.1 and loss <= 0.2"


def test_trials_of_a_batch_are_looked_for_among_them_only():
    columns = columns_from({"lr": 1}, {"lr": 2}, batch="b" * 32)
    columns.put(Run("f" * 32, Path("/r"), flags={"lr": 2}))
    view = View(filters=Filters(trials_of="b" * 32))

    assert text_of(columns, [1], ["flag:lr"], view=view) == "lr = 2"


def test_runs_too_many_to_be_told_by_ids_have_no_text():
    columns = columns_from(*({"lr": n} for n in range(6_000)))

    assert text_of(columns, list(range(0, 6_000, 2)), ["flag:lr"]) == ""


def test_none_that_was_brushed_has_no_text():
    assert text_of(columns_from({"lr": 1}), [], ["flag:lr"]) == ""
