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
from collections.abc import Mapping
from pathlib import Path

from msgspec.structs import replace

from core.compare.view_file import (
    CompareView,
    LoadedView,
    read_json,
    read_view,
    tidied,
    view_text,
)
from core.errors import SettingsError
from core.own_file import replace_text

MAX_VIEWS = 1_000
SUFFIX = ".json"

_DEFAULTS = "defaults"  # never the name of a view's file, which has a suffix
_UNSAFE = re.compile(r"[^\w .()+=-]+")
_LONGEST_NAME = 60  # letters, of up to four bytes: file systems take 255
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)\Z", re.IGNORECASE)  # names on Windows


class Views:
    """The views of a user.

    Args:
        config_dir: The configuration directory; views are in `views` below it.
    """

    def __init__(self, config_dir: Path) -> None:
        self.directory = config_dir / "views"

    def names(self) -> list[str]:
        """Names of all views, sorted; what cannot be read is not among them."""
        found = {name.casefold(): name for name in self._files().values()}
        return [found[key] for key in sorted(found)]

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

        Raises:
            SettingsError: The file is no view, or the view cannot be written.
        """
        loaded = read_view(path)
        taken = {name.casefold() for name in self.names()}
        name, number = loaded.view.name, 2
        while name.casefold() in taken:
            name, number = f"{loaded.view.name} ({number})", number + 1
        view = replace(loaded.view, name=name)
        self.save(view)
        return LoadedView(view, loaded.problems)

    def delete(self, name: str) -> None:
        """Delete a view.

        Raises:
            SettingsError: There is none of that name, or its file cannot be deleted.
        """
        path = self.path_of(name)
        try:
            path.unlink(missing_ok=True)
        except OSError as e:
            raise SettingsError(
                f"Cannot delete the view “{name}”", hint=e.strerror or str(e)
            ) from e
        defaults = self.defaults()
        kept = {op: view for op, view in defaults.items() if view.casefold() != name.casefold()}
        if kept != defaults:
            self._save_defaults(kept)

    def defaults(self) -> dict[str, str]:
        """Operation to the name of the view it opens with; empty where that cannot be read."""
        try:
            found = read_json(self.directory / _DEFAULTS)
        except (OSError, ValueError, RecursionError):
            return {}
        pairs = found.items() if isinstance(found, dict) else ()
        return {op: name for op, name in pairs if isinstance(name, str)}

    def set_default(self, operation: str, name: str | None) -> None:
        """Let an operation open with a view; None takes that back.

        Raises:
            SettingsError: It cannot be written.
        """
        defaults = self.defaults()
        defaults.pop(operation, None)
        self._save_defaults(defaults | ({operation: name} if name else {}))

    def _save_defaults(self, defaults: Mapping[str, str]) -> None:
        text = json.dumps(dict(sorted(defaults.items())), indent=2, ensure_ascii=False) + "\n"
        _write(self.directory / _DEFAULTS, text, "Cannot save which views operations open with")

    def _files(self) -> dict[Path, str]:
        """The files of views and the names in them."""
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
            except SettingsError:
                continue
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


def _write(path: Path, text: str, attempt: str) -> None:
    try:
        replace_text(path, text)
    except OSError as e:
        raise SettingsError(
            attempt,
            hint=f"{e.strerror or e}. Check the permissions and free space of {path.parent}.",
        ) from e
