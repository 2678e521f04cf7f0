"""Rooms: where meetings take place, with an event of their own or without one."""

from __future__ import annotations

from greenroom.emulator.toolkit import Call, Json, Reply
from greenroom.handlers.opentalk.access import me, room_of
from greenroom.handlers.opentalk.diary import remove_event
from greenroom.handlers.opentalk.errors import InUseError, MissingError
from greenroom.handlers.opentalk.features import need_call_in
from greenroom.handlers.opentalk.meetings import room_deleted
from greenroom.handlers.opentalk.paging import paged
from greenroom.handlers.opentalk.profiles import profile
from greenroom.handlers.opentalk.shapes import event_info_shape, room_shape
from greenroom.handlers.opentalk.venues import BELONGINGS, make_room, make_sip_config


def get_rooms(call: Call, per_page: int, page: int) -> Reply:
    """List the rooms the caller owns or is invited to, the highest id first."""
    caller = me(call)["id"]
    rooms = call.collection("rooms")
    invited = call.collection("event_invites").find(invitee=caller)
    found = rooms.find(created_by=caller) + [rooms.get(each["room_id"]) for each in invited]
    found.sort(key=lambda room: room["id"], reverse=True)
    return paged(call, found, lambda room: room_shape(call, room), per_page=per_page, page=page)


def post_rooms(call: Call, body: Json) -> Json:
    """Make a room, and a way into it by phone if that is wanted."""
    if body.get("enable_sip"):
        need_call_in(call, me(call)["id"])
    room = make_room(call, body.get("password"), waiting_room=body.get("waiting_room"))
    if body.get("enable_sip"):
        make_sip_config(call, room["id"])
    return room_shape(call, room)


def patch_room(call: Call, room_id: str, body: Json) -> Json:
    """Change what is given; null takes the password away."""
    room = room_of(call, room_id)
    if "password" in body:
        room["password"] = body["password"] or ""
    if body.get("waiting_room") is not None:
        room["waiting_room"] = body["waiting_room"]
    return room_shape(call, call.collection("rooms").save(room))


def get_room(call: Call, room_id: str) -> Json:
    """Show a room to its owner and to whoever is invited to its event."""
    return room_shape(call, room_of(call, room_id))


def delete_room(call: Call, room_id: str) -> None:
    """Take the room away with all that is in it."""
    room = room_of(call, room_id)
    event = call.collection("events").first(room_id=room["id"])
    if not profile(call).empties_rooms:
        _check_unused(call, room, event)
    if event is not None:
        remove_event(call, event)
    for name in BELONGINGS:
        things = call.collection(name)
        for thing in things.find(room_id=room["id"]):
            things.remove(thing["id"])
    if room["id"] in call.collection("sip_configs"):
        call.collection("sip_configs").remove(room["id"])
    room_deleted(call, room["id"])
    call.collection("rooms").remove(room["id"])


def _check_unused(call: Call, room: Json, event: Json | None) -> None:
    if event is not None or call.collection("assets").count(room_id=room["id"]):
        raise InUseError("The room still has an event or assets; delete those first.")


def get_room_event(call: Call, room_id: str) -> Json:
    """Show which event the room is for."""
    room = room_of(call, room_id)
    event = call.collection("events").first(room_id=room["id"])
    if event is None:
        raise MissingError("event: the room has none")
    return event_info_shape(event)
