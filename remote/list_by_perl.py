"""Listing the runs of a server by one command there: ten thousand of them in a second.

Perl is on nearly every host, and reads files with four system calls each. What it prints is a line
of names, a line of the server's processes, and then for each name a line with what is known of its
files, followed by the contents as they are. So nothing has to be escaped, links are not followed,
pipes and devices are not waited for, and nothing but these files comes over the line.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from core.archives.entries import is_run_id
from core.check import Check
from core.index.reading import MOST_BYTES
from remote.byte_channel import ByteChannel
from remote.errors import UnsafeAnswer
from remote.files import MOST_ENTRIES
from remote.listed_run import (
    MOST_LISTED,
    NO_FILE,
    NO_RIGHT,
    PROTO,
    READ_MARKERS,
    TOO_LARGE,
    UNREADABLE,
    WANTED,
    Alive,
    ListedRun,
)
from remote.remote_home import RemoteHome
from remote.sftp_wire import decode

_READ = (*READ_MARKERS, PROTO, *(f"attrs/{name}" for name in WANTED))
"""What is read, below `.guild`; the opref first."""

_NAMES = tuple(f".guild/{name}" for name in _READ)
_SIGNS = {"P": ".guild/PENDING", "S": ".guild/STAGED", "p": ".guild/proto"}
_TIMED = (".guild/LOCK", ".guild/attrs/exit_status")
_WHY = {"L": TOO_LARGE, "N": NO_FILE, "D": NO_RIGHT, "E": UNREADABLE}
_NO_SIZE = frozenset((*_WHY, "-"))
_LONGEST_LINE = 1000
_LONGEST_NAMES = 16 << 20
_PERL = r"""
use Fcntl; use Errno qw(ENOENT ENOTDIR ELOOP EACCES);
binmode STDOUT;
my %why = (ENOENT, "-", ENOTDIR, "-", ELOOP, "N", EACCES, "D");
my ($flags, $most) = (O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_NOCTTY, MOST);
my ($line, $all, $data, $size);
sub take {
  if (!sysopen(F, $_[0], $flags)) { $line .= " " . ($why{$! + 0} || "E"); return; }
  $size = sysread(F, $data, 65536);
  if (!defined $size) { $line .= " N"; return; }
  if (!$size || $size == 65536) {
    if (!-f F) { $line .= " N"; return; }
    while ($size && length $data <= $most) {
      $size = sysread(F, $data, 262144, length $data);
      if (!defined $size) { $line .= " E"; return; }
    }
    if (length $data > $most) { $line .= " L"; return; }
  }
  $line .= " " . length $data;
  $all .= $data;
}
if (!chdir $ARGV[0] or !opendir D, ".") { print $! == ENOENT ? "\n-\n" : "!\n"; exit; }
my @runs = sort grep { !/^\./ && !/\n/ } readdir D;
print join("\0", @runs), "\n";
if (-e "/proc/self" && opendir P, "/proc") { print join(" ", grep /^[0-9]+$/, readdir P), "\n"; }
else { print "-\n"; }
for my $run (@runs) {
  my $guild = "$run/.guild";
  ($line, $all) = ("", "");
  take("$guild/opref");
  if ($line eq " -") { print "-\n"; next; }
  take("$guild/$_") for qw(NAMES);
  my $signs = (lstat "$guild/PENDING" ? "P" : "") . (lstat "$guild/STAGED" ? "S" : "")
    . (lstat "$guild/proto" ? "p" : "");
  my @times = (0, 0);
  if (my @lock = lstat "$guild/LOCK") {
    my @ended = lstat "$guild/attrs/exit_status";
    @times = ($lock[9], @ended ? $ended[9] : 0);
  }
  print "$signs, @times$line\n", $all;
}
"""
_SCRIPT = _PERL.replace("MOST)", f"{MOST_BYTES})").replace("NAMES", " ".join(_READ[1:]))
_COMMAND = f"exec perl -C0 -e {shlex.quote(_SCRIPT)} -- "


class PerlListing:
    """The runs of a server, as one command there prints them.

    Args:
        home: The server's home; the server has Perl.
        check: Called often; raises to stop.

    Attributes:
        ids: Names of what can be runs, sorted.
        alive: The server's processes.
        is_refused: Whether the directory of runs is there but cannot be listed.

    Raises:
        UnsafeAnswer: What comes is no listing.
        RemoteUnreachable: The connection was lost.
    """

    def __init__(self, home: RemoteHome, check: Check) -> None:
        self._name = home.name
        self._stream = home.connection.start(_COMMAND + shlex.quote(home.runs_dir))
        self._reading = _Reading(self._stream, home.name, check)
        try:
            self._stream.end_input()
            names = self._reading.line(_LONGEST_NAMES)
            self.is_refused = names == b"!"
            self._names = [] if self.is_refused else list(map(decode, names.split(b"\0")))
            shown = b"-" if self.is_refused else self._reading.line(_LONGEST_NAMES)
        except BaseException:
            self.close()
            raise
        if len(self._names) > MOST_ENTRIES:
            self.close()
            raise UnsafeAnswer(f"{self._name} lists runs without end.", remote=self._name)
        self.ids = sorted({name for name in self._names if is_run_id(name)})
        self.alive: Alive = None if shown == b"-" else frozenset(map(decode, shown.split()))

    def runs(self) -> Iterator[tuple[str, ListedRun | None]]:
        """Each id, and what was found, as it comes; None where it is no run."""
        left = set(self.ids)
        try:
            for name in self._names:
                listed = self._reading.run()
                if name in left:
                    left.remove(name)
                    yield name, listed
        finally:
            self.close()

    def close(self) -> None:
        """End the command."""
        self._stream.close()


class _Reading:
    """Reads what the command prints."""

    def __init__(self, stream: ByteChannel, name: str, check: Check) -> None:
        self._stream = stream
        self._name = name
        self._check = check
        self._buffer = b""
        self._at = 0
        self._left = MOST_LISTED

    def run(self) -> ListedRun | None:
        """The next run; None where a name is none."""
        line = self.line(_LONGEST_LINE).decode("ascii", "replace")
        if line == "-":
            return None
        signs, _, rest = line.partition(", ")
        fields = rest.split(" ")
        if len(fields) != len(_NAMES) + 2:
            raise self._not_understood()
        listed = ListedRun()
        listed.names.update(_SIGNS[sign] for sign in signs if sign in _SIGNS)
        for name, time in zip(_TIMED, fields, strict=False):
            if time != "0":
                listed.times[name] = float(self._number(time))
        sizes = fields[2:]
        whole = self._take(sum(self._number(said) for said in sizes if said not in _NO_SIZE))
        at = 0
        for name, said in zip(_NAMES, sizes, strict=True):
            if said == "-":
                continue
            if said in _WHY:
                listed.lose(name, _WHY[said])
            else:
                end = at + int(said)
                listed.names.add(name)
                listed.contents[name] = whole[at:end]
                at = end
        return listed

    def line(self, longest: int) -> bytes:
        """The next line.

        Raises:
            UnsafeAnswer: It does not come, or is longer.
        """
        searched = self._at
        while (end := self._buffer.find(b"\n", searched)) < 0:
            searched = len(self._buffer) - self._at
            if searched > longest:
                raise self._not_understood()
            self._more()
        line = self._buffer[self._at : end]
        self._at = end + 1
        return line

    def _take(self, size: int) -> bytes:
        while len(self._buffer) - self._at < size:
            self._more()
        end = self._at + size
        data = self._buffer[self._at : end]
        self._at = end
        return data

    def _more(self) -> None:
        self._check()  # where there is always more, no read has to wait
        data = self._stream.read(1 << 18, self._check)
        if not data:
            said = self._stream.errors().splitlines()[:1]
            more = f" ({said[0]})" if said else ""
            raise UnsafeAnswer(
                f"{self._name} does not list its runs to the end{more}.", remote=self._name
            )
        self._left -= len(data)
        if self._left < 0:
            raise UnsafeAnswer(f"{self._name} lists runs without end.", remote=self._name)
        self._buffer = self._buffer[self._at :] + data
        self._at = 0

    def _number(self, text: str) -> int:
        if text.isdigit() and len(text) < 12:  # of a line that is ASCII
            return int(text)
        raise self._not_understood()

    def _not_understood(self) -> UnsafeAnswer:
        return UnsafeAnswer(f"{self._name} lists its runs as nobody asked.", remote=self._name)
