"""Offers of a login that wait for no more than their own answer.

paramiko asks for the service "ssh-userauth" before every offer, and waits until it is granted: two
breaths for each. RFC 4253 wants the request once, and lets what uses the service be sent behind it.
So the first offer goes out with the request, the next ones without: from 20 ms away that is 60 ms
of a usual login.

A key of an agent is offered as paramiko does it, on its reading thread: the agent may ask somebody
before it signs, and whoever logs in looks meanwhile whether it is to end.
"""

from __future__ import annotations

from remote.private_keys import HeldKey
from remote.ssh_library import AuthHandler, paramiko
from remote.transport import TunedTransport


class EagerAuth(AuthHandler):
    """One offer.

    Args:
        transport: Negotiated, and not logged in.

    Attributes:
        allowed: The methods that the host takes, where it refused this one and named them.
    """

    def __init__(self, transport: TunedTransport) -> None:
        super().__init__(transport)
        self._eager_transport = transport
        self._waits = False
        self.allowed: tuple[str, ...] = ()

    def send_offer(self) -> None:
        """Send what is offered: the service is granted, or will be."""
        granted = paramiko.Message()
        granted.add_string("ssh-userauth")
        granted.rewind()
        super()._parse_service_accept(granted)  # type: ignore[misc]  # the stubs leave it out

    # What paramiko calls

    def _request_auth(self) -> None:
        self._waits = isinstance(getattr(self, "private_key", None), HeldKey)
        if self._waits or not self._eager_transport.is_service_wanted:
            self._eager_transport.is_service_wanted = True
            super()._request_auth()  # type: ignore[misc]  # as above
        if not self._waits:
            self.send_offer()

    def _parse_service_accept(self, _message: paramiko.Message) -> None:
        if self._waits:
            self.send_offer()

    def _parse_userauth_failure(self, message: paramiko.Message) -> None:
        self.allowed = tuple(message.get_list())
        message.rewind()
        super()._parse_userauth_failure(message)  # type: ignore[misc]  # as above
