"""Invite codes: made, listed, changed, taken back, verified."""

from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest

MakeRoom = Callable[..., str]
MakeCode = Callable[..., str]
Advance = Callable[[float], None]


def is_good(client: httpx.Client, code: str) -> bool:
    answer = client.post("/v1/invite/verify", json={"invite_code": code})
    assert answer.status_code in (201, 404)
    return answer.status_code == 201


def test_a_code_is_shown_with_whoever_made_it(alice: httpx.Client, made_room: MakeRoom) -> None:
    room = made_room()
    answer = alice.post(f"{room}/invites", json={"expiration": "2026-02-01T12:00:00.5+01:00"})
    assert answer.status_code == 200
    code, creator = answer.json(), answer.json()["created_by"]
    assert (creator["display_name"], "kind" in creator) == ("Alice Anderson", False)
    assert code == {
        "invite_code": code["invite_code"],
        "created": "2026-01-05T09:00:00Z",
        "created_by": creator,
        "updated": "2026-01-05T09:00:00Z",
        "updated_by": creator,
        "room": room.rpartition("/")[2],
        "room_id": room.rpartition("/")[2],
        "active": True,
        "expiration": "2026-02-01T11:00:00.500000Z",
    }
    assert alice.get(f"{room}/invites/{code['invite_code']}").json() == [code]
    assert alice.get(f"{room}/invites").json() == [code]


@pytest.mark.parametrize("body", [{}, {"expiration": None}])
def test_a_code_lasts_for_good_unless_it_is_told_otherwise(
    alice: httpx.Client, made_room: MakeRoom, body: dict[str, None]
) -> None:
    answer = alice.post(f"{made_room()}/invites", json=body)
    assert answer.json()["expiration"] is None


@pytest.mark.parametrize("time", ["tomorrow", "2026-02-01", "2026-02-30T00:00:00Z", 7])
def test_an_end_that_is_no_time_is_refused(
    alice: httpx.Client, made_room: MakeRoom, time: object
) -> None:
    answer = alice.post(f"{made_room()}/invites", json={"expiration": time})
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_json")


def test_codes_are_listed_last_changed_first(
    alice: httpx.Client, made_room: MakeRoom, made_code: MakeCode, advance: Advance
) -> None:
    room = made_room()
    first, second, third = (made_code(alice, room) for _ in range(3))
    advance(0.5)
    alice.delete(f"{room}/invites/{second}")
    listed = [code["invite_code"] for code in alice.get(f"{room}/invites").json()]
    assert listed == [second, third, first]


def test_a_change_moves_the_end_and_says_when(
    alice: httpx.Client, made_room: MakeRoom, made_code: MakeCode, advance: Advance
) -> None:
    room = made_room()
    path = f"{room}/invites/{made_code(alice, room)}"
    advance(60)
    code = alice.put(path, json={"expiration": "2026-03-01T00:00:00Z"}).json()
    assert code["expiration"] == "2026-03-01T00:00:00Z"
    assert (code["created"], code["updated"]) == ("2026-01-05T09:00:00Z", "2026-01-05T09:01:00Z")
    assert alice.put(path, json={"expiration": None}).json()["expiration"] is None


@pytest.mark.parametrize("body", [{}, {"active": False}])
def test_a_change_of_nothing_is_refused(
    alice: httpx.Client, made_room: MakeRoom, made_code: MakeCode, body: dict[str, bool]
) -> None:
    room = made_room()
    answer = alice.put(f"{room}/invites/{made_code(alice, room)}", json=body)
    assert answer.status_code == 422
    assert answer.json()["code"] == "validation_failed"
    assert answer.json()["errors"] == [{"code": "missing_values"}]


def test_a_deleted_code_stays_in_sight_and_opens_nothing(
    alice: httpx.Client, made_room: MakeRoom, made_code: MakeCode
) -> None:
    room = made_room()
    code = made_code(alice, room)
    assert is_good(alice, code)
    for _ in "ab":
        answer = alice.delete(f"{room}/invites/{code}")
        assert (answer.status_code, answer.content) == (204, b"")
    assert alice.get(f"{room}/invites/{code}").json()[0]["active"] is False
    assert not is_good(alice, code)


def test_a_code_is_found_only_in_its_own_room(
    alice: httpx.Client, made_room: MakeRoom, made_code: MakeCode
) -> None:
    code = made_code(alice, made_room())
    other = f"{made_room()}/invites/{code}"
    for answer in (alice.get(other), alice.put(other, json={"expiration": None})):
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert alice.delete(other).status_code == 404


def test_a_code_is_good_until_its_end(
    alice: httpx.Client, made_room: MakeRoom, made_code: MakeCode, advance: Advance
) -> None:
    code = made_code(alice, made_room(), expiration="2026-01-05T09:01:00Z")
    advance(59)
    assert is_good(alice, code)
    advance(1)
    assert not is_good(alice, code)


@pytest.mark.parametrize("password", ["", "swordfish"])
def test_verifying_says_whether_there_is_a_password(
    alice: httpx.Client, made_room: MakeRoom, made_code: MakeCode, password: str
) -> None:
    room = made_room(password=password)
    answer = alice.post("/v1/invite/verify", json={"invite_code": made_code(alice, room)})
    assert answer.json() == {
        "room_id": room.rpartition("/")[2],
        "password_required": bool(password),
    }


def test_whoever_has_a_code_may_verify_it(
    alice: httpx.Client, mallory: httpx.Client, made_room: MakeRoom, made_code: MakeCode
) -> None:
    assert is_good(mallory, made_code(alice, made_room()))


def test_the_document_wants_whoever_verifies_signed_in(nobody: httpx.Client) -> None:
    answer = nobody.post("/v1/invite/verify", json={"invite_code": "x"})
    assert answer.status_code == 401
