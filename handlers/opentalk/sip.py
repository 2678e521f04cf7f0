"""The way into a room by phone."""

from __future__ import annotations

from greenroom.emulator.toolkit import Call, Json
from greenroom.handlers.opentalk.access import room_of
from greenroom.handlers.opentalk.errors import MissingError, NothingToChangeError
from greenroom.handlers.opentalk.features import need_call_in
from greenroom.handlers.opentalk.shapes import sip_shape
from greenroom.handlers.opentalk.venues import make_sip_config


def get_sip(call: Call, room_id: str) -> Json:
    """Show id and PIN."""
    room = _room(call, room_id)
    config = call.collection("sip_configs").first(id=room["id"])
    if config is None:
        raise MissingError("SIP configuration: the room has none")
    return sip_shape(config)


def put_sip(call: Call, room_id: str, body: Json) -> tuple[Json, int]:
    """Make one with what is given, or change that; the number is never the client's to choose."""
    room = _room(call, room_id)
    given = {name: body[name] for name in ("password", "lobby") if body.get(name) is not None}
    if not given:
        raise NothingToChangeError
    configs = call.collection("sip_configs")
    config = configs.first(id=room["id"])
    if config is None:
        return sip_shape(make_sip_config(call, room["id"], **given)), 201
    return sip_shape(configs.save(config | given)), 200


def delete_sip(call: Call, room_id: str) -> None:
    """Close the way; where there is none that is fine too."""
    room = _room(call, room_id)
    configs = call.collection("sip_configs")
    if room["id"] in configs:
        configs.remove(room["id"])


def _room(call: Call, room_id: str) -> Json:
    room = room_of(call, room_id)
    need_call_in(call, room["created_by"])
    return room
