from __future__ import annotations

from typing import Any

import pytest

from greenroom.handlers.kazoo.doors import role_of
from greenroom.handlers.kazoo.errors import WrongPinError
from greenroom.handlers.kazoo.gregorian import gregorian, seconds_between

OPEN: Any = {
    "name": "Open",
    "conference_numbers": ["300"],
    "member": {"numbers": ["301"], "pins": []},
    "moderator": {"numbers": ["302"], "pins": []},
}
GUARDED: Any = {
    "name": "Guarded",
    "conference_numbers": ["400"],
    "member": {"numbers": ["401"], "pins": ["1"]},
    "moderator": {"numbers": ["402"], "pins": ["2"]},
}
HALF: Any = GUARDED | {"member": {"numbers": ["401"], "pins": []}}


@pytest.mark.parametrize(
    ("conference", "wanted", "number", "pin", "role"),
    [
        (OPEN, "member", None, None, "member"),
        (OPEN, "moderator", None, None, "moderator"),
        (OPEN, "member", "301", None, "member"),
        (OPEN, "member", "302", None, "moderator"),
        (OPEN, "moderator", "301", None, "member"),
        (OPEN, "moderator", "300", None, "moderator"),
        (OPEN, "member", "300", "77", "member"),
        (OPEN, "member", "35312345678", None, "member"),
        (GUARDED, "moderator", None, None, "moderator"),
        (GUARDED, "member", None, "2", "moderator"),
        (GUARDED, "moderator", None, "1", "member"),
        (GUARDED, "member", "400", "1", "member"),
        (GUARDED, "member", "400", "2", "moderator"),
        (GUARDED, "member", "402", "2", "moderator"),
        (HALF, "member", "400", None, "member"),
        (HALF, "member", "401", None, "member"),
        (HALF, "member", "400", "2", "moderator"),
    ],
)
def test_number_and_pin_decide_the_role(
    conference: Any, wanted: str, number: str | None, pin: str | None, role: str
) -> None:
    assert role_of(conference, wanted, number=number, pin=pin) == role


@pytest.mark.parametrize(
    ("conference", "wanted", "number", "pin"),
    [
        (GUARDED, "member", "400", None),
        (GUARDED, "member", "400", "3"),
        (GUARDED, "member", "401", "2"),
        (GUARDED, "member", "402", "1"),
        (GUARDED, "member", None, "3"),
        (GUARDED, "member", None, ""),
        (HALF, "moderator", "400", None),
        (HALF, "member", "400", "3"),
    ],
)
def test_a_wrong_pin_opens_nothing(
    conference: Any, wanted: str, number: str | None, pin: str | None
) -> None:
    with pytest.raises(WrongPinError):
        role_of(conference, wanted, number=number, pin=pin)


def test_time_is_counted_from_the_year_0() -> None:
    assert gregorian("2016-07-08T17:14:35Z") == 63635217275


def test_seconds_are_whole_ones() -> None:
    later = "2026-01-05T09:00:01.900000+00:00"
    assert gregorian(later) - gregorian("2026-01-05T09:00:00Z") == 1
    from datetime import datetime

    assert seconds_between("2026-01-05T09:00:00.900000Z", datetime.fromisoformat(later)) == 1
