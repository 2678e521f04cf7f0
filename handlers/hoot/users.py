"""Users of an instance: those who logged in, and those who were invited and may yet come."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from greenroom.emulator.toolkit import Call, Json, NotFoundError

PROFILE = (
    "given_name",
    "family_name",
    "nickname",
    "name",
    "picture",
    "locale",
    "updated_at",
    "email",
    "email_verified",
    "sub",
    "username",
)
FIRST_SIP_ID = 30_000


def user_by_sub(call: Call, sub: Any) -> Json | None:
    """The user with this subject."""
    return call.collection("users").first(sub=sub) if isinstance(sub, str) else None


def user_by_email(call: Call, email: Any) -> Json | None:
    """The user with this address, in whatever case."""
    if not isinstance(email, str):
        return None
    return call.collection("users").first(email_key=email.lower())


def user_by_token(call: Call, token: str) -> Json | None:
    """The user whom the latest login with this very token was for."""
    logins, key = call.collection("logins"), _key(token)
    return call.collection("users").get(logins.get(key)["user"]) if key in logins else None


def bind_token(call: Call, user: Json, token: str) -> None:
    """Let this token stand for this user from now on."""
    logins, login = call.collection("logins"), {"id": _key(token), "user": user["id"]}
    if login["id"] in logins:
        logins.save(login)
    else:
        logins.add(login)


def _key(token: str) -> str:
    return sha256(token.encode()).hexdigest()


def user_named(call: Call, name: str) -> Json:
    """The user with this uuid or this e-mail address."""
    users = call.collection("users")
    if name in users:
        return users.get(name)
    user = user_by_email(call, name)
    if user is None:
        raise NotFoundError(f"There is no user {name}.", subject="users")
    return user


def log_in(call: Call, body: Json) -> Json:
    """The user with this profile: known by subject, else by address, else new."""
    users = call.collection("users")
    profile = {name: body[name] for name in PROFILE if name in body}
    known = user_by_sub(call, body["sub"]) or user_by_email(call, body["email"])
    if known is not None:
        return users.save(_user(known, known["profile"] | profile))
    wanted: str = body.get("uuid") or ""
    user_id = wanted if wanted and wanted not in users else call.ids.uuid()
    return users.add(_user(_blank(call, user_id), profile))


def invited(call: Call, email: str) -> Json:
    """The user with this address; a placeholder for one who never logged in."""
    known = user_by_email(call, email)
    if known is not None:
        return known
    profile = {"name": email, "email": email, "sub": f"email|{email}"}
    user = _user(_blank(call, call.ids.uuid()), profile) | {"registered": False}
    return call.collection("users").add(user)


def _blank(call: Call, user_id: str) -> Json:
    return {"id": user_id, "sip_id": str(FIRST_SIP_ID + call.ids.count("hoot-sip"))}


def _user(known: Json, profile: Json) -> Json:
    keys = {"sub": profile["sub"], "email_key": profile["email"].lower()}
    return known | keys | {"profile": profile, "registered": True}
