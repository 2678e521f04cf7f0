"""Who is calling, and which account a request may open."""

from __future__ import annotations

import binascii
from base64 import b64decode
from collections.abc import Mapping
from hashlib import md5, sha1

from greenroom.emulator.toolkit import Call, Caller, Credentials, Json, Request
from greenroom.handlers.kazoo.errors import (
    BadIdentifierError,
    InvalidCredentialsError,
    UnreachableAccountError,
)
from greenroom.handlers.kazoo.wire import expect_acceptable, presented_token

# dossier 7.4: without an id, the account of the token
ALIAS = "/v2/account/"


def receive(call: Call) -> Request:
    """A token that opens nothing is refused wherever it is presented, before the path is known."""
    request = call.request
    if request.method == "OPTIONS":
        return request
    presented, token = request.headers.get("x-auth-token"), None
    if presented:
        token = good_token(call, presented)
        if token is None:
            raise InvalidCredentialsError
    if not request.path.startswith(ALIAS):
        return request
    if token is None and presented_token(request) is not None:
        token = _signed_in_by_name(call)
    if token is None:
        return request
    path = f"/v2/accounts/{token['account_id']}/{request.path.removeprefix(ALIAS)}"
    return request.replaced(path=path)


def _signed_in_by_name(call: Call) -> Json:
    """What a request opens that presents an account's id and credentials in place of a token."""
    try:
        text = b64decode(presented_token(call.request) or "", validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        raise InvalidCredentialsError from None
    token = basic_token(call, text)
    if token is None:
        raise InvalidCredentialsError
    return token


def admit(call: Call, path: Mapping[str, str]) -> None:
    """An account that does not exist is told to anybody, signed in or not."""
    account_id = path.get("ACCOUNT_ID")
    if account_id is not None and call.everywhere("accounts").locate(account_id) is None:
        raise BadIdentifierError(account_id)


def identify(call: Call, credentials: Credentials) -> Caller:
    """The bearer of the token, inside the account that the path names or else the token's own."""
    by_name = credentials.scheme == "credentials"
    token = (basic_token if by_name else good_token)(call, credentials.value)
    if token is None:
        raise InvalidCredentialsError
    bearer = bearer_of(call, token)
    account_id = call.path.get("ACCOUNT_ID", token["account_id"])
    if not reaches(call, token["account_id"], account_id):
        raise UnreachableAccountError(account_id)
    expect_acceptable(call.request)
    return bearer._replace(tenant=call.everywhere("accounts").get(account_id)[0])


def bearer_of(call: Call, token: Json) -> Caller:
    """Whose token it is, at home."""
    home, account = call.everywhere("accounts").get(token["account_id"])
    users, owner_id = call.within(home).collection("users"), token.get("owner_id", "")
    user = users.get(owner_id) if owner_id in users else None
    return Caller(
        who=user["username"] if user is not None else account["name"],
        tenant=home,
        role=user["priv_level"] if user is not None else "account",
        attributes=token,
    )


def reaches(call: Call, own_id: str, account_id: str) -> bool:
    """Whether an account that is there is the own one or a descendant of it."""
    return account_id == own_id or own_id in call.everywhere("accounts").get(account_id)[1]["tree"]


def good_token(call: Call, text: str) -> Json | None:
    """The token of this text, unless it was never given out, was revoked or has expired."""
    tokens = call.everywhere("tokens")
    return tokens.get(text)[1] if tokens.locate(text) is not None else None


def basic_token(call: Call, text: str) -> Json | None:
    """What an account's id and the MD5 of a user's credentials open, as if it were a token."""
    account_id, _, credentials = text.partition(":")
    tenant = call.everywhere("accounts").locate(account_id)
    user = user_with(call, tenant, credentials, "md5") if tenant is not None else None
    if user is None:
        return None
    return {
        "id": text,
        "account_id": account_id,
        "owner_id": user["id"],
        "method": "cb_basic_auth",
    }


def user_with(call: Call, tenant: str, credentials: str, method: str) -> Json | None:
    """The user of an account whose name and password have this digest."""
    digest = sha1 if method == "sha" else md5
    for user in call.within(tenant).collection("users"):
        secret = f"{user['username']}:{user['password']}"
        if digest(secret.encode()).hexdigest() == credentials:
            return user
    return None
