"""Signaling: the WebSocket that a meeting is held over (dossier 8)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import orjson

from greenroom.emulator.toolkit import Accepted, ApiError, Call, Caller, Json, SocketRoute
from greenroom.handlers.opentalk import breakout_rooms, chat, control, instants, media, moderation
from greenroom.handlers.opentalk.attendance import depart
from greenroom.handlers.opentalk.events import envelope
from greenroom.handlers.opentalk.handshake import PROTOCOL, shown_ticket
from greenroom.handlers.opentalk.meetings import JOINED, LEFT, meeting_of
from greenroom.handlers.opentalk.talk import Action, SignalingError, Talk

RESUMABLE = timedelta(seconds=120)
MODULES: dict[str, dict[str, Action]] = {
    "control": control.ACTIONS,
    "moderation": moderation.ACTIONS,
    "chat": chat.ACTIONS,
    "breakout": breakout_rooms.ACTIONS,
    "media": media.ACTIONS,
}
# Modules of the tariff that are there and do nothing here: what is said to them is dropped.
SILENT = frozenset(
    {"integration", "polls", "protocol", "recording", "shared_folder", "timer", "whiteboard"}
)


def connect(call: Call) -> Accepted:
    """Let in who has a ticket; from here on the session can be resumed."""
    ticket = shown_ticket(call)
    user_id = ticket["user_id"]
    call.enter(Caller("", ticket["tenant"]))
    who = call.collection("users").get(user_id)["sub"] if user_id is not None else "guest"
    kept = ("tenant", "room_id", "kind", "user_id", "participant_id")
    facts = {name: ticket[name] for name in kept}
    resumption = {"id": ticket["resumption"], **facts, "connected": True, "expires_at": None}
    call.shared("resumptions").add(resumption)
    session = {
        **facts,
        "who": who,
        "breakout_room": ticket["breakout_room"],
        "resumption": ticket["resumption"],
    }
    return Accepted(PROTOCOL, session)


def receive(call: Call, socket: Json, message: str | bytes) -> None:
    """Do what one message says."""
    call.enter(Caller(socket["who"], socket["tenant"]))
    namespace, payload = _read(message)
    if namespace == "echo":
        call.send(socket["id"], envelope(call, namespace, payload))
        return
    person = call.collection("participants").first(id=socket["participant_id"])
    is_in = person is not None and person["standing"] == JOINED
    if namespace == "control" or is_in:  # dossier 8.3: nothing else is listened to before
        _do(call, socket, person, namespace, payload)


def refuse(call: Call, socket: Json, error: ApiError) -> None:
    """Tell the sender, and nobody else, what is wrong with a message."""
    namespace = error.namespace if isinstance(error, SignalingError) else "control"
    payload = {"message": "error", "error": error.code}
    call.send(socket["id"], envelope(call, namespace, payload))


def _read(message: str | bytes) -> tuple[str, Any]:
    """The module that is spoken to, and what is said."""
    try:
        said = orjson.loads(message)
        namespace, payload = said["namespace"], said["payload"]
    except (orjson.JSONDecodeError, TypeError, KeyError, IndexError):
        raise SignalingError("control", "invalid_json") from None
    if not isinstance(namespace, str):
        raise SignalingError("control", "invalid_json")
    return namespace, payload


def _do(call: Call, socket: Json, person: Json | None, namespace: str, command: Any) -> None:
    if namespace not in MODULES and namespace not in SILENT:
        raise SignalingError("control", "invalid_namespace")
    if not isinstance(command, dict) or not isinstance(command.get("action"), str):
        raise SignalingError("control", "invalid_json")
    if namespace in SILENT:
        return
    action = MODULES[namespace].get(command["action"])
    if action is None or not action.fits(command):
        raise SignalingError("control", "invalid_json")
    room = call.collection("rooms").get(socket["room_id"])
    meeting = meeting_of(call, room, socket["breakout_room"])
    talk = Talk(call, socket, room, meeting, person, command)
    if namespace == "control":
        control.check_joined(talk, command["action"])
    action.do(talk)


def disconnect(call: Call, socket: Json, code: int) -> None:
    """Go, for whatever reason; for a while the session can be resumed."""
    resumptions = call.shared("resumptions")
    resumption = resumptions.first(id=socket["resumption"])
    if resumption is not None:
        until = instants.stamp(call.now() + RESUMABLE)
        resumptions.save(resumption | {"connected": False, "expires_at": until})
    call.enter(Caller(socket["who"], socket["tenant"]))
    people = call.collection("participants")
    person = people.first(id=socket["participant_id"])
    if person is None or person["socket"] != socket["id"]:
        return
    person = people.save(person | {"socket": None})
    if person["standing"] != LEFT:
        depart(call, call.collection("meetings").get(person["meeting"]), person)


SOCKETS = tuple(
    SocketRoute(path, connect, receive, disconnect, refuse)
    for path in ("/v1/signaling", "/signaling")
)
