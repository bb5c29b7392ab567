"""What some actions do while somebody has them: the home's pages, or those of an archive in front.

Why taken and let go of: an action is one for the whole window, and each place whose runs may be in
front has pages of its own that it is about.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from gui.action_set import ActionSet


class BoundActions:
    """Connects actions with what they do, and lets go of them again.

    Args:
        actions: The actions of the window.
        do: By id, what each does.
    """

    def __init__(self, actions: ActionSet, do: Mapping[str, Callable[..., object]]) -> None:
        self._actions = actions
        self._do = do
        self.is_bound = False

    def bind(self) -> None:
        """Let the actions do it; who calls this says which are enabled."""
        if not self.is_bound:
            self.is_bound = True
            for id_, do in self._do.items():
                self._actions[id_].triggered.connect(do)

    def unbind(self, why_not: str | None = None) -> None:
        """Let go of them, and disable them.

        Args:
            why_not: Why they can do nothing, in one sentence; None where somebody else takes them.
        """
        if self.is_bound:
            self.is_bound = False
            for id_, do in self._do.items():
                self._actions[id_].triggered.disconnect(do)
                if why_not is not None:
                    self._actions.set_enabled(id_, why_not)
