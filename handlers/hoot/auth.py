"""Who is calling: a user by token, subject or e-mail, a system account, or nobody in particular."""

from __future__ import annotations

from greenroom.emulator.toolkit import Call, Caller, Credentials, Json
from greenroom.handlers.hoot.errors import (
    AnotherUserError,
    LoginRequiredError,
    MalformedTokenError,
)
from greenroom.handlers.hoot.instances import tenant_of
from greenroom.handlers.hoot.tokens import check_signature, check_time, claims_of, is_well_formed
from greenroom.handlers.hoot.users import user_by_email, user_by_sub, user_by_token

# dossier 1.4, variants C and D: the operations whose header has no form of its own
FORMLESS = {"searchConferences", "subscribeConference"}
SYSTEM = "client-credentials"


def identify(call: Call, credentials: Credentials) -> Caller | None:
    """The caller in the request's instance; a token that is over or has no form is refused."""
    token, claims = credentials.value, claims_of(credentials.value)
    inside = call.within(tenant_of(call))
    if is_well_formed(token):
        check_signature(call, token)
    elif call.operation is None or call.operation.id not in FORMLESS:
        raise MalformedTokenError
    check_time(call, claims)
    user = (
        user_by_token(inside, token)
        or user_by_sub(inside, claims.get("sub"))
        or user_by_email(inside, claims.get("email"))
    )
    if user is not None:
        who = user["profile"].get("username") or user["profile"]["email"]
        return Caller(who, inside.tenant, "user", {"user": user})
    if claims.get("gty") == SYSTEM:
        return Caller(str(claims.get("sub", SYSTEM)), inside.tenant, "system")
    return Caller("", inside.tenant)


def caller_user(call: Call) -> Json | None:
    """The user who is calling; None for a system account and for nobody."""
    return call.caller.attributes.get("user") if call.caller is not None else None


def is_system(call: Call) -> bool:
    """Whether a system account is calling."""
    return call.caller is not None and call.caller.role == "system"


def require_caller(call: Call) -> None:
    """Refuse nobody."""
    if call.caller is None or not call.caller.role:
        raise LoginRequiredError


def require_user(call: Call) -> Json:
    """The user who is calling, who has to be one."""
    user = caller_user(call)
    if user is None:
        raise LoginRequiredError
    return user


def check_identity(call: Call, user: Json) -> None:
    """Where the emulator is told to be strict, refuse whoever is not the user that was named."""
    if call.option("strict_identity"):
        require_caller(call)
        if (caller_user(call) or {}).get("id") != user["id"]:
            raise AnotherUserError
