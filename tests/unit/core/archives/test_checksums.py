"""The record of checksums that leaves with a run."""

import hashlib
import os
import subprocess

import pytest

from core.archives.checksums import NAME, Record, differing, dump_record, parse_record
from core.errors import ArchiveError

ODD = ["plain", "two words", "new\nline", "back\\slash", "re\rturn", "tab\t", "b\udcffyte", "é"]


def test_a_record_is_read_as_it_was_written():
    digest = hashlib.sha256(b"").hexdigest()
    record = Record(dict.fromkeys(ODD, digest), {name: f"../{name}" for name in ODD})

    assert parse_record(dump_record(record)) == record


def test_sha256sum_verifies_a_record(tmp_path):
    digests = {}
    for name in ODD:
        (tmp_path / name).write_bytes(os.fsencode(name))
        digests[name] = hashlib.sha256(os.fsencode(name)).hexdigest()
    (tmp_path / ".guild").mkdir()
    (tmp_path / NAME).write_bytes(dump_record(Record(digests, {"a": "b"})))

    done = subprocess.run(
        ["sha256sum", "-c", "--strict", "--quiet", NAME], cwd=tmp_path, capture_output=True
    )

    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


def test_a_changed_and_a_missing_file_are_named():
    record = Record({"same": "a" * 64, "changed": "b" * 64, "missing": "c" * 64})

    said = differing(record, {"same": "a" * 64, "changed": "d" * 64, "more": "e" * 64})

    assert said == (
        "changed is not what was exported (its checksum differs)",
        "missing is missing",
    )


@pytest.mark.parametrize("data", [b"no digest", b"# link\tname only", b"ab  name"])
def test_what_is_no_record_is_refused(data):
    with pytest.raises(ArchiveError, match="its checksums cannot be read"):
        parse_record(data)
