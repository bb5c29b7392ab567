"""What this process may do to a directory; the system has the last word when it is done."""

from __future__ import annotations

import os

_BY_EFFECTIVE_USER = os.access in os.supports_effective_ids


def may_change(directory: str) -> bool:
    """Whether entries may be made and removed in a directory."""
    mode = os.R_OK | os.W_OK | os.X_OK
    return os.access(directory, mode, effective_ids=_BY_EFFECTIVE_USER)
