from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from greenroom.state import Store

Headers = Callable[..., dict[str, str]]
Make = Callable[..., dict[str, Any]]
DALE = {"name": "Dale", "email": "dale@x.org", "sub": "google|1", "uuid": "dale-1"}


@pytest.fixture
def log_in(nobody: httpx.Client, headers: Headers) -> Callable[..., dict[str, Any]]:
    def logged_in(**profile: Any) -> dict[str, Any]:
        answer = nobody.post("/v1/login", headers=headers(n=1), json=DALE | profile)
        assert answer.status_code == 200
        found: dict[str, Any] = answer.json()
        return found

    return logged_in


def profile_of(store: Store, user: str) -> dict[str, Any]:
    found: dict[str, Any] = store.collection("hoot", "users", "acme").get(user)["profile"]
    return found


def test_a_new_users_uuid_is_adopted(log_in: Make) -> None:
    assert log_in() == {"user_id": "dale@x.org", "user_uuid": "dale-1"}


def test_a_uuid_in_use_is_not(log_in: Make) -> None:
    log_in()
    other = log_in(email="other@x.org", sub="google|2")
    assert other["user_id"] == "other@x.org"
    assert other["user_uuid"] != "dale-1"


def test_a_known_user_keeps_his_uuid(log_in: Make) -> None:
    log_in()
    assert log_in(uuid="dale-2")["user_uuid"] == "dale-1"


def test_the_subject_decides_before_the_address(log_in: Make, store: Store) -> None:
    log_in()
    assert log_in(email="bob@acme.example")["user_uuid"] == "dale-1"
    assert profile_of(store, "dale-1")["email"] == "bob@acme.example"


def test_an_unknown_subject_is_found_by_address_in_any_case(log_in: Make, store: Store) -> None:
    log_in()
    assert log_in(email="DALE@x.org", sub="google|9")["user_uuid"] == "dale-1"
    assert profile_of(store, "dale-1")["sub"] == "google|9"


def test_a_login_updates_the_profile_and_keeps_what_it_does_not_name(
    log_in: Make, store: Store
) -> None:
    log_in(picture="https://x.org/d.png", unknown="ignored")
    log_in(name="Dale S.")
    assert profile_of(store, "dale-1") == {
        "name": "Dale S.",
        "email": "dale@x.org",
        "sub": "google|1",
        "picture": "https://x.org/d.png",
    }


def test_a_placeholder_is_claimed_with_all_it_was_invited_to(
    log_in: Make, make: Make, bob: httpx.Client
) -> None:
    invited = make(participants=["dale@x.org"])["conference"]["participants"][0]
    assert invited["user"]["idpRegistered"] is False
    assert log_in()["user_uuid"] == invited["id"]
    lists = bob.get(f"/v1/user/{invited['id']}/invited_to_conferences").json()
    assert [each["party"]["user"]["name"] for each in lists] == ["Dale"]
    assert lists[0]["party"]["user"]["idpRegistered"] is True


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"email": "a@my-firm.com"}, "email"),
        ({"email": "nonsense"}, "email"),
        ({"name": ""}, "name"),
        ({"sub": "  "}, "sub"),
        ({"uuid": "x" * 37}, "uuid"),
        ({"uuid": " "}, "uuid"),
        ({"email_verified": "yes"}, "email_verified"),
        ({"nickname": ""}, "nickname"),
    ],
)
def test_a_profile_is_held_to_its_schema(
    nobody: httpx.Client, headers: Headers, changes: dict[str, Any], name: str
) -> None:
    answer = nobody.post("/v1/login", headers=headers(n=1), json=DALE | changes)
    assert answer.status_code == 400
    body = answer.json()
    assert (body["code"], body["reason"]) == (400, "invalid request")
    assert {(each["in"], each["name"]) for each in body["meta"]["errors"]} == {("body", name)}


@pytest.mark.parametrize("label", ["application/x-www-form-urlencoded", "text/plain", "", "a/b;c"])
def test_json_is_read_under_any_label(nobody: httpx.Client, headers: Headers, label: str) -> None:
    text = '{"name": "Dale", "email": "dale@x.org", "sub": "s"}'
    sent = headers(n=1) | ({"Content-Type": label} if label else {})
    assert nobody.post("/v1/login", headers=sent, content=text).status_code == 200


@pytest.mark.parametrize("text", ["{", "name=Dale", "\xff", "[" * 5000])
def test_anything_else_is_not(nobody: httpx.Client, headers: Headers, text: str) -> None:
    sent = headers(n=1) | {"Content-Type": "application/x-www-form-urlencoded"}
    answer = nobody.post("/v1/login", headers=sent, content=text.encode("latin-1"))
    assert (answer.status_code, answer.json()["reason"]) == (400, "malformed JSON body")


def test_without_a_body_the_request_is_not_valid(nobody: httpx.Client, headers: Headers) -> None:
    answer = nobody.post("/v1/login", headers=headers(n=1))
    assert (answer.status_code, answer.json()["reason"]) == (400, "invalid request")


def test_a_short_address_names_a_user_in_the_search_history(alice: httpx.Client) -> None:
    assert alice.get("/v1/user/alice@acme.example/search_strings").json() == ["planning"]
    assert alice.get("/v1/user/ALICE@acme.example/search_strings").json() == ["planning"]
    assert alice.get("/v1/user/nobody@acme.example/search_strings").status_code == 404


def test_an_address_names_nobody_elsewhere(alice: httpx.Client) -> None:
    assert alice.get("/v1/user/alice@acme.example/favourite_conferences").status_code == 404


@pytest.mark.parametrize("term", ["two words", "dash-ed", "%C3%A9"])
def test_a_term_has_letters_digits_and_underscores(alice: httpx.Client, term: str) -> None:
    path = "/v1/user/alice@acme.example/search_strings"
    assert alice.put(f"{path}/{term}").status_code == 400
