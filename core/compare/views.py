"""The named views of a user: a file each, below `views` in the configuration directory.

A view's file is called like the view as far as file names allow, and found by the name within, so
that a file somebody sent only needs to be put there. Which view an operation opens with is no part
of a view, since that is the user's choice and not the sender's: it stands in a file of its own.

Two windows that save the same view at a time leave the later one; see `core.own_file` for crashes.
"""

from __future__ import annotations

import json
import os
import re
import unicodedata
from collections.abc import Iterable, Mapping
from pathlib import Path

from msgspec import Struct, field
from msgspec.structs import replace

from core.compare.view_file import (
    CompareView,
    LoadedView,
    read_json,
    read_view,
    tidied,
    view_text,
    why_not_json,
)
from core.errors import SettingsError
from core.own_file import replace_text

MAX_VIEWS = 1_000
SUFFIX = ".json"

_DEFAULTS = "defaults"  # never the name of a view's file, which has a suffix
_UNSAFE = re.compile(r"[^\w .()+=-]+")
_LONGEST_NAME = 60  # letters, of up to four bytes: file systems take 255
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)\Z", re.IGNORECASE)  # names on Windows


class KnownViews(Struct, frozen=True):
    """What is on disk.

    Attributes:
        names: Of all views, sorted.
        defaults: Operation to the name of the view it opens with.
        damaged: Names of the files that are no views, though they stand among them, each with a
            sentence that says why.
    """

    names: tuple[str, ...] = ()
    defaults: Mapping[str, str] = field(default_factory=dict)
    damaged: Mapping[str, str] = field(default_factory=dict)

    def default_of(self, operation: str) -> str:
        """The view that an operation opens with, as it is called now; empty for none."""
        wanted = self.defaults.get(operation, "").casefold()
        return next((name for name in self.names if name.casefold() == wanted), "")


class DeletedView(Struct, frozen=True):
    """A view that was deleted, and all that brings it back.

    Attributes:
        name: Its name.
        path: Where its file was.
        text: What was in it.
        operations: Those that opened with it.
    """

    name: str
    path: Path
    text: str
    operations: tuple[str, ...]


class Views:
    """The views of a user.

    Args:
        config_dir: The configuration directory; views are in `views` below it.
    """

    def __init__(self, config_dir: Path) -> None:
        self.directory = config_dir / "views"

    def known(self) -> KnownViews:
        """All views, what they are for, and what cannot be read."""
        damaged: dict[str, str] = {}
        names = _sorted(self._files(damaged).values())
        defaults, problem = self._read_defaults()
        if problem:
            damaged[_DEFAULTS] = problem
        return KnownViews(tuple(names), defaults, damaged)

    def names(self) -> list[str]:
        """Names of all views, sorted; what cannot be read is not among them."""
        return _sorted(self._files().values())

    def load(self, name: str) -> LoadedView:
        """One view.

        Raises:
            SettingsError: There is none of that name, or its file cannot be read.
        """
        return read_view(self.path_of(name))

    def save(self, view: CompareView) -> Path:
        """Write a view, over the one of the same name; returns its file.

        Raises:
            SettingsError: It has no name, or cannot be written.
        """
        name = tidied(view.name)
        if not name:
            raise SettingsError("A view needs a name", hint="Type a name for the view.")
        try:
            path = self.path_of(name)
        except SettingsError:
            path = self._new_file(name)
        _write(path, view_text(replace(view, name=name)), f"Cannot save the view “{name}”")
        return path

    def take(self, path: Path) -> LoadedView:
        """Add a view that somebody sent, under a name that is not taken; returns it so.

        One that is there already, word for word, is not added again.

        Raises:
            SettingsError: The file is no view, or the view cannot be written.
        """
        loaded = read_view(path)
        taken = {name.casefold() for name in self.names()}
        name, number = loaded.view.name, 2
        while name.casefold() in taken:
            there = self.load(name).view
            if replace(there, name=loaded.view.name) == loaded.view:
                return LoadedView(there, loaded.problems)
            name, number = f"{loaded.view.name} ({number})", number + 1
        view = replace(loaded.view, name=name)
        self.save(view)
        return LoadedView(view, loaded.problems)

    def delete(self, name: str) -> DeletedView:
        """Delete a view; returns what `bring_back` takes.

        After a crash in between, operations may open with a view that is not there: with none.

        Raises:
            SettingsError: There is none of that name, or its file cannot be deleted.
        """
        path = self.path_of(name)
        try:
            text = path.read_text(encoding="utf-8")
            path.unlink(missing_ok=True)
        except OSError as e:
            raise SettingsError(
                f"Cannot delete the view “{name}”", hint=e.strerror or str(e)
            ) from e
        defaults = self.defaults()
        kept = {op: view for op, view in defaults.items() if view.casefold() != name.casefold()}
        if kept != defaults:
            self._save_defaults(kept)
        return DeletedView(name, path, text, tuple(defaults.keys() - kept.keys()))

    def bring_back(self, deleted: DeletedView) -> None:
        """Have a view again that was deleted, and let the same operations open with it.

        After a crash in between, it is there, and fewer of them do.

        Raises:
            SettingsError: Another one has its name by now, or it cannot be written.
        """
        is_taken = deleted.name.casefold() in map(str.casefold, self.names())
        if is_taken or os.path.lexists(deleted.path):
            raise SettingsError(f"There is another view called “{deleted.name}” by now")
        _write(deleted.path, deleted.text, f"Cannot save the view “{deleted.name}”")
        defaults = self.defaults()
        again = dict.fromkeys(deleted.operations, deleted.name) | defaults
        if again != defaults:
            self._save_defaults(again)

    def defaults(self) -> dict[str, str]:
        """Operation to the name of the view it opens with; empty where that cannot be read."""
        return self._read_defaults()[0]

    def set_default(self, operation: str, name: str | None) -> None:
        """Let an operation open with a view; None takes that back.

        Raises:
            SettingsError: It cannot be written.
        """
        defaults = self.defaults()
        defaults.pop(operation, None)
        self._save_defaults(defaults | ({operation: name} if name else {}))

    def _read_defaults(self) -> tuple[dict[str, str], str]:
        """The defaults, and a sentence where they cannot be read."""
        path = self.directory / _DEFAULTS
        try:
            found = read_json(path)
        except FileNotFoundError:
            return {}, ""
        except OSError as e:
            return {}, f"Cannot read {path}: {e.strerror or e}."
        except (ValueError, RecursionError) as e:
            why = why_not_json(e)
            return {}, f"Which views operations open with is lost: {why} ({path})."
        pairs = found.items() if isinstance(found, dict) else ()
        return {op: name for op, name in pairs if isinstance(name, str)}, ""

    def _save_defaults(self, defaults: Mapping[str, str]) -> None:
        text = json.dumps(dict(sorted(defaults.items())), indent=2, ensure_ascii=False) + "\n"
        _write(self.directory / _DEFAULTS, text, "Cannot save which views operations open with")

    def _files(self, damaged: dict[str, str] | None = None) -> dict[Path, str]:
        """The files of views and the names in them.

        Args:
            damaged: Gets what cannot be read, by name of the file, and why.
        """
        try:
            with os.scandir(self.directory) as entries:
                names = sorted(e.name for e in entries if e.name.endswith(SUFFIX))
        except OSError:
            return {}
        found = {}
        for name in names[:MAX_VIEWS]:
            if name.startswith("."):
                continue
            try:
                found[self.directory / name] = read_view(self.directory / name).view.name
            except SettingsError as e:
                if damaged is not None:
                    damaged[name] = e.told
        return found

    def path_of(self, name: str) -> Path:
        """The file of a view.

        Raises:
            SettingsError: There is none of that name.
        """
        wanted = tidied(name).casefold()
        for path, known in self._files().items():
            if known.casefold() == wanted:
                return path
        raise SettingsError(
            f"There is no view called “{name}”", hint="It may have been deleted in another window."
        )

    def _new_file(self, name: str) -> Path:
        """A file that is not there yet, called like the view as far as file names may be."""
        plain = _UNSAFE.sub("_", unicodedata.normalize("NFC", name))[:_LONGEST_NAME].strip(" .")
        stem = f"view {plain}" if not plain or _RESERVED.match(plain) else plain
        path, number = self.directory / f"{stem}{SUFFIX}", 2
        while os.path.lexists(path):
            path, number = self.directory / f"{stem} ({number}){SUFFIX}", number + 1
        return path


def _sorted(names: Iterable[str]) -> list[str]:
    """Names regardless of case, each once."""
    found = {name.casefold(): name for name in names}
    return [found[key] for key in sorted(found)]


def _write(path: Path, text: str, attempt: str) -> None:
    try:
        replace_text(path, text)
    except OSError as e:
        raise SettingsError(
            attempt,
            hint=f"{e.strerror or e}. Check the permissions and free space of {path.parent}.",
        ) from e
