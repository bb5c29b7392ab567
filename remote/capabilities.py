"""What a server can, asked once a connection; what it can decides the way, never its name.

The shell is asked by one command whose answer stands between two marks, since a noisy ~/.bashrc
may print before it. Servers that run SFTP whatever they are told get no input and end at once.

Half of the questions are asked beside the other half, as nearly all hosts have two processors. The
lines of their answers are short enough to come whole.

Nothing is believed to end by itself: of each program's output some thousand bytes are taken, where
the host has `timeout` it has three seconds, and a host that has not answered all of it after half
a minute is one without a shell. What `timeout` leaves running beside a program (BusyBox: for a
second) may hold none of our pipes, as the answer would end with it only.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager

from msgspec import Struct, field

from core.check import Check, go_on
from remote.connection import Connection
from remote.errors import RemoteRefused, UnsafeAnswer

_MARK = "rundesk-probe"
_SECONDS = 30.0
PROBE = (
    f"printf '\\n{_MARK}-begin\\n'; "
    "for p in tar find xargs grep sha256sum openssl cp head cat stat rm kill guild; do "
    'command -v "$p" >/dev/null 2>&1 && printf "has %s\\n" "$p"; done; '
    "t=; timeout 3 true >/dev/null 2>&1 && t='timeout 3'; "
    "some() { head -c 32768 2>/dev/null; }; "
    "{ "
    "[ \"$($t find /dev/null -maxdepth 0 -printf 'yes %l' 2>/dev/null | some)\" = 'yes ' ]"
    " && echo can printf; "
    "[ \"$(printf 'a\\0b\\0' | $t xargs -0 echo 2>/dev/null | some)\" = 'a b' ]"
    " && echo can xargs0; "
    "{ printf '/dev/null\\0' | { $t tar -cf - --null --no-recursion -T - 2>/dev/null 3>&-"
    " && echo can tarlist >&3; } | some >/dev/null; } 3>&1; "
    'case "$($t tar --version 2>&1 | some)" in *busybox*) echo can busybox ;; esac; '
    "} & "
    "[ \"$(echo x | $t grep -aHZ '' 2>/dev/null | some | wc -c)\" -gt 3 ] 2>/dev/null"
    " && echo can grepz; "
    "[ \"$($t perl -C0 -MFcntl -MErrno -e 'print 7 * 6' 2>/dev/null | some)\" = 42 ]"
    " && echo can perl; "
    "[ -d /proc/self ] && echo can proc; "
    "u=$($t uname -sn 2>/dev/null | some); "
    'printf "host %s\\nkind %s\\n" "${u#* }" "${u%% *}"; '
    "wait; "
    f"printf '{_MARK}-end\\n'"
)
_ANSWER = re.compile(rf"^{_MARK}-begin\n(.*?)^{_MARK}-end$", re.DOTALL | re.MULTILINE)


class Capabilities(Struct, frozen=True):
    """What a server can.

    Attributes:
        has_shell: It runs commands.
        programs: Names of programs that it has, of those that are of use.
        abilities: "printf" (find tells all of a file), "xargs0", "tarlist" (tar reads names that
            end with NUL), "grepz", "perl", "proc", "busybox".
        host: What it calls itself; empty when it does not say.
        system: "Linux", "Darwin" …; empty when it does not say.
        extensions: Names of its SFTP's extensions, with their versions.
    """

    has_shell: bool = False
    programs: frozenset[str] = frozenset()
    abilities: frozenset[str] = frozenset()
    host: str = ""
    system: str = ""
    extensions: Mapping[bytes, bytes] = field(default_factory=dict)

    @property
    def can_find(self) -> bool:
        """Whether one command tells everything of trees."""
        return {"find", "xargs"} <= self.programs and {"printf", "xargs0"} <= self.abilities

    @property
    def can_tar(self) -> bool:
        """Whether many files leave as one stream."""
        return "tar" in self.programs and "tarlist" in self.abilities

    @property
    def can_untar(self) -> bool:
        """Whether many files arrive as one stream."""
        return "tar" in self.programs

    @property
    def can_hash(self) -> bool:
        """Whether checksums are computed there."""
        return {"sha256sum", "xargs"} <= self.programs and "xargs0" in self.abilities

    def words(self) -> str:
        """What people are told of it."""
        if not self.has_shell:
            return "SFTP only"
        parts = ["shell"]
        if "busybox" in self.abilities:
            parts.append("BusyBox")
        parts += ["tar"] if self.can_tar else ["no tar"] if not self.can_untar else []
        parts += [] if self.can_hash else ["no checksums"]
        parts += ["Guild"] if "guild" in self.programs else []
        return ", ".join(parts)


@contextmanager
def probing(connection: Connection, check: Check = go_on) -> Iterator[Callable[[], Capabilities]]:
    """Ask what the shell of a server offers; none, or one that does not end, is an answer too.

    It is asked when the block begins; the call waits for the answer.

    Raises:
        RemoteUnreachable: The connection ended.
    """
    deadline = time.monotonic() + _SECONDS

    def check_time() -> None:
        check()
        if time.monotonic() > deadline:
            raise UnsafeAnswer("It does not come to an end.")

    with ExitStack() as opened:
        try:
            running = opened.enter_context(connection.running(PROBE, check=check_time))
        except RemoteRefused:
            yield Capabilities
            return

        def answer() -> Capabilities:
            try:
                return parse_probe(running.result(most=1 << 20, check=check_time).output)
            except (RemoteRefused, UnsafeAnswer):
                return Capabilities()

        yield answer


def probe_shell(connection: Connection, check: Check = go_on) -> Capabilities:
    """The same, and wait for the answer."""
    with probing(connection, check) as answer:
        return answer()


def parse_probe(output: bytes) -> Capabilities:
    """Understand what the probe printed."""
    found = _ANSWER.search(output.decode("utf-8", "replace"))
    if found is None:
        return Capabilities()
    said: dict[str, set[str]] = {}
    for line in found[1].splitlines():
        key, _, value = line.partition(" ")
        said.setdefault(key, set()).add(value.strip())
    return Capabilities(
        has_shell=True,
        programs=frozenset(said.get("has", ())),
        abilities=frozenset(said.get("can", ())),
        host=next(iter(said.get("host", ())), ""),
        system=next(iter(said.get("kind", ())), ""),
    )
