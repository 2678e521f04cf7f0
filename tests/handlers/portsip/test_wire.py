from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest

FORM = "application/x-www-form-urlencoded"
ROOM = b'{"extension_number": "8000", "mode": "AUDIO", "subject": "Board", "capacity": 9}'


def test_a_body_without_a_content_type_is_json(alice: httpx.Client) -> None:
    answer = alice.post("/api/conference_rooms", content=ROOM)
    assert "content-type" not in answer.request.headers
    assert answer.status_code == 201


def test_a_body_of_another_type_is_refused(alice: httpx.Client) -> None:
    headers = {"Content-Type": "text/plain"}
    answer = alice.post("/api/conference_rooms", content=ROOM, headers=headers)
    assert answer.status_code == 415
    assert answer.json()["errors"][0]["code"] == "UNSUPPORTED_MEDIA_TYPE"


@pytest.mark.parametrize("label", [None, "application/json", FORM, "text/plain"])
def test_an_empty_body_is_an_empty_object_whatever_it_says_it_is(
    alice: httpx.Client, make_room: Callable[..., str], label: str | None
) -> None:
    headers = {} if label is None else {"Content-Type": label}
    room = make_room()
    before = alice.get(room).json()
    assert alice.post(room, content=b"", headers=headers).status_code == 200
    assert alice.get(room).json() == before
    answer = alice.post("/api/auth/sign_in", content=b"", headers=headers)
    code, message = "VALIDATE_FAILED", "field validation failed"
    assert answer.status_code == 400
    assert answer.json()["errors"] == [
        {
            "code": code,
            "message": message,
            "detail": {"field": name, "reason": f"{name} is required."},
        }
        for name in ("password", "username")
    ]


def test_a_missing_field_is_told_even_when_the_whole_body_is_missing(alice: httpx.Client) -> None:
    answer = alice.post("/api/auth/sign_in")
    fields = [error["detail"]["field"] for error in answer.json()["errors"]]
    assert (answer.status_code, fields) == (400, ["password", "username"])


@pytest.mark.parametrize("query", ["top=1", "$top=1", "%24top=1", "top=2&$top=1", "&&top=1&"])
def test_a_list_option_may_have_a_dollar_sign(
    alice: httpx.Client, make_room: Callable[..., str], query: str
) -> None:
    make_room("8000")
    make_room("8001")
    page = alice.get(f"/api/conference_rooms?{query}").json()
    assert (page["count"], len(page["items"])) == (2, 1)


def test_one_field_has_one_error_however_wrong_it_is(alice: httpx.Client) -> None:
    body = {"extension_number": "x", "mode": "AUDIO", "subject": "", "capacity": 0}
    answer = alice.post("/api/conference_rooms", json=body)
    fields = [error["detail"]["field"] for error in answer.json()["errors"]]
    assert fields == ["capacity", "extension_number", "subject"]


def test_errors_are_bounded(alice: httpx.Client, make_room: Callable[..., str]) -> None:
    entries = [{"caller_id": ""} for _ in range(100)] + [{"provider_id": ""}] * 400
    answer = alice.post(make_room(), json={"outbound_caller_ids": entries})
    assert (answer.status_code, len(answer.json()["errors"])) == (400, 100)


def test_a_body_that_is_too_large_is_refused_in_the_same_dress(alice: httpx.Client) -> None:
    answer = alice.post("/api/conference_rooms", content=b" " * (10 * 1024 * 1024 + 1))
    assert answer.status_code == 413
    assert answer.json()["errors"][0]["code"] == "PAYLOAD_TOO_LARGE"


def test_a_refusal_the_vendor_does_not_know_has_the_code_unknown(alice: httpx.Client) -> None:
    answer = alice.get("/api/conference_rooms", headers={"X-Long": "x" * 100_000})
    assert answer.status_code == 431
    assert answer.json()["errors"][0]["code"] == "UNKNOWN"
