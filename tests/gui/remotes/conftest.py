"""A window with a home, a real server, and remotes in Guild's configuration."""

from __future__ import annotations

import shutil
import threading

import pytest

from tests.support.far_desk import BATCH, BOTH, HERE, THERE, front
from tests.support.processes import OBEDIENT
from tests.support.runs import make_run


@pytest.fixture
def user_home(open_app, tmp_path):
    return tmp_path / "user"


@pytest.fixture
def server(start_ssh_server):
    return start_ssh_server()


@pytest.fixture
def there(server):
    """The runs directory of the server."""
    runs = server.login / ".guild" / "runs"
    make_run(runs, THERE, attrs={"label": "from afar"}, files={"model.bin": "x" * 5_000})
    make_run(runs, BOTH, attrs={"label": "both"})
    return runs


@pytest.fixture
def configure(user_home):
    """Writes remotes into Guild's configuration, with what OpenSSH has to know of their hosts."""

    def configure_(server, *, known=True, name="gpu1", key=None):
        config = user_home / ".guild" / "config.yml"
        config.parent.mkdir(exist_ok=True)
        text = config.read_text() if config.exists() else "remotes:\n"
        config.write_text(
            f"{text}  {name}:\n    type: ssh\n    host: {server.host}\n    port: {server.port}\n"
            f"    user: {server.user}\n    private-key: {key or server.key}\n"
        )
        ssh = user_home / ".ssh"
        ssh.mkdir(exist_ok=True)
        if known:
            with (ssh / "known_hosts").open("a") as file:
                file.write(server.known_hosts.read_text())

    return configure_


@pytest.fixture
def home(tmp_path, there):
    home = tmp_path / "project" / ".guild"
    make_run(home / "runs", HERE, attrs={"label": "from here"}, files={"model.bin": "y" * 9_000})
    shutil.copytree(there / BOTH, home / "runs" / BOTH)
    for path in (there / BOTH).rglob("*"):
        shutil.copystat(path, home / "runs" / BOTH / path.relative_to(there / BOTH))
    return home


@pytest.fixture
def open_desk(open_app, home, qtbot):
    def open_():
        app = open_app(home)
        app.window.resize(1400, 900)
        app.window.show()
        desk = app.sessions[0].remote_desk
        qtbot.waitUntil(lambda: desk.remotes.is_listed, timeout=10_000)
        return app, desk

    return open_


@pytest.fixture
def far(open_desk, configure, server, there, qtbot):
    """The desk of a remote in front, with one run selected; a run of the home is selected too."""
    configure(server)
    app, _desk = open_desk()
    app.sessions[0].desk.runs.select_ids([HERE])
    shelf_desk = front(app, qtbot)
    qtbot.waitUntil(lambda: shelf_desk.runs.select_ids([THERE]))
    return app, shelf_desk


@pytest.fixture
def trash(server):
    """The trash of the server, which need not be there."""
    return server.login / ".guild" / "trash" / "runs"


@pytest.fixture
def batch(open_desk, configure, server, there, qtbot):
    """A remote with a batch of two trials, of which the batch is selected."""
    make_run(there / BATCH / ".guild", "proto")
    make_run(there, BATCH, attrs={"label": "all of them"})
    for trial in (THERE, BOTH):
        (there / BATCH / trial).symlink_to(f"../{trial}")
    configure(server)
    app, _desk = open_desk()
    shelf_desk = front(app, qtbot)
    qtbot.waitUntil(lambda: shelf_desk.runs.select_ids([BATCH]))
    return app, shelf_desk


@pytest.fixture
def running(far, start_operation, there):
    """The selected run is running there, and ends when it is asked to; its process."""
    process = start_operation(there / THERE, OBEDIENT)
    threading.Thread(target=process.wait, daemon=True).start()  # as what started it does
    return process
