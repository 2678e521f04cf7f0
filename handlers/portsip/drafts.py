"""What a request makes of a room, and the rules the outcome must keep."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from greenroom.emulator.toolkit import Call, Json, Violation
from greenroom.handlers.portsip import instants
from greenroom.handlers.portsip.errors import FieldsError, broken
from greenroom.handlers.portsip.layouts import AUTOMATIC

VIDEO_DEFAULTS = {
    "height": 720,
    "width": 1280,
    "bitrate": 1024,
    "framerate": 15,
    "layout": AUTOMATIC,
}
DEFAULTS = {"enable_prompt": True}
CHANGEABLE = (
    "control",
    *VIDEO_DEFAULTS,
    "subject",
    "language",
    "capacity",
    "admin_pin",
    "room_pin",
    "enable_prompt",
    "timezone",
    "scheduled_start_at",
    "scheduled_end_at",
    "numbers",
    "internal_invitees",
    "external_invitees",
    "outbound_caller_ids",
    "custom_options",
)
SCHEDULE = ("scheduled_start_at", "scheduled_end_at")


def blank_room(body: Json) -> Json:
    """A room with what is settled at creation and nothing else."""
    video = body["mode"] == "VIDEO"
    return {
        **dict.fromkeys(CHANGEABLE),
        **DEFAULTS,
        **(VIDEO_DEFAULTS if video else {}),
        "extension_number": body["extension_number"],
        "mode": body["mode"],
        "enable_recording": bool(body["enable_recording"]),
        "locked": False,
        "muted": False,
        "recording_since": None,
    }


def drafted(room: Json, body: Json) -> Json:
    """The room with what the body says; null brings a default back, or nothing."""
    video = room["mode"] == "VIDEO"
    defaults: Mapping[str, Any] = DEFAULTS | (VIDEO_DEFAULTS if video else {})
    changes = {field: body[field] for field in CHANGEABLE if field in body}
    return room | {
        field: defaults.get(field) if value is None else _TIDY.get(field, _as_it_is)(value)
        for field, value in changes.items()
    }


def _as_it_is(value: Any) -> Any:
    return value


def _instant(text: str) -> str | None:
    moment = instants.read(text)
    return None if moment is None else instants.written(moment)


def _caller_ids(entries: list[Json]) -> list[Json]:
    shown = ("provider_id", "caller_id", "description")
    return [{field: entry.get(field) for field in shown} for entry in entries]


_TIDY: Mapping[str, Callable[[Any], Any]] = {
    "scheduled_start_at": _instant,
    "scheduled_end_at": _instant,
    "outbound_caller_ids": _caller_ids,
}


def check_draft(call: Call, room: Json, body: Json) -> None:
    """Refuse a draft that breaks rules, naming every field that does."""
    found = [*_video_only(room, body), *_schedule(room, body), *_capacity(call, body)]
    if found:
        raise FieldsError(*found)


def _video_only(room: Json, body: Json) -> Iterator[Violation]:
    for field in VIDEO_DEFAULTS:
        if room["mode"] != "VIDEO" and body.get(field) is not None:
            yield broken(field, "is only valid in a VIDEO room.", body[field])


def _schedule(room: Json, body: Json) -> Iterator[Violation]:
    for field in SCHEDULE:
        if body.get(field) is not None and instants.read(body[field]) is None:
            yield broken(field, "is not a moment of the years 1 to 9999.", body[field])
    start, end = (room[field] for field in SCHEDULE)
    if start is not None and end is not None and end <= start:
        yield broken("scheduled_end_at", "must be later than scheduled_start_at.", end)


def _capacity(call: Call, body: Json) -> Iterator[Violation]:
    servers = call.shared("conference_servers").find(enabled=True)
    largest = max((server["max_participants"] for server in servers), default=None)
    if largest is not None and body.get("capacity", 0) > largest:
        reason = f"must be at most {largest}, which the largest server takes."
        yield broken("capacity", reason, body["capacity"])
