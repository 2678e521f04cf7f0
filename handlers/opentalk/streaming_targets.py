"""Streaming targets: where else a meeting can be watched."""

from __future__ import annotations

from greenroom.emulator.toolkit import Call, Json, Reply
from greenroom.handlers.opentalk.access import room_of
from greenroom.handlers.opentalk.errors import BadRequestError, MissingError
from greenroom.handlers.opentalk.notifications import event_changed
from greenroom.handlers.opentalk.paging import paged
from greenroom.handlers.opentalk.profiles import profile
from greenroom.handlers.opentalk.shapes import target_shape
from greenroom.handlers.opentalk.venues import make_target, target_members


def get_streaming_targets(call: Call, room_id: str, per_page: int, page: int) -> Reply:
    """List where the room is streamed to, keys and all."""
    room = room_of(call, room_id)
    targets = call.collection("streaming_targets").find(room_id=room["id"])
    return paged(call, targets, target_shape, per_page=per_page, page=page)


def post_streaming_target(
    call: Call, room_id: str, body: Json, suppress_email_notification: bool = False
) -> Json:
    """Add one; whoever is invited to the room's event is told."""
    room = room_of(call, room_id)
    target = make_target(call, room["id"], body)
    _tell(call, room, suppress=suppress_email_notification)
    return target_shape(target)


def get_streaming_target(call: Call, room_id: str, streaming_target_id: str) -> Json:
    """Show one."""
    return target_shape(_target_of(call, room_of(call, room_id), streaming_target_id))


def patch_streaming_target(
    call: Call,
    room_id: str,
    streaming_target_id: str,
    body: Json,
    suppress_email_notification: bool = False,
) -> Json:
    """Change what is given; nothing at all is refused."""
    room = room_of(call, room_id)
    target = _target_of(call, room, streaming_target_id)
    changes = target_members(body)
    if not changes:
        raise BadRequestError("Give something to change.")
    changed = call.collection("streaming_targets").save(target | changes)
    _tell(call, room, suppress=suppress_email_notification)
    return target_shape(changed)


def delete_streaming_target(
    call: Call, room_id: str, streaming_target_id: str, suppress_email_notification: bool = False
) -> None:
    """Take one away; the server of the release is content if there is none."""
    room = room_of(call, room_id)
    targets = call.collection("streaming_targets")
    try:
        targets.remove(_target_of(call, room, streaming_target_id)["id"])
    except MissingError:
        if profile(call).misses_missing:
            raise
    _tell(call, room, suppress=suppress_email_notification)


def _target_of(call: Call, room: Json, target_id: str) -> Json:
    target = call.collection("streaming_targets").first(id=target_id.lower())
    if target is None or target["room_id"] != room["id"]:
        raise MissingError("streaming target of this room")
    return target


def _tell(call: Call, room: Json, *, suppress: bool) -> None:
    event = call.collection("events").first(room_id=room["id"])
    if event is not None:
        event_changed(call, event, suppress=suppress)
