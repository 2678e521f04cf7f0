"""Tokens: signing in with credentials or a key, looking at a token, revoking it."""

from __future__ import annotations

import re
from base64 import urlsafe_b64encode
from collections.abc import Sequence
from datetime import timedelta

import orjson

from greenroom.emulator.toolkit import Call, Json
from greenroom.handlers.kazoo.auth import user_with
from greenroom.handlers.kazoo.errors import InvalidCredentialsError, UnknownKeyError
from greenroom.handlers.kazoo.shapes import signed_in_shape, token_shape
from greenroom.handlers.kazoo.wire import expect_acceptable


def create_user_auth(call: Call, body: Json) -> Json:
    """Unknown account, unknown user and wrong password are one and the same answer."""
    expect_acceptable(call.request)
    login = call.check("UserCredentials", body["data"])
    for tenant, account in _accounts_meant(call, login):
        user = user_with(call, tenant, login["credentials"], login["method"])
        if user is not None:
            return signed_in_shape(account, _issued(call, tenant, account, user))
    raise InvalidCredentialsError


def get_user_auth(call: Call, auth_token: str) -> Json:
    """Nobody may look at a token but its bearer."""
    if _own_token(call)["id"] != auth_token:
        raise InvalidCredentialsError
    return get_token_auth(call)


def create_api_auth(call: Call, body: Json) -> Json:
    """The key opens the account with no user behind it."""
    expect_acceptable(call.request)
    key = call.check("ApiKey", body["data"])["api_key"]
    found = call.everywhere("accounts").find(api_key=key)
    if not found:
        raise UnknownKeyError(key)
    tenant, account = found[0]
    return signed_in_shape(account, _issued(call, tenant, account, None))


def get_token_auth(call: Call) -> Json:
    """Show what the token opens."""
    token = _own_token(call)
    return token_shape(call.collection("accounts").get(token["account_id"]), token)


def delete_token_auth(call: Call) -> Json:
    """Revoke the token; credentials that stand in for one cannot be revoked."""
    tokens, token = call.collection("tokens"), _own_token(call)
    if token["id"] in tokens:
        tokens.remove(token["id"])
    return {"data": {}}


def token_expires(call: Call, token: str) -> None:
    """The time of a token is up, if it was not revoked before."""
    tokens = call.collection("tokens")
    if token in tokens:
        tokens.remove(token)


def _own_token(call: Call) -> Json:
    """The token of the caller, whom the operation does not let in without one."""
    assert call.caller is not None
    return dict(call.caller.attributes)


def _accounts_meant(call: Call, login: Json) -> Sequence[tuple[str, Json]]:
    """The accounts that a login means: by telephone number, else by realm, else by name."""
    accounts = call.everywhere("accounts")
    realm = login.get("account_realm", login.get("realm"))
    name = _plain(login.get("account_name", ""))
    found: Sequence[tuple[str, Json]] = []
    if "phone_number" in login:
        found = accounts.find(phone_numbers=login["phone_number"])
    if not found and isinstance(realm, str):
        found = accounts.find(realm=realm.lower())
    if not found and name:
        found = [each for each in accounts if _plain(each[1]["name"]) == name]
    return found


def _plain(name: str) -> str:
    """A name as accounts are looked up by: its letters and digits in lower case."""
    return re.sub(r"[\W_]", "", name).lower()


def _issued(call: Call, tenant: str, account: Json, user: Json | None) -> Json:
    """A new token, in the three parts of a signed one; used or not, it lives for a fixed time."""
    within, expires = (
        call.within(tenant),
        call.now() + timedelta(seconds=call.option("token_lifetime")),
    )
    token: Json = {
        "account_id": account["id"],
        "method": "cb_user_auth" if user is not None else "cb_api_auth",
    }
    if user is not None:
        token["owner_id"] = user["id"]
    parts = (
        orjson.dumps({"alg": "RS256", "typ": "JWT"}),
        orjson.dumps({"iss": "kazoo"} | token | {"exp": int(expires.timestamp())}),
        bytes.fromhex(call.ids.hex(64)),
    )
    text = ".".join(urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)
    within.later(expires, "token_expires", token=text)
    return within.collection("tokens").add(token | {"id": text})
