"""The module every participant speaks first: coming in, hands and roles (dossier 8.5)."""

from __future__ import annotations

from greenroom.emulator.toolkit import Call, Json
from greenroom.handlers.opentalk import instants
from greenroom.handlers.opentalk.attendance import (
    GUEST,
    MODERATOR,
    USER,
    enter,
    is_full,
    must_wait,
    newcomer,
    wait,
)
from greenroom.handlers.opentalk.events import about, signal
from greenroom.handlers.opentalk.meetings import ACCEPTED, JOINED, PRESENT, others
from greenroom.handlers.opentalk.talk import Action, SignalingError, Talk

NAME_BYTES = 100


def refuse(error: str) -> SignalingError:
    """A refusal of this module."""
    return SignalingError("control", error)


def join(talk: Talk) -> None:
    """Come in, or take a seat in the waiting room."""
    if talk.person is not None and talk.person["standing"] in PRESENT:
        raise refuse("already_joined")
    call, socket = talk.call, talk.socket
    user_id = socket["user_id"]
    user = call.collection("users").get(user_id) if user_id is not None else None
    person = newcomer(
        call,
        talk.meeting,
        talk.room,
        id=socket["participant_id"],
        kind=socket["kind"],
        user=user,
        name=_name(call, user, talk.command.get("display_name")),
        socket=socket["id"],
    )
    if is_full(call, talk.meeting, talk.room):
        _block(talk)
    elif must_wait(talk.meeting, person):
        wait(call, talk.meeting, person)
    else:
        enter(call, talk.meeting, talk.room, person)


def _name(call: Call, user: Json | None, wanted: str | None) -> str:
    """The name to be shown, blanks collapsed; a user who gives none has his own."""
    if user is not None and (wanted is None or not call.option("custom_display_names")):
        return str(user["display_name"])
    name = " ".join((wanted or "").split())
    if not name or len(name.encode()) > NAME_BYTES:
        raise refuse("invalid_username")
    return name


def enter_room(talk: Talk) -> None:
    """Go from the waiting room into the meeting, once accepted."""
    person = talk.person
    if person is None or person["standing"] != ACCEPTED:
        raise refuse("not_accepted_or_not_in_waiting_room")
    if is_full(talk.call, talk.meeting, talk.room):
        _block(talk)
        return
    enter(talk.call, talk.meeting, talk.room, person)


def _block(talk: Talk) -> None:
    payload = {"message": "join_blocked", "reason": "participant_limit_reached"}
    talk.reply("control", payload)


def raise_hand(talk: Talk) -> None:
    """Put one's hand up, unless that is switched off."""
    if not talk.meeting["raise_hands"]:
        raise refuse("raise_hands_disabled")
    move_hand(talk.call, talk.meeting, talk.speaker, up=True)


def lower_hand(talk: Talk) -> None:
    """Take one's hand down."""
    move_hand(talk.call, talk.meeting, talk.speaker, up=False)


def move_hand(call: Call, meeting: Json, person: Json, *, up: bool) -> None:
    """Put somebody's hand up or down: he is told so, and the others see it."""
    message = "hand_raised" if up else "hand_lowered"
    call.emit(signal(call, [person], "control", message))
    set_hand(call, meeting, person, up=up)


def set_hand(call: Call, meeting: Json, person: Json, *, up: bool) -> None:
    """Move somebody's hand where the others see it."""
    moved = {"hand_is_up": up, "hand_updated_at": instants.now(call)}
    update(call, meeting, call.collection("participants").save(person | moved))


def update(call: Call, meeting: Json, person: Json) -> None:
    """Show the others what became of somebody."""
    for event in about(call, others(call, meeting, person), "control", "update", person):
        call.emit(event)


def grant_moderator_role(talk: Talk) -> None:
    """Make somebody a moderator."""
    _change_role(talk, MODERATOR)


def revoke_moderator_role(talk: Talk) -> None:
    """Take the role of a moderator from somebody, but never from the room's owner."""
    _change_role(talk, None)


def _change_role(talk: Talk, wanted: str | None) -> None:
    talk.check_moderator("control")
    target = talk.target()
    if target is None:
        raise refuse("not_yet_joined")
    if target["is_room_owner"]:
        raise refuse("target_is_room_owner")
    role = wanted or (USER if target["user_id"] is not None else GUEST)
    if (target["role"] == MODERATOR) is (role == MODERATOR):
        raise refuse("nothing_to_do")
    call, target = talk.call, talk.save(target, role=role)
    call.emit(signal(call, [target], "control", "role_updated", new_role=role))
    update(call, talk.meeting, target)


ACTIONS = {
    "join": Action(join, {"display_name?": str}),
    "enter_room": Action(enter_room),
    "raise_hand": Action(raise_hand),
    "lower_hand": Action(lower_hand),
    "grant_moderator_role": Action(grant_moderator_role, {"target": str}),
    "revoke_moderator_role": Action(revoke_moderator_role, {"target": str}),
}
BEFORE_JOINING = frozenset({"join", "enter_room"})


def check_joined(talk: Talk, action: str) -> None:
    """Refuse what only somebody who has come in can do."""
    if action not in BEFORE_JOINING and (talk.person is None or talk.person["standing"] != JOINED):
        raise refuse("not_yet_joined")
