"""What questions say of runs that are running."""

from __future__ import annotations

import pytest

from gui.changing.running_words import elsewhere_sentence, stay_sentence


@pytest.mark.parametrize(
    ("chosen", "running", "along", "has_along", "said"),
    [
        (3, 0, 0, True, ""),
        (1, 1, 0, False, "It is running and stays; stop it first."),
        (3, 2, 0, False, "2 of them are running and stay; stop them first."),
        (
            3,
            2,
            1,
            True,
            "2 of them are running and stay with what belongs to them; stop them first.",
        ),
        (1, 0, 1, True, "1 that would go along is running and stays; stop it first."),
        (1, 0, 2, True, "2 that would go along are running and stay; stop them first."),
    ],
)
def test_what_stays_is_counted(chosen, running, along, has_along, said):
    assert stay_sentence(chosen, running, along, has_along=has_along) == said


@pytest.mark.parametrize(
    ("count", "hosts", "is_rest", "said"),
    [
        (0, (), True, ""),
        (1, ("gpu1",), True, "1 more runs on gpu1 and can be stopped only there."),
        (2, ("b", "a"), False, "They run on a, b and can be stopped only there."),
        (4, "abcd", True, "4 more run on other machines and can be stopped only there."),
    ],
)
def test_what_runs_elsewhere_is_named_with_its_machines(count, hosts, is_rest, said):
    assert elsewhere_sentence(count, hosts, is_rest=is_rest) == said
