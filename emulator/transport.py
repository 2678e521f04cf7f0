"""The connection below an answer, for faults that break it."""

from __future__ import annotations

import socket
import struct
from collections.abc import Awaitable
from typing import Any, Protocol

from starlette.types import Receive, Scope, Send

KEY = "greenroom.transport"
GARBAGE = b"\x00\xff\x15garbage\x00 not HTTP at all\r\n\x7f\r\n"


class Transport(Protocol):
    """A connection that can be broken."""

    def break_off(self, kind: str) -> Awaitable[None]:
        """End it: "reset", "empty" (closed without a word), "half" (closed now), "garbage"."""


class ServerTransport:
    """The connection of a request that came through the server."""

    def __init__(self, transport: Any, receive: Receive) -> None:
        self._transport = transport
        self._receive = receive

    async def break_off(self, kind: str) -> None:
        """End the connection, and return once the server has noticed."""
        if not self._transport.is_closing():  # the client may have been quicker
            self._end(kind)
        while (await self._receive())["type"] != "http.disconnect":
            pass

    def _end(self, kind: str) -> None:
        transport = self._transport
        if kind == "reset":
            linger = struct.pack("ii", 1, 0)
            raw = transport.get_extra_info("socket")
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            transport.abort()
            return
        if kind == "garbage":
            transport.write(GARBAGE)
        transport.close()


def transport_of(scope: Scope, receive: Receive, send: Send) -> Transport | None:
    """The connection of this request, if it can be got at."""
    given: Transport | None = scope.get("extensions", {}).get(KEY)
    if given is not None:
        return given
    below = getattr(getattr(send, "__self__", None), "transport", None)
    return None if below is None else ServerTransport(below, receive)
