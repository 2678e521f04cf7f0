# /// script
# dependencies = ["kazoo-sdk==0.2.4"]
# ///
"""What kazoo-sdk makes of the emulator."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from typing import Any
from urllib.request import Request, urlopen

from kazoo.client import Client
from kazoo.exceptions import KazooApiAuthenticationError, KazooApiBadDataError, KazooApiError

ACME = "9d351ad7ffd6f846313af9eed3bb7b85"
SUPPORT = "3c7e9f1b5d2a4086b8c0d4e6f8a1b3c5"
GLOBEX = "e1f0c8b7a6954d3c2b1a09f8e7d6c5b4"
STAND_UP = "5edbfdd3b825314a71b0a05957392edb"
BOARD = "c0ffee5a1d2b4c3e8f7a6b5c4d3e2f10"
ALICE = "32d8788da9506b4b1991d5bb86d27b0a"
KEY = "ac0e5d1c8f2b4a6796d3e1f07b8c9a2d4e6f8091a3b5c7d9e0f1a2b3c4d5e6f7"
AROUND = {
    "node": "dJX5pTQbQbqqZrKuKqCBbg",
    "version": "4.1.39",
    "timestamp": "2026-01-05T09:00:00",
    "status": "success",
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


def signed_in(address: str) -> Client:
    """A client that alice has signed in with."""
    client = Client(
        username="alice", password="alice-password", account_name="acme", base_url=f"{address}/v2"
    )
    client.authenticate()
    return client


def envelope(client: Client, answer: dict[str, Any], **inside: Any) -> dict[str, Any]:
    """What an answer to this client should be; its `request_id` may be any."""
    return AROUND | {"request_id": answer["request_id"], "auth_token": client.auth_token} | inside


def ordered(address: str, order: str, body: dict[str, Any]) -> None:
    """An order to the control plane."""
    with urlopen(Request(f"{address}/_greenroom/{order}", json.dumps(body).encode())) as answer:
        answer.read()


def refused(kind: type[Exception], ask: Callable[[], Any]) -> Any:
    """The exception of this kind that the client raises."""
    try:
        answer = ask()
    except kind as error:
        return error
    raise AssertionError(f"answered {answer}")


def code(ask: Callable[[], Any]) -> str:
    """What Kazoo calls the reason why it refuses."""
    return str(refused(KazooApiError, ask).args[2])


def check_signing_in_with_a_name_and_a_password(address: str) -> None:
    client = signed_in(address)
    expected = {"page_size": 1, "revision": "automatic", "data": LOGIN | {"owner_id": ALICE}}
    assert client.auth_data == envelope(client, client.auth_data, **expected)


def check_signing_in_with_an_api_key(address: str) -> None:
    client = Client(api_key=KEY, base_url=f"{address}/v2")
    assert client.authenticate() == client.auth_data["auth_token"]
    expected = {"page_size": 1, "revision": "automatic", "data": LOGIN}
    assert client.auth_data == envelope(client, client.auth_data, **expected)


def check_a_wrong_password_or_key_opens_nothing(address: str) -> None:
    name = {"username": "alice", "account_name": "acme"}
    guess = Client(**name, password="guess", base_url=f"{address}/v2")
    refused(KazooApiAuthenticationError, guess.authenticate)
    unknown = Client(api_key="0" * 64, base_url=f"{address}/v2")
    assert code(unknown.authenticate) == "bad identifier"
    short = Client(api_key="short", base_url=f"{address}/v2")
    assert refused(KazooApiBadDataError, short.authenticate).field_errors == {
        "api_key": {
            "minLength": {
                "message": "String must be at least 64 characters",
                "target": 64,
                "cause": "short",
            }
        }
    }


def check_the_list_shows_what_is_live(address: str) -> None:
    client = signed_in(address)
    answer = client.get_conferences(ACME)
    stand_up = {
        "id": STAND_UP,
        "name": "Weekly stand-up",
        "owner_id": ALICE,
        "member": MUTED | {"join_muted": False, "numbers": ["301", "1002"]},
        "moderator": MUTED | {"join_muted": False, "numbers": ["302"]},
        "members": 1,
        "admins": 1,
        "moderators": 1,
        "duration": 600,
        "is_locked": False,
    }
    board = {
        "id": BOARD,
        "name": "Board",
        "owner_id": ALICE,
        "member": MUTED | {"pins": ["1234"]},
        "moderator": MUTED | {"join_muted": False, "pins": ["9876"]},
        "members": 0,
        "admins": 0,
        "moderators": 0,
        "duration": 0,
        "is_locked": False,
    }
    expected = {"data": [stand_up, board], "page_size": 2, "revision": answer["revision"]}
    assert answer == envelope(client, answer, **expected)


def check_a_conference_is_created_read_replaced_and_deleted(address: str) -> None:
    client = signed_in(address)
    created = client.create_conference(ACME, {"name": "Sales", "conference_numbers": ["77"]})
    conference_id = created["data"]["id"]
    document = {
        "id": conference_id,
        "name": "Sales",
        "conference_numbers": ["77"],
        "member": MUTED,
        "moderator": MUTED,
        "play_name": False,
    }
    revision = created["revision"]
    assert revision.startswith("1-")
    assert created == envelope(client, created, data=document, revision=revision)

    read = client.get_conference(ACME, conference_id)
    counts = {"members": 0, "admins": 0, "moderators": 0, "duration": 0}
    live = counts | {"is_locked": False, "participants": []}
    assert read == envelope(client, read, data=document | {"_read_only": live}, revision=revision)

    sent_back = read["data"] | {"name": "Sales and more"}
    replaced = client.update_conference(ACME, conference_id, sent_back)
    document["name"], revision = "Sales and more", replaced["revision"]
    assert revision.startswith("2-")
    assert replaced == envelope(client, replaced, data=document, revision=revision)

    deleted = client.delete_conference(ACME, conference_id)
    document["_read_only"], revision = {"deleted": True}, deleted["revision"]
    assert revision.startswith("3-")
    assert deleted == envelope(client, deleted, data=document, revision=revision)
    assert code(lambda: client.get_conference(ACME, conference_id)) == "bad_identifier"


def check_everything_wrong_with_a_document_is_told_by_field(address: str) -> None:
    client = signed_in(address)
    wrong = {"owner_id": "abc", "member": {"pins": ["12a"]}}
    told = refused(KazooApiBadDataError, lambda: client.create_conference(ACME, wrong))
    assert told.field_errors == {
        "name": {"required": {"message": "Field is required but missing"}},
        "owner_id": {
            "minLength": {
                "message": "String must be at least 32 characters",
                "target": 32,
                "cause": "abc",
            }
        },
        "member.pins.0": {
            "pattern": {"message": "Failed to match pattern '^[0-9]+$'", "target": "^[0-9]+$"}
        },
    }
    taken = {"name": "Sales", "conference_numbers": ["300", "400"]}
    told = refused(KazooApiBadDataError, lambda: client.create_conference(ACME, taken))
    unique = {"message": "Numbers already in use", "cause": "300, 400"}
    assert told.field_errors == {"numbers": {"unique": unique}}


def check_actions_and_patches_go_by_hand(address: str) -> None:
    client = signed_in(address)
    uri = f"/accounts/{ACME}/conferences/{STAND_UP}"
    lock = {"data": {"action": "lock"}}
    assert client.manual_request(uri, "put", data=lock) == (True, "ok")
    mute = {"data": {"action": "mute"}}
    assert client.manual_request(f"{uri}/participants/2", "put", data=mute) == (True, "ok")
    patch = {"data": {"name": "Daily stand-up"}}
    done, document = client.manual_request(uri, "patch", data=patch)
    assert (done, document["name"]) == (True, "Daily stand-up")
    live = client.get_conference(ACME, STAND_UP)["data"]["_read_only"]
    assert live["is_locked"] is True
    assert [each["speak"] for each in live["participants"]] == [True, False]
    done, answer = client.manual_request(uri, "put", data={"data": {"action": "dance"}})
    assert (done, answer.status_code, answer.json()["message"]) == (False, 404, "faulty_request")


def check_lists_are_filtered(address: str) -> None:
    client = signed_in(address)
    uri = f"/accounts/{ACME}/conferences"
    found = {
        query: [each["name"] for each in client.manual_request(f"{uri}?{query}")[1]]
        for query in ("filter_name=Board", "filter_not_name=Board", "has_key=nothing")
    }
    assert found == {
        "filter_name=Board": ["Board"],
        "filter_not_name=Board": ["Weekly stand-up"],
        "has_key=nothing": [],
    }


def check_an_account_below_is_open_and_another_is_not(address: str) -> None:
    client = signed_in(address)
    assert [each["name"] for each in client.get_conferences(SUPPORT)["data"]] == ["Support line"]
    assert code(lambda: client.get_conferences(GLOBEX)) == "forbidden"
    assert code(lambda: client.get_conferences("0" * 32)) == "bad_identifier"
    assert code(lambda: client.get_users(ACME)) == "not_found"


def check_an_expired_token_is_renewed_by_itself(address: str) -> None:
    logging.getLogger("kazoo").addHandler(logging.NullHandler())  # it would tell of the 401
    client = signed_in(address)
    before = client.auth_token
    ordered(address, "clock/advance", {"by": "PT3601S"})
    assert len(client.get_conferences(ACME)["data"]) == 2
    assert client.auth_token != before


def check_an_internal_error_names_its_request(address: str) -> None:
    client = signed_in(address)
    ordered(address, "faults", {"times": 1, "effect": {"status": 500}})
    error = refused(KazooApiError, lambda: client.get_conferences(ACME))
    _, request_id, data = error.args
    assert len(request_id) == 32
    assert data == {"message": "unspecified fatal error"}
