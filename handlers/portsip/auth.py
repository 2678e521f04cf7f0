"""Who is calling: a bearer token that belongs to a tenant, or to the whole system."""

from __future__ import annotations

from greenroom.emulator.toolkit import Call, Caller, Credentials
from greenroom.handlers.portsip.errors import PermissionDeniedError
from greenroom.handlers.portsip.tokens import valid

SYSTEM_ADMINISTRATOR = "system_administrator"


def identify(call: Call, credentials: Credentials) -> Caller | None:
    """The owner of the token, if it is good and, where roles count, allows this operation."""
    token = valid(call, "access", credentials.value)
    if token is None:
        return None
    caller = Caller(token["username"], token["tenant"], token["role"], {"token": token})
    if call.option("enforce_roles") and not _may(call, caller):
        raise PermissionDeniedError
    return caller


def _may(call: Call, caller: Caller) -> bool:
    path = call.operation.path if call.operation else ""
    if path.startswith("/api/conference_servers"):
        return caller.role == SYSTEM_ADMINISTRATOR
    return bool(caller.tenant) or not path.startswith("/api/conference_rooms")
