"""The remotes of one window: places, actions, dialogs, and the transfers of the home in it.

Why beside the desk and not in it: connections, and what was typed for them, outlive a change of
the home.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import QObject, Slot

from core.errors import Error
from core.scratch import Scratch
from core.text import plural
from gui.desk import Desk
from gui.main_window import MainWindow
from gui.models.places_model import PlaceKind
from gui.places.place_catalogue import RUNS
from gui.remotes.asking import Asking
from gui.remotes.discarding import Discarding
from gui.remotes.job_questions import JobQuestions
from gui.remotes.place_questions import PlaceQuestions
from gui.remotes.question_opener import QuestionOpener
from gui.remotes.remote_choices import ask_to_remove, choose_remote
from gui.remotes.remote_dialogs import RemoteDialogs
from gui.remotes.remote_places import RemotePlaces
from gui.remotes.remote_set import RemoteSet
from gui.remotes.remote_state import RemoteState, places_of
from gui.remotes.transfer_usual import TransferUsual
from gui.remotes.transferring import Transferring
from gui.remotes.where_column import WhereColumn
from gui.services import Services
from gui.settings_file import SettingsFile
from gui.views.sidebar.place_drops import PlaceDrop
from gui.window_state import HomeState

TOPIC = "remotes"
UNSUPPORTED_TOPIC = "remote of another type"
_NO_REMOTE = "There is no remote yet: add one first."
_NO_RUN = "No run is selected."
_NOT_CHOSEN = "Choose a remote in the places."
_ON_HOST = ("remote.test", "remote.refresh", "remote.discard")
_UNSUPPORTED = "Rundesk does not support remotes of this type; Guild uses them as before."


class RemoteDesk(QObject):
    """Joins the remotes with a window.

    Args:
        window: Its places and actions.
        services: Shared services of the window.
        settings: What the user decided for all homes.
        scratch: Keeps copies of what is looked at.
        parent: Owner.

    Attributes:
        remotes: The remotes.
        transferring: Copies runs of the home that is open; None without one.
    """

    def __init__(
        self,
        window: MainWindow,
        services: Services,
        settings: SettingsFile,
        scratch: Scratch,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._window = window
        self._services = services
        self.asking = Asking(self)
        self.remotes = RemoteSet(services.bridge, self.asking, self)
        self.opener = QuestionOpener(self.asking, services.theme, window, self.remotes.address)
        self._dialogs = RemoteDialogs(self.remotes, self.opener, services, window)
        self._questions = JobQuestions(self.asking, window.jobs, self.opener, services.bridge)
        PlaceQuestions(self.remotes, self.opener, window, self._front_name, self)
        self._scratch = scratch
        self._usual = TransferUsual(settings, window, self)
        self._places: RemotePlaces | None = None
        self._is_offered = False
        self._where: WhereColumn | None = None
        self._discarding: Discarding | None = None
        self._desk: Desk | None = None
        self._state: HomeState | None = None
        self.transferring: Transferring | None = None
        self._connect()
        self._enable()

    # Life

    def start(self) -> None:
        """Read the configuration as soon as there is time."""
        self._show_places()
        self.remotes.start()

    def enter(self, desk: Desk, state: HomeState) -> None:
        """A home is open now.

        Args:
            desk: Its desk.
            state: What is remembered of it.
        """
        self._desk, self._state = desk, state
        self.transferring = Transferring(
            desk.home,
            self._window,
            desk.runs,
            desk.feed,
            self.remotes,
            self.opener,
            self._services,
            self._scratch,
            self._usual,
            desk,
        )
        places = RemotePlaces(self._window, self._services, self.remotes, self._scratch, desk)
        places.restore(state.read_map(TOPIC))
        self._places = places
        self.transferring.listed = places.columns
        transferring = self.transferring
        self._discarding = Discarding(desk.home, self.remotes, self._window, self._services, desk)
        self._where = WhereColumn(desk, places, transferring, self.remotes, self._services)
        self.transferring.copied.connect(places.refresh)
        places.front_changed.connect(self._on_front_changed)
        places.filter_changed.connect(desk.filter_changed)
        places.selected.connect(self._enable)
        places.trashes_changed.connect(self._show_places)
        desk.navigation.remote_wanted.connect(self._on_remote_wanted)
        desk.navigation.remote_trash_wanted.connect(self._on_trash_wanted)
        desk.navigation.shown.connect(self._leave_front)
        desk.archives.front_changed.connect(self._on_archive_shown)
        desk.runs.selection_changed.connect(self._enable)
        self._offer()
        self._enable()

    def leave(self) -> Callable[[], str]:
        """The home is closed.

        Returns:
            Gives sentences on changes there that were left undone, once the window's jobs have
            ended.
        """
        left: Callable[[], str] = str
        if self.transferring is not None:
            self.transferring.close()
        if self._places is not None:
            if self._state is not None:
                self._state.write_map(TOPIC, self._places.state())
            left = self._places.close()
        if self._where is not None:
            self._where.stop()
        if self._discarding is not None:
            self._discarding.close()
        self._discarding = None
        self._desk = self.transferring = self._places = self._where = None
        self._is_offered = False
        self._enable()
        return left

    def close(self) -> None:
        """The window ends."""
        self.leave()
        self.remotes.close()

    # What the user asks for

    def push(self, remote: str, ids: Sequence[str]) -> None:
        """Preview a push of runs of this computer."""
        if self.transferring is not None and ids:
            self.transferring.push(remote, ids)

    def pull(self, remote: str, ids: Sequence[str] | None) -> None:
        """Preview a pull of runs of a remote; None for all."""
        if self.transferring is not None:
            self.transferring.pull(remote, ids)

    def take(self, drop: PlaceDrop) -> None:
        """Preview what it means that runs were dropped on a place."""
        runs = drop.runs
        if runs is None:
            return
        if not drop.remote:
            self.pull(runs.remote, runs.ids)
        elif runs.remote and self.transferring is not None and self._places is not None:
            words = self._places.words(runs.remote)
            self.transferring.copy(runs.remote, drop.remote, runs.ids, words)
        elif self._home_ids():
            self.push(drop.remote, runs.ids)
        else:
            sentence = "Deleted runs are not pushed: restore them first."
            self._window.centre.notices.say(TOPIC, sentence)

    # Inside

    def _connect(self) -> None:
        does: dict[str, Callable[[], object]] = {
            "run.push": self._push_selected,
            "run.pull": self._pull_selected,
            "remote.sync": self._sync,
            "remote.add": self._dialogs.add,
            "remote.edit": self._on_current(self._dialogs.edit),
            "remote.test": self._on_current(self._dialogs.test),
            "remote.refresh": self._on_current(self._refresh),
            "remote.remove": self._on_current(self._remove),
            "remote.discard": self._on_current(self._discard),
        }
        for id_, do in does.items():
            self._window.actions_by_id.on(id_, do)
        trigger = self._window.actions_by_id.trigger
        self._window.places.command_chosen.connect(trigger)
        self._dialogs.worked.connect(self._on_worked)
        self.remotes.listed.connect(self._on_listed)
        self.remotes.changed.connect(self._show_places)
        self.remotes.failed.connect(self._on_failed)

    def _front_name(self) -> str:
        """The remote that is looked at; empty for none."""
        return self._places.front_name if self._places is not None else ""

    def _current(self) -> RemoteState | None:
        """The remote that is chosen in the places."""
        place = self._window.places.current_place()
        if place is None or place.kind not in (PlaceKind.REMOTE, PlaceKind.REMOTE_TRASH):
            return None
        return self.remotes.find(place.key)

    def _on_current(self, do: Callable[[RemoteState], object]) -> Callable[[], None]:
        def act() -> None:
            if (state := self._current()) is not None:
                do(state)

        return act

    def _home_ids(self) -> tuple[str, ...]:
        """The selected runs of the home, while they are what is shown."""
        desk = self._desk
        if desk is None or not desk.is_front or desk.runs.view.deleted:
            return ()
        return tuple(desk.runs.selected_ids())

    def _choose(self, title: str, do: Callable[[str], object]) -> None:
        choose_remote(self._window, [each.name for each in self.remotes.supported()], title, do)

    def _push_selected(self) -> None:
        ids = self._home_ids()
        if ids:
            title = f"Push {plural(len(ids), 'run')} to"
            self._choose(title, lambda name: self.push(name, ids))

    def _pull_selected(self) -> None:
        front = self._places.front if self._places is not None else None
        if (state := self._current()) is not None:
            ids = front.runs.selected_ids() if front is not None else []
            self.pull(state.name, ids or None)
        else:
            self._choose("Pull runs from", lambda name: self.pull(name, None))

    def _sync(self) -> None:
        if self.transferring is not None:
            current, sync = self._current(), self.transferring.sync
            sync(current.name) if current is not None else self._choose("Sync with", sync)

    def _refresh(self, state: RemoteState) -> None:
        if self._places is not None:
            self._places.refresh(state.name)

    def _discard(self, state: RemoteState) -> None:
        if self._discarding is not None:
            self._discarding.ask(state.name)

    def _remove(self, state: RemoteState) -> None:
        remove = partial(self.remotes.remove, state.name, self._go_home, self._on_failed)
        ask_to_remove(state, self._services.theme, self._window, remove)

    def _go_home(self) -> None:
        if self._desk is not None:
            self._desk.navigation.go(RUNS)

    def _offer(self) -> None:
        """Offer once for each home to go on with what an earlier program did not finish."""
        transferring = self.transferring
        if transferring is not None and self.remotes.supported() and not self._is_offered:
            self._is_offered = True
            transferring.offer_unfinished()

    # Slots

    @Slot(str)
    def _on_remote_wanted(self, name: str) -> None:
        """Show the runs of a remote; of one that is not supported, what is known of it."""
        state, desk = self.remotes.find(name), self._desk
        if state is None or desk is None or self._places is None:
            return
        self._window.places.mark((PlaceKind.REMOTE, name))
        if state.remote.is_supported:
            self._window.centre.notices.drop(UNSUPPORTED_TOPIC)
            desk.archives.leave()
            self._places.show(name)
        else:
            said = f"{name} is a remote of the type {state.remote.type}. {_UNSUPPORTED}"
            show = partial(self._dialogs.edit, state)
            self._window.centre.notices.say(UNSUPPORTED_TOPIC, said, "info", "Show…", show)
        self._enable()

    @Slot(str)
    def _on_trash_wanted(self, name: str) -> None:
        """Show the deleted runs of a remote."""
        if self._desk is not None and self._places is not None:
            self._window.places.mark((PlaceKind.REMOTE_TRASH, name))
            self._window.centre.notices.drop(UNSUPPORTED_TOPIC)
            self._desk.archives.leave()
            self._places.show(name, in_trash=True)
        self._enable()

    @Slot()
    def _leave_front(self) -> None:
        self._window.centre.notices.drop(UNSUPPORTED_TOPIC)
        if self._places is not None:
            self._places.leave()
        self._enable()

    @Slot()
    def _on_archive_shown(self) -> None:
        if self._desk is not None and self._desk.archives.front is not None:
            self._leave_front()

    @Slot()
    def _on_front_changed(self) -> None:
        if self._desk is not None and self._places is not None:
            self._desk.other = self._places.front
            self._desk.refresh_front()
        self._enable()

    @Slot(str)
    def _on_worked(self, name: str) -> None:
        """Show the runs of a remote that could not be reached before."""
        state = self.remotes.find(name)
        if state is not None and state.state in ("offline", "idle") and self._places is not None:
            self._places.refresh(name)

    @Slot()
    def _on_listed(self) -> None:
        self._window.centre.notices.drop(TOPIC)
        if self._places is not None and self._places.drop_changed():
            self._go_home()
        self._show_places()
        if self._where is not None:
            self._where.refresh()
        self._offer()

    @Slot()
    def _show_places(self, _name: str = "") -> None:
        trashes = self._places.trashes if self._places is not None else {}
        self._window.places_model.show(places_of(self.remotes.states(), trashes))
        self._enable()

    @Slot(object)
    def _on_failed(self, error: Error) -> None:
        self._window.centre.notices.say(TOPIC, error.told)

    @Slot()
    def _enable(self) -> None:
        enable = self._window.actions_by_id.set_enabled
        enable("remote.add", "")
        current, desk = self._current(), self._desk
        able = current is not None and current.remote.is_supported
        why_not = "" if self.remotes.supported() else _NO_REMOTE
        no_home = "" if desk is not None else "No home is open."
        enable("run.push", no_home or why_not or ("" if self._home_ids() else _NO_RUN))
        unsupported = _UNSUPPORTED if current is not None and not able else ""
        enable("run.pull", no_home or unsupported or why_not)
        enable("remote.sync", no_home or unsupported or why_not)
        chosen = "" if current is not None else _NOT_CHOSEN
        for id_ in ("remote.edit", "remote.remove", *_ON_HOST):
            enable(id_, chosen or (unsupported if id_ in _ON_HOST else ""))
