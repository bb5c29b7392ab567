from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from core.runs.attribute_tree import read_attribute_tree, search_nodes, whole_text
from core.runs.details import list_dependencies, read_details, read_flags
from core.runs.store import Store
from core.runs.tail import MAX_LINE, read_tail
from tests.support.runs import make_run

NAMES = ["flags", "user_flags", "deps", "env", "op", "label"]

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.dates(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(st.binary(max_size=3000), st.binary(max_size=200), st.integers(1, 20), st.booleans())
def test_any_bytes_of_output_have_a_tail_of_printable_lines(output, index, count, ended):
    files = {".guild/output": output, ".guild/output.index": index}
    with tempfile.TemporaryDirectory() as directory:
        tail = read_tail(make_run(Path(directory), files=files), count, ended=ended)

    assert len(tail) <= count
    for line in tail:
        assert len(line.text) <= MAX_LINE + 1
        assert "\x1b" not in line.text
        assert "\n" not in line.text


@given(values)
def test_a_deps_attribute_of_any_shape_is_listed(deps):
    for each in list_dependencies(deps):
        assert isinstance(each.resource + each.uri + each.run_id, str)
        assert all(isinstance(path, str) for path in each.paths)


@given(
    st.dictionaries(
        st.sampled_from(["flags", "user_flags", "deps", "env", "op", "label"]), st.binary()
    )
)
def test_a_run_of_any_bytes_has_details_flags_and_attributes(attrs):
    with tempfile.TemporaryDirectory() as directory:
        run_dir = make_run(Path(directory), attrs=attrs)
        details = read_details(Store(run_dir.parent), run_dir)
        flags = read_flags(run_dir)
        nodes = read_attribute_tree(run_dir)

    assert details.run.id == run_dir.name
    assert all(flag.name is not None for flag in flags.flags)
    assert len(nodes) == len(attrs)
    for node in nodes:
        assert isinstance(whole_text(node), str)
    assert len(search_nodes(nodes, ["e"])) <= len(nodes)
