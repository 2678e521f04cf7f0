"""The door of a conference: who is let in, and as what."""

from __future__ import annotations

from greenroom.emulator.toolkit import Call, ConflictError, Json
from greenroom.handlers.kazoo.errors import FullError, LockedError, WrongPinError
from greenroom.handlers.kazoo.runs import participants_of, run_of

ROLES = ("moderator", "member")


def roles_behind(conference: Json, number: str | None) -> tuple[str, ...]:
    """The roles that a number of the conference leads to; none when it is not one of them."""
    if number in conference["conference_numbers"]:
        return ROLES
    return tuple(role for role in ROLES if number in conference[role]["numbers"])


def role_of(conference: Json, wanted: str, *, number: str | None, pin: str | None) -> str:
    """The role a caller is let in with; `WrongPinError` for none.

    Where PINs are set the one that is entered decides. Who dials a number and enters none is let in
    only if none is asked for; who dials no number is put straight into the role that is wanted.
    """
    dialled = roles_behind(conference, number)
    offered = dialled or ROLES
    guarded = [role for role in offered if conference[role]["pins"]]
    if pin is not None and guarded:
        opened = [role for role in guarded if pin in conference[role]["pins"]]
        if not opened:
            raise WrongPinError(conference["name"])
        return opened[0]
    role = wanted if wanted in offered else offered[0]
    if dialled and role in guarded:
        raise WrongPinError(conference["name"])
    return role


def check_room(call: Call, conference: Json) -> None:
    """Refuse when the conference is locked or full; a limit of 0 or less is none."""
    if run_of(call, conference["id"])["is_locked"]:
        raise LockedError(conference["name"])
    limit = conference.get("max_participants", 0)
    if 0 < limit <= len(participants_of(call, conference["id"])):
        raise FullError(conference["name"], limit)


def caller_id(call: Call, who: str | None, name: str | None, number: str | None) -> Json:
    """What the caller's telephone shows; one of the cast has a name and an extension."""
    known = call.everywhere("users").find(username=who) if who is not None else []
    if who is not None and not known:
        raise ConflictError(f"There is no user {who}; give a name instead.")
    user = known[0][1] if known else {}
    full_name = " ".join(user[key] for key in ("first_name", "last_name") if key in user)
    shown = {
        "caller_id_name": name or full_name or who,
        "caller_id_number": number or user.get("presence_id"),
        "owner_id": user.get("id"),
    }
    return {key: value for key, value in shown.items() if value is not None}
