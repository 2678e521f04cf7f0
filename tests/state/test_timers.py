"""Timers fall due in order, and go where the world goes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from greenroom.state import RecordNotFoundError, Store
from greenroom.state.timers import Timer

START = datetime(2026, 1, 1, tzinfo=UTC)


def add(store: Store, at: datetime, name: str = "end", **body: Any) -> str:
    """Let something fall due."""
    return store.timers.add(at, provider="api", tenant="acme", name=name, body=body)


@pytest.fixture
def store() -> Store:
    """A store without timers."""
    return Store(at=START, frozen=True)


def test_a_timer_is_what_was_added(store: Store) -> None:
    id = add(store, START + timedelta(microseconds=7), "ring", n=[1])
    expected = Timer(
        id=id,
        at=START + timedelta(microseconds=7),
        provider="api",
        tenant="acme",
        name="ring",
        body={"n": [1]},
    )
    assert store.timers.next() == expected
    assert list(store.timers) == [expected]
    assert store.timers.pop(id) == expected
    assert (len(store.timers), store.timers.next()) == (0, None)


def test_timers_are_in_order_of_falling_due_then_of_adding(store: Store) -> None:
    minute = timedelta(minutes=1)
    offsets = [3, 1, 2, 1, 0, -10_000_000, 3, 1]
    added = [(START + offset * minute, add(store, START + offset * minute)) for offset in offsets]
    assert [timer.id for timer in store.timers] == [id for _, id in sorted(added)]
    taken = []
    while (timer := store.timers.next()) is not None:
        taken.append(store.timers.pop(timer.id).at)
    assert taken == sorted(at for at, _ in added)


def test_the_order_holds_for_more_timers_than_ten(store: Store) -> None:
    ids = [add(store, START) for _ in range(40)]
    assert store.timers.cancel(ids[0])
    ids = [*ids[1:], add(store, START)]
    assert [timer.id for timer in store.timers] == ids


def test_a_timer_can_be_cancelled_once(store: Store) -> None:
    id = add(store, START)
    assert store.timers.cancel(id)
    assert not store.timers.cancel(id)
    with pytest.raises(RecordNotFoundError, match="There is no 'timer-1' in timers"):
        store.timers.pop(id)


def test_a_body_is_a_copy(store: Store) -> None:
    add(store, START, numbers=[1])
    timer = store.timers.next()
    assert timer is not None
    timer.body["numbers"].append(2)
    later = store.timers.next()
    assert later is not None
    assert later.body == {"numbers": [1]}


def test_a_timer_needs_a_zone_and_json(store: Store) -> None:
    before = store.digest()
    with pytest.raises(ValueError, match="needs a time zone"):
        add(store, datetime(2026, 1, 1))  # noqa: DTZ001 - that is the point
    with pytest.raises(TypeError, match=r"value in body\.x is a object"):
        add(store, START, x=object())
    assert store.digest() == before


def test_timers_are_forked_and_brought_back(store: Store) -> None:
    add(store, START)
    snapshot, fork = store.snapshot(), store.fork()
    add(store, START)
    assert (len(store.timers), len(fork.timers)) == (2, 1)
    store.restore(snapshot)
    assert len(store.timers) == 1


def test_timers_are_nobodys_collection(store: Store) -> None:
    add(store, START)
    assert store.collections() == []


@pytest.mark.parametrize("year", [1, 1969, 9999])
def test_a_timer_may_be_due_in_any_year(store: Store, year: int) -> None:
    at = datetime(year, 1, 1, tzinfo=UTC)
    add(store, at)
    timer = store.timers.next()
    assert timer is not None
    assert timer.at == at
