"""A real OpenSSH server on this machine, with keys that are thrown away, in all its moods.

The login directory of a server is a folder of the test, not the user's own: every session goes
through a small script (ForceCommand) that enters it. That script also decides which programs a
session finds, so that one machine plays hosts without tar, hosts with BusyBox, and hosts that
print a greeting where none belongs.
"""

from __future__ import annotations

import contextlib
import getpass
import os
import random
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import psutil
import pytest
from msgspec import Struct, field

from tests.support.patience import PATIENCE
from tests.support.processes import wait_until

SFTP_SERVER = "/usr/lib/openssh/sftp-server"
PROGRAM_FOLDERS = ("/usr/local/bin", "/usr/bin", "/bin")
NOISE = "echo 'Welcome to the cluster'\necho 'quota: 93%' >&2\n"
_OWNER = "TEST_SSHD"
_RUNNING: list[SshServer] = []


class ServerOptions(Struct, frozen=True):
    """How a server differs from a plain OpenSSH with a shell.

    Attributes:
        sftp_only: `ForceCommand internal-sftp`: no shell, no commands.
        chroot: With `sftp_only`, sessions see only a folder; needs root. `login` is inside it.
        without: Names of programs that sessions do not find, e.g. "tar".
        busybox: Sessions find BusyBox's programs and shell, and no others.
        shell: The shell of sessions: "bash", "sh" or "dash".
        noisy: ~/.bashrc prints to stdout and stderr, for commands too.
        sftp_through_shell: The SFTP server is started by the shell, as OpenSSH does with an
            external one, so that a noisy ~/.bashrc disturbs it.
        banner: Shown before the login.
        key_types: Types of the host keys, as ssh-keygen names them.
        umask: The rights that sessions take away from what they make, e.g. "0077".
        environ: Further variables of sessions.
        first_on_path: A folder whose programs come first.
        lines: Further lines of sshd_config; they take the place of ours with the same keyword.
    """

    sftp_only: bool = False
    chroot: bool = False
    without: tuple[str, ...] = ()
    busybox: bool = False
    shell: str = "bash"
    noisy: bool = False
    sftp_through_shell: bool = False
    banner: str = ""
    key_types: tuple[str, ...] = ("ed25519",)
    umask: str = "0022"
    environ: dict[str, str] = field(default_factory=dict)
    first_on_path: Path | None = None
    lines: tuple[str, ...] = ()


class SshServer:
    """One sshd, and the files that a client needs to reach it.

    Attributes:
        port: On 127.0.0.1.
        user: Who may log in.
        key: A private key without a passphrase that may log in; also `authorized_keys`.
        known_hosts: A file that knows the server's host keys.
        login: The login directory of sessions, as this machine sees it.
        log: What sshd wrote.
    """

    def __init__(self, folder: Path, options: ServerOptions | None = None) -> None:
        self.folder = folder
        self.options = options or ServerOptions()
        self.user = getpass.getuser()
        self.host = "127.0.0.1"
        self.key = folder / "client_key"
        self.authorized_keys = folder / "authorized_keys"
        self.known_hosts = folder / "known_hosts"
        self.log = folder / "sshd.log"
        self._chroot: Path | None = None
        self.login = self._make_login()
        self.port = 0
        self._process: subprocess.Popen[bytes] | None = None
        make_key(self.key)
        for kind in self.options.key_types:
            make_key(self.host_key(kind), kind)
        shutil.copy(self.key.with_suffix(".pub"), self.authorized_keys)

    def start(self) -> SshServer:
        """Start, on the same port as before if there was one."""
        if os.geteuid() == 0:
            Path("/run/sshd").mkdir(exist_ok=True)
        for _ in range(5):  # another program may take the free port first
            self.port = self.port or free_port()
            if self._start_on_port():
                _RUNNING.append(self)
                return self
            self.port = 0
        raise AssertionError(f"sshd did not start\n{self.log.read_text()}")

    def stop(self) -> None:
        """End the server and all its sessions; it may be started again."""
        if self._process is None:
            return
        self.thaw()
        self._signal(signal.SIGKILL)
        self._process.wait()
        self._process = None
        self._end_orphans()
        _RUNNING.remove(self)

    def reload(self, options: ServerOptions) -> None:
        """Take other options, as an administrator does it: who is logged in sees nothing of it."""
        assert self._process is not None
        self.options = options
        self._write_config()
        self._process.send_signal(signal.SIGHUP)
        wait_until(lambda: self.log.read_text().count("Server listening") > 1)

    def close(self) -> None:
        """End it for good and remove what is outside of the test's folder."""
        self.stop()
        if self._chroot is not None:
            shutil.rmtree(self._chroot)

    def allow(self, key: Path) -> None:
        """Let a key log in."""
        with self.authorized_keys.open("a") as file:
            file.write(key.with_suffix(".pub").read_text())

    def kill_sessions(self) -> None:
        """Cut every connection, as a crash of the host or a lost network would."""
        for process in self.sessions():
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()

    def freeze(self) -> None:
        """Let the server and its sessions stand still: connections stay, nothing answers."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let them go on."""
        self._signal(signal.SIGCONT)

    def sessions(self) -> list[psutil.Process]:
        """The processes of all connections, with what they run."""
        assert self._process is not None
        return psutil.Process(self._process.pid).children(recursive=True)

    def connections(self) -> int:
        """How many connections are open, logged in or not."""
        assert self._process is not None
        return len(psutil.Process(self._process.pid).children())

    def host_key(self, kind: str = "ed25519") -> Path:
        """The private half of a host key."""
        return self.folder / f"host_{kind}"

    def fingerprint(self, kind: str = "ed25519") -> str:
        """SHA256:… of a host key, as ssh-keygen prints it."""
        return fingerprint(self.host_key(kind))

    def ssh_config(self, alias: str, *lines: str) -> str:
        """A Host section of an OpenSSH client's configuration that reaches this server."""
        own = (
            f"HostName {self.host}",
            f"Port {self.port}",
            f"User {self.user}",
            f"IdentityFile {self.key}",
            f"UserKnownHostsFile {self.known_hosts}",
            "IdentityAgent none",
        )
        return "\n  ".join((f"Host {alias}", *lines, *own)) + "\n"

    def ssh(self, *command: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run a command there with the real OpenSSH client."""
        config = self.folder / "ssh_config"
        config.write_text(self.ssh_config("box"))
        return subprocess.run(
            ["ssh", "-F", str(config), "-oBatchMode=yes", "box", *command],
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=check,
        )

    def _start_on_port(self) -> bool:
        self._write_known_hosts()
        config = self._write_config()
        sshd = shutil.which("sshd") or "/usr/sbin/sshd"
        process = self._process = subprocess.Popen(
            [sshd, "-D", "-f", str(config), "-E", str(self.log)], stdin=subprocess.DEVNULL
        )
        wait_until(lambda: process.poll() is not None or _greets(self.port))
        if process.poll() is not None:
            return False
        wait_until(lambda: self.connections() == 0)  # that of the greeting has left
        return True

    def _write_config(self) -> Path:
        config = self.folder / "sshd_config"
        config.write_text("\n".join(self._config_lines()) + "\n")
        return config

    def _config_lines(self) -> list[str]:
        named = {line.split()[0].lower() for line in self.options.lines}
        own = [line for line in self._own_lines() if line.split()[0].lower() not in named]
        return [*self.options.lines, *own]

    def _own_lines(self) -> Iterator[str]:
        yield from (f"HostKey {self.host_key(kind)}" for kind in self.options.key_types)
        yield from (
            f"Port {self.port}",
            f"ListenAddress {self.host}",
            "PidFile none",
            f"AuthorizedKeysFile {self.authorized_keys}",
            "StrictModes no",
            "UsePAM no",
            "PermitRootLogin yes",
            "PasswordAuthentication no",
            "KbdInteractiveAuthentication no",
            "MaxStartups 100:30:200",
            "LogLevel VERBOSE",
        )
        if self.options.banner:
            banner = self.folder / "banner"
            banner.write_text(self.options.banner)
            yield f"Banner {banner}"
        yield from self._session_lines()

    def _session_lines(self) -> Iterator[str]:
        if self.options.sftp_only:
            inside = "/" if self._chroot is None else "/files"
            start = self.login if self._chroot is None else inside
            yield "Subsystem sftp internal-sftp"
            yield f"ForceCommand internal-sftp -u {self.options.umask} -d {start}"
            if self._chroot is not None:
                yield f"ChrootDirectory {self._chroot}"
            return
        # What PATH is for sshd's own shell does not matter; that it reads no ~/.bashrc does.
        own = {"HOME": str(self.login), "SHLVL": "3", _OWNER: str(self.folder)}
        environ = own | self.options.environ
        yield "SetEnv " + " ".join(f'"{name}={value}"' for name, value in environ.items())
        yield f"Subsystem sftp {SFTP_SERVER}"
        yield f"ForceCommand {self._write_entrance()}"

    def _write_entrance(self) -> Path:
        """The script that every session begins with."""
        if self.options.noisy:
            (self.login / ".bashrc").write_text(NOISE)
        shell, path = self._programs()
        sftp = f'"{SFTP_SERVER}"'
        if self.options.sftp_through_shell:
            sftp = f"{shell} -c {SFTP_SERVER}"
        entrance = self.folder / "entrance"
        entrance.write_text(
            "#!/bin/sh\n"
            f"cd '{self.login}' || exit 1\n"
            f"umask {self.options.umask}\n"
            "unset SHLVL\n"  # so that bash takes itself for the first, and reads ~/.bashrc
            f"PATH='{path}'; export PATH\n"
            'case "$SSH_ORIGINAL_COMMAND" in\n'
            f"  {SFTP_SERVER}*) exec {sftp} ;;\n"
            f'  "") exec {shell} ;;\n'
            "esac\n"
            f'exec {shell} -c "$SSH_ORIGINAL_COMMAND"\n'
        )
        entrance.chmod(0o755)
        return entrance

    def _programs(self) -> tuple[str, str]:
        """The shell of sessions, and their PATH."""
        folders = [str(self.options.first_on_path)] if self.options.first_on_path else []
        if self.options.busybox:
            tool = shutil.which("busybox")
            assert tool, "busybox is not installed: see .ci/packages"
            programs = self.folder / "busybox"
            programs.mkdir(exist_ok=True)
            subprocess.run([tool, "--install", "-s", str(programs)], check=True)
            return f"{tool} sh", ":".join([*folders, str(programs)])
        if not self.options.without:
            return f"/bin/{self.options.shell}", ":".join([*folders, *PROGRAM_FOLDERS])
        programs = self.folder / "programs"
        programs.mkdir(exist_ok=True)
        for folder in reversed(PROGRAM_FOLDERS):
            for program in Path(folder).iterdir():
                link = programs / program.name
                if program.name not in self.options.without and not link.is_symlink():
                    link.symlink_to(program)
        return f"/bin/{self.options.shell}", ":".join([*folders, str(programs)])

    def _make_login(self) -> Path:
        if self.options.chroot:
            # Every folder above must belong to root and be closed to others: /tmp is not.
            self._chroot = Path(tempfile.mkdtemp(prefix="rundesk-sshd-", dir="/run"))
            self._chroot.chmod(0o755)
            login = self._chroot / "files"
        else:
            login = self.folder / "login"
        login.mkdir(exist_ok=True)
        return login

    def _write_known_hosts(self) -> None:
        self.known_hosts.write_text(
            "".join(
                f"[{self.host}]:{self.port} {self.host_key(kind).with_suffix('.pub').read_text()}"
                for kind in self.options.key_types
            )
        )

    def _end_orphans(self) -> None:
        """End what sessions started and nobody is the parent of any more, however it hangs."""
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.NoSuchProcess, psutil.AccessDenied):
                if process.environ().get(_OWNER) == str(self.folder):
                    process.kill()

    def _signal(self, number: int) -> None:
        assert self._process is not None
        for process in [*self.sessions(), psutil.Process(self._process.pid)]:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.send_signal(number)


StartServer = Callable[..., SshServer]


@pytest.fixture
def start_ssh_server(tmp_path, monkeypatch) -> Iterator[StartServer]:
    """Starts sshd with the given options, as often as wanted; all end with the test.

    Whoever is not told how long waits long for them to answer.

    `folder` is where its files are; accounts other than this process's cannot enter the usual one.
    """
    started: list[SshServer] = []
    monkeypatch.setattr("remote.route.DEFAULT_CONNECT_SECONDS", PATIENCE)

    def start(folder: Path | None = None, **options) -> SshServer:
        folder = (folder or tmp_path) / f"sshd{len(started) or ''}"
        folder.mkdir()
        server = SshServer(folder, ServerOptions(**options))
        started.append(server)
        return server.start()

    yield start
    for server in started:
        server.close()


@pytest.fixture
def ssh_server(start_ssh_server) -> SshServer:
    """A plain sshd with a shell, tar and SFTP."""
    return start_ssh_server()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """A test that fails shows what its servers wrote."""
    report = yield
    if report.failed:
        for server in _RUNNING:
            text = server.log.read_text(errors="replace") if server.log.exists() else ""
            report.sections.append((f"sshd on port {server.port}", text[-20_000:]))
    return report


def make_key(path: Path, kind: str = "ed25519", passphrase: str = "") -> Path:
    """Make a key pair with the real ssh-keygen; returns the private half."""
    command = ["ssh-keygen", "-q", "-t", kind, "-N", passphrase, "-C", path.name, "-f", str(path)]
    if kind == "rsa":
        command += ["-b", "2048"]
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL)
    return path


def make_programs(folder: Path, names: Sequence[str], script: str) -> Path:
    """A folder in which programs do what a script says, for `first_on_path`."""
    folder.mkdir(exist_ok=True)
    for name in names:
        (folder / name).write_text(f"#!/bin/sh\n{script}\n")
        (folder / name).chmod(0o755)
    return folder


def fingerprint(key: Path) -> str:
    """SHA256:… of a key or known_hosts line, by the real ssh-keygen."""
    command = ["ssh-keygen", "-l", "-E", "sha256", "-f", str(key)]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()[1]


def free_port() -> int:
    """A TCP port that was free a moment ago, and is none of those that connections take."""
    while True:
        port = random.randrange(10_000, 30_000)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


def _greets(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), 1) as probe:
            return probe.recv(4) == b"SSH-"
    except OSError:
        return False
