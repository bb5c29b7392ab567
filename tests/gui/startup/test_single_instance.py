from __future__ import annotations

import getpass
import os
import subprocess
import sys
import uuid
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtNetwork import QLocalServer, QLocalSocket

from gui.startup.single_instance import (
    Call,
    SingleInstance,
    claim_name,
    hand_over,
    parse_call,
    server_name,
)
from tests.support.patience import PATIENCE


@pytest.fixture
def name() -> str:
    return f"rundesk-test-{uuid.uuid4().hex[:12]}"


@pytest.fixture
def instance(qtbot, name):
    instance = SingleInstance()
    assert instance.listen(name)
    yield instance
    instance.close()


def call(name: str, folders: list[Path]) -> subprocess.Popen[str]:
    """A second start: a process of its own, whose exit status says whether it was heard."""
    code = (
        "import sys; from pathlib import Path;"
        "from gui.startup.single_instance import Call, hand_over;"
        "sys.exit(0 if hand_over(sys.argv[1], Call(tuple(map(Path, sys.argv[2:])))) else 3)"
    )
    argv = [sys.executable, "-c", code, name, *map(str, folders)]
    return subprocess.Popen(argv, cwd=Path(__file__).parents[3], text=True)


def test_a_second_start_hands_over_its_folders(instance, name, qtbot):
    with qtbot.waitSignal(instance.called) as caught:
        second = call(name, [Path("/data/ü"), Path("/b")])

    assert caught.args[0] == Call((Path("/data/ü"), Path("/b")))
    assert second.wait(PATIENCE) == 0


def test_without_a_first_start_nothing_is_handed_over(qtbot, name):
    assert not hand_over(name, Call())


def test_a_start_that_is_the_first_loads_nothing_to_talk_with(name):
    code = (
        "import sys; from gui.startup.single_instance import Call, SingleInstance, hand_over;"
        "assert not hand_over(sys.argv[1], Call()); instance = SingleInstance(); instance.close();"
        "assert 'PySide6.QtNetwork' not in sys.modules"
    )
    argv = [sys.executable, "-c", code, name]

    assert subprocess.run(argv, cwd=Path(__file__).parents[3], check=False).returncode == 0


def test_listening_under_another_name_frees_the_first(instance, name, qtbot):
    assert instance.listen(f"{name}-2")

    assert not hand_over(name, Call())


def test_a_socket_left_by_a_crash_is_replaced(qtbot, name):
    stale = Path(_socket_path(name))
    stale.write_bytes(b"")

    instance = SingleInstance()

    assert not hand_over(name, Call())
    assert instance.listen(name)
    instance.close()


def test_rubbish_is_cut_off_and_the_next_start_is_heard(instance, name, qtbot):
    socket = QLocalSocket()
    socket.connectToServer(name)
    assert socket.waitForConnected(1000)
    with qtbot.assertNotEmitted(instance.called, wait=50):
        socket.write(b"\xff\xfe{]\n")
        socket.flush()
    qtbot.waitUntil(lambda: socket.state() == QLocalSocket.LocalSocketState.UnconnectedState)

    with qtbot.waitSignal(instance.called):
        second = call(name, [])
    assert second.wait(PATIENCE) == 0


def test_names_differ_by_settings_and_home_only():
    names = {
        server_name(Path("/c"), Path("/h")),
        server_name(Path("/c"), Path("/i")),
        server_name(Path("/d"), Path("/h")),
        server_name(Path("/c"), None),
    }

    assert len(names) == 4
    assert server_name(Path("/c"), Path("/h")) in names


@given(st.binary())
def test_any_bytes_are_a_call_or_none(data):
    call = parse_call(data)

    assert call is None or all(isinstance(folder, Path) for folder in call.folders)


def test_a_call_may_not_name_what_is_no_path():
    assert parse_call(b'{"folders": [1]}') is None
    assert parse_call(b'{"folders": "x"}') is None
    assert parse_call(b"[]") is None
    assert parse_call(b'{"folders": ["", "a\\u0000b", "c"]}') == Call((Path("c"),))


def test_a_call_may_ask_for_the_question_which_home():
    assert parse_call(b'{"folders": [], "choose": true}') == Call(is_choosing=True)
    assert parse_call(b'{"folders": [], "choose": "run.delete"}') == Call()


def _socket_path(name: str) -> str:
    server = QLocalServer()
    assert server.listen(name)
    path = server.fullServerName()
    server.close()
    return path


def test_a_user_without_a_name_has_a_socket_of_his_own(monkeypatch, tmp_path):
    named = server_name(tmp_path, None)

    def nameless():
        raise KeyError("getpwuid(): uid not found: 4711")

    monkeypatch.setattr(getpass, "getuser", nameless)
    numbers = []
    for number in (4711, 4712):
        monkeypatch.setattr(os, "getuid", lambda number=number: number)
        numbers.append(server_name(tmp_path, None))

    assert len({named, *numbers}) == 3


def test_who_calls_before_there_is_a_window_is_heard_by_it(qtbot, name):
    claimed = claim_name(name)
    assert claimed is not None
    assert claim_name(name) is None, "two starts may not have one name"
    second = call(name, [Path("/early")])
    instance = SingleInstance()

    with qtbot.waitSignal(instance.called, timeout=20_000) as caught:
        assert instance.adopt(claimed)

    assert caught.args[0] == Call((Path("/early"),))
    assert second.wait(PATIENCE) == 0
    instance.close()
    assert not claimed.path.exists()


def test_a_name_that_is_given_up_leaves_nothing(qtbot, name):
    claimed = claim_name(name)

    claimed.close()
    claimed.close()

    assert not hand_over(name, Call())
    again = claim_name(name)
    assert again is not None
    again.close()


def test_what_a_crash_left_is_claimed_once_nobody_answers(qtbot, name):
    Path(_socket_path(name)).write_bytes(b"")

    assert claim_name(name) is None
    assert not hand_over(name, Call())
    claimed = claim_name(name, is_left_over=True)

    assert claimed is not None
    claimed.close()


def test_others_may_not_call_a_claimed_name(qtbot, name):
    claimed = claim_name(name)

    assert claimed.path.stat().st_mode & 0o077 == 0
    claimed.close()
