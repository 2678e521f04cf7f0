"""What moderators do: send away, let in, and switch (dossier 8.8).

Whoever is no moderator is ignored, without a word.
"""

from __future__ import annotations

from collections.abc import Callable

from greenroom.emulator.toolkit import Json
from greenroom.handlers.opentalk.attendance import GUEST, MODERATOR, USER, depart, enter
from greenroom.handlers.opentalk.control import set_hand
from greenroom.handlers.opentalk.events import signal
from greenroom.handlers.opentalk.meetings import (
    ACCEPTED,
    JOINED,
    LEFT,
    WAITING,
    change,
    hang_up,
    joined,
    people,
)
from greenroom.handlers.opentalk.talk import Action, SignalingError, Talk

# Who has to go, by the scope of a debriefing.
SCOPES = {
    "guests": {GUEST},
    "users_and_guests": {GUEST, USER},
    "all": {GUEST, USER, MODERATOR},
}


def kick(talk: Talk) -> None:
    """Send somebody away; with a waiting room he has to pass it when he comes back."""
    target = talk.target() or talk.target(WAITING) or talk.target(ACCEPTED)
    if target is not None:
        _send_away(talk, target, "kicked")


def ban(talk: Talk) -> None:
    """Send a user away and keep him out until everybody has left."""
    target = talk.target()
    if target is None:
        return
    if target["user_id"] is None:
        raise SignalingError("moderation", "cannot_ban_guest")
    room_id = talk.meeting["room_id"]
    main = talk.call.collection("meetings").first(id=room_id) or talk.meeting
    change(talk.call, main, banned=[*main["banned"], target["user_id"]])
    _send_away(talk, target, "banned")


def _send_away(talk: Talk, target: Json, message: str, **members: object) -> None:
    call = talk.call
    call.emit(signal(call, [target], "moderation", message, **members))
    target = talk.save(target, may_skip_waiting=False)
    hang_up(call, target)
    depart(call, talk.meeting, target)


def debrief(talk: Talk) -> None:
    """End the meeting for some; those who stay are told, and others have to wait outside."""
    scope = SCOPES.get(talk.command["kick_scope"])
    if scope is None:
        raise SignalingError("control", "invalid_json")
    call, issuer = talk.call, {"issued_by": talk.speaker["id"]}
    change(call, talk.meeting, waiting_room=True)
    everybody = joined(call, talk.meeting)
    staying = [each for each in everybody if each["role"] not in scope]
    call.emit(signal(call, staying, "moderation", "debriefing_started", **issuer))
    for each in everybody:
        if each["role"] in scope:
            _send_away(talk, each, "session_ended", **issuer)


def accept(talk: Talk) -> None:
    """Let somebody in who waits; one without a connection comes in at once."""
    target = talk.target(WAITING)
    if target is None:
        return
    target = talk.save(target, standing=ACCEPTED, may_skip_waiting=True)
    talk.call.emit(signal(talk.call, [target], "moderation", "accepted"))
    if target["socket"] is None:
        enter(talk.call, talk.meeting, talk.room, target)


def reset_raised_hands(talk: Talk) -> None:
    """Take all hands down."""
    _tell_all(talk, "raised_hand_reset_by_moderator", issued_by=talk.speaker["id"])
    _lower_all_hands(talk)


def disable_raise_hands(talk: Talk) -> None:
    """Let nobody raise a hand; those that are up go down."""
    _switch_hands(talk, to=False)
    _lower_all_hands(talk)


def enable_raise_hands(talk: Talk) -> None:
    """Let hands be raised again."""
    _switch_hands(talk, to=True)


def enable_waiting_room(talk: Talk) -> None:
    """Let those who come wait until they are accepted."""
    _switch_waiting_room(talk, to=True)


def disable_waiting_room(talk: Talk) -> None:
    """Let those who come in at once; who waits already goes on waiting."""
    _switch_waiting_room(talk, to=False)


def _switch_waiting_room(talk: Talk, *, to: bool) -> None:
    change(talk.call, talk.meeting, waiting_room=to)
    _tell_all(talk, "waiting_room_enabled" if to else "waiting_room_disabled")


def _switch_hands(talk: Talk, *, to: bool) -> None:
    change(talk.call, talk.meeting, raise_hands=to)
    message = "raise_hands_enabled" if to else "raise_hands_disabled"
    _tell_all(talk, message, issued_by=talk.speaker["id"])


def _lower_all_hands(talk: Talk) -> None:
    """Take hands down, also of those who have gone and may come back."""
    for each in people(talk.call, talk.meeting, JOINED, LEFT):
        if each["hand_is_up"] and each["standing"] == JOINED:
            set_hand(talk.call, talk.meeting, each, up=False)
        elif each["hand_is_up"]:
            talk.save(each, hand_is_up=False)


def _tell_all(talk: Talk, message: str, **members: object) -> None:
    audience = joined(talk.call, talk.meeting)
    talk.call.emit(signal(talk.call, audience, "moderation", message, **members))


def _by_moderators(do: Callable[[Talk], None]) -> Callable[[Talk], None]:
    return lambda talk: do(talk) if talk.is_moderator else None


ACTIONS = {
    "kick": Action(_by_moderators(kick), {"target": str}),
    "ban": Action(_by_moderators(ban), {"target": str}),
    "debrief": Action(_by_moderators(debrief), {"kick_scope": str}),
    "enable_waiting_room": Action(_by_moderators(enable_waiting_room)),
    "disable_waiting_room": Action(_by_moderators(disable_waiting_room)),
    "accept": Action(_by_moderators(accept), {"target": str}),
    "enable_raise_hands": Action(_by_moderators(enable_raise_hands)),
    "disable_raise_hands": Action(_by_moderators(disable_raise_hands)),
    "reset_raised_hands": Action(_by_moderators(reset_raised_hands)),
}
