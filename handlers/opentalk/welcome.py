"""What somebody who has come in is told: who is there, and what each module knows (8.6, 8.7)."""

from __future__ import annotations

from greenroom.emulator.toolkit import Call, Json
from greenroom.handlers.opentalk.breakout_rooms import breakout_state
from greenroom.handlers.opentalk.events import peer, waiting_peer
from greenroom.handlers.opentalk.features import tariff_of
from greenroom.handlers.opentalk.meetings import JOINED, OUTSIDE, attendees, people
from greenroom.handlers.opentalk.shapes import (
    avatar_url,
    event_info_shape,
    signaling_tariff_shape,
)


def welcome(call: Call, meeting: Json, room: Json, person: Json) -> Json:
    """The payload of `join_success`."""
    event = call.collection("events").first(room_id=room["id"])
    there = [each for each in attendees(call, meeting) if each["id"] != person["id"]]
    told: Json = {
        "message": "join_success",
        "id": person["id"],
        "display_name": person["display_name"],
        "role": person["role"],
        "is_room_owner": person["is_room_owner"],
        "tariff": signaling_tariff_shape(tariff_of(call, room["created_by"])),
        "participants": [peer(call, each, person) for each in there],
        "event_info": event_info_shape(event) if event is not None else None,
        "chat": _chat(call, meeting, person),
        "moderation": _moderation(call, meeting, person),
        "media": {"is_presenter": True, "speakers": _speakers(call, meeting)},
        "recording": None,
    }
    if person["user_id"] is not None:
        told["avatar_url"] = avatar_url(call, person["email"])
    if meeting["closes_at"] is not None:
        told["closes_at"] = meeting["closes_at"]
    folder = call.collection("shared_folders").first(id=event["id"]) if event is not None else None
    if folder is not None:
        told["shared_folder"] = _folder(folder, person)
    breakout = breakout_state(call, meeting)
    return told | ({"breakout": breakout} if breakout is not None else {})


def _moderation(call: Call, meeting: Json, person: Json) -> Json:
    told = {"raise_hands_enabled": meeting["raise_hands"]}
    if person["role"] == "moderator":
        told["waiting_room_enabled"] = meeting["waiting_room"]
        outside = people(call, meeting, *OUTSIDE)
        told["waiting_room_participants"] = [waiting_peer(call, each) for each in outside]
    return told


def _speakers(call: Call, meeting: Json) -> list[Json]:
    return [
        {
            "participant": each["id"],
            "is_speaking": each["speaking"],
            "updated_at": each["speaking_updated_at"],
        }
        for each in people(call, meeting, JOINED)
        if each["speaking_updated_at"] is not None
    ]


def _folder(folder: Json, person: Json) -> Json:
    read_write = person["role"] == "moderator"
    return {key: folder[key] for key in ("read", "read_write") if key == "read" or read_write}


def _chat(call: Call, meeting: Json, person: Json) -> Json:
    messages = call.collection("messages").find(meeting=meeting["id"])
    private: dict[str, list[Json]] = {}
    for each in messages:
        ends = (each["source"], each.get("target"))
        if each["scope"] == "private" and person["id"] in ends:
            correspondent = ends[1] if ends[0] == person["id"] else ends[0]
            private.setdefault(str(correspondent), []).append(stored_message(each))
    return {
        "enabled": meeting["chat"],
        "room_history": [stored_message(each) for each in messages if each["scope"] == "global"],
        "groups_history": [
            {
                "name": group,
                "history": [
                    stored_message(each)
                    for each in messages
                    if each["scope"] == "group" and each["target"] == group
                ],
            }
            for group in person["groups"]
        ],
        "private_history": [
            {"correspondent": correspondent, "history": history}
            for correspondent, history in private.items()
        ],
        "last_seen_timestamp_global": person["seen"]["global"],
        "last_seen_timestamps_private": person["seen"]["private"],
        "last_seen_timestamps_group": person["seen"]["group"],
    }


def stored_message(message: Json) -> Json:
    """A message of the chat as the history has it."""
    hidden = ("meeting", "room_id")
    return {key: value for key, value in message.items() if key not in hidden}
