"""Runs and files as other programs take them, from the clipboard or from a drag.

What a paste yields:

* a file manager takes the files (`text/uri-list`, and for the clipboard the form that says that
  they are copied and not cut);
* a terminal or an editor takes the text: ids, one a line;
* a spreadsheet or a letter takes the table (`text/html`): the rows shown, with their headings;
* Rundesk itself knows runs again by a type of its own.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QMimeData, QUrl

from gui.services import RunRef

RUNS_TYPE = "application/x-rundesk-runs"
COPIED_TYPE = "x-special/gnome-copied-files"


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
    urls = [url_of(path) for path in paths]
    mime = QMimeData()
    mime.setUrls(urls)
    mime.setText(text)
    if is_copied:
        lines = [b"copy", *(url.toEncoded().data() for url in urls)]
        mime.setData(COPIED_TYPE, b"\n".join(lines))
    return mime


def runs_mime(refs: Sequence[RunRef], *, is_copied: bool) -> QMimeData:
    """Runs: their directories, their ids as text, and what they are for ourselves."""
    ids = [ref.id for ref in refs]
    mime = files_mime([ref.path for ref in refs], "\n".join(ids), is_copied=is_copied)
    mime.setData(RUNS_TYPE, json.dumps({"ids": ids}).encode())
    return mime


def is_ours(mime: QMimeData) -> bool:
    """Whether something is dragged or was copied from a table of runs."""
    return mime.hasFormat(RUNS_TYPE)
