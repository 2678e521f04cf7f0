"""The way into a room by phone."""

from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest

MakeRoom = Callable[..., str]


def test_a_room_without_a_phone_has_none_to_show(alice: httpx.Client, made_room: MakeRoom) -> None:
    answer = alice.get(f"{made_room()}/sip")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_the_first_put_makes_and_the_next_changes(alice: httpx.Client, made_room: MakeRoom) -> None:
    room = made_room()
    made = alice.put(f"{room}/sip", json={"lobby": True})
    assert made.status_code == 201
    changed = alice.put(f"{room}/sip", json={"password": "0123456789"})
    assert changed.status_code == 200
    assert changed.json() == {
        "room": room.rpartition("/")[2],
        "sip_id": made.json()["sip_id"],
        "password": "0123456789",
        "lobby": True,
    }
    assert alice.get(f"{room}/sip").json() == changed.json()


def test_a_new_phone_has_no_lobby_and_a_pin_of_its_own(
    alice: httpx.Client, made_room: MakeRoom
) -> None:
    config = alice.put(f"{made_room()}/sip", json={"password": "0123456789"}).json()
    assert (config["password"], config["lobby"]) == ("0123456789", False)
    other = alice.put(f"{made_room()}/sip", json={"lobby": False}).json()
    assert len(other["password"]) == 10
    assert other["sip_id"] != config["sip_id"]


@pytest.mark.parametrize("body", [{}, {"colour": "green"}])
def test_a_change_of_nothing_is_refused(
    alice: httpx.Client, made_room: MakeRoom, body: dict[str, str]
) -> None:
    answer = alice.put(f"{made_room()}/sip", json=body)
    assert answer.status_code == 422
    assert answer.json()["errors"] == [{"code": "missing_values"}]


@pytest.mark.parametrize("pin", ["123456789", "12345678901", "123456789x", "", "12345\n7890"])
def test_a_pin_has_ten_digits(alice: httpx.Client, made_room: MakeRoom, pin: str) -> None:
    answer = alice.put(f"{made_room()}/sip", json={"password": pin})
    assert (answer.status_code, answer.json()["code"]) == (422, "validation_failed")
    assert answer.json()["errors"][0]["field"] == "password"


def test_a_phone_can_be_cut_off_twice(alice: httpx.Client, made_room: MakeRoom) -> None:
    room = made_room(enable_sip=True)
    for _ in "ab":
        assert alice.delete(f"{room}/sip").status_code == 204
    assert alice.get(f"{room}/sip").status_code == 404


def test_phones_can_be_switched_off(with_options: Callable[..., httpx.Client]) -> None:
    alice = with_options("alice", call_in=False)
    room = alice.post("/v1/rooms", json={"password": "", "enable_sip": False}).json()["id"]
    for answer in (
        alice.get(f"/v1/rooms/{room}/sip"),
        alice.put(f"/v1/rooms/{room}/sip", json={"lobby": True}),
        alice.delete(f"/v1/rooms/{room}/sip"),
    ):
        assert (answer.status_code, answer.json()["code"]) == (403, "feature_disabled")


def test_a_tariff_may_have_no_phones(carol: httpx.Client) -> None:
    room = carol.post("/v1/rooms", json={"password": "", "enable_sip": False}).json()["id"]
    answer = carol.put(f"/v1/rooms/{room}/sip", json={"lobby": True})
    assert (answer.status_code, answer.json()["code"]) == (403, "feature_disabled_by_tariff")
