"""Moments as the API writes them: RFC 3339 in UTC with whole seconds and a Z."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from greenroom.emulator.toolkit import Call

_FORM = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})[Tt ]([0-9]{2}:[0-9]{2}):([0-9]{2})(\.[0-9]+)?"
    r"([Zz]|[+-][0-9]{2}:[0-9]{2})"
)
_LEAP = "60"


def read(text: str) -> datetime | None:
    """The moment in UTC; nothing when the text is no moment of the years 1 to 9999."""
    found = _FORM.fullmatch(text)
    if found is None:
        return None
    date, minute, second, fraction, offset = found.groups()
    leap = second == _LEAP
    zone = "+00:00" if offset in "Zz" else offset
    plain = f"{date}T{minute}:{'59' if leap else second}{(fraction or '')[:7]}{zone}"
    try:
        moment = datetime.fromisoformat(plain).astimezone(UTC)
        return moment + timedelta(seconds=leap)
    except (ValueError, OverflowError):
        return None


def written(moment: datetime) -> str:
    """The moment as answers show it."""
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")


def now(call: Call) -> str:
    """The present moment as answers show it."""
    return written(call.now())


def seconds_between(start: str, end: str) -> int:
    """The whole seconds from one written moment to another."""
    return int((datetime.fromisoformat(end) - datetime.fromisoformat(start)).total_seconds())
