"""What people do to a conference without asking the API: they turn up, leave, and call it a day."""

from __future__ import annotations

from typing import Literal

from greenroom.emulator.toolkit import Call, Json, NotFoundError
from greenroom.handlers.hoot.errors import CannotJoinError
from greenroom.handlers.hoot.parties import join, leave, parties_of


def participant_joins(
    call: Call,
    meeting: str,
    role: Literal["moderator", "member"] = "member",
    name: str | None = None,
    number: str | None = None,
    pin: str | None = None,
    who: str | None = None,
) -> Json:
    """A party of the conference turns up.

    It is the one named by `who` (username or e-mail), by `name`, or by `number` (the SIP id);
    without any of these, the first who is not there yet, participants before moderators unless
    a moderator is wanted. A `pin` has to be the password of the role.
    """
    inside = call.holding("conferences", meeting)
    conference = inside.collection("conferences").get(meeting)
    wanted = [value for value in (who, name, number) if value is not None]
    party = _expected(inside, meeting, wanted, moderator=role == "moderator")
    password = conference["mod_pass" if party["is_moderator"] else "attend_pass"]
    if pin is not None and pin != password:
        raise CannotJoinError("the PIN is not the password of this role")
    join(inside, conference, party)
    return {"participant": party["user"]}


def _expected(call: Call, meeting: str, wanted: list[str], *, moderator: bool) -> Json:
    """The party that is meant, which must not be there already."""
    fitting = [
        party
        for party in sorted(parties_of(call, meeting), key=lambda each: bool(each["is_moderator"]))
        if set(wanted) <= _names(call, party) and (party["is_moderator"] or not moderator)
    ]
    if not fitting:
        who = " and ".join(wanted) or "anybody"
        role = " as a moderator" if moderator else ""
        raise CannotJoinError(f"{who} is not expected here{role}")
    absent = [party for party in fitting if not party["present"]]
    if not absent:
        raise CannotJoinError("everybody who could come is here already")
    return absent[0]


def _names(call: Call, party: Json) -> set[str]:
    """What a party may be called by."""
    user = call.collection("users").get(party["user"])
    profile = user["profile"]
    known = (profile.get("username", ""), profile["email"], profile["name"])
    return {*known, user["id"], user["sip_id"]}


def participant_leaves(call: Call, meeting: str, participant: str) -> None:
    """A party that is there goes."""
    inside = call.holding("conferences", meeting)
    party = inside.collection("parties").first(conference=meeting, user=participant)
    if party is None or not party["present"]:
        raise NotFoundError(f"{participant} is not in {meeting}.", subject="participants")
    leave(inside, inside.collection("conferences").get(meeting), party)


def meeting_ends(call: Call, meeting: str) -> None:
    """Everybody leaves; the conference stays."""
    inside = call.holding("conferences", meeting)
    conference = inside.collection("conferences").get(meeting)
    for party in parties_of(inside, meeting):
        leave(inside, conference, party)
