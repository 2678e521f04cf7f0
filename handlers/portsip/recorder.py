"""Recording a room: from the start to an item in the list."""

from __future__ import annotations

from greenroom.emulator.toolkit import Call, Json
from greenroom.handlers.portsip import instants
from greenroom.handlers.portsip.identifiers import decoded, new_id

SUFFIXES = {"AUDIO": "wav", "VIDEO": "mp4"}


def started(call: Call, room: Json) -> Json:
    """The room with a recording running, the one that runs already if there is one."""
    return room | {"recording_since": room["recording_since"] or instants.now(call)}


def stopped(call: Call, room: Json) -> Json:
    """The room with no recording running; what ran is in the list now."""
    if room["recording_since"] is not None:
        call.collection("recordings").add(_recording(call, room))
    return room | {"recording_since": None}


def _recording(call: Call, room: Json) -> Json:
    id_, since, until = new_id(call), room["recording_since"], instants.now(call)
    name = f"{decoded(room['id'])}_{decoded(id_)}_{room['extension_number']}"
    return {
        "id": id_,
        "room_id": room["id"],
        "answered_at": since,
        "ended_at": until,
        "duration": instants.seconds_between(since, until),
        "file_name": f"{name}.{SUFFIXES[room['mode']]}",
        "digest": call.ids.hex(64),
        "status": "UNREAD",
    }
