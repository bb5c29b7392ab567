"""What is told of attributes that were written is what reading the run tells."""

import tempfile
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from core.index.columns import RunColumns
from core.index.reading import read_rows
from core.index.row import FIELDS, Row
from core.index.written_fields import written_fields
from core.runs.attr_dump import dump_yaml
from core.runs.store import Store
from tests.support.runs import make_run

RUN = "a" * 32

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
comments = st.fixed_dictionaries(
    {"body": texts, "user": texts, "host": texts, "time": st.integers(0, 2**62) | texts}
)
values = st.one_of(
    texts, st.lists(texts, max_size=4), st.booleans(), st.integers(), st.none(), st.dates(),
    st.lists(comments, max_size=3), comments,
)  # fmt: skip
contents = st.none() | values.map(dump_yaml) | st.binary(max_size=30)
written_attrs = st.dictionaries(
    st.sampled_from(["label", "tags", "marked", "comments", "odd"]), contents, min_size=1
)
known_attrs = st.dictionaries(
    st.sampled_from(["label", "tags", "marked", "comments"]), values.map(dump_yaml)
)


@given(known_attrs, written_attrs)
def test_a_row_with_written_fields_is_the_row_that_is_read(before, written):
    with tempfile.TemporaryDirectory() as directory:
        runs_dir = Path(directory)
        run_dir = make_run(runs_dir, RUN, attrs={"flags": "lr: 0.1", **before})
        columns = RunColumns()
        slot = columns.put_row(read_row(runs_dir))
        fields = written_fields(columns, slot, written)
        if fields is None:
            assert is_for_readers(columns, slot, run_dir, runs_dir, written)
            return
        columns.patch(slot, fields)
        write(run_dir, written)

        row = read_row(runs_dir)

        for name in FIELDS:
            if name not in ("signature", "flags"):
                assert columns.stored(name)[slot] == getattr(row, name), name


def read_row(runs_dir):
    ((values, _, _),) = read_rows(Store(runs_dir), [RUN])
    return Row(*values)


def write(run_dir, written):
    for name, data in written.items():
        path = run_dir / ".guild" / "attrs" / name
        path.unlink(missing_ok=True) if data is None else path.write_bytes(data)


def is_for_readers(columns, slot, run_dir, runs_dir, written):
    """Whether there was a reason to leave it to whoever reads the run."""
    if columns.stored("problem")[slot] or "odd" in written:
        return True
    write(run_dir, written)
    return read_row(runs_dir).problem is not None
