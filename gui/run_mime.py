"""Runs and files as other programs take them, from the clipboard or from a drag.

What a paste yields:

* a file manager takes the files (`text/uri-list`, and for the clipboard the form that says that
  they are copied and not cut);
* a terminal or an editor takes the text: ids, one a line;
* a spreadsheet or a letter takes the table (`text/html`): the rows shown, with their headings;
* Rundesk itself knows runs again by a type of its own.

Why the list of addresses is joined and not made of a QUrl a run: 10,000 runs take 77 ms that way,
and 11 ms with the address of their one directory made once (measured).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from msgspec import Struct
from PySide6.QtCore import QMimeData, QUrl

from gui.services import RunRef

RUNS_TYPE = "application/x-rundesk-runs"
COPIED_TYPE = "x-special/gnome-copied-files"
URLS_TYPE = "text/uri-list"


def url_of(path: Path) -> QUrl:
    """The address of a file, also where its name is no UTF-8."""
    text = str(path)
    try:
        text.encode()
    except UnicodeEncodeError:
        return QUrl.fromEncoded(path.as_uri().encode())
    return QUrl.fromLocalFile(text)


def files_mime(paths: Sequence[Path], text: str, *, is_copied: bool) -> QMimeData:
    """Files and directories with a text.

    Args:
        paths: Absolute.
        text: For programs that take no files.
        is_copied: For the clipboard, where it must be said that they are not cut.
    """
    return _mime([_encoded(path) for path in paths], text, is_copied=is_copied)


class RunsFrom(Struct, frozen=True):
    """Runs that are dragged or were copied, and where they are.

    Attributes:
        ids: Which.
        file: The archive or export that they are in; None for runs of a home or a remote.
        remote: The remote that they are on; empty for none.
    """

    ids: tuple[str, ...]
    file: Path | None = None
    remote: str = ""


def runs_mime(
    directory: Path | None,
    ids: Sequence[str],
    *,
    is_copied: bool,
    file: Path | None = None,
    remote: str = "",
) -> QMimeData:
    """Runs: their directories, their ids as text, and what they are for ourselves.

    Args:
        directory: Where all of them are; None where they are no directories on this disk.
        ids: Which, in the order wanted.
        is_copied: For the clipboard, where it must be said that they are not cut.
        file: The archive or export that they are in; None for runs of a home or a remote.
        remote: The remote that they are on; empty for none.
    """
    if directory is None:
        mime = QMimeData()
        mime.setText("\n".join(ids))
        return _with_runs(mime, ids, file, remote)
    before = _encoded(directory)
    urls = [
        b"%s/%s" % (before, run_id.encode())
        if run_id.isalnum() and run_id.isascii()
        else _encoded(directory / run_id)
        for run_id in ids
    ]
    mime = _mime(urls, "\n".join(ids), is_copied=is_copied)
    return _with_runs(mime, ids, file, remote)


def runs_from(mime: QMimeData) -> RunsFrom | None:
    """The runs that `runs_mime` was told of, by us or another window; None where there are none."""
    try:
        found = json.loads(bytes(mime.data(RUNS_TYPE).data()))
        file, remote = found.get("file"), str(found.get("remote") or "")
        return RunsFrom(tuple(map(str, found["ids"])), Path(file) if file else None, remote)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None


def _with_runs(mime: QMimeData, ids: Sequence[str], file: Path | None, remote: str) -> QMimeData:
    said: dict[str, object] = {"ids": list(ids)}
    said |= {"file": str(file)} if file is not None else {}
    said |= {"remote": remote} if remote else {}
    mime.setData(RUNS_TYPE, json.dumps(said).encode())
    return mime


def _encoded(path: Path) -> bytes:
    return bytes(url_of(path).toEncoded().data())


def _mime(urls: Sequence[bytes], text: str, *, is_copied: bool) -> QMimeData:
    mime = QMimeData()
    mime.setData(URLS_TYPE, b"".join(url + b"\r\n" for url in urls))
    mime.setText(text)
    if is_copied:
        mime.setData(COPIED_TYPE, b"\n".join((b"copy", *urls)))
    return mime


def is_ours(mime: QMimeData) -> bool:
    """Whether something is dragged or was copied from a table of runs."""
    return mime.hasFormat(RUNS_TYPE)


def mime_of(where: RunRef, ids: Sequence[str], *, is_copied: bool) -> QMimeData:
    """Runs that are where one of them is; see `runs_mime`."""
    directory = where.path.parent if where.is_on_disk else None
    file = where.shelf.file if where.shelf is not None else None
    remote = where.shelf.remote if where.shelf is not None else ""
    return runs_mime(directory, ids, is_copied=is_copied, file=file, remote=remote)
