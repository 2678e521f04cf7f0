"""Instances: the single times at which an event takes place."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice, takewhile

from greenroom.emulator.toolkit import Call, Json, Reply
from greenroom.handlers.opentalk import instants
from greenroom.handlers.opentalk.access import event_of, me
from greenroom.handlers.opentalk.errors import BadRequestError, MissingError, NothingToChangeError
from greenroom.handlers.opentalk.event_shapes import Show, instance_id_of
from greenroom.handlers.opentalk.notifications import instance_changed
from greenroom.handlers.opentalk.paging import address, cursor, linked, place_of
from greenroom.handlers.opentalk.profiles import profile
from greenroom.handlers.opentalk.recurrence import Place
from greenroom.handlers.opentalk.schedules import TIMES, changed_times, series, starts
from greenroom.handlers.opentalk.venues import ensure_code

MOST_PER_PAGE = 100
# dossier 7.7
HORIZON = timedelta(days=40 * 365 + 10)
INSTANT = timedelta(microseconds=1)
EARLIEST = datetime.min.replace(tzinfo=UTC) + INSTANT
_ID = re.compile(r"[0-9]{8}T[0-9]{6}(?:Z|[+-][0-9]{4})")
_TAKEN = re.compile(r"[0-9]{1,6}(?:,[0-9]{1,6})*|")


def get_event_instances(
    call: Call,
    event_id: str,
    per_page: int,
    after: str | None = None,
    cursor: str | None = None,
    time_min: str | None = None,
    time_max: str | None = None,
    invitees_max: int = 0,
) -> Reply:
    """List when the event takes place, cancelled instances among the others."""
    event = event_of(call, event_id)
    per_page = min(max(per_page, 1), MOST_PER_PAGE)
    begin = _begin(after if cursor is None else cursor, time_min)
    end = call.now() + HORIZON
    if time_max is not None:
        end = min(end, instants.given(time_max, BadRequestError))
    near = takewhile(lambda place: place.at <= end, _places(call, event, begin))
    places = list(islice(near, per_page + 1))
    found = [(each.at, _exception(call, event, each.at)) for each in places[:per_page]]
    shown = Show(call, invitees_max).instances(event, found)
    if len(places) <= per_page:
        return linked(shown)
    token = _token(places[per_page - 1])
    onward = address(call, cursor=token, after=None), address(call, after=token, cursor=None)
    return linked(shown, (onward[0], "next"), (onward[1], "after"))


def get_event_instance(call: Call, event_id: str, instance_id: str, invitees_max: int = 0) -> Json:
    """Show one time at which the event takes place, by its time as it was before any change."""
    event = event_of(call, event_id)
    at = _instant_of(call, event, instance_id)
    return _shown(call, event, at, invitees_max)


def patch_event_instance(
    call: Call,
    event_id: str,
    instance_id: str,
    body: Json,
    invitees_max: int = 0,
    suppress_email_notification: bool = False,
) -> tuple[Json | None, int]:
    """Change one time of a repeated event; it keeps its id wherever it is moved."""
    event = event_of(call, event_id)
    at = _instant_of(call, event, instance_id)
    if not event["recurrence_pattern"]:
        raise MissingError("instance: the event is not repeated")
    changes = {name: body[name] for name in _MEMBERS if body.get(name) is not None}
    if not changes:
        if profile(call).refuses_empty_changes:
            raise NothingToChangeError
        return None, 204
    times = changed_times(_shown(call, event, at, 0), changes)
    exception = _exception(call, event, at) or _new_exception(call, event, at)
    exception |= changes | times | {"sequence": exception["sequence"] + 1}
    _keep(call, exception)
    if not suppress_email_notification:
        ensure_code(call, event["room_id"])
    shown = _shown(call, event, at, invitees_max)
    told = exception | {name: shown[name] for name in _MEMBERS}
    instance_changed(call, event, told, suppress=suppress_email_notification)
    return shown, 200


_MEMBERS = ("title", "description", *TIMES, "status")


def _places(call: Call, event: Json, begin: Place | None) -> Iterator[Place]:
    """Where the event takes place in time; what happens once does so where the profile says it."""
    if event["recurrence_pattern"]:
        return series(event).after(begin)
    if not profile(call).expands_single_events:
        raise MissingError("series: the event is not repeated")
    once = [] if event["is_time_independent"] else [Place(starts(event).replace(microsecond=0))]
    return (place for place in once if begin is None or place.at > begin.at)


def _begin(token: str | None, time_min: str | None) -> Place | None:
    """The place that a list begins behind."""
    earliest = None
    if time_min is not None:
        at = max(instants.given(time_min, BadRequestError), EARLIEST)
        earliest = Place(at - INSTANT)
    if token is None:
        return earliest
    text, taken = place_of(token, str, str)
    if not _TAKEN.fullmatch(taken):
        raise BadRequestError("The cursor is none that was given out here.")
    place = Place(
        instants.given(text, BadRequestError), tuple(int(each) for each in taken.split(",") if each)
    )
    return place if earliest is None or place.at >= earliest.at else earliest


def _token(place: Place) -> str:
    return cursor(instants.stamp(place.at), ",".join(map(str, place.taken)))


def _instant_of(call: Call, event: Json, instance_id: str) -> datetime:
    """When an instance starts that there is."""
    try:
        found = _ID.fullmatch(instance_id)
        at = datetime.fromisoformat(instance_id).astimezone(UTC) if found else None
    except (ValueError, OverflowError):
        at = None
    begin = None if at is None else Place(max(at, EARLIEST) - INSTANT)
    place = next(_places(call, event, begin), None)
    if place is None or place.at != at:
        raise MissingError("instance of this event")
    return place.at


def _exception(call: Call, event: Json, at: datetime) -> Json | None:
    return call.collection("event_exceptions").first(id=f"{event['id']}_{instance_id_of(at)}")


def _new_exception(call: Call, event: Json, at: datetime) -> Json:
    return {
        "id": f"{event['id']}_{instance_id_of(at)}",
        "event_id": event["id"],
        "instance_id": instance_id_of(at),
        "created_by": me(call)["id"],
        "created_at": instants.now(call),
        "status": "ok",
        "sequence": event["sequence"],
    }


def _keep(call: Call, exception: Json) -> None:
    exceptions = call.collection("event_exceptions")
    if exception["id"] in exceptions:
        exceptions.save(exception)
    else:
        exceptions.add(exception)


def _shown(call: Call, event: Json, at: datetime, invitees_max: int) -> Json:
    found = [(at, _exception(call, event, at))]
    return Show(call, invitees_max).instances(event, found)[0]
