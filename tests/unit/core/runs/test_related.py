"""Trials and steps that may go along with batches and pipelines."""

from __future__ import annotations

import pytest
from msgspec import Struct

from core.runs.related import Related, related


class Linked(Struct, frozen=True):
    id: str
    links: tuple[tuple[str, str], ...] = ()


def runs(**links):
    """Runs by name; each links to the letters of its text."""
    everything = set(links) | {letter for text in links.values() for letter in text}
    return [Linked(name, tuple((x, x) for x in links.get(name, ""))) for name in everything]


@pytest.mark.parametrize(
    ("links", "ids", "own", "shared"),
    [
        ({"B": "xyz"}, "B", "xyz", ""),
        ({"B": "xyz"}, "x", "", ""),
        ({"B": "xyz"}, "Bx", "yz", ""),
        ({"P": "sB", "B": "xy"}, "P", "sBxy", ""),  # a batch is a step of a pipeline
        ({"P": "st", "Q": "t"}, "P", "s", "t"),
        ({"P": "st", "Q": "t"}, "PQ", "st", ""),
        ({"P": "B", "Q": "B", "B": "xy"}, "P", "", "Bxy"),  # what belongs to a shared run stays
        ({"B": "B"}, "B", "", ""),
        ({"B": "C", "C": "B"}, "B", "C", ""),
    ],
)
def test_what_belongs_to_them_alone_may_go_along(links, ids, own, shared):
    found = related(runs(**links), ids)

    assert (set(found.own), set(found.shared)) == (set(own), set(shared))


def test_links_to_runs_that_are_not_there_do_not_count():
    assert related([Linked("B", (("x", "x"),))], "B") == Related()


@pytest.mark.parametrize(
    ("links", "order"),
    [
        ({"P": "sQ", "Q": "s"}, "Qs"),  # a step of the outer pipeline and of the one within
        ({"P": "abc", "c": "b", "b": "a"}, "cba"),
        ({"P": "sQ", "Q": "ts", "t": "s"}, "Qts"),
    ],
)
def test_what_goes_along_comes_behind_all_that_links_to_it(links, order):
    assert "".join(related(runs(**links), "P").own) == order


def test_runs_that_link_to_each_other_are_all_there():
    found = related(runs(P="ax", x="yx", y="x"), "P")

    assert found.own[0] == "a"
    assert sorted(found.own) == ["a", "x", "y"]
