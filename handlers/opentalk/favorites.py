"""Favorites: the events a user has marked."""

from __future__ import annotations

from greenroom.emulator.toolkit import Call, Json
from greenroom.handlers.opentalk.access import event_of, me
from greenroom.handlers.opentalk.errors import MissingError


def add_event_favorite(call: Call, event_id: str) -> tuple[None, int]:
    """Mark an event; that it was marked before shows in the status alone."""
    event, caller = event_of(call, event_id), me(call)["id"]
    if is_favorite(call, event, caller):
        return None, 204
    mark = {"id": _key(event, caller), "event_id": event["id"], "user_id": caller}
    call.collection("favorites").add(mark)
    return None, 201


def delete_event_favorite(call: Call, event_id: str) -> None:
    """Take the mark away; where there is none, that is missing."""
    event, caller = event_of(call, event_id), me(call)["id"]
    if not is_favorite(call, event, caller):
        raise MissingError("favorite")
    drop_favorite(call, event, caller)


def is_favorite(call: Call, event: Json, user_id: str) -> bool:
    """Whether this user has marked the event."""
    return _key(event, user_id) in call.collection("favorites")


def drop_favorite(call: Call, event: Json, user_id: str) -> None:
    """Let somebody who loses sight of the event lose the mark too."""
    if is_favorite(call, event, user_id):
        call.collection("favorites").remove(_key(event, user_id))


def _key(event: Json, user_id: str) -> str:
    return f"{event['id']}:{user_id}"
