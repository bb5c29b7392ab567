"""`rundesk import`: runs arrive from directories, homes and archives."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import click
from msgspec import to_builtins

from cli.endings import end, tell_remarks
from cli.parsing import DeskCommand, Request, json_option
from cli.questions import MOST_NAMES, require_yes, until_interrupted, yes_option
from cli.screen import note, printable, write_json, write_line
from core.archives.importing import Choice, ImportOutcome, import_runs, require_room
from core.archives.plan import ImportPlan, PlanItem, plan_import
from core.archives.source import open_source
from core.text import format_bytes, plural

_CHOICES: tuple[Choice, ...] = ("mine", "theirs", "merge", "both")


@click.command("import", cls=DeskCommand)
@click.argument(
    "sources", metavar="SRC...", nargs=-1, required=True, type=click.Path(path_type=Path)
)
@click.option("--dry-run", is_flag=True, help="Only say what would be done.")
@click.option(
    "--on-conflict",
    "choice",
    type=click.Choice(_CHOICES),
    default="mine",
    help="What becomes of runs that are here with other content: mine leaves them as they are "
    "(default), theirs replaces them (they go to the trash), merge adds label, tags, comments and "
    "mark, both keeps the other one under a new id.",
)
@click.option("-m", "--move", is_flag=True, help="Remove the runs there when they are here.")
@json_option
@yes_option
@click.pass_obj
def import_(
    request: Request,
    /,
    *,
    sources: tuple[Path, ...],
    dry_run: bool,
    choice: Choice,
    move: bool,
    as_json: bool,
    yes: bool,
) -> None:
    """Bring runs into the home.

    SRC is a run's directory, a directory of runs, a Guild home, or an archive (.zip, .tar.gz,
    .tar.zst) that Rundesk or Guild made. The checksums that Rundesk puts into exports are verified.
    """
    is_told = dry_run or not yes
    with ExitStack() as closing, until_interrupted() as advance:
        opened = []
        for path in dict.fromkeys(sources):
            source = open_source(path, check=lambda: advance(0), for_import=not is_told)
            closing.callback(source.close)
            opened.append(source)
        plan = plan_import(request.home, opened, with_runs=is_told, check=lambda: advance(0))
        if dry_run:
            _show_plan(plan, as_json=as_json)
            return
        if not yes:
            _describe(plan, choice)
            if meant := _meant(plan, choice):
                if choice != "merge":
                    require_room(request.home, meant)
                require_yes(f"Import {plural(len(meant), 'run')}?", default=True)
        outcome = import_runs(request.home, plan, choice, move=move, advance=advance)
    if as_json:
        write_json(to_builtins(outcome))
    _tell(outcome, plan, choice, is_move=move)


def _meant(plan: ImportPlan, choice: Choice) -> list[PlanItem]:
    """The runs of which something is to be written."""
    is_changed = choice != "mine"
    return [i for i in plan.items if i.verdict == "new" or (i.verdict == "conflict" and is_changed)]


def _show_plan(plan: ImportPlan, *, as_json: bool) -> None:
    if as_json:
        items = [_document(item) for item in plan.items]
        told = {"problems": list(plan.problems), "warnings": list(plan.warnings)}
        write_json({"items": items, **told})
        return
    for item in plan.items:
        write_line(_line(item))
    _tell_what_is_left_out(plan.items)
    for sentence in (*plan.problems, *plan.warnings):
        note(sentence)
    note(_counts(plan))


def _tell_what_is_left_out(items: Sequence[PlanItem]) -> None:
    coming = (item for item in items if item.verdict in ("new", "conflict"))
    tell_remarks([f"Run {i.run.short_id}: {remark}" for i in coming for remark in i.remarks])


def _describe(plan: ImportPlan, choice: Choice) -> None:
    """Say what a question is about."""
    meant = _meant(plan, choice)
    note(f"You are about to import {plural(len(meant), 'run')} {_size(meant)}:")
    for item in meant[:MOST_NAMES]:
        note(f"  {_line(item)}")
    if len(meant) > MOST_NAMES:
        note(f"  and {len(meant) - MOST_NAMES:,} more")
    _tell_what_is_left_out(meant)
    for warning in plan.warnings:
        note(warning)
    note(_counts(plan))


def _size(items: Sequence[PlanItem]) -> str:
    return f"({format_bytes(sum(item.size for item in items))})"


def _counts(plan: ImportPlan) -> str:
    verdicts = [_verdict(item) for item in plan.items]
    words = {
        "new": "new",
        "same": "here already",
        "conflict": "here with other content",
        "twice": "in an earlier source too",
        "problem": "that cannot be imported",
    }
    found = [f"{verdicts.count(v):,} {word}" for v, word in words.items() if v in verdicts]
    return f"{plural(len(verdicts), 'run')}: {', '.join(found)}." if found else "No runs."


def _verdict(item: PlanItem) -> str:
    return "twice" if item.is_twice else item.verdict


def _line(item: PlanItem) -> str:
    run = item.run
    is_known = item.verdict != "problem" or item.is_twice  # of what is refused not all was read
    status, size = (run.status, format_bytes(item.size)) if is_known else ("", "")
    words = [f"{run.short_id}  {_verdict(item):8}  {status:10}  {size:>10}"]
    words += filter(None, (run.operation, run.label))
    if item.differs:
        words.append(f"(differs in {', '.join(item.differs[:MOST_NAMES])})")
    if item.why:
        words.append(f"({item.why})")
    return printable("  ".join(words))


def _document(item: PlanItem) -> dict[str, Any]:
    return {
        "id": item.run.id,
        "source": str(item.source.path),
        "verdict": item.verdict,
        "why": item.why or None,
        "differs": list(item.differs),
        **({"further": item.further} if item.further else {}),
        "operation": item.run.operation,
        "label": item.run.label,
        "status": item.run.status,
        "started": item.run.started,
        "size": item.size,
        "files": item.files,
        "remarks": list(item.remarks),
    }


def _tell(outcome: ImportOutcome, plan: ImportPlan, choice: Choice, *, is_move: bool) -> None:
    """Say what came of it.

    Raises:
        Cancelled: The user interrupted it.
        click.exceptions.Exit: Runs were refused.
    """
    note(f"Imported {plural(len(outcome.imported), 'run')} ({format_bytes(outcome.bytes)}).")
    for sentence in _more(outcome, plan, choice, is_move=is_move):
        note(sentence)
    tell_remarks((*plan.problems, *outcome.remarks))
    end(outcome.refused, cancelled=outcome.cancelled, left="the other runs are not here")


def _more(
    outcome: ImportOutcome, plan: ImportPlan, choice: Choice, *, is_move: bool
) -> Iterator[str]:
    if is_move:
        yield f"Removed {plural(len(outcome.removed), 'run')} there."
    if outcome.replaced:
        yield f"Replaced {plural(len(outcome.replaced), 'run')}; what was here is in the trash."
    if outcome.merged:
        yield f"Merged what people wrote into {plural(len(outcome.merged), 'run')}."
    for old, new in outcome.renamed.items():
        yield f"Run {old[:8]} of the source is {new[:8]} here."
    yield from _unchanged(outcome, plan, choice)
    if twice := sum(item.is_twice for item in plan.items):
        stay = "; the others are still there" if is_move else ""
        were = plural(twice, "run is", "runs are")
        yield f"{were} in several of the sources, and taken from the first{stay}."


def _unchanged(outcome: ImportOutcome, plan: ImportPlan, choice: Choice) -> Iterator[str]:
    """Sentences on runs that stay as they are here."""
    skipped = set(outcome.skipped)
    left = sum(i.verdict == "conflict" and i.run.id in skipped for i in plan.items)
    same = sum(item.verdict == "same" for item in plan.items)
    were = plural(left, "run is", "runs are")
    if left and choice == "mine":
        yield f"{were} here with other content, unchanged; --on-conflict says what to do."
    if complete := len(outcome.complete):
        are = plural(complete, "run is", "runs are")
        yield f"{are} here with other content, and nothing that people wrote there is missing."
    if same:
        yield f"{plural(same, 'run was', 'runs were')} here already."
