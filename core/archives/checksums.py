"""The record that leaves with a run: a checksum of every file, and what is a link.

It is `.guild/rundesk-checksums`, beside the attributes and not one of them: for Guild it is a file
that it does not know and leaves alone. It is written while a run is exported, and compared and left
out while it is imported. It is what `sha256sum` writes, so that a run can be verified by anybody:
`cd RUN && sha256sum -c .guild/rundesk-checksums`.

Why links are named in it (in lines that are comments to sha256sum): Guild's importer makes of a
link in a zip a small text file that holds the name of its target (seen with 0.9.0), so that zips
have Guild's own form: a file in place of a link to a file, an empty directory in place of a link
to a directory. What was a link is known from here only.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import BinaryIO

from msgspec import Struct, field

from core.errors import ArchiveError
from core.runs.files import shown

NAME = ".guild/rundesk-checksums"
MOST_BYTES = 1 << 30
_LONGEST_LINE = 64 * 1024

_LINE = re.compile(rb"(\\?)([0-9a-f]{64}) [ *](.+)\Z", re.DOTALL)
_LINK = b"# link\t"
_ESCAPES = {b"\\": b"\\\\", b"\n": b"\\n", b"\r": b"\\r", b"\t": b"\\t"}
_PLAIN = {escaped: plain for plain, escaped in _ESCAPES.items()}
_ODD = re.compile(rb"[\\\n\r\t]")
_ODD_IN_TEXT = re.compile(r"[\\\n\r]")
_ODD_IN_LINE = re.compile(rb"[\\\n\r]")  # sha256sum leaves tabs as they are
_ESCAPED = re.compile(rb"\\.", re.DOTALL)


class Record(Struct, frozen=True):
    """What a run consisted of when it was exported.

    Attributes:
        digests: Path of each file below the run to its SHA-256 in hex.
        links: Path of each link to what it says.
    """

    digests: Mapping[str, str] = field(default_factory=dict)
    links: Mapping[str, str] = field(default_factory=dict)


def dump_record(record: Record) -> bytes:
    """The bytes of a record."""
    paths = "".join(record.digests)
    if paths.isascii() and _ODD_IN_TEXT.search(paths) is None:  # as nearly all are
        plain = "".join([f"{digest}  {path}\n" for path, digest in record.digests.items()])
        lines = [plain.encode("ascii")]
    else:
        lines = [digest_line(os.fsencode(path), digest) for path, digest in record.digests.items()]
    for path, target in record.links.items():
        parts = (_ODD.sub(_escape, os.fsencode(text)) for text in (path, target))
        lines.append(_LINK + b"\t".join(parts) + b"\n")
    return b"".join(lines)


def parse_record(data: bytes) -> Record:
    """Read a record.

    Raises:
        ArchiveError: It is none. The message is a clause.
    """
    digests: dict[str, str] = {}
    links: dict[str, str] = {}
    for path, digest, target in iter_record(data.split(b"\n")):
        if digest:
            digests[path] = digest
        else:
            links[path] = target
    return Record(digests, links)


def iter_record(lines: Iterable[bytes]) -> Iterator[tuple[str, str, str]]:
    """Path and SHA-256 in hex of each file, path and target of each link; the third is empty.

    Args:
        lines: Of a record, without their ends.

    Raises:
        ArchiveError: They are of none. The message is a clause.
    """
    for line in lines:
        if line.startswith(_LINK):
            path, tab, target = line[len(_LINK) :].partition(b"\t")
            if not tab:
                raise ArchiveError("its checksums cannot be read")
            yield _text(path), "", _text(target)
        elif line and not line.startswith(b"#"):
            found = _LINE.match(line)
            if found is None:
                raise ArchiveError("its checksums cannot be read")
            escaped, digest, path = found.groups()
            yield _text(path) if escaped else os.fsdecode(path), digest.decode("ascii"), ""


def lines_of(file: BinaryIO) -> Iterator[bytes]:
    """The lines of a record, of which not more than one is in memory.

    Raises:
        ArchiveError: It is too large to be one, or cannot be read. The message may be a clause.
    """
    left = MOST_BYTES
    while line := file.readline(_LONGEST_LINE):
        left -= len(line)
        if left < 0 or len(line) == _LONGEST_LINE:
            raise ArchiveError("its checksums cannot be read")
        yield line.removesuffix(b"\n")


def differing(record: Record, digests: Mapping[str, str]) -> tuple[str, ...]:
    """Clauses on the files that are not as they were exported; empty where all are.

    A file that the record does not name is no difference: somebody put it there since.

    Args:
        record: What left.
        digests: What arrived.
    """
    return tuple(_differences(record, digests))


def why_differing(path: str, found: str | None) -> str:
    """A clause on a file that is not as it was exported.

    Args:
        path: Its path.
        found: What its checksum is; None where it is missing.
    """
    name = shown(path)
    if found is None:
        return f"{name} is missing"
    return f"{name} is not what was exported (its checksum differs)"


def _differences(record: Record, digests: Mapping[str, str]) -> Iterable[str]:
    for path, digest in record.digests.items():
        found = digests.get(path)
        if found != digest:
            yield why_differing(path, found)


def digest_line(path: bytes, digest: str) -> bytes:
    """The line of a file, with its end."""
    escaped = _ODD_IN_LINE.sub(_escape, path)
    mark = b"\\" if escaped != path else b""
    return mark + digest.encode("ascii") + b"  " + escaped + b"\n"


def _escape(match: re.Match[bytes]) -> bytes:
    return _ESCAPES[match.group()]


def _text(escaped: bytes) -> str:
    return os.fsdecode(_ESCAPED.sub(lambda m: _PLAIN.get(m.group(), m.group()), escaped))
