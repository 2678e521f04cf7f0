from __future__ import annotations

import base64
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from greenroom.emulator import Emulator
from greenroom.state import Store

NOW = 1_767_603_600
WEEKLY = "6e19e88d-634f-4872-826b-2d26503caba1"
SECRET = "hoot-signs-the-tokens-of-its-cast-with-this"
Headers = Callable[..., dict[str, str]]


def seen_as(client: httpx.Client, headers: dict[str, str]) -> str:
    """Who searches, as the party of what is found; or why nobody does."""
    answer = client.get("/v1/search/conferences/Weekly", headers=headers)
    if answer.status_code == 401:
        return str(answer.json()["reason"])
    found = answer.json()
    return str(found[0]["party"]["user"]["username"]) if found else ""


@pytest.mark.parametrize(
    ("claims", "who"),
    [
        ({"sub": "auth0|a11ce"}, "alice"),
        ({"email": "bob@acme.example"}, "bob"),
        ({"email": "BOB@ACME.example"}, "bob"),
        ({"sub": "auth0|a11ce", "email": "bob@acme.example"}, "alice"),
        ({"sub": "unknown", "email": "bob@acme.example"}, "bob"),
        ({"sub": "auth0|a11ce", "gty": "client-credentials"}, "alice"),
        ({"sub": "robot@clients", "gty": "client-credentials"}, ""),
        ({"sub": "unknown"}, "login required"),
        ({"sub": 7, "email": ["bob@acme.example"]}, "login required"),
        ({}, "login required"),
    ],
)
def test_the_caller_is_known_by_subject_then_by_mail(
    nobody: httpx.Client, headers: Headers, claims: dict[str, Any], who: str
) -> None:
    assert seen_as(nobody, headers(**claims)) == who


def test_the_latest_login_with_a_token_wins_over_what_it_says(
    nobody: httpx.Client, headers: Headers
) -> None:
    mine = headers(sub="auth0|a11ce")
    for email, who in (("bob@acme.example", "bob"), ("alice@acme.example", "alice")):
        body = {"name": who, "email": email, "sub": f"other|{who}"}
        assert nobody.post("/v1/login", headers=mine, json=body).status_code == 200
        assert seen_as(nobody, mine) == who


@pytest.mark.parametrize(
    ("expires", "reason"),
    [
        (NOW + 1, "alice"),
        (NOW, "token expired"),
        (NOW - 0.5, "token expired"),
        ("yesterday", "alice"),
        (None, "alice"),
    ],
)
def test_a_token_is_good_until_it_expires(nobody: httpx.Client, expires: Any, reason: str) -> None:
    payload = json.dumps({"sub": "auth0|a11ce", "exp": expires}).encode()
    token = f"e30.{base64.urlsafe_b64encode(payload).decode().rstrip('=')}."
    found = seen_as(nobody, {"Authorization": token, "x-hoot-instance": "Generic"})
    assert found == reason


def test_expiry_goes_by_the_clock_of_the_world(
    nobody: httpx.Client, headers: Headers, store: Store
) -> None:
    mine = headers(sub="auth0|a11ce", exp=NOW + 3600)
    assert seen_as(nobody, mine) == "alice"
    store.clock.advance(timedelta(hours=1))
    assert seen_as(nobody, mine) == "token expired"


@given(
    st.from_regex(
        r"\A[\w-]{0,30}\.[\w-]{0,60}\.[\w-]{0,30}\Z", alphabet=st.characters(max_codepoint=127)
    )
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
def test_a_payload_that_does_not_decode_is_no_error(nobody: httpx.Client, token: str) -> None:
    headers = {"Authorization": token, "x-hoot-instance": "Generic"}
    assert nobody.get(f"/v1/check_conf/{WEEKLY}", headers=headers).status_code == 200


@pytest.mark.parametrize("payload", [b"[" * 100_000, b"NaN", b"[]", b'{"exp": 1e999}', b"\xff"])
def test_no_payload_breaks_anything(nobody: httpx.Client, payload: bytes) -> None:
    token = f"e30.{base64.urlsafe_b64encode(payload[:40_000]).decode().rstrip('=')}."
    headers = {"Authorization": token, "x-hoot-instance": "Generic"}
    assert nobody.get(f"/v1/check_conf/{WEEKLY}", headers=headers).status_code == 200


def strict(**options: Any) -> Emulator:
    return Emulator(providers=["hoot"], options={"hoot": options})


def test_given_a_secret_only_what_it_signed_is_good(headers: Headers) -> None:
    with strict(token_secret=SECRET) as emulator:
        assert seen_as(emulator.client("hoot", as_="alice"), {}) == "alice"
        client = emulator.client("hoot")
        assert seen_as(client, headers(sub="auth0|b0b")) == "bob"
        forged = jwt.encode({"sub": "auth0|b0b"}, "x" * 32)
        unsigned = jwt.encode({"sub": "auth0|b0b"}, "", "none")
        for token in (forged, unsigned, "a.b.c"):
            answer = client.get(
                f"/v1/check_conf/{WEEKLY}",
                headers={"Authorization": token, "x-hoot-instance": "Generic"},
            )
            assert answer.status_code == 401


def test_given_keys_only_what_they_signed_is_good(headers: Headers) -> None:
    own, other = (rsa.generate_private_key(public_exponent=65537, key_size=2048) for _ in "ab")
    public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(own.public_key()))
    keys = json.dumps({"keys": [public | {"kid": "own", "use": "sig", "alg": "RS256"}]})
    claims = {"sub": "auth0|a11ce"}
    with strict(token_keys=keys) as emulator:
        client = emulator.client("hoot")
        for token, known in (
            (jwt.encode(claims, own, "RS256", headers={"kid": "own"}), True),
            (jwt.encode(claims, own, "RS256"), True),
            (jwt.encode(claims, own, "RS256", headers={"kid": "other"}), False),
            (jwt.encode(claims, other, "RS256", headers={"kid": "own"}), False),
            (headers(**claims)["Authorization"], False),
        ):
            asked = {"Authorization": token, "x-hoot-instance": "Generic"}
            assert (seen_as(client, asked) == "alice") == known


def test_keys_that_are_none_let_nobody_in() -> None:
    with strict(token_keys="nonsense") as emulator:
        answer = emulator.client("hoot", as_="alice").get(f"/v1/check_conf/{WEEKLY}")
        assert answer.status_code == 401


def test_the_journal_knows_the_caller_by_name(
    emulator: Emulator, alice: httpx.Client, world: str
) -> None:
    alice.get(f"/v1/check_conf/{WEEKLY}")
    control = emulator.client(world=world)
    entry = control.get("/_greenroom/journal").json()[-1]
    assert (entry["who"], entry["tenant"]) == ("alice", "acme")
