"""How a WebSocket is asked for: by its protocol, with a ticket beside it (dossier 8.1)."""

from __future__ import annotations

from greenroom.emulator.toolkit import Call, Json
from greenroom.handlers.opentalk.errors import MissingError, ProtocolError, TicketError
from greenroom.handlers.opentalk.tickets import LENGTH, redeem

PROTOCOL = "opentalk-signaling-json-v1.0"
TICKET = "ticket#"


def shown_ticket(call: Call) -> Json:
    """The ticket that the request shows, used up with that, if it still opens a room."""
    ticket = redeem(call, _offered(call))
    if ticket is None:
        raise TicketError("The ticket is unknown, used or over.", code="invalid_ticket")
    if call.everywhere("rooms").locate(ticket["room_id"]) != ticket["tenant"]:
        raise MissingError("room")
    return ticket


def _offered(call: Call) -> str:
    """The ticket that the request offers among its protocols."""
    offered = call.request.headers.get("sec-websocket-protocol", "")
    protocols = [part.strip() for part in offered.split(",") if part.strip()]
    if not protocols:
        raise ProtocolError("Offer a WebSocket protocol.", code="missing_protocol")
    if PROTOCOL not in protocols:
        raise ProtocolError(f"Offer the protocol {PROTOCOL}.", code="invalid_protocol")
    ticket = next((part for part in protocols if part.startswith(TICKET)), None)
    if ticket is None:
        raise TicketError(f"Offer {TICKET} and your ticket.", code="missing_ticket")
    if len(ticket) != len(TICKET) + LENGTH:
        raise TicketError("A ticket has 64 characters.", code="invalid_ticket")
    return ticket.removeprefix(TICKET)
