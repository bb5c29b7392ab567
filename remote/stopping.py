"""Stopping runs of a server: asked to end, or ended and waited for.

A process is sent signals only where the server shows that it is the run's own: it works in the
run's directory, or has the run's id in its environment.

Whoever wants to do something to a run that is running needs it to have ended: then what it started
is asked to end as well, once its own process has gone without that, and all that is left after the
grace is killed, as for runs of this computer (core.runs.stop). How it ended is written down by what
started it there, which is waited for: nothing is written here.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import suppress
from typing import Literal

from core.check import Check
from core.errors import StopRefused
from core.runs.refusal import Refusal
from core.runs.stop import CHILD_SECONDS, GRACE_SECONDS
from remote.looking import look_at_all
from remote.manifest import LOCK, alive_there
from remote.remote_home import RemoteHome
from remote.running import Completed
from remote.sftp_wire import encode

SETTLE_SECONDS = 2.0
"""So long the LOCK is waited for once the process has gone: who started it removes it."""

_LOOK_SECONDS = 0.4
_LEAST_KILLS = 4
"""So often what does not end is killed and looked at, however late a busy host answers."""
_TICK_SECONDS = 0.05
_SEND = (
    'xargs -0 sh -c \'p=$1; d=$(cd -- "$2" && pwd -P) || exit 4;'
    ' c=$(readlink "/proc/$p/cwd") || exit 5;'
    ' case "$c/" in "$d"/*) ;; *) tr "\\\\000" "\\\\n" < "/proc/$p/environ" 2>/dev/null'
    ' | grep -qxF "RUN_ID=$3" || exit 6 ;; esac; kill "-$4" "$p"\' sh'
)
_SEND_OTHERS = (
    'xargs -0 sh -c \'grep -lF "RUN_ID=$1" /proc/[0-9]*/environ 2>/dev/null'
    ' | while read -r e; do tr "\\\\000" "\\\\n" < "$e" 2>/dev/null | grep -qxF "RUN_ID=$1"'
    ' && p=${e#/proc/} && kill "-$2" "${p%/environ}" 2>/dev/null && echo .; done; exit 0\' sh'
)
"""Tells whether there was any; signal 0 does nothing else."""
_WHY_NOT = {
    4: "its directory is not there",
    5: "its process has ended, or cannot be looked at",
    6: "the process in its LOCK is not evidently its own",
}

Signal = Literal["TERM", "KILL", "0"]


def stop_there(home: RemoteHome, run_id: str, check: Check, signal: Signal = "TERM") -> None:
    """Ask the process of a run of a server to end; does not wait for it.

    Args:
        home: The server's home.
        run_id: The run.
        check: Called while waiting; raises to stop.
        signal: What the process is sent; KILL does not ask.

    Raises:
        StopRefused: It is not running, or no process is evidently its own.
    """
    path = f"{home.run_dir(run_id)}/{LOCK}"
    lock = (home.files.read([path], check)[path] or b"").strip()[:10]
    if not lock.isdigit():
        raise StopRefused(f"Run {run_id[:8]} is not running on {home.name}.")
    if not {"kill", "xargs"} <= home.capabilities.programs:
        raise StopRefused(
            f"Run {run_id[:8]} cannot be stopped: {home.name} runs no commands for us.",
            hint="Log in there, and end it.",
        )
    words = (lock, encode(home.run_dir(run_id)), encode(run_id), signal.encode())
    code = _said(home, _SEND, words, check).code
    if code:
        # xargs says 123 for whatever its command said.
        why = _WHY_NOT.get(code, "its process has ended, or is not evidently its own")
        raise StopRefused(f"Run {run_id[:8]} on {home.name} was not stopped: {why}.")


def end_there(
    home: RemoteHome, ids: Sequence[str], check: Check, *, grace: float = GRACE_SECONDS
) -> list[Refusal]:
    """Stop runs of a server, and wait until they have ended.

    Args:
        home: The server's home.
        ids: The runs.
        check: Called many times a second while waiting; raises to stop waiting. The processes have
            been asked to end by then.
        grace: Seconds until what has not ended is killed; 0 kills at once.

    Returns:
        Those that were not stopped, and why: they do not run, or do not end.

    Raises:
        RemoteUnreachable: The connection was lost; who was asked to end by then does.
    """
    refused = ask_to_end(home, ids, check, "TERM" if grace else "KILL")
    others = {refusal.run_id for refusal in refused}
    asked = [run_id for run_id in ids if run_id not in others]
    left = _waited_for(home, asked, check, grace) if asked else []
    name = home.name
    why = "did not end, not even when it was killed"
    return [*refused, *(Refusal(i, f"Run {i[:8]} on {name} {why}.") for i in left)]


def ask_to_end(
    home: RemoteHome, ids: Sequence[str], check: Check, signal: Signal = "TERM"
) -> list[Refusal]:
    """Ask the processes of runs to end, one after another; those that were not asked, and why."""
    refused: list[Refusal] = []
    for run_id in ids:
        try:
            stop_there(home, run_id, check, signal)
        except StopRefused as e:
            refused.append(Refusal(run_id, e.told))
    return refused


def _waited_for(home: RemoteHome, ids: Sequence[str], check: Check, grace: float) -> list[str]:
    """Wait for runs that were asked to end; those that do not, killed or not."""
    begun, kills = time.monotonic(), 0
    left, told = list(ids), set[str]()
    while left:
        passed = time.monotonic() - begun
        if passed >= grace + CHILD_SECONDS and kills >= _LEAST_KILLS:
            break
        kills += passed >= grace
        first = _running(home, left, check)
        if passed >= grace:
            _kill(home, first, check)
        others = []
        for run_id in left if passed >= grace else [i for i in left if i not in first]:
            signal: Signal = "KILL" if passed >= grace else "0" if run_id in told else "TERM"
            told.add(run_id)
            if _send_others(home, run_id, signal, check):
                others.append(run_id)
        left = [run_id for run_id in left if run_id in first or run_id in others]
        if left:
            _pause(_LOOK_SECONDS, check)
    _settle(home, [run_id for run_id in ids if run_id not in left], check)
    return left


def _kill(home: RemoteHome, ids: Sequence[str], check: Check) -> None:
    for run_id in ids:
        with suppress(StopRefused):  # it has ended; the next look tells
            stop_there(home, run_id, check, "KILL")


def _send_others(home: RemoteHome, run_id: str, signal: Signal, check: Check) -> bool:
    """Send a signal to what a run has started, which has its id in its environment; if any."""
    can = home.capabilities
    if "proc" not in can.abilities or not {"grep", "kill", "xargs"} <= can.programs:
        return False
    return bool(_said(home, _SEND_OTHERS, (encode(run_id), signal.encode()), check).output)


def _settle(home: RemoteHome, ids: Sequence[str], check: Check) -> None:
    """Wait until it is written down how runs ended, or nobody seems to do that."""
    until = time.monotonic() + SETTLE_SECONDS
    while ids and time.monotonic() < until:
        ids = _locked(home, ids, check)
        if ids:
            _pause(_LOOK_SECONDS, check)


def _running(home: RemoteHome, ids: Sequence[str], check: Check) -> list[str]:
    """Those of some runs that may be running."""
    locked = _locked(home, ids, check)
    alive = alive_there(home, locked, check) if locked else set()
    return [run_id for run_id in locked if run_id in alive]


def _locked(home: RemoteHome, ids: Sequence[str], check: Check) -> list[str]:
    paths = {run_id: f"{home.run_dir(run_id)}/{LOCK}" for run_id in ids}
    looks = look_at_all(home, paths.values(), check)
    return [run_id for run_id, path in paths.items() if looks[path].entry is not None]


def _said(home: RemoteHome, command: str, words: Sequence[bytes], check: Check) -> Completed:
    given = b"".join(word + b"\0" for word in words)
    return home.connection.run(command, given=given, check=check)


def _pause(seconds: float, check: Check) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        check()
        time.sleep(_TICK_SECONDS)
