"""What happens in a conference, in HooT's words, and who hears it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from greenroom.emulator.toolkit import Call, Delivery, Event, Json

CLIENT_TYPE = "HTML5"


def user_invited(call: Call, conference: Json, party: Json) -> Event:
    """An edit added a party."""
    told = {"user": _user(call, party), "is_moderator": party["is_moderator"]}
    return _event(call, conference, "user_invited", told)


def user_promoted(call: Call, conference: Json, party: Json) -> Event:
    """An edit made a participant a moderator."""
    return _event(call, conference, "user_promoted", {"user": _user(call, party)})


def user_removed(call: Call, conference: Json, party: Json) -> Event:
    """An edit removed a party, or its time was over."""
    return _event(call, conference, "user_removed", {"user": _user(call, party)})


def user_joined(call: Call, conference: Json, party: Json) -> Event:
    """A party that was not there came."""
    told = {
        "user": _user(call, party),
        "is_moderator": party["is_moderator"],
        "client_type": CLIENT_TYPE,
    }
    return _event(call, conference, "user_joined", told)


def user_left(call: Call, conference: Json, party: Json) -> Event:
    """A party that was there went."""
    return _event(call, conference, "user_left", {"user": _user(call, party)})


def conference_edited(
    call: Call, conference: Json, parties: Sequence[Json], features_changed: list[str]
) -> Event:
    """An edit is done; the single events came before."""
    everybody = [(each["is_moderator"], _user(call, each)["email"]) for each in parties]
    told = {
        "moderators": [email for leads, email in everybody if leads],
        "participants": [email for leads, email in everybody if not leads],
        "features_changed": features_changed,
    }
    return _event(call, conference, "conference_edited", told)


def conference_ended(call: Call, conference: Json) -> Event:
    """The conference was deleted."""
    return _event(call, conference, "conference_ended", {"reason": "deleted"})


def is_valid(call: Call, subscription: Json) -> bool:
    """Whether a subscription is neither over nor ended with its conference."""
    return not subscription["ended"] and is_in_time(call, subscription)


def is_in_time(call: Call, subscription: Json) -> bool:
    """Whether the three days of a subscription are not over."""
    return not call.has_reached(float(subscription["expires"]))


def written(at: datetime) -> str:
    """An instant as events have it."""
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _event(call: Call, conference: Json, name: str, data: Json) -> Event:
    head = {
        "id": call.ids.uuid(),
        "event": name,
        "conference_id": conference["voice_bridge"],
        "conf_id": conference["id"],
    }
    tail: dict[str, Any] = {
        "hoot_instance": conference["instance"],
        "timestamp": written(call.now()),
        "data": data,
    }
    deliveries = tuple(
        Delivery(endpoint, {**head, "subscription_id": subscription, **tail}, subscription)
        for endpoint, subscription in _hearers(call, conference).items()
    )
    return Event(name, head | tail, deliveries)


def _hearers(call: Call, conference: Json) -> dict[str, str]:
    """Each endpoint once, with the oldest valid subscription it has."""
    found: dict[str, str] = {}
    for each in call.collection("subscriptions").find(conference=conference["id"]):
        if is_valid(call, each):
            found.setdefault(each["endpoint"], each["id"])
    return found


def _user(call: Call, party: Json) -> Json:
    user = call.collection("users").get(party["user"])
    profile = user["profile"]
    return {"uuid": user["id"], "name": profile["name"], "email": profile["email"]}
