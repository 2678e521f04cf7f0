"""The server's HTTP protocol, with head and body of an answer in one write.

Uvicorn writes the head when it is known and the body after it, and each write wakes the client;
an answer of ours is ready in one go.
"""

from __future__ import annotations

import asyncio
from typing import Any, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

LONGEST_URL = 65_535  # that can be taken apart; the application refuses it earlier
LONGEST_LINE, MOST_HEADERS = 8_000, 120  # of a handshake, a little less than `websockets` takes


class Gathering:
    """A transport that holds what is written until the loop has nothing else at hand."""

    __slots__ = ("_below", "_loop", "_parts")

    def __init__(self, below: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._below = below
        self._loop = loop
        self._parts: list[bytes] = []

    def write(self, data: bytes) -> None:
        """Hold the data; what follows at once goes with it."""
        if not self._parts:
            self._loop.call_soon(self._flush)
        self._parts.append(data)

    def close(self) -> None:
        """Write what is held, then close."""
        self._flush()
        self._below.close()

    def write_eof(self) -> None:
        """Write what is held, and say that nothing follows."""
        self._flush()
        if not self._below.is_closing():
            self._below.write_eof()

    def abort(self) -> None:
        """Close, and forget what is held."""
        self._parts.clear()
        self._below.abort()

    def _flush(self) -> None:
        if self._parts:
            data = b"".join(self._parts)
            self._parts.clear()
            if not self._below.is_closing():
                self._below.write(data)

    def __getattr__(self, name: str) -> Any:
        """Everything else is the transport's own."""
        return getattr(self._below, name)


class OneWriteProtocol(HttpToolsProtocol):
    """Uvicorn's protocol over a gathering transport."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin a connection."""
        below = cast("asyncio.Transport", transport)  # the server makes no others
        super().connection_made(cast("asyncio.Transport", Gathering(below, self.loop)))

    def on_url(self, url: bytes) -> None:
        """Take the address; of one that is too long, as much as shows that it is."""
        self.url = (self.url + url)[:LONGEST_URL]

    def handle_websocket_upgrade(self) -> None:
        """Become a WebSocket; what those need is imported when the first one is asked for."""
        from greenroom.emulator.duplex import DuplexProtocol

        self.ws_protocol_class = DuplexProtocol
        super().handle_websocket_upgrade()

    def _should_upgrade_to_ws(self) -> bool:
        """Whether this server has WebSockets."""
        return True

    def _should_upgrade(self) -> bool:
        """Whether this becomes a WebSocket; what the library of those would choke on does not.

        The application then answers it like any other request.
        """
        return super()._should_upgrade() and (
            self.scope["method"] == "GET"
            and len(self.url) <= LONGEST_LINE
            and len(self.headers) <= MOST_HEADERS
            and all(len(name) + len(value) <= LONGEST_LINE for name, value in self.headers)
        )

    def _unsupported_upgrade_warning(self) -> None:
        """Say nothing: the answer does."""
