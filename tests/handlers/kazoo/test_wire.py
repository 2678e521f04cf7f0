from __future__ import annotations

from typing import Any

import httpx
import pytest

ACME = "/v2/accounts/9d351ad7ffd6f846313af9eed3bb7b85"
STAND_UP = f"{ACME}/conferences/5edbfdd3b825314a71b0a05957392edb"
LOCK = b'{"data": {"action": "lock"}}'
MISSING = "Field is required but missing"
BASIC = "OWQzNTFhZDdmZmQ2Zjg0NjMxM2FmOWVlZDNiYjdiODU6NGI3YWE3OTRjNzE4MWQ5MDQ4ODJhN2ZlNjkwNTBjODI="


def is_locked(alice: httpx.Client) -> bool:
    return bool(alice.get(STAND_UP).json()["data"]["_read_only"]["is_locked"])


@pytest.mark.parametrize(
    "label",
    [
        "application/json",
        "Application/JSON; charset=UTF-8",
        "application/x-json",
        "application/x-www-form-urlencoded",
        None,
    ],
)
def test_json_is_read_under_any_of_these_labels(alice: httpx.Client, label: str | None) -> None:
    headers = {} if label is None else {"Content-Type": label}
    assert alice.put(STAND_UP, content=LOCK, headers=headers).status_code == 201
    assert is_locked(alice)


@pytest.mark.parametrize("label", ["text/plain", "multipart/form-data; boundary=x", "nonsense"])
def test_any_other_label_is_refused_without_a_word(alice: httpx.Client, label: str) -> None:
    answer = alice.put(STAND_UP, content=LOCK, headers={"Content-Type": label})
    assert (answer.status_code, answer.content) == (415, b"")
    assert answer.headers["X-Request-ID"]
    assert not is_locked(alice)


@pytest.mark.parametrize("label", ["text/plain", "multipart/form-data; boundary=x", "nonsense"])
def test_no_body_is_no_action_and_no_document_whatever_it_says_it_is(
    alice: httpx.Client, label: str
) -> None:
    headers = {"Content-Type": label}
    answer = alice.put(STAND_UP, content=b"", headers=headers)
    assert (answer.status_code, answer.json()["message"]) == (404, "faulty_request")
    answer = alice.put(f"{ACME}/conferences", content=b"", headers=headers)
    assert answer.status_code == 400
    assert answer.json()["data"] == {"name": {"required": {"message": MISSING}}}
    assert alice.patch(STAND_UP, content=b"", headers=headers).status_code == 200
    assert alice.put(STAND_UP, params={"action": "lock"}, headers=headers).status_code == 201
    assert is_locked(alice)


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"[]",
        b"1",
        b'"data"',
        b"\xff",
        b"data=1",
        b'{"data": NaN}',
        b"[" * 5000,
        b'{"data":' + b'{"a":' * 200 + b"1" + b"}" * 201,
        b'{"data":' + b'{"a":' * 600 + b"1" + b"}" * 601,
        b"\x00",
    ],
)
def test_a_body_that_is_no_envelope_is_refused(alice: httpx.Client, body: bytes) -> None:
    answer = alice.put(STAND_UP, content=body)
    assert answer.status_code == 400
    assert answer.json()["data"] == {
        "json": {"invalid": {"message": "All JSON must be valid", "target": "body"}}
    }


@pytest.mark.parametrize("envelope", [{"DATA": {"action": "lock"}}, {"Data": {}, "Action": "lock"}])
def test_the_case_of_envelope_keys_does_not_matter(alice: httpx.Client, envelope: Any) -> None:
    assert alice.put(STAND_UP, json=envelope).status_code == 201
    assert is_locked(alice)


def test_the_action_is_looked_for_in_data_then_query_then_envelope(alice: httpx.Client) -> None:
    envelope = {"data": {}, "action": "fly"}
    assert alice.put(STAND_UP, json=envelope, params={"action": "lock"}).status_code == 201
    assert is_locked(alice)


def test_an_action_needs_an_object_for_its_data(alice: httpx.Client) -> None:
    answer = alice.put(STAND_UP, json={"data": ["lock"]}, params={"action": "lock"})
    assert answer.status_code == 400
    assert answer.json()["data"]["data"]["type"]["target"] == "object"
    assert not is_locked(alice)


@pytest.mark.parametrize("place", ["query", "envelope"])
@pytest.mark.parametrize("verb", ["PATCH", "patch"])
def test_a_verb_may_travel_inside_a_post(alice: httpx.Client, place: str, verb: str) -> None:
    envelope: dict[str, Any] = {"data": {"custom": True}}
    answer = (
        alice.post(STAND_UP, json=envelope | {"verb": verb})
        if place == "envelope"
        else alice.post(STAND_UP, json=envelope, params={"verb": verb})
    )
    assert answer.status_code == 200
    assert answer.json()["data"]["name"] == "Weekly stand-up"
    assert answer.json()["data"]["custom"] is True


def test_a_tunnelled_put_creates(alice: httpx.Client) -> None:
    envelope = {"data": {"name": "Tunnelled"}, "verb": "PUT"}
    assert alice.post(f"{ACME}/conferences", json=envelope).status_code == 201


def test_a_tunnelled_delete_needs_no_body(alice: httpx.Client) -> None:
    answer = alice.post(STAND_UP, params={"verb": "DELETE"})
    assert answer.json()["data"]["_read_only"] == {"deleted": True}


def test_only_a_post_is_a_tunnel(alice: httpx.Client) -> None:
    assert alice.get(STAND_UP, params={"verb": "DELETE"}).status_code == 200
    assert alice.get(STAND_UP).status_code == 200


def test_other_verbs_in_a_post_are_ignored(alice: httpx.Client) -> None:
    answer = alice.post(STAND_UP, json={"data": {"name": "Posted"}, "verb": "GET"})
    assert answer.json()["data"]["name"] == "Posted"


@pytest.mark.parametrize("key", ["auth_token", "Auth-Token"])
def test_the_token_of_the_envelope_replaces_the_header(alice: httpx.Client, key: str) -> None:
    answer = alice.put(STAND_UP, json={"data": {"action": "lock"}, key: "bob"})
    assert (answer.status_code, answer.json()["auth_token"]) == (201, "bob")
    answer = alice.put(STAND_UP, json={"data": {"action": "lock"}, key: "nobody"})
    assert (answer.status_code, answer.json()["auth_token"]) == (401, "nobody")


def test_the_token_may_stand_in_the_query(nobody: httpx.Client) -> None:
    answer = nobody.get(STAND_UP, params={"auth_token": "bob"})
    assert (answer.status_code, answer.json()["auth_token"]) == (200, "bob")
    replaced = nobody.get(
        STAND_UP, params={"auth_token": "nobody"}, headers={"X-Auth-Token": "bob"}
    )
    assert replaced.status_code == 401


def test_basic_credentials_stand_in_for_a_token(nobody: httpx.Client) -> None:
    headers = {"Authorization": f"Basic {BASIC}"}
    assert nobody.get(STAND_UP, headers=headers).status_code == 200
    looked_at = nobody.get("/v2/token_auth", headers=headers)
    assert looked_at.json()["data"]["method"] == "cb_basic_auth"
    assert nobody.delete("/v2/token_auth", headers=headers).status_code == 200
    assert nobody.get(STAND_UP, headers=headers).status_code == 200


@pytest.mark.parametrize("credentials", ["!", "Og==", "OWQzNTFhZDc6", "/w=="])
def test_other_basic_credentials_do_not(nobody: httpx.Client, credentials: str) -> None:
    answer = nobody.get(STAND_UP, headers={"Authorization": f"Basic {credentials}"})
    assert (answer.status_code, answer.json()["auth_token"]) == (401, credentials)


def test_an_unknown_token_is_refused_even_where_there_is_nothing(nobody: httpx.Client) -> None:
    answer = nobody.get("/v2/nowhere", headers={"X-Auth-Token": "nobody"})
    assert (answer.status_code, answer.json()["message"]) == (401, "invalid_credentials")


def test_the_singular_account_is_that_of_the_token(alice: httpx.Client) -> None:
    listed = alice.get("/v2/account/conferences").json()
    assert [each["name"] for each in listed["data"]] == ["Weekly stand-up", "Board"]
    created = alice.put("/v2/account/conferences", json={"data": {"name": "Mine"}})
    assert ACME in created.headers["Location"]


def test_the_singular_account_is_nowhere_without_a_token(nobody: httpx.Client) -> None:
    answer = nobody.get("/v2/account/conferences")
    assert (answer.status_code, answer.json()["message"]) == (404, "not_found")


def test_the_singular_account_is_that_of_basic_credentials_as_well(nobody: httpx.Client) -> None:
    path, headers = "/v2/account/conferences", {"Authorization": f"Basic {BASIC}"}
    listed = nobody.get(path, headers=headers).json()
    assert [each["name"] for each in listed["data"]] == ["Weekly stand-up", "Board"]
    for wrong in ("!", "OWQzNTFhZDc6"):
        answer = nobody.get(path, headers={"Authorization": f"Basic {wrong}"})
        assert (answer.status_code, answer.json()["message"]) == (401, "invalid_credentials")


@pytest.mark.parametrize(
    ("accept", "status"),
    [
        ("*/*", 200),
        ("text/html, application/*;q=0.5", 200),
        ("APPLICATION/JSON", 200),
        ("", 200),
        ("text/html", 406),
        ("application/json;q=0", 406),
    ],
)
def test_what_is_accepted_must_be_json(alice: httpx.Client, accept: str, status: int) -> None:
    answer = alice.get(STAND_UP, headers={"Accept": accept})
    assert (answer.status_code, bool(answer.content)) == (status, status == 200)
    assert answer.headers["X-Request-ID"]


def test_what_cannot_be_accepted_is_not_done(alice: httpx.Client) -> None:
    answer = alice.put(STAND_UP, content=LOCK, headers={"Accept": "text/html"})
    assert answer.status_code == 406
    assert not is_locked(alice)


@pytest.mark.parametrize(
    "path", [f"{ACME}/conferences", "/v2/nowhere", "/nowhere", f"{ACME}/conferences/x"]
)
def test_every_answer_has_a_request_id_and_a_bare_content_type(
    alice: httpx.Client, path: str
) -> None:
    answer = alice.get(path)
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["X-Request-ID"] == answer.json()["request_id"]
    assert len(answer.json()["request_id"]) == 32
    echoed = alice.get(path, headers={"X-Request-ID": "mine"})
    assert (echoed.headers["X-Request-ID"], echoed.json()["request_id"]) == ("mine", "mine")


def test_a_path_that_is_no_text_leads_nowhere(alice: httpx.Client) -> None:
    answer = alice.get("/v2/accounts/%ff/conferences")
    assert (answer.status_code, answer.json()["message"]) == (404, "not_found")


def test_a_wish_that_cannot_be_met_is_answered_with_those_that_can(alice: httpx.Client) -> None:
    answer = alice.get(STAND_UP, headers={"Prefer": "code=418"})
    assert answer.status_code == 400
    assert "412" in answer.json()["data"]["request"]["invalid"]["message"]


@pytest.mark.parametrize(
    ("status", "message", "text"),
    [
        (429, "too_many_requests", "too many requests"),
        (503, "datastore_fault", "datastore fatal error"),
    ],
)
def test_trouble_can_be_asked_for(
    alice: httpx.Client, status: int, message: str, text: str
) -> None:
    answer = alice.get(STAND_UP, headers={"Prefer": f"code={status}"})
    told = answer.json()
    assert (answer.status_code, told["error"]) == (status, str(status))
    assert (told["message"], told["data"]) == (message, {"message": text})


def test_request_ids_differ(alice: httpx.Client) -> None:
    ids = {alice.get(STAND_UP).json()["request_id"] for _ in range(3)}
    assert len(ids) == 3


def test_the_etag_of_a_list_never_matches_again(alice: httpx.Client) -> None:
    first = alice.get(f"{ACME}/conferences")
    assert first.headers["ETag"] == f'"{first.json()["revision"]}"'
    again = alice.get(f"{ACME}/conferences", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 200
    any_at_all = alice.get(f"{ACME}/conferences", headers={"If-None-Match": "*"})
    assert any_at_all.status_code == 200


def test_a_write_is_never_answered_with_not_modified(alice: httpx.Client) -> None:
    answer = alice.patch(STAND_UP, json={"data": {}}, headers={"If-None-Match": "*"})
    assert (answer.status_code, answer.headers["ETag"]) == (200, f'"{answer.json()["revision"]}"')


def test_head_is_get_without_a_body(alice: httpx.Client) -> None:
    answer = alice.head(STAND_UP)
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["ETag"] == '"3-100475067fa624422c9a21bd976c7b84"'


def test_what_may_be_done_at_an_address_is_told_to_anybody(nobody: httpx.Client) -> None:
    answer = nobody.options(STAND_UP, headers={"X-Request-ID": "r1"})
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["Allow"] == "DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT"
    assert answer.headers["X-Request-ID"] == "r1"
