"""The real Guild AI 0.9.0, in a virtual environment of its own (made by `make setup`)."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest
from msgspec import Struct

from tests.support.patience import PATIENCE

ROOT = Path(__file__).parents[2]
PEER = ROOT / ".peer"


class Peer(Struct, frozen=True):
    """Runs the real Guild (and the Python it lives in)."""

    bin: Path

    def guild(self, home: Path, *args: str, cwd: Path | None = None, check: bool = True):
        """Run `guild ARGS` on `home`; the completed process has text output."""
        return self.run([str(self.bin / "guild"), "-H", str(home), *args], cwd, check=check)

    def json(self, home: Path, *args: str):
        """The JSON document that `guild ARGS` prints."""
        return json.loads(self.guild(home, *args).stdout)

    def python(self, code: str, *args: str, cwd: Path | None = None, check: bool = True):
        """Run Python code beside Guild, TensorBoard and tensorboardX."""
        return self.run([str(self.bin / "python"), "-c", code, *args], cwd, check=check)

    @property
    def environ(self) -> dict[str, str]:
        """The environment in which the peer's programs run."""
        env = {
            name: value
            for name, value in os.environ.items()
            if name in ("HOME", "LANG", "LC_ALL", "USER", "TMPDIR", "TZ")
        }
        return env | {
            "PATH": f"{self.bin}:/usr/bin:/bin",
            "NO_IMPORT_FLAGS_PROGRESS": "1",
            "NO_WARN_RUNDIR": "1",
            "PYTHONWARNINGS": "ignore",
            "PROTOCOL_BUFFERS_PYTHON_IMPLEMENTATION": "python",
            "NUMPY_EXPERIMENTAL_DTYPE_API": "1",  # or Guild's optimisers fail on NumPy 1.26
        }

    def run(self, argv: list[str], cwd: Path | None = None, *, check: bool = True):
        done = subprocess.run(
            argv,
            cwd=cwd,
            env=self.environ,
            capture_output=True,
            text=True,
            timeout=20 * PATIENCE,
            check=False,
        )
        if check and done.returncode:
            raise AssertionError(f"{argv} exited {done.returncode}\n{done.stdout}\n{done.stderr}")
        return done


@pytest.fixture(scope="session")
def peer() -> Peer:
    """The peer's programs; a test that asks for it fails without them."""
    assert (PEER / "bin" / "guild").exists(), "Guild is not installed: run `make setup`"
    return Peer(PEER / "bin")
