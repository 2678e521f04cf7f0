"""What is said over a room's sockets: the messages, and who hears them (dossier 8.2, 8.6)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from greenroom.emulator.toolkit import Call, Event, Frame, Json
from greenroom.handlers.opentalk import instants
from greenroom.handlers.opentalk.shapes import avatar_url


def envelope(call: Call, namespace: str, payload: Json) -> Json:
    """One message as it goes to a client."""
    return {"namespace": namespace, "timestamp": instants.now(call), "payload": payload}


def signal(
    call: Call, audience: Iterable[Json], namespace: str, message: str, **members: Any
) -> Event:
    """The same message for everybody in the audience who is connected."""
    there = list(audience)
    meeting = there[0]["meeting"] if there else None
    return _event(call, meeting, there, namespace, message, members)


def concerning(
    call: Call, person: Json, audience: Iterable[Json], namespace: str, message: str, **members: Any
) -> Event:
    """The same message about somebody for everybody in the audience, if there is anybody."""
    return _event(call, person["meeting"], list(audience), namespace, message, members)


def _event(
    call: Call,
    meeting: str | None,
    audience: list[Json],
    namespace: str,
    message: str,
    members: Json,
) -> Event:
    body = envelope(call, namespace, {"message": message, **members})
    heard = [each["socket"] for each in audience if each["socket"] is not None]
    frames = tuple(Frame(socket, body) for socket in heard)
    return Event(f"{namespace}.{message}", {"meeting": meeting, **members}, frames=frames)


def about(
    call: Call, audience: list[Json], namespace: str, message: str, person: Json
) -> list[Event]:
    """A message that shows somebody to the others, as each of them sees him."""
    if not (person["groups"] and audience):
        shown = peer(call, person)
        return [concerning(call, person, audience, namespace, message, **shown)]
    return [
        concerning(call, person, [each], namespace, message, **peer(call, person, each))
        for each in audience
    ]


def peer(call: Call, person: Json, viewer: Json | None = None) -> Json:
    """Somebody as others see him: what each module has to say."""
    shown: Json = {
        "id": person["id"],
        "control": control_state(call, person),
        "media": {"is_presenter": True},
    }
    if person["media"]:
        shown["media"]["state"] = person["media"]
    if person["user_id"] is not None:
        theirs = viewer["groups"] if viewer is not None else []
        shown["chat"] = {"groups": [each for each in person["groups"] if each in theirs]}
    return shown


def control_state(call: Call, person: Json) -> Json:
    """What the control module knows of somebody."""
    shown: Json = {
        "display_name": person["display_name"],
        "role": person["role"],
        "participation_kind": person["kind"],
        "hand_is_up": person["hand_is_up"],
        "joined_at": person["joined_at"],
        "left_at": person["left_at"],
        "hand_updated_at": person["hand_updated_at"],
        "is_room_owner": person["is_room_owner"],
    }
    if person["user_id"] is not None:
        shown["avatar_url"] = avatar_url(call, person["email"])
    return shown


def waiting_peer(call: Call, person: Json) -> Json:
    """Somebody in the waiting room as moderators see him."""
    return {
        "id": person["id"],
        "control": control_state(call, person),
        "waiting_room_state": person["standing"],
    }
