"""Identifiers of a world: seeded, counted, and part of its snapshots."""

from __future__ import annotations

from datetime import UTC, datetime

from greenroom.state.chance import blocks, draw
from greenroom.state.clock import Clock, to_microseconds
from greenroom.state.storage import COUNTER, LiveStorage, Root

_SNOWFLAKE_EPOCH = to_microseconds(datetime(2024, 1, 1, tzinfo=UTC)) // 1000
_SNOWFLAKE_SHIFT = 22
_SNOWFLAKE_TIMES = 1 << (63 - _SNOWFLAKE_SHIFT)
_VERSION_4 = ~(0xF << 76 | 0x3 << 62), 0x4 << 76 | 0x2 << 62


class Ids:
    """The source of identifiers: the same seed gives the same ones."""

    __slots__ = ("_clock", "_storage")

    def __init__(self, storage: LiveStorage, clock: Clock) -> None:
        self._storage = storage
        self._clock = clock

    def uuid(self) -> str:
        """A UUID of version 4."""
        mask, marks = _VERSION_4
        digits = f"{self._draw(128) & mask | marks:032x}"
        return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"

    def hex(self, length: int) -> str:
        """That many lower-case hexadecimal digits."""
        return f"{self._draw(4 * length):0{length}x}" if length > 0 else ""

    def text(self, length: int, alphabet: str) -> str:
        """That many characters of an alphabet; one that is empty is a ValueError."""
        if not alphabet:
            raise ValueError("A text needs an alphabet of at least one character.")
        if length <= 0:
            return ""
        # 64 bits more than needed make the remainder as good as fair.
        number = self._draw(length * len(alphabet).bit_length() + 64)
        characters = []
        for _ in range(length):
            number, index = divmod(number, len(alphabet))
            characters.append(alphabet[index])
        return "".join(characters)

    def count(self, name: str) -> int:
        """The next of 1, 2, 3… under that name."""
        with self._storage.lock:
            root = self._storage.root
            number = root.counts.get(name, 0) + 1
            counts = root.counts.set(name, number)
            self._storage.touched[name, COUNTER] = None
            self._storage.move(Root(*root[:5], counts, root.snowflake))
        return number

    def snowflake(self) -> int:
        """A rising number of 63 bits: milliseconds since 2024 by 2^22, above the last one given."""
        since = max(0, self._clock.milliseconds() - _SNOWFLAKE_EPOCH)
        with self._storage.lock:
            root = self._storage.root
            earliest = min(since, _SNOWFLAKE_TIMES - 1) << _SNOWFLAKE_SHIFT
            number = max(earliest, root.snowflake + 1)
            self._storage.move(Root(*root[:6], number))
        return number

    def _draw(self, bits: int) -> int:
        with self._storage.lock:
            root = self._storage.root
            position = root.ids + blocks(bits)
            self._storage.move(Root(*root[:3], position, *root[4:]))
        return draw(root.seed, "ids", root.ids, bits)
