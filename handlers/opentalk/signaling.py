"""Starting a session: a user, a guest or a caller on the phone asks to be let into a room."""

from __future__ import annotations

from greenroom.emulator.toolkit import Call, Json
from greenroom.handlers.opentalk.access import me, need_uuid, room_of
from greenroom.handlers.opentalk.auth import is_good
from greenroom.handlers.opentalk.errors import (
    BadRequestError,
    BannedError,
    InvalidBreakoutRoomError,
    InvalidCredentialsError,
    MissingError,
    NoBreakoutRoomsError,
    WrongRoomPasswordError,
)
from greenroom.handlers.opentalk.features import need_call_in
from greenroom.handlers.opentalk.handshake import shown_ticket
from greenroom.handlers.opentalk.invite_codes import known_code
from greenroom.handlers.opentalk.profiles import profile
from greenroom.handlers.opentalk.tickets import issue


def signaling_start(call: Call, room_id: str, body: Json) -> Json:
    """Give a ticket to a user; users need no password."""
    room = room_of(call, room_id)
    user_id = me(call)["id"]
    meeting = _meeting(call, room)
    if user_id in meeting.get("banned", []):
        raise BannedError
    return issue(
        call,
        room,
        kind="user",
        user_id=user_id,
        breakout_room=_breakout_room(meeting, body),
        resumption=body.get("resumption"),
    )


def signaling_start_invited(call: Call, room_id: str, body: Json) -> Json:
    """Give a ticket to a guest who has a good code of this room, and its password."""
    need_uuid("room", room_id)
    inside, room = _room_behind(call, room_id, body["invite_code"])
    if room["password"] and body.get("password") != room["password"]:
        raise WrongRoomPasswordError
    breakout_room = _breakout_room(_meeting(inside, room), body)
    resumption = body.get("resumption")
    return issue(inside, room, kind="guest", breakout_room=breakout_room, resumption=resumption)


def _room_behind(call: Call, room_id: str, text: str) -> tuple[Call, Json]:
    """The room that the code opens, and the call inside its tenant."""
    known = known_code(call, text)
    if known is None or not is_good(call, known[1]):
        raise MissingError("invite code, or it is no longer good")
    tenant, code = known
    if code["room_id"] != room_id.lower():
        raise BadRequestError("The invite code is for another room.")
    inside = call.within(tenant)
    return inside, inside.collection("rooms").get(code["room_id"])


def start_sip(call: Call, body: Json) -> Json:
    """Give a ticket to a caller on the phone who knows a room's number and PIN."""
    found = call.everywhere("sip_configs").find(sip_id=body["id"])
    if not found or found[0][1]["password"] != body["pin"]:
        raise InvalidCredentialsError(profile(call).wrong_pin)
    tenant, config = found[0]
    inside = call.within(tenant)
    room = inside.collection("rooms").get(config["id"])
    need_call_in(inside, room["created_by"])
    return issue(inside, room, kind="sip")


def _meeting(call: Call, room: Json) -> Json:
    """What is going on in the room; empty when nothing is."""
    return call.collection("meetings").first(id=room["id"]) or {}


def _breakout_room(meeting: Json, body: Json) -> str | None:
    """The breakout room asked for, if it is one of those there are."""
    asked = body.get("breakout_room")
    if asked is None:
        return None
    rooms = [each["id"] for each in meeting.get("breakout_rooms", [])]
    if not rooms:
        raise NoBreakoutRoomsError
    if str(asked).lower() not in rooms:
        raise InvalidBreakoutRoomError
    return str(asked).lower()


def signaling_websocket(call: Call) -> None:
    """Refuse what asks for the signaling without being a WebSocket, as a bad one is refused."""
    shown_ticket(call)
    raise BadRequestError("Ask for an upgrade to a WebSocket.")


def signaling_websocket_root(call: Call) -> None:
    """Do the same where the server of the release has it."""
    signaling_websocket(call)
