"""How the columns of the run table look: title, kind, alignment, and the text of a value.

A column is named by the key that the in-memory columns know ("label", "flag:lr",
"scalar:min:loss", "attr:host") or by `spark:KEY`: the curve of a scalar beside its last value.

Why the kind of a flag's column comes from a sample of its values: one flag may be a number in one
run and a text in the next, and the column has to stand on one side. Whole columns are only asked
for on a worker's thread (the first call may decode 100,000 runs or read files); the window's own
thread contents itself with a glance at single cells, which never waits.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Literal

from msgspec import Struct
from msgspec.structs import replace

from core.index.columns import RunColumns
from core.text import flag_text, float_text, format_bytes, format_duration, plural
from gui.time_text import iso_time

Kind = Literal[
    "status",
    "text",
    "muted",
    "mono",
    "tags",
    "number",
    "time",
    "duration",
    "spark",
    "mark",
    "where",
]
Group = Literal["fields", "flags", "scalars", "sparklines", "attributes"]

AGGREGATES: dict[str, str] = {
    "last": "{}",
    "last_step": "{} step",
    "min": "min {}",
    "min_step": "min {} step",
    "max": "max {}",
    "max_step": "max {} step",
    "first": "first {}",
    "first_step": "first {} step",
    "avg": "avg {}",
    "total": "sum {}",
    "count": "{} count",
}

FIELDS: dict[str, tuple[str, Kind]] = {
    "status": ("Status", "status"),
    "operation": ("Operation", "text"),
    "label": ("Label", "text"),
    "tags": ("Tags", "tags"),
    "started": ("Started", "time"),
    "duration": ("Duration", "duration"),
    "short_id": ("Id", "mono"),
    "id": ("Full id", "mono"),
    "marked": ("Marked", "mark"),
    "comments": ("Comments", "number"),
    "size": ("Size", "number"),
    "where": ("Where", "where"),
    "exit_status": ("Exit status", "number"),
    "stopped": ("Stopped", "time"),
    "initialized": ("Created", "time"),
    "batch": ("Batch", "mono"),
    "links": ("Trials and steps", "number"),
    "project": ("From", "text"),
    "host": ("Host", "text"),
    "user": ("User", "text"),
    "remote": ("Remote", "text"),
    "pid": ("Process id", "number"),
    "vcs_commit": ("Commit", "mono"),
    "sourcecode_digest": ("Source digest", "mono"),
    "opref": ("Opref", "muted"),
    "problem": ("Problem", "text"),
}

BASE_KEYS = ("status", "operation", "label", "tags", "started", "duration")

_ONE_OF: dict[Group, str] = {
    "fields": "field",
    "flags": "flag",
    "scalars": "scalar",
    "sparklines": "curve",
    "attributes": "attribute",
}
_SAMPLE = 200
_NUMBERS = frozenset((int, float))
_RIGHT: frozenset[Kind] = frozenset(("number", "duration"))


class Column(Struct, frozen=True):
    """How one column shows the runs.

    Attributes:
        key: Stable name, kept in settings.
        title: Header text.
        kind: How a cell is drawn.
        group: Where the chooser lists it.
        value_key: The key under which the in-memory columns have its values.
        text: Short text of a value that is not missing.
        full_text: All of the value, for copies and tooltips: every digit, exact times.
        is_whole: The numbers of a scalar's column are all whole.
    """

    key: str
    title: str
    kind: Kind
    group: Group
    value_key: str
    text: Callable[[Any], str]
    full_text: Callable[[Any], str]
    is_whole: bool = False

    @property
    def look(self) -> tuple[str, Kind, bool]:
        """What is compared to know whether two descriptions of a column look alike."""
        return self.key, self.kind, self.is_whole

    @property
    def is_right(self) -> bool:
        """Whether values stand at the right, digits below digits."""
        return self.kind in _RIGHT


def describe(key: str, sample: Sequence[Any] = ()) -> Column:
    """The column of a key; one that no run has any more is a column of nothing.

    Args:
        key: A key as in the module's first lines.
        sample: Some of its values that are not missing.
    """
    family, _, name = key.partition(":")
    if not name:
        return _field(key)
    if family in ("spark", "scalar"):
        return _scalar_column(key, family, name, is_whole=_are_whole(sample))
    kind: Kind = "number" if _are_numbers(sample) else "text"
    group: Group = "flags" if family == "flag" else "attributes"
    title = _one_line(name)
    return Column(key, title, kind, group, key, _one_line_flag, flag_text)


def full_title(column: Column) -> str:
    """A title with what it is one of: "loss (curve)", "Started (field)"."""
    return f"{describe(column.key).title} ({_ONE_OF[column.group]})"


def told_apart(layout: Sequence[Column]) -> tuple[Column, ...]:
    """The same columns, where several have one title with what each is.

    Fields and scalars keep theirs, as the shortest; nothing else is like them then.
    """
    counts = Counter(column.title for column in layout)
    return tuple(
        replace(column, title=full_title(column))
        if counts[column.title] > 1 and column.group not in ("fields", "scalars")
        else column
        for column in layout
    )


def value_key(key: str) -> str:
    """The key under which the in-memory columns have the values of a column."""
    return f"scalar:last:{key[6:]}" if key.startswith("spark:") else key


def glance(key: str, columns: RunColumns, slots: Iterable[int]) -> Column:
    """The column of a key by what is known of some runs already; never waits."""
    cells = (columns.value(value_key(key), slot) for slot in slots)
    return describe(key, [value for value in cells if value is not None])


def study(key: str, columns: RunColumns) -> Column:
    """The column of a key by a sample of all runs; may read files: for a worker's thread."""
    is_field = ":" not in key
    return describe(key, () if is_field else sample(columns, value_key(key)))


def default_keys(columns: RunColumns, *, flags: int = 4, scalars: int = 2) -> list[str]:
    """The columns shown until the user chooses: the fields, flags that vary, common scalars.

    Looks at a sample of runs only, yet asks for whole columns: for a worker's thread.
    """
    keys = list(BASE_KEYS)
    common = sorted(columns.flag_names().items(), key=lambda item: (-item[1], item[0]))
    varying = [f"flag:{name}" for name, _ in common[:40] if _varies(columns, f"flag:{name}")]
    names = _of_each_kind(common_scalars(columns.scalar_keys()))[:scalars]
    return [
        *keys,
        *varying[:flags],
        *(f"spark:{name}" for name in names[:1]),
        *(f"scalar:last:{name}" for name in names[1:]),
        *(["where"] if columns.wheres.is_known else []),
    ]


def common_scalars(counts: dict[str, int]) -> list[str]:
    """Those that at least a third as many runs have as the most common one, best first."""
    least = max(counts.values(), default=0) / 3
    return sorted((name for name, count in counts.items() if count >= least), key=_interest)


def scalar_text(value: float, *, whole: bool = False) -> str:
    """A scalar with the digits worth reading; "nan", "inf" and "-inf" are values too.

    Args:
        value: Any float.
        whole: Its column holds whole numbers only, so it needs no decimals.
    """
    size = abs(value)
    if not math.isfinite(value):
        return float_text(value)
    if whole and size < 1e15 and value == int(value):
        return str(int(value))
    if size >= 1e6 or 0 < size < 1e-3:
        return _exponent_text(value)
    if size < 10:
        return f"{value:.4f}"
    return f"{value:.2f}" if size < 1000 else f"{value:.1f}"


def _field(key: str) -> Column:
    title, kind = FIELDS.get(key, (key, "text"))
    text, full_text = _FIELD_TEXTS.get(key, (None, None))
    if kind == "time":
        full_text = iso_time
    elif kind == "duration":
        text, full_text = format_duration, _plain
    return Column(key, title, kind, "fields", key, text or _one_line, full_text or text or _plain)


def sample(columns: RunColumns, key: str) -> list[Any]:
    """Up to _SAMPLE values that are there, spread over all runs; for a worker's thread."""
    values = columns.values(key)
    for most in (_SAMPLE, 4 * _SAMPLE):  # of a value that few runs have, more runs are looked at
        stride = max(1, len(values) // most)
        found = [value for value in values[::stride] if value is not None]
        if 2 * len(found) > _SAMPLE or stride == 1:
            return found[:_SAMPLE]
    return (found or [value for value in values if value is not None])[:_SAMPLE]


def _varies(columns: RunColumns, key: str) -> bool:
    values = sample(columns, key)
    return any(value != values[0] for value in values)


def _interest(name: str) -> tuple[int, bool, int, str]:
    """Losses first, then accuracies and the like, then the rest; short names first."""
    words = ("loss", "acc", "err", "f1", "auc", "score", "reward")
    lower = name.lower()
    rank = next((number for number, word in enumerate(words) if word in lower), len(words))
    return rank, "#" in name, len(name), lower


def _of_each_kind(names: Sequence[str]) -> list[str]:
    """A loss and an accuracy say more than two losses: the first of each kind comes first."""
    firsts: dict[int, str] = {}
    for name in names:
        firsts.setdefault(_interest(name)[0], name)
    return list(dict.fromkeys([*firsts.values(), *names]))


def _are_numbers(values: Sequence[Any]) -> bool:
    if values and _NUMBERS.issuperset(map(type, values)):
        return True  # nearly always, and quickly
    numbers = [isinstance(v, int | float) and not isinstance(v, bool) for v in values]
    return bool(numbers) and sum(numbers) * 2 > len(numbers)


def _are_whole(values: Sequence[Any]) -> bool:
    return bool(values) and all(float(value).is_integer() for value in values)


def _scalar_column(key: str, family: str, name: str, *, is_whole: bool) -> Column:
    is_whole = is_whole or name.partition(":")[0].endswith(("_step", "count"))

    def text(value: Any) -> str:
        return scalar_text(value, whole=is_whole)

    if family == "spark":
        return Column(
            key,
            _one_line(name),
            "spark",
            "sparklines",
            value_key(key),
            text,
            _plain,
            is_whole=is_whole,
        )
    aggregate, _, scalar = name.partition(":")
    title = AGGREGATES.get(aggregate, "{}").replace("{}", _one_line(scalar))
    return Column(key, title, "number", "scalars", key, text, _plain, is_whole=is_whole)


def _exponent_text(value: float) -> str:
    digits, _, exponent = f"{value:.2e}".partition("e")
    return f"{digits}e{int(exponent)}"


def _plain(value: Any) -> str:
    return float_text(value) if isinstance(value, float) else str(value)


_LONGEST = 5_000  # letters that are looked at, of which many may be blanks
_TURNING = dict.fromkeys(range(0x202A, 0x202F))
"""What turns the direction of what follows: a label could say another thing than it holds."""


def _one_line(value: Any) -> str:
    text = str(value)
    if text.isprintable():
        return text
    return " ".join(text[:_LONGEST].translate(_TURNING).split())[:1000]


def _one_line_flag(value: Any) -> str:
    return _one_line(flag_text(value))


def _joined(value: Any) -> str:
    return ", ".join(value)


def _count(value: Any) -> str:
    return str(len(value)) if value else ""


def _yes(value: Any) -> str:
    return "yes" if value else ""


def _exact_size(value: Any) -> str:
    return f"{plural(value, 'byte')} in its files"


def _short(value: Any) -> str:
    return str(value)[:8]


_FIELD_TEXTS: dict[str, tuple[Callable[[Any], str], Callable[[Any], str]]] = {
    "tags": (_joined, _joined),
    "comments": (_count, lambda value: "\n".join(comment.body for comment in value)),
    "links": (_count, _count),
    "size": (format_bytes, _exact_size),
    "marked": (_yes, _yes),
    "is_batch": (_yes, _yes),
    "deleted": (_yes, _yes),
    "batch": (_short, _plain),
}
