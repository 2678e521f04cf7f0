"""The connected sockets of a world: what waits to be sent over each, and how each one ends."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Iterator
from typing import Any, NamedTuple

from starlette.types import Receive, Send

from greenroom.emulator.frames import OUT, Frames, Said
from greenroom.emulator.toolkit import Frame, HangUp, Json, Leaving
from greenroom.emulator.toolkit.writing import json_bytes
from greenroom.state import wall

FRAMES = 10_000  # so many may wait for a client that does not keep up …
BYTES = 8 * 1024 * 1024  # … or so many bytes of them
PATIENCE = 10.0  # seconds a client may take to read the rest once its socket is to be closed
BURST = 1_000  # messages that a client may send at once …
RATE = 500.0  # … and how many a second after that; what comes faster is not read
ORDERED = "a fault was ordered"
LONGEST_REASON = 123  # bytes that a close frame has room for

GONE = 1001
BROKEN = 1006
REFUSED = 1008
TOO_BIG = 1009
FAILED = 1011
RESTARTED = 1012
TOO_SLOW = 1013


class Parcel(NamedTuple):
    """Something on its way to a client: a message, or the end."""

    data: str | bytes | HangUp
    held: Callable[[], Awaitable[object]] | None = None


class Fate(NamedTuple):
    """What becomes of a message: how often it arrives, after what, and whether all ends there."""

    times: int = 1
    held: Callable[[], Awaitable[object]] | None = None
    end: int | None = None


class Sent(NamedTuple):
    """One message that is on its way to some sockets of a provider."""

    provider: str
    said: Said
    sockets: list[str]

    def shown(self) -> Json:
        """The message as whoever listens sees it."""
        return {"provider": self.provider, "sockets": self.sockets, **self.said.shown()}


def encoded(body: Json | str | bytes) -> str | bytes:
    """A body as it is sent: JSON as text, the rest as it is."""
    return body if isinstance(body, str | bytes) else json_bytes(body).decode()


def size_of(data: str | bytes) -> int:
    """How many bytes of a message there are."""
    return len(data) if isinstance(data, bytes) or data.isascii() else len(data.encode())


class Connection:
    """One connected socket, seen from inside: whoever sends to it never waits for it.

    A client that leaves too much unread is dropped. `sever` is how: the server's own way to end
    a connection that takes nothing any more. After the end has been ordered nothing is sent, and
    nothing that the client sends is heard.
    """

    __slots__ = (
        "_closing",
        "_interfere",
        "_loop",
        "_news",
        "_sever",
        "_size",
        "_waiting",
        "exchange",
        "frames",
        "id",
        "idle",
        "limit",
        "over",
        "path",
        "provider",
        "since",
    )

    def __init__(
        self,
        id_: str,
        provider: str,
        path: str,
        *,
        limit: int,
        idle: float,
        since: str = "",
        exchange: str = "",
        sever: Callable[[int, str], None] | None = None,
        interfere: Interfere | None = None,
    ) -> None:
        self.id = id_
        self.provider = provider
        self.path = path
        self.limit = limit
        self.idle = idle
        self.since = since
        self.exchange = exchange
        self.frames = Frames()
        self.over: HangUp | None = None
        self._waiting: deque[Parcel] = deque()
        self._size = 0
        self._loop = asyncio.get_running_loop()
        self._news = asyncio.Event()
        self._closing: asyncio.TimerHandle | None = None
        self._sever = sever
        self._interfere = interfere

    def fate(self, said: Said) -> Fate:
        """What becomes of a message that comes or goes."""
        found = self._interfere(self, said) if self._interfere is not None else None
        return found or _ORDINARY

    def tell(self, said: Said) -> None:
        """Send a message, as its fate has it."""
        times, held, end = self.fate(said)
        for _ in range(times):
            self.put(said.data, held)
        if end is not None:
            self.end(end)

    def end(self, code: int) -> None:
        """End it because a fault says so; with `BROKEN` it breaks without a word."""
        if code == BROKEN:
            self.drop(BROKEN, ORDERED)
        else:
            self.hang_up(code, ORDERED)

    def put(self, data: str | bytes, held: Callable[[], Awaitable[object]] | None = None) -> None:
        """Send this after what waits already; `held` is awaited before, if there is cause."""
        if self.over is not None:
            return
        self._size += len(data)
        if len(self._waiting) >= FRAMES or self._size > BYTES:
            self.drop(TOO_SLOW, "too much was left unread")
            return
        self._waiting.append(Parcel(data, held))
        self._news.set()

    def hang_up(self, code: int = 1000, reason: str = "", patience: float = PATIENCE) -> None:
        """Close it, once it has what waits for it; a client that does not take it is dropped.

        A code with which nothing can be closed breaks it without a word.
        """
        code = code if can_close(code) else BROKEN
        if self.over is None:
            self.over = HangUp(self.id, code, fitting(reason))
            self._waiting.append(Parcel(self.over))
            self._news.set()
            self._closing = self._loop.call_later(patience, self._give_up)

    def drop(self, code: int, reason: str) -> None:
        """End it now; what waits is forgotten."""
        self.over = HangUp(self.id, code, fitting(reason))
        self._waiting.clear()
        self._size = 0
        if self._sever is not None:
            self._sever(code, self.over.reason)
        else:
            self._waiting.append(Parcel(self.over))
            self._news.set()

    def _give_up(self) -> None:
        assert self.over is not None
        self.drop(self.over.code, self.over.reason)

    async def write(self, send: Send) -> None:
        """Send what waits, in order, until the end or until nobody takes it."""
        try:
            while True:
                while not self._waiting:
                    self._news.clear()
                    await self._news.wait()
                data, held = self._waiting.popleft()
                if held is not None:
                    await held()
                if isinstance(data, HangUp):
                    await self._close(data, send)
                    return
                self._size -= len(data)
                kind = "text" if isinstance(data, str) else "bytes"
                await send({"type": "websocket.send", kind: data})
        except OSError:
            return  # the client is gone; whoever reads learns of it

    async def _close(self, end: HangUp, send: Send) -> None:
        if end.code == BROKEN and self._sever is not None:
            self._sever(BROKEN, "")
        else:
            await send({"type": "websocket.close", "code": end.code, "reason": end.reason})

    def stop(self) -> None:
        """Let go of what would end it later."""
        if self._closing is not None:
            self._closing.cancel()


Interfere = Callable[[Connection, Said], "Fate | None"]
_ORDINARY = Fate()


def can_close(code: int) -> bool:
    """Whether a socket can be closed with that code (RFC 6455, 7.4)."""
    return code in (1000, 1001, 1002, 1003, *range(1007, 1015)) or 3000 <= code < 5000


def fitting(reason: str) -> str:
    """As much of a reason as a close frame has room for."""
    return reason.encode()[:LONGEST_REASON].decode("utf-8", "ignore")


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
        if 0 < connection.limit < size_of(data):
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


class Sockets:
    """The connected sockets of one world, by id."""

    def __init__(self) -> None:
        self._connected: dict[str, Connection] = {}
        self.journeys = -1  # of the world, when it was last made sure that nobody is left behind

    def add(self, connection: Connection) -> None:
        """From here on it is sent what is sent to its id."""
        self._connected[connection.id] = connection

    def remove(self, connection: Connection) -> bool:
        """It is sent nothing more; answers whether it was still one of this world's."""
        if not self.holds(connection):
            return False
        del self._connected[connection.id]
        return True

    def leave(self, things: Iterable[Leaving]) -> list[Sent]:
        """Send what there is to send, in order, each body encoded once; end what is to end."""
        written: dict[int, Sent] = {}
        for thing in things:
            if isinstance(thing, HangUp):
                found = self._connected.get(thing.socket)
                if found is not None:
                    found.hang_up(thing.code, thing.reason)
                continue
            for frame in (thing,) if isinstance(thing, Frame) else thing.event.frames:
                self._send(frame, written)
        return list(written.values())

    def _send(self, frame: Frame, written: dict[int, Sent]) -> None:
        connection = self._connected.get(frame.socket)
        if connection is None:
            return
        sent = written.get(id(frame.body))
        if sent is None:
            said = Said(wall(), OUT, encoded(frame.body))
            sent = written[id(frame.body)] = Sent(connection.provider, said, [])
        sent.sockets.append(connection.id)
        connection.frames.add(sent.said)
        connection.tell(sent.said)

    def close(self, code: int, reason: str) -> None:
        """End all of them; they are this world's no more."""
        connected, self._connected = self._connected, {}
        for connection in connected.values():
            connection.hang_up(code, reason)

    def holds(self, connection: Connection) -> bool:
        """Whether it is one of this world's."""
        return self._connected.get(connection.id) is connection

    def __contains__(self, id_: object) -> bool:
        return id_ in self._connected

    def __iter__(self) -> Iterator[Connection]:
        return iter(list(self._connected.values()))

    def __len__(self) -> int:
        return len(self._connected)
