"""Participants: the call legs in a running conference."""

from __future__ import annotations

import re

from greenroom.emulator.toolkit import Call, Json
from greenroom.handlers.kazoo import runs
from greenroom.handlers.kazoo.actions import PARTICIPANT_ACTIONS, action_of
from greenroom.handlers.kazoo.errors import BadIdentifierError
from greenroom.handlers.kazoo.shapes import conference_shape, done_shape, participant_shape

NUMBER = re.compile("[0-9]+")


def list_participants(call: Call, conference_id: str) -> Json:
    """Show who is in; nobody while the conference is not running."""
    conference = call.collection("conferences").get(conference_id)
    people = runs.participants_of(call, conference["id"])
    return {"data": [participant_shape(call, each) for each in people]}


def perform_participants_action(call: Call, conference_id: str, body: Json) -> Json:
    """Moderators are spared everything but being kicked."""
    conference = call.collection("conferences").get(conference_id)
    action = action_of(call, body, PARTICIPANT_ACTIONS)
    for participant in runs.participants_of(call, conference_id):
        if action == "kick" or not participant["is_moderator"]:
            runs.change(call, participant, action)
    return conference_shape(conference)


def get_participant(call: Call, conference_id: str, participant_id: str) -> Json:
    """A number nobody has is no error but an empty object."""
    participant = _participant(call, conference_id, participant_id)
    return {"data": participant_shape(call, participant) if participant is not None else {}}


def perform_participant_action(
    call: Call, conference_id: str, participant_id: str, body: Json
) -> Json:
    """Moderators are not spared; a number nobody has is no error."""
    conference = call.collection("conferences").get(conference_id)
    participant = _participant(call, conference_id, participant_id)
    action = action_of(call, body, PARTICIPANT_ACTIONS)
    if participant is not None:
        runs.change(call, participant, action)
    return done_shape(conference)


def _participant(call: Call, conference_id: str, participant_id: str) -> Json | None:
    conference = call.collection("conferences").get(conference_id)
    if NUMBER.fullmatch(participant_id) is None:
        raise BadIdentifierError(participant_id)
    return runs.participant_of(call, conference["id"], participant_id)
