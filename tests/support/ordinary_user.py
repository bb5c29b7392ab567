"""The rights of an ordinary user, for tests about permissions: root may read everything."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

AsOrdinaryUser = Callable[[], AbstractContextManager[None]]


@pytest.fixture
def as_ordinary_user() -> AsOrdinaryUser:
    """A context manager in which this process has no more rights than an ordinary user.

    Programs started inside have the user's rights too. Paths below `tmp_path` cannot be
    reached in it when root made them: use `open_dir`.
    """
    return _ordinary_user


@pytest.fixture
def open_dir() -> Iterator[Path]:
    """An empty directory that every user may enter and read, owned by this process."""
    path = Path(tempfile.mkdtemp(prefix="rundesk-test-"))
    path.chmod(0o755)
    yield path
    _unlock(path)
    shutil.rmtree(path)


@contextlib.contextmanager
def _ordinary_user() -> Iterator[None]:
    if os.geteuid() != 0:
        yield
        return
    user = pwd.getpwnam(os.environ.get("RUNDESK_TEST_USER", "nobody"))
    groups = os.getgroups()
    os.setgroups([])
    os.setegid(user.pw_gid)
    os.seteuid(user.pw_uid)
    try:
        yield
    finally:
        os.seteuid(0)
        os.setegid(0)
        os.setgroups(groups)


def _unlock(top: Path) -> None:
    """Give back the rights that a test took away, so that the directory can be removed."""
    top.chmod(0o755)
    for path in top.rglob("*"):
        if path.is_dir() and not path.is_symlink():
            path.chmod(0o755)


def as_ordinary_user_command(*argv: str) -> list[str]:
    """The command line that runs a program with no more rights over files than their bits say.

    Root keeps its name, so that it can still start an interpreter in its own home.
    """
    if os.geteuid() != 0:
        return list(argv)
    tool = shutil.which("setpriv")
    assert tool, "setpriv is not installed: it is part of util-linux"
    rights = "-dac_override,-dac_read_search,-fowner"
    return [tool, f"--bounding-set={rights}", f"--inh-caps={rights}", "--", *argv]
