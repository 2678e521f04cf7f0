"""Access and refresh tokens: given for a password, good for a while, taken back."""

from __future__ import annotations

from datetime import datetime, timedelta

from greenroom.emulator.toolkit import Call, Json

REFRESHABLE = timedelta(days=1)


def issue(call: Call, *, username: str, tenant: str, role: str) -> Json:
    """A new pair of tokens for this user, as the answer shows it."""
    forget_old(call, username)
    session, lifetime = call.ids.hex(32), call.option("token_seconds")
    owner = {"session": session, "username": username, "tenant": tenant, "role": role}
    tokens = {}
    for kind, life in (("access", timedelta(seconds=lifetime)), ("refresh", REFRESHABLE)):
        token = {"id": call.ids.hex(32), "kind": kind, "expires_at": _until(call, life)}
        tokens[kind] = call.shared("tokens").add(token | owner)["id"]
    return {
        "access_token": tokens["access"],
        "expires_in": lifetime,
        "refresh_token": tokens["refresh"],
        "token_type": "Bearer",
    }


def _until(call: Call, life: timedelta) -> str:
    return (call.now() + life).isoformat()


def valid(call: Call, kind: str, text: str) -> Json | None:
    """The token of this kind, while it is good."""
    token = call.shared("tokens").first(id=text)
    if token is None or token["kind"] != kind or _is_over(call, token):
        return None
    return token


def _is_over(call: Call, token: Json) -> bool:
    until = token["expires_at"]
    return until is not None and call.has_reached(datetime.fromisoformat(until))


def forget(call: Call, token: Json) -> None:
    """The token opens nothing more, and neither does what was given with it.

    A token that a scenario configures has no session to end, and stays.
    """
    tokens = call.shared("tokens")
    for each in tokens.find(session=token["session"]) if token["session"] else ():
        tokens.remove(each["id"])


def forget_old(call: Call, username: str) -> None:
    """Clear away this user's tokens that are over."""
    tokens = call.shared("tokens")
    for token in tokens.find(username=username):
        if _is_over(call, token):
            tokens.remove(token["id"])
