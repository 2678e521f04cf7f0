"""Events that a provider tells of: they leave with what was done, or not at all."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from greenroom.emulator.toolkit import Call, ConflictError, Delivery, Event, Reply

if TYPE_CHECKING:
    from tests.emulator.conftest import Tiny

ENDPOINT = "http://127.0.0.1:9/hook"


def ring(call: Call, body: Any) -> Reply:
    """Tell of a bell, and think better of it when it is broken."""
    delivery = Delivery(ENDPOINT, {"rang": body["bell"]}, subject="s1")
    call.within("acme").emit(Event("bell.rang", {"bell": body["bell"]}, (delivery,)))
    if body["bell"] == "broken":
        raise ConflictError("The bell is broken.")
    return Reply({})


@pytest.fixture
def bells(tiny: Tiny, rooms: Callable[..., Tiny]) -> Tiny:
    tiny.answer("GET /bells", lambda call: ring(call, {"bell": "a"}))
    tiny.answer("POST /bells", ring, body=tiny.content({"type": "object"}))
    return rooms()


TOLD = {
    "provider": "tiny",
    "tenant": "acme",
    "name": "bell.rang",
    "data": {"bell": "a"},
    "deliveries": 1,
    "frames": 0,
}


def test_an_exchange_shows_what_it_told(bells: Tiny) -> None:
    answer = bells.send("POST /bells", json={"bell": "a"})
    key = answer.headers["x-greenroom-exchange"]
    assert bells.send_to(f"GET /_greenroom/journal/{key}").json()["events"] == [TOLD]


def test_whoever_listens_hears_it_before_the_exchange(bells: Tiny) -> None:
    bells.send("POST /bells", json={"bell": "a"})
    happened = bells.send_to("GET /_greenroom/events").json()
    assert [each["kind"] for each in happened] == ["event", "exchange"]
    assert {key: happened[0][key] for key in TOLD} == TOLD


@pytest.mark.parametrize(
    ("line", "body"), [("POST /bells", {"bell": "broken"}), ("HEAD /bells", None)]
)
def test_what_is_taken_back_is_not_told(bells: Tiny, line: str, body: Any) -> None:
    answer = bells.send(line, json=body)
    key = answer.headers["x-greenroom-exchange"]
    assert bells.send_to(f"GET /_greenroom/journal/{key}").json()["events"] == []
    assert bells.send_to("GET /_greenroom/outbox").json() == []
    assert [each["kind"] for each in bells.send_to("GET /_greenroom/events").json()] == ["exchange"]
