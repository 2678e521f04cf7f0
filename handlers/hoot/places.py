"""Addresses that HooT hands out: its own base, deep links, and links to the mixer."""

from __future__ import annotations

import re
from hashlib import sha1
from urllib.parse import quote, urlencode

from greenroom.emulator.toolkit import Call, Json
from greenroom.handlers.hoot.coremxs import coremx_of

DEEP_LINK, BYPASS = "/v1/deep_link/", "/v1/deep_link_bypass/"
SECRET = "signs-the-links-to-the-mixer"
# A link may have been handed out to somebody who reaches the emulator by another of its names.
_OURS = re.compile(
    r"https?://([\w-]+\.)?(localhost|127\.0\.0\.1|\[::1\])(:[0-9]{1,5})?(/~[a-z0-9-]+)?"
    r"(/hoot)?(?=/v1/|/hoot/api/)"
)


def base(call: Call) -> str:
    """How the address of the API begins: as it is told to, or as this client has it."""
    return call.option("public_base").rstrip("/") or call.url("")


def join_url(call: Call, party: Json) -> str:
    """The deep link of a participation."""
    return f"{base(call)}{DEEP_LINK}{party['token']}"


def join_url_bypass(call: Call, party: Json) -> str:
    """The twin of the deep link that phones leave alone."""
    return f"{base(call)}{BYPASS}{party['token']}"


def global_address(call: Call, coremx: Json) -> str:
    """Where a mixer is: our own ones are here."""
    return coremx["global_address"] or f"{base(call)}/hoot/api/"


def mixer_link(call: Call, conference: Json, party: Json) -> str:
    """The link that lets a party in; its checksum covers everything but the mixer's address."""
    profile = call.collection("users").get(party["user"])["profile"]
    fields = {
        "avatarURL": profile.get("picture", ""),
        "fullName": profile["name"],
        "meetingID": conference["id"],
        "password": conference["mod_pass" if party["is_moderator"] else "attend_pass"],
        "redirect": "true",
        "userID": party["user"],
    }
    query = urlencode(fields, quote_via=quote)
    checksum = sha1(f"join{query}{SECRET}".encode()).hexdigest()
    first, _, rest = query.partition("&")
    address = global_address(call, coremx_of(call, conference))
    return f"{address}join?{first}&checksum={checksum}&{rest}"


def at_home(call: Call, link: str) -> str:
    """The link as this client would be given it, if it begins with a name of ours."""
    own = _OURS.match(link)
    return base(call) + link[own.end() :] if own else link
