"""Faults that are ordered for what goes over sockets, and for their handshakes."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

import pytest
from websockets.exceptions import ConnectionClosed, InvalidMessage, InvalidStatus

if TYPE_CHECKING:
    from websockets.sync.client import ClientConnection

    from tests.emulator.events.conftest import Room


def order(room: Room, effect: Any, *, times: int | None = 1, **match: Any) -> Any:
    fault = {"match": {"kind": "frame", **match}, "effect": effect}
    return room.order("POST /faults", json=fault if times is None else fault | {"times": times})


def said(client: ClientConnection) -> Any:
    return json.loads(client.recv(timeout=5))["said"]


def say(client: ClientConnection, *words: str) -> None:
    for word in words:
        client.send(word)


def ending(client: ClientConnection) -> ConnectionClosed:
    with pytest.raises(ConnectionClosed) as closed:
        client.recv(timeout=5)
    return closed.value


def test_a_frame_is_lost(room: Room) -> None:
    ada, bob = room.connect("who=ada"), room.connect("who=bob")
    fault = order(room, {"drop": True}, direction="out", socket="s2", body={"/said": "two"})
    say(ada, "one", "two", "three")
    assert [said(ada) for _ in range(3)] == ["one", "two", "three"]
    assert [said(bob) for _ in range(2)] == ["one", "three"]
    [shown] = room.order("GET /faults")
    assert (shown["id"], shown["matched"], shown["hits"]) == (fault["id"], 1, 1)


def test_what_a_client_says_is_lost_or_doubled(room: Room) -> None:
    ada = room.connect("who=ada")
    order(room, {"drop": True}, direction="in")
    say(ada, "one", "echo")
    assert ada.recv(timeout=5) == "echo"
    order(room, {"duplicate": 2}, direction="in", path="/talk")
    say(ada, "two")
    assert [said(ada) for _ in range(3)] == ["two"] * 3
    assert len(room.order("GET /state/tiny/sayings")) == 3


def test_a_frame_arrives_twice(room: Room) -> None:
    ada = room.connect("who=ada")
    order(room, {"duplicate": 1}, direction="out")
    say(ada, "one", "two")
    assert [said(ada) for _ in range(3)] == ["one", "one", "two"]


@pytest.mark.parametrize("direction", ["in", "out"])
def test_a_frame_is_late_and_what_follows_waits(room: Room, direction: str) -> None:
    ada = room.connect("who=ada")
    order(room, {"delay": 0.2}, direction=direction)
    began = time.monotonic()
    say(ada, "one", "two")
    assert [said(ada), said(ada)] == ["one", "two"]
    assert time.monotonic() - began >= 0.2


def test_a_delay_ends_with_its_fault(room: Room) -> None:
    ada = room.connect("who=ada")
    order(room, {"delay": 60}, direction="out")
    say(ada, "one")
    room.order("DELETE /faults")
    assert said(ada) == "one"


@pytest.mark.parametrize("direction", ["in", "out"])
def test_a_socket_is_cut_with_a_code(room: Room, direction: str) -> None:
    ada, bob = room.connect("who=ada"), room.connect("who=bob")
    order(room, {"cut": 4008}, direction=direction, socket="s1")
    say(ada, "one")
    closed = ending(ada)
    assert closed.rcvd is not None
    assert (closed.rcvd.code, closed.rcvd.reason) == (4008, "a fault was ordered")
    assert json.loads(bob.recv(timeout=5)) == (
        {"gone": "ada", "code": 4008} if direction == "in" else {"said": "one", "by": "ada"}
    )


def test_a_socket_breaks_without_a_word(room: Room) -> None:
    ada = room.connect("who=ada")
    order(room, {"cut": "reset"}, direction="out")
    say(ada, "one")
    assert ending(ada).rcvd is None
    assert room.sockets() == []


@pytest.mark.parametrize(
    ("match", "effect"),
    [
        ({"method": "GET"}, {"drop": True}),
        ({}, {"status": 503}),
        ({}, {"cut": "half"}),
        ({}, {"cut": 1006}),
        ({}, {"cut": 999}),
        ({"direction": "up"}, {"drop": True}),
    ],
)
def test_what_a_frame_cannot_suffer_is_refused(room: Room, match: Any, effect: Any) -> None:
    fault = {"match": {"kind": "frame", **match}, "effect": effect}
    answer = room.send("POST /_greenroom/faults", json=fault)
    assert answer.status_code == 400
    request = {"match": {"kind": "request"}, "effect": {"cut": 1000}}
    assert room.send("POST /_greenroom/faults", json=request).status_code == 400


def test_a_handshake_is_a_request(room: Room) -> None:
    def fault(effect: Any) -> None:
        room.order("POST /faults", json={"match": {"path": "/talk"}, "times": 1, "effect": effect})

    fault({"status": 503})
    with pytest.raises(InvalidStatus) as refused:
        room.connect()
    assert json.loads(refused.value.response.body)["refused"] == 503
    fault({"status": 418, "body": {"tea": "pot"}})
    with pytest.raises(InvalidStatus) as refused:
        room.connect()
    assert json.loads(refused.value.response.body) == {"tea": "pot"}
    fault({"cut": "empty"})
    with pytest.raises((InvalidMessage, ConnectionError, EOFError)):
        room.connect()
    shown = [(each["status"], each["fault"]) for each in room.order("GET /journal")]
    assert shown == [(503, "f1"), (418, "f2"), (None, "f3")]
    fault({"delay": 0.1})
    room.connect()
