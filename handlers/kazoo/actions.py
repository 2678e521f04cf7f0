"""Actions: what may be done to a conference and to those who are in it."""

from __future__ import annotations

from collections.abc import Sequence

from greenroom.emulator.toolkit import Call, Json
from greenroom.handlers.kazoo.errors import FaultyRequestError

CONFERENCE_ACTIONS = ("lock", "unlock")
PARTICIPANT_ACTIONS = ("mute", "unmute", "deaf", "undeaf", "kick")


def action_of(call: Call, body: Json, allowed: Sequence[str]) -> str:
    """The action of a request: from `data`, then the query, then the envelope."""
    places = (call.check("Fields", body["data"]), dict(call.request.query_pairs()), body)
    found = next((place["action"] for place in places if "action" in place), None)
    if found not in allowed:
        raise FaultyRequestError(allowed)
    return str(found)
