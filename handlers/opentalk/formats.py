"""What counts as an address, a point in time or a time zone."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from greenroom.handlers.opentalk import instants
from greenroom.handlers.opentalk.errors import InvalidJsonError

_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_EMAIL = re.compile(r"[^\s@\"<>(),:;\[\]\\]{1,64}@[^\s@\"<>(),:;\[\]\\]{1,190}")


def is_email(value: Any) -> bool:
    """Whether this is an e-mail address, as far as one can tell by looking at it."""
    return isinstance(value, str) and value.isprintable() and _EMAIL.fullmatch(value) is not None


def is_uuid(text: str) -> bool:
    """Whether this is a UUID in its usual form."""
    return _UUID.fullmatch(text) is not None


def is_instant(text: str) -> bool:
    """Whether this is a point in time that can be reckoned with."""
    try:
        instants.given(text)
    except InvalidJsonError:
        return False
    return True


@lru_cache(maxsize=1024)
def is_timezone(text: str) -> bool:
    """Whether this is the IANA name of a time zone."""
    try:
        ZoneInfo(text)
    except (LookupError, ValueError, OSError):
        return False
    return True


FORMATS: Mapping[str, Callable[[str], bool]] = {
    "date-time": is_instant,
    "email": is_email,
    "timezone": is_timezone,
}
