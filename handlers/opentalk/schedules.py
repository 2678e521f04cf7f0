"""Schedules: when an event takes place, which times and rules fit each other."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

from greenroom.emulator.toolkit import Json
from greenroom.handlers.opentalk import instants
from greenroom.handlers.opentalk.errors import (
    BadRequestError,
    InvalidEventError,
    RejectedError,
    Rejection,
)
from greenroom.handlers.opentalk.recurrence import CENTURY, Series, series_of
from greenroom.handlers.opentalk.rules import PatternError

LATEST = datetime.max.replace(tzinfo=UTC) - timedelta(days=2)
TIMES = ("is_all_day", "starts_at", "ends_at")
UNTIMED: Json = {
    "is_time_independent": True,
    "is_all_day": None,
    "starts_at": None,
    "ends_at": None,
    "recurrence_pattern": [],
    "ends": None,
}


def new_schedule(body: Json) -> Json:
    """The schedule of a new event, in one of the four forms there are."""
    given = [name for name in TIMES if body.get(name) is not None]
    pattern = body.get("recurrence_pattern") or []
    if body["is_time_independent"]:
        if given or pattern:
            raise BadRequestError("An event that is time independent has neither times nor rules.")
        return UNTIMED
    if len(given) < len(TIMES):
        raise BadRequestError(f"An event that has a time needs all of {', '.join(TIMES)}.")
    return _timed(_read(body) | {"recurrence_pattern": pattern})


def changed_schedule(event: Json, changes: Json) -> Json:
    """The schedule that an event has after some changes to it."""
    given = [name for name in TIMES if name in changes]
    independent = changes.get("is_time_independent", event["is_time_independent"])
    if independent:
        ignored = given + (["recurrence_pattern"] if changes.get("recurrence_pattern") else [])
        _reject(ignored, "ignored_value")
        return UNTIMED
    if event["is_time_independent"]:
        _reject([name for name in TIMES if name not in changes], "value_required")
    pattern = changes.get("recurrence_pattern", event["recurrence_pattern"])
    kept = {name: event[name] for name in TIMES}
    return _timed(kept | _read(changes) | {"recurrence_pattern": pattern})


def changed_times(shown: Json, changes: Json) -> Json:
    """The times of one instance that some changes name, if they fit the others."""
    times = _read(changes)
    if times:  # whole days that are repeated by the wall clock do not all begin at midnight UTC
        _check_times({name: shown[name] for name in TIMES} | times)
    return times


def series(event: Json) -> Series:
    """The series of an event that is repeated."""
    start = event["starts_at"]
    moment = instants.moment(start["datetime"])
    return series_of(moment, start["timezone"], tuple(event["recurrence_pattern"]))


def starts(event: Json) -> datetime:
    """When an event that has a time starts, for the first time."""
    return instants.moment(event["starts_at"]["datetime"])


def length(event: Json) -> timedelta:
    """How long an event that has a time takes, by the stop-watch."""
    return instants.moment(event["ends_at"]["datetime"]) - starts(event)


def is_over(event: Json, now: datetime) -> bool:
    """Whether the event has taken place for the last time."""
    if event["is_time_independent"]:
        return False
    last = instants.moment(event["ends"])
    return (last + length(event) if event["recurrence_pattern"] else last) < now


def _reject(names: list[str], code: str) -> None:
    if names:
        raise RejectedError(*(Rejection(name, code) for name in names))


def _read(given: Json) -> Json:
    """The times among what was given, as they are kept."""
    times = {name: given[name] for name in TIMES if given.get(name) is not None}
    for name in ("starts_at", "ends_at"):
        if name in times:
            moment = instants.given(times[name]["datetime"])
            zone = times[name]["timezone"]
            times[name] = {"datetime": instants.stamp(moment), "timezone": zone}
    return times


def _timed(schedule: Json) -> Json:
    """The whole schedule of an event that has a time, if its parts fit each other."""
    _check_times(schedule)
    ends = (
        _series_end(schedule) if schedule["recurrence_pattern"] else schedule["ends_at"]["datetime"]
    )
    return {"is_time_independent": False, **schedule, "ends": ends}


def _check_times(times: Json) -> None:
    start, end = (instants.moment(times[name]["datetime"]) for name in ("starts_at", "ends_at"))
    if end < start:
        raise InvalidEventError("An event cannot end before it starts.")
    if times["is_all_day"] and not start.time() == end.time() == time.min:
        raise InvalidEventError("An event of whole days starts and ends at midnight UTC.")


def _series_end(schedule: Json) -> str:
    """The last start of a series that ends, else a time that is far enough away."""
    try:
        found = series(schedule)
    except PatternError as error:
        raise InvalidEventError(str(error)) from None
    if found.start + length(schedule) > LATEST - CENTURY:
        raise InvalidEventError("An event that takes millennia cannot be repeated.")
    if not found.is_bounded:
        return instants.stamp(found.start + CENTURY)
    last = found.last()
    if last is None:
        raise InvalidEventError("The recurrence pattern has no dates at all.")
    return instants.stamp(last)
