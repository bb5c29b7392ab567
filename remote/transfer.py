"""Planning and doing a push or a pull: the two calls that window and command line make.

A plan is made from both listings, and is what the user sees. It is carried out as it is: a run that
is another one by then, here or there, is refused and not guessed about.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from msgspec import Struct, field
from msgspec.structs import replace

from core.archives.entries import is_run_id
from core.check import Check
from core.home import Home
from core.runs.files import shown
from core.runs.refusal import Refusal
from core.runs.store import Store
from remote.errors import TransferBusy
from remote.found import MOST_AT_ONCE
from remote.local_shelf import finish_pulls, key_of, opened_shelf, own_key
from remote.manifest import (
    ATTRS,
    USER_ATTRS,
    Manifest,
    are_same,
    listing_store,
    manifests_from,
    manifests_here,
    manifests_of_both,
)
from remote.memory import TransferMemory
from remote.moves import Move, Tally, known_of
from remote.plan import Choice, Direction, Options, PlanItem, plan_run
from remote.pull import Pull, read_words
from remote.push import Push
from remote.remote_home import RemoteHome
from remote.remote_shelf import bases_of, recover_there
from remote.verifying import verified_items

_MOST_NAMES = 3


class TransferPlan(Struct, frozen=True):
    """What a push or pull would do.

    Attributes:
        direction: Where the runs go.
        remote: The remote's name.
        items: One a run.
        options: What was asked for.
        moves: The items with both listings, by the ids of their runs.
    """

    direction: Direction
    remote: str
    items: tuple[PlanItem, ...]
    options: Options
    moves: Mapping[str, Move] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """Bytes of the files that would be sent without further choices."""
        return sum(item.size for item in self.items if item.is_to_do)


class Order(Struct, frozen=True):
    """What becomes of a plan.

    Attributes:
        ids: Which of its runs; None for all that are to be done without further choices.
        choices: What becomes of conflicts, for all or by id; without a choice they stay.
        is_verified: Whether checksums are compared.
        limit: Bytes a second that may travel; 0 for as many as will.
        follows: Whether runs that go on there are pulled again and again until they have ended.
    """

    ids: tuple[str, ...] | None = None
    choices: Mapping[str, Choice] | Choice = field(default_factory=dict)
    is_verified: bool = False
    limit: int = 0
    follows: bool = False

    def choice(self, item: PlanItem) -> Choice | None:
        """What becomes of a conflict; None for other runs and where nobody chose."""
        if item.verdict != "conflict":
            return None
        return self.choices if isinstance(self.choices, str) else self.choices.get(item.run_id)


def ids_there(there: RemoteHome, check: Check) -> list[str]:
    """Names of what can be runs on a server, unordered."""
    found = there.files.names(there.runs_dir, check) or ()
    return [entry.name for entry in found if is_run_id(entry.name) and entry.kind != "file"]


def plan_transfer(
    home: Home,
    there: RemoteHome,
    direction: Direction,
    ids: Sequence[str] | None,
    options: Options | None = None,
    *,
    memory: TransferMemory,
    check: Check,
) -> TransferPlan:
    """Compare runs here and there.

    What an earlier transfer left half-way on the server is finished before.

    Args:
        home: The home here.
        there: The home there.
        direction: Where the runs would go.
        ids: Which runs; None for all of where they come from.
        options: What is asked for.
        memory: What was last seen equal.
        check: Called often; raises to stop.

    Raises:
        RemoteError: The server cannot be asked.
    """
    options = options or Options()
    finish_pulls(home)
    once, here, far = _both_sides(home, there, direction, ids, check)
    _add_words(home, there, here, far, check)
    known = memory.known(home.path, remote_key(there), once)
    items: list[PlanItem] = []
    moves: dict[str, Move] = {}
    for run_id in once:
        own, other = here.get(run_id), far.get(run_id)
        item = plan_run(direction, own, other, known.get(run_id), options)
        if own is None and other is None:
            item = replace(item, run_id=run_id)
        items.append(item)
        source, target = (own, other) if direction == "push" else (other, own)
        if source is not None:
            moves[run_id] = Move(item, source, target)
    if options.verify:
        items = verified_items(home, there, items, moves, check)
        moves = {i.run_id: replace(moves[i.run_id], item=i) for i in items if i.run_id in moves}
    found_same = [moves[i.run_id] for i in items if i.verdict == "same" and i.run_id not in known]
    fresh = {move.item.run_id: known_of(move, *_sides(home, move)) for move in found_same}
    memory.remember(home.path, remote_key(there), fresh)
    return TransferPlan(direction, there.name, tuple(items), options, moves)


_Both = tuple[list[str], dict[str, Manifest], dict[str, Manifest]]


def _both_sides(
    home: Home,
    there: RemoteHome,
    direction: Direction,
    ids: Sequence[str] | None,
    check: Check,
) -> _Both:
    """The runs in question, each once, and what is known of them here and there."""
    if ids is None and direction == "pull":
        whole = _whole_store(home, there, check)
        if whole is not None:
            return whole
    once = list(dict.fromkeys(_ids_of(home, there, direction, check) if ids is None else ids))
    recover = partial(_recover, home, there, check)
    return once, *manifests_of_both(home.runs_dir, there, once, check, recover)


def _whole_store(home: Home, there: RemoteHome, check: Check) -> _Both | None:
    """All runs of a server that has not too many, by one command there; None otherwise."""
    own = Store(home.runs_dir).ids()
    here = None
    with listing_store(there, check) as listing:
        is_changed = _recover(home, there, check)
        if len(own) <= MOST_AT_ONCE:
            here = manifests_here(home.runs_dir, own, check)
        trees = None if is_changed else listing()
    if trees is None:
        return None
    ids = [name for name in trees if is_run_id(name)]
    if here is None:
        here = manifests_here(home.runs_dir, ids, check)
    return ids, here, manifests_from(there, ids, trees, check)


def _ids_of(home: Home, there: RemoteHome, direction: Direction, check: Check) -> Sequence[str]:
    """All runs of where they come from."""
    if direction == "push":
        return Store(home.runs_dir).ids()
    _recover(home, there, check)
    return ids_there(there, check)


def _recover(home: Home, there: RemoteHome, check: Check) -> tuple[str, ...]:
    """Finish on the server what was interrupted; what a transfer of ours uses now is left alone.

    Returns:
        Ids of runs that are back there.
    """
    listed = there.files.listings(bases_of(there), check)
    if not any(listed.values()):
        return ()
    key = ""  # what is ours is left alone, too
    try:
        if home.runs_dir.is_dir():
            with opened_shelf(home, key_of(there.name, there.path)):
                return recover_there(there, own_key(home), check, listed)
    except TransferBusy:
        key = ""  # one of ours works there
    except OSError:
        key = own_key(home)  # a home that cannot be written transfers nothing
    return recover_there(there, key, check, listed)


def remote_key(there: RemoteHome) -> str:
    """What stands for a home of a server in our memory."""
    return f"{there.name}:{there.path}"


def run_transfer(
    home: Home,
    there: RemoteHome,
    plan: TransferPlan,
    order: Order,
    *,
    memory: TransferMemory,
    tally: Tally,
) -> None:
    """Carry out a plan; what comes of it is counted in `tally`.

    Args:
        home: The home here.
        there: The home there, perhaps over another connection than the plan was made with.
        plan: What to do.
        order: Which of it.
        memory: Where is noted what is equal afterwards.
        tally: Counts, and knows of pause, cancel and pace.

    Raises:
        RemoteError: The connection was lost, or the server refuses all. What was done by then
            stays, and is noted; what has arrived of the rest is kept for the next try.
        Cancelled: The job was stopped; the same holds.
    """
    moves = _chosen(plan, order, tally)
    tally.expect_runs([move.item.size for move in moves])
    side = Push if plan.direction == "push" else Pull
    work = side(home, there, tally, plan.options, is_verified=order.is_verified)
    try:
        work.run(moves)
        tally.tell()
    finally:
        memory.remember(home.path, remote_key(there), tally.known)
        tally.known.clear()


def _chosen(plan: TransferPlan, order: Order, tally: Tally) -> list[Move]:
    """The moves that are to be made; the others are dealt with."""
    wanted = None if order.ids is None else set(order.ids)
    moves = []
    for item in plan.items:
        if wanted is not None and item.run_id not in wanted:
            continue
        choice = order.choice(item)
        overwrites = choice == ("theirs" if plan.direction == "pull" else "mine")
        if item.verdict == "problem":
            tally.refused[item.run_id] = Refusal(item.run_id, f"Run {item.run_id[:8]}: {item.why}")
        elif item.is_to_do or overwrites or choice == "both":
            moves.append(replace(plan.moves[item.run_id], choice=choice))
        elif item.why and choice is None:
            names = ", ".join(shown(name) for name in item.differs[:_MOST_NAMES])
            more = f" and {len(item.differs) - _MOST_NAMES} more" * (
                len(item.differs) > _MOST_NAMES
            )
            why = f"Run {item.run_id[:8]} differs in {names}{more}. {item.why}"
            tally.refused[item.run_id] = Refusal(item.run_id, why)
        elif item.run_id not in tally.done:
            tally.skipped[item.run_id] = None
            if choice is not None or item.verdict == "conflict":
                tally.left[item.run_id] = None
    return moves


def _add_words(
    home: Home,
    there: RemoteHome,
    here: dict[str, Manifest],
    far: dict[str, Manifest],
    check: Check,
) -> None:
    """Read what people wrote, of the runs of which it is not evidently the same."""
    ids = [
        run_id
        for run_id in here.keys() & far.keys()
        if any(not _looks_same(here[run_id], far[run_id], ATTRS + name) for name in USER_ATTRS)
    ]
    paths = {
        f"{there.run_dir(run_id)}/{ATTRS}{name}": (run_id, name)
        for run_id in ids
        for name in USER_ATTRS
        if ATTRS + name in far[run_id].entries
    }
    contents = there.files.read(paths, check) if paths else {}
    found: dict[str, dict[str, bytes | None]] = {}
    found.update((run_id, dict.fromkeys(USER_ATTRS)) for run_id in ids)
    for path, (run_id, name) in paths.items():
        found[run_id][name] = contents[path]
    for run_id in ids:
        far[run_id] = replace(far[run_id], attrs=found[run_id])
        here[run_id] = replace(here[run_id], attrs=read_words(home.runs_dir / run_id))


def _looks_same(one: Manifest, other: Manifest, name: str) -> bool:
    own, theirs = one.entries.get(name), other.entries.get(name)
    if own is None or theirs is None:
        return own is theirs
    return are_same(own, theirs)


def _sides(home: Home, move: Move) -> tuple[Manifest, Manifest]:
    assert move.target is not None
    attrs = dict(move.source.attrs) or read_words(home.runs_dir / move.run_id)
    return replace(move.source, attrs=attrs), move.target
