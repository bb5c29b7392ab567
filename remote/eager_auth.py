"""Offers of a login that wait for no more than their own answer.

paramiko asks for the service "ssh-userauth" before every offer, and waits until it is granted: two
breaths for each. RFC 4253 wants the request once, and lets what uses the service be sent behind it.
So the first offer goes out with the request, the next ones without: from 20 ms away that is 60 ms
of a usual login.

Two wait for the grant after all: the first offer to a host that is treated with care (see
`remote/login.py`), and an RSA key while the host has not said which signatures it knows: it says so
in front of the grant, if ever, and would refuse a signature of another kind.

A key of an agent signs in a thread of its own: the agent may ask somebody before, and whoever logs
in looks meanwhile whether it is to end.
"""

from __future__ import annotations

import threading

from remote.private_keys import HeldKey
from remote.ssh_library import AuthHandler, PublicBlob, paramiko
from remote.transport import TunedTransport

_MOST_METHODS = 20
_LONGEST_METHOD = 64


class EagerAuth(AuthHandler):
    """One offer.

    Args:
        transport: Negotiated, and not logged in.

    Attributes:
        allowed: The methods that the host takes, where it refused this one and named them.
        was_refused: Whether it refused this one.
        error: Why it could not be sent.
    """

    def __init__(self, transport: TunedTransport) -> None:
        super().__init__(transport)
        self._eager_transport = transport
        self._waits = False
        self.allowed: tuple[str, ...] = ()
        self.was_refused = False
        self.error: Exception | None = None

    def answer(self, event: threading.Event) -> list[str]:
        """What the host said: methods of which it wants another one, too; none when that is all.

        Args:
            event: What was given with the offer, and is set.

        Raises:
            SSHException: It refused, or the connection ended.
            OSError: The connection was lost.
            EOFError: The same.
        """
        if self.error is not None:
            raise self.error
        return self.wait_for_response(event)

    def send_offer(self) -> None:
        """Send what is offered: the service is granted, or will be."""
        granted = paramiko.Message()
        granted.add_string("ssh-userauth")
        granted.rewind()
        super()._parse_service_accept(granted)  # type: ignore[misc]  # the stubs leave it out

    # What paramiko calls

    def _request_auth(self) -> None:
        transport = self._eager_transport
        try:
            if not transport.is_service_wanted:
                transport.is_service_wanted = True
                super()._request_auth()  # type: ignore[misc]  # as above
        except (OSError, EOFError, paramiko.SSHException) as e:
            self._fail(e)
            return
        self._waits = not transport.is_service_granted and self._needs_grant()
        if not self._waits:
            self._begin()

    def _parse_service_accept(self, _message: paramiko.Message) -> None:
        self._eager_transport.is_service_granted = True
        if self._waits:
            self._waits = False
            self._begin()

    def _parse_userauth_failure(self, message: paramiko.Message) -> None:
        self.was_refused = True
        self.allowed = _methods(message.get_binary())
        message.rewind()
        super()._parse_userauth_failure(message)  # type: ignore[misc]  # as above

    # Inside

    def _needs_grant(self) -> bool:
        transport = self._eager_transport
        is_told = bool(transport.server_extensions)  # type: ignore[attr-defined]  # as above
        return transport.is_careful or ("rsa" in self._key_type() and not is_told)

    def _key_type(self) -> str:
        key = getattr(self, "private_key", None)
        if key is None:
            return ""
        return str(self._get_key_type_and_bits(key)[0])  # type: ignore[attr-defined]  # as above

    def _begin(self) -> None:
        if isinstance(getattr(self, "private_key", None), HeldKey):
            threading.Thread(target=self._send, name="ssh-agent-signs", daemon=True).start()
        else:
            self._send()

    def _send(self) -> None:
        try:
            self.send_offer()
        except (OSError, EOFError, paramiko.SSHException) as e:
            self._fail(e)

    def _fail(self, error: Exception) -> None:
        self.error = error
        if self.auth_event is not None:
            self.auth_event.set()


class Probe(EagerAuth):
    """Asks whether a key would be accepted, without a signature (which paramiko never does).

    Args:
        transport: As above.
        public: The public half, or a certificate.

    Attributes:
        is_accepted: Whether the host would take it.
    """

    def __init__(self, transport: TunedTransport, public: PublicBlob) -> None:
        super().__init__(transport)
        self.is_accepted = False
        self._public = public

    def ask(self, user: str, event: threading.Event) -> None:
        """Begin; `event` is set when there is an answer."""
        self.auth_event = event
        self.auth_method = "publickey"
        self.username = user
        self._request_auth()

    def send_offer(self) -> None:
        """Send the public half alone."""
        kind = self._public.key_type
        if kind.startswith("ssh-rsa"):
            kind = self._finalize_pubkey_algorithm(kind)  # type: ignore[attr-defined]  # as above
        request = paramiko.Message()
        request.add_byte(paramiko.common.cMSG_USERAUTH_REQUEST)
        request.add_string(self.username or "")
        request.add_string("ssh-connection")
        request.add_string("publickey")
        request.add_boolean(False)  # noqa: FBT003 - paramiko's
        request.add_string(kind)
        request.add_string(self._public.key_blob)
        self.transport._send_message(request)  # type: ignore[attr-defined]  # as above

    # What paramiko calls

    def _parse_userauth_info_request(self, _message: paramiko.Message) -> None:
        """The number of that message means here that the key is accepted."""
        self.is_accepted = True
        if self.auth_event is not None:
            self.auth_event.set()

    # Inside

    def _key_type(self) -> str:
        return self._public.key_type


def _methods(listed: bytes) -> tuple[str, ...]:
    """Names of methods as a host lists them; what is no name is left out: it is shown later."""
    names = listed.decode("ascii", "replace").split(",")
    fit = (name for name in names if name.isprintable() and 0 < len(name) <= _LONGEST_METHOD)
    return tuple(name for name in fit if name.isascii())[:_MOST_METHODS]
