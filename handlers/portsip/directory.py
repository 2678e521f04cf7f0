"""The users a PBX knows: who has which extension, which address, which password."""

from __future__ import annotations

from greenroom.emulator.toolkit import Call, Json
from greenroom.handlers.portsip.tenants import domain_of


def user_at(call: Call, extension: str) -> Json | None:
    """The tenant's user with this extension number."""
    return call.collection("users").first(extension_number=extension)


def address_of(call: Call, user_id: str) -> str | None:
    """The e-mail address of the tenant's user with this id, if both are known."""
    user = call.collection("users").first(id=user_id)
    return user.get("email") if user else None


def users_called(call: Call, username: str) -> list[tuple[str, Json]]:
    """Everybody with this user name, each with the tenant."""
    return call.everywhere("users").find(username=username)


def known_user(
    call: Call, username: str, password: str, domain: str | None
) -> tuple[str, Json] | None:
    """Who signs in with these; without a domain the system's users come before a tenant's.

    A tenant's user may leave out the domain as long as no other tenant knows the name.
    """
    found = [
        (tenant, user)
        for tenant, user in users_called(call, username)
        if user["password"] == password and (not domain or _is_domain_of(call, domain, tenant))
    ]
    system = [(tenant, user) for tenant, user in found if not tenant]
    if system:
        return system[0]
    return found[0] if len(found) == 1 else None


def _is_domain_of(call: Call, domain: str, tenant: str) -> bool:
    record = call.shared("tenants").first(id=tenant)
    return record is not None and domain_of(call, record) == domain
