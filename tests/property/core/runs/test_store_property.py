import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import RunDamaged
from core.index.reading import read_rows
from core.index.row import Row
from core.runs.opref import parse_opref
from core.runs.store import Store
from tests.support.runs import make_run

NAMES = [
    "started", "stopped", "initialized", "exit_status", "label", "tags", "marked", "comments",
    "flags", "host", "user", "cmd", "deps", "sourcecode_digest", "vcs_commit", "steps",
]  # fmt: skip
MARKERS = [".guild/LOCK", ".guild/LOCK.remote", ".guild/batch", ".guild/proto/.guild/opref"]
content = st.one_of(
    st.binary(max_size=60),
    st.text(max_size=30).map(lambda text: text.encode("utf-8", "surrogatepass")),
    st.sampled_from(
        [b"", b"- 1", b"a: 1", b"&a [*a]", b"1e400", b"2020-01-01", b"0x" + b"f" * 5000]
    ),
)


@settings(max_examples=150)
@given(
    st.one_of(content, st.just(b"script:/p '' '' x")),
    st.dictionaries(st.sampled_from(NAMES), content),
    st.dictionaries(st.sampled_from(MARKERS), content),
)
def test_any_bytes_in_a_run_are_read_or_told(opref, attrs, files):
    with tempfile.TemporaryDirectory() as base:
        make_run(Path(base), "a" * 32, opref=opref, attrs=attrs, files=files)

        ((values, document, _),) = read_rows(Store(Path(base)), ["a" * 32])

    row = Row(*values)
    assert row.status in ("running", "completed", "terminated", "error")
    assert row.problem is None or row.problem.startswith("Run aaaaaaaa cannot be read fully: ")
    assert "\n" not in document


@given(st.text(max_size=60))
def test_any_opref_is_parsed_or_refused(text):
    try:
        opref = parse_opref(text)
    except RunDamaged as e:
        assert str(e).startswith("its opref")
    else:
        assert isinstance(opref.display_name + opref.origin + opref.project_dir, str)
