"""Subscriptions: endpoints that hear what happens in a conference, and how they are told."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from greenroom.emulator.toolkit import Call, Json, NotFoundError, Webhooks
from greenroom.emulator.toolkit.signing import signed
from greenroom.handlers.hoot.auth import is_system, require_caller
from greenroom.handlers.hoot.conferences import check_owner
from greenroom.handlers.hoot.events import is_in_time, is_valid, written
from greenroom.handlers.hoot.instances import inside_instance
from greenroom.handlers.hoot.places import base

LIFETIME = timedelta(days=3)
TOKEN_LIFETIME = timedelta(hours=8)
ACCOUNT = "Z2MRIrfD4dvYZvcllwqDEK9g4WlFM6B8"


def subscribe_conference(call: Call, conf_id: str, body: Json) -> Json:
    """Subscribe an endpoint; the same one may be subscribed several times."""
    inside = inside_instance(call)
    conference = inside.collection("conferences").get(conf_id)
    require_caller(call)
    if not is_system(call):
        check_owner(call, conference)
    subscription_id = inside.ids.uuid()
    subscription = inside.collection("subscriptions").add(
        {
            "id": subscription_id,
            "conference": conf_id,
            "endpoint": body["api_endpoint"],
            "base": base(call),
            "since": written(call.now()),
            "expires": (call.now() + LIFETIME).timestamp(),
            "ended": False,
            "timer": inside.later(LIFETIME, "subscription_ends", subscription=subscription_id),
        }
    )
    return {
        "openid_configuration": f"{base(call)}/.well-known/openid-configuration",
        "expiry_seconds": int(LIFETIME.total_seconds()),
        "id": subscription["id"],
        "conference_number": conference["voice_bridge"],
    }


def delete_subscription(call: Call, subscription_id: str) -> None:
    """End a subscription; one that ended with its conference is not there any more."""
    inside = inside_instance(call)
    subscription = inside.collection("subscriptions").get(subscription_id)
    if not is_valid(call, subscription):
        raise NotFoundError(f"{subscription_id} is over.", subject="subscriptions")
    _remove(inside, subscription)


def subscription_ends(call: Call, subscription: str) -> None:
    """The three days are over."""
    call.collection("subscriptions").remove(subscription)


def _remove(call: Call, subscription: Json) -> None:
    call.collection("subscriptions").remove(subscription["id"])
    call.store.timers.cancel(subscription["timer"])


def _waiting(call: Call, delivery: Json) -> list[tuple[str, Json]]:
    """The subscriptions this delivery is for: of its endpoint, from before it, not over yet."""
    told = delivery["body"]
    found = call.everywhere("subscriptions").find(
        conference=told["conf_id"], endpoint=delivery["url"]
    )
    return [
        (tenant, each)
        for tenant, each in found
        if each["since"] <= told["timestamp"] and is_in_time(call, each)
    ]


def _is_wanted(call: Call, delivery: Json) -> bool:
    return bool(_waiting(call, delivery))


def _end_all(call: Call, delivery: Json) -> None:
    for tenant, each in _waiting(call, delivery):
        _remove(call.within(tenant), each)


def _headers(call: Call, delivery: Json) -> Mapping[str, str]:
    """A token that shows who is telling; the keys are where the subscriber was told."""
    waiting = _waiting(call, delivery)
    address = waiting[0][1]["base"] if waiting else base(call)
    return {"Authorization": _token(call, address)}


def _token(call: Call, address: str) -> str:
    claims = {
        "iss": f"{address}/",
        "sub": f"{ACCOUNT}@clients",
        "aud": address,
        "iat": int(call.now().timestamp()),
        "exp": int((call.now() + TOKEN_LIFETIME).timestamp()),
        "azp": ACCOUNT,
        "gty": "client-credentials",
    }
    return signed(claims)


WEBHOOKS = Webhooks(headers=_headers, wanted=_is_wanted, gone=_end_all)
