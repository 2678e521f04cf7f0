"""What the outside world does to rooms: people dial in, talk and hang up, recordings end."""

from __future__ import annotations

import re
from typing import Literal

from greenroom.emulator.toolkit import Call, ConflictError, Json
from greenroom.handlers.portsip import recorder
from greenroom.handlers.portsip.attendance import check_entry, ended, enter, leave
from greenroom.handlers.portsip.directory import users_called
from greenroom.handlers.portsip.errors import MissingError, RoomStateError

_NUMBER = re.compile(r"[A-Za-z0-9+*#._-]{1,64}")


def participant_joins(
    call: Call,
    meeting: str,
    role: Literal["moderator", "member"] = "member",
    name: str | None = None,
    number: str | None = None,
    pin: str | None = None,
    who: str | None = None,
) -> Json:
    """Somebody dials into a room.

    Without a number it is the extension of `who`, or one nobody else has. With a room PIN set,
    it or the admin PIN has to be given. The admin PIN makes the caller chairman, and so does
    the role of a moderator, who needs that PIN where there is one.
    """
    inside = call.holding("conference_rooms", meeting)
    room = inside.collection("conference_rooms").get(meeting)
    caller = _cast(inside, who) if who else {}
    dialled = number or caller.get("extension_number") or f"caller-{call.ids.count('callers')}"
    if not _NUMBER.fullmatch(dialled):
        raise RoomStateError(f"{dialled!r} is no number that can be dialled from")
    check_entry(inside, room, dialled)
    leads = _check_pin(room, pin, moderator=role == "moderator")
    shown = name or caller.get("display_name", "")
    return {"participant": enter(inside, room, dialled, name=shown, leads=leads)["id"]}


def _cast(call: Call, who: str) -> Json:
    found = users_called(call, who)
    if not found:
        raise ConflictError(f"The PBX knows no user {who}; give a number instead.")
    own = [user for tenant, user in found if tenant == call.tenant]
    return own[0] if own else found[0][1]


def _check_pin(room: Json, pin: str | None, *, moderator: bool) -> bool:
    """Whether the caller comes to lead; a PIN that opens nothing is refused."""
    if room["admin_pin"] and pin == room["admin_pin"]:
        return True
    if moderator and room["admin_pin"]:
        raise RoomStateError("a moderator needs the admin PIN of the room")
    if room["room_pin"] and pin != room["room_pin"]:
        raise RoomStateError("the PIN is wrong or missing")
    return moderator


def participant_leaves(call: Call, meeting: str, participant: str) -> None:
    """Somebody hangs up."""
    inside, room, person = _find(call, meeting, participant)
    leave(inside, room, person)


def participant_talks(call: Call, meeting: str, participant: str) -> None:
    """Somebody begins to speak."""
    inside, _, person = _find(call, meeting, participant)
    inside.collection("participants").save(person | {"talking": True})


def participant_goes_silent(call: Call, meeting: str, participant: str) -> None:
    """Somebody stops speaking."""
    inside, _, person = _find(call, meeting, participant)
    inside.collection("participants").save(person | {"talking": False})


def recording_finishes(call: Call, meeting: str) -> None:
    """The running recording of a room ends and stands in the list."""
    inside = call.holding("conference_rooms", meeting)
    room = inside.collection("conference_rooms").get(meeting)
    if room["recording_since"] is None:
        raise RoomStateError("nothing is being recorded in the room")
    inside.collection("conference_rooms").save(recorder.stopped(inside, room))


def meeting_ends(call: Call, meeting: str) -> None:
    """Everybody hangs up and the call is over."""
    inside = call.holding("conference_rooms", meeting)
    rooms = inside.collection("conference_rooms")
    rooms.save(ended(inside, rooms.get(meeting)))


def _find(call: Call, meeting: str, participant: str) -> tuple[Call, Json, Json]:
    """The call inside the room's tenant, the room, and the one in it with this id."""
    inside = call.holding("conference_rooms", meeting)
    room = inside.collection("conference_rooms").get(meeting)
    person = inside.collection("participants").first(id=participant, room_id=meeting)
    if person is None:
        raise MissingError("participants")
    return inside, room, person
