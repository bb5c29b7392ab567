"""The remotes of one window: those of the configuration, their connections, and how they are.

Why the configuration is read a while after the start: reading it brings in the whole of SSH (a
fifth of a second), and nothing of it is needed before the first runs are on screen.

Why one session a remote and not one a job: whoever typed a password typed it for the host.

Guild and the command line write the same configuration: it is read again whenever the user comes
back to the window.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace
from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QGuiApplication

from core.errors import Cancelled, Error
from core.jobs import JobContext
from gui.job_bridge import JobBridge, Latest
from gui.remotes.asking import Asking, Waiting
from gui.remotes.remote_draft import SSH, HostOffer, RemoteDraft
from gui.remotes.remote_state import RemoteState, State
from gui.startup.imports_ahead import ImportsAhead

if TYPE_CHECKING:
    from remote.config import RemoteList
    from remote.connection import Connection
    from remote.prompts import SharedAnswers
    from remote.remote import Remote
    from remote.session import Session

    Connect = Callable[[Callable[[], None]], Connection]

LANE = "remotes"
START_MS = 700
GLANCE_MS = 1_000
_MODULES = ("remote.session", "gui.remotes.far_remote", "gui.dialogs.transfer_preview")
"""What a click on a remote needs: the window would stand still for it for 0.1 s."""

SSH_PORT = 22
_MOST_ADDRESSES = 300
"""Of so many hosts of `~/.ssh/config` it is worked out where they are; each reads all of it."""

_NUMBERS = ("port", "connect-timeout")


class RemoteSet(QObject):
    """Knows the remotes and connects to them.

    Args:
        bridge: Runs what reads files and hosts.
        asking: Asks the user what hosts ask.
        parent: Owner.

    Signals:
        listed: There are other remotes.
        changed: One of them is otherwise (its name).
        failed: The configuration could not be read (Error).
        refused: Nobody's job could not connect (the remote's name, Error).
    """

    listed = Signal()
    changed = Signal(str)
    failed = Signal(object)
    refused = Signal(str, object)
    _broke = Signal(str, object)
    _became = Signal(str, str, str)

    def __init__(self, bridge: JobBridge, asking: Asking, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.asking = asking
        self.is_listed = False
        self._is_unread = False
        self._states: dict[str, RemoteState] = {}
        self._before_asking: dict[str, State] = {}
        self._sessions: dict[str, Session] = {}
        self._making = threading.Lock()
        self._answers: SharedAnswers | None = None
        self._reading = Latest(bridge, LANE, self)
        self._writing = Latest(bridge, LANE, self)
        self._hosts = Latest(bridge, LANE, self)
        self._imports = ImportsAhead(bridge, self, _MODULES)
        self._bridge = bridge
        self._became.connect(self._on_became, Qt.ConnectionType.QueuedConnection)
        self._broke.connect(self.refused, Qt.ConnectionType.QueuedConnection)
        asking.asked.connect(self._on_asked)
        asking.settled.connect(self._on_asked)
        self._glance = QTimer(self, interval=GLANCE_MS)
        self._glance.timeout.connect(self._on_glance)

    @property
    def is_closing(self) -> bool:
        """Whether the window ends, and its jobs with it."""
        return self._bridge.is_closed

    # What is known

    def states(self) -> list[RemoteState]:
        """Every remote, in the order of the configuration."""
        return list(self._states.values())

    def find(self, name: str) -> RemoteState | None:
        """The remote of that name."""
        return self._states.get(name)

    def address(self, name: str) -> str:
        """Where a remote is by the configuration; empty where there is none of that name."""
        state = self._states.get(name)
        return state.address if state is not None else ""

    def supported(self) -> list[RemoteState]:
        """Those that runs can be copied to and from."""
        return [state for state in self._states.values() if state.remote.is_supported]

    def can(self, name: str) -> str:
        """What the host of a remote can, in words; empty while that is not known."""
        session = self._sessions.get(name)
        return session.can if session is not None else ""

    def set_count(self, name: str, count: int) -> None:
        """So many runs are there."""
        self._change(name, count=count)

    # The configuration

    def start(self) -> None:
        """Read the configuration as soon as the start leaves time for it."""
        QTimer.singleShot(START_MS, self, self.refresh)
        application = QGuiApplication.instance()
        if isinstance(application, QGuiApplication):
            application.applicationStateChanged.connect(self._on_application_state)

    @Slot()
    def refresh(self) -> None:
        """Read the configuration."""
        self._reading.ask("Read the remotes", _read, self._on_read, self._on_unread)

    def save(
        self,
        draft: RemoteDraft,
        on_saved: Callable[[], None],
        on_failed: Callable[[Error], None],
    ) -> None:
        """Add a remote, or change it, and list them anew."""
        seen = self._states.get(draft.old_name)
        work = partial(_write, draft, seen.remote if seen else None)
        self._change_config("Save the remote", work, on_saved, on_failed)

    def remove(
        self, name: str, on_removed: Callable[[], None], on_failed: Callable[[Error], None]
    ) -> None:
        """Take a remote out of the configuration; nothing happens on its host."""

        def work(_context: JobContext) -> None:
            _remotes().remove(name)

        self._change_config("Remove the remote", work, on_removed, on_failed)

    def ask_hosts(
        self, on_hosts: Callable[[list[HostOffer]], None], on_failed: Callable[[Error], None]
    ) -> None:
        """Find the hosts of `~/.ssh/config`."""
        self._hosts.ask("Read the hosts of ~/.ssh/config", _find_hosts, on_hosts, on_failed)

    # Connections

    def session(self, name: str) -> Session:
        """The connection to a remote, on any thread; nothing is connected by this.

        Raises:
            Error: There is no such remote any more, or it is not supported.
        """
        state = self._states.get(name)
        if state is None:
            raise Error(f"There is no remote {name} any more", hint="It was removed or renamed.")
        state.remote.require_supported()
        with self._making:
            if name not in self._sessions:
                self._sessions[name] = self._make_session(state.remote)
            return self._sessions[name]

    def answers(self) -> SharedAnswers:
        """What was typed for hosts since the start, on any thread."""
        with self._making:
            return self._shared_answers()

    def connector(self, name: str, context: JobContext | None) -> Connect:
        """What connects to a remote for a job, on the job's thread.

        What becomes of it is shown in the places, and what the host asks is asked for the job.

        Args:
            name: The remote.
            context: Of the job; None for one that nobody sees, whose questions are the place's.

        Raises:
            Error: There is no such remote any more, or it is not supported.
        """
        session = self.session(name)

        def connect(check: Callable[[], None]) -> Connection:
            if session.is_connected:
                return session.connection(check)
            self._became.emit(name, "busy", "")
            try:
                with self.asking.during(context):
                    connection = session.connection(check)
            except Cancelled:
                self._became.emit(name, "idle", "")
                raise
            except Error as e:
                state = "idle" if e.is_declined else "offline"
                self._became.emit(name, state, e.told)
                if context is None:
                    self._broke.emit(name, e)
                raise
            self._became.emit(name, "connected", "")
            return connection

        return connect

    def show_useless(self, name: str, error: Error) -> None:
        """Show that nothing can be had from a remote although it let us in; on any thread."""
        self._became.emit(name, "offline", error.told)

    def close(self) -> None:
        """End every connection: the window closes."""
        self._glance.stop()
        self._reading.drop()
        self._imports.close()
        for session in list(self._sessions.values()):
            session.close()
        self._sessions = {}

    # Inside

    def _hosts_free(self, session: Session) -> None:
        self._hosts.ask("Disconnect", lambda _context: session.close(), lambda _none: None)

    def _make_session(self, remote: Remote) -> Session:
        from remote.session import Session

        return Session(remote, self.asking, answers=self._shared_answers())

    def _shared_answers(self) -> SharedAnswers:
        from remote.prompts import SharedAnswers

        if self._answers is None:
            self._answers = SharedAnswers()
        return self._answers

    def _change_config(
        self,
        title: str,
        work: Callable[[JobContext], None],
        on_done: Callable[[], None],
        on_failed: Callable[[Error], None],
    ) -> None:
        def done(_none: object) -> None:
            self.refresh()
            on_done()

        self._writing.ask(title, work, done, on_failed)

    def _change(self, name: str, **values: Any) -> None:
        state = self._states.get(name)
        if state is not None and (changed := replace(state, **values)) != state:
            self._states[name] = changed
            self.changed.emit(name)

    # Slots

    def _on_read(self, remotes: tuple[Remote, ...]) -> None:
        before, self._states = self._states, {}
        for remote in remotes:
            usual: State = "idle" if remote.is_supported else "unsupported"
            known = before.get(remote.name)
            same = known is not None and known.remote == remote
            self._states[remote.name] = known if same and known else RemoteState(remote, usual)
            if not same and (session := self._sessions.pop(remote.name, None)) is not None:
                self._hosts_free(session)  # it was made for another address
        self.is_listed, self._is_unread = True, False
        self._glance.start()
        self.listed.emit()
        if self.supported():
            self._imports.start(0)

    def _on_read_again(self, remotes: tuple[Remote, ...]) -> None:
        if self._is_unread or list(remotes) != [each.remote for each in self._states.values()]:
            self._on_read(remotes)

    def _on_unread(self, error: Error) -> None:
        self.is_listed = self._is_unread = True
        self.listed.emit()
        self.failed.emit(error)

    @Slot(str, str, str)
    def _on_became(self, name: str, state: State, problem: str) -> None:
        if state == "busy" and any(w.question.remote == name for w in self.asking.waiting):
            self._before_asking[name] = state
            return
        self._change(name, state=state, problem=problem)

    @Slot(object)
    def _on_asked(self, waiting: Waiting) -> None:
        """Show that a host asks, and after that how it was: who asks may be a mere test."""
        name = waiting.question.remote
        is_asking = any(other.question.remote == name for other in self.asking.waiting)
        state = self._states.get(name)
        if state is None:
            return
        if is_asking and state.state != "asking":
            self._before_asking[name] = state.state
            self._change(name, state="asking")
        elif not is_asking and state.state == "asking":
            self._change(name, state=self._before_asking.pop(name, "idle"))

    @Slot(Qt.ApplicationState)
    def _on_application_state(self, state: Qt.ApplicationState) -> None:
        if state is Qt.ApplicationState.ApplicationActive and self.is_listed:
            title = "Read the remotes again"
            self._reading.ask(title, _read, self._on_read_again, self._on_unread)

    @Slot()
    def _on_glance(self) -> None:
        """Notice connections that were made or lost while nobody looked."""
        for name, session in list(self._sessions.items()):  # workers add to them
            state = self._states.get(name)
            if state is None or state.state in ("busy", "asking"):
                continue
            if session.is_connected:
                self._change(name, state="connected", problem="", can=session.can or state.can)
            elif state.state == "connected":
                lost = "The host does not answer any more." if session.was_silent else ""
                self._change(name, state="offline" if lost else "idle", problem=lost)


# On workers' threads


def _remotes() -> RemoteList:
    from remote.config import RemoteList, find_config
    from remote.local_user import LocalUser

    return RemoteList(find_config(LocalUser.current(), Path.cwd()))


def _read(_context: JobContext) -> tuple[Remote, ...]:
    """The remotes; where there can be no configuration, SSH is not even loaded for that."""
    usual = (Path.cwd() / "guild-config.yml", Path.home() / ".guild" / "config.yml")
    if "GUILD_CONFIG" not in os.environ and not any(map(os.path.lexists, usual)):
        return ()
    return tuple(_remotes().all())


def _write(draft: RemoteDraft, seen: Remote | None, _context: JobContext) -> None:
    remotes = _remotes()
    values = _typed(draft.values)
    if not draft.old_name:
        remotes.add(draft.name, values)
        return
    before = draft_of(seen).values if seen is not None else {}
    gone = {key: None for key in before if key not in values}
    other = {key: values[key] for key, text in draft.values.items() if before.get(key) != text}
    remotes.edit(draft.old_name, other | gone, seen=seen)


def _typed(values: Mapping[str, str]) -> dict[str, Any]:
    """Texts as Guild expects them: numbers as numbers, a switch as one."""
    typed: dict[str, Any] = dict(values)
    for key in _NUMBERS:
        if key in typed:
            typed[key] = int(typed[key])
    if "use-prerelease" in typed:
        typed["use-prerelease"] = True
    return typed


def draft_of(remote: Remote) -> RemoteDraft:
    """A remote for its form."""
    values = {key: _shown(value) for key, value in remote.values.items() if value is not None}
    return RemoteDraft(remote.name, remote.type or SSH, values, remote.name)


def remote_of(draft: RemoteDraft) -> Remote:
    """What a form describes, before it is saved; on a worker's thread."""
    from remote.config import find_config
    from remote.local_user import LocalUser
    from remote.remote import Remote

    path = find_config(LocalUser.current(), Path.cwd())
    return Remote(draft.name, draft.type, path, _typed(draft.values))


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else ""
    return "\n".join(map(str, value)) if isinstance(value, list) else str(value)


def _find_hosts(_context: JobContext) -> list[HostOffer]:
    from remote.local_user import LocalUser
    from remote.ssh_config import SshConfig

    config = SshConfig(LocalUser.current())

    def address(alias: str) -> str:
        """What is known of a host without running what a Match section would run."""
        try:
            found = config.resolve(alias, lambda *_command: False)
        except Error:
            return ""  # said when it is tested, with the line
        return found.login if found.port == SSH_PORT else f"{found.login}:{found.port}"

    aliases = config.hosts()
    return [HostOffer(alias, address(alias)) for alias in aliases[:_MOST_ADDRESSES]] + [
        HostOffer(alias) for alias in aliases[_MOST_ADDRESSES:]
    ]
