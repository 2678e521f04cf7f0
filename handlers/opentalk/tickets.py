"""Tickets: what a client shows to be let into a meeting once it has been admitted to its room."""

from __future__ import annotations

from datetime import timedelta

from greenroom.emulator.toolkit import Call, Json
from greenroom.handlers.opentalk import instants
from greenroom.handlers.opentalk.errors import SessionRunningError

# dossier 7.3
TICKET_LIFE = timedelta(seconds=30)
LENGTH = 64
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"


def issue(
    call: Call,
    room: Json,
    *,
    kind: str,
    user_id: str | None = None,
    breakout_room: str | None = None,
    resumption: str | None = None,
) -> Json:
    """A ticket into the room, and the token to come back with, as the answer shows them.

    Whoever comes back with a good token is the participant it was before.
    """
    _forget_old(call)
    before = _resumed(call, room, kind, user_id, resumption) if resumption else None
    ticket = {
        "id": call.ids.text(LENGTH, ALPHABET),
        "tenant": call.tenant,
        "room_id": room["id"],
        "breakout_room": breakout_room,
        "kind": kind,
        "user_id": user_id,
        "participant_id": before or call.ids.uuid(),
        "resuming": before is not None,
        "resumption": call.ids.text(LENGTH, ALPHABET),
        "expires_at": instants.stamp(call.now() + TICKET_LIFE),
    }
    call.shared("tickets").add(ticket)
    return {"ticket": ticket["id"], "resumption": ticket["resumption"]}


def redeem(call: Call, text: str) -> Json | None:
    """The ticket of this text, which is used up with that; None when it is not good."""
    tickets = call.shared("tickets")
    if text not in tickets:
        return None
    ticket = tickets.remove(text)
    return None if _is_over(call, ticket) else ticket


def _resumed(call: Call, room: Json, kind: str, user_id: str | None, text: str) -> str | None:
    """The participant to be again; a token that is not good for this is not worth a word."""
    resumptions = call.shared("resumptions")
    known = resumptions.first(id=text)
    if known is None or _is_over(call, known):
        return None
    owner = (known["room_id"], known["kind"], known["user_id"])
    if owner != (room["id"], kind, user_id):
        return None
    if known["connected"]:
        raise SessionRunningError
    resumptions.remove(text)
    participant: str = known["participant_id"]
    return participant


def _is_over(call: Call, pass_: Json) -> bool:
    until = pass_["expires_at"]
    return until is not None and call.has_reached(instants.moment(until))


def _forget_old(call: Call) -> None:
    """Clear away tickets that were not used in time; the oldest come first."""
    tickets = call.shared("tickets")
    while (oldest := tickets.find(limit=1)) and _is_over(call, oldest[0]):
        tickets.remove(oldest[0]["id"])
