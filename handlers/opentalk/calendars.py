"""Calendar files: what a mail about an event brings along for the diary of its reader."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from greenroom.emulator.toolkit import Json
from greenroom.handlers.opentalk import instants
from greenroom.handlers.opentalk.event_shapes import moment_of
from greenroom.handlers.opentalk.schedules import series
from greenroom.handlers.opentalk.timezones import timezone_from

if TYPE_CHECKING:
    from icalendar import Calendar, Event

MAKER = "-//Greenroom//OpenTalk//EN"
HALF_A_DAY = timedelta(hours=12)


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
        begins = moment_of(entry.other["instance_id"])
        component.add("RECURRENCE-ID", _as_repeated(entry.event, begins))
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
        return _day(moment)
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
            component.add(name, [_as_repeated(event, each) for each in dates])
    zone = event["starts_at"]["timezone"]
    if not event["is_all_day"] and zone != "UTC":
        year = series(event).start.astimezone(ZoneInfo(zone)).year
        calendar.add_component(timezone_from(zone, year))


def _as_repeated(event: Json, begins: datetime) -> datetime | date:
    """The beginning of an instance as its series has them: by the day, if it takes whole days."""
    return _day(begins) if event["is_all_day"] else begins


def _day(midnight: datetime) -> date:
    """The day that begins then; what is repeated by the wall clock is off by some hours."""
    return (midnight + HALF_A_DAY).date()
