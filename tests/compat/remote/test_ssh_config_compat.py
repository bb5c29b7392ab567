"""The OpenSSH configuration means what OpenSSH says: `ssh -G` is asked about each one."""

from __future__ import annotations

import getpass
import hashlib
import random
import socket
import subprocess
from pathlib import Path

import pytest

from remote.errors import RemoteConfigError
from remote.local_user import LocalUser
from remote.ssh_config import SshConfig
from tests.support.patience import PATIENCE

WORDS = {"yes": "true", "no": "false"}

CONFIGS = {
    "nothing": "",
    "a section": "Host box\n HostName 10.0.0.1\n Port 2222\n User me\n",
    "the first value": "Host box\n Port 1\nHost *\n Port 2\n User x\n",
    "keys add up": "Host box\n IdentityFile ~/.ssh/a\nHost *\n IdentityFile ~/.ssh/b\n",
    "the same key twice": "IdentityFile ~/.ssh/a\nIdentityFile ~/.ssh/a\nIdentityFile /b\n",
    "equal signs and cases": "HOST=box\n\tport = 7\n  USER=me\n",
    "quotes": 'Host "box"\n IdentityFile "~/.ssh/with blank"\n',
    "single quotes": "Host box\n IdentityFile '~/.ssh/with blank'\n",
    "comments": "# one\nHost box # two\n Port 9 # three\n#Port 10\n",
    "negation": "Host * !box\n Port 1\nHost *\n Port 2\n",
    "negation alone": "Host !other\n Port 1\n",
    "wildcards": "Host b?x 10.*\n Port 3\nHost [b]ox\n User never\n",
    "several names": "Host one two box three\n Port 4\n",
    "name in capitals": "Host BOX\n Port 4\n",
    "host name with a token": "Host box\n HostName %h.example.org\n",
    "host name with two tokens": "Host box\n HostName a%%%h\n",
    "match all": "Host other\n Port 1\nMatch all\n Port 5\n",
    "match host": "Match host box\n Port 5\n",
    "match host list": "Match host other,bo*,!boy\n Port 5\n",
    "match host after its name": (
        "Host box\n HostName real.example\nMatch host real.example\n Port 5\n"
        "Match host box\n User x\n"
    ),
    "match originalhost": ("Host box\n HostName real.example\nMatch originalhost box\n Port 5\n"),
    "match user": "Host box\n User me\nMatch user me\n Port 5\nMatch user other\n Port 6\n",
    "match the own user": f"Match user {getpass.getuser()}\n Port 5\n",
    "match localuser": f"Match localuser {getpass.getuser()}\n Port 5\n",
    "match another localuser": "Match localuser nobody-else\n Port 5\n",
    "match negated": "Match !host other\n Port 5\nMatch !user me host box\n User me\n",
    "match several": "Match host box user nobody\n Port 5\nMatch host box localuser *\n Port 6\n",
    "match with an equal sign": "Match host=box\n Port 5\n",
    "match exec": 'Match exec "test %h = box"\n Port 5\nMatch exec "false"\n User x\n',
    "match exec negated": 'Match !exec "false"\n Port 5\n',
    "match exec with tokens": "Match exec \"test '%n %p %r %%' = 'box 22 me %%'\"\n Port 5\n",
    "match final": "Match final\n Port 5\nHost box\n HostName real.example\n",
    "match final with a host": (
        "Host box\n HostName real.example\nMatch final host real.example\n User later\n"
        "Host real.example\n Port 9\n"
    ),
    "match canonical": "Match canonical\n Port 5\n",
    "match not final": "Match !final\n Port 5\nMatch final\n User x\n",
    "jump": "Host box\n ProxyJump bastion\n",
    "jumps": "Host box\n ProxyJump me@bastion:2222,second\n",
    "no jump": "Host box\n ProxyJump none\nHost *\n ProxyJump bastion\n",
    "jump before command": "ProxyJump bastion\nProxyCommand nc %h %p\n",
    "command before jump": "ProxyCommand nc %h %p\nProxyJump bastion\n",
    "no command": "Host box\n ProxyCommand none\nHost *\n ProxyCommand nc %h %p\n",
    "no command before a jump": "ProxyCommand none\nProxyJump bastion\n",
    "no jump before a command": "ProxyJump none\nProxyCommand nc %h %p\nProxyJump bastion\n",
    "a jump before none": "ProxyJump bastion\nProxyJump none\n",
    "command with quotes": "ProxyCommand ssh -W \"[%h]:%p\" 'a b' # no comment\n",
    "command with an equal sign": "ProxyCommand=nc -X connect %h %p\n",
    "certificates add up": (
        "Host box\n CertificateFile ~/.ssh/a-cert.pub\n CertificateFile ~/.ssh/a-cert.pub\n"
        'Host *\n CertificateFile "~/with blank"\n'
    ),
    "every token": (
        "Host box\n HostName real.example\n User me\n Port 7\n"
        " UserKnownHostsFile /x/%C %d/%h/%i/%k/%L/%l/%n/%p/%r/u%u/%%\n IdentityAgent /a/%C\n"
    ),
    "match exec with a hash": (
        'Match exec "test %C = $(printf %l%h%p%r | sha1sum | cut -c-40)"\n Port 5\n'
    ),
    "known hosts": "UserKnownHostsFile ~/a ~/b\nGlobalKnownHostsFile /c\n",
    "no known hosts": "UserKnownHostsFile none\n",
    "strictness": "StrictHostKeyChecking accept-new\n",
    "strictness no": "StrictHostKeyChecking off\n",
    "strictness yes": "StrictHostKeyChecking yes\n",
    "switches": "HashKnownHosts yes\nIdentitiesOnly true\n",
    "alias": "HostKeyAlias cluster\n",
    "times": "ConnectTimeout 1m30s\nServerAliveInterval 2m\nServerAliveCountMax 7\n",
    "no timeout": "ConnectTimeout none\n",
    "agent": "IdentityAgent ~/.agent.sock\n",
    "no agent": "IdentityAgent none\n",
    "blanks": "   \n\t\nHost\tbox\n\t\tPort\t8\n\n",
    "trailing blanks": "Host box   \n Port 8   \n",
    "unknown keywords": "IgnoreUnknown Foo,Bar\nFoo x\nHost box\n Bar y\n Port 8\n",
    "later section of another host": (
        "Host other\n User x\nHost box\n Port 8\nHost other\n Port 9\n"
    ),
}


@pytest.fixture
def local(tmp_path):
    """The user of this process with another home, and no configuration of the system."""
    (tmp_path / ".ssh").mkdir()
    return LocalUser(getpass.getuser(), tmp_path, {"SSH_AUTH_SOCK": ""}, Path("/etc/ssh"))


def as_openssh_says(text, local, *more):
    """What `ssh -G` says about the host `box`, as far as it is compared; None for an error."""
    config = local.home / "openssh"
    config.write_text(text)
    done = subprocess.run(
        ["ssh", "-G", "-F", str(config), *more, "box"],
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )
    if done.returncode != 0:
        return None
    found: dict[str, list[str]] = {}
    for line in done.stdout.splitlines():
        key, _, value = line.partition(" ")
        found.setdefault(key, []).append(value)
    home = str(Path("~").expanduser())
    tidy = {key: [value.replace(home, "~") for value in values] for key, values in found.items()}
    return {
        "hostname": tidy["hostname"],
        "port": tidy["port"],
        "user": tidy["user"],
        "identityfile": usual(tidy.get("identityfile", [])),
        "certificatefile": tidy.get("certificatefile", []),
        "identitiesonly": [WORDS.get(word, word) for word in tidy["identitiesonly"]],
        "identityagent": tidy.get("identityagent", [""]),
        "proxyjump": tidy.get("proxyjump", [""]),
        "proxycommand": tidy.get("proxycommand", [""]),
        "userknownhostsfile": tidy["userknownhostsfile"],
        "globalknownhostsfile": tidy["globalknownhostsfile"],
        "hashknownhosts": [WORDS.get(word, word) for word in tidy["hashknownhosts"]],
        "hostkeyalias": tidy.get("hostkeyalias", [""]),
        "stricthostkeychecking": tidy["stricthostkeychecking"],
        "connecttimeout": tidy["connecttimeout"],
        "serveraliveinterval": tidy["serveraliveinterval"],
        "serveralivecountmax": tidy["serveralivecountmax"],
    }


def usual(names):
    """Keys without the kinds that are not supported."""
    return [
        name
        for name in names
        if not name.endswith(("_sk", "_xmss", "_dsa")) or "/.ssh/id" not in name
    ]


def as_we_say(text, local, **more):
    """The same by our reader; None for an error."""
    (local.ssh_folder / "config").write_text(text)
    own = LocalUser(local.name, local.home, local.environ, local.home / "nothing")
    try:
        options = SshConfig(own).resolve("box", lambda _command, _place: True, **more)
    except RemoteConfigError:
        return None

    def short(paths):
        return [str(path).replace(str(local.home), "~") for path in paths]

    jumps = ",".join(
        (f"{jump.user}@" if jump.user else "") + jump.host + (f":{jump.port}" if jump.port else "")
        for jump in options.jumps
    )
    agent = short([options.identity_agent])[0] if options.identity_agent else ""
    timeout = options.connect_timeout
    return {
        "hostname": [options.host],
        "port": [str(options.port)],
        "user": [options.user],
        "identityfile": short(options.identity_files),
        "certificatefile": short(options.certificate_files),
        "identitiesonly": [str(options.identities_only).lower()],
        "identityagent": ["none" if "IdentityAgent none" in text else agent],
        "proxyjump": [jumps],
        "proxycommand": [options.proxy_command.command if options.proxy_command else ""],
        "userknownhostsfile": [" ".join(short(options.user_known_hosts)) or "none"],
        "globalknownhostsfile": [
            " ".join(short(options.global_known_hosts)).replace("~/nothing", "/etc/ssh")
        ],
        "hashknownhosts": [str(options.hash_known_hosts).lower()],
        "hostkeyalias": [options.host_key_alias or ""],
        "stricthostkeychecking": [
            {"yes": "true", "no": "false"}.get(options.strictness, options.strictness)
        ],
        "connecttimeout": ["none" if timeout is None else f"{timeout:.0f}"],
        "serveraliveinterval": [str(options.alive_interval)],
        "serveralivecountmax": [str(options.alive_count)],
    }


def test_a_jump_is_a_token_and_a_part_of_the_hash(local):
    """As OpenSSH has it since 9.6; that of this computer may be older, and is not asked."""
    (local.ssh_folder / "config").write_text(
        "ProxyJump one,me@two:2222\nIdentityAgent /a/%j\nUserKnownHostsFile /x/%C\n"
    )

    options = SshConfig(local).resolve("box", lambda _command, _place: True, user="you")

    assert options.identity_agent == Path("/a/two")
    whole = f"{socket.gethostname()}box22youtwo"
    assert options.user_known_hosts == (Path("/x") / hashlib.sha1(whole.encode()).hexdigest(),)


def untangled(said):
    """What -G says, with the tokens of a command put in (it shows them as they are written)."""
    if said is None:
        return None
    values = {"%h": said["hostname"][0], "%p": said["port"][0], "%%": "%"}
    command = said["proxycommand"][0]
    for token, value in values.items():
        command = command.replace(token, value)
    return {**said, "proxycommand": ["" if command == "none" else command]} | (
        {"proxyjump": [""]} if said["proxyjump"] == ["none"] else {}
    )


@pytest.mark.parametrize("text", CONFIGS.values(), ids=CONFIGS)
def test_a_configuration_means_the_same(local, text):
    assert as_we_say(text, local) == untangled(as_openssh_says(text, local))


def test_a_user_and_a_port_of_the_command_line_go_before(local):
    text = "Host box\n User a\n Port 1\nMatch user b\n IdentityFile /x\n"

    ours = as_we_say(text, local, user="b", port=7)

    assert ours == untangled(as_openssh_says(text, local, "-l", "b", "-p", "7"))


def test_included_files_mean_the_same(local, tmp_path):
    parts = tmp_path / "parts"
    parts.mkdir()
    (parts / "1.conf").write_text("Host box\n Port 11\nHost other\n User never\n")
    (parts / "2.conf").write_text("User second\n")
    (parts / "3.conf").write_text(f"Include {parts}/2.conf {parts}/gone.conf\nPort 3\n")
    texts = [
        f"Include {parts}/*.conf\n",
        f"Host box\n Include {parts}/2.conf\n Port 5\n",
        f"Host other\n Include {parts}/1.conf\nHost box\n Port 6\n",
        f"Include {parts}/none-*.conf\nPort 7\n",
        f"Include {parts}/3.conf\nUser last\n",
        f"Match host box\n Include {parts}/1.conf\n User x\n",
    ]

    for text in texts:
        assert as_we_say(text, local) == untangled(as_openssh_says(text, local)), text


@pytest.mark.parametrize(
    "text",
    [
        "Port abc\n",
        "Port 0\n",
        "Port 70000\n",
        "Host box\n Port\n",
        'Host "box\n',
        "Match host\n",
        "StrictHostKeyChecking perhaps\n",
        "IdentitiesOnly maybe\n",
        "ConnectTimeout soon\n",
        "HostName %x\n",
    ],
)
def test_what_openssh_refuses_is_refused(local, text):
    assert as_openssh_says(text, local) is None
    assert as_we_say(text, local) is None


@pytest.mark.parametrize("seed", range(200))
def test_a_configuration_made_by_chance_means_the_same(local, seed):
    text = random_config(random.Random(seed))

    assert as_we_say(text, local) == untangled(as_openssh_says(text, local)), text


def random_config(dice):
    """Sections and values that people could have written, in any order."""
    heads = (
        "Host box",
        "Host *",
        "Host other",
        "Host b* !bot",
        "Host !box *",
        "Host real.example",
        "Match all",
        "Match host real.example",
        "Match host box,other",
        "Match user me",
        "Match !user me",
        "Match originalhost box",
        "Match final",
        "Match final host real.example",
        "Match !final user me",
        "Match exec true",
        "Match exec false",
        "Match host box exec true",
        "Host BOX",
    )
    values = (
        "HostName real.example",
        "HostName %h.org",
        "Port 1001",
        "Port 1002",
        "User me",
        "User you",
        "IdentityFile ~/.ssh/a",
        "IdentityFile /b",
        "CertificateFile /c",
        "CertificateFile ~/.ssh/d",
        "IdentitiesOnly yes",
        "ProxyJump one,two",
        "ProxyJump none",
        "ProxyCommand nc %h %p",
        "UserKnownHostsFile ~/x /y",
        "HashKnownHosts no",
        "HostKeyAlias alias",
        "StrictHostKeyChecking accept-new",
        "ConnectTimeout 5",
        "ServerAliveInterval 9",
    )
    lines = [dice.choice(values) for _ in range(dice.randrange(3))]
    for _ in range(dice.randrange(1, 7)):
        lines.append(dice.choice(heads))
        lines += [f"  {dice.choice(values)}" for _ in range(dice.randrange(4))]
    return "\n".join(lines) + "\n"
