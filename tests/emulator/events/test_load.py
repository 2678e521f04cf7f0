"""Clients that read slowly, speak fast, or keep up with a lot."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import pytest
from websockets.exceptions import ConnectionClosed

from greenroom.emulator.events.connections import FRAMES, Connection
from greenroom.emulator.events.conversing import converse

if TYPE_CHECKING:
    from tests.emulator.events.conftest import Room

MANY = 5_000


def test_who_keeps_up_hears_everything_once_and_in_order(room: Room) -> None:
    client = room.connect(max_queue=None)
    for _ in range(5):
        room.send(f"POST /tiny/rooms/hall/shout?times={MANY}", timeout=60)
    heard = [json.loads(client.recv(timeout=30))["number"] for _ in range(5 * MANY)]
    assert heard == [*range(MANY)] * 5


def test_who_reads_nothing_is_dropped_and_keeps_nobody_waiting(room: Room) -> None:
    slow, quick = room.connect("who=slow", max_queue=1), room.connect("who=quick", max_queue=None)
    for _ in range(20):  # of 2 MB each: both sides of a connection hold something back
        answer = room.send("POST /tiny/rooms/hall/shout?times=20&size=100000", timeout=20)
        assert answer.status_code == 200
    heard = [json.loads(quick.recv(timeout=10)) for _ in range(401)]
    assert {"gone": "slow", "code": 1013} in heard
    assert [each["id"] for each in room.order("GET /sockets")] == ["s2"]
    with pytest.raises(ConnectionClosed):
        list(iter(lambda: slow.recv(timeout=10), None))


def test_a_flood_is_read_no_faster_than_it_may_come(room: Room) -> None:
    client = room.connect("who=ada", max_queue=None)
    for _ in range(1_100):
        client.send("echo")
    client.send("last")
    assert [client.recv(timeout=10) for _ in range(1_100)] == ["echo"] * 1_100
    assert json.loads(client.recv(timeout=10))["said"] == "last"


async def said(connection: Connection, *events: Any) -> tuple[int, list[Any]]:
    """What a server is given to send when it takes all, for these events from the client."""
    sent: list[Any] = []
    coming = asyncio.Queue[Any]()
    for each in events:
        coming.put_nowait(each)

    async def send(message: Any) -> None:
        sent.append(message)
        if message["type"] == "websocket.close":
            coming.put_nowait({"type": "websocket.disconnect", "code": 1005})

    code = await converse(connection, coming.get, send, lambda _: None)
    return code, sent


def made(**more: Any) -> Connection:
    return Connection("s1", "tiny", "/talk", limit=10, idle=0, **more)


def test_a_server_without_a_way_to_cut_off_closes() -> None:
    async def overrun() -> tuple[int, list[Any]]:
        connection = made()
        for number in range(FRAMES + 1):
            connection.put(f"{number}")
        return await said(connection)

    code, sent = asyncio.run(overrun())
    assert code == 1013
    assert sent == [{"type": "websocket.close", "code": 1013, "reason": "too much was left unread"}]


def test_nothing_follows_the_end() -> None:
    async def talk() -> tuple[int, list[Any]]:
        connection = made()
        connection.put("one")
        connection.hang_up(4000, "é" * 100)
        connection.put("two")
        connection.hang_up(4001)
        return await said(connection, {"type": "websocket.receive", "text": "x" * 11})

    code, sent = asyncio.run(talk())
    assert (code, sent) == (
        4000,
        [
            {"type": "websocket.send", "text": "one"},
            {"type": "websocket.close", "code": 4000, "reason": "é" * 61},
        ],
    )


def test_a_client_that_does_not_take_the_end_is_cut_off() -> None:
    cut: list[tuple[int, str]] = []

    async def wait() -> None:
        done = asyncio.Event()

        def sever(code: int, reason: str) -> None:
            cut.append((code, reason))
            done.set()

        connection = made(sever=sever)
        connection.hang_up(4000, "enough", patience=0.01)
        await asyncio.wait_for(done.wait(), 5)

    asyncio.run(wait())
    assert cut == [(4000, "enough")]
