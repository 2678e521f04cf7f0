"""The living state of rooms: which meetings are going on, and who is in them.

A meeting begins when somebody comes into a room or a breakout room, and everything about it is
forgotten when the last one of the whole room has gone (dossier 8.11).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from greenroom.emulator.toolkit import Call, Json
from greenroom.handlers.opentalk import instants
from greenroom.handlers.opentalk.events import signal
from greenroom.handlers.opentalk.features import tariff_of

WAITING, ACCEPTED, JOINED, LEFT = "waiting", "accepted", "joined", "left"
PRESENT = (WAITING, ACCEPTED, JOINED)
OUTSIDE = (WAITING, ACCEPTED)
GOODBYE = 1000  # dossier 8.11: for the web client this is final


def key_of(room_id: str, breakout_room: str | None) -> str:
    """What the meeting of a room or of one of its breakout rooms is kept under."""
    return room_id if breakout_room is None else f"{room_id}:{breakout_room}"


def meeting_of(call: Call, room: Json, breakout_room: str | None = None) -> Json:
    """The meeting, which begins now if nobody is there yet."""
    meetings, key = call.collection("meetings"), key_of(room["id"], breakout_room)
    if key in meetings:
        return meetings.get(key)
    limit = quota(call, room, "room_time_limit_secs")
    closes = None if limit is None else call.now() + timedelta(seconds=limit)
    meeting = {
        "id": key,
        "room_id": room["id"],
        "breakout_room": breakout_room,
        "banned": [],
        "waiting_room": room["waiting_room"] and breakout_room is None,
        "raise_hands": True,
        "chat": True,
        "started_at": instants.now(call),
        "closes_at": None if closes is None else instants.stamp(closes),
        "breakout_rooms": [],
        "breakout_expires": None,
    }
    if closes is not None:
        call.later(closes, "time_limit_elapses", meeting=key, began=meeting["started_at"])
    return meetings.add(meeting)


def quota(call: Call, room: Json, name: str) -> int | None:
    """What the tariff of the room's maker limits it to; None for no limit."""
    found: int | None = tariff_of(call, room["created_by"])["quotas"].get(name)
    return found


def change(call: Call, meeting: Json, **members: object) -> Json:
    """The meeting with something about it changed."""
    return call.collection("meetings").save(meeting | members)


def people(call: Call, meeting: Json, *standings: str) -> list[Json]:
    """Those of the meeting who stand like this, in the order in which they came."""
    found = call.collection("participants").find(meeting=meeting["id"])
    return [each for each in found if each["standing"] in standings]


def joined(call: Call, meeting: Json) -> list[Json]:
    """Everybody who is in the meeting."""
    return people(call, meeting, JOINED)


def others(call: Call, meeting: Json, person: Json) -> list[Json]:
    """Everybody else who is in the meeting."""
    return [each for each in joined(call, meeting) if each["id"] != person["id"]]


def attendees(call: Call, meeting: Json) -> list[Json]:
    """Everybody who is or was in the meeting."""
    found = people(call, meeting, JOINED, LEFT)
    return [each for each in found if each["standing"] == JOINED or each["left_at"] is not None]


def everybody_in(call: Call, room_id: str) -> list[Json]:
    """Everybody who is in the room, in one of its breakout rooms, or waits to be let in."""
    found = call.collection("participants").find(room_id=room_id)
    return [each for each in found if each["standing"] in PRESENT]


def hang_up(call: Call, person: Json) -> None:
    """Close the connection of somebody who has one."""
    if person["socket"] is not None:
        call.hang_up(person["socket"], GOODBYE)


def forget_if_empty(call: Call, room_id: str) -> None:
    """Drop what is known of the meetings of a room that nobody is left in."""
    if not everybody_in(call, room_id):
        for name in ("participants", "messages", "meetings"):
            _remove(call, name, call.collection(name).find(room_id=room_id))


def _remove(call: Call, name: str, records: Iterable[Json]) -> None:
    for record in records:
        call.collection(name).remove(record["id"])


def close(call: Call, room_id: str, message: str, meeting: Json | None = None) -> None:
    """Send everybody away with a last word: out of one meeting, or out of the whole room."""
    gone = everybody_in(call, room_id)
    if meeting is not None:
        gone = [each for each in gone if each["meeting"] == meeting["id"]]
    if gone:
        call.emit(signal(call, gone, "control", message))
    for person in gone:
        leave_silently(call, person)
        hang_up(call, person)
    forget_if_empty(call, room_id)


def leave_silently(call: Call, person: Json) -> Json:
    """Note that somebody has gone, without telling anybody; a hand stays for who comes back.

    Who only waited has not left: nobody inside knows of him later.
    """
    left_at = instants.now(call) if person["standing"] == JOINED else None
    gone = {"standing": LEFT, "left_at": left_at, "speaking": False}
    return call.collection("participants").save(person | gone)


def time_limit_elapses(call: Call, meeting: str, began: str) -> None:
    """The time that the tariff gives a meeting is over; a later meeting has its own."""
    found = call.collection("meetings").first(id=meeting)
    if found is not None and found["started_at"] == began:
        close(call, found["room_id"], "time_limit_quota_elapsed", found)


def room_deleted(call: Call, room_id: str) -> None:
    """Tell everybody in a room that it is no more, and close their connections."""
    close(call, room_id, "room_deleted")
