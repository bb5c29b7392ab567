"""Trials and steps that are taken along when their batches and pipelines go somewhere."""

from __future__ import annotations

from collections.abc import Callable

import click

from cli.questions import can_ask
from cli.screen import note
from core.runs.related import Related
from core.text import plural

trials_option = click.option(
    "--with-trials", is_flag=True, help="Also the trials and steps that belong to these runs only."
)


def take_along(
    ids: list[str], find: Callable[[], Related], *, taken: bool, asks: bool
) -> list[str]:
    """The runs and, where they are taken along, the trials and steps that belong to them.

    Whoever is asked before anything is done hears of those that stay.

    Args:
        ids: The runs.
        find: Finds what belongs to them; not called where nobody wants to know.
        taken: Whether they are taken along.
        asks: Whether the user is asked before anything is done.
    """
    if not taken and not (asks and can_ask()):
        return ids
    found = find()
    if taken:
        return [*ids, *found.own]
    if found.own:
        belong = plural(len(found.own), "trial or step belongs", "trials and steps belong")
        note(f"{belong} to these runs only; --with-trials takes them along.")
    return ids
