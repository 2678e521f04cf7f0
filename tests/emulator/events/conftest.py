"""A tiny API with a socket for whoever is in a room, behind a real port."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from websockets.sync.client import ClientConnection, connect

from greenroom.emulator.background import BackgroundServer
from greenroom.emulator.loop import Loop
from greenroom.emulator.toolkit import (
    Accepted,
    ApiError,
    Call,
    ConflictError,
    Event,
    Frame,
    Json,
    Provider,
    Reply,
    SocketRoute,
    UnauthorizedError,
    Wire,
)
from greenroom.state import Indexes
from tests.emulator.conftest import refuse

if TYPE_CHECKING:
    from greenroom.emulator import Emulator
    from tests.emulator.conftest import Tiny


def enter(call: Call) -> Accepted:
    """Let anybody into a room but a stranger."""
    query = dict(call.request.query_pairs())
    if query.get("who") == "stranger":
        raise UnauthorizedError("Strangers stay outside.", headers={"WWW-Authenticate": "Name"})
    chosen = "chat" if "chat" in (call.request.header(b"sec-websocket-protocol") or "") else None
    return Accepted(chosen, {"room": query.get("room", "hall"), "who": query.get("who", "")})


def in_room(call: Call, room: str) -> list[Json]:
    return call.shared("sockets").find(room=room)


def told(call: Call, name: str, room: str, body: Json) -> Event:
    return Event(name, body, frames=tuple(Frame(each["id"], body) for each in in_room(call, room)))


def speak(call: Call, socket: Json, data: str | bytes) -> None:
    """Tell the room what was said; some words do more."""
    match data:
        case "quiet":
            return
        case "echo":
            call.send(socket["id"], "echo")
        case "bytes":
            call.send(socket["id"], b"\x00\xff")
        case "leave":
            call.send(socket["id"], "bye")
            call.hang_up(socket["id"], 4001, "as you like")
        case "break":
            call.shared("sockets").save(socket | {"broken": True})
            raise ZeroDivisionError
        case "no":
            call.shared("sockets").save(socket | {"broken": True})
            raise ConflictError("Not now.")
        case _:
            said = data if isinstance(data, str) else data.hex()
            call.shared("sayings").add({"id": call.ids.hex(8), "said": said})
            call.emit(told(call, "said", socket["room"], {"said": said, "by": socket["who"]}))


def go(call: Call, socket: Json, code: int) -> None:
    """Tell the room who has gone."""
    call.emit(told(call, "gone", socket["room"], {"gone": socket["who"], "code": code}))


def apologise(call: Call, socket: Json, error: ApiError) -> None:
    call.send(socket["id"], {"sorry": error.detail})


def shout(call: Call, room: str, times: int = 1, size: int = 0) -> Reply:
    for number in range(times):
        call.emit(told(call, "shouted", room, {"number": number, "pad": "x" * size}))
    return Reply({})


@dataclass
class Room:
    """The served room: its addresses, its clients, and what the control plane says of it."""

    tiny: Tiny
    emulator: Emulator
    server: BackgroundServer
    open: ExitStack = field(default_factory=ExitStack)

    def connect(
        self, query: str = "", *, world: str = "", path: str = "/talk", **options: Any
    ) -> ClientConnection:
        """A client that stays until the end of the test."""
        base = self.server.url.replace("http", "ws") + (f"/~{world}" if world else "")
        options = {"open_timeout": 5, "close_timeout": 2, **options}
        client: ClientConnection = connect(f"{base}/tiny{path}?{query}", **options)
        return self.open.enter_context(client)

    def send(self, line: str, *, world: str = "", **request: Any) -> httpx.Response:
        method, _, path = line.partition(" ")
        base = self.server.url + (f"/~{world}" if world else "")
        return httpx.request(method, base + path, **request)

    def order(self, line: str, **request: Any) -> Any:
        """Give an order to the control plane, which follows it."""
        method, _, path = line.partition(" ")
        answer = self.send(f"{method} /_greenroom{path}", **request)
        assert answer.is_success, answer.text
        return answer.json() if answer.content else None

    def sockets(self) -> list[str]:
        """The ids of the records of sockets."""
        return [each["id"] for each in self.order("GET /state/tiny/sockets")]


@pytest.fixture
def routes() -> Callable[..., tuple[SocketRoute, ...]]:
    """Makes the routes of the room."""

    def make(**settings: Any) -> tuple[SocketRoute, ...]:
        polite = SocketRoute("/polite", enter, speak, go, refuse=apologise, **settings)
        return (SocketRoute("/talk", enter, speak, go, **settings), polite)

    return make


@pytest.fixture
def serve(
    tiny: Tiny, routes: Callable[..., tuple[SocketRoute, ...]], tmp_path: Any
) -> Iterator[Callable[..., Room]]:
    """Serves the room over a port."""
    with ExitStack() as stack:

        def make(*, stage: dict[str, Any] | None = None, **settings: Any) -> Room:
            tiny.provider = Provider(
                wire=Wire(write_error=refuse),
                sockets=routes(**settings),
                collections={"sockets": Indexes(plain=("room",)), "sayings": Indexes()},
            )
            tiny.answer(
                "GET /sockets", lambda call: {"ids": [it["id"] for it in in_room(call, "")]}
            )
            tiny.answer(
                "POST /rooms/{room}/shout",
                shout,
                parameters=[
                    tiny.parameter("query", "times", type="integer", default=1),
                    tiny.parameter("query", "size", type="integer", default=0),
                ],
            )
            scenario = "title: A room\ncast: {}\nrecords: {}\n"
            emulator = tiny.stage(tmp_path, {"default": scenario}, **(stage or {}))
            room = Room(tiny, emulator, BackgroundServer(emulator.app, emulator.loop))
            stack.callback(room.server.close)
            stack.enter_context(room.open)
            return room

        yield make


@pytest.fixture
def room(serve: Callable[..., Room]) -> Room:
    """The room as it is usually served."""
    return serve()


@pytest.fixture
def loop() -> Iterator[Loop]:
    """A loop of the test's own."""
    made = Loop()
    yield made
    made.close()
