"""The connection a delivery is made over: to a checked address, and with an end."""

from __future__ import annotations

import ssl
from collections.abc import Iterable

from httpcore import (
    SOCKET_OPTION,
    AnyIOBackend,
    AsyncNetworkBackend,
    AsyncNetworkStream,
    ReadError,
)

LONGEST = 64 * 1024  # bytes that are listened to
AT_A_TIME = 1024  # bytes between which others have their turn


class Line(AsyncNetworkBackend):
    """Leads to one address and port, whatever httpcore asks for."""

    def __init__(self, address: str, port: int) -> None:
        self._address = address
        self._port = port

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[SOCKET_OPTION] | None = None,
    ) -> AsyncNetworkStream:
        """Connect with the address."""
        return _Bounded(await AnyIOBackend().connect_tcp(self._address, self._port))


class _Bounded(AsyncNetworkStream):
    """A connection that is broken off when more is said than is listened to."""

    def __init__(self, stream: AsyncNetworkStream) -> None:
        self._stream = stream
        self._heard = 0

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Hear what is said next."""
        if self._heard >= LONGEST:
            raise ReadError("it has no end")
        part = await self._stream.read(min(max_bytes, AT_A_TIME))
        if not part and not self._heard:
            raise ReadError("the connection was closed")
        self._heard += len(part)
        return part

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Say something."""
        await self._stream.write(buffer)

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> AsyncNetworkStream:
        """Make sure who is there, and that nobody listens in."""
        try:
            self._stream = await self._stream.start_tls(ssl_context, server_hostname)
        except BaseException:  # httpcore leaves it open when this takes too long
            await self.aclose()
            raise
        return self

    async def aclose(self) -> None:
        """Hang up."""
        await self._stream.aclose()
