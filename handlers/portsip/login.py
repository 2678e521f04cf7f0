"""Getting tokens and giving them back: what the conference page takes for granted."""

from __future__ import annotations

from greenroom.emulator.toolkit import Call, Json
from greenroom.handlers.portsip import tokens
from greenroom.handlers.portsip.directory import known_user
from greenroom.handlers.portsip.errors import (
    FieldsError,
    LoginFailedError,
    RefreshFailedError,
    broken,
)

NEEDED = {"password": ("username", "password"), "refresh_token": ("refresh_token",)}


def issue_token(call: Call, body: Json) -> Json:
    """Give tokens for a password or for a refresh token, which is worth nothing afterwards."""
    grant = body["grant_type"]
    missing = [broken(name, f"{name} is required.") for name in NEEDED[grant] if name not in body]
    if missing:
        raise FieldsError(*missing)
    return sign_in(call, body) if grant == "password" else _refresh(call, body["refresh_token"])


def sign_in(call: Call, body: Json) -> Json:
    """Give tokens for a password; a wrong one answers 400, as the vendor has it."""
    found = known_user(call, body["username"], body["password"], body.get("domain"))
    if found is None:
        raise LoginFailedError
    tenant, user = found
    return tokens.issue(call, username=user["username"], tenant=tenant, role=user["role"])


def _refresh(call: Call, text: str) -> Json:
    token = tokens.valid(call, "refresh", text)
    if token is None:
        raise RefreshFailedError
    tokens.forget(call, token)
    owner = {name: token[name] for name in ("username", "tenant", "role")}
    return tokens.issue(call, **owner)


def revoke_token(call: Call) -> None:
    """End the session of the token presented; a configured token has none and stays."""
    assert call.caller is not None
    tokens.forget(call, call.caller.attributes["token"])
