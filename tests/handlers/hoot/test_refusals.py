from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

WEEKLY = "6e19e88d-634f-4872-826b-2d26503caba1"
Json = dict[str, Any]


@pytest.mark.parametrize(
    ("method", "path", "status", "reason"),
    [
        ("GET", "/v1/nowhere", 404, "not found"),
        ("GET", "/", 404, "not found"),
        ("GET", "/v1/check_conf", 404, "not found"),
        ("GET", "/v1/check_conf/a/b", 404, "not found"),
        ("GET", "/v1/x/", 404, "not found"),
        ("GET", "/v1/x/garbage!", 404, "link not valid"),
        ("GET", "/v1/x//", 404, "link not valid"),
        ("GET", "/v1/x/%FF", 404, "link not valid"),
        ("PATCH", f"/v1/conf/{WEEKLY}", 405, "method not allowed"),
        ("GET", f"/v1/conf/{WEEKLY}", 405, "method not allowed"),
        ("GET", "/v1/login", 405, "method not allowed"),
        ("GET", "/v1/user/nobody/search_strings", 404, "user not found"),
        ("GET", "/v1/conf/nothing/users", 404, "conference not found"),
        ("DELETE", "/v1/subscription/nothing", 404, "subscription not found"),
        ("GET", "/v1/deep_link/nothing", 404, "link not valid"),
        ("GET", "/v1/conf/%FF/users", 400, "invalid request"),
    ],
)
def test_refusals_have_one_form(
    alice: httpx.Client, method: str, path: str, status: int, reason: str
) -> None:
    answer = alice.request(method, path)
    body = answer.json()
    assert answer.headers["content-type"] == "application/json"
    assert (answer.status_code, body["code"], body["reason"]) == (status, status, reason)
    assert list(body) == ["code", "reason", "meta"]
    assert ("errors" in body["meta"]) == (status == 400)


@pytest.mark.parametrize(
    "path",
    ["//v1/status", "/v1//status", "/v1///status", "/v1/conf//x/users", "///v1//conf/x//users"],
)
def test_two_slashes_are_one(alice: httpx.Client, path: str) -> None:
    base = str(alice.base_url).rstrip("/")
    answer = alice.get(httpx.URL(base + path))
    assert answer.status_code == (200 if path.endswith("status") else 404)
    assert answer.text == "" or answer.json()["reason"] == "conference not found"


def test_too_large_a_body_is_refused_in_the_same_form(alice: httpx.Client) -> None:
    answer = alice.post("/v1/login", content=b" " * (10 * 1024 * 1024 + 1))
    assert (answer.status_code, answer.json()) == (
        413,
        {"code": 413, "reason": "request too large", "meta": {}},
    )


@pytest.mark.parametrize(
    ("path", "headers", "status", "reason"),
    [
        (f"/v1/status?{'x' * 64_000}", {}, 414, "address too long"),
        ("/v1/status", {"x-large": "x" * 70_000}, 431, "headers too large"),
    ],
    ids=["address", "headers"],
)
def test_too_large_a_head_is_refused_in_the_same_form(
    alice: httpx.Client, path: str, headers: dict[str, str], status: int, reason: str
) -> None:
    answer = alice.get(path, headers=headers)
    assert (answer.status_code, answer.json()) == (
        status,
        {"code": status, "reason": reason, "meta": {}},
    )


def test_no_more_errors_are_listed_than_help(alice: httpx.Client) -> None:
    body: Json = {"moderators": ["x"] * 500, "participants": []}
    answer = alice.post("/v1/create_conference/Test", json=body)
    assert len(answer.json()["meta"]["errors"]) == 100


def test_all_that_is_wrong_is_told_at_once(alice: httpx.Client) -> None:
    answer = alice.post(
        "/v1/create_conference/%20", json={"moderators": 1}, headers={"x-hoot-instance": "X"}
    )
    places = {(each["in"], each["name"]) for each in answer.json()["meta"]["errors"]}
    assert places == {
        ("path", "conference_name"),
        ("header", "x-hoot-instance"),
        ("body", "moderators"),
        ("body", "participants"),
    }


def test_whoever_has_to_be_known_is_asked_last(
    nobody: httpx.Client, headers: Callable[..., dict[str, str]]
) -> None:
    stranger = headers(sub="stranger")
    nothing: Json = {"new_moderators": [], "new_participants": [], "remove_users": []}
    for conference, body, status in (
        ("nothing", {}, 400),
        ("nothing", nothing, 404),
        (WEEKLY, nothing, 401),
    ):
        answer = nobody.post(f"/v1/edit_conference/{conference}", json=body, headers=stranger)
        assert answer.status_code == status


def test_entry_codes_are_an_option(nobody: httpx.Client) -> None:
    assert nobody.post("/v1/check_entry_code", json={"code": "hoot"}).status_code == 200
    answer = nobody.post("/v1/check_entry_code", json={"code": "HOOT"})
    assert (answer.status_code, answer.json()["reason"]) == (404, "entry code not valid")
