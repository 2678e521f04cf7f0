"""Recordings of a room: what was said, and whether somebody has listened to it."""

from __future__ import annotations

from greenroom.emulator.toolkit import Call, Json
from greenroom.handlers.portsip.errors import MissingError
from greenroom.handlers.portsip.shapes import recording_shape


def list_conference_recordings(call: Call, id_: str) -> Json:
    """Show all finished recordings of a room, newest first, with their number."""
    call.collection("conference_rooms").get(id_)
    found = call.collection("recordings").find(room_id=id_)
    items = [recording_shape(recording) for recording in reversed(found)]
    return {"count": len(items), "items": items}


def delete_conference_recording(call: Call, id_: str, recording_id: str) -> None:
    """Remove a recording; its file is gone with it."""
    recording = _find(call, id_, recording_id)
    call.collection("recordings").remove(recording["id"])


def set_conference_recording_read(call: Call, id_: str, recording_id: str) -> None:
    """Mark a recording as listened to."""
    recording = _find(call, id_, recording_id)
    call.collection("recordings").save(recording | {"status": "READ"})


def set_conference_recording_un_read(call: Call, id_: str, recording_id: str) -> None:
    """Mark a recording as not listened to yet, whatever the vendor's title says."""
    recording = _find(call, id_, recording_id)
    call.collection("recordings").save(recording | {"status": "UNREAD"})


def _find(call: Call, room_id: str, recording_id: str) -> Json:
    """The recording with this id, of this room."""
    call.collection("conference_rooms").get(room_id)
    recording = call.collection("recordings").first(id=recording_id, room_id=room_id)
    if recording is None:
        raise MissingError("recordings")
    return recording
