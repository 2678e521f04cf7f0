"""The agenda: which events concern somebody, which of them are wanted, and in which order."""

from __future__ import annotations

from dataclasses import dataclass
from operator import itemgetter

from greenroom.emulator.toolkit import Call, Json
from greenroom.handlers.opentalk import instants
from greenroom.handlers.opentalk.access import me
from greenroom.handlers.opentalk.errors import BadRequestError
from greenroom.handlers.opentalk.favorites import is_favorite
from greenroom.handlers.opentalk.paging import cursor, place_of


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a list is asked for; times are sort keys, and what is None does not matter."""

    time_min: str | None
    time_max: str | None
    favorites: bool
    adhoc: bool | None
    time_independent: bool | None
    invite_status: list[str] | None

    def includes(self, event: Json) -> bool:
        """Whether an event is wanted, as far as the event alone tells."""
        if self.adhoc is not None and event["is_adhoc"] != self.adhoc:
            return False
        independent = event["is_time_independent"]
        if self.time_independent is not None and independent != self.time_independent:
            return False
        if self.time_min is None and self.time_max is None:
            return True
        return not independent and self._meets(event)

    def _meets(self, event: Json) -> bool:
        """Whether the time from the first start to the end of the series meets the bounds."""
        start, end = instants.order(event["starts_at"]["datetime"]), instants.order(event["ends"])
        too_early = self.time_min is not None and end < self.time_min
        too_late = self.time_max is not None and start > self.time_max
        return not too_early and not too_late


def agenda(call: Call, wanted: Wanted, *, after: str | None) -> list[Json]:
    """The caller's events that are wanted, those without a time first, from a cursor on."""
    caller, events = me(call)["id"], call.collection("events")
    beyond = place_of(after, str, str, str) if after is not None else ()
    invites = call.collection("event_invites").find(invitee=caller)
    statuses = wanted.invite_status
    found = events.find(created_by=caller) if not statuses or "accepted" in statuses else []
    found += [
        events.get(each["event_id"])
        for each in invites
        if not statuses or each["status"] in statuses
    ]
    kept = [
        (_position(event), event)
        for event in found
        if wanted.includes(event) and (not wanted.favorites or is_favorite(call, event, caller))
    ]
    return [event for position, event in sorted(kept, key=itemgetter(0)) if position > beyond]


def place_after(event: Json) -> str:
    """The cursor that leads on behind an event."""
    return cursor(*_position(event))


def _position(event: Json) -> tuple[str, str, str]:
    start = event["starts_at"]["datetime"] if event["starts_at"] else ""
    return instants.order(start), instants.order(event["created_at"]), event["id"]


def bound(text: str | None) -> str | None:
    """The sort key of a time that a query gives, in any offset."""
    if text is None:
        return None
    return instants.order(instants.stamp(instants.given(text, BadRequestError)))
