"""What is told of a conference while it runs, and to which sockets."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from hashlib import md5
from uuid import UUID

from greenroom.emulator.toolkit import Call, Event, Frame, Json
from greenroom.handlers.kazoo.bindings import (
    PARTICIPANT_EVENTS,
    hears,
    routing_key,
    subscription_key,
)
from greenroom.handlers.kazoo.gregorian import gregorian

NODE = "apps@apps1.greenroom.example"
TOLD = (
    "call_id",
    "participant_id",
    "floor",
    "hear",
    "speak",
    "talking",
    "video",
    "mute_detect",
    "energy_level",
    "current_energy",
    "caller_id_name",
    "caller_id_number",
)
EXTENSION = "user"  # who calls without a number has a device all the same


def participant_event(call: Call, name: str, participant: Json) -> Event:
    """Something became of a participant, who is shown as he or she is afterwards."""
    account = _account(call)
    leg = _leg(account, participant)
    data = _about(call, name) | {
        "conference_id": participant["conference_id"],
        "instance_id": participant["conference_uuid"],
        "focus": participant["switch_hostname"],
        "channel_presence_id": leg["presence_id"],
        "custom_channel_vars": leg,
        **{key: participant[key] for key in TOLD if key in participant},
    }
    return _told(call, account, name, data)


def conference_event(call: Call, name: str, conference_id: str, instance_id: str | None) -> Event:
    """Something became of a conference as a whole."""
    instance = {} if instance_id is None else {"instance_id": instance_id}
    data = _about(call, name) | {"conference_id": conference_id, **instance}
    return _told(call, _account(call), name, data)


def published(call: Call) -> Collection[str]:
    """The names of the events that are told; without a list of them, all of participants."""
    chosen: list[str] = call.option("publish_participant_event")
    return chosen or PARTICIPANT_EVENTS


def _told(call: Call, account: Json, name: str, data: Json) -> Event:
    return Event(name, data, frames=tuple(_frames(call, account["id"], name, data)))


def _frames(call: Call, account_id: str, name: str, data: Json) -> Iterator[Frame]:
    """One message for each subscription that hears it; equal ones are the same object."""
    conference_id, call_id = data["conference_id"], data.get("call_id", "")
    bodies: dict[tuple[str, bool], Json] = {}
    for socket in call.shared("sockets").find(conferences=conference_id):
        for each in socket["subscriptions"]:
            if hears(each, account_id, conference_id, call_id, name):
                key = (each["binding"], each["flat"])
                if key not in bodies:
                    route = routing_key(name, account_id, conference_id, call_id)
                    bodies[key] = _flat(data) if each["flat"] else _wrapped(each, route, data)
                yield Frame(socket["id"], bodies[key])


def _flat(data: Json) -> Json:
    """The event itself, as it was told in 2016."""
    return data | {"routing_key": data["event_name"]}


def _wrapped(subscription: Json, route: str, data: Json) -> Json:
    """The event inside what says why it is told."""
    return {
        "action": "event",
        "subscribed_key": subscription["binding"],
        "subscription_key": subscription_key(subscription),
        "name": data["event_name"],
        "routing_key": route,
        "data": data,
    }


def _about(call: Call, name: str) -> Json:
    """What every event says of itself."""
    number = call.ids.count("events")
    return {
        "event": name,
        "event_category": "conference",
        "event_name": "participant_event",
        "app_name": "ecallmgr",
        "app_version": "4.0.0",
        "node": NODE,
        "msg_id": _digest("message", str(number))[:16],
    }


def _account(call: Call) -> Json:
    """The account of this tenant, which is one."""
    return call.collection("accounts").find(limit=1)[0]


def _leg(account: Json, participant: Json) -> Json:
    """What the exchange knows of the telephone; the same for each event of a call."""
    call_id, owner = participant["call_id"], participant.get("owner_id")
    username = participant.get("caller_id_number", EXTENSION)
    begun = gregorian(participant["joined_at"])
    leg = {
        "account_id": account["id"],
        "authorizing_id": _digest("device", owner or call_id),
        "authorizing_type": "device",
        "owner_id": owner,
        "presence_id": f"{username}@{account['realm']}",
        "fetch_id": str(UUID(_digest("fetch", call_id), version=4)),
        "bridge_id": call_id,
        "precedence": 5,
        "realm": account["realm"],
        "username": username,
        "call_interaction_id": f"{begun}-{_digest('interaction', call_id)[:8]}",
    }
    return {key: value for key, value in leg.items() if value is not None}


def _digest(*words: str) -> str:
    return md5(":".join(words).encode()).hexdigest()
