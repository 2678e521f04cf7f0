"""Sound and picture, as far as others are told of them: nothing is really sent (dossier 8.7)."""

from __future__ import annotations

from greenroom.emulator.toolkit import Call, Json
from greenroom.handlers.opentalk import instants
from greenroom.handlers.opentalk.control import update
from greenroom.handlers.opentalk.events import signal
from greenroom.handlers.opentalk.meetings import joined
from greenroom.handlers.opentalk.talk import Action, Talk


def update_media_session(talk: Talk) -> None:
    """Show the others whether one's microphone and camera are on."""
    kind, state = talk.command["media_session_type"], talk.command["media_session_state"]
    person = talk.save(talk.speaker, media={**talk.speaker["media"], kind: state})
    update(talk.call, talk.meeting, person)


def unpublish(talk: Talk) -> None:
    """Show the others that a picture or sound is no longer sent."""
    media = {**talk.speaker["media"]}
    media.pop(talk.command["media_session_type"], None)
    update(talk.call, talk.meeting, talk.save(talk.speaker, media=media))


def update_speaking_state(talk: Talk) -> None:
    """Show everybody that one begins or stops to speak."""
    speak(talk.call, talk.meeting, talk.speaker, talk.command["is_speaking"])


def speak(call: Call, meeting: Json, person: Json, is_speaking: bool) -> None:
    """Show everybody that somebody begins or stops to speak."""
    now = instants.now(call)
    spoken = {"speaking": is_speaking, "speaking_updated_at": now}
    call.collection("participants").save(person | spoken)
    facts = {"participant": person["id"], "is_speaking": is_speaking, "updated_at": now}
    call.emit(signal(call, joined(call, meeting), "media", "speaker_updated", **facts))


_SESSION = {"media_session_type": str, "media_session_state": dict}
ACTIONS = {
    "publish_complete": Action(update_media_session, _SESSION),
    "update_media_session": Action(update_media_session, _SESSION),
    "unpublish": Action(unpublish, {"media_session_type": str}),
    "update_speaking_state": Action(update_speaking_state, {"is_speaking": bool}),
}
