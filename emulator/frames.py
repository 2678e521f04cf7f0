"""The frames that went over a socket: the last of them, to be looked at."""

from __future__ import annotations

import base64
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, NamedTuple

import orjson

from greenroom.emulator.toolkit import Json
from greenroom.emulator.toolkit.writing import instant_text

IN, OUT = "in", "out"
SEND, CLOSE = "SEND", "CLOSE"  # stand for a method where there is a message, or the end
_OVERHEAD = 100


class Said(NamedTuple):
    """One message: when, in microseconds of the time outside, which way, and what."""

    at: int
    direction: str
    data: str | bytes

    def shown(self) -> Json:
        """The message as the control plane shows it."""
        return {
            "at": instant_text(datetime.fromtimestamp(self.at / 1_000_000, UTC)),
            "direction": self.direction,
            **readable(self.data),
        }

    @property
    def size(self) -> int:
        """Roughly how many bytes it takes to keep."""
        return len(self.data) + _OVERHEAD


def readable(data: str | bytes) -> Json:
    """A message for a person: JSON as JSON, text as text, bytes as base64."""
    if isinstance(data, bytes):
        return {"body": base64.b64encode(data).decode(), "encoding": "base64"}
    body: Any = data
    with suppress(orjson.JSONDecodeError):
        body = orjson.loads(data)
    return {"body": body}


class Frames:
    """The last messages of one socket, bounded by count and by bytes; the forgotten are counted."""

    __slots__ = ("_kept", "_limit", "_size_limit", "dropped", "size")

    def __init__(self, *, limit: int = 100, size: int = 64 * 1024) -> None:
        self.dropped = self.size = 0
        self._kept: deque[Said] = deque()
        self._limit = limit
        self._size_limit = size

    def add(self, said: Said) -> None:
        """Keep one more; the oldest make room."""
        self._kept.append(said)
        self.size += said.size
        while len(self._kept) > self._limit or self.size > self._size_limit:
            self.size -= self._kept.popleft().size
            self.dropped += 1

    def __len__(self) -> int:
        return len(self._kept)

    def __iter__(self) -> Iterator[Said]:
        return iter(list(self._kept))
