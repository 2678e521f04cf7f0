"""Who is calling: cast tokens, tokens that tests write, invite codes and services."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import httpx
import jwt
import pytest

from greenroom.state import Store

START = int(datetime(2026, 1, 5, 9, tzinfo=UTC).timestamp())
BAD = 'Bearer error="invalid_token", error_description="The provided access token is invalid"'
ENDED = 'Bearer error="invalid_token", error_description="The provided access token expired"'
OVER = 'Bearer error="invalid_request", error_description="The user session expired"'
ME = "/v1/users/me"

Client = Callable[[str], httpx.Client]
Token = Callable[..., str]


def told(answer: httpx.Response) -> tuple[int, str, str | None]:
    return answer.status_code, answer.json()["code"], answer.headers.get("WWW-Authenticate")


def test_a_cast_token_opens_the_own_profile(alice: httpx.Client) -> None:
    assert alice.get(ME).json() == {
        "id": "a11ce000-0000-4000-8000-000000000001",
        "email": "alice@acme.example",
        "title": "Dr.",
        "firstname": "Alice",
        "lastname": "Anderson",
        "display_name": "Alice Anderson",
        "avatar_url": "https://seccdn.libravatar.org/avatar/e20aaa3640334a1f241ab444d6bf182a",
        "dashboard_theme": "system",
        "conference_theme": "system",
        "language": "en-US",
        "tariff_status": "default",
    }


def test_nobody_is_turned_away_with_a_challenge(nobody: httpx.Client) -> None:
    assert told(nobody.get(ME)) == (401, "unauthorized", BAD)


@pytest.mark.parametrize("credentials", ["Basic YWxpY2U6", "Bearer", "Digest x", "alice"])
def test_what_is_no_bearer_token_is_no_credential(nobody: httpx.Client, credentials: str) -> None:
    answer = nobody.get(ME, headers={"Authorization": credentials})
    assert told(answer) == (401, "unauthorized", BAD)


@pytest.mark.parametrize(
    "text", ["nonsense", "a.b.c", "e30.e30.", "eyJhbGciOiJub25lIn0.MQ.", "x" * 20_000]
)
def test_a_text_that_is_no_token_is_refused(bearer: Client, text: str) -> None:
    assert told(bearer(text).get(ME)) == (401, "unauthorized", BAD)


def test_a_token_signed_with_a_secret_is_its_subject(bearer: Client, token: Token) -> None:
    assert bearer(token(sub="alice")).get(ME).json()["email"] == "alice@acme.example"


def test_a_token_without_a_signature_is_its_subject(bearer: Client, token: Token) -> None:
    claims = jwt.decode(token(sub="bob"), options={"verify_signature": False})
    unsigned = jwt.encode(claims, key="", algorithm="none")
    assert bearer(unsigned).get(ME).json()["email"] == "bob@acme.example"


def test_an_id_token_serves_as_an_access_token(bearer: Client, token: Token) -> None:
    nonce = token(sub="alice", nonce="n", aud="a client")
    assert bearer(nonce).get(ME).status_code == 200


def test_a_token_of_a_tenant_is_a_subject_of_that_tenant(bearer: Client, token: Token) -> None:
    there = token(sub="mallory", tenant_id="globex")
    assert bearer(there).get(ME).json()["email"] == "mallory@globex.example"


def test_a_token_signed_with_an_unknown_key_pair_is_refused(bearer: Client, token: Token) -> None:
    claims = jwt.decode(token(sub="alice"), options={"verify_signature": False})
    strange = jwt.encode(claims, "x" * 64, algorithm="HS512")
    assert told(bearer(strange).get(ME)) == (401, "unauthorized", BAD)


def test_an_expired_token_is_refused(
    bearer: Client, token: Token, advance: Callable[[float], None]
) -> None:
    client = bearer(token(sub="alice", exp=START + 60))
    advance(59)
    assert client.get(ME).status_code == 200
    advance(1)
    assert told(client.get(ME)) == (401, "unauthorized", BAD)


@pytest.mark.parametrize(
    "claim", ["exp", "iat", "iss", "sub", "email", "given_name", "family_name"]
)
def test_a_token_without_a_claim_it_needs_is_refused(
    bearer: Client, token: Token, claim: str
) -> None:
    assert told(bearer(token(**{"sub": "alice", claim: ...})).get(ME)) == (401, "unauthorized", BAD)


def test_a_subject_that_never_logged_in_is_told_so(bearer: Client, token: Token) -> None:
    assert told(bearer(token(sub="zoe")).get(ME)) == (401, "unknown_sub", None)


def test_a_tenant_of_which_nobody_logged_in_is_told_so(bearer: Client, token: Token) -> None:
    there = token(sub="alice", tenant_id="initech")
    assert told(bearer(there).get(ME)) == (401, "unknown_tenant_id", None)


def test_a_session_ends_with_the_id_token_it_began_with(
    nobody: httpx.Client, bearer: Client, token: Token, advance: Callable[[float], None]
) -> None:
    nobody.post("/v1/auth/login", json={"id_token": token(exp=START + 60)})
    client = bearer(token(exp=START + 3600))
    advance(59)
    assert client.get(ME).status_code == 200
    advance(1)
    assert told(client.get(ME)) == (401, "unauthorized", OVER)


def test_a_fresh_login_revives_a_session(
    nobody: httpx.Client, bearer: Client, token: Token, advance: Callable[[float], None]
) -> None:
    nobody.post("/v1/auth/login", json={"id_token": token(exp=START + 60)})
    advance(60)
    nobody.post("/v1/auth/login", json={"id_token": token()})
    assert bearer(token()).get(ME).status_code == 200


def test_a_token_of_a_session_that_was_ended_is_inactive(
    nobody: httpx.Client, bearer: Client
) -> None:
    form = {"grant_type": "password", "username": "alice", "client_id": "test"}
    tokens = nobody.post("/oidc/token", data=form).json()
    client = bearer(tokens["access_token"])
    assert client.get(ME).status_code == 200
    nobody.get("/oidc/logout", params={"id_token_hint": tokens["id_token"]})
    assert told(client.get(ME)) == (401, "unauthorized", ENDED)


@pytest.mark.parametrize("scheme", ["InviteCode", "Bearer", "invitecode"])
def test_an_invite_code_is_a_credential_under_both_of_its_schemes(
    alice: httpx.Client,
    nobody: httpx.Client,
    made_room: Callable[..., str],
    made_code: Callable[..., str],
    scheme: str,
) -> None:
    code = made_code(alice, made_room())
    assert nobody.get("/v1/turn", headers={"Authorization": f"{scheme} {code}"}).status_code == 200


@pytest.mark.parametrize("code", ["c0000000-0000-4000-8000-00000000dead", "nonsense"])
def test_an_unknown_invite_code_is_no_credential(nobody: httpx.Client, code: str) -> None:
    answer = nobody.get("/v1/turn", headers={"Authorization": f"InviteCode {code}"})
    assert told(answer) == (401, "unauthorized", BAD)


def test_an_invite_code_opens_only_its_own_room(
    alice: httpx.Client,
    nobody: httpx.Client,
    made_room: Callable[..., str],
    made_code: Callable[..., str],
) -> None:
    room, other = made_room(), made_room()
    guest = {"Authorization": f"InviteCode {made_code(alice, room)}"}
    assert nobody.get(f"{room}/tariff", headers=guest).status_code == 200
    assert nobody.get(f"{other}/tariff", headers=guest).status_code == 404


def test_an_invite_code_opens_nothing_else(
    alice: httpx.Client,
    nobody: httpx.Client,
    made_room: Callable[..., str],
    made_code: Callable[..., str],
) -> None:
    room = made_room()
    guest = {"Authorization": f"InviteCode {made_code(alice, room)}"}
    assert told(nobody.get(room, headers=guest)) == (401, "unauthorized", BAD)


def test_an_invite_code_that_is_over_is_no_credential(
    alice: httpx.Client,
    nobody: httpx.Client,
    made_room: Callable[..., str],
    made_code: Callable[..., str],
    advance: Callable[[float], None],
) -> None:
    code = made_code(alice, made_room(), expiration="2026-01-05T10:01:00+01:00")
    guest = {"Authorization": f"InviteCode {code}"}
    advance(59)
    assert nobody.get("/v1/turn", headers=guest).status_code == 200
    advance(1)
    assert told(nobody.get("/v1/turn", headers=guest)) == (401, "unauthorized", BAD)


def test_a_service_needs_its_role(bearer: Client, token: Token) -> None:
    body = {"id": "0123456789", "pin": "0123456789"}
    for roles, status in ((["OpenTalk-Call-In"], "invalid_credentials"), ([], "unauthorized")):
        service = bearer(token(sub="obelisk", realm_access={"roles": roles}))
        answer = service.post("/v1/services/call_in/start", json=body)
        assert (answer.status_code, answer.json()["code"]) == (401, status)


def test_a_user_is_no_service_and_a_service_no_user(alice: httpx.Client, bearer: Client) -> None:
    body = {"id": "0123456789", "pin": "0123456789"}
    assert told(alice.post("/v1/services/call_in/start", json=body)) == (401, "unauthorized", BAD)
    assert told(bearer("call-in").get(ME)) == (401, "unauthorized", BAD)


def test_looking_changes_nothing(store: Store, alice: httpx.Client, nobody: httpx.Client) -> None:
    before = store.digest()
    for path in (ME, "/v1/rooms", "/v1/turn", "/v1/users", "/v1/users/find?q=ali"):
        assert alice.get(path).status_code == 200
        assert nobody.get(path).status_code == 401
    assert store.digest() == before
