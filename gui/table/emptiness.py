"""Why no run of a home is shown, and what to do about it."""

from __future__ import annotations

from core.text import plural
from gui.main_window import MainWindow


def explain_emptiness(
    window: MainWindow, *, problem: str, is_narrowed: bool, deleted: bool, trashed: int
) -> None:
    """Say it in the place of the table.

    Args:
        window: Whose table it is.
        problem: Sentence on a home, or its trash, that cannot be read; empty when it can.
        is_narrowed: Whether a filter or a batch hides runs.
        deleted: Whether the trash is shown.
        trashed: How many runs are in the trash.
    """
    show, actions = window.centre.empty.show_state, window.actions_by_id
    if problem:
        place = "trash" if deleted else "home"
        show("folder", f"The {place} cannot be read", problem, [actions["home.open"]])
    elif is_narrowed:
        sentence = "No run of this place matches the filter."
        show("search", "Nothing matches", sentence, [actions["view.clear-filter"]])
    elif deleted:
        sentence = "Deleted runs stay here until you delete them permanently."
        show("trash", "The trash is empty", sentence)
    elif trashed:
        sentence = f"The trash has {plural(trashed, 'run')} of this home."
        show("empty-runs", "No runs here", sentence, [actions["view.trash"]])
    else:
        sentence = (
            "Runs appear here as soon as Guild makes them. A sample store shows what to "
            "expect. You can also drop a folder with runs here."
        )
        choices = [actions["home.open-sample"], actions["home.open"]]
        show("empty-runs", "No runs yet", sentence, choices)
