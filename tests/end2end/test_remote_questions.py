"""What hosts ask before they let somebody in, answered with a real keyboard on a real screen."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.desktop import Desktop
from tests.support.driven_window import DrivenWindow, open_window
from tests.support.odd_server import OddInterface
from tests.support.runs import make_run
from tests.support.ssh_server import fingerprint, make_key

FAR = "f" * 32


@pytest.fixture
def user(desktop):
    """The folders in which the user of the screen is configured."""
    for name in (".guild", ".ssh"):
        (desktop.user_home / name).mkdir()
    return desktop.user_home


def add_remote(user: Path, name: str, host: str, port: int, login: str, *lines: str) -> None:
    """Write a remote into the configuration."""
    known = [f"    {line}\n" for line in (f"host: {host}", f"port: {port}", f"user: {login}")]
    more = [f"    {line}\n" for line in lines]
    text = f"remotes:\n  {name}:\n    type: ssh\n" + "".join(known + more)
    (user / ".guild" / "config.yml").write_text(text)


def show(desktop: Desktop, tmp_path: Path, name: str) -> DrivenWindow:
    """Open the window and choose a remote in it."""
    home, config = tmp_path / "home", tmp_path / "config"
    make_run(home / "runs", "a" * 32, attrs={"label": "near"})
    window = open_window(desktop, home, config)
    (found,) = desktop.windows("Rundesk")
    desktop.run("xdotool", "windowsize", "--sync", found, "1300", "820")
    desktop.run("xdotool", "windowmove", "--sync", found, "0", "20")
    desktop.activate(found)
    window.wait_for("the remote is a place", lambda s: name in s["places"])
    window.press_place(name)
    return window


def asked(window: DrivenWindow, *words: str) -> dict:
    """What a dialog says that says all these words."""

    def is_there(state) -> bool:
        said = "\n".join(state["words"])
        return all(word in said for word in words)

    return window.wait_for(f"a dialog says {words}", is_there)


def test_a_new_host_and_a_password_are_asked_one_after_the_other(desktop, user, account, tmp_path):
    add_remote(user, "gpu1", "127.0.0.1", account.server.port, account.name)
    make_run(account.server.login / ".guild" / "runs", FAR, attrs={"label": "from afar"})
    window = show(desktop, tmp_path, "gpu1")

    asked(window, "Is this [127.0.0.1]", account.server.fingerprint())
    window.press("&Accept and Connect")
    asked(window, f"Password for {account.name}@127.0.0.1")
    desktop.type("wrong")
    desktop.key("Return")
    asked(window, "The host refused that password.")
    desktop.type(account.password)
    desktop.key("Return")

    window.wait_for("its runs are shown", lambda s: s.get("ids") == [FAR])
    known, host = user / ".ssh" / "known_hosts", f"[127.0.0.1]:{account.server.port}"
    assert "found" in desktop.run("ssh-keygen", "-F", host, "-f", known)


def test_a_second_factor_is_asked_for(desktop, user, start_odd_server, tmp_path):
    rounds = [
        (
            "Two-factor login",
            "A code was sent to your telephone.",
            [("Login name of the cluster: ", True), ("Verification code: ", False)],
        )
    ]
    there = tmp_path / "there"
    make_run(there / ".guild" / "runs", FAR, attrs={"label": "from afar"})
    server = start_odd_server(lambda: OddInterface(rounds, [["me", "123456"]], folder=there))
    add_remote(user, "gpu1", server.host, server.port, server.user)
    (user / ".ssh" / "known_hosts").write_text(server.known_line())
    window = show(desktop, tmp_path, "gpu1")

    asked(window, "Two-factor login", "A code was sent", "Verification code")
    desktop.type("me")
    desktop.key("Return")
    desktop.type("000000")
    desktop.key("Return")
    asked(window, "The host refused those answers.")
    desktop.type("me")
    desktop.key("Return")
    desktop.type("123456")
    desktop.key("Return")

    window.wait_for("its runs are shown", lambda s: s.get("ids") == [FAR])


def test_a_passphrase_is_asked_for(desktop, user, start_ssh_server, tmp_path):
    server = start_ssh_server()
    key = make_key(user / ".ssh" / "id_work", passphrase="open sesame")
    server.authorized_keys.write_text(key.with_suffix(".pub").read_text())
    make_run(server.login / ".guild" / "runs", FAR, attrs={"label": "from afar"})
    add_remote(user, "gpu1", server.host, server.port, server.user, f"private-key: {key}")
    (user / ".ssh" / "known_hosts").write_text(server.known_hosts.read_text())
    window = show(desktop, tmp_path, "gpu1")

    asked(window, "Passphrase for id_work")
    desktop.type("shut sesame")
    desktop.key("Return")
    asked(window, "That is not the passphrase")
    desktop.type("open sesame")
    desktop.key("Return")

    window.wait_for("its runs are shown", lambda s: s.get("ids") == [FAR])


def test_a_changed_host_key_ends_it_and_names_the_line(desktop, user, start_ssh_server, tmp_path):
    server = start_ssh_server()
    other = make_key(tmp_path / "other")
    line = f"[127.0.0.1]:{server.port} {other.with_suffix('.pub').read_text()}"
    (user / ".ssh" / "known_hosts").write_text(f"# mine\n{line}")
    add_remote(user, "gpu1", server.host, server.port, server.user, f"private-key: {server.key}")
    window = show(desktop, tmp_path, "gpu1")

    state = asked(window, "has changed", server.fingerprint(), fingerprint(other), "line 2 of")
    assert "&Accept and Connect" not in state["buttons"]
    desktop.key("Escape")
    window.wait_for("it is closed", lambda s: not s["buttons"])
    assert "rows" in window.ask()


def test_a_revoked_host_key_ends_it(desktop, user, start_ssh_server, tmp_path):
    server = start_ssh_server()
    line = server.known_hosts.read_text().splitlines()[0]
    (user / ".ssh" / "known_hosts").write_text(f"@revoked {line}\n")
    add_remote(user, "gpu1", server.host, server.port, server.user, f"private-key: {server.key}")
    window = show(desktop, tmp_path, "gpu1")

    asked(window, "is revoked", server.fingerprint())


def test_the_log_of_a_test_is_shown_whole(desktop, user, start_ssh_server, tmp_path):
    server = start_ssh_server(banner="Authorised users only.\n")
    make_run(server.login / ".guild" / "runs", FAR, attrs={"label": "from afar"})
    add_remote(user, "gpu1", server.host, server.port, server.user, f"private-key: {server.key}")
    window = show(desktop, tmp_path, "gpu1")
    asked(window, "Is this [127.0.0.1]")
    desktop.key("Escape")
    window.wait_for("it is declined", lambda s: not s["buttons"])

    window.press_place("gpu1", 3)
    window.wait_for("its menu is open", lambda s: "Test Connection…" in s["menu"])
    desktop.key("t")
    asked(window, "Is this [127.0.0.1]")
    window.press("&Accept and Connect")

    asked(window, "It works (shell, tar)")
    (log,) = (text for text in window.ask()["words"] if text.startswith("The remote gpu1 is in"))
    steps = (
        "Connecting to",
        server.fingerprint(),
        "The key is accepted",
        "Offering the key",
        "Authorised users only.",
        "Logged in to",
        "It can: shell, tar",
    )
    assert [log.find(step) for step in steps] == sorted(log.find(step) for step in steps)
    assert -1 not in [log.find(step) for step in steps]

    window.wait_for("its runs are shown behind", lambda s: s.get("ids") == [FAR])
    desktop.key("Escape")
    window.wait_for("it is connected", lambda s: s["remotes"]["gpu1"] == "connected")
