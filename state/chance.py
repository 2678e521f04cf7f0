"""Randomness that is the same in every run: a keyed hash of a seed and a counter.

The whole state of a stream is two whole numbers, kept in the root of the world, so that
roll-backs, forks and snapshots have it for nothing.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from functools import lru_cache
from hashlib import blake2b
from typing import Any

_BLOCK = 64


@lru_cache(maxsize=256)
def _key(seed: int, stream: str) -> Any:
    secret = blake2b(f"{stream}:{seed}".encode(), digest_size=32).digest()
    return blake2b(key=secret, digest_size=_BLOCK)


def blocks(bits: int) -> int:
    """How many steps of a stream that many bits need."""
    return -(-bits // (8 * _BLOCK))


def draw(seed: int, stream: str, position: int, bits: int) -> int:
    """A number of that many bits from a position of a stream; it uses `blocks(bits)` steps."""
    drawn = b""
    for step in range(position, position + blocks(bits)):
        block = _key(seed, stream).copy()
        block.update(step.to_bytes(16, "big"))
        drawn += block.digest()
    return int.from_bytes(drawn, "big") >> (8 * len(drawn) - bits)


class Chance(random.Random):
    """Python's `random.Random` over the random stream of a world."""

    def __new__(cls, take: Callable[[int], int]) -> Chance:
        """Make the object without asking the operating system for entropy."""
        return random.Random.__new__(cls, 0)  # type: ignore[call-arg]  # typeshed has object's

    def __init__(self, take: Callable[[int], int]) -> None:
        self._take = take

    @property
    def gauss_next(self) -> None:
        """Nothing: half of a pair of Gaussian numbers kept for later would be hidden state."""

    @gauss_next.setter
    def gauss_next(self, value: float | None) -> None:
        pass

    def random(self) -> float:
        """The next number from 0.0 up to but without 1.0."""
        return self._take(53) * 2.0**-53

    def getrandbits(self, k: int, /) -> int:
        """The next number of that many bits."""
        if k < 0:
            raise ValueError("The number of bits must not be negative.")
        return self._take(k) if k else 0

    def seed(self, *args: Any, **kwargs: Any) -> None:
        """Refuse: the seed belongs to the world."""
        raise NotImplementedError("The seed of a world is given to its store.")

    def getstate(self) -> Any:
        """Refuse: the state is a part of the world's snapshots."""
        raise NotImplementedError("The random state is kept in the store's snapshots.")

    def setstate(self, state: Any) -> None:
        """Refuse: the state is a part of the world's snapshots."""
        raise NotImplementedError("The random state is kept in the store's snapshots.")
