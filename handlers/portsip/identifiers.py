"""Ids as a PBX writes them: a rising decimal number in base64, opaque to clients."""

from __future__ import annotations

import binascii
from base64 import b64decode, b64encode

from greenroom.emulator.toolkit import Call
from greenroom.handlers.portsip.errors import InvalidIdError


def encoded(number: int) -> str:
    """The id that stands for this number."""
    return b64encode(str(number).encode()).decode()


def decoded(id_: str) -> str | None:
    """The digits behind an id; nothing when it is no id."""
    try:
        digits = b64decode(id_, validate=True)
    except (binascii.Error, ValueError):
        return None
    canonical = b64encode(digits).decode() == id_
    return digits.decode() if digits.isdigit() and canonical else None


def new_id(call: Call) -> str:
    """An id that was never given before."""
    return encoded(call.ids.snowflake())


def check_id(id_: str) -> None:
    """Refuse an id that is none; the two operations that delete for good ask for this."""
    if decoded(id_) is None:
        raise InvalidIdError
