"""Whatever the cells of a cache file hold, nothing stops and every run is right after one look."""

from __future__ import annotations

import json
import shutil
import sqlite3

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.home import Home
from core.index.arrange import View, arrange
from core.index.filters import Filters
from core.index.index import RunIndex
from core.index.row import FIELDS
from core.index.schema import cache_file
from core.index.side_sweep import answer_fresh
from core.runs.run_json import run_document
from core.runs.store import Store
from tests.support.runs import make_run

BATCH, TRIAL, PLAIN = "b" * 32, "c" * 32, "a" * 32
NOW = 1_700_000_000_000_000

# A value of the right type cannot be told from the right value, but for those that must decode.
NEVER_BYTES = [name for name in FIELDS if name != "summaries"]
WRONG_TYPES = st.binary(max_size=20) | st.floats(allow_nan=False, allow_infinity=False)
WRONG_TEXTS = st.sampled_from(["", "x", "[", "[1]", "[[]]", "{}", '"a"', "null", "[" * 5000, "é"])
NEVER_NULL = ("id", "status", "marked", "is_batch", "signature")
DECODED = ("status", "tags", "comments", "links", "flags")
NUMBERS = ("exit_status", "started", "stopped", "pid", "marked", "signature", "is_batch")

damage = st.one_of(
    st.tuples(st.just("run"), st.sampled_from(NEVER_BYTES), WRONG_TYPES),
    st.tuples(st.just("run"), st.sampled_from(DECODED), WRONG_TEXTS.filter(len)),
    st.tuples(st.just("run"), st.sampled_from(NUMBERS), st.text("0x", min_size=1)),
    st.tuples(st.just("run"), st.sampled_from(NEVER_NULL), st.none()),
    st.tuples(
        st.just("run"),
        st.just("summaries"),
        st.binary(min_size=1, max_size=300) | st.text("a", min_size=1),
    ),
    st.tuples(st.just("run"), st.just("deleted"), st.sampled_from([None, 2, "x", b"x"])),
    st.tuples(st.just("document"), st.just("text"), WRONG_TYPES | WRONG_TEXTS | st.none()),
)


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """A home, and the cache of it as it should be."""
    base = tmp_path_factory.mktemp("kept")
    home = Home(base / "home")
    attrs = {
        "label": "one", "flags": "lr: 0.1\nday: 2020-01-02", "tags": "[x, y]", "exit_status": "0",
        "comments": "- {body: hi, user: u, host: h, time: 5}", "started": "1600000000000000",
    }  # fmt: skip
    for run_id in (PLAIN, TRIAL):
        make_run(home.runs_dir, run_id, attrs=attrs)
    batch = make_run(
        home.runs_dir, BATCH, attrs=attrs, files={".guild/proto/.guild/opref": "script:/p '' '' x"}
    )
    (batch / TRIAL).symlink_to(f"../{TRIAL}")
    index = RunIndex(home, base / "cache")
    for _ in index.refresh():
        pass
    index.close()
    return home, base / "cache"


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], deadline=None
)
@given(harm=damage, row=st.sampled_from([PLAIN, TRIAL, BATCH]), lazily=st.booleans())
def test_damaged_cells_are_read_again(kept, tmp_path, harm, row, lazily):
    home, good = kept
    cache = tmp_path / "cache"
    shutil.rmtree(cache, ignore_errors=True)
    shutil.copytree(good, cache)
    damage_cell(cache_file(cache, home.path), *harm, row)

    answer = answers(home, cache, lazily)

    assert answer == answers(home, None, lazily=False)
    assert answer[0] == [expected(home, run_id) for run_id in (PLAIN, BATCH, TRIAL)]
    if harm[0] == "run":
        assert stored(cache_file(cache, home.path)) == stored(cache_file(good, home.path))


def damage_cell(file, table, name, value, run_id):
    with sqlite3.connect(file) as connection:
        connection.execute(f"UPDATE {table} SET {name} = ? WHERE id = ?", (value, run_id))
    connection.close()


def answers(home, cache, lazily):
    """All that can be asked of the runs, after one look at the disk."""
    index = RunIndex(home, cache)
    index.load(lazily=lazily)
    try:
        return answer_fresh(index, lambda: tell(index))
    finally:
        index.close()


def tell(index):
    columns = index.columns
    slots = arrange(columns, View(filters=Filters(text="one")), now=NOW)
    slots += arrange(columns, View(filters=Filters(expression="lr < 1")), now=NOW)
    documents = [json.loads(text) for text in index.json_documents(columns.slots())]
    runs = [columns.run(slot, index.home.runs_dir) for slot in slots]
    by_id = sorted(documents, key=lambda document: document["id"])
    return by_id, sorted(runs, key=lambda run: run.id), columns.tags(), columns.operations()


def expected(home, run_id):
    document = run_document(Store(home.runs_dir).read(run_id))
    return json.loads(json.dumps(document | {"batch": BATCH if run_id == TRIAL else None}))


def stored(file):
    connection = sqlite3.connect(file)
    found = connection.execute("SELECT * FROM run ORDER BY deleted, id").fetchall()
    connection.close()
    return found
