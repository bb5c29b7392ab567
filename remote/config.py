"""Remotes in Guild's own configuration file, which both programs read and both users edit.

Which file that is, Guild decides: `GUILD_CONFIG`, else `guild-config.yml` in the current
directory, else `~/.guild/config.yml`. Reading uses the YAML reader of runs; changing
touches the lines of the one remote (`remote/config_text.py`), and where that cannot be done uses
ruamel.yaml, which keeps comments, order, quotes and everything that is not ours.

What happens when a change stops after each of its steps:

1. *The new text is made* in memory. It is read again and must say exactly what was there, with the
   one remote changed; else nothing is written, and the person is told to edit the file.
2. *A temporary file beside it* holds the new text. A crash or a full disk leaves that file, and the
   configuration as it was.
3. *Renamed over the configuration*, in one step; a link stays one, and so do its permissions.

Another writer: two of ours take turns, by a lock on the folder. Against others (Guild never writes
the file, editors do) it is compared with what was read, right before the rename: where somebody
changed it meanwhile, the change is made anew on the new text. Somebody who edits a remote that was
changed since it was shown is told so, instead of undoing the other change.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from core.errors import RunDamaged
from core.runs.attrs import load_yaml
from core.runs.held_directory import START
from remote.config_text import Edit, Unfit, edited, spelled
from remote.errors import RemoteConfigError, RemoteNotFound
from remote.local_user import LocalUser
from remote.remote import NAME, SSH, Remote

MAX_BYTES = 1_000_000
_MOST_TRIES = 5
_TURN_SECONDS = 10.0
_PAUSE = 0.01
_MOST_PARENTS = 50
_SECTION, _POOL, _EXTENDS = "remotes", "config", "extends"

Spell = Callable[[Any], Any]
Change = Callable[[Any, Spell], None]


def find_config(local: LocalUser, folder: Path) -> Path:
    """The configuration file by Guild's rules; it need not exist.

    Args:
        local: Whose it is.
        folder: The current directory.
    """
    named = local.environ.get("GUILD_CONFIG")
    if named:
        return folder / local.expand(named) if named.startswith("~") else folder / named
    nearby = folder / "guild-config.yml"
    return nearby if nearby.exists() else local.home / ".guild" / "config.yml"


class RemoteList:
    """The remotes of a configuration file. Each call reads the file anew.

    Args:
        path: The file; it may be missing, and is then made by the first change.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def all(self) -> list[Remote]:
        """Every remote, in the order of the file.

        Raises:
            RemoteConfigError: The file cannot be read or understood.
        """
        data = self._data()
        return [self._remote(name, data) for name in _section(data)]

    def find(self, name: str) -> Remote:
        """The remote of that name.

        Raises:
            RemoteNotFound: There is none.
            RemoteConfigError: The file cannot be read or understood.
        """
        data = self._data()
        if name not in _section(data):
            raise self._not_found(name, data)
        return self._remote(name, data)

    def add(self, name: str, values: Mapping[str, Any]) -> Remote:
        """Add a remote of type `ssh`.

        Raises:
            RemoteConfigError: The name is taken or unusable, a value is not understood, or the file
                cannot be changed.
        """
        if not NAME.fullmatch(name):
            raise RemoteConfigError(
                f"“{name}” cannot be the name of a remote",
                path=self.path,
                remote=name,
                hint="Use a word without blanks, slashes and colons.",
            )
        entry = {"type": SSH, **{key: value for key, value in values.items() if value is not None}}
        _check(Remote(name, SSH, self.path, entry))

        def allow(data: Any) -> None:
            self._require_map(data.get(_SECTION) or {})
            if name in _section(data):
                raise RemoteConfigError(
                    f"There is a remote {name} already",
                    path=self.path,
                    remote=name,
                    hint=f"Change it with “rundesk remote edit {name}”, or choose another name.",
                )

        def change(data: Any, spell: Spell) -> None:
            if not isinstance(data.get(_SECTION), Mapping):
                data[_SECTION] = {}
            data[_SECTION][spell(name)] = {key: spell(value) for key, value in entry.items()}

        self._change(Edit(name, entry, is_new=True), allow, change)
        return self.find(name)

    def edit(self, name: str, changes: Mapping[str, Any], *, seen: Remote | None = None) -> Remote:
        """Change keys of a remote.

        Args:
            name: The remote.
            changes: Key to its new value; None takes the key out.
            seen: The remote as it was shown to who changes it; None for no matter.

        Raises:
            RemoteNotFound: There is none of that name.
            RemoteConfigError: It was changed since it was seen, a value is not understood, or the
                file cannot be changed.
        """

        def allow(data: Any) -> None:
            if name not in _section(data):
                raise self._not_found(name, data)
            self._require_map(_section(data)[name])
            if seen is not None and self._remote(name, data) != seen:
                raise RemoteConfigError(
                    f"The remote {name} was changed meanwhile by somebody else",
                    path=self.path,
                    remote=name,
                    hint="Look at it again, then change it.",
                )

        def change(data: Any, spell: Spell) -> None:
            entry = data[_SECTION][name]
            for key, value in changes.items():
                if value is not None:
                    entry[key] = spell(value)
                elif key in entry:
                    del entry[key]

        self._change(Edit(name, changes), allow, change)
        return self.find(name)

    def remove(self, name: str) -> None:
        """Take a remote out of the configuration; nothing happens on the host.

        Raises:
            RemoteNotFound: There is none of that name.
            RemoteConfigError: Another remote extends it, or the file cannot be changed.
        """

        def allow(data: Any) -> None:
            section = _section(data)
            if name not in section:
                raise self._not_found(name, data)
            heirs = [other for other, item in section.items() if name in _parents(item)]
            if heirs:
                raise RemoteConfigError(
                    f"Cannot remove the remote {name}: {heirs[0]} extends it",
                    path=self.path,
                    remote=name,
                )

        def change(data: Any, _spell: Spell) -> None:
            del data[_SECTION][name]
            if not data[_SECTION]:
                del data[_SECTION]

        self._change(Edit(name, {}, is_gone=True), allow, change)

    # Reading

    def _data(self) -> Any:
        return _loaded(_read(self.path), self.path)

    def _remote(self, name: str, data: Any) -> Remote:
        item = _section(data)[name]
        if not isinstance(item, Mapping):
            return Remote(name, "", self.path, {})
        values = _inherited(item, data, self.path)
        kind = values.pop("type", "")
        return Remote(name, kind if isinstance(kind, str) else "", self.path, values)

    def _not_found(self, name: str, data: Any) -> RemoteNotFound:
        names = ", ".join(map(str, _section(data)))
        return RemoteNotFound(
            f"There is no remote {name} in {self.path}",
            path=self.path,
            remote=name,
            hint=f"There are: {names}." if names else "Add one with “rundesk remote add”.",
        )

    # Changing

    def _require_map(self, part: Any) -> None:
        """What is there in another form belongs to somebody: it is neither replaced nor changed."""
        if not isinstance(part, Mapping):
            raise _cannot_change(self.path)

    def _change(self, edit: Edit, allow: Callable[[Any], None], change: Change) -> None:
        target = Path(os.path.realpath(self.path))
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            with _turn(target.parent):
                for _ in range(_MOST_TRIES):
                    before = _read(self.path)
                    wanted = self._wanted(before, edit.name, allow, change)
                    text = _edited(before, edit, wanted, self.path)
                    if text is None:
                        text = _changed(before, change, wanted, self.path)
                    if _replace(target, before, text):
                        return
        except OSError as e:
            raise RemoteConfigError(
                f"Cannot save the remotes in {self.path}: {(e.strerror or str(e)).lower()}",
                path=self.path,
                hint="Check the permissions and free space of that folder.",
            ) from e
        raise RemoteConfigError(
            f"Cannot save the remotes: another program keeps changing {self.path}", path=self.path
        )

    def _wanted(
        self, before: bytes, name: str, allow: Callable[[Any], None], change: Change
    ) -> Any:
        """What the file is to say."""
        data = _loaded(before, self.path)
        others = _others(_loaded(before, self.path), name)
        allow(data)
        change(data, lambda value: value)
        if _others(data, name) != others:  # an alias shares its item
            raise _cannot_change(self.path)
        if name in _section(data) and (edited := self._remote(name, data)).is_supported:
            _check(edited)
        return data


def _section(data: Any) -> Mapping[str, Any]:
    section = data.get(_SECTION) if isinstance(data, Mapping) else None
    if not isinstance(section, Mapping):
        return {}
    return {name: item for name, item in section.items() if isinstance(name, str)}


def _parents(item: Any) -> list[str]:
    names = item.get(_EXTENDS, []) if isinstance(item, Mapping) else []
    return [names] if isinstance(names, str) else [n for n in names if isinstance(n, str)]


def _inherited(
    item: Mapping[str, Any], data: Mapping[str, Any], path: Path, depth: int = 0
) -> dict[str, Any]:
    """Values of an item and of what it extends; its own win, then those named first."""
    if depth > _MOST_PARENTS:
        raise RemoteConfigError(f"Items of {path} extend each other in a circle", path=path)
    values = {str(key): value for key, value in item.items() if key != _EXTENDS}
    pool = data.get(_POOL)
    for name in _parents(item):
        parent = _section(data).get(name, pool.get(name) if isinstance(pool, Mapping) else None)
        if parent is None:
            raise RemoteConfigError(
                f"“{name}”, which is extended in {path}, is not there", path=path
            )
        if isinstance(parent, Mapping):
            values = _inherited(parent, data, path, depth + 1) | values
    return values


def _check(remote: Remote) -> None:
    """Look at every value, so that a mistake is told before it is saved."""
    _ = (remote.host, remote.user, remote.port, remote.connect_timeout)
    _ = (remote.private_key, remote.proxy, remote.guild_home, remote.description)


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        return b""
    except OSError as e:
        raise RemoteConfigError(
            f"Cannot read {path}: {(e.strerror or str(e)).lower()}", path=path
        ) from e
    if len(data) > MAX_BYTES:
        raise RemoteConfigError(f"{path} is longer than {MAX_BYTES:,} bytes", path=path)
    return data


def _loaded(text: bytes, path: Path) -> Any:
    try:
        data = load_yaml(text.decode("utf-8"))
    except RunDamaged as e:
        raise RemoteConfigError(f"The configuration {path} {e}", path=path) from e
    except UnicodeDecodeError as e:
        raise RemoteConfigError(f"The configuration {path} is not UTF-8", path=path) from e
    if data is None:
        return {}
    if not isinstance(data, Mapping):
        raise RemoteConfigError(
            f"{path} is no configuration of Guild: it has no sections", path=path
        )
    return data


def _edited(before: bytes, edit: Edit, wanted: Any, path: Path) -> bytes | None:
    """The text with only its lines touched, proved to say what is wanted; None if it cannot be."""
    try:
        text = edited(before.decode("utf-8"), _SECTION, edit, spelled)
        result = text.encode("utf-8")
        return result if _loaded(result, path) == wanted else None
    except (Unfit, UnicodeEncodeError, RemoteConfigError):
        return None


def _changed(before: bytes, change: Change, wanted: Any, path: Path) -> bytes:
    """The text written anew with the change in it, proved to say what is wanted.

    Comments that would be lost so are a reason not to do it.
    """
    from remote.config_rewrite import (
        rewritten,
    )  # brings in a YAML writer, and is hardly ever needed

    try:
        result = rewritten(before.decode("utf-8"), change, is_empty=not wanted).encode("utf-8")
    except Unfit as e:
        raise _cannot_change(path) from e
    if _loaded(result, path) != wanted or _comments(result) != _comments(before):
        raise _cannot_change(path)
    return result


def _comments(text: bytes) -> Counter[bytes]:
    """The lines that are comments alone."""
    return Counter(line.strip() for line in text.splitlines() if line.lstrip().startswith(b"#"))


def _others(data: Any, name: str) -> dict[Any, Any]:
    """Everything that a configuration says but for one remote."""
    others = {other: item for other, item in _section(data).items() if other != name}
    return {key: item for key, item in data.items() if key != _SECTION} | {_SECTION: others}


def _cannot_change(path: Path) -> RemoteConfigError:
    return RemoteConfigError(
        f"{path} cannot be changed without touching what is not ours",
        path=path,
        hint="Change the remote in that file with an editor.",
    )


@contextmanager
def _turn(folder: Path) -> Iterator[None]:
    """Let no other process of this program change the file meanwhile, where folders have locks."""
    directory = START.directory(str(folder))
    end = time.monotonic() + _TURN_SECONDS
    try:
        while True:
            try:
                directory.lock()
                break
            except BlockingIOError:
                if time.monotonic() > end:
                    raise
                time.sleep(_PAUSE)
        yield
    finally:
        directory.close()


def _replace(target: Path, before: bytes, text: bytes) -> bool:
    """Write the new text in place of the old; False where somebody else wrote meanwhile."""
    handle, name = tempfile.mkstemp(prefix=f".{target.name}-", dir=target.parent)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        if target.exists():
            temporary.chmod(target.stat().st_mode & 0o777)
        if _read(target) != before:
            temporary.unlink()
            return False
        temporary.replace(target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    return True
