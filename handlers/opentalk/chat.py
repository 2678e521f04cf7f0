"""The chat of a meeting: to all, to a group, to one (dossier 8.9)."""

from __future__ import annotations

from greenroom.emulator.toolkit import Json
from greenroom.handlers.opentalk import instants
from greenroom.handlers.opentalk.events import signal
from greenroom.handlers.opentalk.formats import is_instant
from greenroom.handlers.opentalk.meetings import change, joined
from greenroom.handlers.opentalk.talk import Action, SignalingError, Talk
from greenroom.handlers.opentalk.welcome import stored_message

CONTENT_BYTES = 4096


def send_message(talk: Talk) -> None:
    """Say something in writing; an empty message is none, a long one is cut."""
    if not talk.meeting["chat"]:
        raise SignalingError("chat", "chat_disabled")
    content = talk.command["content"].encode()[:CONTENT_BYTES].decode(errors="ignore")
    audience = _audience(talk)
    if not content or audience is None:
        return
    call, scope = talk.call, talk.command["scope"]
    message = {
        "id": call.ids.uuid(),
        "meeting": talk.meeting["id"],
        "room_id": talk.room["id"],
        "source": talk.speaker["id"],
        "timestamp": instants.now(call),
        "content": content,
        "scope": scope,
    }
    if scope != "global":
        message["target"] = talk.command["target"]
    call.collection("messages").add(message)
    shown = stored_message(message)
    del shown["timestamp"]
    call.emit(signal(call, audience, "chat", "message_sent", **shown))


def _audience(talk: Talk) -> list[Json] | None:
    """Who reads a message of this scope; None when it is for nobody to be found here."""
    scope, target = talk.command["scope"], talk.command.get("target")
    everybody = joined(talk.call, talk.meeting)
    if scope == "global":
        return everybody
    if scope not in ("group", "private") or target is None:
        raise SignalingError("control", "invalid_json")
    if scope == "group":
        if target not in talk.speaker["groups"]:
            return None
        return [each for each in everybody if target in each["groups"]]
    if all(each["id"] != target for each in everybody):
        return None
    return [each for each in everybody if each["id"] in (target, talk.speaker["id"])]


def enable_chat(talk: Talk) -> None:
    """Let everybody write again."""
    _switch(talk, to=True)


def disable_chat(talk: Talk) -> None:
    """Let nobody write."""
    _switch(talk, to=False)


def _switch(talk: Talk, *, to: bool) -> None:
    talk.check_moderator("chat")
    change(talk.call, talk.meeting, chat=to)
    _tell_all(talk, "chat_enabled" if to else "chat_disabled")


def clear_history(talk: Talk) -> None:
    """Forget what was written to all."""
    talk.check_moderator("chat")
    messages = talk.call.collection("messages")
    for each in messages.find(meeting=talk.meeting["id"]):
        if each["scope"] == "global":
            messages.remove(each["id"])
    _tell_all(talk, "history_cleared")


def set_last_seen_timestamp(talk: Talk) -> None:
    """Note how far somebody has read, for when he comes back."""
    scope, target = talk.command["scope"], talk.command.get("target")
    if scope not in ("global", "group", "private") or (scope != "global" and target is None):
        raise SignalingError("control", "invalid_json")
    seen = dict(talk.speaker["seen"])
    if not is_instant(talk.command["timestamp"]):
        raise SignalingError("control", "invalid_json")
    read = instants.stamp(instants.given(talk.command["timestamp"]))
    seen[scope] = read if scope == "global" else {**seen[scope], str(target): read}
    talk.save(talk.speaker, seen=seen)


def _tell_all(talk: Talk, message: str) -> None:
    audience, issuer = joined(talk.call, talk.meeting), talk.speaker["id"]
    talk.call.emit(signal(talk.call, audience, "chat", message, issued_by=issuer))


_SEEN = {"scope": str, "target?": str, "timestamp": str}
ACTIONS = {
    "send_message": Action(send_message, {"content": str, "scope": str, "target?": str}),
    "enable_chat": Action(enable_chat),
    "disable_chat": Action(disable_chat),
    "clear_history": Action(clear_history),
    "set_last_seen_timestamp": Action(set_last_seen_timestamp, _SEEN),
}
