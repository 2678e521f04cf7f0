"""What happens in a world, as it happens: the newest things, numbered, for whoever listens."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable

from greenroom.emulator.toolkit import Json
from greenroom.emulator.toolkit.writing import json_bytes

HEARTBEAT = 15.0
Render = Callable[[], Json]


class Feed:
    """The last things that happened; what they look like is worked out when somebody asks."""

    def __init__(self, *, limit: int = 1_000, size: int = 4 * 1024 * 1024) -> None:
        self._happened: deque[tuple[int, str, Render, int]] = deque()
        self._limit = limit
        self._size_limit = size
        self._size = 0
        self._count = 0
        self._waiting: list[asyncio.Event] = []

    def add(self, kind: str, render: Render, size: int = 0) -> None:
        """Something happened, which takes so many bytes to remember."""
        self._count += 1
        self._happened.append((self._count, kind, render, size))
        self._size += size
        while len(self._happened) > self._limit or (
            self._size > self._size_limit and len(self._happened) > 1
        ):
            self._size -= self._happened.popleft()[-1]
        while self._waiting:
            self._waiting.pop().set()

    def since(self, number: int) -> list[Json]:
        """What happened after the thing with that number: `[{id, kind, …}]`."""
        return [
            {"id": each, "kind": kind, **render()}
            for each, kind, render, _ in list(self._happened)
            if each > number
        ]

    async def live(self, number: int) -> AsyncIterator[bytes]:
        """The same without end, as server-sent events, with a comment when nothing happens."""
        while True:
            for event in self.since(number):
                number = event["id"]
                yield b"id: %d\nevent: %s\ndata: %s\n\n" % (
                    number,
                    event["kind"].encode(),
                    json_bytes(event),
                )
            news = asyncio.Event()
            self._waiting.append(news)
            try:
                await asyncio.wait_for(news.wait(), HEARTBEAT)
            except TimeoutError:
                self._waiting.remove(news)
                yield b": still here\n\n"
