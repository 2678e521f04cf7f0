"""What is done with one record costs the same in a large collection as in a small one."""

from __future__ import annotations

import time
from collections.abc import Callable
from itertools import count

import pytest

from greenroom.state import Collection, Indexes, Store

KIND = ("api", "rooms")
SIZES = (300, 15_000)


def filled(size: int) -> Collection:
    """A collection of so many records, ten of each owner."""
    rooms = Store(collections={KIND: Indexes(plain=("owner", "status"))}).collection(*KIND)
    for number in range(size):
        rooms.add({"id": str(number), "owner": number // 10, "status": "live", "n": number})
    return rooms


@pytest.fixture(scope="module")
def collections() -> list[Collection]:
    """A small collection and a large one."""
    return [filled(size) for size in SIZES]


FRESH = count(10**6)

WORKS: dict[str, Callable[[Collection], object]] = {
    "add": lambda rooms: rooms.add({"id": str(next(FRESH)), "owner": -1, "status": "new"}),
    "get": lambda rooms: rooms.get("123"),
    "find by an index": lambda rooms: rooms.find(owner=12),
    "count": lambda rooms: rooms.count(status="live"),
    "page of all": lambda rooms: rooms.find(skip=len(rooms) // 2, limit=5),
    "page of an index": lambda rooms: rooms.find(status="live", skip=len(rooms) // 3, limit=5),
    "save": lambda rooms: rooms.save(
        {"id": "123", "owner": 12, "status": "live", "n": next(FRESH)}
    ),
}


def seconds(work: Callable[[Collection], object], rooms: Collection) -> float:
    """The processor time of some hundred repetitions, at its best."""
    best = float("inf")
    for _ in range(7):
        began = time.process_time()
        for _ in range(200):
            work(rooms)
        best = min(best, time.process_time() - began)
    return best


@pytest.mark.parametrize("name", WORKS)
def test_cost_does_not_grow(collections: list[Collection], name: str) -> None:
    small, large = (seconds(WORKS[name], rooms) for rooms in collections)
    # The benchmark holds a stricter measure on a quiet machine; a scan would be 100 times slower.
    assert large < 4 * small
