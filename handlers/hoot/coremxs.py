"""CoreMX: the mixers that conferences are placed on."""

from __future__ import annotations

import re

from greenroom.emulator.toolkit import Call, Json, Reply
from greenroom.handlers.hoot.errors import FieldsError, broken

_ADDRESS = re.compile(r"https?://.*", re.DOTALL)  # the schema lets anything stand before it
CODECS = ["opus", "PCMU", "PCMA"]
CAPABILITIES = ["audio", "video", "screenshare"]
# One for each instance, here from the beginning; `global_address` None is the emulator itself.
BUILT_IN: dict[str, Json] = {
    coremx_id: {
        "id": coremx_id,
        "name": name,
        "parent_cloud": "gcp",
        "global_address": None,
        "capabilities": CAPABILITIES,
        "domain": None,
        "tags": [instance],
    }
    for coremx_id, name, instance in (
        ("7b1f0c52-5d0e-4c39-9f3b-6a1d2e8c4f01", "gcp-a1", "Generic"),
        ("7b1f0c52-5d0e-4c39-9f3b-6a1d2e8c4f02", "gcp-a2", "Melco"),
        ("7b1f0c52-5d0e-4c39-9f3b-6a1d2e8c4f03", "gcp-a3", "Speakerbus"),
    )
}


def say_hello(call: Call, body: Json) -> Reply:
    """Take note of a mixer; anybody else is only greeted."""
    if "type" not in body:
        raise FieldsError(broken("type is required.", "type"))
    if body["type"] != "coremx":
        return Reply(status=202)
    if "coremx" not in body:
        raise FieldsError(broken("coremx is required.", "coremx"))
    return Reply(status=201 if _register(call, body["coremx"]) else 202)


def _register(call: Call, hello: Json) -> bool:
    """Keep what a mixer says of itself; whether it is a new one."""
    coremxs, known = call.shared("coremxs"), _known(call, hello)
    coremx = {
        "id": known or hello.get("uuid") or call.ids.uuid(),
        "name": hello["name"],
        "parent_cloud": hello["parent_cloud"],
        "global_address": _ADDRESS.findall(hello["global_address"])[0],
        "capabilities": hello.get("capabilities", []),
        "control_secret": hello.get("control_secret"),
        "domain": hello.get("sip", {}).get("domain"),
        "tags": hello.get("tags", []),
    }
    if coremx["id"] in coremxs:
        coremxs.save(coremx)
    else:
        coremxs.add(coremx)
    return known is None


def _known(call: Call, hello: Json) -> str | None:
    """The id of the mixer that this one is already known as."""
    coremxs = call.shared("coremxs")
    if "uuid" in hello:
        wanted: str = hello["uuid"]
        return wanted if wanted in coremxs or wanted in BUILT_IN else None
    named = coremxs.first(name=hello["name"])
    if named is not None:
        return str(named["id"])
    return next((key for key, each in BUILT_IN.items() if each["name"] == hello["name"]), None)


def choose_coremx(call: Call, instance: str) -> str:
    """The id of the mixer of this instance with the fewest conferences, of several the oldest."""
    stored = {each["id"]: each for each in call.shared("coremxs")}
    candidates = [key for key, each in (BUILT_IN | stored).items() if instance in each["tags"]]
    conferences = call.everywhere("conferences")
    return min(candidates or BUILT_IN, key=lambda key: conferences.count(coremx=key))


def coremx_of(call: Call, conference: Json) -> Json:
    """The mixer a conference was placed on."""
    coremxs, key = call.shared("coremxs"), conference["coremx"]
    return coremxs.get(key) if key in coremxs else BUILT_IN[key]


def domain_of(call: Call, conference: Json) -> str:
    """The SIP domain of a conference's mixer."""
    return coremx_of(call, conference)["domain"] or str(call.option("sip_domain"))
