"""What people type to log in is nowhere but in memory, also while runs travel."""

import logging
import os
import subprocess
import threading
import time
from pathlib import Path

import pytest
from msgspec.structs import replace

from core.errors import Error
from core.home import Home
from core.jobs import JobContext
from remote.memory import TransferMemory
from tests.support.ssh_client import go_on
from tests.support.ssh_server import make_key
from tests.support.two_homes import TwoHomes, make_full_run

A, B = "a" * 32, "b" * 32
PASSPHRASE = "Phrase-5b1f7c0de9"


class Looking:
    """Reads the arguments and variables of every process again and again."""

    def __init__(self):
        self.seen: set[bytes] = set()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._look)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._ended.set()
        self._thread.join()

    def _look(self):
        while not self._ended.is_set():
            for process in Path("/proc").iterdir():
                if process.name.isdigit():
                    for name in ("cmdline", "environ"):
                        try:
                            self.seen.add((process / name).read_bytes())
                        except OSError:  # it has ended
                            continue
            time.sleep(0.02)


def files_below(*folders) -> bytes:
    """All that is written in folders, names too."""
    found = b""
    for folder in folders:
        for path in folder.rglob("*"):
            found += os.fsencode(path)
            if path.is_file() and not path.is_symlink():
                found += path.read_bytes()
    return found


def slow(homes):
    """The homes with a context that lets a transfer take a while."""

    class Slow(JobContext):
        def advance(self, amount=0, **more):
            time.sleep(0.05)
            super().advance(amount, **more)

    return replace(homes, context=Slow())


@pytest.fixture
def logged_in(request, ssh_user, account, tmp_path):
    """Homes over a login by password or by a key with a passphrase; and the secret."""
    server = account.server
    ssh_user.knows(server)
    if request.param == "password":
        remote = ssh_user.remote(server, private_key=None, user=account.name)
        secret = account.password
        ssh_user.answers.passwords = [f"{secret}-wrong", secret]
    else:
        key = make_key(tmp_path / "locked", passphrase=PASSPHRASE)
        server.allow(key)
        remote = ssh_user.remote(server, private_key=str(key), user=account.name)
        secret = PASSPHRASE
        ssh_user.answers.passphrases = [f"{secret}-wrong", secret]
    there = Home(server.login / ".guild")
    there.runs_dir.mkdir(parents=True)
    for path in (there.path, there.runs_dir):
        path.chmod(0o777)
    here = Home(tmp_path / "here")
    here.runs_dir.mkdir(parents=True)
    session = ssh_user.session(remote)
    homes = TwoHomes(
        server, here, there, TransferMemory(tmp_path / "state"), lambda _: session.connection(go_on)
    )
    return homes, secret


@pytest.mark.parametrize("logged_in", ["password", "passphrase"], indirect=True)
def test_no_secret_is_written_shown_or_given_to_a_program_while_runs_travel(
    logged_in, ssh_user, tmp_path, caplog
):
    caplog.set_level(logging.DEBUG)
    homes, secret = logged_in
    make_full_run(homes.here.runs_dir, A)
    make_full_run(homes.there.runs_dir, B).joinpath("model.bin").chmod(0o644)
    said = []

    with Looking() as looking:
        said.append(repr(slow(homes).push(A)))
        said.append(repr(slow(homes).pull(B)))
        subprocess.run(["chmod", "0", str(homes.there.runs_dir)], check=True)
        try:
            said.append(repr(homes.push(A)))
        except Error as e:
            said.append(f"{e} {e.hint} {e!r} {e.__cause__!r}")

    assert len(ssh_user.answers.asked) == 2  # the wrong one and the right one
    assert len(looking.seen) > 10
    everywhere = [
        *looking.seen,
        files_below(tmp_path / "state", tmp_path / "here", tmp_path / "user", homes.server.folder),
        caplog.text.encode(),
        "".join((*said, *ssh_user.said, repr(ssh_user.answers.asked))).encode(),
    ]
    assert any(b"transfers" in text for text in everywhere)
    assert not any(secret.encode() in text for text in everywhere)
