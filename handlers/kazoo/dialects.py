"""The two dialects of the event socket: what is asked for in each, and what is answered."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import md5
from typing import TypeAlias

from greenroom.emulator.toolkit import ApiError, Call, Json
from greenroom.handlers.kazoo.auth import reaches
from greenroom.handlers.kazoo.bindings import ANY, subscription_of
from greenroom.handlers.kazoo.errors import BadTokenError, SocketError

Answers: TypeAlias = tuple[Json, Sequence[Json]]  # the socket as it is now, and what it is told
KEYS = ("account_id", "binding")
REMEMBERED = ("name", "metadata")


def answer_wrapped(call: Call, socket: Json, message: Json) -> Answers:
    """Answer in the newer dialect; an action nobody knows succeeds and does nothing."""
    before: list[Json] = socket["subscriptions"]
    told: Json = {}
    match message.get("action"):
        case "ping":
            told = {"response": "pong"}
        case "subscribe":
            account_id, bindings = _wanted(call, socket, _data(message))
            added = [subscription_of(call, each, account_id) for each in bindings]
            socket = _with(socket, [each | {"flat": False} for each in added])
            socket |= {key: message["data"][key] for key in REMEMBERED if key in message["data"]}
            told = {"subscribed": _bindings(socket)}
        case "unsubscribe":
            # dossier 8.2: documented as dropping everything when it names nothing
            gone = _wanted(call, socket, _data(message))[1] if "data" in message else None
            socket = _without(socket, gone)
            left = _bindings(socket)
            dropped = [each["binding"] for each in before if each["binding"] not in left]
            told = {"unsubscribed": dropped, "subscribed": left}
    return socket, [_reply(call, message, "success", told)]


def refusal_wrapped(call: Call, message: Json, error: ApiError) -> Json:
    """A refusal in the newer dialect."""
    return _reply(call, message, "error", {"errors": [error.detail]})


def _reply(call: Call, message: Json, status: str, data: Json) -> Json:
    request_id = message.get("request_id")
    if request_id is None:
        request_id = md5(f"request:{call.ids.count('requests')}".encode()).hexdigest()
    return {"action": "reply", "request_id": request_id, "status": status, "data": data}


def _data(message: Json) -> Json:
    data = message.get("data")
    if not isinstance(data, dict) or not data:
        raise SocketError("missing required keys in data object")
    given = data | ({"binding": data["bindings"]} if data.get("bindings") else {})
    missing = [key for key in KEYS if not given.get(key)]
    if missing:
        raise SocketError(f"missing required keys : {', '.join(missing)}")
    return data


def answer_flat(call: Call, socket: Json, message: Json) -> Answers:
    """Answer in the older dialect: a message for each binding, and none for what is unknown."""
    action = message.get("action")
    if action == "unsubscribe" and "account_id" not in message:
        return _without(socket, None), []
    if action not in ("subscribe", "unsubscribe"):
        return socket, []
    for key in KEYS:
        if not message.get(key) and not (key == "binding" and message.get("bindings")):
            raise SocketError("missing required key", key)
    account_id, bindings = _wanted(call, socket, message)
    if action == "unsubscribe":
        socket = _without(socket, bindings)
    else:
        added = [_unused(call, socket, each, account_id) for each in bindings]
        socket = _with(socket, added)
    return socket, [
        {"operation": action, "detail": each, "routing_key": "success"} for each in bindings
    ]


def _unused(call: Call, socket: Json, binding: str, account_id: str) -> Json:
    if binding in _bindings(socket):
        raise SocketError("binding already in use", binding)
    try:
        return subscription_of(call, binding, account_id) | {"flat": True}
    except SocketError:
        module = binding.partition(".")[0]
        raise SocketError(f"Error in module bh_{module}", "Unmatched binding") from None


def refusal_flat(error: ApiError) -> Json:
    """A refusal in the older dialect."""
    if isinstance(error, BadTokenError):
        cause = error.cause or "undefined"
        return {"message": "invalid auth token", "cause": cause, "routing_key": "auth_failure"}
    cause = error.cause if isinstance(error, SocketError) else ""
    return {"message": error.detail, "cause": cause, "routing_key": "error"}


def _wanted(call: Call, socket: Json, order: Json) -> tuple[str, list[str]]:
    """The account and the bindings of an order, if it may be given; one binding goes first."""
    account_id, binding = order["account_id"], order.get("binding")
    accounts, own_id = call.everywhere("accounts"), socket["account_id"]
    if account_id == ANY:
        if accounts.get(own_id)[1]["tree"]:  # only who is below nobody is above all
            raise SocketError("unauthorized wildcard account id", ANY)
    elif accounts.locate(str(account_id)) is None or not reaches(call, own_id, account_id):
        raise SocketError("unauthorized account id", str(account_id))
    found = [binding] if binding else order["bindings"]
    return account_id, [str(each) for each in (found if isinstance(found, list) else [found])]


def _bindings(socket: Json) -> list[str]:
    return [each["binding"] for each in socket["subscriptions"]]


def _with(socket: Json, added: Sequence[Json]) -> Json:
    """The socket with these subscriptions as well, none of them twice."""
    kept = list(socket["subscriptions"])
    for each in added:
        if each not in kept:
            kept.append(each)
    return socket | {"subscriptions": kept}


def _without(socket: Json, bindings: Sequence[str] | None) -> Json:
    """The socket without these subscriptions, or without any."""
    kept = [
        each
        for each in socket["subscriptions"]
        if bindings is not None and each["binding"] not in bindings
    ]
    return socket | {"subscriptions": kept}
