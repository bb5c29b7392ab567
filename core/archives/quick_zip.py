"""Entries of ordinary small runs in a zip, byte for byte those of core.archives.zip_packer."""

from __future__ import annotations

import struct
import zlib
from stat import S_IFDIR

from core.archives.quick_run import Item, QuickRun
from core.archives.squeeze import deflated
from core.archives.zip_packer import EPOCH_OF_NTFS, dos_clock

_LOCAL = struct.Struct("<4s5H3L2H")
_CENTRAL = struct.Struct("<4s6H3L5H2L")
_TIMES = struct.Struct("<2HBi2HL2H3Q")  # of Unix, then of NTFS
_UNIX_SIZE = 9
_OFFSET_AT = 42
_USUAL_SECONDS = range(315_619_200, 1 << 31)  # from 1980 on, everywhere on earth, to 2038
_VERSION, _BY_UNIX, _DEFLATED, _DIRECTORY_OF_DOS = 20, 3 << 8, 8, 0x10


class ZipPart:
    """Entries that are compressed and listed, to be put anywhere into a zip.

    Attributes:
        packed: Pieces of the entries.
        directory: Pieces of their list, in which offsets count from the first entry on.
        places: Where in the list each of those offsets is.
    """

    def __init__(self) -> None:
        self.packed: list[bytes] = []
        self.directory: list[bytes] = []
        self.places: list[int] = []
        self._size = self._listed = 0

    def add(self, run_id: str, run: QuickRun) -> bool:
        """Add a run without links; False, and nothing of it, where one of its times is unusual.

        Args:
            run_id: The run's id, in ASCII.
            run: What is in it.
        """
        times = [run.mtime_ns, *(item[3] for item in run.items)]
        first, last = min(times) // 1_000_000_000, max(times) // 1_000_000_000
        if first not in _USUAL_SECONDS or last not in _USUAL_SECONDS:
            return False
        self._add(run_id.encode("ascii"), ("", S_IFDIR, run.mode, run.mtime_ns, b""))
        prefix = run_id.encode("ascii")
        for item in run.items:
            self._add(prefix, item)
        return True

    def _add(self, run_id: bytes, item: Item) -> None:
        path, kind, mode, mtime_ns, data = item
        name = b"%b/%b" % (run_id, path.encode("ascii"))
        outer = (kind | mode) << 16
        if kind == S_IFDIR:
            name += b"/" if path else b""
            outer |= _DIRECTORY_OF_DOS
        body = deflated(data)
        method = _DEFLATED
        if body is None:
            body, method = data, 0
        seconds = mtime_ns // 1_000_000_000
        ticks = mtime_ns // 100 + EPOCH_OF_NTFS
        clock, day = dos_clock(seconds)
        extra = _TIMES.pack(0x5455, 5, 1, seconds, 0x000A, 32, 0, 1, 24, ticks, ticks, ticks)
        size, packed, length, crc = len(data), len(body), len(name), zlib.crc32(data)
        head = _LOCAL.pack(b"PK\x03\x04", _VERSION, 0, method, clock, day, crc, packed, size,
                           length, _UNIX_SIZE)  # fmt: skip
        self.packed += (head, name, extra[:_UNIX_SIZE], body)
        listed = _CENTRAL.pack(b"PK\x01\x02", _BY_UNIX | _VERSION, _VERSION, 0, method, clock, day,
                               crc, packed, size, length, len(extra), 0, 0, 0, outer,
                               self._size)  # fmt: skip
        self.directory += (listed, name, extra)
        self.places.append(self._listed + _OFFSET_AT)
        self._size += len(head) + length + _UNIX_SIZE + packed
        self._listed += len(listed) + length + len(extra)
