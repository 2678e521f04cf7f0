"""Parties: who belongs to a conference, as what and until when, and who is there right now."""

from __future__ import annotations

import string
from datetime import UTC, datetime

from greenroom.emulator.toolkit import Call, Json
from greenroom.handlers.hoot.events import user_joined, user_left, user_removed

LETTERS = string.ascii_letters + string.digits
URL_SAFE = LETTERS + "-_"
LAST_SECOND = 253_402_300_799  # of the year 9999


def instant(epoch: int) -> datetime:
    """The instant that many seconds since the epoch, as near as a calendar has it."""
    return datetime.fromtimestamp(min(max(epoch, 0), LAST_SECOND), UTC)


def parties_of(call: Call, conference_id: str) -> list[Json]:
    """Everybody in a conference, in order of becoming a party."""
    return call.collection("parties").find(conference=conference_id)


def party_of(call: Call, conference_id: str, user: Json | None) -> Json | None:
    """This user's part in a conference."""
    if user is None:
        return None
    return call.collection("parties").first(conference=conference_id, user=user["id"])


def add_party(
    call: Call, conference: Json, user: Json, *, is_moderator: bool, epoch_expiry: int = 0
) -> Json:
    """Let a user be a party; one whose time is limited goes by itself."""
    party_id = call.ids.uuid()
    timer = ""
    if epoch_expiry:
        timer = call.later(instant(epoch_expiry), "participation_ends", party=party_id)
    return call.collection("parties").add(
        {
            "id": party_id,
            "conference": conference["id"],
            "user": user["id"],
            "is_moderator": is_moderator,
            "token": call.ids.text(32, URL_SAFE),
            "sip_secret": call.ids.text(23, LETTERS),
            "epoch_expiry": epoch_expiry,
            "timer": timer,
            "present": False,
        }
    )


def promote(call: Call, party: Json) -> Json:
    """Make a party a moderator; links and secret stay."""
    return call.collection("parties").save(party | {"is_moderator": True})


def forget_party(call: Call, conference: Json, party: Json) -> None:
    """Take a party and every trace of it out; whoever is there leaves."""
    leave(call, conference, party)
    for name in ("parties", "joins", "favourites"):
        if party["id"] in call.collection(name):
            call.collection(name).remove(party["id"])
    if party["timer"]:
        call.store.timers.cancel(party["timer"])


def remove_party(call: Call, conference: Json, party: Json) -> None:
    """Take a party out and tell."""
    forget_party(call, conference, party)
    call.emit(user_removed(call, conference, party))


def join(call: Call, conference: Json, party: Json) -> None:
    """Record a join; it is told when the party was not there already."""
    joins, mark = call.collection("joins"), trace(party)
    if mark["id"] in joins:
        joins.remove(mark["id"])
    joins.add(mark)
    if not party["present"]:
        call.collection("parties").save(party | {"present": True})
        call.emit(user_joined(call, conference, party))


def leave(call: Call, conference: Json, party: Json) -> None:
    """Let a party go, if it is there."""
    if party["present"]:
        call.collection("parties").save(party | {"present": False})
        call.emit(user_left(call, conference, party))


def trace(party: Json) -> Json:
    """What a list of a user's keeps of a party."""
    return {"id": party["id"], "conference": party["conference"], "user": party["user"]}


def participation_ends(call: Call, party: str) -> None:
    """The time of a temporary user is over."""
    found = call.collection("parties").get(party)
    remove_party(call, call.collection("conferences").get(found["conference"]), found)
