"""Invitation mails to the people a room lists."""

from __future__ import annotations

from greenroom.emulator.toolkit import Call, Json
from greenroom.handlers.portsip.directory import address_of
from greenroom.handlers.portsip.formats import addresses
from greenroom.handlers.portsip.tenants import Tenant, tenant_of


def invited(call: Call, room: Json) -> list[str]:
    """The addresses of everybody the room lists, as far as they are known."""
    inside = (address_of(call, user) for user in room["internal_invitees"] or ())
    outside = addresses(room["external_invitees"] or "")
    return list(dict.fromkeys([*filter(None, inside), *outside]))


def send_invitations(call: Call, room: Json, *, before: Json | None = None) -> None:
    """Write to everybody the room lists and did not list before."""
    known = {each.casefold() for each in invited(call, before)} if before else set()
    tenant, subject = tenant_of(call), f"Invitation: {room['subject']}"
    for address in invited(call, room):
        if address.casefold() not in known:
            sender = f"conference@{tenant.domain}"
            call.send_mail(address, subject, _text(tenant, room), sender=sender)


def _text(tenant: Tenant, room: Json) -> str:
    link = f"https://{tenant.sbc_host or tenant.domain}:{tenant.sbc_port}/?token={room['token']}"
    lines = (
        ("You are invited to", room["subject"]),
        ("From", room["scheduled_start_at"]),
        ("To", room["scheduled_end_at"]),
        ("Time zone", room["timezone"]),
        ("Extension", room["extension_number"]),
        ("From outside", room["numbers"]),
        ("PIN", room["room_pin"]),
        ("Join", link),
    )
    return "".join(f"{name}: {value}\n" for name, value in lines if value is not None)
