"""A transfer loads what it needs and no more: its start is a large part of a small one."""

from __future__ import annotations

import subprocess
import sys

import pytest


def loaded_by(*modules: str) -> set[str]:
    """The modules that are loaded once these are."""
    code = f"import sys, {', '.join(modules)}; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


@pytest.mark.parametrize("module", ["remote.session", "remote.config", "remote.worker"])
def test_ssh_comes_without_what_it_does_not_need(module):
    found = loaded_by(module)

    assert "paramiko" in found
    assert {"invoke", "ruamel.yaml"} & found == set()


def test_who_has_loaded_invoke_keeps_it():
    assert {"invoke", "paramiko"} <= loaded_by("invoke", "remote.session")


def test_a_transfer_loads_no_index_of_runs_before_it_has_to_list_them():
    found = loaded_by("cli.transfer_commands")

    assert "remote.worker" in found
    assert {"core.index.index", "core.archives.shelf", "remote.catalog"} & found == set()
