"""Copies runs from one remote to another, through this computer.

Why through a scratch home and not by a pipe: what a push promises (whole or not at all, verified,
tried again after a loss) holds for either half, and the two hosts need not know each other. The
scratch home goes with the job, or with the next start where this one was killed. The journal knows
what was asked for: going on with it compares both hosts, and copies what is not there yet.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from core.home import Home
from core.jobs import JobContext
from core.runs.erase import erase
from core.scratch import Scratch
from gui.remotes.plan_rows import Compared
from gui.remotes.remote_set import RemoteSet
from gui.remotes.transfer_row import TransferWanted

if TYPE_CHECKING:
    from remote.manifest import Manifest
    from remote.moves import TransferOutcome
    from remote.plan import Choice, Options
    from remote.remote_home import RemoteHome

Open = Callable[[str, JobContext], "RemoteHome"]


class FarTask(Struct, frozen=True):
    """What is asked for.

    Attributes:
        source: The remote that the runs are on.
        target: The remote that they go to.
        ids: Which.
        options: What is asked for beyond.
    """

    source: str
    target: str
    ids: tuple[str, ...]
    options: Options


class FarCopier:
    """Compares and copies between remotes; its methods run on workers' threads.

    Args:
        remotes: Connects.
        scratch: Gives the directory that the runs pass through.
        open_: Opens the home of a remote.
        limit: Gives the bytes a second that may travel; 0 for as many as will.
    """

    def __init__(
        self, remotes: RemoteSet, scratch: Scratch, open_: Open, limit: Callable[[], int]
    ) -> None:
        self._remotes = remotes
        self._scratch = scratch
        self._open = open_
        self._limit = limit

    def compare(self, task: FarTask, context: JobContext) -> Compared:
        """Compare runs of both remotes; nothing is remembered of it.

        Raises:
            Error: One of them cannot be asked.
        """
        from remote.plan import plan_run
        from remote.transfer import TransferPlan

        began = time.monotonic()
        own = self._look(task.source, task.ids, context)
        other = self._look(task.target, task.ids, context)
        items = []
        for run_id in task.ids:
            item = plan_run("push", own.get(run_id), other.get(run_id), None, task.options)
            items.append(replace(item, run_id=run_id))
        plan = TransferPlan("push", task.target, tuple(items), task.options)
        seconds = time.monotonic() - began
        return Compared((plan,), seconds, "Through this computer", source=task.source)

    def copy(self, task: FarTask, wanted: TransferWanted, context: JobContext) -> TransferOutcome:
        """Bring the runs here, and send them on.

        Raises:
            Error: It cannot be done, however often it is tried.
        """
        home = Home(self._scratch.make())
        home.runs_dir.mkdir()
        try:
            context.advance(item=f"copying from {task.source}")
            came = self._carry(home, task, wanted.ids, {}, context)
            ids = (*came.new, *came.updated)
            if came.cancelled or not ids:
                return came
            context.advance(item=f"sending to {task.target}")
            gone = self._carry(home, task, ids, wanted.decided, context, wanted=wanted)
            return replace(gone, refused=(*came.refused, *gone.refused))
        finally:
            erase(os.fspath(home.path))

    # Inside

    def _look(self, name: str, ids: Sequence[str], context: JobContext) -> dict[str, Manifest]:
        """What runs are on a remote, with what people wrote about them."""
        from remote.manifest import ATTRS, USER_ATTRS, manifests_there

        with closing(self._open(name, context)) as there:
            found = manifests_there(there, ids, context.check)
            paths = {
                f"{there.run_dir(run_id)}/{ATTRS}{attr}": (run_id, attr)
                for run_id, manifest in found.items()
                for attr in USER_ATTRS
                if ATTRS + attr in manifest.entries
            }
            contents = there.files.read(paths, context.check) if paths else {}
        attrs: dict[str, dict[str, bytes | None]] = {
            run_id: dict.fromkeys(USER_ATTRS) for run_id in found
        }
        for path, (run_id, attr) in paths.items():
            attrs[run_id][attr] = contents[path]
        return {run_id: replace(found[run_id], attrs=attrs[run_id]) for run_id in found}

    def _carry(
        self,
        home: Home,
        task: FarTask,
        ids: tuple[str, ...],
        choices: Mapping[str, Choice],
        context: JobContext,
        *,
        wanted: TransferWanted | None = None,
    ) -> TransferOutcome:
        """One half: here, or on from here as it is wanted."""
        from remote.memory import TransferMemory
        from remote.plan import Options
        from remote.transfer import Order
        from remote.worker import TransferRequest, TransferWork

        name = task.target if wanted is not None else task.source
        is_verified = wanted is not None and wanted.options.verify
        request = TransferRequest(
            home,
            name,
            self._remotes.session(name).remote.guild_home,
            ("push",) if wanted is not None else ("pull",),
            ids,
            task.options if wanted is not None else Options(),
            Order(
                ids,
                choices,
                is_verified=is_verified,
            ),
        )
        connect = self._remotes.connector(name, context)
        memory = TransferMemory(home.path)
        return TransferWork(request, connect, memory, limit=self._limit)(context)
