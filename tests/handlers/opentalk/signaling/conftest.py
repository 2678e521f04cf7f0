"""People in a meeting, each with a socket of their own; all they hear is held to the AsyncAPI."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from importlib.resources import files
from typing import Any

import httpx
import pytest
import yaml
from jsonschema import Draft202012Validator, FormatChecker
from websockets.exceptions import ConnectionClosedError
from websockets.sync.client import ClientConnection, connect

from greenroom.emulator import Emulator
from greenroom.emulator.background import BackgroundServer
from greenroom.emulator.toolkit import Json

PROTOCOL = "opentalk-signaling-json-v1.0"
DOCUMENT = yaml.safe_load((files("greenroom.specs") / "opentalk.asyncapi.yaml").read_text("utf-8"))
MESSAGES = {each["name"]: each["payload"] for each in DOCUMENT["components"]["messages"].values()}
TOLD = {
    DOCUMENT["components"]["messages"][each["$ref"].rpartition("/")[2]]["name"]
    for each in DOCUMENT["operations"]["tell"]["messages"]
}


def hold_to_the_document(message: Json) -> None:
    """Fail if a message is none of those that the document has a server send."""
    said = message["payload"]
    name = "echo" if message["namespace"] == "echo" else f"{message['namespace']}.{said['message']}"
    assert name in TOLD, f"{name} is nowhere in the document"
    schema = {**MESSAGES[name], "components": DOCUMENT["components"]}
    checker = FormatChecker()
    wrong = list(Draft202012Validator(schema, format_checker=checker).iter_errors(message))
    assert not wrong, f"{name}: {[each.message for each in wrong]}"


@dataclass
class Person:
    """Somebody at the other end of a socket."""

    socket: ClientConnection
    id: str = ""

    def say(self, namespace: str, action: str, **members: Any) -> None:
        """Give a command."""
        payload = {"action": action, **members}
        self.socket.send(json.dumps({"namespace": namespace, "payload": payload}))

    def hear(self) -> Json:
        """The next message."""
        message: Json = json.loads(self.socket.recv(timeout=5))
        hold_to_the_document(message)
        return message

    def heard(self) -> list[Json]:
        """The payloads of all that was told so far, each under its full name."""
        self.say("echo", "ping")
        found: list[Json] = []
        while (message := self.hear())["namespace"] != "echo":
            payload = message["payload"]
            name = f"{message['namespace']}.{payload.pop('message')}"
            found.append({"name": name, **payload})
        return found

    def names(self) -> list[str]:
        """The names of all that was told so far."""
        return [each["name"] for each in self.heard()]

    def ends(self) -> tuple[list[str], int]:
        """What is still told, and the code that the connection ends with."""
        names = []
        with suppress(ConnectionClosedError):  # which any code but 1000 and 1001 is
            for raw in self.socket:
                message = json.loads(raw)
                hold_to_the_document(message)
                names.append(f"{message['namespace']}.{message['payload']['message']}")
        assert self.socket.close_code is not None
        return names, self.socket.close_code

    def join(self, name: str | None = None) -> Json:
        """Come in; what `join_success` says."""
        self.say("control", "join", **({} if name is None else {"display_name": name}))
        [*_, told] = self.heard()
        assert told.pop("name") == "control.join_success", told
        self.id = told["id"]
        return told


@dataclass
class House:
    """A room of alice's in a world of its own, and ways into it."""

    server: BackgroundServer
    world: str
    alice: httpx.Client
    client: Callable[[str | None], httpx.Client]
    room: str = ""
    open: ExitStack = field(default_factory=ExitStack)

    def make_room(self, **more: Any) -> str:
        """Another room, which is the one that people are let into from here on."""
        body = {"password": "", "enable_sip": False, "waiting_room": False, **more}
        self.room = self.alice.post("/v1/rooms", json=body).json()["id"]
        return self.room

    def start(self, who: str | None, status: int = 200, **more: Any) -> Json:
        """What starting the room answers: to one of the cast, or to a guest with a code."""
        if who is not None:
            answer = self.client(who).post(f"/v1/rooms/{self.room}/start", json=more)
        else:
            code = self.alice.post(f"/v1/rooms/{self.room}/invites", json={}).json()["invite_code"]
            body = {"invite_code": code, "password": "", **more}
            path = f"/v1/rooms/{self.room}/start_invited"
            answer = self.client(None).post(path, json=body)
        assert answer.status_code == status, answer.text
        found: Json = answer.json()
        return found

    def open_socket(self, *protocols: str, path: str = "/v1/signaling") -> ClientConnection:
        """A connection that offers these protocols; it ends with the test."""
        base = self.server.url.replace("http", "ws")
        url = f"{base}/~{self.world}/opentalk{path}"
        offered: Any = list(protocols) or None
        client = connect(url, subprotocols=offered, open_timeout=5, close_timeout=2)
        return self.open.enter_context(client)

    def arrive(self, who: str | None, **more: Any) -> Person:
        """Somebody who is connected and has not come in yet."""
        return self.come(self.start(who, **more)["ticket"])

    def come(self, ticket: str) -> Person:
        """Somebody who is connected with this ticket."""
        return Person(self.open_socket(PROTOCOL, f"ticket#{ticket}"))

    def enter(self, who: str | None, name: str | None = None) -> Person:
        """Somebody who has come in."""
        person = self.arrive(who)
        person.join(name)
        return person

    def invite(self, role: str = "user", **event: Any) -> str:
        """An event of alice's with bob and carol; its room is the one to go to from here on."""
        body = {"title": "Weekly", "description": "", "is_time_independent": True, **event}
        made = self.alice.post("/v1/events", json=body).json()
        self.room = made["room"]["id"]
        for who in ("bob", "carol"):
            invitee = self.client(who).get("/v1/users/me").json()["id"]
            invite = {"invitee": invitee, "role": role}
            answer = self.alice.post(f"/v1/events/{made['id']}/invites", json=invite)
            assert answer.status_code == 201, answer.text
        return str(made["id"])

    def order(self, line: str, **body: Any) -> Any:
        """Give an order to the control plane, which follows it."""
        method, _, path = line.partition(" ")
        url = f"{self.server.url}/~{self.world}/_greenroom{path}"
        answer = httpx.request(method, url, json=body or None)
        assert answer.is_success, answer.text
        return answer.json() if answer.content else None


@pytest.fixture(scope="session")
def server(emulator: Emulator) -> Iterator[BackgroundServer]:
    server = BackgroundServer(emulator.app, emulator.loop)
    yield server
    server.close()


@pytest.fixture
def house(
    emulator: Emulator, server: BackgroundServer, world: str, alice: httpx.Client
) -> Iterator[House]:
    def client(who: str | None) -> httpx.Client:
        return emulator.client("opentalk", as_=who, world=world)

    house = House(server, world, alice, client)
    house.make_room()
    with house.open:
        yield house
