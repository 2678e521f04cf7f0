"""What sockets cost and whether they keep their promises: `python bench/sockets.py`.

A served exchange, its clients in this process: 500 sockets in 50 rooms while people in them are
muted and unmuted, one client that is told 100,000 events, 500 sockets that are idle, and requests
with and without 200 of them. It prints the figures and fails when a bar is missed.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import re
import statistics
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator

import httpx
from load import Sample, burst, cpu_seconds, request_bytes, resident_mib
from websockets.asyncio.client import ClientConnection, connect

ACCOUNT = "9d351ad7ffd6f846313af9eed3bb7b85"
CONFERENCES = f"/kazoo/v2/accounts/{ACCOUNT}/conferences"
ALICE = {"X-Auth-Token": "alice"}
ROOMS, SOCKETS = 50, 500
ROUNDS = 20  # broadcasts in each room
PACE = 50  # broadcasts a second over all rooms: one in each
PEOPLE = 50
EVENTS = 100_000
IDLE = 200
PATIENCE = 30.0  # seconds until what has not been heard is lost
BURST = 4.0  # seconds of requests …
BURSTS = 5  # … so often, with and without sockets in turn
BARS = {"p99": 100.0, "memory": 100.0, "share": 5.0}


@contextlib.contextmanager
def serving() -> Iterator[tuple[str, int]]:
    """The address and the process of a server of its own."""
    order = [sys.executable, "-m", "greenroom.emulator", "serve", "kazoo", "--port", "0"]
    process = subprocess.Popen(order, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        for line in process.stdout:
            if found := re.search(r"http://127\.0\.0\.1:\d+", line):
                yield found[0], process.pid
                break
    finally:
        process.terminate()
        process.wait(20)


class Exchange:
    """The served exchange, with conferences that have people in them."""

    def __init__(self, client: httpx.AsyncClient, url: str, pid: int) -> None:
        self.client = client
        self.url = url
        self.pid = pid

    async def furnish(self, name: str, people: int) -> str:
        """A conference with so many members in it."""
        data = {"name": name, "member": {"join_muted": False}}
        answer = await self.client.put(CONFERENCES, json={"data": data}, headers=ALICE)
        meeting: str = answer.json()["data"]["id"]
        for number in range(people):
            body = {"meeting": meeting, "number": f"{1000 + number}"}
            joined = await self.client.post(
                "/_greenroom/stimuli/kazoo/participant_joins", json=body
            )
            joined.raise_for_status()
        return meeting

    async def act(self, meeting: str, action: str) -> None:
        """Do something to everybody in a conference."""
        place = f"{CONFERENCES}/{meeting}/participants"
        answer = await self.client.put(place, json={"data": {"action": action}}, headers=ALICE)
        assert answer.status_code == 201, answer.text

    async def connect(self, meeting: str, world: str = "main") -> ClientConnection:
        """A client that is subscribed to a conference."""
        address = self.url.replace("http", "ws", 1) + f"/~{world}/kazoo/websocket"
        socket = await connect(address, compression=None, max_queue=None)
        data = {"account_id": ACCOUNT, "binding": f"conference.event.{meeting}.*"}
        await socket.send(json.dumps({"action": "subscribe", "auth_token": "alice", "data": data}))
        assert json.loads(await socket.recv())["status"] == "success"
        return socket

    @contextlib.asynccontextmanager
    async def connected(self, meetings: list[str]) -> AsyncIterator[list[ClientConnection]]:
        """A client for each of these, a room as often as it is named."""
        sockets = []
        for some in batched(meetings, 50):
            sockets += await asyncio.gather(*map(self.connect, some))
        try:
            yield sockets
        finally:
            await asyncio.gather(*(socket.close() for socket in sockets))


def batched(things: list[str], size: int) -> Iterator[list[str]]:
    for start in range(0, len(things), size):
        yield things[start : start + size]


async def broadcasts(exchange: Exchange, meetings: list[str]) -> dict[str, float]:
    """Milliseconds from an order until each member of its room has heard of it."""
    ordered: dict[tuple[str, int], float] = {}
    late: list[float] = []

    async def listen(meeting: str, socket: ClientConnection) -> None:
        for number in range(ROUNDS):
            await socket.recv()
            late.append((time.perf_counter() - ordered[meeting, number]) * 1000)

    members = [each for each in meetings for _ in range(SOCKETS // ROOMS)]
    async with exchange.connected(members) as sockets:
        listening = [
            asyncio.create_task(listen(*pair)) for pair in zip(members, sockets, strict=True)
        ]
        turns = {meeting: asyncio.Lock() for meeting in meetings}

        async def act(meeting: str, number: int) -> None:
            async with turns[meeting]:  # one after the other, or the second does nothing
                ordered[meeting, number] = time.perf_counter()
                await exchange.act(meeting, "unmute" if number % 2 else "mute")

        acting, began, used = [], time.perf_counter(), cpu_seconds(exchange.pid)
        for index, (number, meeting) in enumerate(itertools.product(range(ROUNDS), meetings)):
            await asyncio.sleep(max(0.0, began + index / PACE - time.perf_counter()))
            acting.append(asyncio.create_task(act(meeting, number)))
        await asyncio.gather(*acting)
        async with asyncio.timeout(PATIENCE):
            await asyncio.gather(*listening)
        used = cpu_seconds(exchange.pid) - used
    late.sort()
    return {
        "CPU ms each": used / len(acting) * 1000,
        "heard": len(late),
        "p50": late[len(late) // 2],
        "p99": late[int(len(late) * 0.99)],
        "worst": late[-1],
    }


async def every_event(exchange: Exchange) -> dict[str, float]:
    """Whether one client hears every event once and in order."""
    meeting = await exchange.furnish("Crowd", PEOPLE)
    expected = itertools.cycle(
        [(f"{word}-member", number + 1) for word in ("mute", "unmute") for number in range(PEOPLE)]
    )
    wrong = 0
    began = time.perf_counter()
    async with exchange.connected([meeting]) as [socket]:

        async def listen() -> None:
            nonlocal wrong
            for _ in range(EVENTS):
                data = json.loads(await socket.recv())["data"]
                wrong += (data["event"], data["participant_id"]) != next(expected)

        listening = asyncio.create_task(listen())
        for number in range(EVENTS // PEOPLE):
            await exchange.act(meeting, "unmute" if number % 2 else "mute")
        async with asyncio.timeout(PATIENCE):
            await listening
        seconds = time.perf_counter() - began
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(socket.recv(), 0.5)
            wrong += 1  # there is nothing more to be told
    return {"events": EVENTS, "wrong": wrong, "a second": EVENTS / seconds}


async def idle_memory(exchange: Exchange, meetings: list[str]) -> dict[str, float]:
    """KiB of the server that an idle, subscribed socket takes."""
    members = [each for each in meetings for _ in range(SOCKETS // ROOMS)]
    before = resident_mib(exchange.pid)
    async with exchange.connected(members):
        after = resident_mib(exchange.pid)
    return {"sockets": len(members), "KiB": (after - before) * 1024 / len(members)}


async def share_of_requests(exchange: Exchange, meeting: str) -> dict[str, float]:
    """How much slower requests are with idle sockets, in CPU and in time."""
    port = int(exchange.url.rpartition(":")[2])
    read = request_bytes("GET", f"{CONFERENCES}/{meeting}", ALICE)
    found: dict[bool, list[Sample]] = {True: [], False: []}

    async def measure(crowded: bool) -> None:
        found[crowded].append(await asyncio.to_thread(load, BURST))

    def load(seconds: float) -> Sample:
        return burst(port, exchange.pid, lambda: read, seconds=seconds, connections=8)

    await asyncio.to_thread(load, 1.0)
    for _ in range(BURSTS):
        await measure(False)
        async with exchange.connected([meeting] * IDLE):
            await measure(True)
    with_, without = (
        {
            "rate": statistics.median(each.rate for each in found[crowded]),
            "cpu": statistics.median(each.cpu for each in found[crowded]),
        }
        for crowded in (True, False)
    )
    return {
        "without": without["rate"],
        "with": with_["rate"],
        "slower %": (1 - with_["rate"] / without["rate"]) * 100,
        "more CPU %": (with_["cpu"] / without["cpu"] - 1) * 100,
    }


def told(title: str, figures: dict[str, float]) -> None:
    shown = ", ".join(f"{name} {value:,.1f}" for name, value in figures.items())
    print(f"{title}: {shown}", flush=True)


async def main() -> list[str]:
    missed = []
    with serving() as (url, pid):
        limits = httpx.Limits(max_connections=20)
        async with httpx.AsyncClient(base_url=url, timeout=60, limits=limits) as client:
            exchange = Exchange(client, url, pid)
            meetings = [await exchange.furnish(f"Room {each}", 1) for each in range(ROOMS)]
            memory = await idle_memory(exchange, meetings)
            told(f"{SOCKETS} idle sockets", memory)
            if memory["KiB"] >= BARS["memory"]:
                missed.append("an idle socket takes too much memory")
            heard = await broadcasts(exchange, meetings)
            told(f"{SOCKETS} sockets in {ROOMS} rooms, {PACE} broadcasts/s, ms", heard)
            if heard["p99"] >= BARS["p99"]:
                missed.append("a broadcast takes too long")
            requests = await share_of_requests(exchange, meetings[0])
            told(f"requests/s and {IDLE} idle sockets", requests)
            if min(requests["slower %"], requests["more CPU %"]) >= BARS["share"]:
                missed.append("idle sockets slow requests down")
            began = cpu_seconds(pid)
            events = await every_event(exchange)
            told("one client that keeps up", events)
            told("the server's CPU for it", {"s": cpu_seconds(pid) - began})
            if events["wrong"]:
                missed.append("an event was lost, doubled or out of order")
    return missed


if __name__ == "__main__":
    sys.exit("\n".join(asyncio.run(main())) or 0)
