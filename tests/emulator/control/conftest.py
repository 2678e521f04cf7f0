"""A tiny provider with people, records, stimuli and timers, to give orders about."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from threading import Event, Thread
from typing import TYPE_CHECKING, Any, Literal

import pytest
import uvicorn

from greenroom.emulator.serving import listen, server_config
from greenroom.emulator.toolkit import (
    Call,
    Caller,
    ConflictError,
    Credentials,
    Json,
    NotFoundError,
    Option,
    Reply,
)
from greenroom.state import Indexes

if TYPE_CHECKING:
    from tests.emulator.conftest import Tiny

DEFAULT = """
title: Two rooms
options: {limit: 3}
cast:
  ada: {tenant: acme, role: owner, headers: {Authorization: Bearer ada}, path: {id: hall}}
  eve: {tenant: globex, role: member, headers: {Authorization: Bearer eve}, query: {as: eve}}
records:
  people:
    - {id: ada, tenant: acme}
    - {id: eve, tenant: globex}
  rooms:
    acme:
      - {id: hall, made: !at -P1D, seats: 12}
      - {id: attic, made: !at PT0S, seats: 2}
    globex:
      - {id: cellar, made: !at P1W, seats: 4}
"""
EMPTY = """
title: Nobody
cast:
  ada: {tenant: acme, role: owner, headers: {Authorization: Bearer ada}}
records:
  people:
    - {id: ada, tenant: acme}
"""


def identify(call: Call, credentials: Credentials) -> Caller | None:
    """Knows who is in the records, by name."""
    people = call.shared("people")
    if credentials.value not in people:
        return None
    return Caller(credentials.value, people.get(credentials.value)["tenant"])


def list_rooms(call: Call) -> list[Json]:
    return call.collection("rooms").find(limit=call.option("limit"))


def get_room(call: Call, id_: str) -> Json:
    return call.collection("rooms").get(id_)


def add_room(call: Call, body: Json) -> Reply:
    room = {
        "id": call.ids.uuid(),
        "made": call.now().isoformat(),
        "luck": call.random.randrange(1000),
        **body,
    }
    call.later(timedelta(hours=1), "room_closes", room=room["id"])
    headers = {"Location": call.url(f"/rooms/{room['id']}")}
    return Reply(call.collection("rooms").add(room), headers=headers)


def person_arrives(
    call: Call, room: str, name: str = "Ada", role: Literal["guest", "host"] = "guest"
) -> Json:
    """Let somebody in; a room without seats lets nobody in."""
    inside = call.holding("rooms", room)
    rooms = inside.collection("rooms")
    record = rooms.get(room)
    guests = [*record.get("guests", []), f"{role} {name}"]
    if len(guests) > record["seats"]:
        raise ConflictError("The room is full.")
    rooms.save(record | {"guests": guests})
    inside.later(timedelta(minutes=30), "bell_rings", room=room)
    return {"person": name}


def room_empties(call: Call, room: str) -> None:
    """Send everybody home."""
    rooms = call.holding("rooms", room).collection("rooms")
    rooms.save(rooms.get(room) | {"guests": []})


def bell_rings(call: Call, room: str) -> None:
    """Note when the bell rang."""
    rooms = call.collection("rooms")
    rooms.save(rooms.get(room) | {"rang": call.now().isoformat()})


def room_closes(call: Call, room: str) -> None:
    """Close, unless somebody is inside."""
    rooms = call.collection("rooms")
    if rooms.get(room).get("guests"):
        raise ConflictError("Somebody is inside.")
    rooms.remove(room)


def goes_wrong(call: Call, how: str) -> Any:
    """Fail in one way or another."""
    if how == "unknown":
        raise NotFoundError("Nothing there.")
    raise ZeroDivisionError(how)


@pytest.fixture
def rooms(tiny: Tiny, tmp_path: Path) -> Callable[..., Tiny]:
    """Serves a provider of rooms from a whole emulator with these settings."""
    room = {"type": "object", "required": ["id"]}
    token: list[Json] = [{"token": []}]
    tiny.components = {"securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}}
    tiny.provider = replace(
        tiny.provider,
        identify=identify,
        collections={"people": Indexes(), "rooms": Indexes(plain=("seats",))},
        options={
            "limit": Option(10, "How many rooms a page has."),
            "mood": Option("calm", "How the place feels.", choices=("calm", "wild")),
        },
        stimuli=(person_arrives, room_empties, goes_wrong),
        timers=(bell_rings, room_closes),
    )
    tiny.answer("GET /rooms", list_rooms, security=token)
    tiny.answer("GET /rooms/{id}", get_room, security=token)
    shown = {"200": {"description": "", **tiny.content(room)}}
    body = tiny.content({"type": "object"}) | {"required": True}
    tiny.answer("POST /rooms", add_room, body=body, responses=shown, security=token)

    def serve(**settings: Any) -> Tiny:
        tiny.stage(tmp_path, {"default": DEFAULT, "empty": EMPTY}, **settings)
        return tiny

    return serve


class Server(uvicorn.Server):
    """Tells when it has begun to listen."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listening = Event()

    async def startup(self, sockets: Any = None) -> None:
        """Start to listen."""
        await super().startup(sockets)
        self.listening.set()


@pytest.fixture
def port(rooms: Callable[..., Tiny]) -> Iterator[int]:
    """The port at which the provider of rooms is really served."""
    bound = listen("127.0.0.1", 0)
    server = Server(server_config(rooms().app, log_level="critical"))
    thread = Thread(target=server.run, args=([bound],))
    thread.start()
    server.listening.wait()
    yield bound.getsockname()[1]
    server.should_exit = True
    thread.join()
    bound.close()
