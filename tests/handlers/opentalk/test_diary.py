from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

Made = Callable[..., dict[str, Any]]
BOB = "b0b00000-0000-4000-8000-000000000002"
DAILY = ["RRULE:FREQ=DAILY"]
TARGET = {
    "name": "Town square",
    "kind": "custom",
    "streaming_endpoint": "rtmp://live.example.org",
    "streaming_key": "key",
    "public_url": "https://watch.example.org/town",
}
ALICE = {
    "id": "a11ce000-0000-4000-8000-000000000001",
    "email": "alice@acme.example",
    "title": "Dr.",
    "firstname": "Alice",
    "lastname": "Anderson",
    "display_name": "Alice Anderson",
    "avatar_url": "https://seccdn.libravatar.org/avatar/e20aaa3640334a1f241ab444d6bf182a",
}
UNTIMED = {"title": "Open office", "description": "", "is_time_independent": True}


def at(time: str, zone: str = "Europe/Berlin") -> dict[str, str]:
    return {"datetime": time, "timezone": zone}


TIMED = {
    "title": "Board",
    "description": "",
    "is_time_independent": False,
    "is_all_day": False,
    "starts_at": at("2026-01-06T10:00:00+01:00"),
    "ends_at": at("2026-01-06T11:00:00+01:00"),
}


def codes(answer: httpx.Response) -> list[tuple[str | None, str]]:
    return [(each.get("field"), each["code"]) for each in answer.json()["errors"]]


def test_an_event_without_a_time_is_shown_without_one(alice: httpx.Client) -> None:
    answer = alice.post("/v1/events", json=UNTIMED)
    event = answer.json()
    assert answer.status_code == 201
    assert event == {
        "id": event["id"],
        "created_by": ALICE,
        "created_at": "2026-01-05T09:00:00Z",
        "updated_by": ALICE,
        "updated_at": "2026-01-05T09:00:00Z",
        "title": "Open office",
        "description": "",
        "room": event["room"],
        "invitees_truncated": False,
        "invitees": [],
        "is_time_independent": True,
        "is_adhoc": False,
        "type": "single",
        "status": "ok",
        "invite_status": "accepted",
        "is_favorite": False,
        "shared_folder": None,
        "streaming_targets": [],
        "can_edit": True,
    }


def test_times_are_shown_in_utc_and_keep_their_zone(made_event: Made) -> None:
    event = made_event(starts_at=at("2026-01-06T10:00:00.5+01:00"))
    assert event["starts_at"] == at("2026-01-06T09:00:00.500000Z")
    assert event["is_all_day"] is False
    assert "recurrence_pattern" not in event


def test_an_event_with_rules_is_recurring(made_event: Made) -> None:
    event = made_event(recurrence_pattern=DAILY)
    assert (event["type"], event["recurrence_pattern"]) == ("recurring", DAILY)


def test_an_event_of_whole_days_begins_and_ends_at_midnight(made_event: Made) -> None:
    times = {"starts_at": at("2026-01-06T00:00:00Z"), "ends_at": at("2026-01-07T00:00:00Z")}
    assert made_event(is_all_day=True, **times)["is_all_day"] is True


def test_an_event_makes_a_room_of_its_own_that_has_a_phone_number(
    alice: httpx.Client, made_event: Made
) -> None:
    room = made_event(password="swordfish", waiting_room=True)["room"]
    sip = alice.get(f"/v1/rooms/{room['id']}/sip").json()
    assert room == {
        "id": room["id"],
        "password": "swordfish",
        "waiting_room": True,
        "call_in": {
            "tel": room["call_in"]["tel"],
            "id": sip["sip_id"],
            "password": sip["password"],
        },
    }
    assert sip["lobby"] is False
    assert [each["id"] for each in alice.get("/v1/rooms").json()] == [room["id"]]


def test_what_cannot_be_called_into_shows_no_number(alice: httpx.Client, made_event: Made) -> None:
    event = made_event()
    alice.delete(f"/v1/rooms/{event['room']['id']}/sip")
    assert "call_in" not in alice.get(f"/v1/events/{event['id']}").json()["room"]


def test_streaming_targets_come_with_the_event_and_belong_to_the_room(
    alice: httpx.Client, made_event: Made
) -> None:
    event = made_event(streaming_targets=[TARGET])
    found = alice.get(f"/v1/rooms/{event['room']['id']}/streaming_targets").json()
    normal = {**TARGET, "id": found[0]["id"], "streaming_endpoint": "rtmp://live.example.org/"}
    assert event["streaming_targets"] == found == [normal]


def test_a_folder_comes_with_the_event(alice: httpx.Client, made_event: Made) -> None:
    event = made_event(has_shared_folder=True)
    folder = alice.get(f"/v1/events/{event['id']}/shared_folder").json()
    assert event["shared_folder"] == folder
    assert folder["read"] != folder["read_write"]


def test_without_storage_an_event_with_a_folder_is_not_made_at_all(
    with_options: Callable[..., httpx.Client],
) -> None:
    alice = with_options("alice", shared_folder="off")
    answer = alice.post("/v1/events", json=UNTIMED | {"has_shared_folder": True})
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_request")
    assert alice.get("/v1/rooms").json() == alice.get("/v1/events").json() == []


@pytest.mark.parametrize(
    "body",
    [
        UNTIMED | {"is_all_day": False},
        UNTIMED | {"starts_at": at("2026-01-06T09:00:00Z")},
        UNTIMED | {"recurrence_pattern": DAILY},
        {name: value for name, value in TIMED.items() if name != "ends_at"},
        TIMED | {"is_all_day": None},
    ],
)
def test_times_that_are_out_of_place_or_missing_make_no_sense(
    alice: httpx.Client, body: dict[str, Any]
) -> None:
    answer = alice.post("/v1/events", json=body)
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_request")


@pytest.mark.parametrize(
    "changes",
    [
        {"ends_at": at("2026-01-06T08:59:59Z")},
        {"is_all_day": True},
        {"recurrence_pattern": ["RRULE:FREQ=HOURLY"]},
        {"recurrence_pattern": ["every day"]},
        {"recurrence_pattern": ["RRULE:FREQ=DAILY;UNTIL=20250101T000000Z"]},
        {"recurrence_pattern": ["EXDATE:20260106T090000Z"]},
        {"recurrence_pattern": DAILY, "starts_at": at("0001-01-01T00:00:00Z")},
        {"recurrence_pattern": DAILY, "ends_at": at("9998-01-01T00:00:00Z")},
    ],
)
def test_times_and_rules_that_do_not_fit_are_an_invalid_event(
    alice: httpx.Client, changes: dict[str, Any]
) -> None:
    answer = alice.post("/v1/events", json=TIMED | changes)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_event")
    assert answer.json()["errors"] == []


def test_an_event_may_end_as_it_starts(alice: httpx.Client) -> None:
    answer = alice.post("/v1/events", json=TIMED | {"ends_at": TIMED["starts_at"]})
    assert answer.status_code == 201


@pytest.mark.parametrize("pattern", [DAILY * 5, ["RRULE:FREQ=DAILY;" + "X" * 1024]])
def test_too_many_rules_and_too_long_ones_are_invalid_values(
    alice: httpx.Client, pattern: list[str]
) -> None:
    answer = alice.post("/v1/events", json=TIMED | {"recurrence_pattern": pattern})
    assert (answer.status_code, answer.json()["code"]) == (422, "validation_failed")
    assert codes(answer) == [("recurrence_pattern", "invalid_value")]


@pytest.mark.parametrize(
    "changes",
    [
        {"starts_at": at("tomorrow")},
        {"starts_at": at("2026-01-06T09:00:00Z", "Mars/Olympus")},
        {"starts_at": {"datetime": "2026-01-06T09:00:00Z"}},
        {"title": 7},
        {"title": None},
    ],
)
def test_what_cannot_be_read_is_invalid_json(alice: httpx.Client, changes: dict[str, Any]) -> None:
    answer = alice.post("/v1/events", json=TIMED | changes)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_json")


def test_a_title_may_not_be_too_long(alice: httpx.Client) -> None:
    answer = alice.post("/v1/events", json=UNTIMED | {"title": "x" * 256})
    assert answer.status_code == 422
    assert codes(answer) == [("title", "invalid_length")]


def test_a_patch_changes_what_it_names(
    alice: httpx.Client, made_event: Made, advance: Callable[[float], None]
) -> None:
    event = made_event()
    advance(60)
    answer = alice.patch(
        f"/v1/events/{event['id']}", json={"title": "Council", "description": None}
    )
    assert answer.status_code == 200
    assert answer.json() == event | {
        "title": "Council",
        "updated_at": "2026-01-05T09:01:00Z",
        "invitees_truncated": True,
    }
    assert alice.get(f"/v1/events/{event['id']}").json() == answer.json()


def test_what_is_about_the_room_alone_leaves_the_event_as_it_is(
    alice: httpx.Client, made_event: Made, advance: Callable[[float], None]
) -> None:
    event = made_event(password="swordfish")
    advance(60)
    changed = alice.patch(
        f"/v1/events/{event['id']}", json={"password": None, "waiting_room": True}
    ).json()
    assert changed["updated_at"] == event["updated_at"]
    assert changed["room"] == {
        "id": event["room"]["id"],
        "waiting_room": True,
        "call_in": event["room"]["call_in"],
    }


def test_a_patch_sees_to_it_that_the_room_has_an_invite_code(
    alice: httpx.Client, made_event: Made
) -> None:
    event = made_event()
    codes = f"/v1/rooms/{event['room']['id']}/invites"
    assert alice.get(codes).json() == []
    for title in ("Council", "Board"):
        alice.patch(f"/v1/events/{event['id']}", json={"title": title})
    assert [each["expiration"] for each in alice.get(codes).json()] == [None]


@pytest.mark.parametrize("body", [{}, {"title": None}, {"unheard": "of"}])
def test_a_patch_of_nothing_is_refused(
    alice: httpx.Client, made_event: Made, body: dict[str, Any]
) -> None:
    answer = alice.patch(f"/v1/events/{made_event()['id']}", json=body)
    assert answer.status_code == 422
    assert codes(answer) == [(None, "missing_values")]


def test_an_event_that_loses_its_time_loses_its_rules_too(alice: httpx.Client, daily: str) -> None:
    alice.patch(f"{daily}/instances/20260107T090000Z", json={"title": "Other"})
    changed = alice.patch(daily, json={"is_time_independent": True}).json()
    gone = {"is_all_day", "starts_at", "ends_at", "recurrence_pattern"}
    assert changed["type"] == "single"
    assert gone.isdisjoint(changed)
    assert [each["type"] for each in alice.get("/v1/events").json()] == ["single"]


@pytest.mark.parametrize("independent", [{"is_time_independent": True}, {}])
def test_times_are_not_for_an_event_without_a_time(
    alice: httpx.Client, made_event: Made, independent: dict[str, bool]
) -> None:
    event = made_event(is_time_independent=True)
    times = {"is_all_day": False, "starts_at": at("2026-01-06T09:00:00Z")}
    answer = alice.patch(f"/v1/events/{event['id']}", json=independent | times)
    assert answer.status_code == 422
    assert codes(answer) == [("is_all_day", "ignored_value"), ("starts_at", "ignored_value")]


def test_an_event_that_gets_a_time_needs_all_of_it(alice: httpx.Client, made_event: Made) -> None:
    path = f"/v1/events/{made_event(is_time_independent=True)['id']}"
    answer = alice.patch(path, json={"is_time_independent": False, "is_all_day": False})
    assert answer.status_code == 422
    assert codes(answer) == [("starts_at", "value_required"), ("ends_at", "value_required")]
    times = {name: TIMED[name] for name in ("is_all_day", "starts_at", "ends_at")}
    changed = alice.patch(path, json={"is_time_independent": False, **times}).json()
    assert changed["starts_at"] == at("2026-01-06T09:00:00Z")


def test_a_time_that_is_not_named_stays_and_must_fit(alice: httpx.Client, made_event: Made) -> None:
    path = f"/v1/events/{made_event()['id']}"
    answer = alice.patch(path, json={"starts_at": at("2026-01-06T11:00:00Z")})
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_event")
    changed = alice.patch(path, json={"starts_at": at("2026-01-06T08:00:00Z")}).json()
    assert changed["ends_at"] == at("2026-01-06T10:00:00Z")


@pytest.mark.parametrize(
    ("body", "kept"),
    [
        ({"title": "Council"}, True),
        ({"password": "swordfish"}, True),
        ({"starts_at": at("2026-01-06T09:00:00Z")}, True),
        ({"starts_at": at("2026-01-06T08:00:00Z")}, False),
        ({"recurrence_pattern": DAILY}, False),
        ({"recurrence_pattern": []}, False),
    ],
)
def test_what_was_different_about_an_instance_goes_when_times_change(
    alice: httpx.Client, daily: str, body: dict[str, Any], kept: bool
) -> None:
    alice.patch(f"{daily}/instances/20260107T090000Z", json={"title": "Other"})
    assert alice.patch(daily, json=body).status_code == 200
    assert ("exception" in [each["type"] for each in alice.get("/v1/events").json()]) == kept


def test_rules_stay_unless_they_are_named_and_go_when_there_are_none(
    alice: httpx.Client, daily: str
) -> None:
    assert alice.patch(daily, json={"title": "Council"}).json()["recurrence_pattern"] == DAILY
    assert alice.patch(daily, json={"recurrence_pattern": []}).json()["type"] == "single"


def test_a_deleted_event_is_gone_and_its_room_is_not(
    alice: httpx.Client, bob: httpx.Client, made_event: Made
) -> None:
    event = made_event(has_shared_folder=True)
    path, room = f"/v1/events/{event['id']}", f"/v1/rooms/{event['room']['id']}"
    alice.post(f"{path}/invites", json={"invitee": BOB})
    alice.put(f"/v1/users/me/event_favorites/{event['id']}")
    assert bob.get(room).status_code == 200
    assert alice.delete(path).status_code == 204
    assert alice.get(path).status_code == alice.get(f"{path}/shared_folder").status_code == 404
    assert alice.get("/v1/events", params={"favorites": True}).json() == []
    assert bob.get("/v1/users/me/pending_invites").json() == {"total_pending_invites": 0}
    assert alice.get(f"{room}/event").status_code == bob.get(room).status_code == 404
    assert alice.get(room).status_code == 200


def test_an_invitee_reads_the_event_and_does_not_change_it(
    alice: httpx.Client, bob: httpx.Client, carol: httpx.Client, made_event: Made
) -> None:
    event = made_event(has_shared_folder=True)
    path = f"/v1/events/{event['id']}"
    alice.post(f"{path}/invites", json={"invitee": BOB})
    seen = bob.get(path).json()
    assert seen == event | {
        "invitees_truncated": True,
        "invite_status": "pending",
        "can_edit": False,
        "shared_folder": {"read": event["shared_folder"]["read"]},
    }
    assert bob.patch(path, json={"title": "Mine"}).status_code == 404
    assert bob.delete(path).status_code == carol.get(path).status_code == 404


def test_the_server_of_the_release_answers_in_its_own_way(
    with_options: Callable[..., httpx.Client],
) -> None:
    alice = with_options("alice", profile="live")
    answer = alice.post("/v1/events", json=TIMED)
    assert answer.status_code == 200
    assert {"shared_folder", "streaming_targets"}.isdisjoint(answer.json())
    path = f"/v1/events/{answer.json()['id']}"
    assert alice.patch(path, json={}).status_code == 204
    assert alice.get(path).json()["streaming_targets"] == []
    assert {"shared_folder", "streaming_targets"}.isdisjoint(alice.get("/v1/events").json()[0])
    sent = alice.post("/v1/events", json=TIMED | {"streaming_targets": [TARGET]}).json()
    assert len(sent["streaming_targets"]) == 1
