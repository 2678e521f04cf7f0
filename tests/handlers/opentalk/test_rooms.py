"""Rooms: made, listed, changed and taken away."""

from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest

from greenroom.state import Store

ALICE = "a11ce000-0000-4000-8000-000000000001"

MakeRoom = Callable[..., str]
Options = Callable[..., httpx.Client]


def test_a_room_is_shown_as_it_was_made(alice: httpx.Client) -> None:
    body = {"password": "swordfish", "enable_sip": False, "waiting_room": True}
    answer = alice.post("/v1/rooms", json=body)
    assert answer.status_code == 201
    room = answer.json()
    assert room == {
        "id": room["id"],
        "created_by": ALICE,
        "created_at": "2026-01-05T09:00:00Z",
        "password": "swordfish",
        "waiting_room": True,
    }
    assert alice.get(f"/v1/rooms/{room['id']}").json() == room


def test_an_id_is_known_in_upper_case_too(alice: httpx.Client, made_room: MakeRoom) -> None:
    room = made_room()
    assert alice.get("/v1/rooms/" + room.rpartition("/")[2].upper()).status_code == 200


@pytest.mark.parametrize("room", ["x", "%20", "10000000-0000-4000-8000-00000000dead", "a" * 65])
def test_what_is_no_room_is_not_found(alice: httpx.Client, room: str) -> None:
    answer = alice.get(f"/v1/rooms/{room}")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_the_document_demands_password_and_sip(alice: httpx.Client) -> None:
    for body in ({"password": ""}, {"enable_sip": False}, {}):
        answer = alice.post("/v1/rooms", json=body)
        assert (answer.status_code, answer.json()["code"]) == (400, "invalid_json")


def test_an_unknown_member_is_ignored(alice: httpx.Client) -> None:
    body = {"password": "", "enable_sip": False, "colour": "green"}
    assert alice.post("/v1/rooms", json=body).status_code == 201


def test_sip_is_made_with_the_room(alice: httpx.Client, made_room: MakeRoom) -> None:
    config = alice.get(f"{made_room(enable_sip=True)}/sip").json()
    assert (len(config["sip_id"]), len(config["password"])) == (10, 10)
    assert config["lobby"] is False


def test_sip_needs_the_tariff(carol: httpx.Client) -> None:
    answer = carol.post("/v1/rooms", json={"password": "", "enable_sip": True})
    assert (answer.status_code, answer.json()["code"]) == (403, "feature_disabled_by_tariff")
    assert carol.get("/v1/rooms").json() == []


def test_sip_needs_the_switch(with_options: Options) -> None:
    alice = with_options("alice", call_in=False)
    answer = alice.post("/v1/rooms", json={"password": "", "enable_sip": True})
    assert (answer.status_code, answer.json()["code"]) == (403, "feature_disabled")


def test_rooms_are_listed_by_falling_id(alice: httpx.Client, made_room: MakeRoom) -> None:
    made = sorted((made_room().rpartition("/")[2] for _ in range(5)), reverse=True)
    assert [room["id"] for room in alice.get("/v1/rooms").json()] == made


def test_a_page_leads_to_those_around_it(alice: httpx.Client, made_room: MakeRoom) -> None:
    for _ in range(5):
        made_room()
    answer = alice.get("/v1/rooms?per_page=2&colour=green&page=2")
    place = str(answer.url).partition("?")[0] + "?per_page=2&colour=green&page="
    assert answer.headers["Link"] == (
        f'<{place}1>; rel="first",<{place}1>; rel="prev",'
        f'<{place}3>; rel="next",<{place}3>; rel="last"'
    )
    assert len(answer.json()) == 2


def test_a_list_on_one_page_has_no_links(alice: httpx.Client, made_room: MakeRoom) -> None:
    made_room()
    assert "Link" not in alice.get("/v1/rooms").headers


def test_past_the_end_there_is_an_empty_page(alice: httpx.Client, made_room: MakeRoom) -> None:
    made_room()
    answer = alice.get("/v1/rooms?page=9")
    assert (answer.status_code, answer.json()) == (200, [])
    assert 'page=1>; rel="first"' in answer.headers["Link"]


@pytest.mark.parametrize(
    "query", ["page=0", "page=x", "per_page=0", "per_page=101", "per_page=", "page=1.5"]
)
def test_a_page_that_is_none_is_refused(alice: httpx.Client, query: str) -> None:
    answer = alice.get(f"/v1/rooms?{query}")
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_request")


def test_a_change_leaves_alone_what_it_does_not_name(
    alice: httpx.Client, made_room: MakeRoom
) -> None:
    room = made_room(password="swordfish", waiting_room=True)
    assert alice.patch(room, json={"waiting_room": False}).json()["password"] == "swordfish"
    assert alice.patch(room, json={"password": "tuna"}).json()["waiting_room"] is False


@pytest.mark.parametrize("nothing", [None, ""])
def test_a_password_can_be_taken_away(
    alice: httpx.Client, made_room: MakeRoom, nothing: str | None
) -> None:
    room = made_room(password="swordfish")
    assert alice.patch(room, json={"password": nothing}).json()["password"] == ""


def test_a_password_that_is_too_long_is_refused(alice: httpx.Client, made_room: MakeRoom) -> None:
    answer = alice.patch(made_room(), json={"password": "x" * 256})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "password"
    assert answer.json()["errors"][0]["code"] == "invalid_length"


def test_a_room_goes_with_all_that_is_in_it(
    store: Store, alice: httpx.Client, made_room: MakeRoom, made_code: Callable[..., str]
) -> None:
    before = {name: len(store.everywhere("opentalk", name)) for name in ("rooms", "sip_configs")}
    room = made_room(enable_sip=True)
    code = made_code(alice, room)
    assert alice.delete(room).status_code == 204
    assert alice.get(room).status_code == 404
    assert alice.post("/v1/invite/verify", json={"invite_code": code}).status_code == 404
    for name, count in before.items():
        assert len(store.everywhere("opentalk", name)) == count
    assert len(store.everywhere("opentalk", "invite_codes")) == 0


def test_a_room_without_an_event_has_none_to_tell_of(
    alice: httpx.Client, made_room: MakeRoom
) -> None:
    assert alice.get(f"{made_room()}/event").status_code == 404


def test_a_switch_opens_all_rooms_of_the_tenant_to_look_at(with_options: Options) -> None:
    alice = with_options("alice", all_rooms_access=True)
    room = alice.post("/v1/rooms", json={"password": "", "enable_sip": False}).json()
    place, carol = f"/v1/rooms/{room['id']}", {"Authorization": "Bearer carol"}
    assert alice.get(place, headers=carol).json() == room
    assert alice.post(f"{place}/start", json={}, headers=carol).status_code == 200
    assert alice.patch(place, json={}, headers=carol).status_code == 403
    assert alice.delete(place, headers=carol).status_code == 404
    assert alice.get(place, headers={"Authorization": "Bearer mallory"}).status_code == 404


def test_a_switch_opens_no_rooms_to_guests(with_options: Options) -> None:
    alice = with_options("alice", all_rooms_access=True)
    rooms = [
        alice.post("/v1/rooms", json={"password": "", "enable_sip": False}).json() for _ in "ab"
    ]
    code = alice.post(f"/v1/rooms/{rooms[0]['id']}/invites", json={}).json()["invite_code"]
    guest = {"Authorization": f"InviteCode {code}"}
    assert alice.get(f"/v1/rooms/{rooms[1]['id']}/tariff", headers=guest).status_code == 404
