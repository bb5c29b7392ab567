"""What is begun before anybody needs it: which of two is taken, and what a refusal leaves."""

import queue
import threading

import pytest

from remote.ahead import Ahead
from tests.support.processes import wait_until


class Server:
    """Answers questions when it is told to, by their numbers."""

    def __init__(self) -> None:
        self.answers = [queue.SimpleQueue() for _ in range(4)]
        self.asked = 0
        self._lock = threading.Lock()

    def get(self):
        with self._lock:
            number, self.asked = self.asked, self.asked + 1
        return self.answers[number].get()


@pytest.fixture
def server():
    server = Server()
    yield server
    for answers in server.answers:
        answers.put(None)


def take_first(ahead):
    """Ask for the first in a thread; the list has what came."""
    came = []
    thread = threading.Thread(target=lambda: came.append(ahead.first()))
    thread.start()
    return thread, came


@pytest.mark.parametrize("answered", [0, 1])
def test_the_first_answer_is_taken_and_the_other_kept(server, answered):
    ahead = Ahead(server.get)
    thread, came = take_first(ahead)
    wait_until(lambda: server.asked == 2)

    server.answers[answered].put("first")
    thread.join()
    assert came == ["first"]
    server.answers[1 - answered].put("second")

    assert ahead.take() == "second"
    assert ahead.take() is None
    assert not ahead.is_refused


@pytest.mark.parametrize("refused", [0, 1])
def test_where_there_is_one_only_it_is_taken_and_no_other_asked_for(server, refused):
    ahead = Ahead(server.get)
    thread, came = take_first(ahead)
    wait_until(lambda: server.asked == 2)

    server.answers[refused].put(None)
    server.answers[1 - refused].put("the only one")
    thread.join()

    assert came == ["the only one"]
    wait_until(lambda: ahead.take() is None)
    assert ahead.is_refused
    ahead.prepare()
    assert server.asked == 2


def test_while_the_second_is_on_its_way_it_is_not_taken_for_granted(server):
    ahead = Ahead(server.get)
    thread, _came = take_first(ahead)
    wait_until(lambda: server.asked == 2)
    server.answers[0].put("first")
    thread.join()

    assert ahead.is_refused
    server.answers[1].put("second")
    wait_until(lambda: not ahead.is_refused)

    assert ahead.take() == "second"


def test_where_there_is_none_nothing_is_given(server):
    ahead = Ahead(server.get)
    thread, came = take_first(ahead)
    for number in range(2):
        server.answers[number].put(None)
    thread.join()

    assert came == [None]
    assert ahead.is_refused


def test_two_at_once_get_one_each_and_leave_one(server):
    ahead = Ahead(server.get)
    one = take_first(ahead)
    wait_until(lambda: server.asked == 2)
    two = take_first(ahead)
    wait_until(lambda: server.asked == 3)

    for number, answer in enumerate("abc"):
        server.answers[number].put(answer)
    for thread, _came in (one, two):
        thread.join()

    assert sorted([*one[1], *two[1], ahead.take()]) == ["a", "b", "c"]
    assert ahead.take() is None
