"""Records as the API shows them: every key always there, null for what is not set."""

from __future__ import annotations

from greenroom.emulator.toolkit import Call, Json
from greenroom.handlers.portsip.audio import wav_size
from greenroom.handlers.portsip.filters import Fields
from greenroom.handlers.portsip.listing import Listed, Window
from greenroom.handlers.portsip.tenants import tenant_of

SERVER_FIELDS: Fields = {
    "id": "text",
    "name": "text",
    "enabled": "boolean",
    "type": "text",
    "ipv4": "text",
    "ipv6": "text",
    "max_rooms": "integer",
    "max_participants": "integer",
}
ROOM_FIELDS: Fields = {
    "id": "text",
    "extension_number": "text",
    "mode": "text",
    "control": "text",
    "height": "integer",
    "width": "integer",
    "bitrate": "integer",
    "framerate": "integer",
    "layout": "text",
    "subject": "text",
    "language": "text",
    "capacity": "integer",
    "admin_pin": "text",
    "room_pin": "text",
    "enable_recording": "boolean",
    "enable_prompt": "boolean",
    "timezone": "text",
    "created_at": "instant",
    "scheduled_start_at": "instant",
    "scheduled_end_at": "instant",
    "numbers": "text",
    "external_invitees": "text",
    "custom_options": "text",
}
SUMMARY = (*ROOM_FIELDS, "internal_invitees")


def server_shape(server: Json) -> Json:
    """A server, the same in lists and alone."""
    return {field: server.get(field) for field in SERVER_FIELDS}


def server_status_shape(server: Json, *, rooms: int, people: int) -> Json:
    """How busy a server is; the load grows with what is on it."""
    if not server["enabled"]:
        load = dict.fromkeys(("rooms_count", "participants_count", "cpu_usage", "memory_usage"), 0)
        return {**load, "status": "OFFLINE"}
    return {
        "rooms_count": rooms,
        "participants_count": people,
        "cpu_usage": min(5 + people, 100),
        "memory_usage": min(10 + rooms, 100),
        "status": "ONLINE",
    }


def room_summary(room: Json) -> Json:
    """A room as lists show it."""
    return {field: room.get(field) for field in SUMMARY}


def room_shape(room: Json, call: Call) -> Json:
    """A room with all its attributes, its tenant's included."""
    tenant = tenant_of(call)
    return room_summary(room) | {
        "domain": tenant.domain,
        "sbc_host": tenant.sbc_host,
        "sbc_port": tenant.sbc_port,
        "token": room["token"],
        "outbound_caller_ids": room.get("outbound_caller_ids"),
    }


def room_status_shape(room: Json, *, people: int) -> Json:
    """What is going on in a room."""
    online = "ON_CALL" if people else "ONLINE"
    return {
        "status": online if room["server_id"] else "OFFLINE",
        "locked": room["locked"],
        "muted": room["muted"],
        "recording": room["recording_since"] is not None,
    }


def participant_shape(person: Json) -> Json:
    """Somebody in the call."""
    shown = ("id", "display_name", "muted", "chairman", "position")
    return {field: person[field] for field in shown}


def recording_shape(recording: Json) -> Json:
    """A finished recording and where its file is."""
    shown = ("id", "answered_at", "ended_at", "duration", "file_name", "status")
    return {field: recording[field] for field in shown} | {
        "file_size": wav_size(recording["duration"]),
        "file_url": f"/api/blobs/{recording['digest']}",
    }


def page(window: Window, *, counted: bool = True) -> Json:
    """A page of a list, with the number of all matches if it is to be told."""
    count = {"count": window.count} if counted else {}
    return {**count, "items": window.items}


SERVERS = Listed(server_shape, SERVER_FIELDS, searched=("name", "ipv4", "ipv6"))
ROOMS = Listed(room_summary, ROOM_FIELDS, searched=("subject", "extension_number", "numbers"))
