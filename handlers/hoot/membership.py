"""Who belongs to a conference, and how that changes when somebody makes or edits it."""

from __future__ import annotations

from greenroom.emulator.toolkit import Call, Json
from greenroom.handlers.hoot.errors import CreatorStaysError
from greenroom.handlers.hoot.events import user_invited, user_promoted
from greenroom.handlers.hoot.parties import add_party, party_of, promote, remove_party
from greenroom.handlers.hoot.people import People
from greenroom.handlers.hoot.users import invited, user_by_email


def add(call: Call, conference: Json, emails: list[str], *, is_moderator: bool) -> list[Json]:
    """Those of these people who were no party yet, and now are."""
    return [
        add_party(call, conference, user, is_moderator=is_moderator)
        for user in _strangers(call, conference, emails)
    ]


def _strangers(call: Call, conference: Json, emails: list[str]) -> list[Json]:
    users = {user["id"]: user for user in (invited(call, email) for email in emails)}
    return [user for user in users.values() if party_of(call, conference["id"], user) is None]


def add_temporary(call: Call, conference: Json, people: People) -> list[Json]:
    """Those of the temporary users who were no party yet, and are one for a time."""
    return [
        add_party(call, conference, user, is_moderator=False, epoch_expiry=people.epoch_end)
        for user in _strangers(call, conference, people.temporary)
    ]


def add_moderators(call: Call, conference: Json, emails: list[str]) -> list[Json]:
    """Promote who is a party; those who were none, and now are."""
    for email in emails:
        party = party_of(call, conference["id"], user_by_email(call, email))
        if party is not None and not party["is_moderator"]:
            call.emit(user_promoted(call, conference, promote(call, party)))
    return tell_of(call, conference, add(call, conference, emails, is_moderator=True))


def tell_of(call: Call, conference: Json, newcomers: list[Json]) -> list[Json]:
    """The newcomers, once subscribers know of them."""
    for each in newcomers:
        call.emit(user_invited(call, conference, each))
    return newcomers


def remove(call: Call, conference: Json, emails: list[str]) -> None:
    """Take these people out; unknown ones are ignored, the creator stays."""
    for email in emails:
        user = user_by_email(call, email)
        if user is not None and user["id"] == conference["creator"]:
            raise CreatorStaysError
        party = party_of(call, conference["id"], user)
        if party is not None:
            remove_party(call, conference, party)
