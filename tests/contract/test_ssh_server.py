"""The server of the tests is what it says it is; the real OpenSSH client is the witness."""

from __future__ import annotations

import subprocess

from tests.support.patience import PATIENCE
from tests.support.processes import wait_until


def sftp(server, commands):
    """What the real `sftp` says to commands."""
    config = server.folder / "sftp_config"
    config.write_text(server.ssh_config("box"))
    return subprocess.run(
        ["sftp", "-F", str(config), "-b", "-", "box"],
        input=commands,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


def test_a_session_begins_in_the_login_directory(ssh_server):
    (ssh_server.login / "here").touch()

    assert ssh_server.ssh("ls").stdout == "here\n"
    assert ssh_server.ssh("echo $HOME").stdout == f"{ssh_server.login}\n"
    assert "here" in sftp(ssh_server, "ls\n").stdout


def test_commands_reach_the_shell_as_they_are(ssh_server):
    assert ssh_server.ssh("printf '%s\\n' 'a  b' \"$((1+1))\"; exit 3", check=False).stdout == (
        "a  b\n2\n"
    )


def test_a_server_for_sftp_alone_runs_no_command(start_ssh_server):
    server = start_ssh_server(sftp_only=True)
    (server.login / "here").touch()

    assert server.ssh("echo hello", check=False).stdout != "hello\n"
    assert "here" in sftp(server, "ls\n").stdout


def test_a_server_with_chroot_shows_one_folder(start_ssh_server):
    server = start_ssh_server(sftp_only=True, chroot=True)
    (server.login / "here").touch()

    assert "/files" in sftp(server, "pwd\n").stdout
    assert "here" in sftp(server, "ls\n").stdout


def test_a_program_can_be_missing(start_ssh_server):
    server = start_ssh_server(without=("tar",))

    assert server.ssh("command -v tar", check=False).stdout == ""
    assert server.ssh("command -v find").stdout != ""


def test_a_server_can_have_busybox_for_its_userland(start_ssh_server):
    server = start_ssh_server(busybox=True)

    assert "busybox" in server.ssh("command -v tar").stdout
    assert "BusyBox" in server.ssh("tar --help 2>&1").stdout
    assert server.ssh("command -v perl", check=False).stdout == ""
    assert sftp(server, "pwd\n").returncode == 0


def test_a_noisy_bashrc_is_heard_by_commands(start_ssh_server):
    server = start_ssh_server(noisy=True)

    assert server.ssh("echo hello").stdout == "Welcome to the cluster\nhello\n"
    assert sftp(server, "pwd\n").returncode == 0


def test_a_noisy_bashrc_breaks_an_sftp_that_the_shell_starts(start_ssh_server):
    server = start_ssh_server(noisy=True, sftp_through_shell=True)

    assert sftp(server, "pwd\n").returncode != 0


def test_killed_sessions_end_and_the_server_goes_on(ssh_server):
    config = ssh_server.folder / "config"
    config.write_text(ssh_server.ssh_config("box"))
    client = subprocess.Popen(
        ["ssh", "-F", str(config), "box", "sleep 100"], stderr=subprocess.DEVNULL
    )
    wait_until(lambda: len(ssh_server.sessions()) > 1)

    ssh_server.kill_sessions()

    assert client.wait(PATIENCE) == 255
    assert ssh_server.ssh("echo hello").stdout == "hello\n"
