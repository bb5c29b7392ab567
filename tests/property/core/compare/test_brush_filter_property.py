"""A filter made of a brush shows the brushed runs, or there is none."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from core.compare.brush_filter import brush_filter
from core.index.arrange import View, arrange
from core.index.columns import RunColumns
from core.index.filters import Filters
from core.runs.run import Run, ScalarSummary

NUMBERS = st.integers(-3, 3) | st.sampled_from([0.1, 1e-5, 1.5e300, float("inf"), float("nan")])
WORDS = st.text("ab\"\\' 1é\n=", max_size=4) | st.sampled_from(["true", "10", "and", "x y"])
VALUES = NUMBERS | WORDS | st.booleans() | st.none() | st.lists(st.integers(0, 1), max_size=2)
NAMES = st.sampled_from(["lr", "loss", "a b", "x#y", "label", "é", "and", "1"])
RUNS = st.lists(
    st.tuples(st.dictionaries(NAMES, VALUES, max_size=3), st.none() | NUMBERS),
    min_size=1,
    max_size=6,
)
BEFORE = st.sampled_from(["", "lr = 1", "some words", "loss < 1 or lr > 0", "lr ="])


def columns_of(runs) -> RunColumns:
    columns = RunColumns()
    for number, (flags, loss) in enumerate(runs):
        scalars = {} if loss is None else {"loss": ScalarSummary(float(loss), 1, *[1.0, 1] * 4)}
        columns.put(Run(f"{number:08x}" + "0" * 24, Path("/r"), flags=flags, scalars=scalars))
    return columns


@given(RUNS, st.lists(NAMES, max_size=2, unique=True), st.booleans(), BEFORE, st.data())
def test_a_filter_of_a_brush_shows_the_brushed_runs_and_no_others(
    runs, names, has_scalar, before, data
):
    columns = columns_of(runs)
    brushed = data.draw(st.lists(st.sampled_from(range(len(runs))), unique=True))
    keys = [f"flag:{name}" for name in names] + (["scalar:last:loss"] if has_scalar else [])

    text = brush_filter(columns, brushed, keys, before, View(), 0)

    assert bool(text) == bool(brushed)  # so few can always be told by their ids
    if text:
        shown = arrange(columns, View(filters=Filters.of_box(text)), now=0)
        assert sorted(shown) == sorted(brushed)
