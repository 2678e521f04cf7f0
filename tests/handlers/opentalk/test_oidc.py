"""The built-in OpenID provider, as a client library and a browser use it."""

from __future__ import annotations

import re
from base64 import urlsafe_b64encode
from collections.abc import Callable
from hashlib import sha256
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import jwt
import pytest

from greenroom.state import Store

CALLBACK = "http://localhost:3000/auth/callback?from=here"
VERIFIER = "v" * 43
CHALLENGE = urlsafe_b64encode(sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
ASKED = {
    "response_type": "code",
    "client_id": "web",
    "redirect_uri": CALLBACK,
    "scope": "openid profile email",
    "state": "a & b",
    "nonce": "n-1",
    "code_challenge": CHALLENGE,
    "code_challenge_method": "S256",
}
DEVICE = "urn:ietf:params:oauth:grant-type:device_code"

Client = Callable[[str], httpx.Client]
Advance = Callable[[float], None]


def sent_back(answer: httpx.Response) -> dict[str, list[str]]:
    assert answer.status_code == 302, answer.text
    place = answer.headers["Location"]
    assert place.startswith("http://localhost:3000/auth/callback?")
    return parse_qs(urlsplit(place).query)


def code_for(client: httpx.Client, who: str = "alice", **asked: str) -> str:
    return sent_back(client.get("/oidc/authorize", params={**ASKED, **asked, "who": who}))["code"][
        0
    ]


def exchange(client: httpx.Client, code: str, **form: str) -> httpx.Response:
    usual = {
        "grant_type": "authorization_code",
        "code": code,
        "client_id": "web",
        "redirect_uri": CALLBACK,
        "code_verifier": VERIFIER,
    }
    return client.post("/oidc/token", data=usual | form)


def tokens_of(client: httpx.Client, who: str = "alice") -> dict[str, Any]:
    answer = exchange(client, code_for(client, who))
    assert answer.status_code == 200, answer.text
    tokens: dict[str, Any] = answer.json()
    return tokens


def refused(answer: httpx.Response) -> tuple[int, str]:
    assert answer.json()["error_description"]
    return answer.status_code, answer.json()["error"]


def test_all_that_is_told_of_is_there(nobody: httpx.Client) -> None:
    told = nobody.get("/oidc/.well-known/openid-configuration").json()
    assert told["issuer"] == nobody.get("/v1/auth/login").json()["oidc"]["url"]
    for name in ("authorization_endpoint", "userinfo_endpoint", "jwks_uri", "end_session_endpoint"):
        assert nobody.get(told[name]).status_code != 404
    for name in ("token_endpoint", "introspection_endpoint", "device_authorization_endpoint"):
        assert nobody.post(told[name]).status_code != 404


def test_one_click_signs_somebody_in(nobody: httpx.Client) -> None:
    page = nobody.get("/oidc/authorize", params=ASKED)
    assert page.headers["Content-Type"] == "text/html; charset=utf-8"
    people = re.findall(r'<a href="([^"]+)">([^<]+)<', page.text)
    assert [name.strip() for _, name in people] == [
        "Alice Anderson",
        "Bob Brown",
        "Carol Clark",
        "Dave Davis",
        "Mallory Moore",
    ]
    back = sent_back(nobody.get(unescape(people[1][0])))
    assert (back["state"], back["from"]) == (["a & b"], ["here"])
    token = exchange(nobody, back["code"][0]).json()["access_token"]
    me = nobody.get("/v1/users/me", headers={"Authorization": f"Bearer {token}"})
    assert me.json()["email"] == "bob@acme.example"


def test_the_tokens_are_signed_with_the_key_that_is_shown(nobody: httpx.Client) -> None:
    tokens = tokens_of(nobody)
    key = jwt.PyJWK(nobody.get("/oidc/jwks").json()["keys"][0]).key
    options: Any = {"verify_exp": False, "verify_iat": False}
    claims = jwt.decode(
        tokens["id_token"], key, algorithms=["RS256"], audience="web", options=options
    )
    assert claims["iss"] == nobody.get("/v1/auth/login").json()["oidc"]["url"]
    assert (claims["sub"], claims["nonce"], claims["email"]) == (
        "alice",
        "n-1",
        "alice@acme.example",
    )
    assert (claims["given_name"], claims["family_name"]) == ("Alice", "Anderson")
    assert claims["exp"] - claims["iat"] == tokens["expires_in"] == 86_400


def test_whoever_signs_in_can_log_in(nobody: httpx.Client) -> None:
    for who in ("dave", "mallory"):
        tokens = tokens_of(nobody, who)
        body = {"id_token": tokens["id_token"]}
        assert nobody.post("/v1/auth/login", json=body).status_code == 200
        bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
        assert nobody.get("/v1/users/me", headers=bearer).json()["email"].startswith(who)


def test_a_token_with_another_signature_is_refused(nobody: httpx.Client, bearer: Client) -> None:
    head, claims, _ = tokens_of(nobody)["access_token"].split(".")
    _, _, other = tokens_of(nobody, "bob")["access_token"].split(".")
    assert bearer(f"{head}.{claims}.{other}").get("/v1/users/me").status_code == 401


def test_a_code_is_good_once(nobody: httpx.Client) -> None:
    code = code_for(nobody)
    assert exchange(nobody, code).status_code == 200
    assert refused(exchange(nobody, code)) == (400, "invalid_grant")


def test_a_code_is_good_for_five_minutes(nobody: httpx.Client, advance: Advance) -> None:
    code = code_for(nobody)
    advance(300)
    assert refused(exchange(nobody, code)) == (400, "invalid_grant")


@pytest.mark.parametrize("form", [{"code_verifier": "w" * 43}, {"redirect_uri": "http://x"}])
def test_a_code_is_good_for_the_client_that_asked(
    nobody: httpx.Client, form: dict[str, str]
) -> None:
    assert refused(exchange(nobody, code_for(nobody), **form)) == (400, "invalid_grant")


def test_a_plain_challenge_is_compared(nobody: httpx.Client) -> None:
    code = code_for(nobody, code_challenge=VERIFIER, code_challenge_method="plain")
    assert exchange(nobody, code).status_code == 200


def test_nobody_is_asked_when_the_client_forbids_it(nobody: httpx.Client) -> None:
    back = sent_back(nobody.get("/oidc/authorize", params=ASKED | {"prompt": "none"}))
    assert (back["error"], back["state"]) == (["login_required"], ["a & b"])
    hinted = ASKED | {"prompt": "none", "login_hint": "Carol@acme.example"}
    assert sent_back(nobody.get("/oidc/authorize", params=hinted))["code"]


def test_an_answer_may_go_into_the_fragment(nobody: httpx.Client) -> None:
    asked = ASKED | {"response_mode": "fragment", "who": "alice"}
    place = nobody.get("/oidc/authorize", params=asked).headers["Location"]
    assert place.startswith(f"{CALLBACK}#code=")


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"response_type": "token"}, "invalid_request"),
        ({"redirect_uri": ""}, "invalid_request"),
        ({"client_id": ""}, "invalid_request"),
        ({"code_challenge_method": "S512"}, "invalid_request"),
        ({"redirect_uri": "javascript:alert(1)", "who": "alice"}, "invalid_request"),
        ({"redirect_uri": "http://x\r\nSet-Cookie: a=b", "who": "alice"}, "invalid_request"),
        ({"redirect_uri": "/relative", "who": "alice"}, "invalid_request"),
    ],
)
def test_a_wish_that_makes_no_sense_is_refused_on_the_spot(
    nobody: httpx.Client, change: dict[str, str], error: str
) -> None:
    assert refused(nobody.get("/oidc/authorize", params=ASKED | change)) == (400, error)


def test_nothing_of_a_wish_gets_onto_the_page_as_markup(nobody: httpx.Client) -> None:
    page = nobody.get("/oidc/authorize", params=ASKED | {"state": '"><script>alert(1)</script>'})
    assert "<script" not in page.text


def test_tokens_are_refreshed_once_with_each(nobody: httpx.Client) -> None:
    form = {"grant_type": "refresh_token", "refresh_token": tokens_of(nobody)["refresh_token"]}
    fresh = nobody.post("/oidc/token", data=form)
    assert fresh.status_code == 200
    assert refused(nobody.post("/oidc/token", data=form)) == (400, "invalid_grant")
    again = form | {"refresh_token": fresh.json()["refresh_token"]}
    assert nobody.post("/oidc/token", data=again).status_code == 200


def test_logging_out_ends_the_session_and_leads_back(nobody: httpx.Client) -> None:
    tokens = tokens_of(nobody)
    asked = {
        "id_token_hint": tokens["id_token"],
        "post_logout_redirect_uri": CALLBACK,
        "state": "s",
    }
    for _ in "ab":
        assert sent_back(nobody.get("/oidc/logout", params=asked))["state"] == ["s"]
    form = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
    assert refused(nobody.post("/oidc/token", data=form)) == (400, "invalid_grant")
    told = nobody.post("/oidc/introspect", data={"token": tokens["access_token"]}).json()
    assert told == {"active": False}


@pytest.mark.parametrize("place", ["javascript:alert(1)", "data:text/html,x"])
def test_logging_out_leads_nowhere_odd(nobody: httpx.Client, place: str) -> None:
    answer = nobody.get("/oidc/logout", params={"post_logout_redirect_uri": place})
    assert refused(answer) == (400, "invalid_request")


def test_logging_out_without_more_to_tell_leads_straight_back(nobody: httpx.Client) -> None:
    answer = nobody.get("/oidc/logout", params={"post_logout_redirect_uri": CALLBACK})
    assert answer.headers["Location"] == CALLBACK


def test_logging_out_of_nothing_says_so_kindly(nobody: httpx.Client) -> None:
    assert "Signed out" in nobody.get("/oidc/logout").text


def test_a_device_waits_for_its_owner(nobody: httpx.Client) -> None:
    codes = nobody.post("/oidc/device", data={"client_id": "tv"}).json()
    form = {"grant_type": DEVICE, "device_code": codes["device_code"], "client_id": "tv"}
    assert refused(nobody.post("/oidc/token", data=form)) == (400, "authorization_pending")
    page = nobody.get(codes["verification_uri_complete"])
    links = [unescape(link) for link in re.findall(r'<a href="([^"]+)">', page.text)]
    assert "Signed in" in nobody.get(links[2]).text
    token = nobody.post("/oidc/token", data=form).json()["access_token"]
    told = nobody.get("/oidc/userinfo", headers={"Authorization": f"Bearer {token}"}).json()
    assert told["email"] == "carol@acme.example"
    assert refused(nobody.post("/oidc/token", data=form)) == (400, "expired_token")


def test_a_device_does_not_wait_for_ever(nobody: httpx.Client, advance: Advance) -> None:
    codes = nobody.post("/oidc/device", data={"client_id": "tv"}).json()
    advance(600)
    form = {"grant_type": DEVICE, "device_code": codes["device_code"]}
    assert refused(nobody.post("/oidc/token", data=form)) == (400, "expired_token")
    assert refused(nobody.get(codes["verification_uri_complete"])) == (400, "invalid_grant")


def test_a_device_is_known_by_its_code_alone(nobody: httpx.Client) -> None:
    assert "Open the address" in nobody.get("/oidc/device").text


def test_a_service_gets_a_token_with_its_roles(nobody: httpx.Client, bearer: Client) -> None:
    form = {"grant_type": "client_credentials", "client_id": "call-in", "client_secret": "any"}
    token = nobody.post("/oidc/token", data=form).json()["access_token"]
    body = {"id": "0123456789", "pin": "0123456789"}
    answer = bearer(token).post("/v1/services/call_in/start", json=body)
    assert answer.json()["code"] == "invalid_credentials"


def test_a_service_may_name_itself_in_the_header(nobody: httpx.Client) -> None:
    form = {"grant_type": "client_credentials"}
    assert nobody.post("/oidc/token", data=form, auth=("call-in", "any")).status_code == 200
    stranger = nobody.post("/oidc/token", data=form, auth=("alice", "any"))
    assert refused(stranger) == (401, "invalid_client")


def test_any_password_is_right(nobody: httpx.Client) -> None:
    form = {"grant_type": "password", "username": "bob", "password": "x", "client_id": "cli"}
    assert nobody.post("/oidc/token", data=form).status_code == 200
    unknown = nobody.post("/oidc/token", data=form | {"username": "zoe"})
    assert refused(unknown) == (400, "invalid_grant")


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({"grant_type": "magic"}, "unsupported_grant_type"),
        ({"code": "x"}, "invalid_request"),
        ({"grant_type": "authorization_code"}, "invalid_grant"),
        ({"grant_type": "refresh_token"}, "invalid_grant"),
        ({"grant_type": DEVICE}, "expired_token"),
        ({"grant_type": "client_credentials"}, "invalid_client"),
        ({"grant_type": "password"}, "invalid_grant"),
    ],
)
def test_a_grant_that_is_none_is_refused(
    nobody: httpx.Client, form: dict[str, str], error: str
) -> None:
    assert refused(nobody.post("/oidc/token", data=form))[1] == error


def test_the_user_info_of_a_cast_token_is_told(alice: httpx.Client) -> None:
    told = alice.get("/oidc/userinfo").json()
    assert (told["sub"], told["email"]) == ("alice", "alice@acme.example")
    assert alice.post("/oidc/userinfo").json() == told


@pytest.mark.parametrize("credentials", ["Bearer YTpi", "Basic !", "Basic /w=="])
def test_a_service_has_to_name_itself(nobody: httpx.Client, credentials: str) -> None:
    form, headers = {"grant_type": "client_credentials"}, {"Authorization": credentials}
    answer = nobody.post("/oidc/token", data=form, headers=headers)
    assert refused(answer) == (401, "invalid_client")


@pytest.mark.parametrize("authorization", [None, "Bearer nonsense", "Basic YTpi", "Bearer call-in"])
def test_no_user_info_without_a_token_of_a_user(
    nobody: httpx.Client, authorization: str | None
) -> None:
    headers = {"Authorization": authorization} if authorization else {}
    answer = nobody.get("/oidc/userinfo", headers=headers)
    assert refused(answer) == (401, "invalid_token")
    assert answer.headers["WWW-Authenticate"].startswith("Bearer ")


def test_the_user_info_of_somebody_unknown_is_what_the_token_says(
    bearer: Client, token: Callable[..., str]
) -> None:
    assert bearer(token(sub="zoe")).get("/oidc/userinfo").json() == {
        "sub": "zoe",
        "email": "Erin@Acme.example",
        "given_name": "Erin",
        "family_name": "Evans",
    }


def test_codes_that_are_over_are_forgotten(
    store: Store, nobody: httpx.Client, advance: Advance
) -> None:
    code_for(nobody)
    advance(300)
    code_for(nobody)
    assert len(store.collection("opentalk", "oidc_grants")) == 1


def test_introspection_tells_good_tokens_from_others(
    nobody: httpx.Client, token: Callable[..., str]
) -> None:
    def told(text: str) -> Any:
        return nobody.post("/oidc/introspect", data={"token": text}).json()

    assert told("alice")["active"] is True
    assert told(token(sub="zoe"))["sub"] == "zoe"
    assert told("nonsense") == {"active": False}
    assert told(token(exp=1)) == {"active": False}
