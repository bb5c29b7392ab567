"""The commands about remotes."""

from __future__ import annotations

from gui.action_spec import ActionSpec, Area

REMOTE_AREA = Area(
    "remote",
    "Remotes",
    (
        ActionSpec(
            "remote.add",
            "&Add Remote…",
            "Add a host to push runs to and pull runs from",
            icon="add",
        ),
        ActionSpec("remote.edit", "E&dit Remote…", "Change how the remote is reached", icon="edit"),
        ActionSpec(
            "remote.test",
            "&Test Connection…",
            "Connect to the remote, and see all that is done for it",
            icon="key",
        ),
        ActionSpec(
            "remote.refresh",
            "Re&fresh Remote",
            "Look at the runs of the remote now",
            icon="refresh",
        ),
        ActionSpec(
            "remote.sync",
            "&Sync…",
            "Copy what is new or newer on either side, and see first what that is",
            "Ctrl+Shift+Y",
            "sync",
        ),
        ActionSpec(
            "remote.discard",
            "Erase &Kept Pieces…",
            "See how much interrupted transfers with the remote keep to go on with, and erase it",
            icon="clear-list",
        ),
        ActionSpec(
            "remote.remove",
            "&Remove Remote…",
            "Take the remote out of the places; its runs stay where they are",
            icon="trash",
        ),
    ),
)
