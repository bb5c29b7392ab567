"""The facts of the overview as text: what each row says about a run.

Everything that comes from a run is escaped here, once, by the functions that make HTML.
"""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Iterable, Sequence
from html import escape
from pathlib import Path

from core.runs.details import Dependency, Details, Related
from core.runs.processes import ProcessFacts
from core.runs.run import STATUSES, Run, RunStatus
from core.runs.tail import TailLine
from core.text import flag_text, format_bytes, format_duration, natural_key, plural
from gui.theme import Theme
from gui.time_text import exact_time, is_date, iso_time, relative_time
from gui.views.details.fact_text import coloured, icon, icon_link, link

DOT = " · "
MAX_TITLE = 300
MAX_FLAGS = 6
MAX_FLAG_VALUE = 60
LONG_VALUE = 20  # letters: digests and paths say less than numbers
MAX_COMMAND = 6000

MAX_RELATED = 80

COPY = "copy:"
TAB = "tab:"
RUN = "run:"


class OverviewText:
    """Writes the facts of one run in the colours of the theme.

    Args:
        details: The run.
        theme: Colours and icons.
        now: The present, in microseconds since 1970-01-01 UTC.
        deleted: Whether the run lies in the trash.
        process: What its process uses; None when it has none or that is not known.
        label: What is shown of its label; None for all of it.

    Attributes:
        label: The same.
    """

    def __init__(
        self,
        details: Details,
        theme: Theme,
        now: int,
        *,
        deleted: bool = False,
        process: ProcessFacts | None = None,
        label: str | None = None,
    ) -> None:
        self._details = details
        self._run: Run = details.run
        self._theme = theme
        self._now = now
        self._deleted = deleted
        self._process = process
        self.label = details.run.label if label is None else label

    def title(self) -> str:
        """The label; without one, the operation, said to have none."""
        run = self._run
        if self.label:
            return escape(_cut(self.label, MAX_TITLE))
        return f"{escape(run.operation or run.short_id)} {self._muted('· no label')}"

    def subtitle(self) -> str:
        """Short id, operation and project."""
        run = self._run
        project = _cut(_below_home(run.project), 160)
        parts = [run.short_id, _cut(run.operation, 200), project]
        return self._muted(DOT.join(part for part in parts if part))

    def status(self) -> str:
        """Icon, word and duration; where it runs, how it ended, what its process uses."""
        run = self._run
        said = f"{run.status} {self._duration()}".strip()
        facts = list(self._of_process()) if run.status == "running" else list(self._of_end())
        colour = self._theme.colour(run.status).name()
        line = f'<span style="color:{colour}">{escape(DOT.join([said, *facts]))}</span>'
        if self._deleted:
            line += self._muted(f"{DOT}in the trash")
        return f"{self._sign(run.status)} {line}"

    def started(self) -> str:
        """When it began: relative and exact."""
        return self._time(self._run.started)

    def stopped(self) -> str:
        """When it ended; empty while it runs."""
        return self._time(self._run.stopped) if self._run.status != "running" else ""

    def flags(self) -> str:
        """The flags that say most: those the user gave first, then the others, long ones last."""
        given = self._details.user_flags or frozenset()

        def place(flag: tuple[str, object]) -> tuple[bool, bool, object]:
            name, value = flag
            is_long = name not in given and len(flag_text(value)) > LONG_VALUE
            return name not in given, is_long, natural_key(name)

        flags = sorted(self._run.flags.items(), key=place)
        shown = [
            f"{self._muted(_cut(name, 60))}&nbsp;{escape(_cut(flag_text(value), MAX_FLAG_VALUE))}"
            for name, value in flags[:MAX_FLAGS]
        ]
        rest = len(flags) - len(shown)
        more = " " + link(f"+{rest} more", f"{TAB}flags", self._theme) if rest > 0 else ""
        return self._muted(DOT).join(shown) + more

    def origin(self) -> str:
        """Who made it, and on which machine."""
        run = self._run
        host = f"{self._muted('on')} {escape(run.host)}" if run.host else ""
        return " ".join(part for part in (escape(run.user), host) if part)

    def source(self) -> str:
        """Digest and number of files of the source code."""
        digest, files = self._run.sourcecode_digest, self._details.source_files
        if not digest and not files:
            return ""
        count = plural(files, "file") if files else ""
        parts = (self._copied(digest, digest[:12]), escape(count))
        return DOT.join(part for part in parts if part)

    def commit(self) -> str:
        """The commit, and what its asterisk means."""
        system, colon, commit = self._run.vcs_commit.partition(":")
        if not colon:
            system, commit = "", system
        if not commit:
            return ""
        shown = f"{system}{colon}{commit.removesuffix('*')[:12]}"
        changed = f"{DOT}with local changes" if commit.endswith("*") else ""
        return self._copied(self._run.vcs_commit, shown) + self._muted(changed)

    def parent(self) -> str:
        """The batch or pipeline this run belongs to."""
        owner = self._details.parent
        return "" if owner is None else self._related(owner, name="")

    def comments(self) -> str:
        """How many comments there are, and the newest in one line."""
        comments = self._run.comments
        if not comments:
            return ""
        newest = " ".join(comments[-1].body.split())
        count = link(plural(len(comments), "comment"), f"{TAB}comments", self._theme)
        return f"{count} {self._muted(_cut(newest, 120))}"

    def related(self) -> str:
        """The trials or steps, one a line."""
        is_batch = self._run.is_batch
        varying = _varying_flags(self._details.related) if is_batch else []
        lines = [
            self._related(each, "" if is_batch else each.name, varying) for each in self._ordered()
        ]
        left_out = self._details.related_count - len(lines)
        if left_out > 0:
            lines.append(self._muted(f"and {left_out:,} more"))
        return "".join(f'<p style="margin:0 0 3px 0">{line}</p>' for line in lines)

    def related_title(self) -> str:
        """What the related runs are, how many, and how they go."""
        count = self._details.related_count
        parts = [plural(count, "trial" if self._run.is_batch else "step")]
        if count == len(self._details.related):
            found = Counter(each.run.status for each in self._details.related if each.run)
            parts += [f"{found[status]} {status}" for status in STATUSES if found[status]]
        return DOT.join(parts)

    def dependencies(self) -> str:
        """Each resource and where it came from."""
        return "<br>".join(self._dependency(each) for each in self._details.dependencies)

    def command(self) -> str:
        """The whole command, quoted for a shell."""
        return escape(_cut(shlex.join(self._run.cmd), MAX_COMMAND), quote=False)

    def path(self, path: Path) -> str:
        """The run's directory."""
        return escape(str(path), quote=False)

    def output(self) -> str:
        """The last lines of output, those of stderr in the colour of an error."""
        return "<br>".join(self._output_line(line) for line in self._details.tail)

    def _muted(self, text: str) -> str:
        return coloured(text, "muted", self._theme)

    def _sign(self, status: RunStatus) -> str:
        return icon(f"status-{status}", status, self._theme)

    def _duration(self) -> str:
        if self._run.status in ("pending", "staged"):
            return ""
        seconds = self._run.duration(self._now)
        return "" if seconds is None or not self._has_end() else format_duration(seconds)

    def _has_end(self) -> bool:
        """A run that ended without saying when has no duration."""
        return self._run.stopped is not None or self._run.status == "running"

    def _of_process(self) -> Iterable[str]:
        run, process = self._run, self._process
        if run.remote:
            yield f"on {run.remote}"
            if self._details.last_seen is not None:
                yield f"last seen {relative_time(self._details.last_seen, self._now)}"
        if run.pid is not None:
            yield f"pid {run.pid}"
        if process is not None and process.pid == run.pid:
            if process.cores is not None:
                yield f"{process.cores:.1f} cores"
            yield format_bytes(process.memory)

    def _of_end(self) -> Iterable[str]:
        status = self._run.exit_status
        if status is not None and status != 0:
            yield f"exit status {status}"
        elif status is None and self._run.status == "error":
            yield "no exit status"

    def _time(self, time: int | None) -> str:
        if time is None:
            return ""
        relative = relative_time(time, self._now)
        if is_date(relative):
            return escape(exact_time(time))
        clock = iso_time(time)[:19].replace("T", " ")
        return f"{escape(relative)}{self._muted(f'{DOT}{clock}')}"

    def _copied(self, whole: str, shown: str) -> str:
        """A short form of an identifier with a button that copies all of it."""
        if not whole:
            return ""
        return f"{_code(shown)} {icon_link('copy', f'{COPY}{whole}', self._theme)}"

    def _ordered(self) -> list[Related]:
        """As they began; where that is not known, as they are called."""
        by_name = sorted(self._details.related, key=lambda each: natural_key(each.name))
        return sorted(by_name, key=_begin)

    def _related(self, each: Related, name: str, varying: Sequence[str] = ()) -> str:
        run = each.run
        said = f"{escape(_cut(name, 80))} " if name else ""
        if run is None:
            return f"{said}{_code(each.id[:8])} {self._muted('is not here any more')}"
        values = [
            f"{_cut(n, 40)} {_cut(flag_text(run.flags[n]), 40)}" for n in varying if n in run.flags
        ]
        text = DOT.join(values) or _cut(run.label or run.operation or run.short_id, MAX_RELATED)
        operation = run.operation if run.label and not values and run.operation != name else ""
        target = link(text, f"{RUN}{each.id}", self._theme)
        status = coloured(run.status, run.status, self._theme)
        notes = [operation, "in the trash" if each.is_elsewhere and not self._deleted else ""]
        tail = self._muted("".join(f" {note}" for note in notes if note))
        return f"{self._sign(run.status)} {status} {said}{target}{tail}"

    def _dependency(self, each: Dependency) -> str:
        parts = [escape(_cut(each.resource, 200))]
        if each.run_id:
            parts.append(f"from run {link(each.run_id[:8], f'{RUN}{each.run_id}', self._theme)}")
        elif each.uri and each.uri != each.resource:
            parts.append(self._muted(_cut(each.uri, 400)))
        if each.paths:
            paths = ", ".join(each.paths[:20]) + (", …" if len(each.paths) > 20 else "")
            parts.append(self._muted(_cut(f"→ {paths}", 600)))
        return " ".join(parts)

    def _output_line(self, line: TailLine) -> str:
        if line.is_error:
            return coloured(line.text, "error", self._theme)
        return escape(line.text, quote=False)


def _varying_flags(related: Iterable[Related]) -> list[str]:
    """Names of the flags in which trials differ: what tells one from another."""
    values: dict[str, set[str]] = {}
    runs = [each.run for each in related if each.run is not None]
    for name in {name for run in runs for name in run.flags}:
        values[name] = {flag_text(run.flags.get(name)) for run in runs}
    varying = [name for name, texts in values.items() if len(texts) > 1]
    return sorted(varying, key=natural_key)[:MAX_FLAGS]


def _below_home(path: str) -> str:
    """The path with the user's home directory as "~"."""
    home = str(Path.home())
    return f"~{path[len(home) :]}" if path == home or path.startswith(f"{home}/") else path


def _begin(each: Related) -> tuple[bool, int, str]:
    started = each.run.started if each.run is not None else None
    return started is None, started or 0, each.id


def _code(text: str) -> str:
    return f"<code>{escape(text)}</code>" if text else ""


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[:most]}…"
