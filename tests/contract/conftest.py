"""What tests of transfers share: two homes, over each of the ways in which a server takes files."""

from __future__ import annotations

import pytest


@pytest.fixture(params=["shell", "sftp only"])
def homes(request, make_two_homes):
    """Two homes, of which a server that runs commands holds the other one, or one that does not."""
    return make_two_homes(sftp_only=request.param == "sftp only")
