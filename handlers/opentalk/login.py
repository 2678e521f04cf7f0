"""Logging in: users come into being, and come back, with an id token."""

from __future__ import annotations

from datetime import UTC, datetime

from greenroom.emulator.toolkit import Call, Json
from greenroom.handlers.opentalk import instants
from greenroom.handlers.opentalk.auth import DEFAULT_TENANT, tenant_of
from greenroom.handlers.opentalk.errors import (
    BadIdTokenError,
    InvalidClaimsError,
    SessionOverError,
    UnknownTariffError,
)
from greenroom.handlers.opentalk.event_invites import adopt_email_invites
from greenroom.handlers.opentalk.jwts import TokenError, claims_of, faults

PERMISSIONS: Json = {"permissions": []}
STATUSES = ("default", "paid", "downgraded")


def get_auth_providers(call: Call) -> Json:
    """Say where to sign in: at the provider configured, or the one built in."""
    issuer = call.option("oidc_issuer") or call.url("/oidc")
    return {"oidc": {"name": "default", "url": issuer}}


def auth_login(call: Call, body: Json) -> Json:
    """Make or refresh the user the id token is of, and move the end of its session."""
    token = body["id_token"]
    if "user_id" in (call.shared("tokens").first(id=token) or {}):  # of the cast: is in for good
        return PERMISSIONS
    claims = _claims(call, token)
    inside = call.within(_tenant(call, claims))
    users = inside.collection("users")
    user = users.first(sub=claims["sub"])
    if user is not None:
        users.save(user | _refreshed(inside, claims))
    else:
        adopt_email_invites(inside, users.add(_newcomer(inside, claims)))
    return PERMISSIONS


def _claims(call: Call, token: str) -> Json:
    """What the id token says, if all that is needed is there and it is not over."""
    try:
        claims = claims_of(token)
    except TokenError as error:
        raise BadIdTokenError(f"The id token is not valid: {error}.") from None
    until = claims.get("exp")
    if isinstance(until, int | float) and call.has_reached(until):
        raise SessionOverError
    wrong = faults(claims)
    if wrong:
        raise InvalidClaimsError(f"Claims are missing or make no sense: {', '.join(wrong)}.")
    return claims


def _tenant(call: Call, claims: Json) -> str:
    """The tenant the claims name; one that nobody has named before comes into being."""
    known = tenant_of(call, claims)
    if known is not None:
        return known
    name = claims.get("tenant_id") or DEFAULT_TENANT
    tenant = {"id": call.ids.uuid(), "name": name, "oidc_tenant_id": name}
    return str(call.shared("tenants").add(tenant)["id"])


def _refreshed(call: Call, claims: Json) -> Json:
    """What every login brings up to date."""
    told = {
        "email": claims["email"].lower(),
        "firstname": claims["given_name"],
        "lastname": claims["family_name"],
        "groups": claims.get("x_grp") or [],
        "tariff_id": _tariff(call, claims)["id"],
        "tariff_status": _tariff_status(claims),
        "session_ends_at": instants.stamp(datetime.fromtimestamp(claims["exp"], UTC)),
    }
    return told if call.option("custom_display_names") else told | {"display_name": _name(claims)}


def _newcomer(call: Call, claims: Json) -> Json:
    return {
        "id": call.ids.uuid(),
        "serial": len(call.everywhere("users")) + 1,
        "sub": claims["sub"],
        "title": "",
        "display_name": _name(claims),
        "language": "en-US",
        "dashboard_theme": "system",
        "conference_theme": "system",
        "created_at": instants.now(call),
        **_refreshed(call, claims),
    }


def _name(claims: Json) -> str:
    return claims.get("nickname") or f"{claims['given_name']} {claims['family_name']}"


def _tariff_status(claims: Json) -> str:
    status = claims.get("tariff_status")
    return str(status) if status in STATUSES else "default"


def _tariff(call: Call, claims: Json) -> Json:
    """The tariff the claims name; without a name, and after a downgrade, the first there is."""
    named = claims.get("tariff_id")
    tariffs = call.shared("tariffs")
    if not named or _tariff_status(claims) == "downgraded":
        return tariffs.find(limit=1)[0]
    found = tariffs.first(external_id=named) or tariffs.first(id=named)
    if found is None:
        raise UnknownTariffError(named)
    return found
