"""Spares the program a look into the source of every module it imports.

Why: PySide6 reads the source of each module that is imported after it and looks for its own name
in it, to know whether the module may choose `snake_case` by `from __feature__ import ...`. This
program chooses nothing. Reading 340 sources takes 50 to 90 ms of a start, a part of that when a
tab of the details is shown first (measured). Where a version of PySide6 has no such look, or
another one, nothing is changed.
"""

from __future__ import annotations

import importlib
import sys
from types import ModuleType

_PLACE = "shibokensupport.feature"
_LOOK = "_mod_uses_pyside"


def quicken_imports() -> bool:
    """Take modules that are imported from now on for such as choose nothing of PySide6.

    Returns:
        Whether there was something to spare.
    """
    importlib.import_module("PySide6.QtCore")
    support = sys.modules.get(_PLACE)
    if not callable(getattr(support, _LOOK, None)):
        return False
    setattr(support, _LOOK, _chooses_nothing)
    return True


def _chooses_nothing(_module: ModuleType) -> bool:
    return False
