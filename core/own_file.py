"""Writing a file of the user's own directories: whole, or not at all.

The text is written beside, forced to the disk, and renamed. After a crash or on a full disk there
is the old file or the new one, and at worst a hidden temporary file. Of two programs that write at
a time the later one wins.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path


def replace_text(target: Path, text: str) -> None:
    """Write a text as UTF-8 in place of a file, whose permissions stay.

    Raises:
        OSError: It cannot be written; the file is as it was.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{target.name}-", dir=target.parent)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(text.encode("utf-8"))
            file.flush()
            os.fsync(file.fileno())
        if target.exists():
            temporary.chmod(target.stat().st_mode & 0o777)
        temporary.replace(target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
