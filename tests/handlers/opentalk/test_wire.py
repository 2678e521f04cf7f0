"""How the API speaks: what every answer has, and refusals by code."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

import httpx
import pytest

JSON = {"Content-Type": "application/json"}

MakeRoom = Callable[..., str]


def refused(answer: httpx.Response) -> tuple[int, str]:
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.json()["status"] == str(answer.status_code)
    return answer.status_code, answer.json()["code"]


def test_every_answer_has_a_number_of_its_own(alice: httpx.Client) -> None:
    answers = [
        alice.get("/v1/users/me"),
        alice.get("/v1/users/me"),
        alice.get("/v1/rooms/x"),
        alice.get("/nowhere"),
        alice.post("/v1/rooms"),
    ]
    numbers = [answer.headers["x-request-id"] for answer in answers]
    assert len(set(numbers)) == len(numbers)
    assert [str(UUID(number)) for number in numbers] == numbers


def test_a_refusal_is_told_to_programs_and_to_people(alice: httpx.Client) -> None:
    answer = alice.get("/v1/rooms/10000000-0000-4000-8000-00000000dead")
    assert answer.status_code == 404
    assert answer.json() == {
        "code": "not_found",
        "message": "There is no such room.",
        "status": "404",
        "documentation_url": str(answer.url).partition("/v1/")[0] + "/ui",
    }


def test_the_documentation_is_where_a_refusal_says(alice: httpx.Client) -> None:
    assert alice.get(alice.get("/nowhere").json()["documentation_url"]).status_code == 200


@pytest.mark.parametrize("body", ["", "{", "[]", "null", '"text"', "{'a': 1}", "\ud800"])
def test_a_body_that_is_no_object_is_no_json_of_ours(alice: httpx.Client, body: str) -> None:
    raw = body.encode("utf-8", "surrogatepass")
    answer = alice.patch("/v1/users/me", content=raw, headers=JSON)
    assert refused(answer) == (400, "invalid_json")


@pytest.mark.parametrize("label", [None, "text/plain", "application/x-www-form-urlencoded"])
def test_a_body_has_to_say_that_it_is_json(alice: httpx.Client, label: str | None) -> None:
    headers = {"Content-Type": label} if label else {}
    answer = alice.patch("/v1/users/me", content=b'{"title": "x"}', headers=headers)
    assert refused(answer) == (400, "invalid_content_type")


def test_a_label_may_say_more(alice: httpx.Client) -> None:
    headers = {"Content-Type": "Application/JSON; charset=utf-8"}
    answer = alice.patch("/v1/users/me", content=b'{"title": "x"}', headers=headers)
    assert answer.status_code == 200


def test_two_megabytes_are_too_much(alice: httpx.Client) -> None:
    answer = alice.patch("/v1/users/me", json={"title": "x" * 2 * 1024 * 1024})
    assert refused(answer) == (400, "payload_overflow")


def test_what_cannot_be_read_is_told_before_what_breaks_a_rule(alice: httpx.Client) -> None:
    answer = alice.patch("/v1/users/me", json={"title": 7, "language": "x" * 99})
    assert refused(answer) == (400, "invalid_json")


def test_signing_in_comes_before_the_body(nobody: httpx.Client) -> None:
    assert refused(nobody.post("/v1/rooms", content=b"{")) == (401, "unauthorized")


def test_a_method_that_is_not_there_says_which_are(alice: httpx.Client) -> None:
    answer = alice.put("/v1/rooms")
    assert refused(answer) == (405, "method_not_allowed")
    assert answer.headers["Allow"] == "GET, HEAD, OPTIONS, POST"


@pytest.mark.parametrize("path", ["/v1/rooms/%ff", "/v1/users/%00", "/v1/events/..%2f"])
def test_a_path_that_is_odd_is_not_found(alice: httpx.Client, path: str) -> None:
    assert alice.get(path).status_code in (400, 404)


def test_any_documented_refusal_can_be_ordered(alice: httpx.Client) -> None:
    for code in (401, 403, 422, 500):
        answer = alice.post("/v1/rooms", headers={"Prefer": f"code={code}"})
        assert answer.status_code == code
        assert answer.json()["status"] == str(code)
