"""What a tenant's configuration says; the options say it where the tenant says nothing."""

from __future__ import annotations

from typing import NamedTuple

from greenroom.emulator.toolkit import Call, Json


class Tenant(NamedTuple):
    """The settings of one tenant."""

    domain: str
    sbc_host: str | None
    sbc_port: int
    online_rooms: int


def tenant_of(call: Call) -> Tenant:
    """The settings of the tenant the call is in."""
    record = call.shared("tenants").first(id=call.tenant) or {}
    return Tenant(
        domain=domain_of(call, record),
        sbc_host=record.get("sbc_host") or call.option("sbc_host") or None,
        sbc_port=record.get("sbc_port", call.option("sbc_port")),
        online_rooms=record.get("online_room_limit", call.option("online_room_limit")),
    )


def domain_of(call: Call, record: Json) -> str:
    """The SIP domain a tenant's record says or leaves to the option."""
    return str(record.get("domain") or call.option("tenant_domain"))
