"""Which trials and steps of a server may go along when their batches and pipelines are moved there.

Why the server is asked: the rows of a listing say nothing of links, and whether a step is another
pipeline's too is known only when the links of all runs are. Most runs have none; that is found out
by looking at these runs alone, and the others are left in peace.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence

from msgspec import Struct

from core.archives.entries import is_run_id
from core.check import Check
from core.runs.links import MAX_LINKS, linked_run
from core.runs.related import Related, related
from remote.errors import UnsafeAnswer
from remote.remote_home import RemoteHome
from remote.sftp_wire import decode, encode

Links = tuple[tuple[str, str], ...]

_FIND = (
    "if cd -- {base} 2>/dev/null; then xargs -0 sh -c "
    '\'find "$@" -mindepth 1 -maxdepth 1 -type l -printf "%p\\\\0%l\\\\0"\' sh;'
    " else cat >/dev/null; fi; echo done"
)
_DONE = b"done\n"
_AT_ONCE = 500
_MOST_OUTPUT = 1 << 28


class FoundThere(Struct, frozen=True):
    """What belongs to some runs of a server.

    Attributes:
        parents: Those of them that are batches or pipelines.
        related: Their trials and steps.
    """

    parents: tuple[str, ...] = ()
    related: Related = Related()


class _Linked(Struct, frozen=True):
    id: str
    links: Links


def related_there(
    home: RemoteHome, ids: Sequence[str], check: Check, *, in_trash: bool = False
) -> FoundThere:
    """Find the trials and steps that may go along with runs; nothing is changed there.

    Args:
        home: The server's home.
        ids: The runs that are meant, by the names of their directories.
        check: Called often; raises to stop.
        in_trash: Whether they are deleted.

    Raises:
        RemoteError: The server cannot be asked.
    """
    base = home.trash_dir if in_trash else home.runs_dir
    own = links_there(home, base, ids, check)
    if not own:
        return FoundThere()
    names = [each.name for each in home.files.names(base, check) or () if is_run_id(each.name)]
    others = [name for name in names if name not in own]
    links = own | links_there(home, base, others, check)
    runs = [_Linked(name, links.get(name, ())) for name in names]
    return FoundThere(tuple(run_id for run_id in ids if run_id in own), related(runs, ids))


def links_there(home: RemoteHome, base: str, ids: Sequence[str], check: Check) -> dict[str, Links]:
    """Name and run id of each trial or step of some runs; runs that have none are left out.

    Args:
        home: The server's home.
        base: The directory that the runs are in.
        ids: The runs.
        check: Called often; raises to stop.

    Raises:
        RemoteError: The server cannot be asked.
    """
    found: dict[str, list[tuple[str, str]]] = {}
    for run_id, name, target in _all_links(home, base, ids, check):
        if (other := linked_run(target, base)) and len(found.get(run_id, ())) < MAX_LINKS:
            found.setdefault(run_id, []).append((name, other))
    link_to_runs = _batches_and_pipelines(home, base, list(found), check)
    return {run_id: tuple(sorted(found[run_id])) for run_id in link_to_runs}


def _batches_and_pipelines(
    home: RemoteHome, base: str, ids: Sequence[str], check: Check
) -> list[str]:
    """Those runs whose links are trials or steps; what else links to a run has it as a resource."""
    guilds = {run_id: f"{base}/{run_id}/.guild" for run_id in ids}
    attrs = {run_id: f"{guild}/attrs" for run_id, guild in guilds.items()}
    listed = home.files.listings([*guilds.values(), *attrs.values()], check) if ids else {}
    names = {path: {entry.name for entry in entries} for path, entries in listed.items()}
    return [
        run_id
        for run_id in ids
        if "proto" in names.get(guilds[run_id], ()) or "steps" in names.get(attrs[run_id], ())
    ]


def _all_links(
    home: RemoteHome, base: str, ids: Sequence[str], check: Check
) -> Iterator[tuple[str, str, str]]:
    """Run, name and text of each link that is directly in a run's directory."""
    if home.capabilities.can_find and ids:
        given = b"".join(encode(f"./{run_id}") + b"\0" for run_id in ids)
        command = _FIND.format(base=shlex.quote(base))
        done = home.connection.run(command, given=given, most=_MOST_OUTPUT, check=check)
        yield from _parse(home.name, done.output, frozenset(ids))
        return
    for start in range(0, len(ids), _AT_ONCE):
        some = {f"{base}/{run_id}": run_id for run_id in ids[start : start + _AT_ONCE]}
        listed = home.files.listings(some, check)
        for path, entries in listed.items():
            yield from ((some[path], e.name, e.target) for e in entries if e.kind == "link")


def _parse(remote: str, output: bytes, ids: frozenset[str]) -> Iterator[tuple[str, str, str]]:
    """Understand what `find` printed.

    Raises:
        UnsafeAnswer: It is nothing that find prints.
    """
    fields = decode(output.removesuffix(_DONE)).split("\0")
    if not output.endswith(_DONE) or len(fields) % 2 == 0:
        raise UnsafeAnswer(f"{remote} lists its links in no known form.", remote=remote)
    for path, target in zip(fields[:-1:2], fields[1::2], strict=True):
        run_id, _, name = path.removeprefix("./").partition("/")
        if run_id not in ids or not name:
            raise UnsafeAnswer(f"{remote} lists links that were not asked for.", remote=remote)
        yield run_id, name, target
