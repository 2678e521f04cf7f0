"""An answer on its way out: what every one carries, what is kept of it, what faults do to it."""

from __future__ import annotations

import asyncio
from typing import Any, NoReturn

from starlette.types import Message, Receive, Send

from greenroom.emulator.journal import EXCHANGE, Entry
from greenroom.emulator.transport import Transport

_CHUNKS_A_SECOND = 10


class BrokenOffError(BaseException):
    """The exchange is over before its answer: a fault broke it off or answered instead.

    It passes everything that turns exceptions into answers, on purpose.
    """


class Answer:
    """Sends on what the engine sends."""

    __slots__ = (
        "_bodiless",
        "_broken",
        "_extra",
        "_given",
        "_halved",
        "_origin",
        "_rate",
        "_rushed",
        "_send",
        "entry",
        "receive",
        "transport",
    )

    def __init__(
        self, send: Send, exchange: str, world: str, origin: bytes | None, method: str
    ) -> None:
        self._send = send
        self._origin = origin
        self._bodiless = method == "HEAD"
        self._extra = (
            [(EXCHANGE, exchange.encode()), (b"x-greenroom-world", world.encode())]
            if world
            else []  # there is none of the name that was asked for
        )
        self._given: dict[bytes, bytes] = {}
        self._halved = False
        self._broken = ""
        self._rate = 0.0
        self._rushed: asyncio.Event | None = None
        self.receive: Receive | None = None
        self.entry: Entry | None = None
        self.transport: Transport | None = None

    @property
    def below(self) -> Send:
        """What it sends to."""
        return self._send

    def set_header(self, name: str, value: str) -> None:
        """Let the answer carry this header, in place of any of that name."""
        self._given[name.lower().encode("latin-1")] = value.encode("latin-1", "replace")

    def slow_down(self, rate: float, rushed: asyncio.Event) -> None:
        """Send the body with so many bytes per second, until there is cause to rush."""
        self._rate, self._rushed = rate, rushed

    async def wait(self, seconds: float, rushed: asyncio.Event) -> bool:
        """Wait so long; False once there is cause to rush, or the client is gone."""
        pending: list[asyncio.Future[Any]] = [asyncio.ensure_future(rushed.wait())]
        if self.receive is not None:
            pending.append(asyncio.ensure_future(_left(self.receive)))
        try:
            done, _ = await asyncio.wait(
                pending, timeout=seconds, return_when=asyncio.FIRST_COMPLETED
            )
        finally:
            for each in pending:
                each.cancel()
            await asyncio.gather(*pending, return_exceptions=True)
        return not done

    def halve(self) -> None:
        """Send half of the body and close."""
        self._halved = True

    def break_off(self, kind: str) -> NoReturn:
        """Leave it there; the connection ends in this way once the exchange has been kept."""
        self._broken = kind
        raise BrokenOffError(kind)

    async def end(self) -> None:
        """Break the connection if it was to break."""
        if self._broken and self.transport is not None:
            await self.transport.break_off(self._broken)

    async def __call__(self, message: Message) -> None:
        """Pass one message on."""
        if message["type"] == "http.response.start":
            headers = message["headers"] = [*message.get("headers", ()), *self._extra]
            if self._given:
                headers[:] = [pair for pair in headers if pair[0] not in self._given]
                headers += self._given.items()
            if self._origin is not None:
                _open_to(self._origin, headers)
            if self.entry is not None:
                self.entry.status = message["status"]
                self.entry.answer.raw_headers = headers
        else:
            if self._bodiless:
                message["body"] = b""
            if self.entry is not None:
                self.entry.answer.body += message.get("body", b"")
            if self._rate or self._halved:
                await self._twisted(message.get("body", b""))
                return
        await self._send(message)

    async def _twisted(self, body: bytes) -> None:
        if self._halved:
            body = body[: len(body) // 2]
        start, size = 0, max(1, int(self._rate / _CHUNKS_A_SECOND))
        while self._rushed is not None and start < len(body):
            chunk = body[start : start + size]
            if not await self.wait(len(chunk) / self._rate, self._rushed):
                break
            await self._send({"type": "http.response.body", "body": chunk, "more_body": True})
            start += size
        await self._send(
            {"type": "http.response.body", "body": body[start:], "more_body": self._halved}
        )
        if self._halved:
            self.break_off("half")


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _open_to(origin: bytes, headers: list[tuple[bytes, bytes]]) -> None:
    """Let scripts of that origin read the answer, unless the provider spoke of it itself."""
    if any(name == b"access-control-allow-origin" for name, _ in headers):
        return
    exposed = b", ".join({name: b"" for name, _ in headers})
    headers += [
        (b"access-control-allow-origin", origin),
        (b"access-control-allow-credentials", b"true"),
        (b"access-control-expose-headers", exposed),
        (b"vary", b"Origin"),
    ]
