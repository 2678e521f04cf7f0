"""Points in time as the API writes them: RFC 3339 in UTC, a fraction only where there is one."""

from __future__ import annotations

from datetime import UTC, datetime

from greenroom.emulator.toolkit import ApiError, Call
from greenroom.handlers.opentalk.errors import InvalidJsonError


def stamp(moment: datetime) -> str:
    """The moment as it is kept and shown."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def now(call: Call) -> str:
    """The world's time as it is kept and shown."""
    return stamp(call.now())


def moment(text: str) -> datetime:
    """The moment of a time that was kept."""
    return datetime.fromisoformat(text)


def given(text: str, refusal: type[ApiError] = InvalidJsonError) -> datetime:
    """The moment of a time that a client sent, in UTC whatever offset it has."""
    try:
        read = datetime.fromisoformat(text.upper())
        if read.tzinfo is None:
            raise ValueError("it has no offset")
        return read.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise refusal(f"{text} is no time such as 2026-01-05T09:00:00Z: {error}.") from None


def order(text: str) -> str:
    """A key that sorts times as they follow each other."""
    return text.removesuffix("Z")
