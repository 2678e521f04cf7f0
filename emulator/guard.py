"""Who may give orders: nobody without the token, and no page from elsewhere."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from ipaddress import ip_address
from urllib.parse import urlsplit

from greenroom.emulator.toolkit import Reply

Headers = Mapping[bytes, bytes]
WANTED = {"WWW-Authenticate": "Bearer"}


def problem(
    status: int, title: str, detail: str, headers: Mapping[str, str] | None = None
) -> Reply:
    """An error of the emulator itself, outside any provider."""
    body = {"type": "about:blank", "title": title, "status": status, "detail": detail}
    return Reply(body, status, headers or {}, media_type="application/problem+json")


def is_loopback(host: str | None) -> bool:
    """Whether a host's name can only mean this machine."""
    if host is None:
        return False
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


class Guard:
    """Stands before the control plane and the console.

    With a token, whoever has it may give orders from anywhere. Without one the server listens on
    loopback only, and then a browser could still be sent here by a page from elsewhere: by a
    request that names its origin, or by a host name that was made to mean this machine.
    """

    def __init__(self, token: str | None) -> None:
        self._token = token

    def is_closed_to(self, origin: bytes | None) -> bool:
        """Whether the page that a browser names may not even see an answer."""
        if origin is None or self._token is not None:
            return False
        try:
            return not is_loopback(urlsplit(origin.decode("latin-1")).hostname)
        except ValueError:
            return True

    def knows(self, headers: Headers) -> bool:
        """Whether the token is shown, or none is wanted."""
        if self._token is None:
            return True
        wanted = f"Bearer {self._token}".encode()
        return hmac.compare_digest(headers.get(b"authorization", b""), wanted)

    def refusal(self, headers: Headers, host: str) -> Reply | None:
        """The answer to an order that may not be given; None when it may."""
        if self._token is not None:
            if self.knows(headers):
                return None
            detail = "The control plane wants the token that the server was started with."
            return problem(401, "Unauthorized", detail, WANTED)
        if host and not is_loopback(_name(host)):
            detail = f"{host} is no name of this machine; use localhost, or start with a token."
            return problem(403, "Forbidden", detail)
        if self.is_closed_to(headers.get(b"origin")):
            detail = "Pages from elsewhere give no orders; start the server with a token."
            return problem(403, "Forbidden", detail)
        return None


def _name(host: str) -> str | None:
    try:
        return urlsplit(f"//{host}").hostname
    except ValueError:
        return None
