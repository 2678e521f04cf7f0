"""The clock of a world is wound by hand, stands still or runs, and never goes backwards."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta, timezone

import pytest

from greenroom.state import Store

START = datetime(2026, 1, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def test_a_clock_begins_where_it_is_told_to() -> None:
    clock = Store(at=START, frozen=True).clock
    assert clock.frozen
    assert clock.now() == START
    assert clock.now().tzinfo is UTC


def test_a_clock_begins_with_the_time_outside_by_default() -> None:
    clock = Store().clock
    assert not clock.frozen
    assert abs(clock.now() - datetime.now(UTC)) < timedelta(seconds=5)


def test_a_clock_keeps_microseconds_and_speaks_utc() -> None:
    east = timezone(timedelta(hours=3))
    clock = Store(at=datetime(2026, 1, 1, 3, 0, 0, 123456, tzinfo=east), frozen=True).clock
    assert clock.now().isoformat() == "2026-01-01T00:00:00.123456+00:00"


def test_a_running_clock_runs() -> None:
    clock = Store(at=START).clock
    time.sleep(0.002)
    assert START < clock.now() < START + HOUR


def test_a_clock_can_be_stopped_and_let_run() -> None:
    clock = Store(at=START).clock
    clock.freeze()
    stopped = clock.now()
    time.sleep(0.002)
    assert clock.frozen
    assert clock.now() == stopped
    clock.resume()
    time.sleep(0.002)
    assert not clock.frozen
    assert stopped < clock.now() < stopped + HOUR


@pytest.mark.parametrize("frozen", [True, False])
def test_a_clock_can_be_wound_forwards(frozen: bool) -> None:
    clock = Store(at=START, frozen=frozen).clock
    clock.advance(HOUR)
    assert START + HOUR <= clock.now() < START + 2 * HOUR
    clock.set(START + 5 * HOUR)
    assert START + 5 * HOUR <= clock.now() < START + 6 * HOUR
    assert clock.frozen is frozen


def test_a_clock_can_be_wound_to_where_it_stands() -> None:
    clock = Store(at=START, frozen=True).clock
    clock.set(START)
    clock.advance(timedelta())
    assert clock.now() == START


def test_a_clock_cannot_be_wound_backwards() -> None:
    clock = Store(at=START, frozen=True).clock
    sentence = r"The clock shows 2026-01-01T12:00:00\+00:00 and only goes forwards"
    with pytest.raises(ValueError, match=sentence):
        clock.set(START - timedelta(microseconds=1))
    with pytest.raises(ValueError, match=sentence):
        clock.advance(-HOUR)
    assert clock.now() == START


def test_a_time_needs_a_zone() -> None:
    naive = datetime(2030, 1, 1)  # noqa: DTZ001 - that is the point
    with pytest.raises(ValueError, match="2030-01-01T00:00:00 needs a time zone"):
        Store(at=START).clock.set(naive)
    with pytest.raises(ValueError, match="needs a time zone"):
        Store(at=naive)


def test_a_clock_cannot_leave_the_calendar() -> None:
    clock = Store(at=START, frozen=True).clock
    with pytest.raises(ValueError, match="beyond the year 9999"):
        clock.advance(timedelta(days=365 * 9000))
    assert clock.now() == START


def test_a_fork_has_a_clock_of_its_own() -> None:
    store = Store(at=START, frozen=True)
    fork = store.fork()
    fork.clock.advance(HOUR)
    assert (store.clock.now(), fork.clock.now()) == (START, START + HOUR)


def test_a_snapshot_of_a_running_clock_brings_it_back_running() -> None:
    store = Store(at=START)
    snapshot = store.snapshot()
    store.clock.advance(24 * HOUR)
    store.clock.freeze()
    store.restore(snapshot)
    assert not store.clock.frozen
    assert START <= store.clock.now() < START + HOUR
