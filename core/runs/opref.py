"""`.guild/opref`: which operation a run executes, and how that is called on screen."""

from __future__ import annotations

import shlex
from functools import lru_cache
from pathlib import PurePath

from msgspec import Struct

from core.errors import RunDamaged
from core.text import plural

LONGEST = 16_384
"""Characters of an opref at most: two paths of the file system fit into it."""


class Opref(Struct, frozen=True):
    """An encoded reference to an operation.

    Attributes:
        pkg_type: "guildfile", "script", "package", "builtin", "pending", "import", "func", "test".
        pkg_name: Path or name of what defines the operation.
        pkg_version: Version, or the MD5 of the project file.
        model: Model name; empty for operations without one.
        op: Operation name.
    """

    pkg_type: str
    pkg_name: str
    pkg_version: str
    model: str
    op: str

    @property
    def display_name(self) -> str:
        """The operation as Guild lists it, without what a batch adds."""
        if self.pkg_type == "package":
            return f"{self.pkg_name}/{self._model_and_op}"
        if self.pkg_type == "func":
            return f"{self.op}()"
        if self.pkg_type == "pending":
            return self.op
        if self.pkg_type in ("guildfile", "script", "builtin", "import", "test"):
            return self._model_and_op
        return "?"

    @property
    def origin(self) -> str:
        """Where the operation comes from, as Guild says it ("from"), without shortening."""
        return (
            f"{self.pkg_name}=={self.pkg_version}" if self.pkg_type == "package" else self.pkg_name
        )

    @property
    def project_dir(self) -> str:
        """Directory of the project the operation belongs to; empty when it has none."""
        if self.pkg_type == "script":
            return self.pkg_name
        if self.pkg_type not in ("guildfile", "import"):
            return ""
        path = PurePath(self.pkg_name)  # of the project file; older runs have the directory here
        return str(path.parent) if path.suffix in (".yml", ".yaml") else self.pkg_name

    @property
    def _model_and_op(self) -> str:
        return f"{self.model}:{self.op}" if self.model else self.op


@lru_cache(maxsize=1024)
def parse_opref(text: str) -> Opref:
    """Decode the line of an opref file.

    Raises:
        RunDamaged: It has not the four words an opref has, or no package type.
    """
    if len(text) > LONGEST:
        raise RunDamaged(f"its opref is longer than {LONGEST:,} characters")
    try:
        words = shlex.split(text)
    except ValueError as e:
        raise RunDamaged(f"its opref is not readable: {e}") from e
    if len(words) != 4:
        raise RunDamaged(f"its opref has {plural(len(words), 'word')} where 4 are needed")
    pkg_type, colon, pkg_name = words[0].partition(":")
    if not colon:
        raise RunDamaged("its opref names no package type")
    return Opref(pkg_type, pkg_name, *words[1:])


def batch_operation(prototype: str, batch: str) -> str:
    """The displayed name of a batch over a prototype's operation, e.g. "train+skopt:gp"."""
    return f"{prototype}{batch}" if batch.startswith("+") else f"{prototype}+{batch}"
