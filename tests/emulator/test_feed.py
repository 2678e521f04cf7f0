"""The bounds of a feed."""

from __future__ import annotations

import asyncio

from greenroom.emulator.feed import Feed


def ids(feed: Feed) -> list[int]:
    return [each["id"] for each in feed.since(0)]


def test_only_so_many_things_are_remembered() -> None:
    feed = Feed(limit=2)
    for _ in range(4):
        feed.add("edit", dict)
    assert ids(feed) == [3, 4]


def test_large_things_make_room_sooner_and_the_newest_stays() -> None:
    feed = Feed(size=100)
    for size in (60, 30, 30, 500):
        feed.add("exchange", dict, size)
    assert ids(feed) == [4]
    feed.add("edit", dict)
    assert ids(feed) == [5]
    for _ in range(3):
        feed.add("exchange", dict, 40)
    assert ids(feed) == [7, 8]


def test_who_listens_gets_numbers_of_any_size() -> None:
    async def first() -> bytes:
        feed = Feed()
        feed.add("edit", lambda: {"seats": 10**20})
        return await anext(feed.live(0))

    told = b'id: 1\nevent: edit\ndata: {"id":1,"kind":"edit","seats":100000000000000000000}\n\n'
    assert asyncio.run(first()) == told
