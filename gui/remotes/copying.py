"""What push, pull and sync do on a worker's thread: compare, copy, follow.

The work itself, its patience and its journal are `remote/worker.py`'s. What is added here is what
a window has more: states in the places, questions on rows, and a journal that keeps what was
stopped by closing the window, so that the next start offers to go on.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from core.home import Home
from core.jobs import JobContext
from core.scratch import Scratch
from gui.jobs.job_text import Recess
from gui.remotes.far_copying import FarCopier, FarTask
from gui.remotes.journal_entry import JournalEntry
from gui.remotes.plan_rows import Compared
from gui.remotes.remote_set import RemoteSet
from gui.remotes.remote_state import address_of
from gui.remotes.transfer_row import Direction, TransferOptions, TransferWanted

if TYPE_CHECKING:
    from remote.memory import TransferMemory, Unfinished
    from remote.moves import TransferOutcome
    from remote.plan import Options
    from remote.remote_home import RemoteHome
    from remote.transfer import TransferPlan
    from remote.worker import TransferRequest, TransferWork

FOLLOWED = "followed"
"""Stands in a line of the journal about runs that were copied, and are followed until they end."""

GOES_ON = Recess("", 0.0, lambda: None)
"""Published when a job goes on that had waited."""


class Task(Struct, frozen=True):
    """What is asked for.

    Attributes:
        home: The home here.
        remote: The remote's name.
        direction: Which way.
        ids: The runs; None for all.
        options: How they are copied.
        source: The remote that they come from, where that is not this computer; then they are
            pushed from there.
    """

    home: Home
    remote: str
    direction: Direction
    ids: tuple[str, ...] | None
    options: TransferOptions
    source: str = ""


class Copied(Struct, frozen=True):
    """What came of a transfer.

    Attributes:
        outcome: What was copied.
        going: The runs that are to be followed: they are running there still, and that is wanted.
    """

    outcome: TransferOutcome
    going: tuple[str, ...] = ()


class Copier:
    """Compares and copies; its methods run on workers' threads.

    Args:
        remotes: Connects.
        state_dir: Where it is remembered what was copied.
        scratch: Gives the directory that runs from one remote to another pass through.
        limit: Gives the bytes a second that may travel; 0 for as many as will.
    """

    def __init__(
        self, remotes: RemoteSet, state_dir: Path, scratch: Scratch, limit: Callable[[], int]
    ) -> None:
        self._remotes = remotes
        self._far = FarCopier(remotes, scratch, self._open, lambda: self._limit())
        self._limit = limit
        self._state_dir = state_dir

    def compare(self, task: Task, context: JobContext) -> Compared:
        """Compare both sides.

        Raises:
            Error: The remote cannot be asked.
        """
        if task.source:
            return self._far.compare(_far_task(task), context)
        began = time.monotonic()
        with closing(self._open(task.remote, context)) as there:
            plans = self._plans(task, there, context)
            address = address_of(self._remotes.session(task.remote).remote)
            where = f"{address} · {there.path}"
            words = _words(there, plans, context)
        return Compared(plans, time.monotonic() - began, where, words)

    def note(self, task: Task, wanted: TransferWanted, entry: JournalEntry) -> None:
        """Write into the journal what waits to be copied.

        Raises:
            Error: There is no such remote any more, or the journal cannot be written.
        """
        memory = self._memory()
        if task.source:
            options = wanted.options
            said = {
                "source": task.source,
                "with_env": options.with_env,
                "delete": options.remove_extra,
                "verify": options.verify,
            }
            path = task.home.path
            entry.write(lambda: memory.begin(path, task.remote, "push", wanted.ids, said))
            return
        from remote.worker import note_request

        request = _following(self._request(task, wanted), follows=wanted.options.follow)
        entry.write(lambda: note_request(request, memory))

    def forget_entry(self, entry: JournalEntry) -> None:
        """What waited is not wanted any more."""
        entry.strike(self._memory().end)

    def copy(
        self,
        task: Task,
        wanted: TransferWanted,
        compared: Compared | None,
        entry: JournalEntry,
        context: JobContext,
    ) -> Copied:
        """Copy as the user decided.

        Runs that are to be followed afterwards are in the journal without a gap: its line is about
        following them from the moment that the copying has ended.

        Args:
            task: What was asked for.
            wanted: What was decided.
            compared: What it was decided about; None to compare first.
            entry: Its line in the journal, which is struck out at the end.
            context: Of the job.

        Raises:
            Error: It cannot be done, however often it is tried.
        """
        self.note(task, wanted, entry)
        if task.source:
            with self._striking(entry):
                return Copied(self._copy_far(task, wanted, context))
        request = self._request(task, wanted)
        context.advance(item="sending" if task.direction == "push" else "copying")
        plans = compared.plans if compared else ()
        if _is_twofold(plans, wanted):
            plans = plans[:1]  # the second one is made anew, with what goes there then
        return self._copy(request, plans, entry, context, follows=wanted.options.follow)

    def go_on(
        self, unfinished: Unfinished, home: Home, entry: JournalEntry, context: JobContext
    ) -> Copied:
        """Go on with what the journal has.

        Args:
            unfinished: What it has.
            home: The home here.
            entry: That line, which is struck out at the end.
            context: Of the job.

        Raises:
            Error: It cannot be done, however often it is tried.
        """
        from remote.worker import request_of

        if unfinished.options.get("source"):
            with self._striking(entry):
                return Copied(self._go_on_far(unfinished, home, entry, context))
        request = request_of(unfinished, home)
        context.advance(item="copying")
        follows = request.order.follows
        return self._copy(_following(request, follows=False), (), entry, context, follows=follows)

    def follow(
        self,
        task: Task,
        arrived: Callable[[tuple[str, ...]], None],
        entry: JournalEntry,
        context: JobContext,
    ) -> TransferOutcome:
        """Copy what running runs write until they have ended.

        Args:
            task: The runs; they were pulled before.
            arrived: Hears which runs have more now.
            entry: Its line in the journal, which is struck out at the end.
            context: Of the job.

        Raises:
            Error: The remote cannot be asked any more.
        """
        from remote.following import Following

        ids = task.ids or ()
        request = self._request(task, TransferWanted(ids, {}, task.options))
        request = _following(request, follows=True)
        memory = self._memory()
        entry.write(lambda: _begin_following(request, memory))
        context.advance(total=len(ids), unit="runs", item="following")

        def tell(item: object) -> None:
            if isinstance(item, Following):
                context.advance(len(ids) - len(item.ids) - context.progress.done)
                arrived(item.ids)

        part = _part_of(context)
        part.follow(tell)
        with self._striking(entry):
            work = self._work(request, (), context)
            outcome = self._patiently(lambda: work(part), context)
            arrived(ids)
            return outcome

    def unfinished(self, home: Home) -> list[Unfinished]:
        """What the journal says is not done."""
        return self._memory().unfinished(home.path)

    def forget(self, number: int) -> None:
        """Strike a transfer out of the journal."""
        self._memory().end(number)

    # Inside

    def _copy_far(self, task: Task, wanted: TransferWanted, context: JobContext) -> TransferOutcome:
        """Copy from one remote to another."""
        return self._patiently(lambda: self._far.copy(_far_task(task), wanted, context), context)

    def _go_on_far(
        self, unfinished: Unfinished, home: Home, entry: JournalEntry, context: JobContext
    ) -> TransferOutcome:
        """Copy what is not there yet; what was on its way through this computer comes again."""
        from remote.moves import TransferOutcome

        said = unfinished.options
        options = TransferOptions(
            verify=bool(said.get("verify")),
            remove_extra=bool(said.get("delete")),
            with_env=bool(said.get("with_env")),
        )
        source = str(said["source"])
        task = Task(home, unfinished.remote, "push", unfinished.runs, options, source)
        context.advance(item=f"comparing {source} with {unfinished.remote}")
        [plan] = self._far.compare(_far_task(task), context).plans
        left = tuple(item.run_id for item in plan.items if item.is_to_do)
        if not left:
            return TransferOutcome(skipped=unfinished.runs)
        wanted = TransferWanted(left, {}, options)
        return self.copy(replace(task, ids=left), wanted, None, entry, context).outcome

    def _memory(self) -> TransferMemory:
        from remote.memory import TransferMemory

        remotes = self._remotes

        class Memory(TransferMemory):
            """Keeps what goes on while the window closes, for the next start."""

            def end(self, number: int) -> None:
                if not remotes.is_closing:
                    super().end(number)

        return Memory(self._state_dir)

    def _open(self, name: str, context: JobContext) -> RemoteHome:
        from remote.remote_home import open_remote_home

        connection = self._remotes.connector(name, context)(context.check)
        path = self._remotes.session(name).remote.guild_home
        return open_remote_home(connection, path, check=context.check)

    @contextmanager
    def _striking(self, entry: JournalEntry) -> Iterator[None]:
        """Strike a line of the journal out when the block ends, however it ends."""
        try:
            yield
        finally:
            self.forget_entry(entry)

    def _copy(
        self,
        request: TransferRequest,
        plans: tuple[TransferPlan, ...],
        entry: JournalEntry,
        context: JobContext,
        *,
        follows: bool,
    ) -> Copied:
        """Carry it out, and leave its line in the journal to what follows, if anything does."""
        going: tuple[str, ...] = ()
        try:
            work = self._work(request, plans, context)
            outcome = self._patiently(lambda: work(context), context)
            if follows and not outcome.cancelled and work.going:
                self._note_following(request, work.going, entry)
                going = work.going
            return Copied(outcome, going)
        finally:
            if not going:
                self.forget_entry(entry)

    def _note_following(
        self, request: TransferRequest, ids: tuple[str, ...], entry: JournalEntry
    ) -> None:
        order = replace(request.order, ids=ids, choices={})
        request = replace(request, directions=("pull",), ids=ids, order=order)
        words = _following_words(_following(request, follows=True))
        memory = self._memory()
        entry.change(lambda number: memory.change(number, "pull", ids, words))

    def _work(
        self,
        request: TransferRequest,
        plans: tuple[TransferPlan, ...],
        context: JobContext,
    ) -> TransferWork:
        from remote.worker import TransferWork

        return TransferWork(
            request,
            self._remotes.connector(request.remote, context),
            self._memory(),
            plans=plans,
            limit=lambda: self._limit(),
            is_noted=True,
        )

    def _patiently(
        self, work: Callable[[], TransferOutcome], context: JobContext
    ) -> TransferOutcome:
        """Do it, and tell of its waits as rows show them."""
        from remote.worker import GoingOn, Waiting

        def tell(item: object) -> None:
            if isinstance(item, Waiting):
                reason = item.reason.rpartition(": ")[2].rstrip(".")
                context.publish(Recess(reason, item.until, item.now))
            elif isinstance(item, GoingOn):
                context.publish(GOES_ON)

        context.follow(tell)
        return work()

    def _request(self, task: Task, wanted: TransferWanted) -> TransferRequest:
        from remote.transfer import Order
        from remote.worker import TransferRequest

        return TransferRequest(
            task.home,
            task.remote,
            self._remotes.session(task.remote).remote.guild_home,
            ("pull", "push") if task.direction == "sync" else (task.direction,),
            None if task.direction == "sync" else wanted.ids,
            _options(wanted.options),
            Order(wanted.ids, wanted.decided, is_verified=wanted.options.verify),
        )

    def _plans(
        self, task: Task, there: RemoteHome, context: JobContext
    ) -> tuple[TransferPlan, ...]:
        """One plan, or two for a sync: what comes, then what goes; no run is in both."""
        from core.runs.store import Store
        from remote.transfer import plan_transfer

        def plan(direction: Direction, ids: tuple[str, ...] | None) -> TransferPlan:
            assert direction != "sync"
            memory, check = self._memory(), context.check
            options = _options(task.options)
            return plan_transfer(
                task.home, there, direction, ids, options, memory=memory, check=check
            )

        if task.direction != "sync":
            return (plan(task.direction, task.ids),)
        pull = plan("pull", None)
        known = {item.run_id: item.verdict for item in pull.items}
        newer = [run_id for run_id, verdict in known.items() if verdict == "newer here"]
        only_here = [i for i in Store(task.home.runs_dir).ids() if i not in known]
        push = plan("push", (*newer, *only_here))
        items = tuple(item for item in pull.items if item.verdict != "newer here")
        return (replace(pull, items=items), push)


def _words(
    there: RemoteHome, plans: tuple[TransferPlan, ...], context: JobContext
) -> dict[str, tuple[str, str]]:
    """Operation and label of runs that would come and are not here."""
    from core.errors import RunDamaged
    from core.runs.attrs import decode_attr, decode_text
    from core.runs.opref import parse_opref

    ids = [
        item.run_id
        for plan in plans
        for item in plan.items
        if item.direction == "pull" and item.verdict == "new"
    ]
    names = (".guild/opref", ".guild/attrs/label")
    paths = [f"{there.run_dir(run_id)}/{name}" for run_id in ids for name in names]
    contents = there.files.read(paths, context.check) if paths else {}
    found = {}
    for run_id in ids:
        opref, label = (contents[f"{there.run_dir(run_id)}/{name}"] for name in names)
        try:
            operation = parse_opref(opref.decode()).display_name if opref else ""
            text = decode_attr("label", decode_text(label, "label", 10_000)) if label else ""
        except (RunDamaged, UnicodeDecodeError):
            continue  # its row does without: what is wrong is said where the run is shown
        found[run_id] = (operation, text if isinstance(text, str) else "")
    return found


def _far_task(task: Task) -> FarTask:
    return FarTask(task.source, task.remote, task.ids or (), _options(task.options))


def _is_twofold(plans: Sequence[TransferPlan], wanted: TransferWanted) -> bool:
    """Whether runs of the first plan of a sync are to be changed on the other side as well."""
    ids = set(wanted.ids)
    has_words = any(item.merged for plan in plans[:1] for item in plan.items if item.run_id in ids)
    return has_words or "mine" in wanted.decided.values()


def _options(options: TransferOptions) -> Options:
    from remote.plan import Options

    return Options(options.with_env, options.remove_extra, options.compare)


def _following(request: TransferRequest, *, follows: bool) -> TransferRequest:
    return replace(request, order=replace(request.order, follows=follows))


def _following_words(request: TransferRequest) -> dict[str, object]:
    """What the journal says of runs that were copied, and are followed now."""
    from remote.worker import journal_words

    return journal_words(request)[1] | {FOLLOWED: True}


def _begin_following(request: TransferRequest, memory: TransferMemory) -> int:
    ids, words = request.order.ids or (), _following_words(request)
    return memory.begin(request.home.path, request.remote, "pull", ids, words)


def _part_of(context: JobContext) -> JobContext:
    """A context for a part of a job whose bytes are not what the job counts."""
    part = JobContext()
    part.follow(context.publish)
    context.interrupt_with(part.cancel)
    return part
