"""Conference rooms of a tenant, and the switches of the calls in them."""

from __future__ import annotations

from greenroom.emulator.toolkit import Call, Json
from greenroom.handlers.portsip import instants, recorder
from greenroom.handlers.portsip.attendance import check_online, ended, present
from greenroom.handlers.portsip.directory import user_at
from greenroom.handlers.portsip.drafts import blank_room, check_draft, drafted
from greenroom.handlers.portsip.errors import AlreadyExistsError, RoomStateError
from greenroom.handlers.portsip.identifiers import check_id, new_id
from greenroom.handlers.portsip.invitations import send_invitations
from greenroom.handlers.portsip.layouts import HIDDEN, grid_of
from greenroom.handlers.portsip.listing import window
from greenroom.handlers.portsip.placement import place_for, place_waiting
from greenroom.handlers.portsip.shapes import ROOMS, page, room_shape, room_status_shape


def list_conference_rooms(
    call: Call, skip: int, top: int, filter_: str = "", search: str = "", orderby: str = ""
) -> Json:
    """Show a page of the tenant's rooms in summary, PINs in clear."""
    rooms = call.collection("conference_rooms")
    found = window(rooms, ROOMS, wanted=filter_, search=search, orderby=orderby, skip=skip, top=top)
    return page(found)


def create_conference_room(call: Call, body: Json) -> Json:
    """Make a room; without a server for it, it is there all the same and OFFLINE."""
    room = drafted(blank_room(body), body)
    check_draft(call, room, body)
    if user_at(call, room["extension_number"]):
        raise AlreadyExistsError("extension_number", room["extension_number"])
    room |= {
        "id": new_id(call),
        "created_at": instants.now(call),
        "token": f"{call.ids.hex(32).upper()}.",
        "server_id": place_for(call, room),
    }
    call.collection("conference_rooms").add(room)
    send_invitations(call, room)
    return {"id": room["id"]}


def get_conference_room(call: Call, id_: str) -> Json:
    """Show a room with all it has."""
    return room_shape(call.collection("conference_rooms").get(id_), call)


def update_conference_room(call: Call, id_: str, body: Json) -> None:
    """Change what is given; whoever has no place in a smaller layout stays, unseen."""
    rooms = call.collection("conference_rooms")
    before = rooms.get(id_)
    room = drafted(before, body)
    check_draft(call, room, body)
    people = present(call, room)
    if len(people) > room["capacity"]:
        raise RoomStateError(f"{len(people)} are present, more than {room['capacity']}")
    rooms.save(room)
    for person in people:
        if person["position"] >= grid_of(room) > 0:
            call.collection("participants").save(person | {"position": HIDDEN})
    send_invitations(call, room, before=before)


def delete_conference_room(call: Call, id_: str) -> None:
    """End the call and remove the room, its recordings and their files; its place goes on."""
    check_id(id_)
    rooms, recordings = call.collection("conference_rooms"), call.collection("recordings")
    ended(call, rooms.get(id_))
    for recording in recordings.find(room_id=id_):
        recordings.remove(recording["id"])
    rooms.remove(id_)
    place_waiting(call)


def get_conference_room_status(call: Call, id_: str) -> Json:
    """Show whether the room is on a server, whether people are in, and the switches."""
    room = call.collection("conference_rooms").get(id_)
    people = call.collection("participants").count(room_id=id_)
    return room_status_shape(room, people=people)


def mute_conference_room(call: Call, id_: str) -> None:
    """Mute everybody present and everybody to come."""
    _mute_all(call, id_, muted=True)


def unmute_conference_room(call: Call, id_: str) -> None:
    """Let everybody speak, whoever was muted alone included."""
    _mute_all(call, id_, muted=False)


def _mute_all(call: Call, id_: str, *, muted: bool) -> None:
    room = online_room(call, id_)
    call.collection("conference_rooms").save(room | {"muted": muted})
    for person in present(call, room):
        call.collection("participants").save(person | {"muted": muted})


def lock_conference_room(call: Call, id_: str) -> None:
    """Keep further people out; those present stay."""
    room = online_room(call, id_)
    call.collection("conference_rooms").save(room | {"locked": True})


def unlock_conference_room(call: Call, id_: str) -> None:
    """Let people in again."""
    room = online_room(call, id_)
    call.collection("conference_rooms").save(room | {"locked": False})


def start_recording_in_conference_room(call: Call, id_: str) -> None:
    """Record from now on, with nobody present too; a running recording goes on."""
    room = online_room(call, id_)
    call.collection("conference_rooms").save(recorder.started(call, room))


def stop_recording_in_conference_room(call: Call, id_: str) -> None:
    """Close the running recording, if one is running."""
    room = online_room(call, id_)
    call.collection("conference_rooms").save(recorder.stopped(call, room))


def online_room(call: Call, id_: str) -> Json:
    """The room, as long as a server holds it."""
    room = call.collection("conference_rooms").get(id_)
    check_online(room)
    return room
