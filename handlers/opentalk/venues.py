"""Making rooms and the ways into them, for whatever needs one."""

from __future__ import annotations

from greenroom.emulator.toolkit import Call, Json
from greenroom.handlers.opentalk import instants
from greenroom.handlers.opentalk.access import me
from greenroom.handlers.opentalk.addresses import normal_url

# What is kept beside a room and names it by `room_id`.
BELONGINGS = ("invite_codes", "streaming_targets", "assets")
DIGITS = "0123456789"
TARGET_MEMBERS = ("name", "kind", "streaming_endpoint", "streaming_key", "public_url")


def make_room(call: Call, password: str | None, *, waiting_room: bool | None) -> Json:
    """A new room of the caller's."""
    room = {
        "id": call.ids.uuid(),
        "created_by": me(call)["id"],
        "created_at": instants.now(call),
        "password": password or "",
        "waiting_room": bool(waiting_room),
    }
    return call.collection("rooms").add(room)


def make_sip_config(
    call: Call, room_id: str, *, password: str | None = None, lobby: bool | None = None
) -> Json:
    """A way into the room by phone."""
    config = {
        "id": room_id,
        "sip_id": _free_sip_id(call),
        "password": password or call.ids.text(10, DIGITS),
        "lobby": bool(lobby),
    }
    return call.collection("sip_configs").add(config)


def _free_sip_id(call: Call) -> str:
    """A number that no other room of any tenant has."""
    taken = call.everywhere("sip_configs")
    offered = iter(lambda: call.ids.text(10, DIGITS), "")
    return next(sip_id for sip_id in offered if not taken.count(sip_id=sip_id))


def make_code(call: Call, room_id: str, *, expires_at: str | None = None) -> Json:
    """A new invite code of the caller's for the room."""
    now, caller = instants.now(call), me(call)["id"]
    code = {
        "id": call.ids.uuid(),
        "room_id": room_id,
        "created_by": caller,
        "created_at": now,
        "updated_by": caller,
        "updated_at": now,
        "active": True,
        "expires_at": expires_at,
    }
    return call.collection("invite_codes").add(code)


def ensure_code(call: Call, room_id: str) -> None:
    """Let the room have an invite code, a lasting one if it has none yet."""
    if not call.collection("invite_codes").count(room_id=room_id):
        make_code(call, room_id)


def make_target(call: Call, room_id: str, body: Json) -> Json:
    """A new place for the room to be streamed to."""
    target = {"id": call.ids.uuid(), "room_id": room_id, **target_members(body)}
    return call.collection("streaming_targets").add(target)


def target_members(body: Json) -> Json:
    """What a client says of a streaming target, addresses in their normal form."""
    members = {name: body[name] for name in TARGET_MEMBERS if body.get(name) is not None}
    for name in ("streaming_endpoint", "public_url"):
        if name in members:
            members[name] = normal_url(members[name])
    return members
