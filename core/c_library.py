"""The C library of the system, for what it can do and Python has no name for."""

from __future__ import annotations

import os
from typing import Any


def c_function(name: str) -> Any:
    """A function of the C library, with its `errno` kept for `last_error`; None where it has none.

    ctypes is imported at the first call: most programs of this project never need it.
    """
    import ctypes

    if os.name == "nt":  # it has none that is one and the same for all programs
        return None
    return getattr(ctypes.CDLL(None, use_errno=True), name, None)


def last_error() -> int:
    """The `errno` of this thread's last call of such a function."""
    import ctypes

    return ctypes.get_errno()


def give_back_memory() -> None:
    """Give memory that is free within this process back to the system, where it can be told to.

    After 100,000 runs were read the C library keeps 10 to 18 MB that nothing uses (measured); it
    takes them again as they are needed. Python's lock is not held meanwhile.
    """
    trim = c_function("malloc_trim")
    if trim is not None:
        trim(0)
