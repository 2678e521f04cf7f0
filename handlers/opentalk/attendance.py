"""Coming and going: into the waiting room, into a meeting, and out of it (dossier 8.3, 8.6)."""

from __future__ import annotations

from greenroom.emulator.toolkit import Call, Json
from greenroom.handlers.opentalk import instants
from greenroom.handlers.opentalk.breakout_rooms import tell_of_arrival, tell_of_departure
from greenroom.handlers.opentalk.events import about, concerning, control_state, envelope, signal
from greenroom.handlers.opentalk.meetings import (
    JOINED,
    LEFT,
    OUTSIDE,
    WAITING,
    forget_if_empty,
    joined,
    leave_silently,
    others,
    quota,
)
from greenroom.handlers.opentalk.welcome import welcome

GUEST, USER, MODERATOR = "guest", "user", "moderator"
WAITING_LEFT = ("moderation", "left_waiting_room")


def newcomer(
    call: Call,
    meeting: Json,
    room: Json,
    *,
    id: str,
    kind: str,
    user: Json | None,
    name: str,
    socket: str | None,
) -> Json:
    """The record of somebody who comes; who resumes a session is who he was, but for the role."""
    now = instants.now(call)
    known = call.collection("participants").first(id=id) or {
        "id": id,
        "hand_is_up": False,
        "hand_updated_at": now,
        "may_skip_waiting": False,
        "seen": {"global": None, "private": {}, "group": {}},
    }
    return known | {
        "meeting": meeting["id"],
        "room_id": meeting["room_id"],
        "kind": kind,
        "role": role_of(call, room, user),
        "user_id": user["id"] if user is not None else None,
        "email": user["email"] if user is not None else None,
        "groups": user["groups"] if user is not None else [],
        "display_name": name,
        "is_room_owner": user is not None and user["id"] == room["created_by"],
        "socket": socket,
        "media": {},
        "speaking": False,
        "speaking_updated_at": None,
        "joined_at": now,
        "left_at": None,
    }


def role_of(call: Call, room: Json, user: Json | None) -> str:
    """The role somebody comes with: the room's maker moderates, the invited as invited."""
    if user is None:
        return GUEST
    if user["id"] == room["created_by"]:
        return MODERATOR
    event = call.collection("events").first(room_id=room["id"])
    invite = event and call.collection("event_invites").first(id=f"{event['id']}:{user['id']}")
    return str(invite["role"]) if invite else USER


def is_full(call: Call, meeting: Json, room: Json) -> bool:
    """Whether the tariff lets nobody else in."""
    limit = quota(call, room, "room_participant_limit")
    return limit is not None and len(joined(call, meeting)) >= limit


def must_wait(meeting: Json, person: Json) -> bool:
    """Whether a moderator has to let this one in."""
    skips = person["role"] == MODERATOR or person["may_skip_waiting"]
    return bool(meeting["waiting_room"]) and not skips


def wait(call: Call, meeting: Json, person: Json) -> Json:
    """Take a seat in the waiting room."""
    person = _keep(call, person | {"standing": WAITING})
    call.emit(signal(call, [person], "moderation", "in_waiting_room"))
    shown = {"id": person["id"], "control": control_state(call, person)}
    audience = joined(call, meeting)
    call.emit(concerning(call, person, audience, "moderation", "joined_waiting_room", **shown))
    return person


def enter(call: Call, meeting: Json, room: Json, person: Json) -> Json:
    """Come in: the others hear of it first, then the one who came is told what there is."""
    if person.get("standing") in OUTSIDE:
        audience = joined(call, meeting)
        call.emit(concerning(call, person, audience, *WAITING_LEFT, id=person["id"]))
        person["joined_at"] = instants.now(call)
    person = _keep(call, person | {"standing": JOINED})
    for event in about(call, others(call, meeting, person), "control", "joined", person):
        call.emit(event)
    tell_of_arrival(call, meeting, person)
    if person["socket"] is not None:
        call.send(person["socket"], envelope(call, "control", welcome(call, meeting, room, person)))
    return person


def depart(call: Call, meeting: Json, person: Json) -> None:
    """Go: out of the meeting or out of the waiting room; who is gone already stays gone."""
    if person["standing"] == LEFT:
        return
    left = ("control", "left") if person["standing"] == JOINED else WAITING_LEFT
    leave_silently(call, person)
    call.emit(concerning(call, person, others(call, meeting, person), *left, id=person["id"]))
    tell_of_departure(call, meeting, person)
    forget_if_empty(call, meeting["room_id"])


def _keep(call: Call, person: Json) -> Json:
    people = call.collection("participants")
    return people.save(person) if person["id"] in people else people.add(person)
