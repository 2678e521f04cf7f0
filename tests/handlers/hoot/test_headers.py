from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from greenroom.emulator import Emulator

ALICE = "a5c818fb-bd18-41f6-a030-745ff9fe7f21"
WEEKLY = "6e19e88d-634f-4872-826b-2d26503caba1"
Client = Callable[..., httpx.Client]
Headers = Callable[..., dict[str, str]]

LOGIN = {"name": "A", "email": "a@b.com", "sub": "s"}
PEOPLE: dict[str, list[str]] = {"moderators": [], "participants": []}
CHANGES: dict[str, list[str]] = {"new_moderators": [], "new_participants": [], "remove_users": []}
# operation number in the dossier: method, path, body, token variant, instance variant
OPERATIONS: dict[int, tuple[str, str, Any, str, str]] = {
    1: ("POST", "/v1/login", LOGIN, "A", "I1"),
    2: ("GET", f"/v1/check_conf/{WEEKLY}", None, "B", "I2"),
    3: ("GET", f"/v1/user/{ALICE}/last_joined_conferences", None, "B", "I2"),
    4: ("GET", f"/v1/user/{ALICE}/invited_to_conferences", None, "A", "I2"),
    5: ("GET", f"/v1/user/{ALICE}/favourite_conferences", None, "B", "I2"),
    6: ("POST", f"/v1/user/{ALICE}/set_favourite_conference/{WEEKLY}", None, "B", "I2"),
    7: ("POST", f"/v1/user/{ALICE}/unset_favourite_conference/{WEEKLY}", None, "B", "I2"),
    8: ("GET", "/v1/search/conferences/plan", None, "C", "I4"),
    9: ("POST", "/v1/say_hello", {"type": "registry"}, "D", "I5"),
    10: ("POST", "/v1/create_conference/New", PEOPLE, "B", "I3"),
    11: ("GET", "/v1/x/TWFu", None, "B", "I2"),
    12: ("DELETE", f"/v1/conf/{WEEKLY}", None, "B", "I2"),
    13: ("PUT", f"/v1/user/{ALICE}/search_strings/term", None, "B", "I2"),
    14: ("GET", f"/v1/user/{ALICE}/search_strings", None, "B", "I2"),
    15: ("POST", f"/v1/edit_conference/{WEEKLY}", CHANGES, "A", "I3"),
    16: ("GET", f"/v1/conf/{WEEKLY}/all_users", None, "B", "I3"),
    17: ("GET", f"/v1/conf/{WEEKLY}/users", None, "B", "I3"),
    18: ("GET", f"/v1/deep_link/t/{ALICE}/sip", None, "-", "-"),
    19: ("GET", f"/v1/deep_link_bypass/t/{ALICE}/sip", None, "-", "-"),
    20: ("POST", f"/v1/conf/{WEEKLY}/subscribe", {"api_endpoint": "http://x"}, "D", "I6"),
}
EVERY = pytest.mark.parametrize("number", OPERATIONS)


def ask(client: httpx.Client, number: int, headers: dict[str, str]) -> httpx.Response:
    method, path, body, *_ = OPERATIONS[number]
    return client.request(method, path, json=body, headers=headers)


@pytest.fixture
def good(headers: Headers) -> dict[str, str]:
    return headers(sub="auth0|a11ce")


@EVERY
def test_the_spec_has_each_operations_header_variants(emulator: Emulator, number: int) -> None:
    method, path, _, token, instance = OPERATIONS[number]
    spec = emulator.client().get("/hoot/openapi.json").json()
    for name, value in (
        (WEEKLY, "{conf_id}"),
        (f"user/{ALICE}/search", "user/{user_id}/search"),
        (f"t/{ALICE}", "{token}/{participant_id}"),
        (ALICE, "{user_uuid}"),
        ("plan", "{search_string}"),
        ("strings/term", "strings/{search_string}"),
        ("New", "{conference_name}"),
        ("TWFu", "{b64_URL}"),
    ):
        path = path.replace(name, value)
    references = [
        each.get("$ref", "") for each in spec["paths"][path][method.lower()]["parameters"]
    ]
    variants = {each.rpartition("/")[2] for each in references}
    expected = {f"Authorization{token}", f"Instance{instance}"} - {"Authorization-", "Instance-"}
    assert {each for each in variants if each.startswith(("Auth", "Inst"))} == expected


@EVERY
def test_a_missing_token_is_refused_where_it_is_required(
    nobody: httpx.Client, good: dict[str, str], number: int
) -> None:
    answer = ask(nobody, number, {"x-hoot-instance": good["x-hoot-instance"]})
    variant = OPERATIONS[number][3]
    if variant in "ABC":
        assert answer.json()["reason"] == "missing or malformed Authorization header"
    assert (answer.status_code == 401) == (variant in "ABC" or number == 20)


@EVERY
def test_only_variants_a_and_b_want_a_form(
    nobody: httpx.Client, good: dict[str, str], number: int
) -> None:
    answer = ask(nobody, number, good | {"Authorization": "no.jwt"})
    malformed = answer.status_code == 401 and answer.json()["reason"].startswith("missing or")
    assert malformed == (OPERATIONS[number][3] in "AB")


@EVERY
def test_two_dots_are_form_enough(nobody: httpx.Client, good: dict[str, str], number: int) -> None:
    answer = ask(nobody, number, good | {"Authorization": ".."})
    reason = answer.json()["reason"] if answer.status_code == 401 else ""
    assert reason == ("login required" if number in (8, 10, 12, 15, 20) else "")


@EVERY
def test_a_missing_instance_is_refused_where_it_is_required(
    nobody: httpx.Client, good: dict[str, str], number: int
) -> None:
    answer = ask(nobody, number, {"Authorization": good["Authorization"]})
    refused = answer.status_code == 400
    assert refused == (OPERATIONS[number][4] in ("I1", "I2", "I3", "I4"))
    if refused:
        assert answer.json()["meta"]["errors"] == [
            {"in": "header", "name": "x-hoot-instance", "message": "x-hoot-instance is required."}
        ]


@EVERY
def test_an_unknown_instance_is_refused_where_they_are_listed(
    nobody: httpx.Client, good: dict[str, str], number: int
) -> None:
    answer = ask(nobody, number, good | {"x-hoot-instance": "Nowhere"})
    assert (answer.status_code == 400) == (OPERATIONS[number][4] in ("I1", "I2", "I3"))


@EVERY
def test_only_logging_in_is_impossible_in_melco(
    nobody: httpx.Client, good: dict[str, str], number: int
) -> None:
    answer = ask(nobody, number, good | {"x-hoot-instance": "Melco"})
    assert (answer.status_code == 400) == (number == 1)


@pytest.mark.parametrize("number", [n for n in OPERATIONS if n not in (18, 19)])
def test_told_to_be_lenient_an_absent_instance_is_generic(
    good: dict[str, str], number: int
) -> None:
    with Emulator(providers=["hoot"], options={"hoot": {"lenient_headers": True}}) as emulator:
        answer = ask(emulator.client("hoot"), number, {"Authorization": good["Authorization"]})
    assert answer.status_code == {9: 202, 6: 202, 7: 202, 11: 404, 20: 201}.get(number, 200)


@pytest.mark.parametrize("word", ["Bearer ", "bearer ", "BEARER  "])
def test_one_bearer_before_the_token_is_forgiven(
    nobody: httpx.Client, good: dict[str, str], word: str
) -> None:
    token = word + good["Authorization"]
    answer = nobody.get(f"/v1/check_conf/{WEEKLY}", headers=good | {"Authorization": token})
    assert answer.status_code == 200


@pytest.mark.parametrize("form", ["Bearer", "Bearer Bearer a.b.c", "a.b", "a.b.c.d", "a b.c.d"])
def test_other_forms_are_not(nobody: httpx.Client, good: dict[str, str], form: str) -> None:
    answer = nobody.get(f"/v1/check_conf/{WEEKLY}", headers=good | {"Authorization": form})
    assert answer.status_code == 401


def test_two_tokens_are_none(nobody: httpx.Client, good: dict[str, str]) -> None:
    headers = [*good.items(), ("Authorization", good["Authorization"])]
    answer = nobody.get(f"/v1/check_conf/{WEEKLY}", headers=headers)
    assert (answer.status_code, answer.json()["reason"]) == (
        401,
        "missing or malformed Authorization header",
    )
