"""Participants: people in the call of a room, from entering to leaving."""

from __future__ import annotations

from datetime import timedelta

from greenroom.emulator.toolkit import Call, Json
from greenroom.handlers.portsip.attendance import (
    check_entry,
    check_online,
    enter,
    leave,
    present,
    promote,
)
from greenroom.handlers.portsip.errors import FieldsError, MissingError, broken
from greenroom.handlers.portsip.layouts import HIDDEN, grid_of
from greenroom.handlers.portsip.shapes import participant_shape


def list_conference_room_participants(call: Call, id_: str) -> Json:
    """Show everybody present in order of entry, with no pages and no count."""
    room = call.collection("conference_rooms").get(id_)
    return {"items": [participant_shape(person) for person in present(call, room)]}


def get_conference_room_participant(call: Call, id_: str, participant_id: str) -> Json:
    """Show one of those present."""
    return participant_shape(_find(call, id_, participant_id)[1])


def invite_conference_room_participant(call: Call, id_: str, body: Json) -> None:
    """Call a number; it answers after the ring time, unless it is busy or nobody answers."""
    room = call.collection("conference_rooms").get(id_)
    number = body["number"]
    check_entry(call, room, number)
    if number in (*call.option("busy_numbers"), *call.option("no_answer_numbers")):
        return
    ring = call.option("ring_seconds")
    if ring:
        call.later(timedelta(seconds=ring), "number_answers", room=id_, number=number)
    else:
        enter(call, room, number)


def number_answers(call: Call, room: str, number: str) -> None:
    """Let somebody who was called in, unless the room has become another in the meantime."""
    found = call.collection("conference_rooms").get(room)
    check_entry(call, found, number)
    enter(call, found, number)


def mute_conference_room_participant(call: Call, id_: str, participant_id: str) -> None:
    """Mute one person; the room's switch stays as it is."""
    _, person = _find(call, id_, participant_id)
    call.collection("participants").save(person | {"muted": True})


def unmute_conference_room_participant(call: Call, id_: str, participant_id: str) -> None:
    """Let one person speak, in a muted room too."""
    _, person = _find(call, id_, participant_id)
    call.collection("participants").save(person | {"muted": False})


def transfer_conference_room_ownership(call: Call, id_: str, participant_id: str) -> None:
    """Make this one the only chairman."""
    room, person = _find(call, id_, participant_id)
    promote(call, room, person)


def set_conference_room_participant_position(
    call: Call, id_: str, participant_id: str, body: Json
) -> None:
    """Move somebody to a place; whoever has it takes the one that becomes free."""
    _check_pictures(call.collection("conference_rooms").get(id_))
    room, mover = _find(call, id_, participant_id)
    people, place = call.collection("participants"), body["position"]
    if place >= grid_of(room):
        reason = f"must be less than {grid_of(room)}, which {room['layout']} shows."
        raise FieldsError(broken("position", reason, place))
    for other in people.find(room_id=id_, position=place) if place != HIDDEN else ():
        people.save(other | {"position": mover["position"]})
    people.save(mover | {"position": place})


def update_conference_room_participants_layout(call: Call, id_: str, body: Json) -> None:
    """Give the places out in the order of the list and hide everybody who is not in it."""
    room = call.collection("conference_rooms").get(id_)
    _check_pictures(room)
    people, shown = present(call, room), body["items"]
    _check_items(room, people, shown)
    for person in people:
        place = shown.index(person["id"]) if person["id"] in shown else HIDDEN
        call.collection("participants").save(person | {"position": place})


def kick_out_conference_room_participant(call: Call, id_: str, participant_id: str) -> None:
    """Send somebody out of the call at once."""
    room, person = _find(call, id_, participant_id)
    leave(call, room, person)


def _find(call: Call, room_id: str, participant_id: str) -> tuple[Json, Json]:
    """The room, and the one in it with this id."""
    room = call.collection("conference_rooms").get(room_id)
    person = call.collection("participants").first(id=participant_id, room_id=room_id)
    if person is None:
        raise MissingError("participants")
    return room, person


def _check_pictures(room: Json) -> None:
    """Refuse places in a room that shows nobody, and in one that is on no server."""
    if room["mode"] != "VIDEO":
        raise FieldsError(broken("mode", "places are only valid in a VIDEO room.", room["mode"]))
    check_online(room)


def _check_items(room: Json, people: list[Json], shown: list[str]) -> None:
    here = {person["id"] for person in people}
    if len(shown) > grid_of(room):
        reason = f"must have at most {grid_of(room)} items, which {room['layout']} shows."
        raise FieldsError(broken("items", reason, shown))
    strangers = [id_ for id_ in shown if id_ not in here]
    if strangers:
        reason = f"names nobody in the room with {', '.join(strangers)}."
        raise FieldsError(broken("items", reason, shown))
