"""`rundesk info`: everything about one run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
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
from cli.listing import FoundRun, find_run, now, open_index, run_argument
from cli.parsing import DeskCommand, Request, json_option
from cli.screen import note, write_json, write_text
from core.errors import RunDamaged
from core.index.filters import Filters
from core.runs.attrs import read_attr
from core.runs.files import run_size, walk_files
from core.runs.manifest import read_manifest
from core.runs.run import Run
from core.runs.run_json import plain_value, run_document
from core.text import format_bytes


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
@json_option
@filter_options
@click.pass_obj
def info(
    request: Request,
    /,
    *,
    run: str | None,
    filters: Filters,
    deleted: bool,
    as_json: bool,
    all_scalars: bool,
    **parts: bool,
) -> None:
    """Show everything about a run.

    RUN is an id, the beginning of one, or the number of the run in the list; the latest run
    where none is named.
    """
    found = find_run(request.home, run, filters, deleted=deleted)
    known = with_batch(found, found.store.read(found.id))
    if as_json:
        size = {"size": run_size(found.path).size}
        write_json(run_document(known) | size | _parts_document(found, parts))
        return
    lines = [*detail_lines(known), *further_lines(known, now=now())]
    lines.append(f"size: {format_bytes(run_size(found.path).size)}")
    lines += list_lines("tags", known.tags)
    lines += map_lines("flags", known.flags)
    lines += scalar_lines(known.scalars, every=all_scalars)
    if known.comments:
        lines += ["comments:", *(f"  {line}".rstrip() for line in comment_lines(known.comments))]
    write_text("".join(f"{line}\n" for line in [*lines, *_part_lines(found, known, parts)]))


def with_batch(found: FoundRun, run: Run) -> Run:
    """The run with the batch that links to it, as far as the index knows."""
    if run.batch is not None:
        return run
    with open_index(found.home, fresh=False) as index:
        slot = index.columns.slot_of(found.id, found.deleted)
        batch = None if slot is None else index.columns.value("batch", slot)
    return replace(run, batch=batch)


def _parts_document(found: FoundRun, parts: Mapping[str, bool]) -> dict[str, Any]:
    """What was asked for by options, below keys of its own."""
    document: dict[str, Any] = {}
    if parts["env"]:
        document["env"] = _attr(found, "env")
    if parts["manifest"]:
        document["manifest"] = _manifest(found)
    if parts["plugins"]:
        document["plugins"] = _attr(found, "plugins")
    if parts["files"]:
        document["files"] = _file_paths(found)
    return document


def _part_lines(found: FoundRun, run: Run, parts: Mapping[str, bool]) -> list[str]:
    lines: list[str] = []
    if parts["env"]:
        env = _attr(found, "env")
        lines += map_lines("environment", env if isinstance(env, dict) else {})
    if parts["manifest"]:
        lines += tree_lines("manifest", _manifest(found))
    if parts["deps"]:
        lines += tree_lines("dependencies", run.deps or {})
    if parts["plugins"]:
        lines += list_lines("plugins", _attr(found, "plugins") or [])
    if parts["files"]:
        lines += list_lines("files", _file_paths(found))
    return lines


def _manifest(found: FoundRun) -> dict[str, list[str]]:
    """Paths of source code and of dependencies."""
    entries = sorted(read_manifest(found.path).entries.values(), key=lambda entry: entry.path)
    names = {"source": "sourcecode", "dependency": "dependencies", "internal": "internal"}
    kept: dict[str, list[str]] = {}
    for entry in entries:
        kept.setdefault(names[entry.kind], []).append(entry.path)
    return kept


def _file_paths(found: FoundRun) -> list[str]:
    """Paths of all its files, Guild's own included."""
    return [entry.path for entry in walk_files(found.path) if not entry.is_directory]


def _attr(found: FoundRun, name: str) -> Any:
    """An attribute as JSON can hold it; a note and None where it cannot be read."""
    try:
        return plain_value(read_attr(found.path, name))
    except RunDamaged as e:
        note(f"Run {found.id[:8]}: {e}.")
        return None
