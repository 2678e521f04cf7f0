"""Who is calling: a user, the holder of an invite code, or a service."""

from __future__ import annotations

from greenroom.emulator.toolkit import Call, Caller, Credentials, Json
from greenroom.handlers.opentalk import instants
from greenroom.handlers.opentalk.access import SERVICES, WITH_CODE
from greenroom.handlers.opentalk.errors import (
    BadTokenError,
    InactiveTokenError,
    SessionOverError,
    UnknownSubError,
    UnknownTenantError,
)
from greenroom.handlers.opentalk.formats import is_uuid
from greenroom.handlers.opentalk.jwts import TokenError, claims_of, faults

DEFAULT_TENANT = "OpenTalkDefaultTenant"


def identify(call: Call, credentials: Credentials) -> Caller | None:
    """The bearer, as far as this operation has a use for one of that kind."""
    token, operation = credentials.value, call.operation.id if call.operation else ""
    if operation in SERVICES:
        return _service(call, token, SERVICES[operation])
    if operation.startswith("oidc_"):  # the built-in provider knows more people than the API
        return Caller("")
    if operation in WITH_CODE and is_uuid(token):
        return _guest(call, token.lower())
    tenant, user = _user(call, token)
    if user["session_ends_at"] and call.has_reached(instants.moment(user["session_ends_at"])):
        raise SessionOverError
    return Caller(user["sub"], tenant, attributes={"user": user})


def _user(call: Call, token: str) -> tuple[str, Json]:
    """The tenant and the user that the token belongs to."""
    known = call.shared("tokens").first(id=token)
    if known is not None:
        if "user_id" not in known:
            raise BadTokenError("This is a service's token; users have their own.")
        users = call.store.collection(call.provider, "users", known["tenant"])
        return known["tenant"], users.get(known["user_id"])
    claims = valid_claims(call, token)
    tenant = tenant_of(call, claims)
    if tenant is None:
        raise UnknownTenantError
    user = call.store.collection(call.provider, "users", tenant).first(sub=claims["sub"])
    if user is None:
        raise UnknownSubError
    return tenant, user


def valid_claims(call: Call, token: str) -> Json:
    """What an access token says of a user, while it is good."""
    claims = _claims(call, token)
    wrong = faults(claims)
    if wrong:
        raise BadTokenError(f"Claims of the access token are missing or odd: {', '.join(wrong)}.")
    return claims


def _claims(call: Call, token: str) -> Json:
    """What the token says, while it is good."""
    try:
        claims = claims_of(token)
    except TokenError as error:
        raise BadTokenError(f"The access token is not valid: {error}.") from None
    until = claims.get("exp")
    if not isinstance(until, int | float) or call.has_reached(until):
        raise BadTokenError("The access token has expired.")
    if is_taken_back(call, claims):
        raise InactiveTokenError
    return claims


def is_taken_back(call: Call, claims: Json) -> bool:
    """Whether the built-in provider has ended the session that the token is of."""
    session = claims.get("sid")
    return isinstance(session, str) and f"ended:{session}" in call.shared("oidc_grants")


def tenant_of(call: Call, claims: Json) -> str | None:
    """The tenant that a token's claims name, by our name or by the provider's."""
    named = claims.get("tenant_id") or DEFAULT_TENANT
    tenants = call.shared("tenants")
    found = tenants.first(oidc_tenant_id=named) or tenants.first(id=named)
    return found["id"] if found is not None else None


def _guest(call: Call, token: str) -> Caller:
    """Whoever has the invite code; the code itself says which room it opens."""
    codes = call.everywhere("invite_codes")
    if codes.locate(token) is None:
        raise BadTokenError("There is no such invite code.")
    tenant, code = codes.get(token)
    if not is_good(call, code):
        raise BadTokenError("The invite code is no longer good.")
    return Caller(f"guest:{token}", tenant, "guest", {"code": code})


def is_good(call: Call, code: Json) -> bool:
    """Whether an invite code still lets anybody in."""
    until = code["expires_at"]
    return code["active"] and (until is None or not call.has_reached(instants.moment(until)))


def _service(call: Call, token: str, role: str) -> Caller:
    """The service that has the role."""
    known = call.shared("tokens").first(id=token)
    if known is not None:
        roles, who = known.get("roles", []), token
    else:
        claims = _claims(call, token)
        access = claims.get("realm_access")
        roles = access.get("roles", []) if isinstance(access, dict) else []
        who = str(claims.get("sub", "service"))
    if not isinstance(roles, list) or role not in {str(each).lower() for each in roles}:
        raise BadTokenError(f"The token does not have the role {role}.")
    return Caller(who, "", "service", {"roles": roles})
