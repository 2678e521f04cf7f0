"""Times and durations as the control plane takes them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from isodate import ISO8601Error, parse_duration

from greenroom.emulator.toolkit import InvalidError, Violation


def refuse(name: str, value: Any, detail: str) -> InvalidError:
    """The refusal of one member of a body."""
    violation = Violation("body", (name,), "format", None, value, detail)
    return InvalidError(f"{name} {detail}", violations=[violation])


def instant(text: str, name: str) -> datetime:
    """An RFC 3339 time in UTC."""
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError):
        raise refuse(name, text, "is no RFC 3339 time within the calendar.") from None


def duration(value: float | str, name: str) -> timedelta:
    """An ISO 8601 duration or a number of seconds, not negative."""
    try:
        found = timedelta(seconds=value) if isinstance(value, int | float) else _parsed(value)
    except (ISO8601Error, OverflowError, ValueError):
        raise refuse(name, value, "is no ISO 8601 duration such as PT45M.") from None
    if found < timedelta(0):
        raise refuse(name, value, "is negative; time only goes forward.")
    return found


def _parsed(text: str) -> timedelta:
    found = parse_duration(text)
    if not isinstance(found, timedelta):
        raise ISO8601Error("years and months have no fixed length")
    return found
