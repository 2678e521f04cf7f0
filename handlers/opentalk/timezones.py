"""Time zones as calendar files have them: when clocks change, and from what to what.

The library can tell that of a zone too, but it finds clocks that are put on an hour late, and does
not find a change that is taken back within two months.
"""

from __future__ import annotations

from bisect import bisect
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from icalendar import Timezone

# How far ahead a file tells when clocks change.
YEARS_AHEAD = 10
# What clocks are changed from and to, what the time is then called, and whether it is the standard.
Observance = tuple[timedelta, timedelta, str, bool]
DAY, SECOND = timedelta(days=1), timedelta(seconds=1)


@lru_cache(maxsize=64)
def timezone_from(zone: str, year: int) -> Timezone:
    """When clocks change in a zone, from a year of theirs on; it takes long to find out."""
    from icalendar import Timezone, TimezoneDaylight, TimezoneStandard

    found = Timezone()
    found.add("TZID", zone)
    for (before, after, name, is_standard), starts in _observances(ZoneInfo(zone), year).items():
        observance = TimezoneStandard() if is_standard else TimezoneDaylight()
        observance.add("DTSTART", starts[0])
        observance.add("TZOFFSETFROM", before)
        observance.add("TZOFFSETTO", after)
        observance.add("TZNAME", name)
        if starts[1:]:
            observance.add("RDATE", starts[1:])
        found.add_component(observance)
    return found


def _observances(zone: ZoneInfo, year: int) -> dict[Observance, list[datetime]]:
    """Each observance with its beginnings, by the clock as it was before."""
    first = datetime(year, 1, 1, tzinfo=zone)
    found = {_observance(first, first): [first.replace(tzinfo=None)]}
    for last, changed in _changes(first.astimezone(UTC), zone):
        begins = (changed.astimezone(UTC) + _offset(last)).replace(tzinfo=None)
        found.setdefault(_observance(last, changed), []).append(begins)
    return found


def _observance(last: datetime, changed: datetime) -> Observance:
    return _offset(last), _offset(changed), str(changed.tzname()), not changed.dst()


def _changes(first: datetime, zone: ZoneInfo) -> Iterator[tuple[datetime, datetime]]:
    """The last second before each change and the first one after it; never two on one day."""
    at, end = first, first.replace(year=first.year + YEARS_AHEAD)
    while at < end:
        if _is_changed(at, at + DAY, zone):
            changed = at + _left(at, zone)
            yield (changed - SECOND).astimezone(zone), changed.astimezone(zone)
        at += DAY


def _left(at: datetime, zone: ZoneInfo) -> timedelta:
    """How long it is until the clocks are changed, within a day."""
    seconds = range(DAY // SECOND)
    return SECOND * bisect(seconds, False, key=lambda n: _is_changed(at, at + n * SECOND, zone))


def _is_changed(at: datetime, later: datetime, zone: ZoneInfo) -> bool:
    return _offset(at.astimezone(zone)) != _offset(later.astimezone(zone))


def _offset(local: datetime) -> timedelta:
    return local.utcoffset() or timedelta()
