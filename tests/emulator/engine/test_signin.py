"""Who is calling."""

from __future__ import annotations

import logging
from base64 import b64encode
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from greenroom.emulator.toolkit import (
    Call,
    Caller,
    Credentials,
    ForbiddenError,
    Json,
    SpecMismatchError,
)

if TYPE_CHECKING:
    from tests.emulator.conftest import Tiny

SCHEMES: Json = {
    "token": {"type": "http", "scheme": "bearer"},
    "other": {"type": "http", "scheme": "bearer"},
    "basic": {"type": "http", "scheme": "basic"},
    "digest": {"type": "http", "scheme": "Digest"},
    "header": {"type": "apiKey", "in": "header", "name": "X-Key"},
    "query": {"type": "apiKey", "in": "query", "name": "key"},
    "cookie": {"type": "apiKey", "in": "cookie", "name": "session"},
    "oauth": {
        "type": "oauth2",
        "flows": {"clientCredentials": {"tokenUrl": "/token", "scopes": {"read": ""}}},
    },
    "open": {"type": "openIdConnect", "openIdConnectUrl": "/.well-known"},
}
NOBODY = {"token": "none"}


def identify(call: Call, credentials: Credentials) -> Caller | None:
    """Knows everybody but the bad, and lets nobody in who is called forbidden."""
    if credentials.value.startswith("forbidden"):
        raise ForbiddenError("You may not.", subject=credentials.scheme)
    if credentials.value.startswith("broken"):
        raise LookupError(credentials.value)
    if credentials.value.startswith("bad"):
        return None
    scopes = " ".join(credentials.scopes)
    return Caller(f"{credentials.scheme}:{credentials.value}", role=scopes)


def who(call: Call) -> Any:
    caller = call.caller
    return {"who": caller.who if caller else None, "role": caller.role if caller else None}


@pytest.fixture
def guarded(tiny: Tiny) -> Callable[..., Tiny]:
    """An API whose `GET /me` tells who calls, guarded by these alternatives."""

    def guard(*security: Json) -> Tiny:
        tiny.components = {"securitySchemes": SCHEMES}
        tiny.provider = replace(tiny.provider, identify=identify)
        tiny.answer("GET /me", who, security=list(security))
        return tiny

    return guard


def basic(text: str) -> dict[str, str]:
    return {"authorization": f"Basic {b64encode(text.encode()).decode()}"}


@pytest.mark.parametrize(
    ("scheme", "line", "headers", "caller"),
    [
        ("token", "GET /me", {"authorization": "Bearer ada"}, "token:ada"),
        ("token", "GET /me", {"authorization": "bearer   ada "}, "token:ada"),
        ("other", "GET /me", {"authorization": "Bearer ada"}, "other:ada"),
        ("oauth", "GET /me", {"authorization": "Bearer ada"}, "oauth:ada"),
        ("open", "GET /me", {"authorization": "Bearer ada"}, "open:ada"),
        ("digest", "GET /me", {"authorization": 'Digest username="ada"'}, 'digest:username="ada"'),
        ("basic", "GET /me", basic("ada:päss:word"), "basic:ada:päss:word"),
        ("header", "GET /me", {"x-key": "ada"}, "header:ada"),
        ("query", "GET /me?a=b&key=a%2Bd+a", {}, "query:a+d a"),
        ("cookie", "GET /me", {"cookie": "a=b; session=a%20d+a"}, "cookie:a d+a"),
        ("cookie", "GET /me", {"cookie": "session=%ff"}, "cookie:%ff"),
    ],
)
def test_credentials_are_found_where_the_scheme_says(
    guarded: Callable[..., Tiny], scheme: str, line: str, headers: dict[str, str], caller: str
) -> None:
    tiny = guarded({scheme: []})
    assert tiny.send(line, headers=headers).json() == {"who": caller, "role": ""}
    assert tiny.send("GET /me").json() == tiny.refusal(401, "unauthorized")


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"authorization": "Bearer"},
        {"authorization": "Bearer "},
        {"authorization": "ada"},
        {"authorization": "Basic YTpi"},
        {"authorization": "Bearerada"},
        {"x-authorization": "Bearer ada"},
    ],
)
def test_who_presents_nothing_is_told_so(
    guarded: Callable[..., Tiny], headers: dict[str, str]
) -> None:
    tiny = guarded({"token": []})
    assert tiny.send("GET /me", headers=headers).json() == tiny.refusal(401, "unauthorized")


@pytest.mark.parametrize("value", ["bad", "%%%", "YTp", "/w=="])
def test_what_is_no_basic_credential_is_refused(guarded: Callable[..., Tiny], value: str) -> None:
    tiny = guarded({"basic": []})
    tiny.provider = replace(
        tiny.provider, identify=lambda call, given: Caller("a") if ":" in given.value else None
    )
    assert tiny.send("GET /me", headers={"authorization": f"Basic {value}"}).status_code == 401


def test_a_provider_tells_nothing_presented_from_something_bad(tiny: Tiny) -> None:
    subjects = []

    def write_error(error: Any, request: Any) -> Any:
        subjects.append(error.subject)
        return wire.write_error(error, request)

    wire = tiny.provider.wire
    tiny.components = {"securitySchemes": SCHEMES}
    tiny.provider = replace(
        tiny.provider, identify=identify, wire=replace(wire, write_error=write_error)
    )
    tiny.answer("GET /me", who, security=[{"token": []}])
    for headers in ({}, {"authorization": "Bearer bad"}, {"authorization": "Bearer forbidden"}):
        tiny.send("GET /me", headers=headers)
    assert subjects == [None, "credentials", "token"]


def test_scopes_are_handed_to_who_identifies(guarded: Callable[..., Tiny]) -> None:
    tiny = guarded({"oauth": ["read", "write"]})
    answer = tiny.send("GET /me", headers={"authorization": "Bearer ada"})
    assert answer.json() == {"who": "oauth:ada", "role": "read write"}


def test_who_may_not_is_forbidden(guarded: Callable[..., Tiny]) -> None:
    tiny = guarded({"token": []})
    answer = tiny.send("GET /me", headers={"authorization": "Bearer forbidden"})
    assert (answer.status_code, answer.json()) == (403, tiny.refusal(403, "forbidden"))


def test_any_alternative_will_do_and_the_first_presented_decides(
    guarded: Callable[..., Tiny],
) -> None:
    tiny = guarded({"token": []}, {"header": []})
    token, key = {"authorization": "Bearer ada"}, {"x-key": "eve"}
    assert tiny.send("GET /me", headers=token).json()["who"] == "token:ada"
    assert tiny.send("GET /me", headers=key).json()["who"] == "header:eve"
    assert tiny.send("GET /me", headers=token | key).json()["who"] == "token:ada"
    bad = {"authorization": "Bearer bad"}
    assert tiny.send("GET /me", headers=bad | key).status_code == 401
    assert tiny.send("GET /me").status_code == 401


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"authorization": "Bearer ada", "x-key": "k"}, 200),
        ({"authorization": "Bearer bad", "x-key": "k"}, 401),
        ({"authorization": "Bearer ada", "x-key": "bad"}, 401),
        ({"authorization": "Bearer ada", "x-key": "forbidden"}, 403),
        ({"authorization": "Bearer ada"}, 401),
        ({"x-key": "k"}, 401),
        ({}, 401),
    ],
)
def test_a_pair_of_credentials_is_wanted_whole(
    guarded: Callable[..., Tiny], headers: dict[str, str], status: int
) -> None:
    tiny = guarded({"token": [], "header": []})
    assert tiny.send("GET /me", headers=headers).status_code == status


@pytest.mark.parametrize("order", [("token", "header"), ("header", "token")])
def test_half_a_pair_makes_nobody_a_caller(
    guarded: Callable[..., Tiny], order: tuple[str, str]
) -> None:
    tiny = guarded({scheme: [] for scheme in order}, {})
    for headers in ({"authorization": "Bearer ada"}, {"x-key": "k"}, {}):
        assert tiny.send("GET /me", headers=headers).json() == {"who": None, "role": None}


@pytest.mark.parametrize("alternatives", [({"token": []}, {}), ({}, {"token": []})])
def test_optional_credentials_must_be_good_when_they_are_there(
    guarded: Callable[..., Tiny], alternatives: tuple[Json, Json]
) -> None:
    tiny = guarded(*alternatives)
    assert tiny.send("GET /me").json()["who"] is None
    answer = tiny.send("GET /me", headers={"authorization": "Bearer ada"})
    assert answer.json()["who"] == "token:ada"
    assert tiny.send("GET /me", headers={"authorization": "Bearer bad"}).status_code == 401


def test_a_bug_in_signing_in_makes_nobody_anonymous(
    guarded: Callable[..., Tiny], caplog: pytest.LogCaptureFixture
) -> None:
    tiny = guarded({"token": []}, {})
    answer = tiny.send("GET /me", headers={"authorization": "Bearer broken"})
    assert (answer.status_code, answer.json()) == (500, tiny.refusal(500, "internal"))
    assert "operation1 failed: LookupError('broken')" in caplog.text


def test_an_operation_may_ask_for_less_or_more_than_the_api(tiny: Tiny) -> None:
    tiny.components = {"securitySchemes": SCHEMES}
    tiny.provider = replace(tiny.provider, identify=identify)
    tiny.security = [{"token": []}]
    tiny.answer("GET /me", who)
    tiny.answer("GET /open", who, security=[])
    tiny.answer("GET /keyed", who, security=[{"header": []}])
    assert tiny.send("GET /me").status_code == 401
    assert tiny.send("GET /open").json()["who"] is None
    assert tiny.send("GET /keyed", headers={"authorization": "Bearer ada"}).status_code == 401
    assert tiny.send("GET /keyed", headers={"x-key": "ada"}).json()["who"] == "header:ada"


def test_who_is_nobody_is_told_before_what_is_wrong(guarded: Callable[..., Tiny]) -> None:
    tiny = guarded({"token": []})
    size = tiny.parameter("query", "size", type="integer", required=True)
    body = tiny.content({"type": "object"}) | {"required": True}
    tiny.answer(
        "PUT /me",
        lambda call, size, body: None,
        parameters=[size],
        body=body,
        security=[{"token": []}],
    )
    assert tiny.send("PUT /me?size=x", content=b"{", type_="text/csv").status_code == 401
    forbidden = {"authorization": "Bearer forbidden"}
    assert tiny.send("PUT /me?size=x", content=b"{", headers=forbidden).status_code == 403
    ada = {"authorization": "Bearer ada"}
    assert tiny.send("PUT /me?size=x", json=[], headers=ada).status_code == 400
    assert tiny.send("DELETE /me").status_code == 405
    assert tiny.send("GET /nowhere").status_code == 404


def test_a_scheme_may_stand_behind_a_reference(tiny: Tiny) -> None:
    tiny.components = {
        "securitySchemes": {
            "token": {"$ref": "#/components/securitySchemes/real"},
            "real": {"type": "http", "scheme": "bearer"},
        }
    }
    tiny.provider = replace(tiny.provider, identify=identify)
    tiny.answer("GET /me", who, security=[{"token": []}])
    answer = tiny.send("GET /me", headers={"authorization": "Bearer ada"})
    assert answer.json()["who"] == "token:ada"


def test_a_scheme_nobody_declared_is_refused_at_the_start(tiny: Tiny) -> None:
    tiny.answer("GET /me", who, name="readMe", security=[{"token": []}])
    with pytest.raises(SpecMismatchError, match=r"readMe \(GET /me\) .* token"):
        tiny.send("GET /me")


def test_signing_in_sees_state_but_changes_none(
    guarded: Callable[..., Tiny], caplog: pytest.LogCaptureFixture
) -> None:
    def counted(call: Call, credentials: Credentials) -> Caller:
        seen = len(call.shared("people"))
        return Caller(f"{credentials.value} of {seen}")

    tiny = guarded({"token": []})
    tiny.provider = replace(tiny.provider, identify=counted)
    tiny.main.collection("tiny", "people").add({"id": "ada"})
    caplog.set_level(logging.DEBUG)
    answer = tiny.send("GET /me", headers={"authorization": "Bearer ada"})
    assert answer.json()["who"] == "ada of 1"
    assert "ada" not in caplog.text


def test_an_api_without_identify_takes_nobodys_credentials(tiny: Tiny) -> None:
    tiny.components = {"securitySchemes": SCHEMES}
    tiny.answer("GET /me", who, security=[{"token": []}])
    assert tiny.send("GET /me", headers={"authorization": "Bearer ada"}).status_code == 401
