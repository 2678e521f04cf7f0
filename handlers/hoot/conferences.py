"""Conferences: made, checked, changed and deleted, and who is in them."""

from __future__ import annotations

import string

from greenroom.emulator.toolkit import Call, Json
from greenroom.handlers.hoot.auth import caller_user, is_system, require_caller, require_user
from greenroom.handlers.hoot.coremxs import choose_coremx
from greenroom.handlers.hoot.errors import NotTheOwnerError
from greenroom.handlers.hoot.events import (
    conference_edited,
    conference_ended,
)
from greenroom.handlers.hoot.instances import instance_of
from greenroom.handlers.hoot.invitations import send_invitation
from greenroom.handlers.hoot.membership import (
    add,
    add_moderators,
    add_temporary,
    remove,
    tell_of,
)
from greenroom.handlers.hoot.parties import (
    LETTERS,
    add_party,
    forget_party,
    parties_of,
    party_of,
)
from greenroom.handlers.hoot.people import read_people, without
from greenroom.handlers.hoot.shapes import partyconf

PASSWORD = 24
# dossier 4.8; dossier 1.6: other fields are ignored
FEATURES = (
    "join_audio_on",
    "join_webcam_on",
    "documents",
    "message_for_moderator",
    "branding_skin_color",
    "branding_logo_url",
    "branding_client_title",
    "welcome_document",
    "invitation",
)


def check_conference_by_id(call: Call, conf_id: str) -> None:
    """Answer with a status and nothing else."""
    call.collection("conferences").get(conf_id)


def create_conference(call: Call, conference_name: str, body: Json) -> Json:
    """Make a conference of the caller's; names need not be unique, so each call makes one."""
    people = read_people(call, body, "moderators", "participants")
    creator = require_user(call)
    conference = _made(call, conference_name, creator, _features(body))
    party = add_party(call, conference, creator, is_moderator=True)
    newcomers = add(call, conference, people["moderators"], is_moderator=True)
    guests = without(people["participants"], people["moderators"])
    newcomers += add(call, conference, guests, is_moderator=False)
    newcomers += add_temporary(call, conference, people)
    for each in newcomers:
        send_invitation(call, conference, each)
    return partyconf(call, conference, party)


def edit_conference(call: Call, conf_id: str, body: Json) -> Json:
    """Remove, add, promote and replace, in this order; told is each change and then the whole."""
    people = read_people(call, body, "new_moderators", "new_participants", "remove_users")
    conference = call.collection("conferences").get(conf_id)
    check_owner(call, conference)
    remove(call, conference, people["remove_users"])
    guests = add(call, conference, people["new_participants"], is_moderator=False)
    newcomers = tell_of(call, conference, guests)
    newcomers += add_moderators(call, conference, people["new_moderators"])
    newcomers += tell_of(call, conference, add_temporary(call, conference, people))
    given = _features(body)
    changed = [name for name in given if given[name] != conference["features"].get(name)]
    conference["features"] |= given
    call.collection("conferences").save(conference)
    for each in newcomers:
        send_invitation(call, conference, each)
    parties = parties_of(call, conf_id)
    call.emit(conference_edited(call, conference, parties, changed))
    return partyconf(call, conference, party_of(call, conf_id, caller_user(call)))


def delete_conference(call: Call, conf_id: str) -> Json:
    """Delete a conference; its subscribers are told, and only then are no more."""
    conferences = call.collection("conferences")
    conference = conferences.get(conf_id)
    require_caller(call)
    if not is_system(call) and (caller_user(call) or {}).get("id") != conference["creator"]:
        raise NotTheOwnerError
    for party in parties_of(call, conf_id):
        forget_party(call, conference, party)
    call.emit(conference_ended(call, conference))
    subscriptions = call.collection("subscriptions")
    for each in subscriptions.find(conference=conf_id):
        subscriptions.save(each | {"ended": True})  # what they are still to hear is on its way
    conferences.remove(conf_id)
    return {}


def all_users_of_conference(call: Call, conf_id: str) -> Json:
    """Answer with addresses by role, owners in the order of their coming."""
    everybody = _profiles(call, conf_id)
    return {
        "moderators": [profile["email"] for leads, profile in everybody if leads],
        "participants": [profile["email"] for leads, profile in everybody if not leads],
    }


def all_conference_users(call: Call, conf_id: str) -> list[Json]:
    """Answer with everybody, owners before participants."""
    everybody = sorted(_profiles(call, conf_id), key=lambda each: not each[0])
    return [{"name": profile["name"], "email": profile["email"]} for _, profile in everybody]


def check_owner(call: Call, conference: Json) -> None:
    """Refuse whoever is no moderator of the conference."""
    require_caller(call)
    party = party_of(call, conference["id"], caller_user(call))
    if party is None or not party["is_moderator"]:
        raise NotTheOwnerError


def _features(body: Json) -> Json:
    """The features a body gives, as far as there are such."""
    given = body.get("features", {})
    return {name: value for name, value in given.items() if name in FEATURES}


def _made(call: Call, name: str, creator: Json, features: Json) -> Json:
    """A new conference, placed on a mixer, with nobody in it."""
    instance = instance_of(call)
    return call.collection("conferences").add(
        {
            "id": call.ids.uuid(),
            "name": name,
            "creator": creator["id"],
            "coremx": choose_coremx(call, instance),
            "instance": instance,
            "mod_pass": call.ids.text(PASSWORD, LETTERS),
            "attend_pass": call.ids.text(PASSWORD, LETTERS),
            "voice_bridge": _free_number(call),
            "features": call.check("features", features),
        }
    )


def _profiles(call: Call, conf_id: str) -> list[tuple[bool, Json]]:
    call.collection("conferences").get(conf_id)
    users = call.collection("users")
    return [
        (each["is_moderator"], users.get(each["user"])["profile"])
        for each in parties_of(call, conf_id)
    ]


def _free_number(call: Call) -> str:
    """A number for the voice bridge that no other conference has, in any instance."""
    conferences = call.everywhere("conferences")
    while True:
        number = "9" + call.ids.text(7, string.digits)
        if not conferences.count(voice_bridge=number):
            return number
