"""What the built-in OpenID provider gives out: codes, tokens and sessions."""

from __future__ import annotations

from base64 import b64decode, urlsafe_b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from typing import Any

from greenroom.emulator.toolkit import ApiError, Call, Json
from greenroom.emulator.toolkit.signing import signed
from greenroom.handlers.opentalk import instants
from greenroom.handlers.opentalk.auth import is_taken_back, valid_claims
from greenroom.handlers.opentalk.errors import OidcError
from greenroom.handlers.opentalk.jwts import TokenError, claims_of

CODE_LIFE = timedelta(minutes=5)
DEVICE_LIFE = timedelta(minutes=10)
REFRESH_LIFE = timedelta(days=30)
DEVICE_WAIT = 5
# Letters and digits that cannot be taken for one another.
READABLE = "BCDFGHJKLMNPQRSTVWXZ23456789"
DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"


@dataclass(frozen=True, slots=True)
class Wish:
    """What a client asks for on behalf of whoever will sign in."""

    redirect_uri: str
    client_id: str = ""
    scope: str = "openid"
    state: str | None = None
    nonce: str | None = None
    code_challenge: str | None = None
    code_challenge_method: str = "plain"
    response_mode: str = "query"


def wish_of(asked: Mapping[str, str]) -> Wish:
    """What the parameters of an authorisation request say, which fit the description."""
    return Wish(**{name: asked[name] for name in Wish.__slots__ if asked.get(name)})


def _hashed(text: str) -> str:
    return urlsafe_b64encode(sha256(text.encode()).digest()).rstrip(b"=").decode()


CHALLENGES: Mapping[str, Callable[[str], str]] = {"S256": _hashed, "plain": str}


def identity(call: Call, who: str) -> Json | None:
    """The person known by this name or address."""
    identities = call.shared("identities")
    return identities.first(id=who) or identities.first(email=who.lower())


def new_code(call: Call, wish: Wish, person: Json) -> str:
    """A code that can be changed for tokens once."""
    wished = {name: getattr(wish, name) for name in Wish.__slots__}
    return _keep(call, "code", CODE_LIFE, **wished, sub=person["id"])


def _keep(call: Call, kind: str, life: timedelta, **content: Any) -> str:
    """Keep something to be asked for by a text that nobody else has."""
    _forget_old(call)
    grant = {
        "id": f"{kind}:{call.ids.hex(32)}",
        "kind": kind,
        "expires_at": instants.stamp(call.now() + life),
        **content,
    }
    kept = call.shared("oidc_grants").add(grant)
    return str(kept["id"]).partition(":")[2]


def _forget_old(call: Call) -> None:
    kept = call.shared("oidc_grants")
    for grant in kept.find(limit=2):
        if _is_over(call, grant):
            kept.remove(grant["id"])


def _is_over(call: Call, grant: Json) -> bool:
    return call.has_reached(instants.moment(grant["expires_at"]))


def _taken(call: Call, kind: str, text: Any) -> Json:
    """What was kept under this text, which is good for once."""
    kept, grant_id = call.shared("oidc_grants"), f"{kind}:{text}"
    if grant_id not in kept:
        raise OidcError("invalid_grant", f"This {kind} was not given out here, or was used before.")
    grant = kept.remove(grant_id)
    if _is_over(call, grant):
        raise OidcError("invalid_grant", f"This {kind} is over.")
    return grant


def _by_code(call: Call, body: Json) -> Json:
    """Tokens for a code, if it comes from the client that asked for it."""
    grant = _taken(call, "code", body.get("code"))
    if body.get("redirect_uri", grant["redirect_uri"]) != grant["redirect_uri"]:
        raise OidcError("invalid_grant", "The redirect_uri is another than the code was sent to.")
    if grant["code_challenge"]:
        proof = CHALLENGES[grant["code_challenge_method"]](str(body.get("code_verifier", "")))
        if proof != grant["code_challenge"]:
            raise OidcError("invalid_grant", "The code_verifier does not fit the code_challenge.")
    return _tokens(call, grant | {"session": call.ids.uuid()})


def _by_refresh(call: Call, body: Json) -> Json:
    """Fresh tokens of the same session."""
    grant = _taken(call, "refresh", body.get("refresh_token"))
    if is_taken_back(call, {"sid": grant["session"]}):
        raise OidcError("invalid_grant", "The session was ended.")
    return _tokens(call, grant)


def _by_device(call: Call, body: Json) -> Json:
    """Tokens for a device, once its owner has said who that is."""
    grant_id = f"device:{body.get('device_code')}"
    device = call.shared("oidc_grants").first(id=grant_id)
    if device is None or _is_over(call, device):
        raise OidcError("expired_token", "This device_code is over or was never given out.")
    if device["sub"] is None:
        raise OidcError("authorization_pending", "Nobody has signed in for this device yet.")
    call.shared("oidc_grants").remove(grant_id)
    return _tokens(call, device | {"session": call.ids.uuid()})


def _by_password(call: Call, body: Json) -> Json:
    """Tokens for whoever says a name; no password is wrong."""
    person = identity(call, str(body.get("username")))
    if person is None:
        raise OidcError("invalid_grant", "Nobody is known by this username.")
    wished = {"client_id": body.get("client_id", ""), "scope": body.get("scope") or "openid"}
    return _tokens(call, {**wished, "sub": person["id"], "session": call.ids.uuid()})


def _by_service(call: Call, body: Json) -> Json:
    """An access token for a service, with the roles that its client is known to have."""
    client_id = body.get("client_id") or _client(call)
    service = call.shared("tokens").first(id=client_id)
    if service is None or "roles" not in service:
        raise OidcError("invalid_client", "No service is known under this client_id.", status=401)
    access = {"realm_access": {"roles": service["roles"]}}
    claims = _claims(call, service["id"], session=call.ids.uuid(), client_id=client_id) | access
    return {
        "access_token": signed(claims),
        "token_type": "Bearer",
        "expires_in": call.option("oidc_token_seconds"),
    }


def _client(call: Call) -> str:
    """The client that HTTP basic names, where it is not in the body."""
    kind, _, value = (call.request.header(b"authorization") or "").partition(" ")
    if kind.lower() != "basic":
        return ""
    try:
        return b64decode(value).decode().partition(":")[0]
    except ValueError:
        return ""


GRANTS: Mapping[str, Callable[[Call, Json], Json]] = {
    "authorization_code": _by_code,
    "refresh_token": _by_refresh,
    DEVICE_GRANT: _by_device,
    "password": _by_password,
    "client_credentials": _by_service,
}


def _tokens(call: Call, grant: Json) -> Json:
    """The tokens of a session, and the next one to refresh them with."""
    person = call.shared("identities").first(id=grant["sub"])
    if person is None:
        raise OidcError("invalid_grant", "This person is no longer known.")
    session, client_id = grant["session"], grant["client_id"]
    claims = _claims(call, person["id"], session=session, client_id=client_id) | _about(person)
    asked = {name: grant[name] for name in ("client_id", "scope", "session", "sub")}
    nonce = {"nonce": grant["nonce"]} if grant.get("nonce") else {}
    refresh = _keep(call, "refresh", REFRESH_LIFE, **asked)
    return {
        "access_token": signed(claims | {"typ": "Bearer", "scope": grant["scope"]}),
        "id_token": signed(claims | {"typ": "ID"} | nonce),
        "refresh_token": refresh,
        "token_type": "Bearer",
        "expires_in": call.option("oidc_token_seconds"),
        "refresh_expires_in": int(REFRESH_LIFE.total_seconds()),
        "scope": grant["scope"],
    }


def _claims(call: Call, sub: str, *, session: str, client_id: str) -> Json:
    now = int(call.now().timestamp())
    return {
        "iss": call.url("/oidc"),
        "sub": sub,
        "aud": client_id,
        "azp": client_id,
        "iat": now,
        "exp": now + call.option("oidc_token_seconds"),
        "sid": session,
    }


def _about(person: Json) -> Json:
    """What the tokens say of a person."""
    names = ("email", "given_name", "family_name", "nickname", "phone_number", "tenant_id")
    told = {name: person[name] for name in names if person.get(name)}
    name = f"{person['given_name']} {person['family_name']}"
    return told | {"name": name, "preferred_username": person["id"], "email_verified": True}


def userinfo(call: Call, token: str) -> Json:
    """What is known of the owner of the access token."""
    person = identity(call, token) if token in call.shared("tokens") else None
    if person is None:
        claims = valid_claims(call, token)
        person = identity(call, claims["sub"])
    if person is None:
        return {name: claims[name] for name in ("sub", "email", "given_name", "family_name")}
    return {"sub": person["id"], **_about(person)}


def introspected(call: Call, token: str) -> Json:
    """Whether the token is good, and if so what it says."""
    known = call.shared("tokens").first(id=token)
    if known is not None:
        return {"active": True, "sub": token, "token_type": "Bearer"}
    try:
        return {"active": True, **valid_claims(call, token)}
    except ApiError:
        return {"active": False}


def new_device(call: Call, body: Json) -> Json:
    """Two codes: one for the device to ask with, one for its owner to read."""
    short = call.ids.text(8, READABLE)
    user_code = f"{short[:4]}-{short[4:]}"
    wished = {"client_id": body.get("client_id", ""), "scope": body.get("scope") or "openid"}
    device_code = _keep(call, "device", DEVICE_LIFE, **wished, user_code=user_code, sub=None)
    page = call.url("/oidc/device")
    return {
        "device_code": device_code,
        "user_code": user_code,
        "verification_uri": page,
        "verification_uri_complete": f"{page}?user_code={user_code}",
        "expires_in": int(DEVICE_LIFE.total_seconds()),
        "interval": DEVICE_WAIT,
    }


def device_of(call: Call, user_code: str) -> Json | None:
    """The device that waits under this code."""
    found = call.shared("oidc_grants").first(user_code=user_code.upper())
    return None if found is None or _is_over(call, found) else found


def approve(call: Call, device: Json, person: Json) -> None:
    """Let the device be this person's."""
    call.shared("oidc_grants").save(device | {"sub": person["id"]})


def end_session(call: Call, token: str | None) -> None:
    """Let no token of the session that this one is of be good any more."""
    try:
        session = claims_of(token or "").get("sid")
    except TokenError:
        return
    if isinstance(session, str) and not is_taken_back(call, {"sid": session}):
        until = instants.stamp(call.now() + REFRESH_LIFE)
        ended = {"id": f"ended:{session}", "kind": "ended", "expires_at": until}
        call.shared("oidc_grants").add(ended)
