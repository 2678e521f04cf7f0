"""The live profile: what the server of the release does where its document says something else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from greenroom.handlers.opentalk.profiles import DOCS, LIVE

WEEKLY = "/v1/rooms/10000000-0000-4000-8000-000000000001"
EVENT = "/v1/events/e0000000-0000-4000-8000-000000000001"
CODE = "c0000000-0000-4000-8000-000000000001"
TARGET = {
    "name": "Town square",
    "kind": "custom",
    "streaming_endpoint": "rtmp://live.acme.example/town",
    "streaming_key": "a key",
    "public_url": "https://watch.acme.example/town",
}
ONCE = {
    "title": "Once",
    "description": "",
    "is_time_independent": False,
    "is_all_day": False,
    "starts_at": {"datetime": "2026-01-06T09:00:00Z", "timezone": "Europe/Berlin"},
    "ends_at": {"datetime": "2026-01-06T10:00:00Z", "timezone": "Europe/Berlin"},
}

Live = Callable[..., httpx.Client]


@pytest.fixture
def live(with_options: Callable[..., httpx.Client]) -> Live:
    """Acts as one of the cast on a live server, in a new default world each time."""

    def client(who: str = "alice", **options: Any) -> httpx.Client:
        return with_options(who, "default", profile="live", **options)

    return client


def test_the_two_profiles_differ_in_every_row() -> None:
    same = [name for name in DOCS.__slots__ if getattr(DOCS, name) == getattr(LIVE, name)]
    assert same == []


def test_a_scenario_of_its_own_is_served_live(with_options: Callable[..., httpx.Client]) -> None:
    alice = with_options("alice", "live")
    assert alice.post("/v1/rooms", json={}).status_code == 200
    (event,) = alice.get("/v1/events").json()
    assert (event["title"], event["room"]["call_in"]["id"]) == ("Weekly", "1234567890")


def test_the_document_served_is_the_live_one(live: Live) -> None:
    responses = live().get("/openapi.json").json()["paths"]["/v1/rooms"]["post"]["responses"]
    assert "200" in responses
    assert "201" not in responses


def test_rooms_show_who_made_them_and_null_for_no_password(live: Live) -> None:
    answer = live().post("/v1/rooms", json={})
    assert answer.status_code == 200
    assert answer.json()["created_by"]["display_name"] == "Alice Anderson"
    assert answer.json()["password"] is None


def test_an_empty_password_is_too_short(live: Live) -> None:
    answer = live().post("/v1/rooms", json={"password": ""})
    assert (answer.status_code, answer.json()["code"]) == (422, "validation_failed")
    assert answer.json()["errors"][0]["field"] == "password"


def test_one_invite_is_an_object(live: Live) -> None:
    assert live().get(f"{WEEKLY}/invites/{CODE}").json()["invite_code"] == CODE


def test_guests_verify_without_a_token(live: Live) -> None:
    answer = live("").post("/v1/invite/verify", json={"invite_code": CODE})
    assert (answer.status_code, answer.json()["password_required"]) == (200, True)


def test_guests_need_not_give_a_password_member(live: Live) -> None:
    lounge = "/v1/rooms/10000000-0000-4000-8000-000000000002"
    body = {"invite_code": "c0000000-0000-4000-8000-000000000002"}
    assert live("").post(f"{lounge}/start_invited", json=body).status_code == 200


def test_an_empty_put_lets_a_code_last(live: Live) -> None:
    alice = live()
    code = alice.post(f"{WEEKLY}/invites", json={"expiration": "2027-01-01T00:00:00Z"}).json()
    answer = alice.put(f"{WEEKLY}/invites/{code['invite_code']}", json={})
    assert (answer.status_code, answer.json()["expiration"]) == (200, None)


def test_modules_are_an_object(live: Live) -> None:
    assert live().get("/v1/users/me/tariff").json()["modules"]["core"] == {"features": ["call_in"]}


def test_no_turn_server_is_no_content(live: Live) -> None:
    answer = live(turn_servers=[], stun_servers=[]).get("/v1/turn")
    assert (answer.status_code, answer.content) == (204, b"")


def test_a_wrong_pin_is_a_bad_request(live: Live) -> None:
    body = {"id": "0123456789", "pin": "0123456789"}
    service = {"Authorization": "Bearer call-in"}
    answer = live("").post("/v1/services/call_in/start", json=body, headers=service)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_credentials")


@pytest.mark.parametrize(
    "path",
    [
        WEEKLY,
        f"{WEEKLY}/sip",
        EVENT,
        "/v1/rooms/10000000-0000-4000-8000-00000000dead",
        "/v1/events/e0000000-0000-4000-8000-00000000dead",
        "/v1/users",
    ],
)
def test_no_right_is_forbidden_without_a_word(live: Live, path: str) -> None:
    answer = live("carol").get(path)
    assert (answer.status_code, answer.content) == (403, b"")
    assert answer.headers["x-request-id"]


def test_a_feature_that_is_off_is_told_of(live: Live) -> None:
    answer = live(call_in=False).get(f"{WEEKLY}/sip")
    assert (answer.status_code, answer.json()["code"]) == (403, "feature_disabled")


@pytest.mark.parametrize("path", ["/v1/users/me", EVENT, f"{EVENT}/instances/20260112T090000Z"])
def test_a_change_of_nothing_is_no_content(live: Live, path: str) -> None:
    answer = live().patch(path, json={})
    assert (answer.status_code, answer.content) == (204, b"")


def test_an_event_without_a_folder_does_not_mention_one(live: Live) -> None:
    answer = live().post("/v1/events", json=ONCE)
    assert answer.status_code == 200
    assert "shared_folder" not in answer.json()
    assert "streaming_targets" not in answer.json()


def test_streaming_targets_are_shown_by_the_event_alone_and_where_they_were_sent(
    live: Live,
) -> None:
    alice = live()
    made = alice.post("/v1/events", json=ONCE | {"streaming_targets": [TARGET]}).json()
    path = f"/v1/events/{made['id']}"
    assert [each["name"] for each in made["streaming_targets"]] == [TARGET["name"]]
    assert alice.get(path).json()["streaming_targets"] == made["streaming_targets"]
    assert "streaming_targets" not in alice.patch(path, json={"title": "Council"}).json()
    [listed] = [each for each in alice.get("/v1/events").json() if each["id"] == made["id"]]
    assert "streaming_targets" not in listed


def test_an_event_that_happens_once_has_no_instances(live: Live) -> None:
    alice = live()
    event = alice.post("/v1/events", json=ONCE).json()["id"]
    assert alice.get(f"/v1/events/{event}/instances").status_code == 404


def test_a_room_that_is_in_use_stays(live: Live) -> None:
    alice = live()
    answer = alice.delete(WEEKLY)
    assert (answer.status_code, answer.json()["code"]) == (409, "conflict")
    room = alice.post("/v1/rooms", json={}).json()["id"]
    assert alice.delete(f"/v1/rooms/{room}").status_code == 204


def test_what_is_not_there_is_deleted_all_the_same(live: Live) -> None:
    alice = live()
    event = alice.post("/v1/events", json=ONCE).json()["id"]
    for path in (f"{WEEKLY}/streaming_targets/{CODE}", f"/v1/events/{event}/shared_folder"):
        assert alice.delete(path).status_code == 204


def test_a_target_is_made_with_200(live: Live) -> None:
    assert live().post(f"{WEEKLY}/streaming_targets", json=TARGET).status_code == 200
