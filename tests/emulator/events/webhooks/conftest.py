"""A tiny API that tells whoever it is told to, and receivers of its webhooks on loopback."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Event as Flag
from threading import Thread
from typing import TYPE_CHECKING, Any, NamedTuple

import httpx
import pytest

from greenroom.emulator import Emulator
from greenroom.emulator.toolkit import Call, Delivery, Event, Json, Webhooks
from greenroom.state import Indexes

if TYPE_CHECKING:
    from tests.emulator.conftest import Tiny

OUTBOX = "/_greenroom/outbox"
SCENARIO = "title: Nobody\ncast: {}\nrecords: {}\n"


class Got(NamedTuple):
    """One request that a receiver got."""

    path: str
    headers: dict[str, str]
    body: Any


Stream = Callable[[asyncio.StreamWriter], Awaitable[None]]
Answer = int | bytes | Stream


class Receiver:
    """A server of webhooks on a free port of loopback; `answer` says what it does about each."""

    def __init__(self, answer: Callable[[Got], Answer] = lambda _: 204) -> None:
        self.answer = answer
        self.got: list[Got] = []
        self.reached = Flag()
        self._loop = asyncio.new_event_loop()
        self._let_go = asyncio.Event()
        self._serving: set[asyncio.Task[None] | None] = set()
        self._server = self._loop.run_until_complete(
            asyncio.start_server(self._serve, "127.0.0.1", 0, backlog=500)
        )
        self.port: int = self._server.sockets[0].getsockname()[1]
        self._thread = Thread(target=self._loop.run_forever)
        self._thread.start()

    def url(self, path: str = "/hook") -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    @property
    def bodies(self) -> list[Any]:
        """What was delivered, in order."""
        return [each.body for each in self.got]

    async def hang(self, _: asyncio.StreamWriter) -> None:
        """Say nothing until let go."""
        await self._let_go.wait()

    def let_go(self) -> None:
        """Let whoever hangs hang no more."""
        self._loop.call_soon_threadsafe(self._let_go.set)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._serving.add(asyncio.current_task())
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            lines = [line.partition(": ") for line in head[1:] if line]
            headers = {name.lower(): value for name, _, value in lines}
            body = await reader.readexactly(int(headers["content-length"]))
            got = Got(head[0].split(" ")[1], headers, json.loads(body))
            self.got.append(got)
            self.reached.set()
            await self._reply(self.answer(got), writer)
            writer.close()
            await writer.wait_closed()
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            self._serving.discard(asyncio.current_task())
            writer.close()

    async def _reply(self, answer: Answer, writer: asyncio.StreamWriter) -> None:
        if isinstance(answer, int):
            text = b"" if answer == 204 else b"status %d" % answer
            answer = b"HTTP/1.1 %d X\r\nContent-Length: %d\r\n\r\n%s" % (answer, len(text), text)
        if isinstance(answer, bytes):
            writer.write(answer)
            await writer.drain()
        else:
            await answer(writer)

    def close(self) -> None:
        """Stop, whatever hangs."""

        async def stop() -> None:
            self._let_go.set()
            self._server.close()
            rest = asyncio.all_tasks() - {asyncio.current_task()}
            for task in rest:
                task.cancel()
            await asyncio.gather(*rest, return_exceptions=True)

        asyncio.run_coroutine_threadsafe(stop(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


def tell(call: Call, body: Json) -> Json:
    """Tell of events: `{to: [urls], events: n, subject, data}`."""
    for number in range(body.get("events", 1)):
        data = {"number": number, **body.get("data", {})}
        deliveries = tuple(Delivery(url, data, body.get("subject", "")) for url in body["to"])
        call.within("acme").emit(Event(body.get("name", "bell.rang"), data, deliveries))
    return {}


def leave(call: Call, who: str) -> None:
    """Let a subscriber go."""
    call.shared("gone").add({"id": who})


def dress(call: Call, entry: Json) -> Json:
    """Sign an attempt."""
    if entry["subject"] == "bug":
        raise ZeroDivisionError("no signature")
    return {
        "Signature": f"{call.tenant} {call.now().isoformat()} {call.url('/keys')}",
        "X-Attempt": str(len(entry["attempts"]) + 1),
        "content-type": "application/json; charset=utf-8",
    }


def is_there(call: Call, entry: Json) -> bool:
    return entry["subject"] not in call.shared("gone")


def forget(call: Call, entry: Json) -> None:
    call.shared("gone").add({"id": entry["subject"]})


WEBHOOKS = Webhooks(headers=dress, wanted=is_there, gone=forget)


@dataclass
class Office:
    """An emulator that sends webhooks, and orders to it."""

    emulator: Emulator
    http: httpx.Client

    def elsewhere(self, world: str) -> Office:
        """The same in another world."""
        return Office(self.emulator, self.emulator.client(world=world))

    def tell(self, *to: str, **more: Any) -> httpx.Response:
        answer = self.http.post("/tiny/tell", json={"to": list(to), **more})
        assert answer.status_code == 200, answer.text
        return answer

    def order(self, method: str, path: str, body: Any = None, *, expect: int = 0) -> Any:
        """An order to the control plane, and what it answers."""
        answer = self.http.request(method, f"/_greenroom{path}", json=body)
        assert answer.status_code == expect if expect else answer.is_success, answer.text
        return answer.json() if answer.content else None

    def advance(self, seconds: float) -> Json:
        found: Json = self.order("POST", "/clock/advance", {"by": seconds})
        return found

    def outbox(self, *, settled: bool = True) -> list[Json]:
        found: list[Json] = self.order("GET", f"/outbox?settled={str(settled).lower()}")
        return found

    @property
    def statuses(self) -> list[str]:
        return [each["status"] for each in self.outbox()]


@pytest.fixture
def office(tiny: Tiny, tmp_path: Path) -> Callable[..., Office]:
    """Makes an emulator of a tiny provider that delivers in this manner."""
    tiny.answer("POST /tell", tell, body=tiny.content({"type": "object"}))

    def make(
        *, webhooks: Webhooks | None = WEBHOOKS, sending: str = "deliver", **settings: Any
    ) -> Office:
        tiny.provider = replace(
            tiny.provider,
            webhooks=webhooks,
            collections={"gone": Indexes()},
            stimuli=(leave,),
        )
        with suppress(AttributeError):
            if tiny._emulator is not None:  # one that was closed, as by a restart
                tiny._emulator.close()
        emulator = tiny.stage(
            tmp_path, {"default": SCENARIO, "empty": SCENARIO}, webhooks=sending, **settings
        )
        client = emulator.client()
        client.timeout = httpx.Timeout(60)
        return Office(emulator, client)

    return make


@pytest.fixture
def receiver() -> Iterator[Callable[..., Receiver]]:
    """Makes receivers, closed with the test."""
    made: list[Receiver] = []

    def make(answer: Callable[[Got], Answer] = lambda _: 204) -> Receiver:
        made.append(Receiver(answer))
        return made[-1]

    yield make
    for each in made:
        each.close()
