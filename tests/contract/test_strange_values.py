"""Whatever a person writes into the configuration is taken as it is written, by every server.

No shell, here or there, ever finds a command in a value: not in the name of the home, not in
those of files, not in the file of a key.
"""

from __future__ import annotations

import os
import random
import shutil
from pathlib import Path

import pytest
from msgspec.structs import replace

from core.home import Home
from core.runs.change import SetLabel
from remote.errors import RemoteConfigError
from remote.remote_store import apply_there, delete_there, purge_there, restore_there
from tests.support.ssh_client import run_command
from tests.support.two_homes import KINDS, content, left_over, make_full_run

A = "a" * 32
PIECES = (
    *("$(touch pwned)", "`touch pwned`", ";touch pwned;", "|touch pwned|", "&touch pwned&"),
    *(
        "\ntouch pwned\n",
        "'touch pwned'",
        '"touch pwned"',
        "${HOME}",
        "$HOME",
        "~",
        "*",
        "?",
        "[a]",
    ),
    *(
        "{a,b}",
        "!",
        "#",
        "\\",
        "%h",
        "%%",
        "\t",
        " ",
        "--",
        "-rf",
        "=",
        "<x",
        ">pwned",
        "é",
        "\udcff",
    ),
)


def strange(dice: random.Random) -> str:
    """A name of which a shell could make something else."""
    return "".join(dice.choices(PIECES, k=dice.randrange(1, 6))) + dice.choice(["", "x"])


def assert_nothing_ran(*folders: Path) -> None:
    found = [path for folder in folders for path in folder.rglob("*") if path.name == "pwned"]
    assert found == []


@pytest.fixture
def in_folder(tmp_path, monkeypatch) -> Path:
    """The current directory, which holds nothing."""
    folder = tmp_path / "current"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


@pytest.mark.parametrize("kind", ["shell", "sftp only", "busybox", "no tar"])
@pytest.mark.parametrize("seed", range(3))
def test_a_home_of_any_name_holds_runs_like_every_other(make_two_homes, in_folder, kind, seed):
    dice = random.Random(seed)
    name, odd = strange(dice), strange(dice)
    homes = make_two_homes(**KINDS[kind])
    homes = replace(homes, path=f"homes/{name}", there=Home(homes.server.login / "homes" / name))
    shutil.rmtree(homes.server.login / ".guild")
    near = make_full_run(homes.here.runs_dir, A, **{odd: b"odd", f"in/{odd}/x": b"deep"})

    assert homes.push(A, verify=True).new == (A,)
    assert content(homes.there.runs_dir / A) == content(near, env=False)
    with (near / "model.bin").open("ab") as file:
        file.write(os.urandom(2_000_000))
    assert homes.push(A).updated == (A,)
    with (near / "model.bin").open("ab") as file:
        file.write(b"the end")  # only this travels
    assert homes.push(A).updated == (A,)
    remote = homes.remote()
    apply_there(remote, [A], SetLabel("it runs"), advance=lambda _: None)
    delete_there(remote, [A], advance=lambda _: None)
    assert not (homes.there.runs_dir / A).exists()
    restore_there(remote, [A], advance=lambda _: None)
    shutil.rmtree(near)
    assert homes.pull(A, verify=True).new == (A,)
    assert content(homes.here.runs_dir / A, env=False) == content(homes.there.runs_dir / A)
    purge_there(remote, [A], from_trash=False, advance=lambda _: None)

    assert {path.name for path in homes.server.login.iterdir()} <= {"homes", ".bashrc"}
    assert [path.name for path in (homes.server.login / "homes").iterdir()] == [name]
    assert list(homes.there.runs_dir.iterdir()) == []
    assert left_over(homes.there) == []
    assert_nothing_ran(homes.server.login, in_folder)


@pytest.mark.parametrize("seed", range(4))
def test_a_key_in_a_file_of_any_name_logs_in(ssh_user, ssh_server, in_folder, tmp_path, seed):
    key = tmp_path / "keys" / strange(random.Random(seed))
    key.parent.mkdir()
    shutil.copy(ssh_server.key, key)
    ssh_user.knows(ssh_server)

    session = ssh_user.session(ssh_user.remote(ssh_server, private_key=str(key)))

    assert run_command(session, "echo hello") == "hello\n"
    assert_nothing_ran(in_folder, ssh_server.login)


@pytest.mark.parametrize("seed", range(40))
@pytest.mark.parametrize("key", ["host", "user"])
def test_hosts_and_users_that_a_shell_could_misread_are_refused(ssh_user, key, seed):
    text = f"a{strange(random.Random(seed))}"
    try:
        found = getattr(ssh_user.named({"host": "h", key: text}), key)
    except RemoteConfigError:
        return

    assert not set(found) & set("`'\";&<>|(){}\n\t")
    assert " -" not in found
