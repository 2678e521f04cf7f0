"""Calendar files: what a mail about an event brings along for the diary of its reader."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from greenroom.emulator.toolkit import Json
from greenroom.handlers.opentalk import instants
from greenroom.handlers.opentalk.event_shapes import moment_of
from greenroom.handlers.opentalk.schedules import series

if TYPE_CHECKING:
    from icalendar import Calendar, Event, Timezone

MAKER = "-//Greenroom//OpenTalk//EN"
# How far ahead a file tells when clocks change.
YEARS_AHEAD = 10


@dataclass(frozen=True, slots=True)
class Entry:
    """What a calendar file is about, and what the reader's diary is to do with it.

    `method` is REQUEST or CANCEL; `other` is what is different about one instance when the file
    is about that alone, and `organizer` the user who made the event.
    """

    event: Json
    method: str
    organizer: Json
    attendee: str
    at: datetime
    url: str
    other: Json | None = None


def calendar_file(entry: Entry) -> bytes:
    """The file about an event that has a time."""
    # It takes longer to import than the whole emulator may take to start.
    from icalendar import Calendar, Event

    calendar, component = Calendar(), Event()
    for name, value in (("PRODID", MAKER), ("VERSION", "2.0"), ("METHOD", entry.method)):
        calendar.add(name, value)
    _describe(component, entry)
    if entry.other is not None:
        component.add("RECURRENCE-ID", moment_of(entry.other["instance_id"]))
    elif entry.event["recurrence_pattern"]:
        _add_rules(calendar, component, entry.event)
    calendar.add_component(component)
    return bytes(calendar.to_ical())


def _describe(component: Event, entry: Entry) -> None:
    from icalendar import vCalAddress

    told = entry.event | {name: each for name, each in (entry.other or {}).items() if each}
    organizer = vCalAddress(f"mailto:{entry.organizer['email']}")
    organizer.params["CN"] = entry.organizer["display_name"]
    facts = {
        "UID": f"{entry.event['id']}@opentalk",
        "SEQUENCE": (entry.other or entry.event)["sequence"],
        "DTSTAMP": entry.at,
        "SUMMARY": told["title"],
        "DESCRIPTION": told["description"],
        "LOCATION": entry.url,
        "STATUS": "CANCELLED" if entry.method == "CANCEL" else "CONFIRMED",
        "ORGANIZER": organizer,
        "ATTENDEE": vCalAddress(f"mailto:{entry.attendee}"),
        "DTSTART": _time(told, "starts_at", in_zone=_is_repeated(entry)),
        "DTEND": _time(told, "ends_at", in_zone=_is_repeated(entry)),
    }
    for name, value in facts.items():
        component.add(name, value)


def _is_repeated(entry: Entry) -> bool:
    return entry.other is None and bool(entry.event["recurrence_pattern"])


def _time(told: Json, name: str, *, in_zone: bool) -> datetime | date:
    """A day for what takes whole days, the wall clock's time for what is repeated by it."""
    moment = instants.moment(told[name]["datetime"]).replace(microsecond=0)
    if told["is_all_day"]:
        return moment.date()
    return moment.astimezone(ZoneInfo(told["starts_at"]["timezone"])) if in_zone else moment


def _add_rules(calendar: Calendar, component: Event, event: Json) -> None:
    from icalendar import vRecur

    for line in event["recurrence_pattern"]:
        name, _, value = line.upper().partition(":")
        if name in ("RRULE", "EXRULE"):
            component.add(name, vRecur.from_ical(value))
    pattern = series(event).pattern
    for name, dates in (("RDATE", pattern.dates), ("EXDATE", pattern.excluded_dates)):
        if dates:
            component.add(name, list(dates))
    zone = event["starts_at"]["timezone"]
    if not event["is_all_day"] and zone != "UTC":
        year = series(event).start.year
        calendar.add_component(_timezone(zone, year))


@lru_cache(maxsize=64)
def _timezone(zone: str, year: int) -> Timezone:
    """When clocks change in a zone, from a year on; it takes long to find out."""
    from icalendar import Timezone

    first, last = date(year, 1, 1), date(year + YEARS_AHEAD, 1, 1)
    return Timezone.from_tzinfo(ZoneInfo(zone), zone, first, last)
