"""Starting a session: tickets for users, guests and callers on the phone."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from greenroom.state import Store

MakeRoom = Callable[..., str]
MakeCode = Callable[..., str]
Advance = Callable[[float], None]
CARD = re.compile(r"[A-Za-z0-9]{64}")
BREAKOUT = "b0000000-0000-4000-8000-000000000001"
CALL_IN = {"Authorization": "Bearer call-in"}


def told(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def meeting(store: Store, room: str, **state: Any) -> None:
    """Let something be going on in a room of acme."""
    name = room.rpartition("/")[2]
    store.collection("opentalk", "meetings", "acme").add({"id": name, "banned": [], **state})


def test_an_owner_gets_a_ticket_without_a_password(
    alice: httpx.Client, made_room: MakeRoom
) -> None:
    answer = alice.post(f"{made_room(password='swordfish')}/start", json={})
    assert answer.status_code == 200
    assert sorted(answer.json()) == ["resumption", "ticket"]
    assert all(CARD.fullmatch(text) for text in answer.json().values())


def test_a_start_needs_a_body(alice: httpx.Client, made_room: MakeRoom) -> None:
    answer = alice.post(f"{made_room()}/start")
    assert told(answer) == (400, "invalid_json")
    assert answer.json()["message"] == "A body is required."


def test_a_ticket_says_whose_it_is(store: Store, alice: httpx.Client, made_room: MakeRoom) -> None:
    room = made_room()
    given = alice.post(f"{room}/start", json={}).json()
    ticket = store.collection("opentalk", "tickets").get(given["ticket"])
    assert (ticket["tenant"], ticket["kind"]) == ("acme", "user")
    assert ticket["room_id"] == room.rpartition("/")[2]
    assert ticket["expires_at"] == "2026-01-05T09:00:30Z"


def test_tickets_that_were_not_used_are_forgotten(
    store: Store, alice: httpx.Client, made_room: MakeRoom, advance: Advance
) -> None:
    room = made_room()
    for _ in range(3):
        alice.post(f"{room}/start", json={})
    advance(30)
    alice.post(f"{room}/start", json={})
    assert len(store.collection("opentalk", "tickets")) == 1


def test_a_guest_gets_a_ticket_for_code_and_password(
    alice: httpx.Client, nobody: httpx.Client, made_room: MakeRoom, made_code: MakeCode
) -> None:
    room = made_room(password="swordfish")
    body = {"invite_code": made_code(alice, room), "password": "swordfish"}
    answer = nobody.post(f"{room}/start_invited", json=body)
    assert answer.status_code == 200
    assert CARD.fullmatch(answer.json()["ticket"])


def test_a_guest_needs_the_password(
    alice: httpx.Client, nobody: httpx.Client, made_room: MakeRoom, made_code: MakeCode
) -> None:
    room = made_room(password="swordfish")
    body = {"invite_code": made_code(alice, room), "password": "tuna"}
    answer = nobody.post(f"{room}/start_invited", json=body)
    assert told(answer) == (401, "wrong_room_password")
    assert answer.json()["error"] == "wrong_room_password"


def test_a_password_too_many_does_no_harm(
    alice: httpx.Client, nobody: httpx.Client, made_room: MakeRoom, made_code: MakeCode
) -> None:
    room = made_room()
    body = {"invite_code": made_code(alice, room), "password": "tuna"}
    assert nobody.post(f"{room}/start_invited", json=body).status_code == 200


def test_a_code_that_is_none_is_told_by_its_field(
    nobody: httpx.Client, made_room: MakeRoom
) -> None:
    body = {"invite_code": "open sesame", "password": ""}
    answer = nobody.post(f"{made_room()}/start_invited", json=body)
    assert told(answer) == (422, "validation_failed")
    assert answer.json()["errors"][0]["field"] == "invite_code"
    assert answer.json()["errors"][0]["code"] == "invalid_value"


def test_a_code_of_another_room_is_a_bad_request(
    alice: httpx.Client, nobody: httpx.Client, made_room: MakeRoom, made_code: MakeCode
) -> None:
    body = {"invite_code": made_code(alice, made_room()), "password": ""}
    assert told(nobody.post(f"{made_room()}/start_invited", json=body)) == (400, "bad_request")


def test_a_room_whose_id_is_none_is_not_found_whatever_the_code(
    alice: httpx.Client, nobody: httpx.Client, made_room: MakeRoom, made_code: MakeCode
) -> None:
    body = {"invite_code": made_code(alice, made_room()), "password": ""}
    assert told(nobody.post("/v1/rooms/lounge/start_invited", json=body)) == (404, "not_found")


def test_a_code_that_is_unknown_or_deleted_or_over_opens_nothing(
    alice: httpx.Client,
    nobody: httpx.Client,
    made_room: MakeRoom,
    made_code: MakeCode,
    advance: Advance,
) -> None:
    room = made_room()
    deleted = made_code(alice, room)
    alice.delete(f"{room}/invites/{deleted}")
    over = made_code(alice, room, expiration="2026-01-05T09:01:00Z")
    advance(60)
    for code in (deleted, over, "c0000000-0000-4000-8000-00000000dead"):
        body = {"invite_code": code, "password": ""}
        assert told(nobody.post(f"{room}/start_invited", json=body)) == (404, "not_found")


def test_breakout_rooms_have_to_be_there(alice: httpx.Client, made_room: MakeRoom) -> None:
    room = made_room()
    for asked in (7, BREAKOUT):
        answer = alice.post(f"{room}/start", json={"breakout_room": asked})
        assert told(answer) == (400, "no_breakout_rooms")
        assert answer.json()["error"] == "no_breakout_rooms"


def test_a_breakout_room_has_to_be_one_of_them(
    store: Store, alice: httpx.Client, made_room: MakeRoom
) -> None:
    room = made_room()
    meeting(store, room, breakout_rooms=[{"id": BREAKOUT, "name": "A"}])
    wrong = alice.post(f"{room}/start", json={"breakout_room": 7})
    assert told(wrong) == (400, "invalid_breakout_room_id")
    right = alice.post(f"{room}/start", json={"breakout_room": BREAKOUT})
    assert right.status_code == 200


def test_whoever_is_banned_gets_no_ticket(
    store: Store, alice: httpx.Client, made_room: MakeRoom
) -> None:
    room = made_room()
    meeting(store, room, banned=["a11ce000-0000-4000-8000-000000000001"])
    answer = alice.post(f"{room}/start", json={})
    assert told(answer) == (403, "banned_from_room")
    assert answer.json()["error"] == "banned_from_room"


def test_a_caller_on_the_phone_gets_a_ticket_for_id_and_pin(
    alice: httpx.Client, nobody: httpx.Client, made_room: MakeRoom
) -> None:
    config = alice.get(f"{made_room(enable_sip=True)}/sip").json()
    body = {"id": config["sip_id"], "pin": config["password"]}
    answer = nobody.post("/v1/services/call_in/start", json=body, headers=CALL_IN)
    assert answer.status_code == 200
    assert CARD.fullmatch(answer.json()["ticket"])


def test_a_caller_on_the_phone_needs_the_pin(
    alice: httpx.Client, nobody: httpx.Client, made_room: MakeRoom
) -> None:
    config = alice.get(f"{made_room(enable_sip=True)}/sip").json()
    pin = str(9999999999 - int(config["password"])).zfill(10)
    for body in ({"id": config["sip_id"], "pin": pin}, {"id": "0000000000", "pin": pin}):
        answer = nobody.post("/v1/services/call_in/start", json=body, headers=CALL_IN)
        assert told(answer) == (401, "invalid_credentials")


@pytest.mark.parametrize("pin", ["1", "abcdefghij", "\uff11" * 10, "12345678901"])
def test_a_pin_has_ten_digits(nobody: httpx.Client, pin: str) -> None:
    body = {"id": "0123456789", "pin": pin}
    answer = nobody.post("/v1/services/call_in/start", json=body, headers=CALL_IN)
    assert told(answer) == (422, "validation_failed")
    assert {each["field"] for each in answer.json()["errors"]} == {"pin"}


def test_a_room_whose_phone_was_cut_off_is_not_reached(
    alice: httpx.Client, nobody: httpx.Client, made_room: MakeRoom
) -> None:
    room = made_room(enable_sip=True)
    config = alice.get(f"{room}/sip").json()
    alice.delete(f"{room}/sip")
    body = {"id": config["sip_id"], "pin": config["password"]}
    answer = nobody.post("/v1/services/call_in/start", json=body, headers=CALL_IN)
    assert told(answer) == (401, "invalid_credentials")


def resumption(store: Store, room: str, **changes: Any) -> str:
    """A token that alice lost her connection with."""
    token = "R" * 64
    kept = {
        "id": token,
        "tenant": "acme",
        "room_id": room.rpartition("/")[2],
        "kind": "user",
        "user_id": "a11ce000-0000-4000-8000-000000000001",
        "participant_id": "9a000000-0000-4000-8000-000000000001",
        "connected": False,
        "expires_at": "2026-01-05T09:02:00Z",
    }
    store.collection("opentalk", "resumptions").add(kept | changes)
    return token


def participant(store: Store, answer: httpx.Response) -> str:
    ticket = store.collection("opentalk", "tickets").get(answer.json()["ticket"])
    return str(ticket["participant_id"])


def test_whoever_comes_back_is_the_same_participant_once(
    store: Store, alice: httpx.Client, made_room: MakeRoom
) -> None:
    room = made_room()
    body = {"resumption": resumption(store, room)}
    known = "9a000000-0000-4000-8000-000000000001"
    assert participant(store, alice.post(f"{room}/start", json=body)) == known
    assert participant(store, alice.post(f"{room}/start", json=body)) != known


@pytest.mark.parametrize(
    "changes",
    [
        {"kind": "guest"},
        {"user_id": "b0b00000-0000-4000-8000-000000000002"},
        {"room_id": "10000000-0000-4000-8000-00000000dead"},
        {"expires_at": "2026-01-05T09:00:00Z"},
    ],
)
def test_a_token_that_does_not_fit_is_ignored(
    store: Store, alice: httpx.Client, made_room: MakeRoom, changes: dict[str, str]
) -> None:
    room = made_room()
    body = {"resumption": resumption(store, room, **changes)}
    answer = alice.post(f"{room}/start", json=body)
    assert participant(store, answer) != "9a000000-0000-4000-8000-000000000001"


def test_whoever_is_still_there_cannot_come_back(
    store: Store, alice: httpx.Client, made_room: MakeRoom
) -> None:
    room = made_room()
    body = {"resumption": resumption(store, room, connected=True, expires_at=None)}
    assert told(alice.post(f"{room}/start", json=body)) == (400, "session_running")


@pytest.mark.parametrize("path", ["/v1/signaling", "/signaling"])
@pytest.mark.parametrize(
    ("protocols", "status", "code"),
    [
        (None, 400, "missing_protocol"),
        ("soap", 400, "invalid_protocol"),
        ("opentalk-signaling-json-v1.0", 401, "missing_ticket"),
        ("opentalk-signaling-json-v1.0,ticket#x", 401, "invalid_ticket"),
    ],
)
def test_a_request_that_is_no_websocket_is_refused_like_one(
    nobody: httpx.Client, path: str, protocols: str | None, status: int, code: str
) -> None:
    headers = {"Sec-WebSocket-Protocol": protocols} if protocols else {}
    assert told(nobody.get(path, headers=headers)) == (status, code)
