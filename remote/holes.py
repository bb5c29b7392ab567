"""Files with holes: stretches of zeros that take no room on a disk.

A sparse file of three gigabytes may take a few kilobytes. A copy that wrote its zeros would fill
the disk, so pieces of zeros are left out where a file is written: the file system makes a hole of
what is passed over, here and on servers. They travel, where a tar brings them, but are not kept.
"""

from __future__ import annotations

import os

SMALLEST = 4096
"""Bytes of zeros for which a hole is worth it."""

_SLACK = 1 << 20


def is_hole(data: bytes | memoryview) -> bool:
    """Whether a piece of a file is nothing but zeros, and long enough to be left out."""
    size = len(data)
    if size < SMALLEST or data[0] or data[-1] or data[size // 2]:
        return False
    return data == bytes(size)


def is_sparse(path: str) -> bool:
    """Whether a file of this computer takes clearly less room on its disk than it is long."""
    try:
        found = os.lstat(path)
    except OSError:
        return False
    blocks = getattr(found, "st_blocks", None)  # Windows does not say
    return blocks is not None and blocks * 512 + _SLACK < found.st_size
