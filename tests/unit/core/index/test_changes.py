from __future__ import annotations

import time

import pytest

from core.index.changes import Changes, gathered

HOUR = 3600.0


def parts(count):
    return (Changes(added=(n,), checked=n + 1, total=count) for n in range(count))


def nothing() -> None:
    """What is called before each part, where nothing stops it."""


def test_what_comes_quickly_is_told_at_once_after_the_first_part():
    told = list(gathered(parts(5), HOUR, nothing))

    assert [changes.added for changes in told] == [(0,), (1, 2, 3, 4)]
    assert (told[1].checked, told[1].total) == (5, 5)


def test_what_was_told_just_now_lets_the_first_part_wait_too():
    told = list(gathered(parts(3), HOUR, nothing, told=time.monotonic()))

    assert [changes.added for changes in told] == [(0, 1, 2)]


def test_who_hurries_is_told_part_by_part():
    told = list(gathered(parts(3), HOUR, nothing, told=time.monotonic(), hurries=lambda: True))

    assert [changes.added for changes in told] == [(0,), (1,), (2,)]


def test_nothing_new_is_told_only_when_it_is_time():
    looked_at = Changes(checked=1, total=2)

    assert list(gathered([looked_at], HOUR, nothing)) == [looked_at]
    assert list(gathered([looked_at], HOUR, nothing, told=time.monotonic())) == []


def test_it_can_be_stopped_before_each_part():
    def stop() -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError):
        list(gathered(parts(2), HOUR, stop))
