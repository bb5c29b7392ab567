"""How a remote is, as the places show it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Literal

from msgspec import Struct

from gui.models.places_model import Place, PlaceKind, Section

if TYPE_CHECKING:
    from remote.remote import Remote

State = Literal["idle", "busy", "connected", "offline", "asking", "unsupported"]

ADD_COMMAND = "remote.add"
_SIGNS: dict[State, tuple[str, str]] = {
    "idle": ("state-idle", "muted"),
    "busy": ("state-busy", "accent"),
    "connected": ("state-connected", "completed"),
    "offline": ("state-offline", "muted"),
    "asking": ("state-asking", "warning"),
    "unsupported": ("state-offline", "disabled"),
}
_WORDS: dict[State, str] = {
    "idle": "not connected",
    "busy": "connecting",
    "connected": "connected",
    "offline": "offline",
    "asking": "asks for something",
    "unsupported": "not supported",
}


class RemoteState(Struct, frozen=True):
    """One remote and how it is.

    Attributes:
        remote: What the configuration says of it.
        state: How its connection is.
        problem: Why it is offline; empty for none.
        count: How many runs it has; None while that is not known.
        can: What its host can, in words: "shell, tar"; empty while that is not known.
    """

    remote: Remote
    state: State = "idle"
    problem: str = ""
    count: int | None = None
    can: str = ""

    @property
    def name(self) -> str:
        """What the user calls it."""
        return self.remote.name

    @property
    def address(self) -> str:
        """Where it is: "me@gpu1.lab:2222"."""
        return address_of(self.remote)


def address_of(remote: Remote) -> str:
    """Where a remote is by the configuration, as far as that says it."""
    values = {key: str(remote.values.get(key) or "") for key in ("user", "host", "port")}
    login = f"{values['user']}@{values['host']}" if values["user"] else values["host"]
    return f"{login}:{values['port']}" if values["port"] else login


def places_of(
    states: Iterable[RemoteState], trashes: Mapping[str, int | None]
) -> dict[Section, list[Place]]:
    """The remotes as places, and the command that adds one.

    Args:
        states: The remotes.
        trashes: Those whose trash is a place too, with the number of runs in it; None while that
            is not known.
    """
    places: list[Place] = []
    for state in states:
        places.append(_place(state))
        if state.name in trashes:
            places.append(_trash(state.name, trashes[state.name]))
    add = Place(
        PlaceKind.COMMAND,
        ADD_COMMAND,
        "Add Remote…",
        "add",
        tip="Add a host to push runs to and pull runs from",
    )
    return {Section.REMOTES: [*places, add]}


def _trash(name: str, count: int | None) -> Place:
    return Place(
        PlaceKind.REMOTE_TRASH,
        name,
        "Trash",
        "trash",
        "" if count is None else f"{count:,}",
        tip=f"Deleted runs of {name}: their files are still there",
        spoken=f"of {name}",
        is_below=True,
    )


def _place(state: RemoteState) -> Place:
    icon, token = _SIGNS[state.state]
    count = f"{state.count:,}" if state.count is not None else ""
    beside = {"offline": "offline", "asking": "asks", "unsupported": state.remote.type or "?"}
    lines = [
        " · ".join(filter(None, (state.address, _WORDS[state.state], state.can))),
        state.problem,
        state.remote.description if state.remote.is_supported else "",
    ]
    return Place(
        PlaceKind.REMOTE,
        state.name,
        state.name,
        icon,
        beside.get(state.state, count),
        tip="\n".join(filter(None, lines)),
        token=token,
        spoken=_WORDS[state.state],
        takes_runs=state.remote.is_supported,
    )
