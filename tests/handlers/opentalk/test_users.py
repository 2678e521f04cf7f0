"""Users: listed, found, and changing themselves."""

from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest

from greenroom.state import Store

BOB = "b0b00000-0000-4000-8000-000000000002"
ME = "/v1/users/me"

Options = Callable[..., httpx.Client]


def names(answer: httpx.Response) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [f"{each['firstname']} {each['lastname']}" for each in answer.json()]


def test_users_are_listed_newest_first_and_only_the_own_tenants(alice: httpx.Client) -> None:
    assert names(alice.get("/v1/users")) == ["Carol Clark", "Bob Brown", "Alice Anderson"]


def test_users_come_in_pages(alice: httpx.Client) -> None:
    answer = alice.get("/v1/users?per_page=1&page=2")
    assert names(answer) == ["Bob Brown"]
    assert 'page=3>; rel="next"' in answer.headers["Link"]


@pytest.mark.parametrize("name", [BOB, BOB.upper(), "2"])
def test_a_user_is_known_by_id_and_by_number(alice: httpx.Client, name: str) -> None:
    assert alice.get(f"/v1/users/{name}").json() == {
        "id": BOB,
        "email": "bob@acme.example",
        "title": "",
        "firstname": "Bob",
        "lastname": "Brown",
        "display_name": "Bob Brown",
        "avatar_url": "https://seccdn.libravatar.org/avatar/df20b6977a45e9047f55732f079260af",
    }


@pytest.mark.parametrize(
    "name",
    ["0", "4", "99", "-1", "1.0", "9" * 40, "x", "%31%31", "ba110000-0000-4000-8000-000000000009"],
)
def test_a_user_of_another_tenant_is_as_unknown_as_nobody(alice: httpx.Client, name: str) -> None:
    answer = alice.get(f"/v1/users/{name}")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_a_change_is_seen_by_all_at_once(alice: httpx.Client, bob: httpx.Client) -> None:
    body = {"title": "Prof.", "display_name": "A.", "language": "fr", "dashboard_theme": "dark"}
    changed = alice.patch(ME, json=body).json()
    assert {name: changed[name] for name in body} == body
    assert alice.get(ME).json() == changed
    assert bob.get(f"/v1/users/{changed['id']}").json()["display_name"] == "A."


@pytest.mark.parametrize("body", [{}, {"title": None}, {"email": "x@acme.example"}])
def test_a_change_of_nothing_is_refused(alice: httpx.Client, body: dict[str, str | None]) -> None:
    answer = alice.patch(ME, json=body)
    assert answer.status_code == 422
    assert answer.json()["errors"] == [{"code": "missing_values"}]


@pytest.mark.parametrize(
    ("member", "length"),
    [
        ("title", 255),
        ("display_name", 255),
        ("language", 35),
        ("dashboard_theme", 128),
        ("conference_theme", 128),
    ],
)
def test_a_text_has_a_greatest_length(alice: httpx.Client, member: str, length: int) -> None:
    assert alice.patch(ME, json={member: "x" * length}).status_code == 200
    answer = alice.patch(ME, json={member: "x" * (length + 1)})
    assert (answer.status_code, answer.json()["code"]) == (422, "validation_failed")
    error = answer.json()["errors"][0]
    assert (error["field"], error["code"]) == (member, "invalid_length")


def test_all_that_is_wrong_is_told_at_once(alice: httpx.Client) -> None:
    answer = alice.patch(ME, json={"title": "x" * 256, "language": "x" * 36})
    assert {each["field"] for each in answer.json()["errors"]} == {"title", "language"}


def test_display_names_may_not_be_the_users_to_choose(with_options: Options) -> None:
    alice = with_options("alice", custom_display_names=False)
    answer = alice.patch(ME, json={"display_name": "A."})
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_request")
    assert alice.patch(ME, json={"title": "Prof."}).status_code == 200


@pytest.mark.parametrize("text", ["bro", "BOB B", "bob@acme", "ob Br", "b%ob"])
def test_a_part_of_a_name_or_an_address_finds(alice: httpx.Client, text: str) -> None:
    assert names(alice.get("/v1/users/find", params={"q": text})) == ["Bob Brown"]


def test_what_sounds_alike_is_found(alice: httpx.Client) -> None:
    assert names(alice.get("/v1/users/find?q=Karol Klark")) == []
    assert names(alice.get("/v1/users/find?q=Carrol Clarke")) == ["Carol Clark"]


def test_the_most_alike_comes_first(alice: httpx.Client) -> None:
    alice.patch(ME, json={"display_name": "Carol Clarkson"})
    found = names(alice.get("/v1/users/find?q=carol"))
    assert found == ["Carol Clark", "Alice Anderson"]


def test_whoever_never_logged_in_is_found_too_and_said_to_be(alice: httpx.Client) -> None:
    assert alice.get("/v1/users/find?q=dave").json() == [
        {
            "kind": "unregistered",
            "email": "dave@acme.example",
            "firstname": "Dave",
            "lastname": "Davis",
            "avatar_url": "https://seccdn.libravatar.org/avatar/3fa5274b1c953c04fccd1dfc6578c7f7",
        }
    ]


def test_nobody_of_another_tenant_is_found(alice: httpx.Client, mallory: httpx.Client) -> None:
    assert names(alice.get("/v1/users/find?q=mallory")) == []
    assert names(mallory.get("/v1/users/find?q=example")) == ["Mallory Moore"]


def test_at_most_twenty_are_found(store: Store, alice: httpx.Client) -> None:
    users = store.collection("opentalk", "users", "acme")
    for number in range(100, 130):
        own = {"id": f"{BOB[:-3]}{number}", "serial": number, "sub": f"bob {number}"}
        users.add(users.get(BOB) | own)
    assert len(alice.get("/v1/users/find?q=bob").json()) == 20


@pytest.mark.parametrize(("query", "code"), [("q=ab", "query_too_short"), ("", "bad_request")])
def test_there_has_to_be_something_to_look_for(alice: httpx.Client, query: str, code: str) -> None:
    answer = alice.get(f"/v1/users/find?{query}")
    assert (answer.status_code, answer.json()["code"]) == (400, code)


def test_three_bytes_are_enough(alice: httpx.Client) -> None:
    assert alice.get("/v1/users/find", params={"q": "日"}).status_code == 200


def test_finding_can_be_switched_off(with_options: Options) -> None:
    answer = with_options("alice", users_find=False).get("/v1/users/find?q=alice")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
