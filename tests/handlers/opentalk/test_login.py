"""Logging in: users come into being and come back."""

from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest

from greenroom.state import Store

ME = "/v1/users/me"

Client = Callable[[str], httpx.Client]
Token = Callable[..., str]


def log_in(client: httpx.Client, token: str) -> httpx.Response:
    return client.post("/v1/auth/login", json={"id_token": token})


def test_the_built_in_provider_is_named_as_the_client_reaches_it(nobody: httpx.Client) -> None:
    provider = nobody.get("/v1/auth/login").json()["oidc"]
    assert provider["name"] == "default"
    assert nobody.get(f"{provider['url']}/.well-known/openid-configuration").status_code == 200


def test_another_provider_can_be_named(with_options: Callable[..., httpx.Client]) -> None:
    client = with_options(oidc_issuer="https://accounts.example.org/realms/greenroom")
    assert client.get("/v1/auth/login").json() == {
        "oidc": {"name": "default", "url": "https://accounts.example.org/realms/greenroom"}
    }


def test_a_login_gives_no_permissions(nobody: httpx.Client, token: Token) -> None:
    answer = log_in(nobody, token())
    assert (answer.status_code, answer.json()) == (200, {"permissions": []})


def test_a_first_login_makes_a_user(nobody: httpx.Client, bearer: Client, token: Token) -> None:
    log_in(nobody, token())
    user = bearer(token()).get(ME).json()
    assert {name: user[name] for name in user if name not in ("id", "avatar_url")} == {
        "email": "erin@acme.example",
        "title": "",
        "firstname": "Erin",
        "lastname": "Evans",
        "display_name": "Erin Evans",
        "dashboard_theme": "system",
        "conference_theme": "system",
        "language": "en-US",
        "tariff_status": "default",
    }


def test_a_nickname_is_shown(nobody: httpx.Client, bearer: Client, token: Token) -> None:
    log_in(nobody, token(nickname="Rin"))
    assert bearer(token()).get(ME).json()["display_name"] == "Rin"


def test_a_user_is_numbered_in_order_of_coming(
    nobody: httpx.Client, alice: httpx.Client, token: Token
) -> None:
    log_in(nobody, token())
    assert alice.get("/v1/users/5").json()["email"] == "erin@acme.example"


def test_a_later_login_refreshes_what_the_provider_knows(
    nobody: httpx.Client, bearer: Client, token: Token
) -> None:
    log_in(nobody, token())
    client = bearer(token())
    client.patch(ME, json={"display_name": "E.", "title": "Prof.", "language": "fr"})
    changed = token(
        email="E.Evans@acme.example", family_name="Ewing", tariff_status="paid", nickname="Rin"
    )
    log_in(nobody, changed)
    user = client.get(ME).json()
    assert (user["email"], user["lastname"]) == ("e.evans@acme.example", "Ewing")
    assert user["tariff_status"] == "paid"
    assert (user["display_name"], user["title"], user["language"]) == ("E.", "Prof.", "fr")


def test_display_names_follow_the_provider_where_they_are_not_the_users(
    with_options: Callable[..., httpx.Client], token: Token
) -> None:
    client = with_options(custom_display_names=False)
    log_in(client, token())
    log_in(client, token(nickname="Rin"))
    client.headers["Authorization"] = f"Bearer {token()}"
    assert client.get(ME).json()["display_name"] == "Rin"


def test_the_same_subject_is_somebody_else_in_another_tenant(
    nobody: httpx.Client, bearer: Client, token: Token
) -> None:
    for tenant in (..., "globex"):
        log_in(nobody, token(tenant_id=tenant))
    here, there = (bearer(token(tenant_id=tenant)).get(ME).json() for tenant in (..., "globex"))
    assert here["id"] != there["id"]


def test_a_login_founds_a_tenant(
    nobody: httpx.Client, alice: httpx.Client, bearer: Client, token: Token
) -> None:
    log_in(nobody, token(tenant_id="initech"))
    people = bearer(token(tenant_id="initech")).get("/v1/users").json()
    assert [person["email"] for person in people] == ["erin@acme.example"]
    assert "erin@acme.example" not in alice.get("/v1/users").text


@pytest.mark.parametrize(
    ("claim", "value"),
    [
        ("email", ...),
        ("email", "nobody"),
        ("given_name", ...),
        ("given_name", 7),
        ("iat", "now"),
        ("iss", ...),
        ("sub", ""),
        ("exp", ...),
        ("x_grp", "a group"),
        ("tenant_id", ["globex"]),
    ],
)
def test_a_claim_that_is_missing_or_makes_no_sense_is_told(
    nobody: httpx.Client, token: Token, claim: str, value: object
) -> None:
    answer = log_in(nobody, token(**{claim: value}))
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_claims")
    assert claim in answer.json()["message"]


def test_a_bad_id_token_is_refused_with_a_challenge(nobody: httpx.Client) -> None:
    answer = log_in(nobody, "nonsense")
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthorized")
    assert answer.headers["WWW-Authenticate"] == (
        'Bearer error="invalid_token", error_description="The provided id token is invalid"'
    )


def test_an_id_token_that_is_over_ends_the_session(nobody: httpx.Client, token: Token) -> None:
    answer = log_in(nobody, token(exp=1))
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthorized")
    assert answer.headers["WWW-Authenticate"] == (
        'Bearer error="invalid_request", error_description="The user session expired"'
    )


def test_a_tariff_is_named_by_a_claim(nobody: httpx.Client, bearer: Client, token: Token) -> None:
    log_in(nobody, token(tariff_id="starter"))
    assert bearer(token()).get("/v1/users/me/tariff").json()["name"] == "Starter"


def test_a_downgraded_user_has_the_default_tariff(
    nobody: httpx.Client, bearer: Client, token: Token
) -> None:
    log_in(nobody, token(tariff_id="starter", tariff_status="downgraded"))
    client = bearer(token())
    assert client.get("/v1/users/me/tariff").json()["name"] == "OpenTalkDefaultTariff"
    assert client.get(ME).json()["tariff_status"] == "downgraded"


def test_an_unknown_tariff_is_a_mistake_of_the_installation(
    nobody: httpx.Client, token: Token
) -> None:
    answer = log_in(nobody, token(tariff_id="gold"))
    assert (answer.status_code, answer.json()["code"]) == (500, "invalid_tariff_id")


def test_a_refused_login_leaves_nothing_behind(
    store: Store, nobody: httpx.Client, token: Token
) -> None:
    before = store.digest()
    log_in(nobody, token(tenant_id="initech", tariff_id="gold"))
    assert store.digest() == before


def test_a_cast_token_logs_in_too(nobody: httpx.Client) -> None:
    assert log_in(nobody, "alice").json() == {"permissions": []}


def test_a_service_cannot_log_in(nobody: httpx.Client) -> None:
    assert log_in(nobody, "call-in").status_code == 401
