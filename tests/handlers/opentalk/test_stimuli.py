"""People who come without a client of their own, and what the provider has against them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from greenroom.emulator import Emulator

MakeRoom = Callable[..., str]
Comes = Callable[..., httpx.Response]
NO_CALLS = "The room takes no calls, or the PIN is another one."
NO_PASSWORD = "The password of the room is another one."


@pytest.fixture
def comes(emulator: Emulator, world: str) -> Comes:
    """Lets somebody come into the room of this path."""

    def come(room: str, **body: Any) -> httpx.Response:
        meeting = {"meeting": room.rpartition("/")[2]}
        with emulator.client(world=world) as control:
            path = "/_greenroom/stimuli/opentalk/participant_joins"
            return control.post(path, json=meeting | body)

    return come


def why(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["detail"]


def test_a_phone_needs_the_pin_if_any_is_given(
    alice: httpx.Client, made_room: MakeRoom, comes: Comes
) -> None:
    room = made_room(enable_sip=True)
    pin = alice.get(f"{room}/sip").json()["password"]
    assert comes(room, number="4711", pin=pin).status_code == 201
    assert comes(room, number="4712").status_code == 201
    assert why(comes(room, number="4713", pin="0")) == (409, NO_CALLS)


def test_a_phone_needs_a_way_in(alice: httpx.Client, made_room: MakeRoom, comes: Comes) -> None:
    room = made_room(enable_sip=True)
    alice.delete(f"{room}/sip")
    assert why(comes(room, number="4711")) == (409, NO_CALLS)


def test_a_tariff_without_phones_lets_none_in(carol: httpx.Client, comes: Comes) -> None:
    event = {"title": "Choir", "description": "", "is_time_independent": True}
    room = carol.post("/v1/events", json=event).json()["room"]
    assert "call_in" not in room
    assert why(comes(room["id"], number="4711")) == (409, NO_CALLS)
    assert comes(room["id"], name="Ada").status_code == 201


def test_a_guest_needs_the_password(made_room: MakeRoom, comes: Comes) -> None:
    room = made_room(password="swordfish")
    assert why(comes(room, name="Ada")) == (409, NO_PASSWORD)
    assert why(comes(room, name="Ada", pin="tuna")) == (409, NO_PASSWORD)
    assert comes(room, name="Ada", pin="swordfish").status_code == 201


def test_a_room_that_is_full_lets_nobody_else_in(
    alice: httpx.Client, made_room: MakeRoom, comes: Comes, emulator: Emulator, world: str
) -> None:
    tariff = alice.get("/v1/users/me/tariff").json()["id"]
    place = f"/_greenroom/state/opentalk/tariffs/{tariff}"
    with emulator.client(world=world) as control:
        record = control.get(place).json()
        kept = record.get("record", record) | {"quotas": {"room_participant_limit": 1}}
        assert control.put(place, json=kept).is_success
    room = made_room()
    assert comes(room, name="Ada").status_code == 201
    told = "The tariff lets nobody else into the room."
    assert why(comes(room, name="Grace")) == (409, told)
