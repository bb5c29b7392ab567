"""What OpenSSH's configuration says that `ssh -G` cannot be asked about."""

from __future__ import annotations

import pytest

from remote.errors import RemoteConfigError
from remote.host_options import Jump
from remote.local_user import LocalUser
from remote.ssh_config import SshConfig


@pytest.fixture
def local(tmp_path):
    (tmp_path / "home" / ".ssh").mkdir(parents=True)
    (tmp_path / "etc").mkdir()
    return LocalUser("me", tmp_path / "home", {}, tmp_path / "etc")


def write(local, text, name="config"):
    path = local.ssh_folder / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    return path


def resolved(local, name="box", allow=lambda _command, _place: False, **more):
    return SshConfig(local).resolve(name, allow, **more)


def test_without_any_file_the_usual_holds(local):
    options = resolved(local)

    assert (options.host, options.port, options.user) == ("box", 22, "me")
    assert options.identity_agent is None
    assert options.jumps == ()
    assert options.strictness == "ask"
    assert options.login == "me@box"


def test_files_are_included_from_beside_in_alphabetical_order(local):
    write(local, "Include conf.d/*.conf\nInclude ~/.ssh/more\n")
    write(local, "Port 2\n", "conf.d/b.conf")
    write(local, "Port 1\n", "conf.d/a.conf")
    write(local, "User other\n", "more")

    options = resolved(local)

    assert (options.port, options.user) == (1, "other")


def test_the_file_of_the_system_comes_last_and_includes_from_beside(local):
    write(local, "Port 1\n")
    (local.system / "ssh_config").write_text("Include extra\nPort 2\n")
    (local.system / "extra").write_text("User system\n")

    options = resolved(local)

    assert (options.port, options.user) == (1, "system")


def test_files_that_include_themselves_are_told(local):
    write(local, "Include config\n")

    with pytest.raises(RemoteConfigError, match=r"config, line 1: .* more than 16 levels"):
        resolved(local)


def test_a_flood_of_included_files_is_told(local):
    write(local, "Include many/*\n" * 20)
    for number in range(40):
        write(local, "", f"many/{number}")

    with pytest.raises(RemoteConfigError, match="one included file too many"):
        resolved(local)


def test_a_mistake_is_told_with_file_and_line(local):
    path = write(local, "Host box\n  Port 22\n  User a;b\n")

    with pytest.raises(RemoteConfigError, match="line 3") as caught:
        resolved(local)

    assert str(path) in str(caught.value)


def test_mistakes_of_other_hosts_do_not_matter(local):
    write(local, "Host other\n  Port none\nHost box\n  Port 3\n")

    assert resolved(local).port == 3


def test_hosts_with_a_section_are_listed_without_patterns(local):
    write(local, "Host a b*\nHost !c d\nInclude more\nHost *\n")
    write(local, "Host e\nMatch host f\nHost a\n", "more")

    assert SshConfig(local).hosts() == ("a", "d", "e")


def test_a_command_is_asked_about_with_its_place_and_only_where_it_matters(local):
    asked = []

    def allow(command, place):
        asked.append((command, place.line))
        return True

    write(local, 'Match host other exec "false"\nMatch exec "test %h-%r = box-me"\n  Port 9\n')

    assert resolved(local, allow=allow).port == 9
    assert asked == [("test box-me = box-me", 2)]


def test_a_criterion_of_later_versions_never_matches_and_is_noted(local):
    write(local, "Match tagged work\n  Port 9\nMatch !localnetwork 10.0.0.0/8\n  User x\n")

    options = resolved(local)

    assert (options.port, options.user) == (22, "me")
    assert "“tagged” is not known" in options.notes[0]
    assert "“localnetwork” is not known" in options.notes[1]


@pytest.mark.parametrize(
    ("text", "jumps"),
    [
        ("a", (Jump("a"),)),
        ("me@a:22,b", (Jump("a", "me", 22), Jump("b"))),
        ("ssh://me@a:22/", (Jump("a", "me", 22),)),
        ("[::1]:22", (Jump("::1", None, 22),)),
        ("a@b@c", (Jump("c", "a@b"),)),
        ("none", ()),
    ],
)
def test_jump_hosts_are_understood(local, text, jumps):
    write(local, f"ProxyJump {text}\n")

    assert resolved(local).jumps == jumps


@pytest.mark.parametrize("text", ["-x", "a:b", "a;b", "me;x@a", "$(x)", ","])
def test_jump_hosts_that_could_be_taken_for_something_else_are_refused(local, text):
    write(local, f"ProxyJump {text}\n")

    with pytest.raises(RemoteConfigError):
        resolved(local)


def test_the_agent_is_that_of_the_environment_unless_it_is_named(local):
    environ = {"SSH_AUTH_SOCK": "/agent", "OTHER": "/other"}
    own = LocalUser("me", local.home, environ, local.system)
    agents = {"": "/agent", "$OTHER": "/other", "${OTHER}/x": "/other/x", "SSH_AUTH_SOCK": "/agent"}

    for text, path in agents.items():
        write(local, f"IdentityAgent {text}\n" if text else "")
        assert str(resolved(own).identity_agent) == path


def test_a_variable_that_is_not_set_is_told(local):
    write(local, "IdentityFile ${NOWHERE}/key\n")

    with pytest.raises(RemoteConfigError, match="NOWHERE is not set"):
        resolved(local)


def test_a_file_that_cannot_be_read_is_told(local):
    (local.ssh_folder / "config").mkdir()

    with pytest.raises(RemoteConfigError, match="Cannot read"):
        resolved(local)
