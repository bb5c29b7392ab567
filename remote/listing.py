"""Listing all runs of a server: the small files that their rows are made of, as they arrive.

Which way is taken is decided by what the server can: one command where it has Perl, `find` and
`grep` where it has these, and SFTP where it has no shell, or one of few words. All ways tell the
same of the same runs. Ten thousand of them take one, two and a dozen seconds.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from core.archives.entries import is_run_id
from core.check import Check
from core.errors import RunNotFound
from remote.list_by_grep import can_grep, list_by_grep
from remote.list_by_perl import PerlListing
from remote.list_by_sftp import list_by_sftp, processes_there
from remote.listed_run import Alive, ListedRun
from remote.remote_home import RemoteHome


class Listing:
    """The runs of a server, each with its small files as soon as they are here.

    Args:
        home: The server's home.
        check: Called often; raises to stop.

    Attributes:
        ids: Names of what can be runs, sorted.

    Raises:
        RemoteRefused: The directory of runs cannot be listed.
        RemoteUnreachable: The connection was lost.
    """

    def __init__(self, home: RemoteHome, check: Check) -> None:
        self._home = home
        self._check = check
        self._perl = self._begun_by_perl()
        self._shown: Alive = None
        self._is_asked = False
        self._newest = 0
        if self._perl is not None:
            self.ids = self._perl.ids
            self._shown, self._is_asked = self._perl.alive, True
        else:
            found = home.files.names(home.runs_dir, check) or ()
            self.ids = sorted(e.name for e in found if is_run_id(e.name) and e.kind != "file")
            self._newest = max((e.mtime_ns // 1_000_000_000 for e in found), default=0)

    def alive(self) -> Alive:
        """The server's processes."""
        if not self._is_asked:
            self._shown, self._is_asked = processes_there(self._home, self._check), True
        return self._shown

    @property
    def asks_for_files(self) -> bool:
        """Whether each file is asked for by itself."""
        return self._perl is None and not can_grep(self._home)

    def runs(self, known: Mapping[str, int]) -> Iterator[tuple[str, ListedRun | None]]:
        """Each id, and what was found; None where it is no run.

        Args:
            known: Signatures of those runs of which the rows are known.
        """
        if self._perl is not None:
            return self._perl.runs()
        if can_grep(self._home):
            return list_by_grep(self._home, self.ids, self._check)
        return list_by_sftp(self._home, self.ids, known, self._check, self._newest)

    def one(self, run_id: str) -> ListedRun:
        """A run of which nothing was asked because it was known.

        Raises:
            RunNotFound: It is no run any more.
        """
        [(_, found)] = list_by_sftp(self._home, [run_id], {}, self._check)
        if found is None:
            raise RunNotFound(f"There is no run {run_id[:8]} on {self._home.name} any more.")
        return found

    def close(self) -> None:
        """Let the server list no more."""
        if self._perl is not None:
            self._perl.close()

    def _begun_by_perl(self) -> PerlListing | None:
        if "perl" not in self._home.capabilities.abilities:
            return None
        found = PerlListing(self._home, self._check)
        if not found.is_refused:
            return found
        found.close()  # SFTP says why not
        return None
