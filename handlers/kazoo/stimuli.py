"""What the telephones may do to a conference: callers come, talk, fall silent and go."""

from __future__ import annotations

from typing import Literal

from greenroom.emulator.toolkit import Call, Json, NotFoundError
from greenroom.handlers.kazoo import runs
from greenroom.handlers.kazoo.doors import caller_id, check_room, role_of, roles_behind


def participant_joins(
    call: Call,
    meeting: str,
    role: Literal["member", "moderator"] = "member",
    name: str | None = None,
    number: str | None = None,
    pin: str | None = None,
    who: str | None = None,
) -> Json:
    """A caller dials in.

    A `number` of the conference is the one that was dialled and decides the role; any other is
    the caller's own.
    """
    inside = call.holding("conferences", meeting)
    conference = inside.collection("conferences").get(meeting)
    granted = role_of(conference, role, number=number, pin=pin)
    check_room(inside, conference)
    own_number = None if roles_behind(conference, number) else number
    caller = caller_id(inside, who, name, own_number)
    entered = runs.enter(inside, conference, caller, is_moderator=granted == "moderator")
    return {"participant": entered["participant_id"]}


def participant_leaves(call: Call, meeting: str, participant: int | str) -> None:
    """A caller hangs up; with the last one the run ends."""
    inside = call.holding("conferences", meeting)
    runs.leave(inside, _participant(inside, meeting, participant))


def participant_talks(call: Call, meeting: str, participant: int | str) -> None:
    """A caller talks and takes the floor; of a muted one nothing is noticed."""
    inside = call.holding("conferences", meeting)
    runs.talk(inside, _participant(inside, meeting, participant))


def participant_goes_silent(call: Call, meeting: str, participant: int | str) -> None:
    """A caller stops talking."""
    inside = call.holding("conferences", meeting)
    runs.fall_silent(inside, _participant(inside, meeting, participant))


def video_on(call: Call, meeting: str, participant: int | str) -> None:
    """A caller switches the camera on."""
    inside = call.holding("conferences", meeting)
    runs.switch_video(inside, _participant(inside, meeting, participant), on=True)


def video_off(call: Call, meeting: str, participant: int | str) -> None:
    """A caller switches the camera off."""
    inside = call.holding("conferences", meeting)
    runs.switch_video(inside, _participant(inside, meeting, participant), on=False)


def meeting_ends(call: Call, meeting: str) -> None:
    """The switch ends the run: everybody is out and the lock is gone."""
    runs.end(call.holding("conferences", meeting), meeting)


def _participant(call: Call, meeting: str, participant: int | str) -> Json:
    found = runs.participant_of(call, meeting, str(participant))
    if found is None:
        raise NotFoundError(f"There is no participant {participant} in {meeting}.")
    return found
