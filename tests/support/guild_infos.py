"""What `guild runs info` says of many runs, asked in one process since each start takes long.

Guild itself fails on a flag that is a date; here it is told how to write one.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.support.peer import Peer

_ASK = """
import contextlib, functools, io, json, sys
json.dumps = functools.partial(json.dumps, default=lambda value: value.isoformat())
from guild.commands.main import main

infos = {}
for run_id in json.load(open(sys.argv[2])):
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        main.main(
            ["-H", sys.argv[1], "runs", "info", run_id, "--json", *sys.argv[4:]],
            "guild", standalone_mode=False,
        )
    infos[run_id] = json.loads(out.getvalue())
json.dump(infos, open(sys.argv[3], "w"))
"""


def guild_infos(
    peer: Peer, home: Path, ids: Sequence[str], scratch: Path, *options: str
) -> dict[str, dict[str, Any]]:
    """The document of `guild runs info ID --json OPTIONS` for each id."""
    asked, answered = scratch / "ids.json", scratch / "infos.json"
    asked.write_text(json.dumps(list(ids)))
    peer.python(_ASK, str(home), str(asked), str(answered), *options)
    infos: dict[str, dict[str, Any]] = json.loads(answered.read_text())
    return infos
