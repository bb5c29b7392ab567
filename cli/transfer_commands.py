"""`rundesk push`, `pull` and `sync`: runs flow between this computer and a server."""

from __future__ import annotations

import gc
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import click

from cli.chosen_runs import choose_runs, runs_argument
from cli.chosen_there import choose_there, complete_run_there
from cli.filter_options import filter_options
from cli.parsing import AnyFunction, DeskCommand, Request, json_option
from cli.questions import require_yes, until_interrupted, yes_option
from cli.remote_place import Place, accept_option, complete_remote, open_place, transfer_memory
from cli.screen import write_json
from cli.transfer_text import (
    ProgressLine,
    describe_plan,
    outcome_document,
    plan_document,
    show_plan,
    tell_outcome,
)
from core.directories import Directories
from core.home import Home
from core.index.filters import Filters
from core.jobs import JobContext
from core.text import plural
from remote.moves import TransferOutcome
from remote.plan import Choice, Direction, Options, PlanItem
from remote.transfer import Order, TransferPlan, plan_transfer
from remote.worker import TransferRequest, TransferWork

if TYPE_CHECKING:
    from core.settings import Settings

_RARELY = 200_000
_CHOICES = ("mine", "theirs", "both")
_UNITS = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30}


class _Rate(click.ParamType[int]):
    """Bytes a second: a number, with K, M or G behind it for more of them."""

    name = "rate"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """The number of bytes."""
        if isinstance(value, int):
            return value
        text = str(value).strip().upper()
        unit = text[-1:] if text[-1:] in _UNITS else ""
        number = text.removesuffix(unit) if unit else text
        try:
            rate = int(float(number) * _UNITS[unit])
        except (ValueError, OverflowError):
            rate = 0
        if rate < 1:
            self.fail(f"{value!r} is no number of bytes a second, such as 500K or 2M.", param, ctx)
        return rate


def transfer_options(function: AnyFunction) -> AnyFunction:
    """Add what push, pull and sync have in common."""
    options: Sequence[Callable[[AnyFunction], AnyFunction]] = (
        click.option("--dry-run", is_flag=True, help="Only say what would be done."),
        click.option(
            "--verify",
            is_flag=True,
            help="Compare checksums, computed on each side: of what is copied, and of runs that "
            "look the same. Those that are not are conflicts. With “transfer_verify = true” in the "
            "settings, what is copied always is.",
        ),
        click.option(
            "--delete",
            is_flag=True,
            help="Remove files from runs there, or here, that the other side has no more.",
        ),
        click.option(
            "--on-conflict",
            "choice",
            type=click.Choice(_CHOICES),
            help="What becomes of runs that were changed on both sides: what is here counts "
            "(mine), what is there (theirs), or the one that comes is put beside the other "
            "(both). Without it they stay as they are. What is replaced goes to the trash.",
        ),
        click.option(
            "--limit",
            type=_Rate(),
            metavar="RATE",
            default=0,
            help="Bytes a second, e.g. 2M; without it as “transfer_limit” in the settings says.",
        ),
        json_option,
        accept_option,
        yes_option,
    )
    for option in reversed(options):
        function = option(function)
    return function


@click.command("push", cls=DeskCommand, short_help="Copy runs to a server.")
@click.argument("remote", metavar="REMOTE", shell_complete=complete_remote)
@runs_argument
@click.option("--with-env", is_flag=True, help="Take the environment along; secrets may be in it.")
@transfer_options
@filter_options
@click.pass_obj
def push(
    request: Request,
    /,
    *,
    remote: str,
    runs: tuple[str, ...],
    filters: Filters,
    with_env: bool,
    **asked: Any,
) -> None:
    """Copy runs to a server, all of them where neither runs nor filters choose some.

    A run appears there whole or not at all. Runs that are newer there stay as they are.
    """
    is_all = not runs and filters.is_empty
    ids = None if is_all else choose_runs(request.home, runs, filters)
    _transfer(request, remote, ("push",), asked, lambda _place: ids, with_env=with_env)


@click.command("pull", cls=DeskCommand, short_help="Copy runs from a server.")
@click.argument("remote", metavar="REMOTE", shell_complete=complete_remote)
@click.argument("runs", nargs=-1, metavar="[RUN]...", shell_complete=complete_run_there)
@click.option(
    "-f",
    "--follow",
    is_flag=True,
    help="Go on with runs that are running there until they have ended; Ctrl+C stops that.",
)
@transfer_options
@filter_options
@click.pass_obj
def pull(
    request: Request,
    /,
    *,
    remote: str,
    runs: tuple[str, ...],
    filters: Filters,
    **asked: Any,
) -> None:
    """Copy runs from a server, all of them where neither runs nor filters choose some.

    Numbers count in the list of the server's runs. A run appears here whole or not at all. Runs
    that are newer here stay as they are. What is new of a run that goes on there comes with each
    pull, or by itself with --follow.
    """
    is_all = not runs and filters.is_empty

    def choose(place: Place) -> Sequence[str] | None:
        return None if is_all else _named_there(place, runs, filters)

    _transfer(request, remote, ("pull",), asked, choose)


@click.command("sync", cls=DeskCommand)
@click.argument("remote", metavar="REMOTE", shell_complete=complete_remote)
@transfer_options
@click.pass_obj
def sync(request: Request, /, *, remote: str, **asked: Any) -> None:
    """Pull and push what is new or newer on either side."""
    _transfer(request, remote, ("pull", "push"), asked, lambda _place: None)


def _transfer(
    request: Request,
    remote: str,
    directions: tuple[Direction, ...],
    asked: dict[str, Any],
    choose: Callable[[Place], Sequence[str] | None],
    *,
    with_env: bool = False,
) -> None:
    """Do what all three commands have in common; `choose` says which runs, None for all."""
    with open_place(remote) as place:
        options = Options(with_env, asked["delete"], asked["verify"])
        _Command(request.home, place, directions, options, asked).run(choose(place))


def _named_there(place: Place, texts: Sequence[str], filters: Filters) -> list[str]:
    with until_interrupted() as advance, place.home(lambda: advance(0)) as there:
        return choose_there(there, texts, filters, lambda: advance(0))


class _Command:
    """One call of a command: plan, ask, do, tell.

    Args:
        home: The home here.
        place: The server.
        directions: One after another.
        options: What is asked for.
        asked: The options that all three commands have.
    """

    def __init__(
        self,
        home: Home,
        place: Place,
        directions: tuple[Direction, ...],
        options: Options,
        asked: dict[str, Any],
    ) -> None:
        self._home = home
        self._place = place
        self._directions = directions
        self._options = options
        self._asked = asked
        self._memory = transfer_memory()

    def run(self, ids: Sequence[str] | None) -> None:
        """Do it.

        Args:
            ids: Which runs; None for all.
        """
        # Ten thousands of files are listed and no cycle is among them: looking for some took a
        # third of the time.
        usual = gc.get_threshold()
        gc.set_threshold(_RARELY)
        try:
            self._run(ids)
        finally:
            gc.set_threshold(*usual)

    def _run(self, ids: Sequence[str] | None) -> None:
        with until_interrupted() as advance:
            context = _Context(advance)
            plans = self._plans(ids, context)
            if self._asked["dry_run"]:
                self._show(plans)
                return
            if not self._asked["yes"]:
                self._ask(plans)
            outcome = self._work(ids, plans, context)
        if self._asked["as_json"]:
            write_json(outcome_document(outcome))
        verb = {"push": "Pushed", "pull": "Pulled"}[self._directions[0]]
        tell_outcome(outcome, verb if len(self._directions) == 1 else "Synced")

    def _plans(self, ids: Sequence[str] | None, context: JobContext) -> list[TransferPlan]:
        with self._place.home(context.check) as there:
            return [
                plan_transfer(
                    self._home, there, direction, ids, self._options,
                    memory=self._memory, check=context.check,
                )
                for direction in self._directions
            ]  # fmt: skip

    def _show(self, plans: Sequence[TransferPlan]) -> None:
        if self._asked["as_json"]:
            documents = [plan_document(plan) for plan in plans]
            write_json(documents[0] if len(documents) == 1 else documents)
            return
        shown: set[str] = set()  # of a sync both plans have the runs that wait for a choice
        for plan in plans:
            show_plan(plan, is_half=len(plans) > 1, without=shown)
            shown.update(item.run_id for item in plan.items if item.verdict == "conflict")

    def _ask(self, plans: Sequence[TransferPlan]) -> None:
        count = 0
        for plan in plans:
            meant = [item for item in plan.items if self._is_meant(item)]
            describe_plan(plan, meant)
            count += len(meant)
        if count:
            verb = self._directions[0].capitalize() if len(plans) == 1 else "Copy"
            require_yes(f"{verb} {plural(count, 'run')}?", default=True)

    def _is_meant(self, item: PlanItem) -> bool:
        return item.is_to_do or (item.verdict == "conflict" and self._asked["choice"] is not None)

    def _work(
        self, ids: Sequence[str] | None, plans: Sequence[TransferPlan], context: _Context
    ) -> TransferOutcome:
        choice: Choice | None = self._asked["choice"]
        settings = _settings()
        request = TransferRequest(
            self._home,
            self._place.remote.name,
            self._place.remote.guild_home,
            self._directions,
            None if ids is None else tuple(ids),
            self._options,
            Order(
                choices=choice if choice is not None else {},
                is_verified=self._asked["verify"] or settings.transfer_verify,
                limit=self._asked["limit"] or settings.transfer_limit * 1_000,
                follows=self._asked.get("follow", False),
            ),
        )
        context.line = line = ProgressLine(context)
        # Of a sync the second plan is made anew: the first one may have changed what it is about.
        work = TransferWork(request, self._place.connect, self._memory, plans=plans[:1])
        try:
            return work(context)
        finally:
            line.end()


def _settings() -> Settings:
    """What the user's settings say of all that is copied."""
    from core.settings import FILE_NAME, load_settings

    return load_settings(Directories.of_user().config / FILE_NAME).settings


class _Context(JobContext):
    """A job's context that notices Ctrl+C and shows the progress.

    Args:
        advance: Raises Cancelled after Ctrl+C.
    """

    def __init__(self, advance: Callable[[int], None]) -> None:
        super().__init__()
        self.line: ProgressLine | None = None
        self._interrupt = advance

    def check(self) -> None:
        """Raise Cancelled after Ctrl+C; show how far it is."""
        self._interrupt(0)
        super().check()
        if self.line is not None:
            self.line.tick()

    def sleep(self, seconds: float) -> None:
        """Wait in short steps."""
        self.check()
        super().sleep(min(seconds, 0.2))
