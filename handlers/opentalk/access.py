"""Who may do what: one table by operation, and the only two doors to rooms and events."""

from __future__ import annotations

from enum import IntEnum
from typing import NoReturn

from greenroom.emulator.toolkit import Call, Json
from greenroom.handlers.opentalk.errors import BareDenialError, DeniedError, MissingError
from greenroom.handlers.opentalk.formats import is_uuid
from greenroom.handlers.opentalk.profiles import profile


class Tie(IntEnum):
    """How a caller is tied to a room or an event; whoever is tied closer may do more."""

    NONE = 0
    CODE = 1
    INVITED = 2
    OWNER = 3


# dossier 3.4; an operation on a room or an event that is missing here is nobody's
LEAST = {
    "get_room": Tie.INVITED,
    "patch_room": Tie.OWNER,
    "delete_room": Tie.OWNER,
    "get_room_tariff": Tie.CODE,
    "get_room_event": Tie.CODE,
    "signaling_start": Tie.INVITED,
    "get_all_invites": Tie.INVITED,
    "create_invite": Tie.OWNER,
    "get_invite": Tie.OWNER,
    "put_invite": Tie.OWNER,
    "delete_invite": Tie.OWNER,
    "get_sip": Tie.OWNER,
    "put_sip": Tie.OWNER,
    "delete_sip": Tie.OWNER,
    "get_all_assets": Tie.INVITED,
    "get_asset": Tie.INVITED,
    "delete_asset": Tie.OWNER,
    "get_streaming_targets": Tie.INVITED,
    "post_streaming_target": Tie.OWNER,
    "get_streaming_target": Tie.OWNER,
    "patch_streaming_target": Tie.OWNER,
    "delete_streaming_target": Tie.OWNER,
    "get_event": Tie.INVITED,
    "patch_event": Tie.OWNER,
    "delete_event": Tie.OWNER,
    "get_event_instances": Tie.INVITED,
    "get_event_instance": Tie.INVITED,
    "patch_event_instance": Tie.OWNER,
    "create_event_invites": Tie.OWNER,
    "get_event_invites": Tie.INVITED,
    "update_event_invite": Tie.OWNER,
    "delete_event_invite": Tie.OWNER,
    "delete_email_invite": Tie.OWNER,
    "accept_event_invite": Tie.INVITED,
    "decline_event_invite": Tie.INVITED,
    "get_shared_folder": Tie.INVITED,
    "put_shared_folder": Tie.OWNER,
    "delete_shared_folder": Tie.OWNER,
    "add_event_favorite": Tie.INVITED,
    "delete_event_favorite": Tie.INVITED,
}
# dossier 3.4: the document has a 403 for these alone
TOLD_APART = frozenset({"patch_room", "update_event_invite"})
# dossier 3.5: what an invite code is a credential for
WITH_CODE = frozenset({"get_room_tariff", "get_room_event", "get_turn"})
# dossier 3.6: the role a service needs
SERVICES = {"start_sip": "opentalk-call-in"}


def me(call: Call) -> Json:
    """The user who is calling."""
    assert call.caller is not None
    user: Json = call.caller.attributes["user"]
    return user


def room_of(call: Call, room_id: str) -> Json:
    """The room, if the caller may do this with it."""
    need_uuid("room", room_id)
    room = call.collection("rooms").first(id=room_id.lower())
    if room is None or _tie_to_room(call, room) < _least(call):
        if room is not None and _is_open_to_all(call):
            return room
        refuse(call, "room", exists=room is not None)
    return room


def event_of(call: Call, event_id: str) -> Json:
    """The event, if the caller may do this with it."""
    need_uuid("event", event_id)
    event = call.collection("events").first(id=event_id.lower())
    if event is None or _user_to_event(call, event, me(call)["id"]) < _least(call):
        refuse(call, "event", exists=event is not None)
    return event


def need_uuid(what: str, text: str) -> None:
    """Find nothing under what is no id, before anybody's rights are looked at (dossier 2)."""
    if not is_uuid(text):
        raise MissingError(what)


def refuse(call: Call, what: str, *, exists: bool) -> NoReturn:
    """Turn away somebody who has no right to this, or asks for what is not there."""
    if profile(call).denies_bare:
        raise BareDenialError
    if exists and _operation(call) in TOLD_APART:
        raise DeniedError
    raise MissingError(what)


def is_invited(call: Call, event: Json, user_id: str) -> bool:
    """Whether this user has an invite to the event, whatever was answered to it."""
    return f"{event['id']}:{user_id}" in call.collection("event_invites")


def may_enter(call: Call, room: Json, user_id: str) -> bool:
    """Whether this user would be given a ticket for the room, unless banned."""
    return call.option("all_rooms_access") or _user_to_room(call, room, user_id) >= Tie.INVITED


def _tie_to_room(call: Call, room: Json) -> Tie:
    assert call.caller is not None
    code = call.caller.attributes.get("code")
    if code is not None:
        return Tie.CODE if code["room_id"] == room["id"] else Tie.NONE
    return _user_to_room(call, room, me(call)["id"])


def _user_to_room(call: Call, room: Json, user_id: str) -> Tie:
    if room["created_by"] == user_id:
        return Tie.OWNER
    event = call.collection("events").first(room_id=room["id"])
    return _user_to_event(call, event, user_id) if event is not None else Tie.NONE


def _user_to_event(call: Call, event: Json, user_id: str) -> Tie:
    if event["created_by"] == user_id:
        return Tie.OWNER
    return Tie.INVITED if is_invited(call, event, user_id) else Tie.NONE


def _is_open_to_all(call: Call) -> bool:
    """Whether a switch lets every user of the tenant look at and enter every room."""
    assert call.operation is not None
    assert call.caller is not None
    looks = call.operation.method == "GET" or call.operation.id == "signaling_start"
    return bool(looks and call.option("all_rooms_access") and "user" in call.caller.attributes)


def _least(call: Call) -> Tie:
    return LEAST[_operation(call)]


def _operation(call: Call) -> str:
    return call.operation.id if call.operation is not None else ""
