"""Links: what they lead to, and that following one is the join."""

from __future__ import annotations

import base64
import binascii
from urllib.parse import parse_qs

from greenroom.emulator.toolkit import Call, Json, Reply
from greenroom.handlers.hoot.errors import LinkError
from greenroom.handlers.hoot.instances import inside_instance
from greenroom.handlers.hoot.parties import join
from greenroom.handlers.hoot.places import BYPASS, DEEP_LINK, at_home, base, mixer_link
from greenroom.handlers.hoot.shapes import conference_shape, sip_shape


def xform(call: Call, b64_url: str) -> Reply:
    """Follow a link that comes in base64."""
    return _follow(call, _party_meant(call, _decoded(b64_url)))


def xform_by_query_param(call: Call, u: str) -> Reply:
    """Follow a link that comes in base64, for whoever does not sign in."""
    inside = inside_instance(call)
    return _follow(inside, _party_meant(inside, _decoded(u)))


def deep_link_via_token(call: Call, token: str) -> Reply:
    """Follow a deep link."""
    inside, party = party_with(call, token)
    return _follow(inside, party)


def deep_link_via_token_bypass(call: Call, token: str) -> Reply:
    """Follow the twin of a deep link."""
    return deep_link_via_token(call, token)


def get_conference_by_deep_link_token(call: Call, deep_link_token: str) -> Json:
    """Show what a deep link leads to; nobody joins by looking."""
    inside, party = party_with(call, deep_link_token)
    conference = inside.collection("conferences").get(party["conference"])
    return {
        "conference": conference_shape(inside, conference, party),
        "coremx_join_url": mixer_link(inside, conference, party),
    }


def get_sip_details_for_user_via_deep_link(call: Call, token: str, participant_id: str) -> Json:
    """Show how the participant a token belongs to dials in."""
    inside, party = party_with(call, token)
    if party["user"] != participant_id:
        raise LinkError
    conference = inside.collection("conferences").get(party["conference"])
    return sip_shape(inside, conference, party)


def get_sip_details_for_user_via_deep_link_bypass(
    call: Call, token: str, participant_id: str
) -> Json:
    """Show the same as without the bypass."""
    return get_sip_details_for_user_via_deep_link(call, token, participant_id)


def party_with(call: Call, token: str) -> tuple[Call, Json]:
    """The party that has this token, in whatever instance, and the call inside that one."""
    found = call.everywhere("parties").find(token=token)
    if not found:
        raise LinkError
    tenant, party = found[0]
    return call.within(tenant), party


def _follow(call: Call, party: Json) -> Reply:
    """Let the party join, and say where; the body is the link as a JSON text."""
    conference = call.collection("conferences").get(party["conference"])
    link = mixer_link(call, conference, party)
    join(call, conference, party)
    return Reply(link, 302, {"Location": link})


def _decoded(text: str) -> str:
    try:
        return base64.b64decode(text, validate=True).decode()
    except (binascii.Error, ValueError):
        raise LinkError from None


def _party_meant(call: Call, link: str) -> Json:
    """The party of this instance whose link it is, to the letter."""
    link = at_home(call, link)
    below = link.removeprefix(base(call))
    parties = call.collection("parties")
    for kind in (DEEP_LINK, BYPASS):
        if below != link and below.startswith(kind):
            party = parties.first(token=below.removeprefix(kind))
            break
    else:
        party = _party_at_the_mixer(call, link)
    if party is None:
        raise LinkError
    return party


def _party_at_the_mixer(call: Call, link: str) -> Json | None:
    """The party whose link to the mixer it is."""
    query = parse_qs(link.partition("join?")[2])
    names = {key: values[0] for key, values in query.items()}
    conference, user = names.get("meetingID", ""), names.get("userID", "")
    party = call.collection("parties").first(conference=conference, user=user)
    if party is None:
        return None
    own = mixer_link(call, call.collection("conferences").get(conference), party)
    return party if own == link else None
