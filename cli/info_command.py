"""`rundesk info`: everything about one run."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from cli.filter_options import filter_options
from cli.info_text import (
    comment_lines,
    detail_lines,
    further_lines,
    list_lines,
    map_lines,
    scalar_lines,
    tree_lines,
)
from cli.listing import run_argument
from cli.named_run import NamedRun, name_run
from cli.parsing import DeskCommand, Request, archive_option, number_json_options, remote_option
from cli.screen import note, write_json, write_text
from core.clock import now_us
from core.errors import ArchiveError, RunError
from core.index.filters import Filters
from core.runs.run import Run
from core.runs.run_json import plain_value, run_document
from core.text import format_bytes

_HEADINGS = {"env": "environment", "deps": "dependencies"}

TOLD = frozenset(
    {"cmd", "comments", "deps", "env", "exit_status", "flags", "host", "id", "initialized", "label"}
    | {"marked", "op", "opref", "pip_freeze", "platform", "plugins", "random_seed", "run_params"}
    | {"sourcecode_digest", "started", "stopped", "tags", "user", "user_flags", "vcs_commit"}
)
"""Attributes that have a field or an option of their own, or are Guild's business alone."""


@click.command(cls=DeskCommand)
@run_argument
@click.option("-e", "--env", is_flag=True, help="Show the environment it ran in.")
@click.option("-d", "--deps", is_flag=True, help="Show resolved dependencies.")
@click.option("-m", "--manifest", is_flag=True, help="Show source code and dependency files.")
@click.option("-p", "--plugins", is_flag=True, help="Show Guild's plugins that were active.")
@click.option("-s", "--all-scalars", is_flag=True, help="Show all values of every scalar.")
@click.option("-c", "--comments", is_flag=True, hidden=True)
@click.option("--files", is_flag=True, help="Show the files of the run.")
@click.option("--deleted", is_flag=True, help="Look among deleted runs.")
@archive_option
@remote_option()
@number_json_options
@filter_options
@click.pass_obj
def info(
    request: Request,
    /,
    *,
    run: str | None,
    filters: Filters,
    deleted: bool,
    archive: str | None,
    remote: str | None,
    as_json: bool,
    all_scalars: bool,
    **parts: bool,
) -> None:
    """Show everything about a run.

    RUN is an id, the beginning of one, or the number of the run in the list; the latest run
    where none is named.
    """
    found = name_run(request, run, filters, deleted=deleted, archive=archive, remote=remote)
    known = found.read()
    asked = _parts(found, known, **parts)
    if as_json:
        write_json(run_document(known) | _further_facts(found, known) | asked)
        return
    lines = [*_run_lines(found, known), *scalar_lines(known.scalars, every=all_scalars)]
    if known.comments:
        lines += ["comments:", *(f"  {line}".rstrip() for line in comment_lines(known.comments))]
    for name, value in asked.items():
        lines += tree_lines(_HEADINGS.get(name, name), value)
    write_text("".join(f"{line}\n" for line in lines))


def _further_facts(found: NamedRun, run: Run) -> dict[str, Any]:
    """What only `info` tells: it would take too long for every run of a list."""
    return {
        "size": _told(found, found.size),
        "attributes": _other_attributes(found, run),
        "proto_flags": plain_value(dict(found.proto_flags())) if run.is_batch else None,
    }


def _run_lines(found: NamedRun, run: Run) -> list[str]:
    facts = _further_facts(found, run)
    lines = [*detail_lines(run), *further_lines(run, now=now_us())]
    if facts["size"] is not None:
        lines.append(f"size: {format_bytes(facts['size'])}")
    for name, value in facts["attributes"].items():
        lines += tree_lines(name, value)
    lines += list_lines("tags", run.tags)
    lines += map_lines("flags", run.flags)
    return lines + (map_lines("proto-flags", facts["proto_flags"]) if run.is_batch else [])


def _other_attributes(found: NamedRun, run: Run) -> dict[str, Any]:
    """Attributes that nothing else tells of, such as those an operation defines itself."""
    names = [name for name in run.attr_names if name not in TOLD and not name.startswith("_")]
    return {name: _attr(found, name) for name in names}


def _parts(found: NamedRun, run: Run, **asked: bool) -> dict[str, Any]:
    """What was asked for by options, by the keys of the JSON document."""
    parts: dict[str, Callable[[], Any]] = {
        "env": lambda: _attr(found, "env") or {},
        "manifest": lambda: _manifest(found),
        "deps": lambda: plain_value(run.deps or {}),
        "plugins": lambda: _attr(found, "plugins") or [],
        "files": lambda: _file_paths(found),
    }
    return {name: tell() for name, tell in parts.items() if asked[name]}


def _manifest(found: NamedRun) -> dict[str, list[str]]:
    """Paths of source code, of dependencies, and of what Guild put there for itself."""
    entries = sorted(found.manifest().entries.values(), key=lambda entry: entry.path)
    names = {"source": "sourcecode", "dependency": "dependencies", "internal": "internal"}
    kept: dict[str, list[str]] = {}
    for entry in entries:
        kept.setdefault(names[entry.kind], []).append(entry.path)
    return kept


def _file_paths(found: NamedRun) -> list[str] | None:
    """Paths of all its files, Guild's own included; a note and None where they cannot be listed."""
    entries = _told(found, lambda: list(found.files(lambda entry: not entry.target)))
    return entries and [entry.path for entry in entries if not entry.is_directory]


def _attr(found: NamedRun, name: str) -> Any:
    """An attribute as JSON can hold it; a note and None where it cannot be read."""
    return _told(found, lambda: plain_value(found.attr(name)))


def _told(found: NamedRun, read: Callable[[], Any]) -> Any:
    """What `read` gives; a note and None where it cannot be read."""
    try:
        return read()
    except ArchiveError as e:
        note(str(e))
    except RunError as e:
        note(f"Run {found.id[:8]}: {e}.")
    return None
