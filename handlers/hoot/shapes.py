"""Users, parties and conferences as the API shows them."""

from __future__ import annotations

from greenroom.emulator.toolkit import Call, Json
from greenroom.handlers.hoot.coremxs import CODECS, coremx_of, domain_of
from greenroom.handlers.hoot.events import CLIENT_TYPE
from greenroom.handlers.hoot.parties import parties_of
from greenroom.handlers.hoot.places import base, global_address, join_url, join_url_bypass

LONGEST_DIAL_NUMBER = 14


def user_shape(user: Json) -> Json:
    """A profile; whoever was only invited is not registered yet."""
    return {**user["profile"], "uuid": user["id"], "idpRegistered": user["registered"]}


def participant_shape(call: Call, conference: Json, party: Json) -> Json:
    """Somebody's part in a conference; its id is the user's."""
    return {
        "user": user_shape(call.collection("users").get(party["user"])),
        "join_url": join_url(call, party),
        "join_url_bypass": join_url_bypass(call, party),
        "is_moderator": party["is_moderator"],
        "conf_provider_id": party["id"],
        "is_presenter": party["is_moderator"],
        "is_listen_only": False,
        "has_video": conference["features"].get("join_webcam_on", False),
        "client_type": CLIENT_TYPE,
        "id": party["user"],
        "epoch_expiry": party["epoch_expiry"],
    }


def conference_shape(call: Call, conference: Json, party: Json | None) -> Json:
    """A conference through the eyes of a party; what only owners may see is left out for others."""
    everybody = [
        participant_shape(call, conference, each) for each in parties_of(call, conference["id"])
    ]
    name, number = conference["name"], conference["voice_bridge"]
    shown = {
        "id": conference["id"],
        "name": name,
        "coremx": coremx_shape(call, conference),
        "owners": [each for each in everybody if each["is_moderator"]],
        "participants": [each for each in everybody if not each["is_moderator"]],
        "mod_pass": conference["mod_pass"],
        "attend_pass": conference["attend_pass"],
        "welcome": f"<br>Welcome to <b>{name}, SIP extn: {number}</b>!",
        "dial_number": call.option("dial_number")[:LONGEST_DIAL_NUMBER],
        "voice_bridge": number,
        "web_voice": number,
        "logout_url": base(call),
        "record": "true",  # it can be switched on, which is what the two below say
        "duration": 0,
        "meta": "",
        "moderator_only_message": conference["features"].get("message_for_moderator", ""),
        "auto_start_recording": False,
        "allow_start_stop_recording": True,
        "is_active": True,
        "hoot_instance": conference["instance"],
        "features": conference["features"],
    }
    if party is None or not party["is_moderator"]:
        del shown["mod_pass"], shown["moderator_only_message"]
        shown["features"].pop("message_for_moderator", None)
    return shown


def coremx_shape(call: Call, conference: Json) -> Json:
    """The mixer of a conference; it has no account, and keeps its secret."""
    coremx = coremx_of(call, conference)
    return {
        "uuid": coremx["id"],
        "name": coremx["name"],
        "parent_cloud": coremx["parent_cloud"],
        "global_address": global_address(call, coremx),
        "capabilities": coremx["capabilities"],
        "sip": _trunk(call, conference),
        "tags": coremx["tags"],
    }


def _trunk(call: Call, conference: Json) -> Json:
    domain = domain_of(call, conference)
    return {
        "location": f"sip:{conference['voice_bridge']}@{domain}",
        "headers": {},
        "codecs": CODECS,
        "domain": domain,
        "protocol": "TCP",
    }


def sip_shape(call: Call, conference: Json, party: Json) -> Json:
    """The account with which a party reaches the conference; the same on every mixer."""
    user = call.collection("users").get(party["user"])
    trunk = _trunk(call, conference)
    account = f"sip:{user['sip_id']}@{trunk['domain']}"
    return trunk | {"username": account, "secret": party["sip_secret"]}


def partyconf(call: Call, conference: Json, party: Json | None) -> Json:
    """A conference and who looks at it; the latter is missing once he is no party."""
    seen = {"conference": conference_shape(call, conference, party)}
    if party is None:
        return seen
    return {"party": participant_shape(call, conference, party)} | seen


def partyconfs(call: Call, parties: list[Json]) -> list[Json]:
    """The conferences of these parties, each through the eyes of its party."""
    conferences = call.collection("conferences")
    return [partyconf(call, conferences.get(each["conference"]), each) for each in parties]
