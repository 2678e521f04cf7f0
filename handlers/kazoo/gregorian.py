"""Kazoo's time: seconds since the beginning of the year 0."""

from __future__ import annotations

from datetime import datetime

UNIX_EPOCH = 62_167_219_200


def gregorian(instant: datetime | str) -> int:
    """The whole gregorian seconds of an instant, given as such or as records keep it."""
    at = datetime.fromisoformat(instant) if isinstance(instant, str) else instant
    return int(at.timestamp() // 1) + UNIX_EPOCH


def seconds_between(start: str, end: datetime) -> int:
    """How many gregorian seconds lie between two instants."""
    return gregorian(end) - gregorian(start)
