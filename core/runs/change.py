"""Changing the attributes of runs, one or ten thousand, and taking it back.

A change never fails as a whole: a run that cannot be changed is refused, with the reason, and the
others go on. What was done is a list of edits with the bytes before and after, and taking it back
writes the bytes before where those after are still there. Whatever somebody else wrote meanwhile
stays.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Sequence

from msgspec import Struct

from core.errors import Cancelled, Error, RunDamaged, RunNotFound
from core.runs.attr_file import dump_yaml, locked, opened
from core.runs.attrs import load_yaml
from core.runs.change_comments import AddComment as AddComment
from core.runs.change_comments import ClearComments as ClearComments
from core.runs.change_comments import DeleteComment as DeleteComment
from core.runs.change_comments import EditComment as EditComment
from core.runs.change_comments import author as author
from core.runs.change_label import AppendLabel as AppendLabel
from core.runs.change_label import ClearLabel as ClearLabel
from core.runs.change_label import PrependLabel as PrependLabel
from core.runs.change_label import RemoveFromLabel as RemoveFromLabel
from core.runs.change_label import ResetLabel as ResetLabel
from core.runs.change_label import SetLabel as SetLabel
from core.runs.change_label import check_patterns as check_patterns
from core.runs.change_tags import ChangeTags as ChangeTags
from core.runs.change_tags import RenameTag as RenameTag
from core.runs.change_tags import SetMark as SetMark
from core.runs.guild_files import reason
from core.runs.refusal import Refusal as Refusal
from core.runs.refusal import RefusalKind
from core.runs.run_attrs import Change as Change
from core.runs.run_attrs import RunAttrs
from core.runs.store import Store
from core.text import flag_text

MOST_DURABLE = 20
"""Of so many runs each change is forced to the disk; of more that would take seconds."""

_KINDS: dict[int, RefusalKind] = {
    errno.ENOENT: "gone",
    errno.EACCES: "denied",
    errno.EPERM: "denied",
    errno.EROFS: "denied",
    errno.ENOSPC: "full",
    errno.EDQUOT: "full",
}
_SHOWN = 60

Advance = Callable[[int], None]


class FileEdit(Struct, frozen=True):
    """One attribute of one run that was written.

    Attributes:
        run_id: The run.
        attr: The attribute.
        before: What its file held; None where there was none.
        after: What it holds now; None where it was removed.
    """

    run_id: str
    attr: str
    before: bytes | None
    after: bytes | None


class Outcome(Struct, frozen=True):
    """What came of a change.

    Attributes:
        edits: What was written, in the order of writing.
        unchanged: Ids of runs that were as wanted already.
        refused: Runs that could not be changed, and why.
        cancelled: Stopped before the last run; the others were not touched.
    """

    edits: tuple[FileEdit, ...] = ()
    unchanged: tuple[str, ...] = ()
    refused: tuple[Refusal, ...] = ()
    cancelled: bool = False

    @property
    def changed(self) -> tuple[str, ...]:
        """Ids of the runs that were changed."""
        return tuple(dict.fromkeys(edit.run_id for edit in self.edits))


def apply(store: Store, ids: Sequence[str], change: Change, *, advance: Advance) -> Outcome:
    """Change runs, one after another.

    Args:
        store: Where they are.
        ids: Which; one that is named twice is changed once.
        change: What becomes of each.
        advance: Called with 1 after each run; raises Cancelled to stop.
    """
    once = list(dict.fromkeys(ids))
    is_durable = len(once) <= MOST_DURABLE

    def edit(run_id: str, done: list[FileEdit]) -> None:
        with locked(_run_dir(store, run_id)) as files:
            attrs = RunAttrs(run_id, files.read)
            wanted = {
                name: None if value is None else dump_yaml(value)
                for name, value in change.values(attrs).items()
            }
            before = {name: files.read(name) for name in wanted}
            changed = {name: data for name, data in wanted.items() if data != before[name]}
            for name in files.write(changed, is_durable=is_durable) if changed else ():
                done.append(FileEdit(run_id, name, before[name], changed[name]))

    try:
        return _each(once, edit, advance)
    finally:
        change.close()


def revert(store: Store, edits: Sequence[FileEdit], *, advance: Advance) -> Outcome:
    """Take edits back, the last first; the edits of the outcome make them again.

    A run in which an attribute holds something else than was written is refused whole.

    Args:
        store: Where the runs are.
        edits: What is to be taken back.
        advance: As for `apply`.
    """
    by_run: dict[str, list[FileEdit]] = {}
    for edit in reversed(edits):
        by_run.setdefault(edit.run_id, []).append(edit)
    is_durable = len(by_run) <= MOST_DURABLE

    def take_back(run_id: str, done: list[FileEdit]) -> None:
        with locked(_run_dir(store, run_id)) as files:
            found = {edit.attr: files.read(edit.attr) for edit in by_run[run_id]}
            wanted = dict(found)
            for edit in by_run[run_id]:
                if wanted[edit.attr] != edit.after:
                    raise Error(changed_meanwhile(edit.attr, found[edit.attr]))
                wanted[edit.attr] = edit.before
            for name in files.write(wanted, is_durable=is_durable):
                done.append(FileEdit(run_id, name, found[name], wanted[name]))

    return _each(list(by_run), take_back, advance)


def preview(store: Store, run_id: str, change: Change) -> tuple[str, str]:
    """The label of a run now, and what a change would make of it; nothing is written.

    Raises:
        Error: The change would refuse, in a whole sentence.
    """
    try:
        with opened(_run_dir(store, run_id)) as files:
            attrs = RunAttrs(run_id, files.read)
            values = change.values(attrs)
            before = _label_text(attrs.content("label"))
            after = values.get("label", before)
    except (Error, OSError) as e:
        raise Error(_refusal(run_id, e).reason) from e
    return before, "" if after is None else str(after)


def _each(
    ids: Sequence[str], edit: Callable[[str, list[FileEdit]], None], advance: Advance
) -> Outcome:
    edits: list[FileEdit] = []
    unchanged: list[str] = []
    refused: list[Refusal] = []
    is_cancelled = False
    for run_id in ids:
        count = len(edits)
        try:
            edit(run_id, edits)
        except (Error, OSError) as e:
            refused.append(_refusal(run_id, e))
            if isinstance(e, RunNotFound):
                del edits[count:]  # they went with the run
        else:
            if len(edits) == count:
                unchanged.append(run_id)
        try:
            advance(1)
        except Cancelled:
            is_cancelled = run_id != ids[-1]
            break
    return Outcome(tuple(edits), tuple(unchanged), tuple(refused), is_cancelled)


def _run_dir(store: Store, run_id: str) -> str:
    """The directory of a run, whose name must be one that leads nowhere else.

    Raises:
        RunNotFound: It is not.
    """
    if run_id.startswith(".") or {"/", "\0", os.sep} & set(run_id) or not run_id:
        raise RunNotFound("it is not there any more")
    return f"{store.runs_dir}/{run_id}"


def _refusal(run_id: str, error: Error | OSError) -> Refusal:
    """What an exception for one run means to the user."""
    kind: RefusalKind = "gone" if isinstance(error, RunNotFound) else "other"
    why = str(error)
    if isinstance(error, OSError):
        kind = _KINDS.get(error.errno or 0, "other")
        why = "it is not there any more" if kind == "gone" else reason(error)
    return Refusal(run_id, f"Run {run_id[:8]} cannot be changed: {why.removesuffix('.')}.", kind)


def changed_meanwhile(attr: str, found: bytes | None) -> str:
    """Why an edit cannot be taken back: what the attribute holds now."""
    what = "mark" if attr == "marked" else attr
    verb = "were" if what.endswith("s") else "was"
    if found is None:
        return f"its {what} {verb} removed meanwhile"
    if attr == "comments":
        return "its comments were changed meanwhile"
    text = _label_text(found)
    shown = text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"
    return f"its {what} {verb} changed meanwhile, to {shown!r}"


def _label_text(data: bytes | None) -> str:
    """An attribute as people read it; a damaged one as it stands in the file."""
    if data is None:
        return ""
    text = data.decode("utf-8", "replace")
    try:
        value = load_yaml(text)
    except RunDamaged:
        return text.strip()
    return value if isinstance(value, str) else "" if value is None else flag_text(value)
