# /// script
# dependencies = ["PyKazoo==0.0a8"]
# ///
"""What PyKazoo makes of the emulator."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.request import Request, urlopen

from pykazoo.client import PyKazooClient

ACME = "9d351ad7ffd6f846313af9eed3bb7b85"
GLOBEX = "e1f0c8b7a6954d3c2b1a09f8e7d6c5b4"
STAND_UP = "5edbfdd3b825314a71b0a05957392edb"
BOARD = "c0ffee5a1d2b4c3e8f7a6b5c4d3e2f10"
ALICE = "32d8788da9506b4b1991d5bb86d27b0a"
KEY = "ac0e5d1c8f2b4a6796d3e1f07b8c9a2d4e6f8091a3b5c7d9e0f1a2b3c4d5e6f7"
AROUND = {
    "node": "dJX5pTQbQbqqZrKuKqCBbg",
    "version": "4.1.39",
    "timestamp": "2026-01-05T09:00:00",
}
LOGIN = {
    "account_id": ACME,
    "account_name": "acme",
    "apps": [],
    "language": "en-us",
    "is_reseller": False,
    "reseller_id": "0a1b2c3d4e5f60718293a4b5c6d7e8f9",
}
MUTED = {"join_deaf": False, "join_muted": True, "numbers": [], "pins": []}


def unknown(address: str) -> PyKazooClient:
    """A client that nobody has signed in with."""
    return PyKazooClient(f"{address}/v2")


def signed_in(address: str) -> PyKazooClient:
    """A client that alice has signed in with."""
    client = unknown(address)
    client.authentication.user_auth("alice", "alice-password", "acme")
    return client


def token(client: PyKazooClient) -> str:
    """What the client shows from now on."""
    return str(client.authentication.rest_request.auth_token)


def envelope(client: PyKazooClient, answer: dict[str, Any], **inside: Any) -> dict[str, Any]:
    """What a success should be; its `request_id` may be any."""
    own = {"request_id": answer["request_id"], "auth_token": token(client), "status": "success"}
    return AROUND | own | inside


def ordered(address: str, order: str, body: dict[str, Any]) -> None:
    """An order to the control plane."""
    with urlopen(Request(f"{address}/_greenroom/{order}", json.dumps(body).encode())) as answer:
        answer.read()


def refused(ask: Callable[[], Any]) -> tuple[type[Exception], int, Any, Any]:
    """The kind of exception the client raises, and the status, message and data it tells."""
    try:
        answer = ask()
    except Exception as error:
        status, content = str(error).removeprefix("Error Code: ").split(" Data: b'")
        told = json.loads(content[:-1].replace("\\'", "'"))
        assert (told["error"], told["status"]) == (status, "error")
        return type(error), int(status), told["message"], told["data"]
    raise AssertionError(f"answered {answer}")


def names(answer: dict[str, Any]) -> list[str]:
    """The names of the conferences in a list."""
    return [each["name"] for each in answer["data"]]


def check_signing_in_with_a_name_and_a_password(address: str) -> None:
    client = unknown(address)
    assert not client.authentication.authenticated
    answer = client.authentication.user_auth("alice", "alice-password", "acme")
    expected = {"page_size": 1, "revision": "automatic", "data": LOGIN | {"owner_id": ALICE}}
    assert answer == envelope(client, answer, **expected)
    assert client.authentication.authenticated
    assert client.authentication.account_id == ACME


def check_signing_in_with_an_api_key(address: str) -> None:
    client = unknown(address)
    answer = client.authentication.api_auth(KEY)
    expected = {"page_size": 1, "revision": "automatic", "data": LOGIN}
    assert answer == envelope(client, answer, **expected)
    assert client.authentication.account_id == ACME


def check_who_cannot_sign_in_is_told_why(address: str) -> None:
    client = unknown(address)
    nobody = (PermissionError, 401, "invalid_credentials", {"message": "invalid credentials"})
    sign_in = client.authentication.user_auth
    assert refused(lambda: sign_in("alice", "guess", "acme")) == nobody
    assert refused(lambda: sign_in("alice", "alice-password", "initech")) == nobody
    assert refused(lambda: client.conferences.get_conferences(ACME)) == nobody
    expected = (ValueError, 404, "bad identifier", ["0" * 64])
    assert refused(lambda: client.authentication.api_auth("0" * 64)) == expected


def check_a_conference_is_created_read_replaced_and_deleted(address: str) -> None:
    client = signed_in(address)
    sales = {"data": {"name": "Sales", "conference_numbers": ["77"], "pins_string": "1, 2"}}
    created = client.conferences.create_conference(ACME, sales)
    conference_id, revision = created["data"]["id"], created["revision"]
    document = sales["data"] | {
        "id": conference_id,
        "member": MUTED,
        "moderator": MUTED,
        "play_name": False,
    }
    assert revision.startswith("1-")
    assert created == envelope(client, created, data=document, revision=revision)

    read = client.conferences.get_conference(ACME, conference_id)
    counts = {"members": 0, "admins": 0, "moderators": 0, "duration": 0}
    live = counts | {"is_locked": False, "participants": []}
    assert read == envelope(client, read, data=document | {"_read_only": live}, revision=revision)

    del document["pins_string"]
    change = {"data": {"name": "Sales", "conference_numbers": ["77"]}}
    replaced = client.conferences.update_conference(ACME, conference_id, change)
    revision = replaced["revision"]
    assert revision.startswith("2-")
    assert replaced == envelope(client, replaced, data=document, revision=revision)

    deleted = client.conferences.delete_conference(ACME, conference_id)
    document["_read_only"], revision = {"deleted": True}, deleted["revision"]
    assert revision.startswith("3-")
    assert deleted == envelope(client, deleted, data=document, revision=revision)
    gone = (
        ValueError,
        404,
        "bad_identifier",
        {"message": "bad identifier", "cause": conference_id},
    )
    assert refused(lambda: client.conferences.get_conference(ACME, conference_id)) == gone


def check_lists_are_filtered(address: str) -> None:
    client = signed_in(address)
    chosen = [
        ({"filter_name": "Board"}, ["Board"]),
        ({"filter_not_name": "Board"}, ["Weekly stand-up"]),
        ({"filter_name": '["Board", "Other"]'}, ["Board"]),
        ({"filter_member.join_muted": "false"}, ["Weekly stand-up"]),
        ({"filter_owner_id": ALICE}, ["Weekly stand-up", "Board"]),
        ({"has_key": "max_participants"}, ["Board"]),
        ({"key_missing": "max_participants"}, ["Weekly stand-up"]),
        ({"has_value": "member.numbers"}, ["Weekly stand-up"]),
        ({"filter_name": "Nobody's"}, []),
    ]
    for filters, expected in chosen:
        assert names(client.conferences.get_conferences(ACME, filters)) == expected, filters


def check_lists_come_in_pages(address: str) -> None:
    client = signed_in(address)
    first = client.conferences.get_conferences(ACME, {"page_size": 1})
    assert (names(first), first["page_size"]) == (["Weekly stand-up"], 1)
    assert (first["next_start_key"], first.get("start_key")) == (BOARD, None)
    after = {"page_size": 1, "start_key": first["next_start_key"]}
    last = client.conferences.get_conferences(ACME, after)
    assert (names(last), last["page_size"], last["start_key"]) == (["Board"], 1, BOARD)
    assert "next_start_key" not in last
    whole = client.conferences.get_conferences(ACME, {"paginate": "false"})
    assert names(whole) == ["Weekly stand-up", "Board"]
    assert "page_size" not in whole


def check_actions_go_through_the_request_below(address: str) -> None:
    client = signed_in(address)
    request = client.authentication.rest_request
    path = f"accounts/{ACME}/conferences/{STAND_UP}"
    locked = request.put(path, {"data": {"action": "lock"}})
    revision = "3-100475067fa624422c9a21bd976c7b84"
    assert locked == envelope(client, locked, data="ok", revision=revision)
    request.put(f"{path}/participants", {"data": {"action": "mute"}})
    live = client.conferences.get_conference(ACME, STAND_UP)["data"]["_read_only"]
    assert live["is_locked"] is True
    assert [each["speak"] for each in live["participants"]] == [True, False]
    kicked = request.put(f"{path}/participants", {"data": {"action": "kick"}})
    assert (kicked["data"]["name"], "_read_only" in kicked["data"]) == ("Weekly stand-up", False)
    nobody = request.get(f"{path}/participants")
    assert nobody == envelope(client, nobody, data=[])


def check_a_bad_document_is_a_value_error(address: str) -> None:
    client = signed_in(address)
    missing = {"message": "Field is required but missing"}
    assert refused(lambda: client.conferences.create_conference(ACME, {"data": {}})) == (
        ValueError,
        400,
        "validation error",
        {"name": {"required": missing}},
    )
    assert refused(lambda: client.conferences.create_conference(ACME, {"name": "Sales"})) == (
        ValueError,
        400,
        "validation error",
        {"data": {"required": missing}},
    )
    request = client.authentication.rest_request
    path = f"accounts/{ACME}/conferences"
    method = (ValueError, 405, "invalid_method", {"message": "method not allowed"})
    assert refused(lambda: request.post(path, {"data": {}})) == method
    action = (ValueError, 404, "faulty_request", {"message": "faulty request"})
    dance = {"data": {"action": "dance"}}
    assert refused(lambda: request.put(f"{path}/{STAND_UP}", dance)) == action


def check_whatever_else_is_refused_is_a_runtime_error(address: str) -> None:
    client = signed_in(address)
    forbidden = (RuntimeError, 403, "forbidden", {"message": "forbidden"})
    assert refused(lambda: client.conferences.get_conferences(GLOBEX)) == forbidden
    again = {"data": {"id": STAND_UP, "name": "Again"}}
    conflict = (RuntimeError, 409, "datastore_conflict", {"message": "conflicting documents"})
    assert refused(lambda: client.conferences.create_conference(ACME, again)) == conflict
    ordered(address, "faults", {"times": 1, "effect": {"status": 429}})
    busy = (RuntimeError, 429, "too_many_requests", {"message": "too many requests"})
    assert refused(lambda: client.conferences.get_conferences(ACME)) == busy


def check_trouble_of_the_server_is_a_connection_error(address: str) -> None:
    client = signed_in(address)
    ordered(address, "faults", {"times": 1, "effect": {"status": 503}})
    trouble = (ConnectionError, 503, "datastore_fault", {"message": "datastore fatal error"})
    assert refused(lambda: client.conferences.get_conferences(ACME)) == trouble


def check_a_token_expires_and_can_be_had_anew(address: str) -> None:
    client = signed_in(address)
    ordered(address, "clock/advance", {"by": "PT3601S"})
    expired = (PermissionError, 401, "invalid_credentials", {"message": "invalid credentials"})
    assert refused(lambda: client.conferences.get_conferences(ACME)) == expired
    client.authentication.rest_request.auth_token = None
    client.authentication.user_auth("alice", "alice-password", "acme")
    assert len(client.conferences.get_conferences(ACME)["data"]) == 2
