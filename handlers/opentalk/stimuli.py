"""What the outside world does to meetings: people come, speak, raise a hand and go."""

from __future__ import annotations

import base64
from typing import Literal

from greenroom.emulator.toolkit import Call, ConflictError, Json, NotFoundError
from greenroom.handlers.opentalk import instants
from greenroom.handlers.opentalk.access import may_enter
from greenroom.handlers.opentalk.attendance import (
    MODERATOR,
    depart,
    enter,
    is_full,
    must_wait,
    newcomer,
    wait,
)
from greenroom.handlers.opentalk.control import move_hand
from greenroom.handlers.opentalk.features import can_call_in
from greenroom.handlers.opentalk.media import speak
from greenroom.handlers.opentalk.meetings import JOINED, PRESENT, close, everybody_in, meeting_of

FILM = base64.b64encode(b"\x1a\x45\xdf\xa3 a recording that shows nothing").decode()


def participant_joins(
    call: Call,
    meeting: str,
    role: Literal["moderator", "member"] = "member",
    name: str | None = None,
    number: str | None = None,
    pin: str | None = None,
    who: str | None = None,
) -> Json:
    """Somebody comes into a room; `meeting` is the room's id.

    One of the cast comes as a registered user, who has to be invited, a number by phone with the
    PIN of the room's SIP configuration, anybody else as a guest, for whom `pin` is the room's
    password. With a waiting room he waits there until a moderator accepts him.
    """
    inside = call.holding("rooms", meeting)
    room = inside.collection("rooms").get(meeting)
    user = _cast(inside, who) if who is not None else None
    _check_entry(inside, room, user, number, pin)
    there = meeting_of(inside, room)
    person = newcomer(
        inside,
        there,
        room,
        id=inside.ids.uuid(),
        kind="user" if user else "sip" if number else "guest",
        user=user,
        name=name or (user["display_name"] if user else number or "Guest"),
        socket=None,
    )
    if role == "moderator":
        person["role"] = MODERATOR
    if is_full(inside, there, room):
        raise ConflictError("The tariff lets nobody else into the room.")
    if must_wait(there, person):
        wait(inside, there, person)
    else:
        enter(inside, there, room, person)
    return {"participant": person["id"]}


def _cast(call: Call, who: str) -> Json:
    token = call.shared("tokens").first(id=who)
    found = token and call.collection("users").first(id=token.get("user_id"))
    if not found:
        raise ConflictError(f"{who} is no user of the room's tenant; give a name instead.")
    return found


def _check_entry(
    call: Call, room: Json, user: Json | None, number: str | None, pin: str | None
) -> None:
    meeting = call.collection("meetings").first(id=room["id"])
    if user is not None:
        if not may_enter(call, room, user["id"]):
            raise ConflictError("This user is not invited to the room; give a name instead.")
        if meeting is not None and user["id"] in meeting["banned"]:
            raise ConflictError("This user is banned from the room until everybody has left it.")
        if any(each["user_id"] == user["id"] for each in everybody_in(call, room["id"])):
            raise ConflictError("This user is in the room already.")
    elif number is not None:
        config = call.collection("sip_configs").first(id=room["id"])
        rings = can_call_in(call, room["created_by"])
        if config is None or not rings or pin not in (None, config["password"]):
            raise ConflictError("The room takes no calls, or the PIN is another one.")
    elif room["password"] and pin != room["password"]:
        raise ConflictError("The password of the room is another one.")


def participant_leaves(call: Call, meeting: str, participant: str) -> None:
    """Somebody goes."""
    inside, there, person = _find(call, meeting, participant, *PRESENT)
    depart(inside, there, person)
    if person["socket"] is not None:
        inside.hang_up(person["socket"])


def participant_talks(call: Call, meeting: str, participant: str) -> None:
    """Somebody begins to speak."""
    speak(*_find(call, meeting, participant, JOINED), True)


def participant_goes_silent(call: Call, meeting: str, participant: str) -> None:
    """Somebody stops speaking."""
    speak(*_find(call, meeting, participant, JOINED), False)


def participant_raises_hand(call: Call, meeting: str, participant: str) -> None:
    """Somebody raises a hand."""
    inside, there, person = _find(call, meeting, participant, JOINED)
    if not there["raise_hands"]:
        raise ConflictError("Raising hands is switched off.")
    move_hand(inside, there, person, up=True)


def participant_lowers_hand(call: Call, meeting: str, participant: str) -> None:
    """Somebody takes the hand down."""
    inside, there, person = _find(call, meeting, participant, JOINED)
    move_hand(inside, there, person, up=False)


def recording_finishes(call: Call, meeting: str) -> None:
    """A recording of the room is done and lies among its assets."""
    inside = call.holding("rooms", meeting)
    number = inside.collection("assets").count(room_id=meeting) + 1
    asset = {
        "id": inside.ids.uuid(),
        "room_id": meeting,
        "filename": f"recording-{number}.mkv",
        "namespace": "recording",
        "created_at": instants.now(inside),
        "content": FILM,
    }
    inside.collection("assets").add(asset)


def meeting_ends(call: Call, meeting: str) -> None:
    """Everybody goes, as when the time of the tariff is over."""
    inside = call.holding("rooms", meeting)
    close(inside, meeting, "time_limit_quota_elapsed")


def _find(call: Call, meeting: str, participant: str, *standings: str) -> tuple[Call, Json, Json]:
    """The call inside the room's tenant, the meeting, and the one in the room with this id."""
    inside = call.holding("rooms", meeting)
    person = inside.collection("participants").first(id=participant)
    if person is None or person["room_id"] != meeting or person["standing"] not in standings:
        raise NotFoundError(f"There is no participant {participant} in {meeting}.")
    return inside, inside.collection("meetings").get(person["meeting"]), person
