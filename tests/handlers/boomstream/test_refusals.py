from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from greenroom.emulator import Emulator
from greenroom.state import Store

ACME = "1453d715690dfc600031ecdd448d4cf4"
GLOBEX = "60fd9c3a5be4b8a1d2e7f0c9463ab815"
METHODS = [
    "info",
    "list",
    "create",
    "update",
    "invite",
    "client/list",
    "client/info",
    "client/update",
    "client/delete",
    "delete",
]
LONG = "x" * 5000
# Each line mends the fault that the line before it was refused for, and keeps the later ones.
INVITE = {
    "timeout": "soon",
    "notifyEmail": "maybe",
    "moderator": "perhaps",
    "avatarUrl": "nowhere",
    "name": LONG,
}
UPDATE = {"title": " ", "description": LONG, "folderCode": ["a"]}
ORDER: list[tuple[str, dict[str, Any], str]] = [
    ("create", {}, "API key is required"),
    ("create", {"apikey": ""}, "API key is required"),
    ("create", {"apikey": "wrong"}, "Invalid API key"),
    ("create", {"apikey": [GLOBEX]}, "Invalid API key"),
    ("create", {"apikey": GLOBEX, "description": LONG}, 'Parameter "title" is required'),
    (
        "create",
        {"apikey": GLOBEX, "title": "", **UPDATE, "title ": ""},
        'Parameter "title" is invalid',
    ),
    (
        "create",
        {"apikey": GLOBEX, **UPDATE, "title": "Board"},
        'Parameter "folderCode" is invalid',
    ),
    (
        "create",
        {"apikey": GLOBEX, "title": "Board", "folderCode": "a8GESjhK", "description": LONG},
        'Parameter "description" is invalid',
    ),
    ("create", {"apikey": GLOBEX, "title": "Board", "folderCode": "a8GESjhK"}, "Folder not found"),
    ("update", {"apikey": ACME, **UPDATE}, 'Parameter "code" is required'),
    ("update", {"apikey": ACME, "code": {}, **UPDATE}, 'Parameter "code" is invalid'),
    ("update", {"apikey": ACME, "code": "x", **UPDATE}, 'Parameter "title" is invalid'),
    (
        "update",
        {"apikey": ACME, "code": "x", **UPDATE, "title": "Board"},
        'Parameter "description" is invalid',
    ),
    (
        "update",
        {"apikey": ACME, "code": "x", "folderCode": ["a"]},
        'Parameter "folderCode" is invalid',
    ),
    (
        "update",
        {"apikey": GLOBEX, "code": "x", "folderCode": "a8GESjhK"},
        "Conference not found",
    ),
    (
        "update",
        {
            "apikey": GLOBEX,
            "code": "5f0a1c7e-8a52-4f6b-9d3e-2b7c4e1f6a90",
            "folderCode": "a8GESjhK",
        },
        "Folder not found",
    ),
    ("invite", {"apikey": ACME, **INVITE}, 'Parameter "code" is required'),
    ("invite", {"apikey": ACME, "code": "x", **INVITE}, 'Parameter "email" is required'),
    ("invite", {"apikey": ACME, "email": "x", **INVITE}, 'Parameter "code" is required'),
    (
        "invite",
        {"apikey": ACME, "code": "x", "email": "x", **INVITE},
        'Parameter "email" is invalid',
    ),
    *(
        (
            "invite",
            {
                "apikey": ACME,
                "code": "x",
                "email": "bob@acme.example",
                **{name: value for name, value in INVITE.items() if name not in mended},
            },
            f'Parameter "{wrong}" is invalid',
        )
        for mended, wrong in (
            ((), "name"),
            (("name",), "timeout"),
            (("name", "timeout"), "notifyEmail"),
            (("name", "timeout", "notifyEmail"), "moderator"),
            (("name", "timeout", "notifyEmail", "moderator"), "avatarUrl"),
        )
    ),
    (
        "invite",
        {"apikey": ACME, "code": "x", "email": "bob@acme.example"},
        "Conference not found",
    ),
    ("client/update", {"apikey": ACME, "moderator": "7"}, 'Parameter "code" is required'),
    (
        "client/update",
        {"apikey": ACME, "code": "x", "email": "x", "name": LONG, "moderator": "7"},
        'Parameter "email" is invalid',
    ),
    (
        "client/update",
        {"apikey": ACME, "code": "x", "name": LONG, "moderator": "7"},
        'Parameter "name" is invalid',
    ),
    (
        "client/update",
        {"apikey": ACME, "code": "x", "moderator": "7"},
        'Parameter "moderator" is invalid',
    ),
    ("client/update", {"apikey": ACME, "code": "x"}, "Client not found"),
    *((method, {"apikey": ACME}, 'Parameter "code" is required') for method in ("info", "delete")),
    *(
        (method, {"apikey": ACME, "code": "x"}, "Conference not found")
        for method in ("info", "delete")
    ),
    *(
        (f"client/{method}", {"apikey": ACME}, 'Parameter "code" is required')
        for method in ("list", "info", "delete")
    ),
    ("client/list", {"apikey": ACME, "code": "jJY1av1o"}, "Conference not found"),
    *(
        (
            f"client/{method}",
            {"apikey": ACME, "code": "3e33df55-b6bf-4b59-ad1d-6eb2bea78872"},
            "Client not found",
        )
        for method in ("info", "update", "delete")
    ),
    *(
        (f"client/{method}", {"apikey": ACME, "code": "d4n4G0ne"}, "Client not found")
        for method in ("update", "delete")
    ),
    *(
        (f"client/{method}", {"apikey": GLOBEX, "code": "jJY1av1o"}, "Client not found")
        for method in ("info", "update", "delete")
    ),
]


@pytest.mark.parametrize(("method", "sent", "message"), ORDER)
def test_the_first_failure_is_reported_alone_and_changes_nothing(
    client: httpx.Client, store: Store, method: str, sent: dict[str, Any], message: str
) -> None:
    before = store.digest()
    answer = client.post(f"/api/conference/{method}", json=sent)
    failure = answer.json()
    assert (answer.status_code, failure["Message"]) == (200, message)
    assert list(failure) == ["Message", "Status", "Version", "Versions"]
    assert failure["Status"] == "Failed"
    assert store.digest() == before


@pytest.mark.parametrize("method", METHODS)
def test_an_unreadable_body_comes_before_the_key(client: httpx.Client, method: str) -> None:
    answer = client.post(f"/api/conference/{method}", content=b"{")
    assert answer.headers["content-type"] == "application/json; charset=utf-8"
    assert answer.json()["Message"] == "Invalid JSON"


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(
    ("sent", "message"), [({}, "API key is required"), ({"apikey": "x"}, "Invalid API key")]
)
def test_the_key_comes_before_the_parameters(
    client: httpx.Client, method: str, sent: dict[str, str], message: str
) -> None:
    answer = client.get(f"/api/conference/{method}", params={**sent, "format": "json"})
    assert (answer.status_code, answer.json()["Message"]) == (200, message)


@pytest.mark.parametrize(
    ("sent", "message"), [({}, "API key is required"), ({"apikey": "x"}, "Invalid API key")]
)
def test_in_strict_http_a_bad_key_is_unauthorized(sent: dict[str, str], message: str) -> None:
    options = {"boomstream": {"strict_http": True}}
    with Emulator(providers=["boomstream"], options=options) as emulator:
        answer = emulator.client("boomstream").post("/api/conference/list", json=sent)
    assert (answer.status_code, answer.json()["Message"]) == (401, message)
    assert answer.headers["www-authenticate"] == 'Bearer realm="boomstream"'


@pytest.mark.parametrize("path", ["/api/conference/nothing", "/api/media/list", "/api/"])
@pytest.mark.parametrize("kind", ["json", "xml"])
def test_an_unknown_path_is_no_method(client: httpx.Client, path: str, kind: str) -> None:
    answer = client.get(path, params={"format": kind})
    assert answer.status_code == 404
    assert answer.headers["content-type"] == f"application/{kind}; charset=utf-8"
    assert "Method not found" in answer.text


def test_an_unknown_path_matters_more_than_a_broken_body(client: httpx.Client) -> None:
    answer = client.post("/api/conference/nothing", content=b"{")
    assert (answer.status_code, answer.json()["Message"]) == (404, "Method not found")


@pytest.mark.parametrize("verb", ["PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize("method", METHODS)
def test_other_verbs_are_not_allowed(client: httpx.Client, verb: str, method: str) -> None:
    answer = client.request(verb, f"/api/conference/{method}", params={"format": "json"})
    assert (answer.status_code, answer.json()["Message"]) == (405, "Method not allowed")
    assert {"GET", "POST"} <= {*answer.headers["allow"].split(", ")}


def test_looking_with_head_deletes_nothing(client: httpx.Client, store: Store) -> None:
    before = store.digest()
    sent = {"apikey": ACME, "code": "0c5db8c0-c2ab-4833-bda8-bf5e8d03da35"}
    assert client.head("/api/conference/delete", params=sent).content == b""
    assert store.digest() == before


def test_too_many_parameters_are_refused_before_the_key(client: httpx.Client) -> None:
    answer = client.get("/api/conference/list?" + "a=1&" * 1001)
    assert (answer.status_code, "Too many parameters" in answer.text) == (200, True)


def test_a_name_in_other_letters_is_no_parameter(ask: Callable[..., dict[str, Any]]) -> None:
    assert ask("create", Title="Board")["Message"] == 'Parameter "title" is required'
