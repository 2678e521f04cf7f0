"""One connected socket: what waits to be sent over it, and how it ends."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import NamedTuple

from starlette.types import Send

from greenroom.emulator.frames import Frames, Said
from greenroom.emulator.toolkit import HangUp

FRAMES = 10_000  # so many may wait for a client that does not keep up …
BYTES = 8 * 1024 * 1024  # … or so many bytes of them
PATIENCE = 10.0  # seconds a client may take to read the rest once its socket is to be closed
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
