"""A small file system of its own, for tests about full disks and moves from one disk to another."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

MakeDisk = Callable[..., Path]


@pytest.fixture
def make_disk(tmp_path) -> Iterator[MakeDisk]:
    """Mounts a small disk in memory on a directory that is made; takes it away at the end.

    It needs root's rights, which the tests have in CI.
    """
    mounted: list[Path] = []

    def make(path: Path, *, size: str = "4m", options: str = "") -> Path:
        path.mkdir(parents=True, exist_ok=True)
        told = ",".join(filter(None, (f"size={size}", "mode=0755", options)))
        subprocess.run(["mount", "-t", "tmpfs", "-o", told, "tmpfs", path], check=True)
        mounted.append(path)
        return path

    assert os.geteuid() == 0, "mounting a disk needs root's rights"
    assert shutil.which("mount"), "mount is not installed: it is part of util-linux"
    yield make
    for path in reversed(mounted):
        subprocess.run(["umount", "--lazy", path], check=True)
