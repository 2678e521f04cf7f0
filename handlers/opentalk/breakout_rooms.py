"""Breakout rooms: a meeting that splits, each part with signaling of its own (dossier 8.10)."""

from __future__ import annotations

from datetime import timedelta

from greenroom.emulator.toolkit import Call, Event, Json
from greenroom.handlers.opentalk import instants
from greenroom.handlers.opentalk.events import signal
from greenroom.handlers.opentalk.meetings import JOINED, change, joined
from greenroom.handlers.opentalk.talk import Action, SignalingError, Talk

LONGEST = 366 * 24 * 3600  # seconds


def start(talk: Talk) -> None:
    """Split the meeting: everybody is told the rooms, and which of them is his."""
    talk.check_moderator("breakout")
    call, duration = talk.call, talk.command.get("duration")
    if not _are_rooms(talk.command["rooms"]) or not 0 <= (duration or 0) <= LONGEST:
        raise SignalingError("control", "invalid_json")
    main = _main(call, talk.room["id"]) or talk.meeting
    rooms = [{"id": call.ids.uuid(), "name": each["name"]} for each in talk.command["rooms"]]
    assigned = {
        participant: room["id"]
        for room, each in zip(rooms, talk.command["rooms"], strict=True)
        for participant in each["assignments"]
    }
    expires = None
    if duration is not None:
        expires = instants.stamp(call.now() + timedelta(seconds=duration))
        call.later(
            timedelta(seconds=duration), "breakout_expires", meeting=main["id"], expires=expires
        )
    change(call, main, breakout_rooms=rooms, breakout_expires=expires)
    for each in joined(call, main):
        facts = {"rooms": rooms, "expires": expires, "assignment": assigned.get(each["id"])}
        call.emit(signal(call, [each], "breakout", "started", **facts))


def _are_rooms(rooms: list[object]) -> bool:
    """Whether this is a list of rooms with a name and who goes there."""
    return bool(rooms) and all(
        isinstance(each, dict)
        and isinstance(each.get("name"), str)
        and isinstance(each.get("assignments"), list)
        and all(isinstance(one, str) for one in each["assignments"])
        for each in rooms
    )


def stop(talk: Talk) -> None:
    """Bring everybody back together."""
    talk.check_moderator("breakout")
    main = _main(talk.call, talk.room["id"])
    if main is None or not main["breakout_rooms"]:
        raise SignalingError("breakout", "inactive")
    _end(talk.call, main, "stopped")


def breakout_expires(call: Call, meeting: str, expires: str) -> None:
    """The time for the breakout rooms is over, unless they were stopped or begun anew."""
    main = call.collection("meetings").first(id=meeting)
    if main is not None and main["breakout_expires"] == expires:
        _end(call, main, "expired")


def _end(call: Call, main: Json, message: str) -> None:
    change(call, main, breakout_rooms=[], breakout_expires=None)
    call.emit(signal(call, _everybody(call, main), "breakout", message))


def tell_of_arrival(call: Call, meeting: Json, person: Json) -> None:
    """Let those in the other rooms of a split meeting see where somebody went."""
    shown = {"display_name": person["display_name"], "role": person["role"]}
    _tell_the_others(call, meeting, person, "joined", **shown)


def tell_of_departure(call: Call, meeting: Json, person: Json) -> None:
    """Let those in the other rooms of a split meeting see that somebody is gone."""
    _tell_the_others(call, meeting, person, "left")


def _tell_the_others(
    call: Call, meeting: Json, person: Json, message: str, **members: object
) -> None:
    main = _main(call, meeting["room_id"])
    if main is None or not main["breakout_rooms"]:
        return
    elsewhere = [each for each in _everybody(call, main) if each["meeting"] != meeting["id"]]
    place = {"id": person["id"], "breakout_room": meeting["breakout_room"]}
    event: Event = signal(call, elsewhere, "breakout", message, **place, **members)
    call.emit(event)


def breakout_state(call: Call, meeting: Json) -> Json | None:
    """What somebody who comes in is told of the breakout rooms; None while there are none."""
    main = _main(call, meeting["room_id"])
    if main is None or not main["breakout_rooms"]:
        return None
    places = call.collection("meetings")
    return {
        "current": meeting["breakout_room"],
        "expires": main["breakout_expires"],
        "rooms": main["breakout_rooms"],
        "participants": [
            {
                "id": each["id"],
                "breakout_room": places.get(each["meeting"])["breakout_room"],
                "display_name": each["display_name"],
                "role": each["role"],
            }
            for each in _everybody(call, main)
            if each["meeting"] != meeting["id"]
        ],
    }


def _main(call: Call, room_id: str) -> Json | None:
    """The meeting of the whole room, if it is going on."""
    return call.collection("meetings").first(id=room_id)


def _everybody(call: Call, main: Json) -> list[Json]:
    """All who have come in, whichever room they are in."""
    found = call.collection("participants").find(room_id=main["room_id"])
    return [each for each in found if each["standing"] == JOINED]


ACTIONS = {"start": Action(start, {"rooms": list, "duration?": int}), "stop": Action(stop)}
