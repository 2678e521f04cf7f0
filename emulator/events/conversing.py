"""What is said over a socket, both ways, until it ends."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.types import Receive, Send

from greenroom.emulator.events.connections import TOO_BIG, Connection

BURST = 1_000  # messages that a client may send at once …
RATE = 500.0  # … and how many a second after that; what comes faster is not read

Hear = Callable[[str | bytes], Awaitable[None] | None]


async def converse(connection: Connection, receive: Receive, send: Send, hear: Hear) -> int:
    """Carry what is said both ways until it ends; answers the close code.

    The next message is read when the last has been dealt with, and no faster than a client may
    send: what comes faster waits outside.
    """
    writing = asyncio.ensure_future(connection.write(send))
    try:
        return await _listen(connection, receive, hear)
    finally:
        connection.stop()
        writing.cancel()
        await asyncio.gather(writing, return_exceptions=True)


async def _listen(connection: Connection, receive: Receive, hear: Hear) -> int:
    loop = asyncio.get_running_loop()
    allowance, then = float(BURST), loop.time()
    while True:
        message = await _next(connection, receive)
        if message["type"] == "websocket.disconnect":
            if connection.over is not None:
                return connection.over.code
            return int(message.get("code") or 1005)
        if connection.over is not None:
            continue
        data: str | bytes | None = message.get("text")
        if data is None:
            data = message.get("bytes") or b""
        if 0 < connection.limit < _size_of(data):
            connection.hang_up(TOO_BIG, f"a message has at most {connection.limit} bytes")
            continue
        heard = hear(data)
        if heard is not None:
            await heard
        now = loop.time()
        allowance, then = min(BURST, allowance + (now - then) * RATE) - 1, now
        if allowance < 0:
            await asyncio.sleep(-allowance / RATE)


async def _next(connection: Connection, receive: Receive) -> Any:
    """The next message; a silence that is too long ends the connection."""
    if not connection.idle or connection.over is not None:
        return await receive()
    try:
        async with asyncio.timeout(connection.idle):
            return await receive()
    except TimeoutError:
        connection.hang_up(1000, "nothing was said for too long")
        return await receive()


def _size_of(data: str | bytes) -> int:
    """How many bytes of a message there are."""
    return len(data) if isinstance(data, bytes) or data.isascii() else len(data.encode())
