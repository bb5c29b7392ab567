"""What interrupted transfers with real servers keep is measured, and erased on both sides."""

from __future__ import annotations

import shutil

import pytest

from core.errors import Cancelled
from core.jobs import JobContext
from remote.errors import TransferBusy
from remote.kept_pieces import KeptPieces, discard_pieces, kept_pieces
from remote.local_shelf import key_of, opened_shelf
from tests.support.processes import wait_until
from tests.support.runs import make_run
from tests.support.trees import tree
from tests.support.two_homes import KINDS, AtBytes, content

RUN = "a" * 32
SIZE = 3 << 20


def go() -> None:
    """Stop nothing."""


@pytest.fixture(params=["shell", "sftp only"], ids=str)
def homes(request, make_two_homes):
    return make_two_homes(**KINDS[request.param])


@pytest.fixture
def interrupt(homes):
    """Begins a transfer of a large run and stops it in the middle."""

    def interrupt_(direction):
        source, _target = homes.sides(direction)
        make_run(source.runs_dir, RUN, files={"model.bin": "x" * SIZE})
        context = homes.context = AtBytes(SIZE // 2, lambda: context.cancel())
        connection, connect = homes.connect(homes.server), homes.connect
        homes.connect = lambda _server: connection
        assert homes.move(direction, RUN).cancelled
        connection.close()
        wait_until(lambda: homes.server.connections() == 0)  # what was on its way is written
        homes.context, homes.connect = JobContext(), connect

    return interrupt_


@pytest.mark.parametrize("direction", ["push", "pull"])
def test_kept_pieces_are_measured_and_erased_and_the_run_still_comes(homes, interrupt, direction):
    interrupt(direction)
    source, target = homes.sides(direction)
    there = homes.remote()
    before = tree(source.runs_dir)

    found = kept_pieces(homes.here, there, go)
    kept, other = (found.there, found.here) if direction == "push" else (found.here, found.there)
    assert 0 < kept <= 2 * SIZE
    assert other == 0
    assert discard_pieces(homes.here, there, go) == found

    assert not kept_pieces(homes.here, there, go)
    assert not (target.path / "incoming").exists()
    assert tree(source.runs_dir) == before
    assert homes.move(direction, RUN).new == (RUN,)
    assert content(target.runs_dir / RUN) == content(source.runs_dir / RUN)


def test_nothing_is_kept_where_nothing_was_copied(homes):
    shutil.rmtree(homes.here.path)
    there = homes.remote()

    assert kept_pieces(homes.here, there, go) == KeptPieces()
    assert discard_pieces(homes.here, there, go) == KeptPieces()
    assert not homes.here.path.exists()


def test_what_is_in_use_is_left_alone(homes, interrupt):
    interrupt("pull")
    there = homes.remote()

    with (
        opened_shelf(homes.here, key_of(there.name, there.path)),
        pytest.raises(TransferBusy),
    ):
        discard_pieces(homes.here, there, go)

    assert kept_pieces(homes.here, there, go).here


def test_erasing_can_be_stopped(homes, interrupt):
    interrupt("pull")

    def stop() -> None:
        raise Cancelled

    there = homes.remote()
    with pytest.raises(Cancelled):
        discard_pieces(homes.here, there, stop)

    assert kept_pieces(homes.here, there, go).here
