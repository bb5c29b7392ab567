"""Which runs belong to batches and pipelines, so that they may go along with them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from msgspec import Struct


class Linking(Protocol):
    """A run as far as its links are concerned: core.runs.run.Run is one."""

    @property
    def id(self) -> str:
        """Its id."""

    @property
    def links(self) -> tuple[tuple[str, str], ...]:
        """Name and run id of each trial or step."""


class Related(Struct, frozen=True):
    """Trials and steps of some runs, those of their own trials and steps included.

    Attributes:
        own: Ids of runs that belong to these runs only, each behind those of them that link to it.
        shared: Ids of runs that other runs link to as well, e.g. a step of two pipelines.
    """

    own: tuple[str, ...] = ()
    shared: tuple[str, ...] = ()


def related(runs: Iterable[Linking], ids: Iterable[str]) -> Related:
    """Find the trials and steps that may go along with runs.

    Args:
        runs: All runs of the place (the runs, or the trash); links to others do not count.
        ids: The batches, pipelines and other runs that are meant.
    """
    asked = set(ids)
    links = {run.id: [target for _, target in run.links] for run in runs}
    found = _reachable(links, asked)
    own = set(found)
    while shared := _linked_from_outside(links, asked | own) & own:
        own -= shared
        own &= set(_reachable({run: links.get(run, []) for run in asked | own}, asked))
    return Related(
        tuple(_parents_first([run_id for run_id in found if run_id in own], links)),
        tuple(run_id for run_id in found if run_id not in own),
    )


def _reachable(links: dict[str, list[str]], start: set[str]) -> list[str]:
    """Runs that links lead to, the nearest first; without those that one starts from."""
    waiting, found = sorted(start), dict[str, None]()
    for run_id in waiting:
        for target in links.get(run_id, ()):
            if target in links and target not in start and target not in found:
                found[target] = None
                waiting.append(target)
    return list(found)


def _parents_first(own: list[str], links: dict[str, list[str]]) -> list[str]:
    """Runs in an order in which each comes behind those of them that link to it.

    Whoever moves them learns in this order which must stay: a step of a pipeline that is itself a
    step of the one that goes would be gone by then, were it moved before that pipeline is refused.
    Runs that link to each other in a circle come as they were, behind the others.
    """
    waits_for = dict.fromkeys(own, 0)
    for run_id in own:
        for target in set(links[run_id]) & waits_for.keys():
            waits_for[target] += 1
    ordered = [run_id for run_id in own if not waits_for[run_id]]
    for run_id in ordered:
        for target in dict.fromkeys(links[run_id]):
            if target in waits_for:
                waits_for[target] -= 1
                if not waits_for[target]:
                    ordered.append(target)
    return [*ordered, *(run_id for run_id in own if waits_for[run_id] > 0)]


def _linked_from_outside(links: dict[str, list[str]], inside: set[str]) -> set[str]:
    return {target for run_id, ts in links.items() if run_id not in inside for target in ts}
