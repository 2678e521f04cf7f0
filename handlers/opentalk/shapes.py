"""Records as the API shows them."""

from __future__ import annotations

from functools import lru_cache
from hashlib import md5

from greenroom.emulator.toolkit import Call, Json
from greenroom.handlers.opentalk.features import MODULES, can_call_in, is_disabled
from greenroom.handlers.opentalk.profiles import profile


@lru_cache(maxsize=4096)
def _digest(email: str) -> str:
    return md5(email.lower().encode()).hexdigest()


def avatar_url(call: Call, email: str) -> str:
    """Where the picture is that goes with the address."""
    return f"{call.option('avatar_prefix')}{_digest(email)}"


def public_profile(call: Call, user: Json) -> Json:
    """A user as everybody of the tenant sees it."""
    return {
        "id": user["id"],
        "email": user["email"],
        "title": user["title"],
        "firstname": user["firstname"],
        "lastname": user["lastname"],
        "display_name": user["display_name"],
        "avatar_url": avatar_url(call, user["email"]),
    }


def private_profile(call: Call, user: Json) -> Json:
    """A user as it sees itself."""
    own = ("dashboard_theme", "conference_theme", "language", "tariff_status")
    return public_profile(call, user) | {name: user[name] for name in own}


def profile_by_id(call: Call, user_id: str) -> Json:
    """The public profile of the user with this id."""
    return public_profile(call, call.collection("users").get(user_id))


def stranger_shape(call: Call, identity: Json) -> Json:
    """Somebody the OpenID provider knows and who never logged in."""
    return {
        "kind": "unregistered",
        "email": identity["email"],
        "firstname": identity["given_name"],
        "lastname": identity["family_name"],
        "avatar_url": avatar_url(call, identity["email"]),
    }


def room_shape(call: Call, room: Json) -> Json:
    """A room."""
    choice, creator = profile(call), room["created_by"]
    return {
        "id": room["id"],
        "created_by": profile_by_id(call, creator) if choice.shows_creator else creator,
        "created_at": room["created_at"],
        "password": room["password"] or choice.no_password,
        "waiting_room": room["waiting_room"],
    }


def room_info_shape(call: Call, room: Json, *, reachable: bool) -> Json:
    """A room as its event shows it; with how to get in by phone if its owner's are reachable."""
    shown: Json = {"id": room["id"], "waiting_room": room["waiting_room"]}
    if room["password"]:
        shown["password"] = room["password"]
    config = call.collection("sip_configs").first(id=room["id"]) if reachable else None
    if config is not None:
        number = call.option("call_in_number")
        shown["call_in"] = {"tel": number, "id": config["sip_id"], "password": config["password"]}
    return shown


def is_reachable(call: Call, owner_id: str) -> bool:
    """Whether rooms of this user show how to get in by phone."""
    return bool(call.option("call_in_number")) and can_call_in(call, owner_id)


def event_info_shape(event: Json) -> Json:
    """An event as its room shows it."""
    return {name: event[name] for name in ("id", "title", "is_adhoc")}


def code_shape(call: Call, code: Json) -> Json:
    """An invite code; the room is there under both of the names it is known by."""
    return {
        "invite_code": code["id"],
        "created": code["created_at"],
        "created_by": profile_by_id(call, code["created_by"]),
        "updated": code["updated_at"],
        "updated_by": profile_by_id(call, code["updated_by"]),
        "room": code["room_id"],
        "room_id": code["room_id"],
        "active": code["active"],
        "expiration": code["expires_at"],
    }


def sip_shape(config: Json) -> Json:
    """How to get into a room by phone."""
    shown = {name: config[name] for name in ("sip_id", "password", "lobby")}
    return {"room": config["id"], **shown}


def asset_shape(asset: Json) -> Json:
    """A file of a room, without what is in it."""
    names = ("id", "filename", "namespace", "created_at")
    return {name: asset[name] for name in names if asset.get(name) is not None}


def target_shape(target: Json) -> Json:
    """Where a room is streamed to."""
    names = ("id", "name", "kind", "streaming_endpoint", "streaming_key", "public_url")
    return {name: target[name] for name in names}


def tariff_shape(call: Call, tariff: Json) -> Json:
    """What a tariff allows."""
    shown = signaling_tariff_shape(tariff)
    if profile(call).lists_modules:
        modules = shown["modules"].items()
        shown["modules"] = [{"name": name, **module} for name, module in modules]
    return shown


def signaling_tariff_shape(tariff: Json) -> Json:
    """What a tariff allows, as a meeting is told: the same whatever the profile."""
    modules = {
        name: {"features": [each for each in features if not is_disabled(tariff, name, each)]}
        for name, features in MODULES.items()
        if name not in tariff["disabled_modules"]
    }
    return {
        "id": tariff["id"],
        "name": tariff["name"],
        "quotas": tariff["quotas"],
        "enabled_modules": list(modules),
        "disabled_features": _disabled_features(tariff),
        "modules": modules,
    }


def _disabled_features(tariff: Json) -> list[str]:
    """The switched off features; those of the core under two names."""
    shown = []
    for feature in tariff["disabled_features"]:
        module, _, name = feature.rpartition("::")
        shown += [f"core::{name}", name] if module in ("", "core") else [feature]
    return shown
