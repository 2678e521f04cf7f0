"""Recurrence patterns as they are written: the property lines of RFC 5545."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from dateutil.rrule import DAILY, FREQNAMES, MONTHLY, WEEKLY, YEARLY, weekday

DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
# More often than every quarter of an hour is finer than a daily rule ought to be.
TIMES_A_DAY = 96
POSITIONS = 31
MOST = 2**31 - 1
_LAST_SECOND = time(23, 59, 59)

_LINE = re.compile(r"(RRULE|EXRULE)():(.+)|(RDATE|EXDATE)((?:;[^:;]+)*):(.+)", re.IGNORECASE)
_DAY = re.compile(rf"([+-]?[0-9]{{1,2}})?({'|'.join(DAYS)})")
_NUMBER = re.compile(r"[+-]?[0-9]{1,10}")
_MOMENT = re.compile(r"([0-9]{8})(?:T([0-9]{6})(Z)?)?")

Words = Mapping[str, Any]


class PatternError(ValueError):
    """A recurrence pattern is not one that can be followed; says what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One RRULE or EXRULE, everything it takes from its first start written out.

    `words` are the library's for its frequency, the start of the week and the BY parts; `until`
    is the last possible instant.
    """

    words: Words
    interval: int
    count: int | None = None
    until: datetime | None = None

    @property
    def frequency(self) -> int:
        """The library's number for how long a period is."""
        return int(self.words["freq"])

    @property
    def week_start(self) -> int:
        """The number of the weekday on which weeks begin."""
        return int(self.words["wkst"])


@dataclass(frozen=True, slots=True)
class Pattern:
    """What is repeated and what is left out; dates are instants in order."""

    rules: tuple[Rule, ...]
    exclusions: tuple[Rule, ...]
    dates: tuple[datetime, ...]
    excluded_dates: tuple[datetime, ...]


def pattern_of(lines: Iterable[str], start: datetime, zone: ZoneInfo) -> Pattern:
    """What the lines say for a first start, an instant, in its time zone."""
    local = start.astimezone(zone).replace(tzinfo=None)
    rules: dict[str, list[Rule]] = {"RRULE": [], "EXRULE": []}
    dates: dict[str, list[datetime]] = {"RDATE": [], "EXDATE": []}
    for line in lines:
        name, parameters, value = _split(line)
        if name in rules:
            rules[name].append(_rule(value, local, zone))
        else:
            dates[name] += _dates(value, parameters, local.time(), zone)
    return Pattern(
        tuple(rules["RRULE"]),
        tuple(rules["EXRULE"]),
        tuple(sorted(dates["RDATE"])),
        tuple(sorted(dates["EXDATE"])),
    )


def instant(local: datetime, zone: ZoneInfo) -> datetime:
    """The instant of a wall-clock time: in a gap as if the clock had not moved, else the first."""
    return local.replace(tzinfo=zone).astimezone(UTC)


def _split(line: str) -> tuple[str, list[str], str]:
    found = _LINE.fullmatch(line)
    if found is None:
        raise PatternError(f"{line!r} is no RRULE, RDATE, EXRULE or EXDATE.")
    name, parameters, value = (each for each in found.groups() if each is not None)
    return name.upper(), parameters.split(";")[1:], value


def _rule(value: str, start: datetime, zone: ZoneInfo) -> Rule:
    given = _members(value.upper())
    week_start, count, until = given.get("WKST", "MO"), given.get("COUNT"), given.get("UNTIL")
    if week_start not in DAYS:
        raise PatternError(f"WKST={week_start} is no day of the week.")
    if count and until:
        raise PatternError("COUNT and UNTIL exclude each other.")
    words: dict[str, Any] = {
        "freq": _frequency(given.get("FREQ", "")),
        "wkst": DAYS.index(week_start),
    }
    words |= {
        _word(name): read(name, given[name]) for name, read in _PARTS.items() if name in given
    }
    return Rule(
        _checked(_implied(words, start) | words),
        _number("INTERVAL", given.get("INTERVAL", "1"), 1, MOST),
        None if count is None else _number("COUNT", count, 1, MOST),
        None if until is None else _moment(until, _LAST_SECOND, zone),
    )


def _members(value: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for part in value.split(";"):
        name, equals, text = part.partition("=")
        if not equals or name in found or name not in _NAMES:
            raise PatternError(f"{part!r} is no part of a rule, or is there twice.")
        found[name] = text
    return found


def _frequency(word: str) -> int:
    if word not in FREQNAMES:
        raise PatternError("A rule needs a FREQ.")
    frequency = FREQNAMES.index(word)
    if frequency > DAILY:
        raise PatternError(f"FREQ={word} is finer than DAILY.")
    return frequency


def _word(name: str) -> str:
    return "byweekday" if name == "BYDAY" else name.lower()


def _number(name: str, text: str, least: int, most: int) -> int:
    if not _NUMBER.fullmatch(text) or not least <= int(text) <= most:
        raise PatternError(f"{name}={text} is not between {least} and {most}.")
    return int(text)


def _numbers(least: int, most: int) -> Callable[[str, str], tuple[int, ...]]:
    def read(name: str, text: str) -> tuple[int, ...]:
        numbers = [_number(name, each, least, most) for each in text.split(",")]
        if least < 0 and 0 in numbers:
            raise PatternError(f"{name} counts from 1, or from -1 backwards.")
        return tuple(dict.fromkeys(numbers))

    return read


def _days(name: str, text: str) -> tuple[weekday, ...]:
    days = []
    for each in text.split(","):
        found = _DAY.fullmatch(each)
        if found is None or (found[1] and not 0 < abs(int(found[1])) <= 53):
            raise PatternError(f"{name}={each} names no day.")
        days.append(weekday(DAYS.index(found[2]), int(found[1]) if found[1] else None))
    return tuple(days)


_PARTS: Mapping[str, Callable[[str, str], tuple[int | weekday, ...]]] = {
    "BYSECOND": _numbers(0, 59),
    "BYMINUTE": _numbers(0, 59),
    "BYHOUR": _numbers(0, 23),
    "BYDAY": _days,
    "BYMONTHDAY": _numbers(-31, 31),
    "BYYEARDAY": _numbers(-366, 366),
    "BYWEEKNO": _numbers(-53, 53),
    "BYMONTH": _numbers(1, 12),
    "BYSETPOS": _numbers(-366, 366),
}
_NAMES = {"FREQ", "UNTIL", "COUNT", "INTERVAL", "WKST", *_PARTS}
_CHOOSING_DAYS = ("byweekno", "byyearday", "bymonthday", "byweekday")


def _implied(words: Words, start: datetime) -> dict[str, Any]:
    """What a rule takes from its start, so that a walk of it may begin anywhere."""
    implied = {"byhour": [start.hour], "byminute": [start.minute], "bysecond": [start.second]}
    if any(name in words for name in _CHOOSING_DAYS):
        return implied
    if words["freq"] == YEARLY:
        return implied | {"bymonth": [start.month], "bymonthday": [start.day]}
    if words["freq"] == MONTHLY:
        return implied | {"bymonthday": [start.day]}
    return implied | ({"byweekday": [start.weekday()]} if words["freq"] == WEEKLY else {})


def _checked(words: Words) -> Words:
    """The words, unless they repeat too often or number days further than the library counts."""
    if len(words["byhour"]) * len(words["byminute"]) * len(words["bysecond"]) > TIMES_A_DAY:
        raise PatternError(f"A rule may name {TIMES_A_DAY} times of the day at most.")
    if len(words.get("bysetpos", ())) > POSITIONS:
        raise PatternError(f"A rule may name {POSITIONS} positions at most.")
    numbers = [abs(day.n) for day in words.get("byweekday", ()) if getattr(day, "n", None)]
    within_a_month = words["freq"] == MONTHLY or "bymonth" in words
    if numbers and (words["freq"] > MONTHLY or max(numbers) > (5 if within_a_month else 53)):
        raise PatternError("Days are numbered within a month or a year only.")
    return words


def _dates(value: str, parameters: list[str], at: time, zone: ZoneInfo) -> list[datetime]:
    for parameter in parameters:
        name, _, text = parameter.partition("=")
        if name.upper() == "TZID":
            zone = zone_of(text)
        elif parameter.upper() not in ("VALUE=DATE", "VALUE=DATE-TIME"):
            raise PatternError(f"{parameter} is not understood.")
    return [_moment(each.upper(), at, zone) for each in value.split(",")]


def _moment(text: str, at: time, zone: ZoneInfo) -> datetime:
    """The instant that a date-time means; that of a date has this time of the day."""
    found = _MOMENT.fullmatch(text)
    if found is None:
        raise PatternError(f"{text!r} is no date.")
    day, clock, utc = found.groups()
    try:
        local = datetime.fromisoformat(f"{day}T{clock or format(at, '%H%M%S')}")
        return local.replace(tzinfo=UTC) if utc else instant(local, zone)
    except (ValueError, OverflowError):
        raise PatternError(f"{text} is not in the calendar.") from None


def zone_of(name: str) -> ZoneInfo:
    """The time zone of that name."""
    try:
        return ZoneInfo(name)
    except (LookupError, ValueError, OSError):
        raise PatternError(f"{name!r} is no time zone.") from None
