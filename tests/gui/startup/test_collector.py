from __future__ import annotations

import gc
import threading
import weakref

import pytest

from gui.startup.collector import MOST_MIDDLE, MOST_YOUNG, Collector
from tests.support.patience import PATIENCE


class Node:
    """Something that refers to itself."""

    def __init__(self):
        self.me = self


@pytest.fixture
def collector(qapp):
    collector = Collector()
    yield collector
    collector.close()


def test_garbage_is_not_collected_by_a_worker_thread(collector):
    watched = weakref.ref(Node())

    worker = threading.Thread(target=lambda: [Node() for _ in range(20_000)])
    worker.start()
    worker.join(PATIENCE)

    assert watched() is not None


def test_garbage_is_collected_on_the_gui_thread(collector, qtbot):
    watched = weakref.ref(Node())
    kept = [Node() for _ in range(2000)]  # enough for Python's threshold

    qtbot.waitUntil(lambda: watched() is None)

    assert len(kept) == 2000


def test_old_garbage_is_collected_when_asked(collector):
    node = Node()
    gc.collect()
    watched = weakref.ref(node)
    del node
    collector.collect_young()
    assert watched() is not None

    collector.collect_all()

    assert watched() is None


def test_very_many_new_objects_are_set_aside_until_everything_is_collected(collector):
    watched = weakref.ref(Node())
    kept = [[] for _ in range(MOST_YOUNG + 1)]
    before = gc.get_freeze_count()

    collector.collect_young()

    assert gc.get_freeze_count() >= before + len(kept)
    assert watched() is not None
    collector.collect_all()
    assert watched() is None


def test_many_small_parts_of_a_store_are_set_aside_before_they_are_too_many(collector):
    before = gc.get_freeze_count()
    kept = []
    for _ in range(MOST_MIDDLE // 10_000 + 1):
        kept.append([[] for _ in range(10_000)])
        collector.collect_young()

    assert gc.get_freeze_count() >= before + MOST_MIDDLE - 10_000
    assert kept


def test_python_collects_again_after_the_end(collector):
    assert not gc.isenabled()

    collector.close()

    assert gc.isenabled()
