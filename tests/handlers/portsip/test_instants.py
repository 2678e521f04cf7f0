"""Moments in, moments out."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from greenroom.handlers.portsip.instants import read, written


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("2017-07-21T17:32:28Z", "2017-07-21T17:32:28Z"),
        ("2017-07-21t17:32:28.999999999z", "2017-07-21T17:32:28Z"),
        ("2017-07-21T17:32:28+08:00", "2017-07-21T09:32:28Z"),
        ("2016-12-31T23:59:60Z", "2017-01-01T00:00:00Z"),
        ("0001-01-01T00:00:00-01:00", "0001-01-01T01:00:00Z"),
    ],
)
def test_any_offset_is_read_and_utc_is_written(text: str, shown: str) -> None:
    moment = read(text)
    assert moment is not None
    assert written(moment) == shown


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2017-07-21",
        "2017-07-21T17:32:28",
        "2017-02-30T00:00:00Z",
        "0000-01-01T00:00:00Z",
        "0001-01-01T00:00:00+01:00",
        "9999-12-31T23:59:60Z",
        "9999-12-31T23:59:59-00:01",
        "2017-07-21T17:32:28+25:00",
    ],
)
def test_what_is_no_moment_reads_as_nothing(text: str) -> None:
    assert read(text) is None


@given(st.datetimes(timezones=st.just(UTC)))
def test_what_is_written_reads_the_same_to_the_second(moment: datetime) -> None:
    assert read(written(moment)) == moment.replace(microsecond=0)
