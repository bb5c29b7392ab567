"""Removing runs from where they were imported from, when a move is asked for."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence

from core.archives.plan import PlanItem
from core.archives.run_tree import look_at, signature
from core.errors import RunError
from core.home import Home
from core.runs.aside import drop_if_empty, erase_aside, put_aside
from core.runs.erase import find_obstacle
from core.runs.refusal import Refusal
from core.runs.trash import Refused, refusal_of, require_idle
from core.runs.tree_copy import flush


def signature_of(item: PlanItem) -> str:
    """A text that is another one when anything of a run changes; empty where it cannot be read."""
    try:
        return signature(look_at(item.source.run_dir(item.run.id), with_env=True))
    except OSError:
        return ""


def remove_sources(
    home: Home, items: Sequence[PlanItem], before: Mapping[str, str]
) -> tuple[list[str], list[Refusal]]:
    """Remove runs there that are here now.

    Args:
        home: Where they are now.
        items: The runs.
        before: What `signature_of` gave before they were copied.

    Returns:
        Ids of those that are removed, and those that stay there, and why.
    """
    removed: list[str] = []
    refused: list[Refusal] = []
    try:
        flush(os.fspath(home.runs_dir))
    except OSError as e:
        return [], [refusal_of(e, item.run.id, "removed there") for item in items]
    for item in items:
        try:
            _remove(item, before.get(item.run.id, ""))
        except (Refused, RunError, OSError) as e:
            refused.append(refusal_of(e, item.run.id, "removed there"))
        else:
            removed.append(item.run.id)
    return removed, refused


def _remove(item: PlanItem, before: str) -> None:
    run_dir = item.source.run_dir(item.run.id)
    if item.remarks:
        raise Refused("other", "not all of it could be imported")
    if not before or signature_of(item) != before:
        raise Refused("other", "it changed meanwhile")
    require_idle(run_dir, unproven=False)
    obstacle = find_obstacle(run_dir)
    if obstacle:
        raise Refused("denied", obstacle)
    erase_aside(put_aside(run_dir.parent, run_dir.name))
    drop_if_empty(run_dir.parent)
