"""Records of checksums with names of any bytes, and any bytes in place of a record."""

import contextlib
import os

from hypothesis import given
from hypothesis import strategies as st

from core.archives.checksums import Record, dump_record, parse_record
from core.errors import ArchiveError

names = st.binary(min_size=1).filter(lambda raw: b"\0" not in raw).map(os.fsdecode)
digests = st.text("0123456789abcdef", min_size=64, max_size=64)


@given(st.dictionaries(names, digests), st.dictionaries(names, names))
def test_any_names_come_back(files, links):
    record = Record(files, links)

    assert parse_record(dump_record(record)) == record


@given(st.binary())
def test_any_bytes_are_a_record_or_refused(data):
    with contextlib.suppress(ArchiveError):
        assert isinstance(parse_record(data), Record)
