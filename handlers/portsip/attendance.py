"""Who is in a room: entering, leaving, leading, and the end of the call."""

from __future__ import annotations

from urllib.parse import quote

from greenroom.emulator.toolkit import Call, Json
from greenroom.handlers.portsip import recorder
from greenroom.handlers.portsip.directory import user_at
from greenroom.handlers.portsip.errors import AlreadyExistsError, RoomStateError
from greenroom.handlers.portsip.identifiers import new_id
from greenroom.handlers.portsip.layouts import free_place
from greenroom.handlers.portsip.tenants import tenant_of


def present(call: Call, room: Json) -> list[Json]:
    """Everybody in the room, in order of entry."""
    return call.collection("participants").find(room_id=room["id"])


def check_online(room: Json) -> None:
    """Refuse what needs a server while the room is on none."""
    if not room["server_id"]:
        raise RoomStateError("the room is OFFLINE")


def check_entry(call: Call, room: Json, number: str) -> None:
    """Refuse another participant where there is a reason to."""
    check_online(room)
    people = present(call, room)
    if any(person["number"] == number for person in people):
        raise AlreadyExistsError("number", number)
    if room["locked"]:
        raise RoomStateError("the room is locked")
    if len(people) >= room["capacity"]:
        raise RoomStateError(f"the room is full, it holds {room['capacity']}")
    server = call.shared("conference_servers").get(room["server_id"])
    on_server = call.everywhere("participants").count(server_id=server["id"])
    if on_server >= server["max_participants"]:
        raise RoomStateError(f"the server is full, it holds {server['max_participants']}")


def enter(call: Call, room: Json, number: str, *, name: str = "", leads: bool = False) -> Json:
    """Somebody is in the call; the first one in leads it, and whoever comes to lead."""
    people = present(call, room)
    chairman = leads or not people
    if chairman:
        _step_down(call, room)
    if not people and room["enable_recording"]:
        call.collection("conference_rooms").save(recorder.started(call, room))
    newcomer = {
        "id": new_id(call),
        "room_id": room["id"],
        "server_id": room["server_id"],
        "number": number,
        "display_name": display_name(call, number, name),
        "muted": room["muted"] or (room["control"] == "MASTER" and not chairman),
        "chairman": chairman,
        "position": free_place(room, people),
        "talking": False,
    }
    return call.collection("participants").add(newcomer)


def display_name(call: Call, number: str, name: str = "") -> str:
    """A quoted name and a SIP address; without a name the extension's, else the number."""
    user = user_at(call, number) or {}
    shown = name or user.get("display_name") or number
    escaped = shown.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"<sip:{quote(number, safe="+*")}@{tenant_of(call).domain}>'


def promote(call: Call, room: Json, person: Json) -> None:
    """This one alone leads; under MASTER control the new chairman may speak."""
    if not person["chairman"]:
        _step_down(call, room)
        muted = person["muted"] and room["control"] != "MASTER"
        call.collection("participants").save(person | {"chairman": True, "muted": muted})


def _step_down(call: Call, room: Json) -> None:
    participants = call.collection("participants")
    for person in participants.find(room_id=room["id"], chairman=True):
        participants.save(person | {"chairman": False})


def leave(call: Call, room: Json, person: Json) -> None:
    """Somebody is gone; with the chairman the lead passes on, with the last one the call ends."""
    call.collection("participants").remove(person["id"])
    people = present(call, room)
    if not people:
        call.collection("conference_rooms").save(ended(call, room))
    elif person["chairman"]:
        promote(call, room, people[0])


def ended(call: Call, room: Json) -> Json:
    """The room after its call: nobody in, nothing recorded, every switch back."""
    for person in present(call, room):
        call.collection("participants").remove(person["id"])
    return recorder.stopped(call, room) | {"locked": False, "muted": False}
