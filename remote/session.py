"""The one connection to a remote that all its jobs share: made, kept open, and made again.

A session connects when it is first asked, logs in, and keeps the connection until `close`. Where it
was lost, the next call connects anew; what was under way on the lost one fails with an error that
may be tried again. Two jobs that need it at once wait for one connection, not for two.

What a host is, and whether it may be trusted, is decided in `remote/route.py`,
`remote/host_keys.py` and `remote/login.py`; every host on the way is held to the same rules.
Where a host ended a login that was begun in haste, the whole way is gone once more with care.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from core.check import Check
from remote.connection import Connection
from remote.errors import RemoteConfigError, RemoteError, RemoteUnreachable, translating
from remote.exchange import Asking
from remote.host_keys import HostKey, KnownHosts, host_key_of, negotiate_known_types
from remote.host_options import HostOptions, ProxyCommand
from remote.host_text import shown
from remote.keyring_store import Keyring, SecretStore
from remote.local_user import LocalUser
from remote.login import Login
from remote.prompts import Ask, HostKeyQuestion, SharedAnswers
from remote.remote import Remote
from remote.remote_home import capabilities_of
from remote.route import Route, RoutePlanner
from remote.transport import TunedTransport, open_tunnel
from remote.watch import Watch, watch_times
from remote.wire import ProxyProcess, connect_tcp

_TICK_SECONDS = 0.05
Say = Callable[[str], None]


def _say_nothing(_line: str) -> None:
    """The default for who does not want a log."""


class Session:
    """The connection to a remote. All methods may be called from any thread.

    Args:
        remote: Where to.
        ask: Answers questions; called on the thread that needs the answer.
        local: Who connects; None for the user of this process.
        answers: Answers shared with other sessions; None for answers of its own.
        secrets: Where passwords may be kept; None for the system's keyring.
        say: Takes the lines of the log of "test"; they hold no secrets.
    """

    def __init__(
        self,
        remote: Remote,
        ask: Ask,
        *,
        local: LocalUser | None = None,
        answers: SharedAnswers | None = None,
        secrets: SecretStore | None = None,
        say: Say = _say_nothing,
    ) -> None:
        self.remote = remote
        self._ask = ask
        self._local = LocalUser.current() if local is None else local
        self._answers = SharedAnswers() if answers is None else answers
        self._secrets = Keyring() if secrets is None else secrets
        self._say = say
        self._lock = threading.Lock()
        self._link: _Link | None = None
        self._is_careful = False
        self._must_be_careful = False

    def connection(self, check: Check) -> Connection:
        """The connection, made if there is none.

        Args:
            check: Called several times a second while this waits; what it raises ends the wait.

        Raises:
            RemoteError: One of its leaves; `retryable` says whether trying again may help.
        """
        with self._held(check):
            if self._link is None or not self._link.is_open:
                self._drop()
                self._link = self._connect(check)
            return self._link.connection

    @property
    def is_connected(self) -> bool:
        """Whether there is a connection at this moment, as far as is known."""
        link = self._link
        return link is not None and link.is_open

    @property
    def can(self) -> str:
        """What the server can, in words: "shell, tar"; empty while that is not known."""
        link = self._link
        known = capabilities_of(link.connection) if link is not None and link.is_open else None
        return known.words() if known is not None else ""

    @property
    def was_silent(self) -> bool:
        """Whether the last connection ended because the host did not answer any more."""
        link = self._link
        return link is not None and link.is_lost

    def close(self) -> None:
        """End the connection; the next call makes another one."""
        with self._lock:
            self._drop()

    @contextmanager
    def _held(self, check: Check) -> Iterator[None]:
        while not self._lock.acquire(timeout=_TICK_SECONDS):
            check()
        try:
            yield
        finally:
            self._lock.release()

    def _drop(self) -> None:
        if self._link is not None:
            self._link.close()
            self._link = None

    def _connect(self, check: Check) -> _Link:
        asking = Asking(self._ask, self._answers, self._secrets, check, self._say)
        planner = RoutePlanner(self.remote, self._local, self._ask, self._answers, check)
        route = planner.route()
        for path in self._local.ssh_configs:
            if path.exists():
                self._say(f"{path} is followed.")
        way = " → ".join(f"{hop.login}, port {hop.port}" for hop in route.hops)
        self._say(f"The way there: {way}.")
        for note in (note for hop in route.hops for note in hop.notes):
            self._say(note)
        return self._opened(route, asking)

    def _opened(self, route: Route, asking: Asking) -> _Link:
        link = _Link(self.remote.name, route, asking, is_careful=self._is_careful)
        try:
            link.open()
        except RemoteError:
            link.close()
            if not link.wants_care:
                raise
        except BaseException:
            link.close()
            raise
        else:
            self._is_careful = self._must_be_careful or link.was_hasty
            return link
        self._say("The host ended the login; once more, and with care.")
        self._is_careful = self._must_be_careful = True
        return self._opened(route, asking)


class _Link:
    """One connection with all that carries it: jump hosts and the proxy command."""

    def __init__(self, remote: str, route: Route, asking: Asking, *, is_careful: bool) -> None:
        self._remote = remote
        self._is_careful = is_careful
        self._logins: list[Login] = []
        self._route = route
        self._asking = asking
        self._transports: list[TunedTransport] = []
        self._process: ProxyProcess | None = None
        self._watch: Watch | None = None
        self._connection: Connection | None = None

    @property
    def connection(self) -> Connection:
        assert self._connection is not None
        return self._connection

    @property
    def is_open(self) -> bool:
        return bool(self._transports) and all(t.is_active() for t in self._transports)

    @property
    def is_lost(self) -> bool:
        return self._watch is not None and self._watch.is_lost

    @property
    def wants_care(self) -> bool:
        """Whether a host ended the login, and may not have with care."""
        return any(login.wants_care for login in self._logins)

    @property
    def was_hasty(self) -> bool:
        """Whether care costs nothing next time."""
        return any(login.was_hasty for login in self._logins)

    def open(self) -> None:
        for hop in self._route.hops:
            self._asking.check()
            self._reach(hop)
        target = self._route.target
        interval, patience = watch_times(target.alive_interval, target.alive_count)
        transport = self._transports[-1]
        self._watch = Watch(transport, interval, patience)
        self._connection = Connection(transport, self._remote)

    def close(self) -> None:
        if self._watch is not None:
            self._watch.end()
        for transport in reversed(self._transports):
            transport.close()
        for transport in reversed(self._transports):
            transport.join(_TICK_SECONDS * 20)
        if self._process is not None:
            self._process.close()
            self._process = None

    def _reach(self, hop: HostOptions) -> None:
        attempt = f"connect to {self._remote}"
        if hop is not self._route.target:
            attempt += f" through {hop.login}"
        elif self._remote not in (hop.host, hop.login):
            attempt += f" ({hop.login})"
        with self._explaining(attempt):
            sock = self._carrier(hop)
            transport = TunedTransport(sock, self._route.timeout)
            self._transports.append(transport)
            known = KnownHosts(hop)
            negotiate_known_types(transport, known)
            self._negotiate(transport)
        self._prove(transport, known)
        login = Login(transport, hop, self._remote, self._asking, is_careful=self._is_careful)
        self._logins.append(login)
        login.run()
        if login.banner:
            self._asking.say(f"The host says: {' '.join(login.banner.split())}")
        self._asking.say(f"Logged in to {hop.login}.")

    def _carrier(self, hop: HostOptions) -> Any:
        say = self._asking.say
        if self._transports:
            say(f"Going on to {hop.host}, port {hop.port}.")
            self._transports[-1].channel_timeout = self._route.timeout
            return open_tunnel(
                self._transports[-1], (hop.host, hop.port), self._remote, self._asking.check
            )
        if hop.proxy_command is not None:
            return self._start(hop.proxy_command)
        say(f"Connecting to {hop.host}, port {hop.port}.")
        return connect_tcp(hop.host, hop.port, self._route.timeout, self._asking.check)

    def _start(self, proxy: ProxyCommand) -> Any:
        self._asking.say(f"Connecting by the command “{proxy.command}” of {proxy.place}.")
        self._process = ProxyProcess(proxy.command)
        return self._process.sock

    def _negotiate(self, transport: TunedTransport) -> None:
        done = threading.Event()
        transport.start_client(done)
        while not done.wait(_TICK_SECONDS) and transport.is_active():
            self._asking.check()
        if not transport.is_active():
            raise transport.get_exception() or EOFError()
        cipher = transport.remote_cipher  # type: ignore[attr-defined]  # the stubs leave it out
        self._asking.say(f"The host is {shown(transport.remote_version)}; {cipher}.")

    def _prove(self, transport: TunedTransport, known: KnownHosts) -> None:
        key = host_key_of(transport)
        self._asking.say(f"Its key is {key.key_type} {key.fingerprint}.")
        for place in known.authorities():
            self._asking.say(f"{place} names a certificate authority; these are not supported.")
        if known.verify(key, self._remote, self._accept):
            self._remember(known, key)

    def _remember(self, known: KnownHosts, key: HostKey) -> None:
        """Add an accepted key; where that cannot be done, it is accepted for this time."""
        asking = self._asking
        try:
            # One after the other: whoever waited meanwhile finds it done.
            asking.answers.get(("known hosts", known.name), lambda: known.add(key), asking.check)
        except RemoteConfigError as e:
            asking.say(f"The key is accepted, and will be asked about again. {e}.")
        else:
            asking.say("The key is accepted and remembered.")

    def _accept(self, question: HostKeyQuestion) -> bool:
        """Ask about a host key, once for all connections that wait for it."""
        asking = self._asking

        def ask() -> str | None:
            return "yes" if asking.ask.accept_host_key(question, asking.check) else None

        key = ("host key", question.host, question.fingerprint)
        return asking.answers.get(key, ask, asking.check) is not None

    @contextmanager
    def _explaining(self, attempt: str) -> Iterator[None]:
        try:
            with translating(attempt, self._remote):
                yield
        except RemoteUnreachable as e:
            said = self._process.said() if self._process is not None else ""
            if not said:
                raise
            raise RemoteUnreachable(
                f"Cannot {attempt}: the command that makes the connection said “{said}”",
                remote=self._remote,
            ) from e
