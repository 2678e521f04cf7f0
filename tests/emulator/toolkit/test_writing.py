"""How values are written down."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from greenroom.emulator.toolkit.writing import instant_text, json_bytes


def test_json_is_written_without_blanks_and_in_its_own_characters() -> None:
    assert json_bytes({"name": "Zoë", "ids": [1, 2]}) == '{"name":"Zoë","ids":[1,2]}'.encode()


def test_a_number_of_any_size_is_written_in_full() -> None:
    assert json_bytes({"name": "Zoë", "id": 2**70}) == f'{{"name":"Zoë","id":{2**70}}}'.encode()


def test_what_is_no_json_is_not_written() -> None:
    with pytest.raises(TypeError):
        json_bytes({"name": object()})


def test_an_instant_in_utc_ends_in_z() -> None:
    assert instant_text(datetime(2026, 1, 5, 9, tzinfo=UTC)) == "2026-01-05T09:00:00Z"


def test_an_instant_keeps_its_microseconds() -> None:
    at = datetime(2026, 1, 5, 9, 0, 0, 42, tzinfo=UTC)
    assert instant_text(at) == "2026-01-05T09:00:00.000042Z"


def test_an_instant_elsewhere_keeps_its_offset() -> None:
    at = datetime(2026, 1, 5, 10, tzinfo=timezone(timedelta(hours=1)))
    assert instant_text(at) == "2026-01-05T10:00:00+01:00"
